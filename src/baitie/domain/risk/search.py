"""Which of some rules object at a moment, and the earliest time at which none of them does."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from baitie.domain.risk.calendar_checks import ForbidWindowCheck
from baitie.domain.risk.checks import FOREVER_YEAR, Check
from baitie.domain.risk.civil import DAY, day_start, offset_changes
from baitie.domain.risk.counting import CountCheck
from baitie.domain.risk.facts import CallFacts, Moment
from baitie.domain.risk.freezing import FreezeAfterCheck
from baitie.domain.risk.rulepack import Rule
from baitie.domain.risk.wishes import FatigueCheck

ROUNDS_MAX = 128
"""How often the search may be thrown back: windows on some days only may do so twice a day."""

SEARCH_DAYS = 366
"""Windows that do not meet on one day meet after some change of a clock or never; a year shows all changes."""

_SEARCHED = SEARCH_DAYS * DAY

_OF_HISTORY = (CountCheck, FreezeAfterCheck, FatigueCheck)
"""Checks that never object to a call to somebody to whom no call was placed and no card sent."""

_TICK = timedelta(microseconds=1)
_NEVER = datetime.max.replace(tzinfo=UTC)
_Asked = tuple[Rule, Callable[[CallFacts, Moment], bool]]
Clearing = tuple[datetime | None, bool]
"""The earliest time at which nothing objects, and True; or how far the search looked (`None`: for ever), and False."""


class Moments:
    """Moments (时刻集) of one verdict, each read once. At most `ROUNDS_MAX` of each search."""

    __slots__ = ("_changes", "_read", "_zones")

    def __init__(self, now: Moment) -> None:
        self._zones = now.zones
        self._read = {now.at: now}
        self._changes: dict[int, list[datetime]] = {}

    def at(self, at: datetime) -> Moment:
        """The moment of this instant."""
        moment = self._read.get(at)
        if moment is None:
            moment = self._read[at] = Moment(at, self._zones)
        return moment

    def next_change(self, after: datetime) -> datetime | None:
        """When a clock of the callee's zones next changes its offset; `None` where none does within `SEARCH_DAYS`."""
        year = after.astimezone(UTC).year
        if year not in self._changes:
            begins, until = datetime(year, 1, 1, tzinfo=UTC), datetime(min(year + 2, FOREVER_YEAR), 1, 1, tzinfo=UTC)
            self._changes[year] = sorted(at for zone in self._zones for at in offset_changes(begins, until, zone))
        return next((change for change in self._changes[year] if change > after), None)


class DailyWindows:
    """Daily windows (每日时段) of some rules, those that say the same every day to everybody, looked up together.

    Between two of their boundaries none of them changes its mind, and most hours forbid nothing.
    """

    __slots__ = ("_begins", "_is_closed", "rules")

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = frozenset(rule for rule in rules if _is_daily_for_all(rule.check))
        windows = [rule.check.window for rule in self.rules if isinstance(rule.check, ForbidWindowCheck)]
        self._begins = sorted({time(), *(at for each in windows for at in (each.opens_from, each.closes_until))})
        self._is_closed = [any(window.contains(at) for window in windows) for at in self._begins]

    def may_object(self, moment: Moment) -> bool:
        """Whether any of the rules may object now. Without a known zone each has to be asked."""
        for clock in moment.clocks:
            if self._is_closed[bisect_right(self._begins, clock) - 1]:
                return True
        return not moment.clocks


class RuleSet:
    """Rule set (规则组): some rules, asked together."""

    __slots__ = ("_asked", "_awake", "_changing", "_daily", "_dated", "rules")

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self._dated = tuple((_settled_at(rule), rule) for rule in rules if rule.effective_from or rule.effective_until)
        self._daily = DailyWindows(rules)
        self._awake: dict[tuple[Rule, ...], tuple[tuple[Rule, ...], tuple[str, ...]]] = {}
        self._asked: dict[tuple[bool, bool, bool], tuple[_Asked, ...]] = {}
        self._changing = tuple((rule, rule.check.holds) for rule in rules if not rule.check.only_relaxes)

    def against(self, facts: CallFacts, moment: Moment) -> list[Rule]:
        """The rules in force that object at this moment."""
        return self.among_in_force(self.objecting(facts, moment), moment)

    def objecting(self, facts: CallFacts, moment: Moment) -> list[Rule]:
        """The rules that object at this moment, also those that are not in force then."""
        # Most callees were never called: what counts calls and cards has nothing to say of them.
        is_stranger = not facts.history.attempts and not facts.cards_sent
        kind = is_stranger, facts.segment is not None, self._daily.may_object(moment)
        asked = self._asked.get(kind)
        if asked is None:
            asked = self._asked[kind] = tuple((rule, rule.check.holds) for rule in self._that_may_object(*kind))
        return [rule for rule, holds in asked if not holds(facts, moment)]

    def _that_may_object(self, is_stranger: bool, has_segment: bool, asks_daily: bool) -> list[Rule]:
        """The rules that can object to a callee of whom these things are known, in their order."""
        asleep = frozenset() if asks_daily else self._daily.rules
        mute = _OF_HISTORY if is_stranger else ()
        return [
            rule
            for rule in self.rules
            if rule not in asleep and not isinstance(rule.check, mute) and (has_segment or _speaks_of_all(rule.check))
        ]

    def among_in_force(self, rules: list[Rule], moment: Moment) -> list[Rule]:
        """Those of some of these rules that are in force at this moment."""
        return [rule for rule in rules if _is_in_force(rule, moment)] if rules and self._dated else rules

    def in_force(self, moment: Moment) -> tuple[Rule, ...]:
        """The rules in force at this moment."""
        return self._awake_at(moment)[0]

    def ids_in_force(self, moment: Moment) -> tuple[str, ...]:
        """Their ids."""
        return self._awake_at(moment)[1]

    def _awake_at(self, moment: Moment) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
        at = moment.at
        asleep = tuple([rule for settled_at, rule in self._dated if at < settled_at and not _is_in_force(rule, moment)])
        awake = self._awake.get(asleep)
        if awake is None:  # of some rules with dates as many subsets as they begin and end at days
            rules = tuple(rule for rule in self.rules if rule not in asleep)
            awake = self._awake[asleep] = rules, tuple(rule.rule_id for rule in rules)
        return awake

    def clear_of_changing(self, facts: CallFacts, moment: Moment, moments: Moments) -> Clearing:
        """From when none of the rules objects that may object again: hours, wishes, consents."""
        return _clear(self._changing, facts, moment, moments)

    def clear_of_all(self, facts: CallFacts, moment: Moment, moments: Moments, objected: Sequence[Rule]) -> Clearing:
        """From when no rule objects. `objected` are those that objected before `moment`.

        Of the others, those that only relax need not be asked again.
        """
        relaxing = [(rule, rule.check.holds) for rule in objected if rule.check.only_relaxes and rule in self.rules]
        return _clear((*relaxing, *self._changing), facts, moment, moments)


