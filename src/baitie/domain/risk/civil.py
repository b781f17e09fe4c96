"""When the wall clock of a zone next shows something, exactly, across changes of its offset."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

DAY = timedelta(days=1)
_STEP = timedelta(weeks=4)


def day_start(day: date, zone: tzinfo) -> datetime:
    """The first instant (UTC) of the local date, also where the clocks skip midnight."""
    midnight = datetime.combine(day, time(), zone)
    start = midnight.astimezone(UTC)
    if start.astimezone(zone).replace(tzinfo=None) == midnight.replace(tzinfo=None):
        return start
    return offset_change(start - DAY, start, zone) or start


def next_boundary(at: datetime, wall: datetime, passed: Iterable[time]) -> datetime:
    """The first instant (UTC) after `at` at which the wall clock passes one of `passed` or changes its offset.

    `wall` is `at` as the zone shows it. Between two boundaries nothing changes for a rule that knows only these
    times of day, so whoever is refused at `at` need not ask before the boundary.
    """
    ahead = min([_next_showing(at, wall, shown) for shown in passed])
    zone = wall.tzinfo
    assert zone is not None
    if ahead.astimezone(zone).utcoffset() == wall.utcoffset():
        return ahead
    return offset_change(at, ahead, zone) or ahead


def _next_showing(at: datetime, wall: datetime, shown: time) -> datetime:
    """When the wall clock shows `shown` next, if its offset stays; never before the next change of it."""
    today = wall.date()
    day = today if shown > wall.time() else today + DAY
    candidate = datetime.combine(day, shown, wall.tzinfo)
    instant = candidate.astimezone(UTC)
    if instant > at:
        return instant
    # The clocks went back and `at` is in the second pass of the hour.
    return candidate.replace(fold=1).astimezone(UTC)


def local_date(at: datetime, zone: tzinfo) -> date:
    """The date that a calendar in `zone` shows at `at`."""
    return at.astimezone(zone).date()


def offset_change(after: datetime, until: datetime, zone: tzinfo) -> datetime | None:
    """The first whole second in (after, until] with another offset than at `after`, if the ends differ.

    Zones change their offset at whole seconds, and not twice within the two days that callers span.
    """
    offset = _offset(after, zone)
    if _offset(until, zone) == offset:
        return None
    low = after.astimezone(UTC).replace(microsecond=0)
    span_s = -int((low - until) // timedelta(seconds=1))
    low_s, high_s = 0, span_s
    while high_s - low_s > 1:
        middle_s = (low_s + high_s) // 2
        if _offset(low + timedelta(seconds=middle_s), zone) == offset:
            low_s = middle_s
        else:
            high_s = middle_s
    return low + timedelta(seconds=high_s)


def offset_changes(begins: datetime, until: datetime, zone: tzinfo) -> list[datetime]:
    """The changes of the zone's offset in (begins, until]; one that is undone within four weeks may be missed."""
    changes: list[datetime] = []
    while begins < until:
        ends = min(begins + _STEP, until)
        change = offset_change(begins, ends, zone)
        if change is not None:
            changes.append(change)
        begins = ends
    return changes


def _offset(at: datetime, zone: tzinfo) -> timedelta | None:
    return at.astimezone(zone).utcoffset()
