"""The kinds of rule that look at wall clocks and at the days of official calendars."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from enum import StrEnum

from baitie.domain.risk.checks import ZONE_UNKNOWN, Building, Check, RuleKind, Spoken
from baitie.domain.risk.facts import CallFacts, Moment
from baitie.domain.risk.table_reader import TableReader
from baitie.domain.risk.workdays import DayKind, OfficialCalendar
from baitie.kernel.journal import JsonValue
from baitie.kernel.time import Window

MIDNIGHT = time()


class ForbidWindowCheck:
    """Forbids a daily window on the callee's wall clock, on some days or all (禁呼时段).

    Days are weekdays, or the working days or holidays of an official calendar, which may move working days to a
    weekend. The day is the one that the callee's calendar shows at that very time. Without a known zone it forbids
    (`fail_closed`) or stays silent; so it does on days of a year whose official calendar is not known. It may speak of
    callees of some segments only, or of all but some; a segment that is not known is none of them.
    """

    only_relaxes = False
    __slots__ = (
        *("_calendar", "_day_kind", "_fail_closed", "_shown", "_spared"),
        *("_walls", "_weekdays", "is_same_daily", "only", "segments", "window"),
    )

    def __init__(
        self,
        window: Window,
        weekdays: frozenset[int] | None,
        fail_closed: bool,
        day_kind: DayKind | None = None,
        calendar: OfficialCalendar | None = None,
        only: frozenset[str] | None = None,
        spared: frozenset[str] | None = None,
    ) -> None:
        self.only = only
        """The segments that it speaks of; `None`: of everybody."""
        self._spared = spared
        self.segments = (only or frozenset()) | (spared or frozenset())
        self.window = window
        self._weekdays = weekdays
        self._fail_closed = fail_closed
        self._day_kind = day_kind
        self._calendar = calendar
        self.is_same_daily = weekdays is None and day_kind is None
        self._walls = (window.closes_until,) if self.is_same_daily else (window.closes_until, MIDNIGHT)
        self._shown: dict[str, JsonValue] = {
            "window_from": _clock(window.opens_from),
            "window_until": _clock(window.closes_until),
        }
        if day_kind is not None:
            self._shown["day_kind"] = day_kind.value

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        # Most rules are for all; of the others most do not speak of this callee.
        if self.only is not None and facts.segment not in self.only:
            return True
        if self._spared is not None and facts.segment in self._spared:
            return True
        if not moment.walls:
            return not self._fail_closed
        begins, ends = self.window.opens_from, self.window.closes_until
        for place, clock in enumerate(moment.clocks):
            is_within = begins <= clock < ends if begins < ends else clock >= begins or clock < ends
            if is_within and (self.is_same_daily or self._forbids(moment.walls[place])):
                return False
        return True

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        return moment.next_boundary(self._walls, self._forbids)

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        if not moment.walls:
            return "zone-unknown", {}
        place = next((place for place, wall in enumerate(moment.walls) if self._forbids(wall)), 0)
        reason = "quiet-hours" if self._day_kind is None else "quiet-hours-on-days"
        return reason, {**moment.shown(place), **self._shown}

    def _forbids(self, wall: datetime) -> bool:
        if self._weekdays is not None and wall.weekday() not in self._weekdays:
            return False
        return self.window.contains(wall.time()) and (self._day_kind is None or self._is_such_day(wall.date()))

    def _is_such_day(self, day: date) -> bool:
        is_workday = self._calendar.is_workday(day) if self._calendar is not None else None
        if is_workday is None:
            return self._fail_closed
        return is_workday is (self._day_kind is DayKind.WORKDAY)


class CampaignWindowCheck:
    """Allows only within the campaign's own hours on the callee's wall clock, where it has any (任务时段)."""

    only_relaxes = False
    is_same_daily = True
    __slots__ = ("_fail_closed",)

    def __init__(self, fail_closed: bool) -> None:
        self._fail_closed = fail_closed

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        windows = facts.campaign_windows
        if not windows:
            return True
        if not moment.walls:
            return not self._fail_closed
        for clock in moment.clocks:
            for window in windows:
                if window.contains(clock):
                    break
            else:
                return False
        return True

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
        place = next((place for place, wall in enumerate(moment.walls) if not _is_within(windows, wall)), 0)
        shown = ", ".join([f"{_clock(window.opens_from)}-{_clock(window.closes_until)}" for window in windows])
        return "campaign-window", {**moment.shown(place), "windows": shown}


def _is_within(windows: Iterable[Window], wall: datetime) -> bool:
    shown = wall.time()
    return any(window.contains(shown) for window in windows)


def _clock(at: time) -> str:
    return at.isoformat("seconds" if at.second else "minutes")


class Weekday(StrEnum):
    """Day of the week (星期), Monday first."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


def _forbid_window(reader: TableReader, building: Building) -> Check:
    days = reader.words("weekdays", Weekday)
    numbers = None if days is None else frozenset(place for place, day in enumerate(Weekday) if day in days)
    day_kind = reader.choice_or_none("on", DayKind)
    calendar = building.calendar_of(reader) if day_kind is not None else None
    window = Window(_wall(reader, "from"), _wall(reader, "until"))
    only, spared = _segments(reader, "segments"), _segments(reader, "segments_except")
    return ForbidWindowCheck(window, numbers, building.is_closed, day_kind, calendar, only, spared)


def _segments(reader: TableReader, field: str) -> frozenset[str] | None:
    words = reader.texts(field)
    return frozenset(word.casefold() for word in words) if words else None


def _wall(reader: TableReader, field: str) -> time:
    value = reader.need(field, time)
    if value.microsecond:
        raise reader.error("Windows begin and end at whole seconds.", field, "Leave out the fraction.")
    return value


KINDS: Mapping[str, RuleKind] = {
    "forbid_window": RuleKind(
        _forbid_window,
        {
            **ZONE_UNKNOWN,
            "quiet-hours": frozenset({"local_time", "zone", "window_from", "window_until"}),
            "quiet-hours-on-days": frozenset({"local_time", "zone", "window_from", "window_until", "day_kind"}),
        },
    ),
    "campaign_window": RuleKind(
        lambda reader, building: CampaignWindowCheck(building.is_closed),
        {
            **ZONE_UNKNOWN,
            "campaign-window": frozenset({"local_time", "zone", "windows"}),
            "no-campaign-window": frozenset(),
        },
    ),
}
