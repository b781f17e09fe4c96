"""`baitie`: the group of commands, errors to exit codes, language from option or environment."""

import importlib
import logging
import os
import re
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import click

from baitie.bootstrap.environment import environment
from baitie.cli.logs import in_words, tell_warnings
from baitie.cli.shared import ExitCode, Shell, ShownFormatter, TaughtOption, put, shell_of, write_usage
from baitie.kernel.errors import BaitieError, BusyError, InputError, Party, StoreError
from baitie.locale.catalogue import LANGUAGES, catalogue, language_of

COMMANDS = (
    "init", "check", "rehearse", "run", "answer", "report", "why", "config", "stop", "optout", "consent", "preference",
    "freeze", "complaint", "review", "registry", "qualification", "numbers", "requests", "serve", "backup", "audit",
    "passport", "rules", "cards", "filing",
)  # fmt: skip
"""In the order of a campaign's life. Each stands in a module of its name, read when it is wanted."""


class FileAccessError(InputError):
    """A file or folder cannot be read or written. Look at its rights and at the space that is left."""

    code = "file-inaccessible"


class NoSuchCommand(click.UsageError):
    """A word stands where the name of a command should."""


class LazyGroup(click.Group):
    """Commands that are imported when they are called, so that help comes at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            raise NoSuchCommand(cmd_name, ctx)
        command = importlib.import_module(f"baitie.cli.{cmd_name}_command").command
        assert isinstance(command, click.Command)
        return command

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        texts = shell_of(ctx).texts
        write_usage(self, ctx, formatter)
        with formatter.indentation():
            formatter.write_text(texts.text("help.text"))
        with formatter.section(texts.text("help.commands")):
            formatter.write_dl([(name, texts.text(f"help.{name}.short")) for name in COMMANDS])
        with formatter.section(texts.text("help.examples")):
            formatter.write("".join(f"  {line}\n" for line in texts.text("help.first-steps").strip().splitlines()))


@click.group(cls=LazyGroup, context_settings={"max_content_width": 110})
@click.option("--lang", cls=TaughtOption, type=click.Choice(LANGUAGES), expose_value=False, help="option.lang")
@click.version_option(package_name="baitie", prog_name="baitie")
def group() -> None:
    """Baitie (拜帖)."""


def main() -> None:
    """The entry of the program."""
    logs = logging.StreamHandler()
    logs.setFormatter(ShownFormatter())
    logs.setLevel(logging.WARNING)
    logging.getLogger().addHandler(logs)
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line; gives its exit code and never raises."""
    environ = environment()
    lang = _wanted_language(arguments) or language_of(environ)
    shell = Shell(lang, catalogue("cli", lang), environ)
    tell_warnings(shell)
    try:
        done = group.main(list(arguments), prog_name="baitie", standalone_mode=False, obj=shell)
    except click.ClickException as error:
        _show_usage(shell, error)
        return ExitCode.BAD_INPUT
    except (click.Abort, KeyboardInterrupt):
        return ExitCode.STOPPED
    except BaitieError as error:
        _show_error(shell, error)
        return exit_code_of(error)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    except OSError as error:
        _show_error(shell, FileAccessError(cause=error.strerror, file=error.filename))
        return ExitCode.BAD_INPUT
    except Exception as error:
        put(traceback.format_exc(), err=True)
        _show_error(shell, BaitieError(cause=f"{type(error).__name__}: {error}"))
        return ExitCode.INTERNAL
    return done if isinstance(done, int) else ExitCode.OK


def exit_code_of(error: BaitieError) -> ExitCode:
    """The exit code for an error, the most specific first."""
    if isinstance(error, BusyError | StoreError):
        return ExitCode.STORE
    if isinstance(error, InputError):
        return ExitCode.BAD_INPUT
    return ExitCode.CARRIER if error.party is Party.CARRIER else ExitCode.INTERNAL


