"""The kinds of rule that look at wall clocks, calendars and counts."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from baitie.domain.risk.checks import Spoken
from baitie.domain.risk.civil import DAY, day_start
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

    __slots__ = ("_fail_closed", "_shown", "_walls", "_weekdays", "_window")

    def __init__(self, window: Window, weekdays: frozenset[int] | None, fail_closed: bool) -> None:
        self._window = window
        self._weekdays = weekdays
        self._fail_closed = fail_closed
        self._walls = (window.closes_until,) if weekdays is None else (window.closes_until, MIDNIGHT)
        self._shown = {"window_from": _clock(window.opens_from), "window_until": _clock(window.closes_until)}

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        if not moment.walls:
            return not self._fail_closed
        for wall in moment.walls:  # noqa: SIM110 - a generator costs a tenth of the verdict here
            if self._forbids(wall):
                return False
        return True

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        return moment.next_boundary(self._walls, self._forbids)

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        if not moment.walls:
            return "zone-unknown", {}
        wall = next((wall for wall in moment.walls if self._forbids(wall)), moment.walls[0])
        return "quiet-hours", {**_shown(wall), **self._shown}

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
        return all(_is_within(windows, wall) for wall in moment.walls)

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        windows = facts.campaign_windows
        openings = tuple([window.opens_from for window in windows])
        return moment.next_boundary(openings, lambda wall: not _is_within(windows, wall))

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        windows = facts.campaign_windows
        if not windows:
            return "no-campaign-window", {}
        if not moment.walls:
            return "zone-unknown", {}
        closed = (wall for wall in moment.walls if not _is_within(windows, wall))
        shown = ", ".join(f"{_clock(window.opens_from)}-{_clock(window.closes_until)}" for window in windows)
        return "campaign-window", _shown(next(closed, moment.walls[0])) | {"windows": shown}


class CountCheck:
    """At most so many contacts or attempts within some days, rolling or by the callee's calendar (频次限制).

    Rolling: an attempt stops counting exactly `days` times 24 hours later. Calendar: today and the days before
    it on the callee's calendar; of several possible zones the one that counts most. Without a known zone the
    days are the last `days` times 24 hours and one, which no calendar exceeds.
    """

    __slots__ = ("_contacts_only", "_days", "_is_calendar", "_max", "_reason", "_widest")

    def __init__(self, contacts_only: bool, max_count: int, days: int, is_calendar: bool) -> None:
        self._contacts_only = contacts_only
        self._max = max_count
        self._days = timedelta(days=days)
        self._widest = self._days + _LONGEST_DAY_EXTRA if is_calendar else self._days
        self._is_calendar = is_calendar
        self._reason = ("contact-cap" if contacts_only else "attempt-cap") + ("-calendar" if is_calendar else "")

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        if len(facts.history.attempts) < self._max:
            return True
        # The widest span first: most callees are far from their caps, and then no calendar needs asking.
        if self._count(facts, moment.at - self._widest) < self._max:
            return True
        return self._is_calendar and self._count(facts, self._since(moment)) < self._max

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        if self._is_calendar and moment.zones:
            return moment.next_boundary((MIDNIGHT,), lambda wall: self._count(facts, self._calendar(wall)) >= self._max)
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
            return len([attempt for attempt in attempts if attempt.is_contact and attempt.at > since])
        return len([attempt for attempt in attempts if attempt.at > since])

    def _since(self, moment: Moment) -> datetime:
        """What happened after this instant counts."""
        if not self._is_calendar or not moment.walls:
            return moment.at - self._widest
        return min([self._calendar(wall) for wall in moment.walls])

    def _calendar(self, wall: datetime) -> datetime:
        # The first instant of the day belongs to it, and `_count` leaves its bound out.
        assert wall.tzinfo is not None
        return day_start(wall.date() - self._days + DAY, wall.tzinfo) - _TICK


def _is_within(windows: Iterable[Window], wall: datetime) -> bool:
    shown = wall.time()
    return any(window.contains(shown) for window in windows)


def _shown(wall: datetime) -> dict[str, JsonValue]:
    return {"local_time": wall.time().isoformat("seconds"), "zone": str(wall.tzinfo)}


def _clock(at: time) -> str:
    return at.isoformat("seconds" if at.second else "minutes")
