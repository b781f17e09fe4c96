"""One concept, one word: what Chinese texts for people do not say any more stands in a list."""

import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

WORDS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parents[2] / "data" / "discarded_words.toml").read_text("utf-8")
)["word"]


def texts(table: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from texts(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", str(value)


def catalogues() -> Iterator[tuple[str, str]]:
    for folder in ("baitie.locale", "baitie.rules"):
        for file in sorted(resources.files(folder).iterdir(), key=lambda each: each.name):
            name, *rest = file.name.split(".")
            if rest[:1] in (["zh"], ["zh-HK"]):
                for key, text in texts(tomllib.loads(file.read_text("utf-8"))):
                    yield f"{name}:{key}", text


ROOT = Path(__file__).parents[3]
FILES = [ROOT / "README.zh-CN.md", ROOT / "docs" / "glossary.md", *sorted((ROOT / "examples").rglob("*.*"))]


def files() -> Iterator[tuple[str, str]]:
    for path in FILES:
        if path.suffix in (".md", ".toml", ".csv"):
            yield f"file:{path.relative_to(ROOT)}", path.read_text("utf-8")


SAID = {**dict(catalogues()), **dict(files())}


@pytest.mark.parametrize("entry", WORDS, ids=[entry["word"] for entry in WORDS])
def test_no_text_says_a_discarded_word(entry: dict[str, Any]) -> None:
    found = {key for key, text in SAID.items() if entry["word"] in text}
    assert found <= set(entry.get("except", ())), f"say {entry['instead']} ({entry['reason']})"
    assert set(entry.get("except", ())) <= found, "an exception that nothing needs any more"


def test_the_texts_of_rules_and_of_commands_are_among_them() -> None:
    assert {"messages:decision.delay", "cli:check.gate", "page:verdict.genuine", "file:README.zh-CN.md"} <= SAID.keys()