def _show_error(shell: Shell, error: BaitieError) -> None:
    problems = getattr(error, "problems", ())
    body: dict[str, Any] = {
        "code": error.code,
        "message": str(error),
        "party": error.party.value,
        "retryable": error.retryable,
        "problems": [problem.to_json(shell.lang) for problem in problems],
    }
    shell.give({"error": body})
    if shell.as_json:
        return
    if problems:
        put(shell.texts.text("problems", count=len(problems)), err=True)
        for problem in problems:
            put(f"  {problem.text(shell.lang)}", err=True)
        return
    said = shell.texts.text_or(f"error.{error.code}", error.message)
    explained = _explained(shell, error)
    if explained:
        said = f"{said} {explained}"
    special = [] if error.message in (error.default_message(), said) else [error.message]
    details = ", ".join([*special, *(f"{key}={in_words(shell, value)}" for key, value in error.details.items())])
    put(f"{said} ({details})" if details else said, err=True)


def _explained(shell: Shell, error: BaitieError) -> str:
    """What the code of a number or of a contact file means, with its remedy; nothing for other errors."""
    kind, name = _EXPLAINED.get(error.code, ("", ""))
    key = f"{kind}.{error.details.get(name)}"
    texts = catalogue("contacts", shell.lang)
    said, remedy = texts.text_or(f"{key}.text", ""), texts.text_or(f"{key}.remedy", "")
    return shell.texts.text("error-explained", said=said, remedy=remedy) if said else ""


_EXPLAINED = {"number-unreadable": ("reject", "reason"), "contact-file-unreadable": ("file", "fault")}
"""Errors whose detail is a code of the contacts catalogue: where its texts stand, and the detail."""


def _show_usage(shell: Shell, error: click.ClickException) -> None:
    """Say what is wrong with the command line in the wanted language, and where its help is."""
    context = getattr(error, "ctx", None)
    match error:
        case click.exceptions.NoArgsIsHelpError():
            error.show()
            return
        case click.NoSuchOption():
            said = shell.texts.text("usage.no-such-option", name=error.option_name)
        case click.MissingParameter() if error.param is not None:
            said = shell.texts.text("usage.missing", name=_hint(error))
        case click.BadParameter() if error.param is not None and isinstance(error.param.type, click.Choice):
            known = ", ".join(map(str, error.param.type.choices))
            said = shell.texts.text("usage.not-one-of", name=_hint(error), known=known)
        case click.BadParameter():
            said = shell.texts.text("usage.bad-value", name=_hint(error), reason=_in_words(shell, error.message))
        case NoSuchCommand():
            said = shell.texts.text("usage.no-such-command", name=error.message)
        case _:
            message = error.format_message()
            worded = _in_words(shell, message)
            said = worded if worded != message else shell.texts.text("usage.other", reason=message)
    command = context.command_path if context is not None else "baitie"
    put(f"{said}\n{shell.texts.text('usage.help', command=command)}", err=True)


_WORDED = {
    "extra-argument": re.compile(r"Got unexpected extra arguments? \((?P<found>.*)\)"),
    "option-needs-value": re.compile(r"Option '(?P<name>.*)' requires (?:an argument|\d+ arguments)\."),
    "not-a-number": re.compile(r"'?(?P<found>.*?)'? is not a valid (?:integer|float)(?: range)?\."),
    "out-of-range": re.compile(r"(?P<found>\S+) is not in the range (?P<range>.*)\."),
    "no-such-command": re.compile(r"No such command '(?P<name>.*)'\."),
    "path-missing": re.compile(r"(?:File|Path|Directory) '(?P<found>.*)' does not exist\."),
}
"""What the library of the command line says in English only, and the key that says it in both languages."""


def _in_words(shell: Shell, message: str) -> str:
    """What is wrong, in the wanted language where it is one of the usual slips."""
    for key, pattern in _WORDED.items():
        if found := pattern.fullmatch(message):
            return shell.texts.text(f"usage.{key}", **found.groupdict())
    return message


def _hint(error: click.BadParameter) -> str:
    if error.param_hint is not None:
        return str(error.param_hint)
    return error.param.get_error_hint(error.ctx).strip("'") if error.param is not None and error.ctx else "?"


def _wanted_language(arguments: Sequence[str]) -> str | None:
    """The value of `--lang` wherever it stands: help is written before options are read."""
    for place, argument in enumerate(arguments):
        value = argument.removeprefix("--lang=") if argument.startswith("--lang=") else None
        if argument == "--lang" and place + 1 < len(arguments):
            value = arguments[place + 1]
        if value in LANGUAGES:
            return value
    return None


if __name__ == "__main__":
    main()
