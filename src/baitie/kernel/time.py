"""The two clocks, never mixed: monotonic instants for timers, aware civil times for windows and law."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import NewType

Instant = NewType("Instant", float)
"""Seconds on the monotonic clock (单调时钟): only differences mean anything."""


def local(at: datetime, zone: tzinfo) -> datetime:
    """The civil time `at` as the wall clock of `zone` shows it."""
    return at.astimezone(zone)


_OF_ONE_MACHINE = ("localtime", "posixrules", "Factory")
_OF_OTHER_CLOCKS = ("posix/", "right/")  # copies of the tables; the second with leap seconds, 27 of them by 2017


def is_zone_everywhere(name: str) -> bool:
    """Whether a name in a zone data base means the same on each machine, and the clock that people there go by."""
    return name not in _OF_ONE_MACHINE and not name.startswith(_OF_OTHER_CLOCKS)


@dataclass(frozen=True, slots=True)
class Window:
    """Daily window (时段) on a wall clock: `opens_from` inclusive, `closes_until` exclusive; may cross midnight.

    Equal ends mean the whole day.
    """

    opens_from: time
    closes_until: time

    def contains(self, at: time) -> bool:
        """Whether the wall-clock time lies inside."""
        if self.opens_from < self.closes_until:
            return self.opens_from <= at < self.closes_until
        return at >= self.opens_from or at < self.closes_until

    def next_open(self, at: datetime) -> datetime:
        """The first civil instant not before the aware `at` that lies inside, in the zone of `at`."""
        if self.contains(at.time()):
            return at
        opening = at.replace(
            hour=self.opens_from.hour, minute=self.opens_from.minute, second=self.opens_from.second, microsecond=0
        )
        return opening if opening > at else opening + timedelta(days=1)
