"""Writes the reference pages that are made from the code: `python -m tools.docs`; with `--check` only compares."""

import importlib
import io
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel
from tools import rule_pages
from tools.card_page import card_page
from tools.filing_page import filing_page

import baitie
from baitie.cli.main import COMMANDS, group
from baitie.cli.shared import ExitCode, Shell
from baitie.files.campaign_settings import CampaignSettings
from baitie.files.organisation_settings import OrganisationSettings
from baitie.files.setting_descriptions import describe
from baitie.kernel.errors import BaitieError
from baitie.locale.catalogue import catalogue
from baitie.wire.sip import failures

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
SETTINGS_INTRODUCTION = """# Settings

The unit of a setting is the last part of its name: `_s` seconds, `_per_s` a second, `_per_day` a day. Paths are
relative to the file that names them. An environment variable overrides the file; `baitie config` shows what is in
force and where it comes from. `<name>` is a name of your own; in the variable it stands in capitals.

Three more variables: BAITIE_FILE names the organisation's file where it is not `baitie.toml` in or above the campaign's
folder; BAITIE_LANG is `zh` or `en`; BAITIE_ACTOR is who acts, noted as given.
"""
FAILURES_INTRODUCTION = """# Failures of calls

One table: what was seen, its cause, whose doing it was, whether a later attempt may be planned (nothing is ever
repeated by itself after an INVITE left), and the outcome. A release cause (Q.850, in the Reason header) says more than
a SIP status that says little. What nobody has classified counts as ours.
"""
MADE = "<!-- Made by `python -m tools.docs` from the code and its message catalogues. Do not edit. -->\n"


def pages() -> dict[str, str]:
    """Every page by file name."""
    return {
        "cli.md": MADE + cli_page(),
        "settings.md": MADE + settings_page(),
        "errors.md": MADE + errors_page(),
        "failures.md": MADE + failures_page(),
        "card-library.md": MADE + card_page(),
        "filing.md": MADE + filing_page(),
        **{name: MADE + text for name, text in rule_pages.pages().items()},
    }


def cli_page() -> str:
    """The commands with their help, and the exit codes."""
    out = io.StringIO()
    texts = catalogue("cli", "en")
    chinese = catalogue("cli", "zh")
    out.write(
        "# Commands\n\nEvery command knows `--json` (one JSON object instead of text), `--lang zh|en` and `--help`.\n"
    )
    shell = Shell("en", texts, {})
    root = click.Context(group, info_name="baitie", obj=shell)
    for name in COMMANDS:
        command = group.get_command(root, name)
        assert command is not None
        out.writelines(_command_part(command, root, f"help.{name}", "##"))
        if isinstance(command, click.Group):
            context = click.Context(command, info_name=name, parent=root)
            for within, subcommand in command.commands.items():
                out.writelines(_command_part(subcommand, context, f"help.{name}-{within}", "###"))
    out.write("\n## Exit codes\n\n| code | name | meaning | 含义 |\n|---|---|---|---|\n")
    for code in ExitCode:
        meanings = f"{texts.text(f'exit.{code.name}')} | {chinese.text(f'exit.{code.name}')}"
        out.write(f"| {int(code)} | {code.name} | {meanings} |\n")
    out.write(
        "\n`baitie run` ends with 0 also where what is left may be called only later; `end` of its JSON says which.\n"
        "`baitie check` ends with 1 where the campaign can run without the rows that it names.\n"
    )
    return out.getvalue()


def _command_part(command: click.Command, parent: click.Context, key: str, heading: str) -> Iterator[str]:
    texts, chinese = catalogue("cli", "en"), catalogue("cli", "zh")
    context = click.Context(command, info_name=command.name, parent=parent, terminal_width=100)
    yield f"\n{heading} {context.command_path}\n\n{texts.text(f'{key}.short')} · {chinese.text(f'{key}.short')}\n\n"
    yield f"{texts.text(f'{key}.text')}\n\n```\n{command.get_usage(context)}\n```\n\n"
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if record is not None and parameter.name != "help":
            yield f"- `{record[0]}`: {' '.join(record[1].split())}\n"
    yield f"\n```\n{texts.text(f'{key}.examples').strip()}\n```\n"


