"""`baitie numbers`: the enterprise's own numbers, how each is used, and whether it is flagged."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from baitie.cli.groups import TaughtGroup
from baitie.cli.register_shell import actor_option, campaign_option, registers_of, said, say_put_back, texts_of
from baitie.cli.shared import ExitCode, Shell, common, option, table

if TYPE_CHECKING:
    from baitie.kernel.journal import JsonValue
    from baitie.locale.catalogue import Catalogue

_LISTED = (
    *("number", "state", "attempts_today", "attempts_max_today", "attempts", "answered", "complaints", "score"),
    *("certification", "display"),
)


@click.group("numbers", cls=TaughtGroup)
@common
def command(shell: Shell) -> None:
    """Numbers."""


@command.subcommand("list")
@campaign_option
@common
def list_(shell: Shell, campaign: Path) -> int:
    """List the numbers."""
    with registers_of(shell, campaign) as registers:
        rows = registers.numbers.rows()
    texts = texts_of(shell)
    heading = tuple(texts.text(f"number.{column}") for column in _LISTED)
    shell.line(table([heading, *(tuple(_shown(texts, row, column) for column in _LISTED) for row in rows)]))
    shell.give({"numbers": rows})
    return ExitCode.OK


@command.subcommand("show")
@click.argument("number")
@campaign_option
@common
def show(shell: Shell, number: str, campaign: Path) -> int:
    """One number."""
    with registers_of(shell, campaign) as registers:
        (row,) = registers.numbers.rows(number)
    texts = texts_of(shell)
    shell.line(table([(texts.text(f"number.{column}"), _shown(texts, row, column)) for column in row]))
    shell.give(row)
    return ExitCode.OK


@command.subcommand("flag")
@click.argument("number")
@option("--reason", required=True, help="option.lift-reason")
@campaign_option
@actor_option
@common
def flag(shell: Shell, number: str, reason: str, campaign: Path, actor: str | None) -> int:
    """Put a number out of use because telephones mark it."""
    with registers_of(shell, campaign, actor) as registers:
        is_new = registers.numbers.flag(number, reason)
    said(shell, "number-flagged" if is_new else "number-flagged-already", number=number)
    shell.give({"number": number, "was_flagged": not is_new})
    return ExitCode.OK


@command.subcommand("unflag")
@click.argument("number")
@option("--reason", required=True, help="option.lift-reason")
@campaign_option
@actor_option
@common
def unflag(shell: Shell, number: str, reason: str, campaign: Path, actor: str | None) -> int:
    """Put a flagged number into use again."""
    with registers_of(shell, campaign, actor) as registers:
        objection = registers.numbers.unflag(number, reason)
    return say_put_back(shell, number, objection)


def _shown(texts: "Catalogue", row: "dict[str, JsonValue]", column: str) -> str:
    value = row[column]
    if isinstance(value, list):
        return ", ".join(texts.text(f"number-state.{word}") for word in value)
    return "–" if value is None else str(value)
