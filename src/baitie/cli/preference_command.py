"""`baitie preference`: when, about what, how and in which language callees wish to be reached."""

from pathlib import Path

import click

from baitie.cli.groups import TaughtGroup
from baitie.cli.register_shell import (
    actor_option,
    add_common_commands,
    campaign_option,
    registers_of,
    said,
    show_person,
)
from baitie.cli.shared import ExitCode, Shell, common, option

_PURPOSES = click.Choice(["acquisition", "risk_warning", "care", "collection", "information", "survey"])
_CHANNELS = click.Choice(["voice", "message"])


@click.group("preference", cls=TaughtGroup)
@common
def command(shell: Shell) -> None:
    """Preferences."""


add_common_commands(command, "preference", ("number", "windows", "purposes", "channels", "language"))


@command.subcommand("set")
@click.argument("number")
@option("--window", "windows", multiple=True, metavar="HH:MM-HH:MM", help="option.wish-window")
@option("--purpose", "purposes", type=_PURPOSES, multiple=True, help="option.wish-purpose")
@option("--channel", "channels", type=_CHANNELS, multiple=True, help="option.wish-channel")
@option("--language", help="option.wish-language")
@campaign_option
@actor_option
@common
def set_(
    shell: Shell,
    number: str,
    windows: tuple[str, ...],
    purposes: tuple[str, ...],
    channels: tuple[str, ...],
    language: str | None,
    campaign: Path,
    actor: str | None,
) -> int:
    """Enter preferences in place of earlier ones; without any, everything is left to the rules again."""
    from baitie.files.preference_words import read_preference

    with registers_of(shell, campaign, actor) as registers:
        reading = registers.reading(number)
        try:
            preference = read_preference(registers, windows, purposes, channels, language)
        except ValueError as error:
            raise click.BadParameter("HH:MM-HH:MM, zh, en, zh-HK", param_hint="--window, --language") from error
        registers.preferences.enter(reading, preference)
    said(shell, "wished", number=reading.number.masked())
    shell.give({"number": reading.number.masked(), "windows": list(windows), "purposes": list(purposes)})
    return ExitCode.OK


@command.subcommand("show")
@click.argument("number")
@campaign_option
@common
def show(shell: Shell, number: str, campaign: Path) -> int:
    """The preferences of one number."""
    with registers_of(shell, campaign) as registers:
        return show_person(shell, registers, registers.reading(number), ("preference",))
