"""The kinds of rule that look at wall clocks, calendars and counts."""

from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta, tzinfo

from baitie.domain.risk.checks import Spoken
from baitie.domain.risk.civil import DAY, day_start, local_date, next_boundary
from baitie.domain.risk.facts import CallFacts, Moment
from baitie.domain.risk.history import PastAttempt
from baitie.kernel.journal import JsonValue
from baitie.kernel.time import Window

MIDNIGHT = time()
_TICK = timedelta(microseconds=1)
_LONGEST_DAY_EXTRA = timedelta(hours=1)  # a day on which the clocks go back


class ForbidWindowCheck:
    """Forbids a daily window on the callee's wall clock, on some weekdays or all (静默时段).

    The weekday is the one that the callee's calendar shows at that very time. Without a known zone it forbids
    (`fail_closed`) or stays silent.
    """

    __slots__ = ("_fail_closed", "_walls", "_weekdays", "_window")

    def __init__(self, window: Window, weekdays: frozenset[int] | None, fail_closed: bool) -> None:
        self._window = window
        self._weekdays = weekdays
        self._fail_closed = fail_closed
        self._walls = (window.closes_until,) if weekdays is None else (window.closes_until, MIDNIGHT)

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        if not moment.walls:
            return not self._fail_closed
        return not any(self._forbids(wall) for wall in moment.walls)

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        forbidding = _zones_where(moment, self._forbids)
        return max((next_boundary(moment.at, zone, self._walls) for zone in forbidding), default=None)

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        if not moment.walls:
            return "zone-unknown", {}
        wall = next((wall for wall in moment.walls if self._forbids(wall)), moment.walls[0])
        window: dict[str, JsonValue] = {
            "window_from": _clock(self._window.opens_from),
            "window_until": _clock(self._window.closes_until),
        }
        return "quiet-hours", _shown(wall) | window

    def _forbids(self, wall: datetime) -> bool:
        if self._weekdays is not None and wall.weekday() not in self._weekdays:
            return False
        return self._window.contains(wall.time())


class CampaignWindowCheck:
    """Allows only within the campaign's own hours on the callee's wall clock, where it has any (任务时段)."""

    __slots__ = ("_fail_closed",)

    def __init__(self, fail_closed: bool) -> None:
        self._fail_closed = fail_closed

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        windows = facts.campaign_windows
        if not windows:
            return True
        if not moment.walls:
            return not self._fail_closed
        return all(any(window.contains(wall.time()) for window in windows) for wall in moment.walls)

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        windows = facts.campaign_windows
        closed = _zones_where(moment, lambda wall: not any(window.contains(wall.time()) for window in windows))
        walls = [window.opens_from for window in windows]
        return max((next_boundary(moment.at, zone, walls) for zone in closed), default=None)

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        windows = facts.campaign_windows
        if not moment.walls:
            return "zone-unknown", {}
        closed = (w for w in moment.walls if windows and not any(window.contains(w.time()) for window in windows))
        shown = ", ".join(f"{_clock(window.opens_from)}-{_clock(window.closes_until)}" for window in windows)
        return "campaign-window", _shown(next(closed, moment.walls[0])) | {"windows": shown}


class CountCheck:
    """At most so many contacts or attempts within some days, rolling or by the callee's calendar (频次限制).

    Rolling: an attempt stops counting exactly `days` times 24 hours later. Calendar: today and the days before
    it on the callee's calendar; of several possible zones the one that counts most. Without a known zone the
    days are the last `days` times 24 hours and one, which no calendar exceeds.
    """

    __slots__ = ("_contacts_only", "_days", "_is_calendar", "_max", "_reason")

    def __init__(self, contacts_only: bool, max_count: int, days: int, is_calendar: bool) -> None:
        self._contacts_only = contacts_only
        self._max = max_count
        self._days = timedelta(days=days)
        self._is_calendar = is_calendar
        self._reason = ("contact-cap" if contacts_only else "attempt-cap") + ("-calendar" if is_calendar else "")

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        if len(facts.history.attempts) < self._max:
            return True
        return self._count(facts, self._since(moment)) < self._max

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        if self._is_calendar and moment.zones:
            full = (zone for zone in moment.zones if self._count(facts, self._calendar(moment.at, zone)) >= self._max)
            return max((next_boundary(moment.at, zone, (MIDNIGHT,)) for zone in full), default=None)
        counting = sorted(attempt.at for attempt in facts.history.attempts if self._counts(attempt))
        return counting[-self._max] + (moment.at - self._since(moment))

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        count = self._count(facts, self._since(moment))
        return self._reason, {"count": count, "max": self._max, "days": self._days.days}

    def _counts(self, attempt: PastAttempt) -> bool:
        return attempt.is_contact or not self._contacts_only

    def _count(self, facts: CallFacts, since: datetime) -> int:
        attempts = facts.history.attempts
        if self._contacts_only:
            return sum(1 for attempt in attempts if attempt.is_contact and attempt.at > since)
        return sum(1 for attempt in attempts if attempt.at > since)

    def _since(self, moment: Moment) -> datetime:
        """What happened after this instant counts."""
        if not self._is_calendar:
            return moment.at - self._days
        if not moment.zones:
            return moment.at - self._days - _LONGEST_DAY_EXTRA
        return min(self._calendar(moment.at, zone) for zone in moment.zones)

    def _calendar(self, at: datetime, zone: tzinfo) -> datetime:
        # The first instant of the day belongs to it, and `_count` leaves its bound out.
        return day_start(local_date(at, zone) - self._days + DAY, zone) - _TICK


def _zones_where(moment: Moment, applies: Callable[[datetime], bool]) -> Iterable[tzinfo]:
    return (zone for zone, wall in zip(moment.zones, moment.walls, strict=True) if applies(wall))


def _shown(wall: datetime) -> dict[str, JsonValue]:
    return {"local_time": wall.strftime("%H:%M:%S"), "zone": str(wall.tzinfo)}


def _clock(at: time) -> str:
    return at.strftime("%H:%M") if not at.second else at.strftime("%H:%M:%S")
