"""Message catalogues: every language says the same things with the same values."""

import re
from importlib import resources

import pytest
from tools.docs import error_classes

from baitie.locale.catalogue import LANGUAGES, catalogue, language_of

NAMES = sorted(
    {file.name.split(".")[0] for file in resources.files("baitie.locale").iterdir() if file.name.endswith("toml")}
)


MORE = {"page": ("zh-HK",)}
"""Catalogues that speak more languages than the commands do."""

EXAMPLES = {("namecard", "fault.brace-unpaired.remedy")}
"""Texts in which braces stand for themselves."""


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{([a-z_]+)\}", text))


@pytest.mark.parametrize("name", NAMES)
def test_all_languages_have_the_same_keys(name: str) -> None:
    keys = [catalogue(name, lang).keys() for lang in (*LANGUAGES, *MORE.get(name, ()))]
    assert all(other == keys[0] for other in keys)


@pytest.mark.parametrize("name", NAMES)
def test_all_languages_fill_in_the_same_values(name: str) -> None:
    first, *others = (catalogue(name, lang) for lang in (*LANGUAGES, *MORE.get(name, ())))
    for key in sorted(first.keys()):
        for other in others:
            same = placeholders(first.text(key)) == placeholders(other.text(key))
            assert same or (name, key) in EXAMPLES, key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_error_that_a_command_may_show_is_said_in_every_language(lang: str) -> None:
    said = catalogue("cli", lang).keys()
    assert [error.code for error in error_classes() if f"error.{error.code}" not in said] == []


@pytest.mark.parametrize(
    ("environ", "lang"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "BAITIE_LANG": "zh"}, "zh"),
    ],
)
def test_the_language_follows_the_locale_and_its_override(environ: dict[str, str], lang: str) -> None:
    assert language_of(environ) == lang
