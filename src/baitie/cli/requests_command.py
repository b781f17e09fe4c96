"""`baitie requests`: what callees asked for on their page or by phone: calls back, and to be forgotten."""

from pathlib import Path

import click

from baitie.cli.groups import TaughtGroup
from baitie.cli.register_shell import actor_option, campaign_option, registers_of
from baitie.cli.shared import ExitCode, Shell, common, option, table

COLUMNS = ("request", "kind", "due_on", "number", "wanted_from", "wanted_until", "campaign")


@click.group("requests", cls=TaughtGroup)
@common
def command(shell: Shell) -> None:
    """Requests of callees."""


@command.subcommand("list")
@option("--all", "all_of_them", is_flag=True, help="option.requests-all")
@campaign_option
@common
def list_(shell: Shell, all_of_them: bool, campaign: Path) -> int:
    """What waits, the most urgent first."""
    with registers_of(shell, campaign) as registers:
        rows = registers.requests.rows(open_only=not all_of_them)
    if rows:
        heading = tuple(shell.texts.text(f"requests.column.{column}") for column in COLUMNS)
        shown = [
            tuple(
                shell.texts.text(f"requests.kind.{row[column]}") if column == "kind" else row[column]
                for column in COLUMNS
            )
            for row in rows
        ]
        shell.line(table([heading, *shown]))
    else:
        shell.say("requests.none")
    shell.give({"requests": rows})
    return ExitCode.OK


@command.subcommand("done")
@click.argument("request")
@campaign_option
@actor_option
@common
def done(shell: Shell, request: str, campaign: Path, actor: str | None) -> int:
    """Somebody has done it."""
    with registers_of(shell, campaign, actor) as registers:
        finished = registers.requests.finish(request)
    shell.say("requests.done", request=finished.request_id, actor=finished.done_by)
    shell.give({"request": finished.request_id, "done_by": finished.done_by})
    return ExitCode.OK


@command.subcommand("link")
@click.argument("number")
@campaign_option
@actor_option
@common
def link(shell: Shell, number: str, campaign: Path, actor: str | None) -> int:
    """A fresh link to the page of the newest card."""
    with registers_of(shell, campaign, actor) as registers:
        address = registers.requests.page_link(registers.reading(number))
    shell.say("requests.link", link=address, campaign=campaign)
    shell.give({"link": address})
    return ExitCode.OK
