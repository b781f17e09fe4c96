"""The changelog names every surface that is new or gone since the last release."""

import tomllib
from pathlib import Path

import pytest
from tools.surfaces import surfaces

ROOT = Path(__file__).parents[2]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")
OF_LAST_RELEASE = set((ROOT / "tests" / "data" / "surfaces_0_1.txt").read_text("utf-8").splitlines())


def unnamed(before: set[str], now: set[str], said: str) -> list[str]:
    """Surfaces that are new or gone and that a text does not name; options come with a command that is new or gone."""
    changed = before ^ now
    commands = {each.removeprefix("command ") for each in changed if each.startswith("command ")}
    missing = []
    for each in sorted(changed):
        kind, name = each.split(" ", 1)
        if kind == "option":
            command, name = name.rsplit(" ", 1)
            if command in commands:
                continue
        if f"`{name}" not in said:
            missing.append(each)
    return missing


def test_each_surface_that_is_new_or_gone_has_its_line() -> None:
    newest = CHANGELOG.split("\n## ")[1]
    assert not unnamed(OF_LAST_RELEASE, surfaces(), newest), "write a line into CHANGELOG.md"


@pytest.mark.parametrize(
    ("before", "now", "said", "expected"),
    [
        (set(), {"setting a.b_s"}, "nothing", ["setting a.b_s"]),
        ({"error a-b"}, set(), "error `a` is gone", ["error a-b"]),
        (set(), {"command baitie x", "option baitie x --y"}, "command `baitie x`", []),
        ({"command baitie x"}, {"command baitie x", "option baitie x --y"}, "", ["option baitie x --y"]),
    ],
)
def test_a_change_without_its_line_is_found(before: set[str], now: set[str], said: str, expected: list[str]) -> None:
    assert unnamed(before, now, said) == expected


def test_the_newest_section_is_of_this_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert CHANGELOG.split("\n## ")[1].split()[0] == project["version"]