def settings_page() -> str:
    """Every setting of both files."""
    out = io.StringIO()
    out.write(SETTINGS_INTRODUCTION)
    for title, model in (("baitie.toml: the organisation", OrganisationSettings), ("campaign.toml", CampaignSettings)):
        out.write(f"\n## {title}\n")
        out.writelines(_settings_of(model))
    return out.getvalue()


def _settings_of(model: type[BaseModel]) -> Iterator[str]:
    english, chinese = catalogue("settings", "en"), catalogue("settings", "zh")
    section = ""
    for setting in describe(model):
        table, _, name = setting.place.rpartition(".")
        if table != section:
            section = table
            yield f"\n### [{table}]\n"
        unit = f", unit {setting.unit}" if setting.unit else ""
        bounds = f", {setting.bounds}" if setting.bounds else ""
        default = "must be given" if setting.default is None else f"default `{setting.default}`"
        yield f"\n#### {name}\n\n{english.text(setting.text_key)}  \n{chinese.text(setting.text_key)}\n\n"
        yield f"{setting.kind}{unit}{bounds}; {default}; `{setting.variable}`\n"


def errors_page() -> str:
    """Every error code."""
    rows = ["# Errors\n\nA code never changes its meaning. `party` says whose doing it was; refusals by rules are no"]
    rows.append(" errors but verdicts (`baitie why`).\n\n| code | party | retryable | message |\n|---|---|---|---|\n")
    by_code = {error.code: error for error in error_classes()}
    for code, error in sorted(by_code.items()):
        message = " ".join((error.__doc__ or "").split("\n\n", 1)[0].split()).replace("|", "\\|")
        rows.append(f"| `{code}` | {error.party.value} | {'yes' if error.retryable else 'no'} | {message} |\n")
    return "".join(rows)


def failures_page() -> str:
    """Every way in which a call may fail."""
    rows = [FAILURES_INTRODUCTION, "\n| seen | cause | party | may be tried again | outcome |\n|---|---|---|---|---|\n"]
    tables: list[tuple[str, Mapping[Any, failures.Row]]] = [
        ("SIP {}", failures.BY_STATUS),
        ("release cause {}", failures.BY_RELEASE_CAUSE),
        ("here: {}", {local.value: row for local, row in failures.BY_LOCAL.items()}),
    ]
    for form, table in tables:
        for seen, row in table.items():
            again = "yes" if row.may_redial else "no"
            rows.append(
                f"| {form.format(seen)} | `{row.cause}` | {row.party.value} | {again} | `{row.outcome.value}` |\n"
            )
    return "".join(rows)


def error_classes() -> list[type[BaitieError]]:
    """Every error of the package."""
    for module in pkgutil.walk_packages(baitie.__path__, "baitie."):
        if not module.name.endswith("__main__") and "migrations" not in module.name:
            importlib.import_module(module.name)
    found: list[type[BaitieError]] = []
    waiting: list[type[BaitieError]] = [BaitieError]
    while waiting:
        error = waiting.pop()
        found.append(error)
        waiting.extend(error.__subclasses__())
    return [error for error in found if error.__module__.startswith("baitie.")]


def main() -> int:
    """Write or compare."""
    only_compare = "--check" in sys.argv[1:]
    REFERENCE.mkdir(parents=True, exist_ok=True)
    stale = []
    for name, text in pages().items():
        file = REFERENCE / name
        if only_compare and (not file.exists() or file.read_text("utf-8") != text):
            stale.append(name)
        elif not only_compare:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    if stale:
        print(f"Stale: {', '.join(stale)}. Run `python -m tools.docs`.")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
