"""`baitie optout`: who does not want to be called."""

from pathlib import Path

import click

from baitie.cli.groups import TaughtGroup
from baitie.cli.register_shell import actor_option, add_common_commands, campaign_option, registers_of
from baitie.cli.shared import ExitCode, Shell, common, option

SOURCES = ("operator", "agent", "voice", "message", "page", "keypad", "api")
"""How somebody may have said no; as `RefusalChannel` has them, which is not read before it is needed."""


class _NumberOrCommand(TaughtGroup):
    """`baitie optout NUMBER` is `baitie optout add NUMBER`: who says no must not wait for us to find a word."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and not args[0].startswith("--"):
            args = ["add", *args]
        return super().parse_args(ctx, args)


@click.group("optout", cls=_NumberOrCommand)
@common
def command(shell: Shell) -> None:
    """Refusals."""


@command.subcommand("add")
@click.argument("number")
@option("--source", type=click.Choice(SOURCES), default="operator", show_default=True, help="option.optout-source")
@option("--reason", default="", help="option.optout-reason")
@campaign_option
@actor_option
@common
def add(shell: Shell, number: str, source: str, reason: str, campaign: Path, actor: str | None) -> int:
    """Keep a refusal."""
    from baitie.domain.risk.history import RefusalChannel

    with registers_of(shell, campaign, actor) as registers:
        reading = registers.reading(number)
        was_kept = registers.refusals.enter(reading, RefusalChannel(source), reason)
    shell.say("optout.done" if was_kept else "optout.already", number=reading.number.masked())
    shell.give({"number": reading.number.masked(), "was_known": not was_kept})
    return ExitCode.OK


add_common_commands(command, "optout", ("number", "channel", "at", "actor"))
