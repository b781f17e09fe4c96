"""`baitie backup`: a consistent copy of the store while the dialler runs."""

from pathlib import Path

import click

from baitie.cli.shared import ExitCode, Shell, TaughtCommand, common, option


@click.command("backup", cls=TaughtCommand)
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@option("--campaign", type=click.Path(path_type=Path), default=".", help="option.campaign")
@common
def command(shell: Shell, file: Path, campaign: Path) -> int:
    """Copy the store."""
    from baitie.bootstrap.commanding import back_up
    from baitie.files.settings_files import organisation_above

    settings = organisation_above(campaign, shell.environ).settings
    back_up(settings, file)
    octets = file.stat().st_size if file.exists() else None
    shell.say("backup.done", file=file, octets=octets, key=settings.store.key_file)
    shell.give({"file": str(file), "octets": octets, "key_file": str(settings.store.key_file)})
    return ExitCode.OK