def _speaks_of_all(check: Check) -> bool:
    return not isinstance(check, ForbidWindowCheck) or check.only is None


def _is_daily_for_all(check: Check) -> bool:
    return isinstance(check, ForbidWindowCheck) and check.is_same_daily and not check.segments


def clear_alone(rule: Rule, facts: CallFacts, moment: Moment, moments: Moments) -> datetime | None:
    """When this rule, which objects at `moment`, would alone allow the call; `None` where the search finds no time."""
    holds, is_dated = rule.check.holds, rule.effective_from is not None or rule.effective_until is not None
    end = _earliest(rule, facts, moment)
    if end is None:
        return None
    moment = moments.at(end if end > moment.at else moment.at + _TICK)
    if holds(facts, moment) or (is_dated and not _is_in_force(rule, moment)):
        return moment.at
    at, is_found = _clear(((rule, holds),), facts, moment, moments)
    return at if is_found else None


def _clear(asked: Sequence[_Asked], facts: CallFacts, moment: Moment, moments: Moments) -> Clearing:
    """Each objecting rule names a time before which it surely objects; the latest of these is asked next.

    Where rules that say the same every day have filled a whole day, they fill every day until a clock changes.
    """
    same_from, search_until = moment, moment.at + _SEARCHED
    for _ in range(ROUNDS_MAX):
        objecting = [rule for rule, holds in asked if not holds(facts, moment)]
        against = [rule for rule in objecting if _is_in_force(rule, moment)]
        if not against:
            return moment.at, True
        later, is_same_daily = moment.at, False
        for rule in against:
            end = _earliest(rule, facts, moment)
            if end is None:
                return None, False
            if end > later:
                later, is_same_daily = end, rule.check.is_same_daily and rule.effective_until is None
        moment = moments.at(later if later is not moment.at else later + _TICK)
        if not is_same_daily or _offsets(moment) != _offsets(same_from):
            same_from = moment
        elif moment.at - same_from.at >= DAY:
            change = moments.next_change(moment.at)
            if change is None or change > search_until:
                return max(search_until, moment.at), False
            same_from = moment = moments.at(change)
    return moment.at, False


def _offsets(moment: Moment) -> list[timedelta | None]:
    return [wall.utcoffset() for wall in moment.walls]


def _settled_at(rule: Rule) -> datetime:
    """From when on the rule is in force in every zone, for good."""
    if rule.effective_until is not None or rule.effective_from is None or rule.effective_from == date.max:
        return _NEVER
    return datetime.combine(rule.effective_from, time(), UTC) + DAY


def _is_in_force(rule: Rule, moment: Moment) -> bool:
    """Whether the rule holds on the date of any of the callee's possible zones (UTC where none is known)."""
    if rule.effective_from is None and rule.effective_until is None:
        return True
    dates = [wall.date() for wall in moment.walls] or [moment.at.astimezone(UTC).date()]
    begins, ends = rule.effective_from or date.min, rule.effective_until or date.max
    return any(begins <= day < ends for day in dates)


def _earliest(rule: Rule, facts: CallFacts, moment: Moment) -> datetime | None:
    """When it may help to ask the objecting rule again: by its check, or when it goes out of force."""
    by_check = rule.check.earliest(facts, moment)
    if rule.effective_until is None or not moment.zones:
        return by_check
    ends = max([day_start(rule.effective_until, zone) for zone in moment.zones])
    if ends <= moment.at:
        return by_check
    return ends if by_check is None else min(by_check, ends)
