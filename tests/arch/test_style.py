"""Habits that a machine can hold: small rooms, names with units, no words of evasion, masks on printed numbers."""

import ast
import io
import re
import tokenize
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "baitie"
MODULES = sorted(path for path in SOURCE.rglob("*.py"))
LINES_MAX = 450
STAND_ALONE = {
    # One file by its nature: it is handed to auditors, who run it with nothing else and read it.
    "verifier/verify_bundle.py": 650,
}
BARE_NAMES = {"timeout", "delay", "rate", "threshold", "level", "limit", "duration"}
EVASION = re.compile(r"\b(anti_?ban|rotate_numbers?|random_caller_id|disguise[sd]?|blacklist|whitelist|slave)\b", re.I)
FOREIGN_TIMEOUTS = {
    # Names that a library or a base class gives, not we.
    "rehearsal/virtual_time.py",
}


def ident(path: Path) -> str:
    return str(path.relative_to(SOURCE))


TEXTS = {ident(path): path.read_text("utf-8") for path in MODULES}
TREES = {name: ast.parse(text, name) for name, text in TEXTS.items()}


def test_modules_are_small_rooms() -> None:
    lines = {name: len(text.splitlines()) for name, text in TEXTS.items()}
    assert {name: count for name, count in lines.items() if count > STAND_ALONE.get(name, LINES_MAX)} == {}


def test_modules_have_a_sign_on_their_door() -> None:
    assert [name for name, tree in TREES.items() if not ast.get_docstring(tree)] == [], (
        "the first line: what lives here"
    )


def test_arguments_and_fields_carry_their_unit() -> None:
    bare = []
    for name, tree in TREES.items():
        for node in ast.walk(tree) if name not in FOREIGN_TIMEOUTS else ():
            if isinstance(node, ast.arg) and node.arg in BARE_NAMES:
                bare.append(f"{name}:{node.lineno}: argument {node.arg}")
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id in BARE_NAMES:
                bare.append(f"{name}:{node.lineno}: {node.target.id}")
    assert bare == []


def test_code_has_no_word_of_evasion() -> None:
    found = []
    for name, text in TEXTS.items():
        for token in tokenize.generate_tokens(io.StringIO(text).readline) if EVASION.search(text) else ():
            if token.type == tokenize.NAME and EVASION.search(token.string):
                found.append(f"{name}:{token.start[0]}: {token.string}")
    assert found == []


def test_public_functions_and_classes_say_what_they_are() -> None:
    silent = [
        f"{name}:{node.lineno}: {node.name}"
        for name, tree in TREES.items()
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_lock_files_pin_by_hash_and_name_no_host() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text("utf-8")
        assert "--hash=sha256:" in text
        assert not re.search(r"https?://|file:", text), lock.name


def test_every_untrusted_function_has_a_fuzz_test() -> None:
    defined = {
        node.name
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.endswith("_untrusted") and not node.name.startswith("_")
    }
    fuzzed = {name for path in (ROOT / "tests").rglob("test_*.py") for name in _called_in_fuzz(path)}
    assert sorted(defined - fuzzed) == []


def _called_in_fuzz(path: Path) -> set[str]:
    """What the functions that a module gives to `fuzz` name, through the functions of the module itself."""
    text = path.read_text("utf-8")
    if "fuzz(" not in text:
        return set()
    tree = ast.parse(text)
    local = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    waiting: list[ast.AST] = []
    for function in local.values():
        given = [
            call.args[0]
            for call in ast.walk(function)
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "fuzz"
        ]
        arguments = {each.arg for each in function.args.args}
        if any(isinstance(each, ast.Name) and each.id in arguments for each in given):
            waiting += function.decorator_list  # the functions of `parametrize`
        waiting += given
    named: set[str] = set()
    while waiting:
        for node in ast.walk(waiting.pop()):
            name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None
            if name is not None and name not in named:
                named.add(name)
                waiting += [local[name]] if name in local else []
    return named
