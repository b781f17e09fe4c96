"""The glossary and the code use the same words."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "baitie"
ROW = re.compile(r"^\| (?P<chinese>[^|]+) \| `(?P<name>[A-Z][A-Za-z]+)` \| (?P<meaning>[^|]+) \|$")


def classes_of(part: str) -> dict[str, str]:
    """The first docstring line of every public class by name."""
    found = {}
    for path in sorted((SOURCE / part).rglob("*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name] = (ast.get_docstring(node) or "").partition("\n")[0]
    return found


def glossary() -> dict[str, dict[str, str]]:
    """The Chinese terms of the class tables: section, class, term."""
    sections: dict[str, dict[str, str]] = {}
    section = ""
    for line in (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines():
        if line.startswith("#"):
            section = line.strip("# ")
        row = ROW.match(line)
        if row:
            assert row["name"] not in sections.setdefault(section, {}), f"{row['name']} stands there twice"
            sections[section][row["name"]] = row["chinese"].strip()
    return sections


ROOMS = {
    # of rooms and rehearsal every class but errors, which the page on errors has
    section: rows
    for section, rows in glossary().items()
    if section.split(".")[0] in ("app", "rehearsal")
}


def classes_of_rooms() -> dict[str, dict[str, str]]:
    """The public classes of `app` by room, and of `rehearsal`, with their first docstring lines."""
    rooms = {f"app.{room.name}": f"app/{room.name}" for room in (SOURCE / "app").iterdir() if room.is_dir()}
    found = {
        section: {name: doc for name, doc in classes_of(place).items() if not name.endswith("Error")}
        for section, place in {**rooms, "rehearsal": "rehearsal"}.items()
    }
    return {section: classes for section, classes in found.items() if classes}


DOMAIN = {
    name: term for section, rows in glossary().items() if section.startswith("domain.") for name, term in rows.items()
}
DOCSTRINGS = classes_of("domain")


def test_every_public_class_of_the_domain_is_in_the_glossary() -> None:
    assert sorted(DOCSTRINGS.keys() - DOMAIN.keys()) == []


def test_every_class_in_the_glossary_exists() -> None:
    assert sorted(DOMAIN.keys() - DOCSTRINGS.keys()) == []
    assert sorted(glossary()["kernel"].keys() - classes_of("kernel").keys()) == []


@pytest.mark.parametrize("section", sorted(name for name in glossary() if name.startswith("domain.")))
def test_a_class_stands_under_its_capability(section: str) -> None:
    assert glossary()[section].keys() == classes_of(section.replace(".", "/")).keys()


@pytest.mark.parametrize("name", sorted(name for name in DOMAIN if not name.endswith("Error")))
def test_first_docstring_line_carries_the_term_of_the_glossary(name: str) -> None:
    assert DOMAIN[name] in DOCSTRINGS[name]


@pytest.mark.parametrize("name", sorted(glossary()["kernel"]))
def test_terms_of_the_kernel_stand_in_its_docstrings(name: str) -> None:
    assert glossary()["kernel"][name] in classes_of("kernel")[name]


def test_every_room_has_its_classes_in_the_glossary() -> None:
    assert {section: sorted(rows) for section, rows in ROOMS.items()} == {
        section: sorted(classes) for section, classes in classes_of_rooms().items()
    }


@pytest.mark.parametrize("section", sorted(ROOMS))
def test_classes_of_a_room_carry_the_term_of_the_glossary(section: str) -> None:
    docstrings = classes_of_rooms()[section]
    assert {name: term for name, term in ROOMS[section].items() if term not in docstrings[name]} == {}


def test_no_class_of_app_bears_the_name_of_one_of_the_domain_or_of_composition() -> None:
    """One word, one thing: where a name stands twice, whoever reads it has to look which one is meant."""
    places = [classes_of(part) for part in ("app", "domain", "bootstrap", "files")]
    names = [name for place in places for name in place]
    assert sorted({name for name in names if names.count(name) > 1}) == []
