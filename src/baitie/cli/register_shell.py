"""What the registers' commands share: the open registers, lists for people and scripts, CSV in and out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from baitie.cli.groups import TaughtGroup
from baitie.cli.register_words import worded
from baitie.cli.shared import ExitCode, Shell, common, option, show_sheet, table

if TYPE_CHECKING:
    from baitie.app.registers.registers import Registers
    from baitie.domain.complaints import SuspensionObjection
    from baitie.domain.contacts import NumberReading
    from baitie.locale.catalogue import Catalogue

campaign_option = option("--campaign", type=click.Path(path_type=Path), default=".", help="option.campaign")
actor_option = option("--actor", help="option.desk-actor")


@contextmanager
def registers_of(shell: Shell, campaign: Path, actor: str | None = None) -> "Iterator[Registers]":
    """The registers of the organisation that this folder belongs to."""
    from baitie.bootstrap.civil_time import campaigns_of, loopback_of
    from baitie.bootstrap.environment import actor_name
    from baitie.bootstrap.registers import open_registers
    from baitie.files.settings_files import find_organisation_file, load_organisation

    folder = campaign if campaign.is_dir() else campaign.parent
    settings = load_organisation(find_organisation_file(folder, shell.environ), shell.environ).settings
    loopback = loopback_of(campaign, shell.environ)
    campaigns = campaigns_of(campaign, shell.environ)
    by = actor or actor_name(shell.environ)
    with open_registers(settings, by, loopback=loopback, folder=folder, campaigns=campaigns) as opened:
        yield opened


def texts_of(shell: Shell) -> "Catalogue":
    """The registers' texts."""
    from baitie.locale.catalogue import catalogue

    return catalogue("desk", shell.lang)


def said(shell: Shell, key: str, /, **values: object) -> None:
    """A line of the registers' texts for people."""
    shell.line(texts_of(shell).text(key, **values))


def show_rows(shell: Shell, register: str, rows: Sequence[dict[str, str]], columns: Sequence[str]) -> None:
    """Rows for people in words, numbers masked; for scripts with their codes."""
    from baitie.kernel.phone import PhoneNumber

    list_rows(shell, register, [{**row, "number": PhoneNumber(row["number"]).masked()} for row in rows], columns)


def list_rows(shell: Shell, name: str, rows: Sequence[dict[str, str]], columns: Sequence[str]) -> None:
    """Rows that name nobody, for people in words; all of each row for scripts, under `name`."""
    texts = texts_of(shell)
    if rows:
        heading = tuple(texts.text(f"column.{column}") for column in columns)
        cells = (tuple(worded(texts, column, row.get(column, "")) for column in columns) for row in rows)
        shell.line(table([heading, *cells]))
    else:
        shell.line(texts.text("empty"))
    shell.give({name: rows})


def write_rows(shell: Shell, file: Path, rows: Sequence[dict[str, str]], columns: Sequence[str]) -> int:
    """Rows as a CSV file, and the word that it is there."""
    from baitie.files.register_tables import write_csv

    write_csv(file, columns, [[row[column] for column in columns] for row in rows])
    return say_written(shell, file, len(rows))


def say_written(shell: Shell, file: Path, rows: int) -> int:
    """That so many rows stand in a file."""
    said(shell, "exported", rows=rows, file=file.name)
    shell.give({"rows": rows, "file": str(file)})
    return ExitCode.OK


def say_put_back(shell: Shell, number: str, objection: "SuspensionObjection | None") -> int:
    """That a presented number is in use again, or what speaks against it."""
    if objection is None:
        said(shell, "number-resumed", number=number)
    else:
        shell.line(texts_of(shell).text(f"suspension-objection.{objection.value}"))
    code = None if objection is None else objection.value
    shell.give({"number": number, "is_lifted": objection is None, "objection": code})
    return ExitCode.OK if objection is None else ExitCode.PROBLEMS


def add_common_commands(group: TaughtGroup, register: str, columns: Sequence[str]) -> None:
    """Gives a register's group its `list`, `import` and `export`."""

    @group.subcommand("list")
    @campaign_option
    @common
    def list_(shell: Shell, campaign: Path) -> int:
        """List the register."""
        from baitie.files.register_files import rows_of

        with registers_of(shell, campaign) as registers:
            show_rows(shell, register, rows_of(registers, register), columns)
        return ExitCode.OK

    @group.subcommand("import")
    @click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
    @campaign_option
    @actor_option
    @common
    def import_(shell: Shell, file: Path, campaign: Path, actor: str | None) -> int:
        """Take a file into the register."""
        from baitie.files.register_files import import_file
        from baitie.files.register_tables import write_rejected

        rejected_file = file.with_name(f"{file.stem}.rejected.csv")
        with registers_of(shell, campaign, actor) as registers:
            result = import_file(registers, register, file)
        write_rejected(result, rejected_file, texts_of(shell))
        show_sheet(shell, result)
        said(shell, "imported", accepted=result.accepted, known=result.known, rejected=len(result.rejected))
        if result.rejected:
            said(shell, "rejected-file", file=rejected_file.name)
        shell.give(
            {
                "accepted": result.accepted,
                "known": result.known,
                "rejected": [{"row": r.row, "column": r.column, "reason": r.reason} for r in result.rejected],
            }
        )
        return ExitCode.PROBLEMS if result.rejected else ExitCode.OK

    @group.subcommand("export")
    @click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
    @campaign_option
    @common
    def export(shell: Shell, file: Path, campaign: Path) -> int:
        """Write the register to a file."""
        from baitie.files.register_files import export_file

        with registers_of(shell, campaign) as registers:
            rows = export_file(registers, register, file)
        return say_written(shell, file, rows)


def show_person(shell: Shell, registers: "Registers", reading: "NumberReading", names: Sequence[str]) -> int:
    """Everything that some registers hold of one number."""
    from baitie.files.register_files import COLUMNS, rows_of

    texts, number = texts_of(shell), reading.number.e164()
    body: dict[str, object] = {"number": reading.number.masked()}
    for register in names:
        rows = [row for row in rows_of(registers, register) if row["number"] == number]
        body[register] = [{key: value for key, value in row.items() if key != "number"} for row in rows]
        shell.line(texts.text(f"register.{register}"))
        for row in rows:
            held = [(c, row[c]) for c in COLUMNS[register] if row.get(c) and c != "number"]
            shell.line("  " + " · ".join(f"{texts.text(f'column.{c}')} {worded(texts, c, cell)}" for c, cell in held))
        if not rows:
            shell.line("  " + texts.text("empty"))
    shell.give(body)
    return ExitCode.OK
