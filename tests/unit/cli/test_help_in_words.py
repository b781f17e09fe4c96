"""Help and slips of the command line are wholly in the wanted language."""

import click
import pytest

from baitie.cli.main import COMMANDS, group, run

ENGLISH = (
    "Usage",
    "Options",
    "Show this",
    "[default",
    "Got unexpected",
    "requires an argument",
    "is not a valid",
    "No such",
)


def command_lines() -> list[list[str]]:
    context = click.Context(group)
    found: list[list[str]] = [[]]
    for name in COMMANDS:
        command = group.get_command(context, name)
        found.append([name])
        found += [[name, below] for below in command.commands] if isinstance(command, click.Group) else []
    return found


@pytest.mark.parametrize("words", command_lines(), ids=" ".join)
def test_chinese_help_has_no_english_of_the_library(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*words, "--help", "--lang", "zh"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("用法：baitie")
    assert [english for english in ENGLISH if english in said] == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["freeze", "list", "shop", "--lang", "zh"], "多了参数 shop"),
        (["rehearse", "x", "--lang", "zh", "--seeds"], "--seeds 后面要写值"),
        (["rehearse", "x", "--lang", "zh", "--seeds", "abc"], "abc 不是数字"),
        (["rehearse", "x", "--lang", "zh", "--seeds", "0"], "0 不在范围"),
        (["review", "frobnicate", "--lang", "zh"], "没有命令 frobnicate"),
    ],
)
def test_a_slip_is_told_in_chinese(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words) == 2
    said = capsys.readouterr().err
    assert told in said
    assert "--help" in said
    assert [english for english in ENGLISH if english in said] == []
