"""`baitie stop`: everything at once."""

from pathlib import Path

import click

from baitie.cli.shared import ExitCode, Shell, TaughtCommand, common, option


@click.command("stop", cls=TaughtCommand)
@click.argument("campaign", type=click.Path(path_type=Path), metavar="[CAMPAIGN]", default=".")
@option("--now", "hang_up", is_flag=True, help="option.hang-up")
@common
def command(shell: Shell, campaign: Path, hang_up: bool) -> int:
    """Stop the dialler."""
    from baitie.bootstrap.commanding import stop_everything
    from baitie.bootstrap.environment import actor_name, real_now
    from baitie.files.settings_files import organisation_above

    settings = organisation_above(campaign, shell.environ).settings
    was_told = stop_everything(settings, actor_name(shell.environ), real_now(), hang_up=hang_up)
    if was_told:
        shell.say("stop.now" if hang_up else "stop.soon")
    else:
        shell.say("stop.nobody")
    shell.give({"command": "stop_now" if hang_up else "stop", "was_running": was_told})
    return ExitCode.OK
