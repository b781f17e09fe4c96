"""Which of some rules object at a moment, and the earliest time at which none of them does."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from baitie.domain.risk.civil import DAY, day_start
from baitie.domain.risk.facts import CallFacts, Moment
from baitie.domain.risk.rulepack import Rule

ROUNDS_MAX = 128
"""How often the search may be thrown back: two windows that never meet do so twice a day."""

_TICK = timedelta(microseconds=1)
_NEVER = datetime.max.replace(tzinfo=UTC)
_Asked = tuple[Rule, Callable[[CallFacts, Moment], bool]]


class Moments:
    """Moments (时刻集) of one verdict, each read once. At most `ROUNDS_MAX` of each search."""

    __slots__ = ("_read", "_zones")

    def __init__(self, now: Moment) -> None:
        self._zones = now.zones
        self._read = {now.at: now}

    def at(self, at: datetime) -> Moment:
        """The moment of this instant."""
        moment = self._read.get(at)
        if moment is None:
            moment = self._read[at] = Moment(at, self._zones)
        return moment


class RuleSet:
    """Rule set (规则组): some rules, asked together."""

    __slots__ = ("_changing", "_dated", "_holds", "rules")

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self._dated = tuple((_settled_at(rule), rule) for rule in rules if rule.effective_from or rule.effective_until)
        self._holds = tuple((rule, rule.check.holds) for rule in rules)
        self._changing = tuple((rule, rule.check.holds) for rule in rules if not rule.check.only_relaxes)

    def against(self, facts: CallFacts, moment: Moment) -> list[Rule]:
        """The rules in force that object at this moment."""
        return self.among_in_force(self.objecting(facts, moment), moment)

    def objecting(self, facts: CallFacts, moment: Moment) -> list[Rule]:
        """The rules that object at this moment, also those that are not in force then."""
        return [rule for rule, holds in self._holds if not holds(facts, moment)]

    def among_in_force(self, rules: list[Rule], moment: Moment) -> list[Rule]:
        """Those of some of these rules that are in force at this moment."""
        return [rule for rule in rules if _is_in_force(rule, moment)] if rules and self._dated else rules

    def in_force(self, moment: Moment) -> tuple[Rule, ...]:
        """The rules in force at this moment."""
        asleep = [rule for settled_at, rule in self._dated if moment.at < settled_at and not _is_in_force(rule, moment)]
        return tuple([rule for rule in self.rules if rule not in asleep]) if asleep else self.rules

    def clear_from(
        self, facts: CallFacts, moment: Moment, moments: Moments, objected: Sequence[Rule]
    ) -> datetime | None:
        """The earliest time, not before `moment`, at which no rule objects; `None` where the search finds none.

        `objected` are the rules that objected now, before `moment`. Of the others, those that only relax need not
        be asked again.
        """
        relaxing = [(rule, rule.check.holds) for rule in objected if rule.check.only_relaxes and rule in self.rules]
        asked = (*relaxing, *self._changing) if relaxing else self._changing
        return _clear(asked, facts, moment, moments)


def clear_alone(rule: Rule, facts: CallFacts, moment: Moment, moments: Moments) -> datetime | None:
    """When this rule, which objects at `moment`, would alone allow the call; `None` where the search finds no time."""
    holds, is_dated = rule.check.holds, rule.effective_from is not None or rule.effective_until is not None
    for _ in range(ROUNDS_MAX):
        end = _earliest(rule, facts, moment)
        if end is None:
            return None
        moment = moments.at(end if end > moment.at else moment.at + _TICK)
        if holds(facts, moment) or (is_dated and not _is_in_force(rule, moment)):
            return moment.at
    return None


def _clear(asked: Sequence[_Asked], facts: CallFacts, moment: Moment, moments: Moments) -> datetime | None:
    """Each objecting rule names a time before which it surely objects; the latest of these is asked next."""
    for _ in range(ROUNDS_MAX):
        objecting = [rule for rule, holds in asked if not holds(facts, moment)]
        against = [rule for rule in objecting if _is_in_force(rule, moment)]
        if not against:
            return moment.at
        later = moment.at
        for rule in against:
            end = _earliest(rule, facts, moment)
            if end is None:
                return None
            if end > later:
                later = end
        moment = moments.at(later if later is not moment.at else later + _TICK)
    return None


def _settled_at(rule: Rule) -> datetime:
    """From when on the rule is in force in every zone, for good."""
    if rule.effective_until is not None or rule.effective_from is None:
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
