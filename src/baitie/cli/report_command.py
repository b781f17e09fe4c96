"""`baitie report`: one HTML file with pictures, and JSON."""

from pathlib import Path

import click

from baitie.cli.shared import ExitCode, Shell, TaughtCommand, campaign_argument, common, option


@click.command("report", cls=TaughtCommand)
@campaign_argument
@option("--out", type=click.Path(path_type=Path, file_okay=False), help="option.out")
@common
def command(shell: Shell, campaign: Path, out: Path | None) -> int:
    """Write a report."""
    from baitie.bootstrap.folders import read_folder
    from baitie.bootstrap.report_files import write_report

    folder = read_folder(campaign, shell.environ)
    files = write_report(folder, shell.lang, out or folder.folder)
    shell.say("report.done", html=files.html, json=files.json)
    shell.give({"html": str(files.html), "json": str(files.json), **files.numbers.to_json()})
    return ExitCode.OK
