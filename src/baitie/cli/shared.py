"""What all commands share: language, output for people and for scripts, exit codes, help that teaches."""

import json
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import IntEnum
from pathlib import Path
from typing import Any, TypeVar

import click

from baitie.kernel.foreign_text import shown, shown_json
from baitie.locale.catalogue import LANGUAGES, Catalogue

_Command = TypeVar("_Command", bound=Callable[..., Any])


class ExitCode(IntEnum):
    """Exit codes (退出码) of every command."""

    OK = 0
    PROBLEMS = 1
    BAD_INPUT = 2
    STORE = 3
    STOPPED = 4
    CARRIER = 5
    INTERNAL = 70


@dataclass(slots=True)
class Shell:
    """The command line (命令行) in which a command runs: its language and environment."""

    lang: str
    texts: Catalogue
    environ: Mapping[str, str]
    as_json: bool = field(default=False)

    def say(self, key: str, /, **values: Any) -> None:
        """A line for people, from the catalogue; nothing where scripts listen."""
        if not self.as_json:
            put(self.texts.text(key, **values))

    def line(self, text: str = "") -> None:
        """A ready line for people; nothing where scripts listen."""
        if not self.as_json:
            put(text)

    def clock(self, at: datetime, zone: tzinfo, form: str = "%m-%d %H:%M") -> str:
        """A civil time on the clock of a zone, which is named with it."""
        from baitie.files.rule_files import verdict_texts

        name = verdict_texts(self.lang).word("zone", str(zone))
        return f"{at.astimezone(zone):{form}} ({name})"

    def give(self, body: Any) -> None:
        """The result for scripts: one JSON object; nothing where people read."""
        if self.as_json:
            click.echo(shown_json(json.dumps(body, ensure_ascii=False, indent=2, default=str)))


def put(text: str, *, err: bool = False) -> None:
    """The one way out to people: foreign text in it cannot act on their terminal."""
    click.echo(shown(text, keeps_lines=True), err=err)


class ShownFormatter(logging.Formatter):
    """Log lines (日志行) in which foreign text cannot act on a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, escaped."""
        return shown(super().format(record), keeps_lines=True)


class TaughtOption(click.Option):
    """An option whose help is a key of the catalogue."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        record = super().get_help_record(ctx)
        if record is None or self.help is None:
            return record
        texts = shell_of(ctx).texts
        said = record[1].replace(self.help, texts.text(self.help))
        for mark in ("default", "required"):
            said = said.replace(f"[{mark}", f"[{texts.text(f'help.{mark}')}")
        return record[0], said


def write_usage(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """The first line of a help, in the wanted language."""
    pieces = " ".join(command.collect_usage_pieces(ctx))
    formatter.write_usage(ctx.command_path, pieces, prefix=shell_of(ctx).texts.text("help.usage"))
    formatter.write_paragraph()


def write_options(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """The options of a command, in the wanted language."""
    texts = shell_of(ctx).texts
    offered = [param for param in command.get_params(ctx) if isinstance(param, click.Option)]
    records = [(param, param.get_help_record(ctx)) for param in offered]
    rows = [
        (record[0], texts.text("option.help") if "--help" in param.opts else record[1])
        for param, record in records
        if record is not None
    ]
    with formatter.section(texts.text("help.options")):
        formatter.write_dl(rows)


class TaughtCommand(click.Command):
    """A command whose help teaches: what it does, options, examples, exit codes, in the wanted language."""

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        texts = shell_of(ctx).texts
        write_usage(self, ctx, formatter)
        with formatter.indentation():
            formatter.write_text(texts.text(f"{self.help_key(ctx)}.text"))
        write_options(self, ctx, formatter)
        with formatter.section(texts.text("help.examples")):
            formatter.write(indented(texts.text(f"{self.help_key(ctx)}.examples")))
        with formatter.section(texts.text("help.exits")):
            formatter.write_dl(exit_codes(texts))

    def help_key(self, ctx: click.Context) -> str:
        """Where the catalogue has this command's texts."""
        return f"help.{self.name}"


def shell_of(ctx: click.Context) -> Shell:
    """The command line of this context."""
    shell = ctx.find_object(Shell)
    assert shell is not None
    return shell


def option(*names: str, **settings: Any) -> Callable[[_Command], _Command]:
    """An option whose `help` is a key of the catalogue."""
    return click.option(*names, cls=TaughtOption, **settings)


def common(command: _Command) -> _Command:
    """The options of every command: `--json` and `--lang`; and the command line as first argument."""
    command = option("--json", "as_json", is_flag=True, expose_value=False, callback=_as_json, help="option.json")(
        command
    )
    command = option("--lang", type=click.Choice(LANGUAGES), expose_value=False, help="option.lang")(command)
    return click.pass_obj(command)  # type: ignore[return-value]


def campaign_argument(command: _Command) -> _Command:
    """The folder of a campaign."""
    return click.argument("campaign", type=click.Path(path_type=Path), metavar="CAMPAIGN")(command)


def table(rows: Sequence[tuple[str, ...]], *, indent: str = "  ") -> str:
    """Rows in columns; wide characters count two."""
    widths = [max(_cells(row[place]) for row in rows) for place in range(len(rows[0]))] if rows else []
    lines = []
    for row in rows:
        cells = [text + " " * (width - _cells(text)) for text, width in zip(row, widths, strict=True)]
        lines.append((indent + "  ".join(cells)).rstrip())
    return "\n".join(lines)


ROWS_NAMED_MAX = 20
"""So many rows are named on a line."""


def show_sheet(shell: Shell, read: Any) -> None:
    """Which sheet of a workbook was read, and what its owner does not see in it."""
    if read.sheets_passed:
        shell.say("check.sheet-hidden", sheet=read.sheet, passed=", ".join(read.sheets_passed))
    elif read.sheet:
        shell.say("check.sheet", sheet=read.sheet)
    if read.rows_above:
        shell.say("check.rows-above", rows=", ".join(map(str, read.rows_above)))
    if read.rows_hidden:
        rows = ", ".join(map(str, read.rows_hidden[:ROWS_NAMED_MAX]))
        more = " …" if len(read.rows_hidden) > ROWS_NAMED_MAX else ""
        shell.say("check.rows-hidden", count=len(read.rows_hidden), rows=rows + more)


def is_terminal() -> bool:
    """Whether somebody watches."""
    return sys.stdout.isatty()


def _cells(text: str) -> int:
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def _as_json(ctx: click.Context, _option: click.Parameter, value: bool) -> None:
    shell_of(ctx).as_json = value


def exit_codes(texts: Catalogue) -> list[tuple[str, str]]:
    """Each exit code with its meaning."""
    return [(str(int(code)), texts.text(f"exit.{code.name}")) for code in ExitCode]


def indented(text: str) -> str:
    """Lines of a catalogue's text, moved in."""
    return "".join(f"  {line}\n" for line in text.strip().splitlines())
