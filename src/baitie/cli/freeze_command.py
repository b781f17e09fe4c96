"""`baitie freeze`: who is not to be called for a time, or never; and lifting that."""

from pathlib import Path

import click

from baitie.cli.groups import TaughtGroup
from baitie.cli.register_shell import (
    actor_option,
    add_common_commands,
    campaign_option,
    registers_of,
    said,
    show_person,
    texts_of,
)
from baitie.cli.register_words import clock
from baitie.cli.shared import ExitCode, Shell, common, option


@click.group("freeze", cls=TaughtGroup)
@common
def command(shell: Shell) -> None:
    """Freezes and blocks."""


add_common_commands(command, "freeze", ("number", "kind", "until", "reason", "actor"))


@command.subcommand("add")
@click.argument("number")
@option("--days", type=click.IntRange(1, 3660), default=7, show_default=True, help="option.freeze-days")
@campaign_option
@actor_option
@common
def add(shell: Shell, number: str, days: int, campaign: Path, actor: str | None) -> int:
    """Freeze for some days."""
    with registers_of(shell, campaign, actor) as registers:
        reading = registers.reading(number)
        until = registers.freezes.freeze(reading, days)
        said(shell, "frozen", number=reading.number.masked(), until=clock(registers, until))
    shell.give({"number": reading.number.masked(), "until": until.isoformat()})
    return ExitCode.OK


@command.subcommand("block")
@click.argument("number")
@option("--reason", required=True, help="option.block-reason")
@campaign_option
@actor_option
@common
def block(shell: Shell, number: str, reason: str, campaign: Path, actor: str | None) -> int:
    """Put on the block list."""
    with registers_of(shell, campaign, actor) as registers:
        reading = registers.reading(number)
        was_added = registers.freezes.block(reading, reason)
    said(shell, "blocked" if was_added else "blocked-already", number=reading.number.masked())
    shell.give({"number": reading.number.masked(), "was_known": not was_added})
    return ExitCode.OK


@command.subcommand("lift")
@click.argument("number")
@option("--kind", type=click.Choice(["freeze", "block", "refusal"]), default="freeze", help="option.lift-kind")
@option("--reason", required=True, help="option.lift-reason")
@campaign_option
@actor_option
@common
def lift(shell: Shell, number: str, kind: str, reason: str, campaign: Path, actor: str | None) -> int:
    """Lift what stands against somebody."""
    from baitie.domain.consent.register import BarKind

    with registers_of(shell, campaign, actor) as registers:
        reading = registers.reading(number)
        objection = registers.freezes.lift(reading, BarKind(kind), reason)
    if objection is None:
        said(shell, "lifted", number=reading.number.masked())
    else:
        shell.line(texts_of(shell).text(f"objection.{objection.value}"))
    code = None if objection is None else objection.value
    shell.give({"number": reading.number.masked(), "is_lifted": objection is None, "objection": code})
    return ExitCode.OK if objection is None else ExitCode.PROBLEMS


@command.subcommand("show")
@click.argument("number")
@campaign_option
@common
def show(shell: Shell, number: str, campaign: Path) -> int:
    """What stands against one number."""
    with registers_of(shell, campaign) as registers:
        return show_person(shell, registers, registers.reading(number), ("freeze", "optout", "complaint"))
