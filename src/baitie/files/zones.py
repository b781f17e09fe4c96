"""The zone data base, loaded here and handed in: the pure core reads no files."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from baitie.kernel.time import is_zone_everywhere
from baitie.rehearsal.people import hours_since_monday

ZONES_KEPT_MAX = 1000
NUMBERS_KEPT_MAX = 200_000


@lru_cache(maxsize=ZONES_KEPT_MAX)
def zones(names: tuple[str, ...]) -> tuple[tzinfo, ...]:
    """The zones of these IANA names; names that this machine does not know are left out."""
    return tuple(zone for name in names if (zone := _zone(name)) is not None)


def is_zone(name: str) -> bool:
    """Whether this machine knows a zone of this IANA name."""
    return is_zone_everywhere(name) and _zone(name) is not None


def hour_by_number(civil_now: Callable[[], datetime]) -> Callable[[str], int]:
    """A function that gives the hours since Monday at the place of a number in E.164; UTC where that is unknown."""
    # Read where it is wanted: a dialler takes the zones from its store and need not wait for these tables.
    from phonenumbers import NumberParseException, parse
    from phonenumbers.timezone import time_zones_for_number

    @lru_cache(maxsize=NUMBERS_KEPT_MAX)
    def zone_of(number: str) -> tzinfo | None:
        try:
            names = time_zones_for_number(parse(number))
        except NumberParseException:
            return None
        return _zone(names[0]) if names else None

    def hour_of_week(number: str) -> int:
        at = civil_now()
        return hours_since_monday(at.astimezone(zone_of(number) or at.tzinfo))

    return hour_of_week


@lru_cache(maxsize=ZONES_KEPT_MAX)
def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
