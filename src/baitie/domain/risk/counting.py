"""Caps and cool-downs: how often a callee was called, and how long after which event nobody calls again."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from enum import StrEnum

from baitie.domain.risk.checks import Building, Check, Days, RuleKind, Spoken
from baitie.domain.risk.civil import DAY, day_start, local_date
from baitie.domain.risk.facts import CallFacts, Moment
from baitie.domain.risk.history import HISTORY_EVENTS_MAX, HISTORY_KEPT_DAYS, PastAttempt
from baitie.domain.risk.standing import Scope
from baitie.domain.risk.table_reader import TableReader

CAP_DAYS_MAX = HISTORY_KEPT_DAYS - 1
"""A cap over more days than the history keeps would silently allow too much."""

CAP_COUNT_MAX = HISTORY_EVENTS_MAX - 1
FREEZE_DAYS_MAX = 3660
TALK_MIN_MAX_S = 3600

_MIDNIGHT = time()
_TICK = timedelta(microseconds=1)
_LONGEST_DAY_EXTRA = timedelta(hours=1)  # a day on which the clocks go back


class Counted(StrEnum):
    """What a cap counts (计数对象)."""

    CONTACT = "contact"
    ATTEMPT = "attempt"
    ANSWERED = "answered"
    EFFECTIVE_CONVERSATION = "effective_conversation"


class CooldownAfter(StrEnum):
    """The event after which nobody calls for some days (间隔起因)."""

    CONTACT = "contact"
    ANSWERED = "answered"
    CONVERSATION = "conversation"
    COMPLAINT = "complaint"


class Attempts:
    """Chooses the attempts of a callee that matter to one rule (计数范围).

    `talk_min_s` is the least talk of an effective conversation. Where a scope or a talk is not known the attempt
    matters if `counts_unknown`, and does not otherwise; so with all of them where the call's own scope is unknown.
    Of a series only its own attempts matter. With `except_series` attempts of any series do not.
    """

    __slots__ = (
        *("_counted", "_counts_unknown", "_except_series", "_is_plain", "_is_plain_attempt", "_is_plain_contact"),
        *("_per", "_talk_min_s"),
    )

    def __init__(
        self, counted: Counted, per: Scope, talk_min_s: int, counts_unknown: bool, except_series: bool = False
    ) -> None:
        self._counted = counted
        self._per = per
        self._talk_min_s = talk_min_s
        self._counts_unknown = counts_unknown
        self._except_series = except_series
        self._is_plain = per in (Scope.CALLEE, Scope.ORGANISATION)
        self._is_plain_attempt = self._is_plain and counted is Counted.ATTEMPT
        self._is_plain_contact = self._is_plain and counted is Counted.CONTACT

    def since(self, facts: CallFacts, since: datetime) -> list[datetime]:
        """When those after `since` were made."""
        attempts = facts.history.attempts
        if self._is_plain_attempt:
            made = [attempt for attempt in attempts if attempt.at > since]
        elif self._is_plain_contact:
            made = [attempt for attempt in attempts if attempt.is_contact and attempt.at > since]
        else:
            made = [attempt for attempt in attempts if attempt.at > since and self._matters(attempt, facts)]
        if self._except_series:
            return [attempt.at for attempt in made if attempt.series is None]
        return [attempt.at for attempt in made]

    def _matters(self, attempt: PastAttempt, facts: CallFacts) -> bool:
        if self._counted is Counted.CONTACT and not attempt.is_contact:
            return False
        if self._counted is Counted.ANSWERED and not attempt.is_answered:
            return False
        if self._counted is Counted.EFFECTIVE_CONVERSATION and not self._is_effective(attempt):
            return False
        return self._is_plain or self._is_same(attempt, facts)

    def _is_effective(self, attempt: PastAttempt) -> bool:
        if not attempt.is_answered:
            return False
        if self._talk_min_s == 0:
            return True
        return self._counts_unknown if attempt.talk_s is None else attempt.talk_s >= self._talk_min_s

    def _is_same(self, attempt: PastAttempt, facts: CallFacts) -> bool:
        if self._per is Scope.SERIES:
            return attempt.series is not None and attempt.series == facts.series_key
        past, own = _key(attempt, self._per), _key(facts, self._per)
        return self._counts_unknown if past is None or own is None else past == own


def _key(of: PastAttempt | CallFacts, per: Scope) -> str | None:
    if per is Scope.DEBT:
        return of.debt_key
    if per is Scope.CAMPAIGN:
        return of.campaign_id
    return of.presented if per is Scope.NUMBER else of.purpose


class CountCheck:
    """At most so many attempts, contacts or talks within some days, rolling or by the callee's calendar (频次上限).

    Rolling: an attempt stops counting exactly `days` times 24 hours later. Calendar: today and the days before
    it on the callee's calendar; of several possible zones the one that counts most. Without a known zone the
    days are the last `days` times 24 hours and one, which no calendar exceeds. With `except_series` calls of a series
    are not held to it, and do not count.
    """

    only_relaxes = True
    is_same_daily = False
    __slots__ = (
        "_attempts",
        "_days",
        "_except_series",
        "_is_calendar",
        "_is_of_series",
        "_max",
        "_reason",
        "_said",
        "_widest",
    )

    def __init__(
        self,
        counted: Counted,
        per: Scope,
        talk_min_s: int,
        max_count: int,
        days: int,
        is_calendar: bool,
        closed: bool,
        except_series: bool = False,
    ) -> None:
        self._attempts = Attempts(counted, per, talk_min_s, closed, except_series)
        self._except_series = except_series
        self._is_of_series = per is Scope.SERIES
        self._max = max_count
        self._days = timedelta(days=days)
        self._widest = self._days + _LONGEST_DAY_EXTRA if is_calendar else self._days
        self._is_calendar = is_calendar
        window = "calendar" if is_calendar else "rolling"
        is_usual = per is Scope.CALLEE and counted in (Counted.ATTEMPT, Counted.CONTACT)
        self._reason = f"{counted.value}-cap{'-calendar' if is_calendar else ''}" if is_usual else "count-cap"
        self._said = {} if is_usual else {"counted": counted.value, "per": per.value, "window": window}

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        if len(facts.history.attempts) < self._max:
            return True
        if facts.series is None:
            if self._is_of_series:
                return True
        elif self._except_series and facts.series_key is not None:
            return True
        # The widest span first: most callees are far from their caps, and then no calendar needs asking.
        if len(self._attempts.since(facts, moment.at - self._widest)) < self._max:
            return True
        return self._is_calendar and self._count(facts, self._since(moment)) < self._max

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        if self._is_calendar and moment.zones:
            return moment.next_boundary((_MIDNIGHT,), lambda wall: self._count(facts, self._begins(wall)) >= self._max)
        since = self._since(moment)
        return sorted(self._attempts.since(facts, since))[-self._max] + (moment.at - since)

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        count = self._count(facts, self._since(moment))
        return self._reason, {"count": count, "max": self._max, "days": self._days.days, **self._said}

    def _count(self, facts: CallFacts, since: datetime) -> int:
        return len(self._attempts.since(facts, since))

    def _since(self, moment: Moment) -> datetime:
        """What happened after this instant counts."""
        if not self._is_calendar or not moment.walls:
            return moment.at - self._widest
        return min([self._begins(wall) for wall in moment.walls])

    def _begins(self, wall: datetime) -> datetime:
        # The first instant of the day belongs to it, and `since` leaves its bound out.
        assert wall.tzinfo is not None
        return day_start(wall.date() - self._days + DAY, wall.tzinfo) - _TICK


class CooldownCheck:
    """Nobody calls for some days of the callee's calendar after an event (间隔期).

    The day of the event counts as day `day0_counts_as`: with 1, seven days are that day and the next six. Of
    several possible zones the latest end holds; without a known zone the latest that any zone can have.
    """

    only_relaxes = True
    is_same_daily = False
    __slots__ = ("_after", "_attempts", "_days", "_own_days", "_per", "_surely_over")

    def __init__(
        self, after: CooldownAfter, per: Scope, talk_min_s: int, days: int, day0_counts_as: int, closed: bool
    ) -> None:
        self._after = after
        self._per = per
        counted = Counted.EFFECTIVE_CONVERSATION if after is CooldownAfter.CONVERSATION else None
        is_complaint = after is CooldownAfter.COMPLAINT
        self._attempts = None if is_complaint else Attempts(counted or Counted(after.value), per, talk_min_s, closed)
        self._days = days
        self._own_days = timedelta(days=days + 1 - day0_counts_as)
        self._surely_over = self._own_days + DAY

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        newest = self._newest(facts, moment)
        return newest is None or moment.at >= self._over_at(newest, moment)

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        newest = self._newest(facts, moment)
        return moment.at if newest is None else self._over_at(newest, moment)

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        newest = self._newest(facts, moment)
        if newest is not None and moment.zones:
            newest = newest.astimezone(moment.zones[0])
        event_on = "" if newest is None else newest.date().isoformat()
        return "cooldown", {
            "after": self._after.value,
            "days": self._days,
            "event_on": event_on,
            "per": self._per.value,
        }

    def _newest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        """The newest event that can still matter: the others end before it."""
        since = moment.at - self._surely_over
        if self._attempts is None:
            if not facts.complaints:
                return None
            return max((c.received_at for c in facts.complaints if c.received_at > since), default=None)
        if not facts.history.attempts:
            return None
        return max(self._attempts.since(facts, since), default=None)

    def _over_at(self, event: datetime, moment: Moment) -> datetime:
        if not moment.zones:
            return event + self._own_days + _LONGEST_DAY_EXTRA
        return max([day_start(local_date(event, zone) + self._own_days, zone) for zone in moment.zones])


def _max_count(reader: TableReader, building: Building) -> Check:
    counted = reader.choice("of", Counted)
    return CountCheck(
        counted=counted,
        per=reader.choice_or_none("per", Scope) or Scope.CALLEE,
        talk_min_s=_talk_min_s(reader) if counted is Counted.EFFECTIVE_CONVERSATION else 0,
        max_count=reader.count("max", 1, CAP_COUNT_MAX),
        days=reader.count("days", 1, CAP_DAYS_MAX),
        is_calendar=reader.choice("window", Days) is Days.CALENDAR,
        closed=building.is_closed,
        except_series=reader.optional("except_series", bool) or False,
    )


def _cooldown(reader: TableReader, building: Building) -> Check:
    after = reader.choice("after", CooldownAfter)
    is_complaint = after is CooldownAfter.COMPLAINT
    return CooldownCheck(
        after=after,
        per=Scope.CALLEE if is_complaint else reader.choice_or_none("per", Scope) or Scope.CALLEE,
        talk_min_s=_talk_min_s(reader) if after is CooldownAfter.CONVERSATION else 0,
        days=reader.count("days", 1, FREEZE_DAYS_MAX if is_complaint else CAP_DAYS_MAX - 1),
        day0_counts_as=reader.count("day0_counts_as", 0, 1),
        closed=building.is_closed,
    )


def _talk_min_s(reader: TableReader) -> int:
    return reader.count("talk_min_s", 0, TALK_MIN_MAX_S)


KINDS: Mapping[str, RuleKind] = {
    "max_count": RuleKind(
        _max_count,
        {
            "contact-cap": frozenset({"count", "max", "days"}),
            "attempt-cap": frozenset({"count", "max", "days"}),
            "contact-cap-calendar": frozenset({"count", "max", "days"}),
            "attempt-cap-calendar": frozenset({"count", "max", "days"}),
            "count-cap": frozenset({"count", "max", "days", "counted", "per", "window"}),
        },
    ),
    "cooldown": RuleKind(_cooldown, {"cooldown": frozenset({"after", "days", "event_on", "per"})}),
}
