"""Civil times on the command line: ISO 8601, on the enterprise's clock where they name no zone."""

from datetime import datetime, tzinfo

import click

YEARS = (2000, 2100)
"""Rules, zones and calendars mean nothing beyond them."""

EXAMPLE = "2026-03-03T10:00:00+08:00"


def read_civil_time(text: str) -> datetime:
    """A civil time; naive where it names no zone. Raises `ValueError`, also for years that no rule speaks of."""
    at = datetime.fromisoformat(text)
    if not YEARS[0] <= at.year < YEARS[1]:
        raise ValueError(text)
    return at


def on_clock(at: datetime, zone: tzinfo) -> datetime:
    """The time, aware: where it names no zone, as the clock of `zone` shows it, whatever the machine's own is."""
    return at.replace(tzinfo=zone) if at.tzinfo is None else at


class CivilTime(click.ParamType[datetime]):
    """An ISO time; without a zone it is naive, and `on_clock` puts it on the enterprise's clock."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            return read_civil_time(str(value))
        except ValueError:
            self.fail(f"{value!r}: {EXAMPLE}", param, ctx)
