"""`baitie qualification`: licences and permits of the enterprise, with their terms."""

from datetime import datetime
from pathlib import Path

import click

from baitie.cli.groups import TaughtGroup
from baitie.cli.register_shell import actor_option, campaign_option, list_rows, registers_of, said, texts_of, write_rows
from baitie.cli.shared import ExitCode, Shell, common, option

_LISTED = ("qualification", "kind", "licence", "valid_from", "valid_until", "state")
_DAY = click.DateTime(["%Y-%m-%d"])


@click.group("qualification", cls=TaughtGroup)
@common
def command(shell: Shell) -> None:
    """Qualifications."""


@command.subcommand("list")
@campaign_option
@common
def list_(shell: Shell, campaign: Path) -> int:
    """List what is on file."""
    from baitie.files.qualification_files import rows_of_qualifications

    with registers_of(shell, campaign) as registers:
        rows = rows_of_qualifications(registers)
    list_rows(shell, "qualifications", rows, _LISTED)
    return ExitCode.OK


@command.subcommand("add")
@click.argument("kind")
@option("--licence", required=True, help="option.qualification-licence")
@option("--issued-by", required=True, help="option.qualification-issued-by")
@option("--valid-from", type=_DAY, required=True, help="option.qualification-from")
@option("--valid-until", type=_DAY, help="option.qualification-until")
@option("--document", default="", help="option.qualification-document")
@campaign_option
@actor_option
@common
def add(
    shell: Shell,
    kind: str,
    licence: str,
    issued_by: str,
    valid_from: datetime,
    valid_until: datetime | None,
    document: str,
    campaign: Path,
    actor: str | None,
) -> int:
    """Put one on file."""
    until = None if valid_until is None else valid_until.date()
    with registers_of(shell, campaign, actor) as registers:
        held = registers.qualifications.file(kind, licence, issued_by, valid_from.date(), until, document)
    said(shell, "qualification-filed", qualification=held.qualification_id, kind=kind)
    shell.give(held.to_json())
    return ExitCode.OK


@command.subcommand("end")
@click.argument("qualification")
@option("--reason", required=True, help="option.lift-reason")
@campaign_option
@actor_option
@common
def end(shell: Shell, qualification: str, reason: str, campaign: Path, actor: str | None) -> int:
    """End one."""
    with registers_of(shell, campaign, actor) as registers:
        ended = registers.qualifications.end(qualification, reason)
    said(shell, "qualification-ended", qualification=ended.qualification_id, kind=ended.kind)
    shell.give(ended.to_json())
    return ExitCode.OK


@command.subcommand("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@campaign_option
@actor_option
@common
def import_(shell: Shell, file: Path, campaign: Path, actor: str | None) -> int:
    """Take a file of them."""
    from baitie.files.qualification_files import import_qualifications
    from baitie.files.register_tables import write_rejected

    rejected_file = file.with_name(f"{file.stem}.rejected.csv")
    with registers_of(shell, campaign, actor) as registers:
        result = import_qualifications(registers, file)
    write_rejected(result, rejected_file, texts_of(shell))
    said(shell, "imported", accepted=result.accepted, known=result.known, rejected=len(result.rejected))
    shell.give({"accepted": result.accepted, "known": result.known, "rejected": len(result.rejected)})
    return ExitCode.PROBLEMS if result.rejected else ExitCode.OK


@command.subcommand("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@campaign_option
@common
def export(shell: Shell, file: Path, campaign: Path) -> int:
    """Write them to a file."""
    from baitie.files.qualification_files import COLUMNS, rows_of_qualifications

    with registers_of(shell, campaign) as registers:
        rows = rows_of_qualifications(registers)
    return write_rows(shell, file, rows, COLUMNS)
