"""Foreign text goes out by one way: whatever prints, logs or writes CSV past it is found here."""

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "baitie"

WAYS = {
    "print": {
        "verifier/verify_bundle.py": "stands alone; escapes what it prints",
        "bootstrap/loopback_process.py": "tells its parent process, in JSON",
    },
    "click.echo": {"cli/shared.py": "`put` and `Shell.give`, which escape"},
    "click.secho": {},
    "sys.stdout.write": {},
    "sys.stderr.write": {"adapters/media/child.py": "escapes by `shown`"},
    "traceback.print_exc": {},
    "csv.writer": {"kernel/foreign_text.py": "`csv_text`, which makes every cell safe"},
    "csv.DictWriter": {},
    "logging.StreamHandler": {"cli/main.py": "with the formatter that escapes"},
    "logging.basicConfig": {},
}
"""What writes outward, and where it may stand."""


def test_nothing_goes_out_past_the_function_that_shows_foreign_text() -> None:
    round_it = []
    for path in sorted(SOURCE.rglob("*.py")):
        name = path.relative_to(SOURCE).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            if called in WAYS and name not in WAYS[called]:
                round_it.append(f"{name}:{node.lineno} {called}")
    assert round_it == []


def test_the_places_that_may_write_outward_still_do() -> None:
    for called, places in WAYS.items():
        for place in places:
            assert called.split(".")[-1] in (SOURCE / place).read_text("utf-8"), place


def test_every_page_shows_foreign_text_by_the_same_function() -> None:
    found = [
        (path.relative_to(SOURCE).as_posix(), {word.arg: ast.unparse(word.value) for word in node.keywords})
        for path in sorted(SOURCE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Environment"
    ]
    assert len(found) >= 3
    assert [
        name for name, words in found if (words.get("autoescape"), words.get("finalize")) != ("True", "shown_value")
    ] == []
