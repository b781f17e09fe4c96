"""What users and their scripts hold on to, read out of the reference pages: `python -m tools.surfaces` prints it.

The list of the last release is kept in `tests/data/surfaces_0_1.txt`. What is new or gone since then must be named in
the changelog, which a test compares.
"""

import re
from collections.abc import Iterator
from pathlib import Path

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
_ROWS = {
    "error": "errors.md",
    "event": "events.md",
    "metric": "metrics.md",
    "outcome": "outcomes.md",
}
_ROW = re.compile(r"^\| `([A-Za-z0-9_-]+)` \|", re.MULTILINE)
_COMMAND = re.compile(r"^###? (baitie [a-z -]+)$", re.MULTILINE)
_OPTION = re.compile(r"^- `(--[a-z-]+)", re.MULTILINE)
_OF_EVERY_COMMAND = frozenset({"--json", "--lang", "--help"})


def surfaces(reference: Path = REFERENCE) -> set[str]:
    """Every surface as `kind name`: errors, events, metrics, outcomes, rule kinds, settings, commands, options."""
    return set(_surfaces(reference))


def _surfaces(reference: Path) -> Iterator[str]:
    def page(name: str) -> str:
        return (reference / name).read_text("utf-8")

    for kind, name in _ROWS.items():
        yield from (f"{kind} {found}" for found in _ROW.findall(page(name)))
    kinds = [part for part in page("rule-kinds.md").split("\n## ") if part.startswith("Kinds that ")]
    yield from (f"rule-kind {found}" for part in kinds for found in _ROW.findall(part))
    section = ""
    for line in page("settings.md").splitlines():
        if line.startswith("### ["):
            section = line[5:-1]
        elif line.startswith("#### "):
            yield f"setting {section}.{line[5:]}"
    for part in _parts(page("cli.md")):
        command = _COMMAND.findall(part)
        if command:
            yield f"command {command[0]}"
            yield from (f"option {command[0]} {one}" for one in _OPTION.findall(part) if one not in _OF_EVERY_COMMAND)


def _parts(text: str) -> list[str]:
    return re.split(r"(?m)^(?=###? baitie )", text)


if __name__ == "__main__":
    print("\n".join(sorted(surfaces())))
