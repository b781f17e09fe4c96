"""`baitie optout`: this person does not want to be called."""

from pathlib import Path

import click

from baitie.cli.shared import ExitCode, Shell, TaughtCommand, common, option


@click.command("optout", cls=TaughtCommand)
@click.argument("number")
@option("--campaign", type=click.Path(path_type=Path), default=".", help="option.campaign")
@common
def command(shell: Shell, number: str, campaign: Path) -> int:
    """Keep a refusal."""
    from baitie.bootstrap.asking import read_number_in
    from baitie.bootstrap.commanding import record_opt_out
    from baitie.bootstrap.environment import actor_name, real_now
    from baitie.bootstrap.settings import organisation_above

    settings = organisation_above(campaign, shell.environ).settings
    reading = read_number_in(settings, number)
    was_kept = record_opt_out(settings, reading, actor_name(shell.environ), real_now())
    shell.say("optout.done" if was_kept else "optout.already", number=reading.number.masked())
    shell.give({"number": reading.number.masked(), "was_known": not was_kept})
    return ExitCode.OK
