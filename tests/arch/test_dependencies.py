"""Each dependency at run time stands in ADR 10 with its version, its licence and a reason."""

import re
import tomllib
from importlib.metadata import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "adr" / "0010-dependencies.md").read_text("utf-8")
DECLARED = [
    re.split(r"[>=<;\[ ]", wanted)[0]
    for wanted in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
]


def row_of(name: str) -> list[str]:
    """The cells of the row of a package: name, version, licence, reason."""
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[0].partition(" ")[0].lower() == name.lower():
            return cells
    raise AssertionError(f"{name} has no row")


@pytest.mark.parametrize("name", DECLARED)
def test_dependency_has_a_row_with_its_licence_and_a_reason(name: str) -> None:
    _, _, licence, reason = row_of(name)
    about = metadata(name)
    said = " ".join([*(about.get_all("License-Expression") or []), *(about.get_all("Classifier") or [])])
    word = licence.replace("-", " ").split()[0]
    assert word in said
    assert reason


@pytest.mark.parametrize("name", DECLARED)
def test_version_in_the_row_is_the_one_that_is_pinned(name: str) -> None:
    lock = (ROOT / "requirements" / "run.txt").read_text("utf-8")
    assert re.search(rf"^{re.escape(name)}=={re.escape(row_of(name)[1])}\b", lock, re.MULTILINE | re.IGNORECASE)


def test_nothing_else_has_a_row() -> None:
    rows = re.findall(r"^\| ([\w-]+).*\| \d+\.\d+(?:\.\d+)? \|", PAGE, re.MULTILINE)
    assert {row.lower() for row in rows} == {name.lower() for name in DECLARED}


def test_packages_are_imported_in_the_rooms_that_the_page_names() -> None:
    named = next(line for line in PAGE.splitlines() if line.startswith("Only `"))
    allowed = re.findall(r"`([a-z.]+)`", named.split("import any")[0])
    packages = {name.lower().replace("-", "_") for name in DECLARED}
    found = set[str]()
    for file in (ROOT / "src" / "baitie").rglob("*.py"):
        words = re.findall(r"^\s*(?:from|import) ([a-zA-Z0-9_]+)", file.read_text("utf-8"), re.MULTILINE)
        if packages & {word.lower() for word in words}:
            found.add(".".join(file.relative_to(ROOT / "src" / "baitie").with_suffix("").parts))
    rooms = {name: [each for each in found if f"{each}.".startswith(f"{name}.")] for name in allowed}
    assert found == {each for within in rooms.values() for each in within}
    assert all(rooms.values()), "a room that imports none needs no permission"
