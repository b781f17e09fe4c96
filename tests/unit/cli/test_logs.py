"""Warnings of adapters and technical causes are told in the language of the command line."""

import ast
import logging
from pathlib import Path

import pytest

import baitie
from baitie.adapters.smpp.gateway import MessageCentreError
from baitie.cli.logs import in_words, key_of, tell_warnings
from baitie.cli.main import run
from baitie.cli.shared import Shell
from baitie.locale.catalogue import LANGUAGES, catalogue
from baitie.wire.smpp import failure, session

ADAPTERS = Path(baitie.__file__).parent / "adapters"


def shell(lang: str) -> Shell:
    return Shell(lang, catalogue("cli", lang), {})


def warnings() -> list[str]:
    """The templates of all warnings in the adapters."""
    found = []
    for file in sorted(ADAPTERS.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "warning":
                assert isinstance(node.args[0], ast.Constant), file
                found.append(str(node.args[0].value))
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_warning_of_an_adapter_has_its_text(lang: str) -> None:
    templates = warnings()
    assert templates
    lacking = [each for each in templates if not catalogue("cli", lang).text_or(f"log.{key_of(each)}", "")]
    assert lacking == []


def test_a_refused_login_is_said_in_chinese_where_the_rest_is(capsys: pytest.CaptureFixture[str]) -> None:
    tell_warnings(shell("zh"))
    logging.getLogger("baitie.adapters.smpp.gateway").warning(
        "no link to the message centre at %s: %s", "203.0.113.9", "bind-refused"
    )
    assert capsys.readouterr().err == "与短信中心 203.0.113.9 没有连接：对方拒绝登录 (bind-refused)\n"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_whatever_ends_a_link_has_words(lang: str) -> None:
    source = Path(session.__file__).read_text("utf-8")
    causes = {cause for cause in catalogue_causes() if f'_close("{cause}"' in source}
    assert {"bind-refused", "link-silent", "centre-unbound"} <= causes
    for cause in (*causes, "password-wrong", "system-id-unknown", "already-bound"):
        assert in_words(shell(lang), cause) != cause
    assert failure.failure_of_status(0x0E).cause == "password-wrong"
    assert in_words(shell(lang), MessageCentreError.code) == MessageCentreError.code


def catalogue_causes() -> set[str]:
    source = Path(session.__file__).read_text("utf-8")
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "_close":
            found |= {str(each.value) for each in ast.walk(node.args[0]) if isinstance(each, ast.Constant)}
    return found - {"unbound"}


def test_what_may_be_chosen_is_said_in_the_wanted_language(capsys: pytest.CaptureFixture[str]) -> None:
    run(["complaint", "add", "13800001000", "--source", "12316", "--lang", "zh"])
    said = capsys.readouterr().err
    assert "只能是其中之一：12321, 12315" in said
    assert "is not one of" not in said
