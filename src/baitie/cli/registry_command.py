"""`baitie registry`: copies of the registries of refused calls that authorities and carriers keep."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from baitie.cli.groups import TaughtGroup
from baitie.cli.register_shell import actor_option, campaign_option, list_rows, registers_of, said, texts_of
from baitie.cli.shared import ExitCode, Shell, common, option

if TYPE_CHECKING:
    from baitie.app.registers.registries import RegistryReading

LEFT_OUT_SHOWN_MAX = 20
"""Lines on the screen; `--json` names more."""

_COLUMNS = ("registry", "as_of", "age_days", "numbers", "source", "actor")


@click.group("registry", cls=TaughtGroup)
@common
def command(shell: Shell) -> None:
    """Registries of refused calls."""


@command.subcommand("list")
@campaign_option
@common
def list_(shell: Shell, campaign: Path) -> int:
    """List the copies and their age."""
    with registers_of(shell, campaign) as registers:
        today = registers.now.date()
        rows = [
            {
                "registry": one.name,
                "as_of": one.as_of.isoformat(),
                "age_days": str(one.age_days(today)),
                "numbers": str(one.numbers),
                "source": one.source,
                "actor": one.actor,
            }
            for one in registers.store.registries()
        ]
    list_rows(shell, "registries", rows, _COLUMNS)
    return ExitCode.OK


@command.subcommand("import")
@click.argument("name")
@click.argument("source", metavar="FILE|ADDRESS")
@option("--as-of", type=click.DateTime(["%Y-%m-%d"]), required=True, help="option.registry-as-of")
@option("--region", help="option.registry-region")
@campaign_option
@actor_option
@common
def import_(
    shell: Shell, name: str, source: str, as_of: datetime, region: str | None, campaign: Path, actor: str | None
) -> int:
    """Take over a copy in place of the one before."""
    from baitie.bootstrap.registry_feeds import AddressFeed, FileFeed, RegistryFeed, import_registry
    from baitie.files.settings_files import organisation_above

    is_address = source.startswith("https://")
    if not is_address and not Path(source).is_file():
        raise click.BadParameter(source, param_hint="FILE")
    shown = source if is_address else Path(source).name
    with registers_of(shell, campaign, actor) as registers:
        feed: RegistryFeed = FileFeed(Path(source))
        if is_address:
            feed = AddressFeed(source, organisation_above(campaign, shell.environ).settings.registries)
        copy, reading = import_registry(registers, name, feed, shown, as_of.date(), region)
    said(shell, "registry-imported", registry=name, numbers=copy.numbers, rejected=copy.rejected, as_of=copy.as_of)
    _show_left_out(shell, reading)
    left_out = [{"line": one.line, "reason": one.reason.value} for one in reading.left_out]
    shell.give({**copy.to_json(), "left_out": left_out, "left_out_count": reading.left_out_count})
    return ExitCode.PROBLEMS if reading.left_out_count else ExitCode.OK


def _show_left_out(shell: Shell, reading: "RegistryReading") -> None:
    """The lines from which a number is missing in the copy: whoever stands there may be called."""
    from baitie.locale.catalogue import catalogue

    reasons = catalogue("contacts", shell.lang)
    for one in reading.left_out[:LEFT_OUT_SHOWN_MAX]:
        text, remedy = (reasons.text(f"reject.{one.reason.value}.{part}") for part in ("text", "remedy"))
        said(shell, "registry-left-out", line=one.line, text=text, remedy=remedy)
    if reading.left_out_count > LEFT_OUT_SHOWN_MAX:
        said(shell, "registry-left-out-more", more=reading.left_out_count - LEFT_OUT_SHOWN_MAX)


@command.subcommand("check")
@click.argument("number")
@campaign_option
@common
def check(shell: Shell, number: str, campaign: Path) -> int:
    """Whether registries name this number."""
    with registers_of(shell, campaign) as registers:
        reading = registers.reading(number)
        found = registers.store.registries_about(reading.number)
    rows = [
        {"registry": registry.name, "as_of": registry.as_of.isoformat(), "is_listed": is_listed}
        for registry, is_listed in found
    ]
    for row in rows:
        key = "registry-names" if row["is_listed"] else "registry-does-not-name"
        said(shell, key, number=reading.number.masked(), registry=row["registry"], as_of=row["as_of"])
    if not rows:
        shell.line(texts_of(shell).text("empty"))
    shell.give({"number": reading.number.masked(), "registries": rows})
    return ExitCode.OK


@command.subcommand("drop")
@click.argument("name")
@option("--reason", required=True, help="option.lift-reason")
@campaign_option
@actor_option
@common
def drop(shell: Shell, name: str, reason: str, campaign: Path, actor: str | None) -> int:
    """Delete a copy."""
    with registers_of(shell, campaign, actor) as registers:
        registers.registries.drop(name, reason)
    said(shell, "registry-dropped", registry=name)
    shell.give({"registry": name, "is_dropped": True})
    return ExitCode.OK
