"""Freezing a callee after too many rejected and short calls in one day."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from baitie.domain.risk.checks import Spoken
from baitie.domain.risk.civil import DAY, day_start, local_date
from baitie.domain.risk.facts import CallFacts, Moment
from baitie.domain.risk.history import Freeze, PastAttempt

GATE_ACTOR = "gate"
"""Who froze, where a rule did it and no person."""

FREEZE_REASON = "rejected-and-short"


class FreezeAfterCheck:
    """Freezes for a period once rejected and short calls of one local day reach a count (拒接与短时通话冻结).

    It forbids nothing by itself: the freeze that it orders does. Where several zones are possible, the day with
    most counts; without a known zone the last 25 hours count, the longest a local day can be.
    """

    only_relaxes = True
    is_same_daily = False
    __slots__ = ("_events", "_freeze", "short_call_max_s")

    def __init__(self, events: int, freeze_days: int, short_call_max_s: int) -> None:
        self._events = events
        self._freeze = timedelta(days=freeze_days)
        self.short_call_max_s = short_call_max_s

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        return True

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        return None

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        count = self._count(facts, moment.at)
        return FREEZE_REASON, {"count": count, "max": self._events, "freeze_days": self._freeze.days}

    def frozen_until(self, facts: CallFacts) -> datetime | None:
        """The end of the freeze that the newest attempt brings about, if it does."""
        if not facts.history.attempts:
            return None
        newest = max(facts.history.attempts, key=lambda attempt: attempt.at)
        if not _is_event(newest) or self._count(facts, newest.at) < self._events:
            return None
        return facts.civil_now + self._freeze

    def _count(self, facts: CallFacts, at: datetime) -> int:
        events = [attempt.at for attempt in facts.history.attempts if _is_event(attempt)]
        if not facts.zones:
            since = at - DAY - timedelta(hours=1)
            return sum(1 for event in events if event > since)
        starts = (day_start(local_date(at, zone), zone) for zone in facts.zones)
        return max(sum(1 for event in events if event >= start) for start in starts)


def strictest_freeze(facts: CallFacts, rules: Iterable[tuple[str, FreezeAfterCheck]]) -> Freeze | None:
    """The longest freeze that the rules order after the newest attempt, unless one as long already holds."""
    ordered = [(until, rule_id) for rule_id, check in rules if (until := check.frozen_until(facts)) is not None]
    if not ordered:
        return None
    until, rule_id = max(ordered)
    if any(freeze.frozen_until >= until for freeze in facts.freezes):
        return None
    return Freeze(facts.callee_id, facts.civil_now, until, FREEZE_REASON, rule_id, GATE_ACTOR)


def _is_event(attempt: PastAttempt) -> bool:
    return attempt.is_rejected or attempt.is_short
