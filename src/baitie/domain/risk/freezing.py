"""Freezing a callee after too many calls that were unwelcome, by indicators that the enterprise chooses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from baitie.domain.risk.checks import Building, Check, Days, RuleKind, Spoken
from baitie.domain.risk.civil import DAY, day_start, local_date
from baitie.domain.risk.counting import CAP_COUNT_MAX, CAP_DAYS_MAX, FREEZE_DAYS_MAX
from baitie.domain.risk.facts import CallFacts, Moment
from baitie.domain.risk.history import Freeze, PastAttempt
from baitie.domain.risk.table_reader import TableReader
from baitie.kernel.journal import JsonValue

SHORT_CALL_MAX_S = 600

GATE_ACTOR = "gate"
"""Who froze, where a rule did it and no person."""

FREEZE_REASON = "rejected-and-short"
FREEZE_REASON_OF_OWN = "freeze-indicators"
"""The reason of a freeze by other indicators than the usual two of one day."""

_LONGEST_DAY_EXTRA = timedelta(hours=1)  # a day on which the clocks go back
_MIDNIGHT = time()


class FreezeIndicator(StrEnum):
    """What counts towards a freeze (风控指标)."""

    REJECTED = "rejected"
    SHORT = "short"  # answered by a person, and talked for `short_call_max_s` or less
    UNANSWERED = "unanswered"  # rang, or could have, and was neither answered nor rejected
    HUNG_UP = "hung_up"  # the callee ended the talk within `hang_up_max_s`
    SAID_NO = "said_no"  # refused in the call: by key, or to the agent


USUAL_INDICATORS = frozenset({FreezeIndicator.REJECTED, FreezeIndicator.SHORT})


class FreezePer(StrEnum):
    """Among which calls to a callee a freeze counts (冻结统计范围)."""

    ORGANISATION = "organisation"
    CAMPAIGN = "campaign"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class FreezeTerms:
    """What freezes, and for how long (冻结条件): the `events`-th event within `days` freezes for `freeze_days`."""

    events: int
    freeze_days: int
    indicators: frozenset[FreezeIndicator] = USUAL_INDICATORS
    short_call_max_s: int = 0
    hang_up_max_s: int = 0
    days: int = 1
    is_calendar: bool = True
    per: FreezePer = FreezePer.ORGANISATION


class FreezeAfterCheck:
    """Freezes for a period once events of some kinds reach a count within some days (风控冻结).

    It forbids nothing by itself: the freeze that it orders does. It speaks as an advice where one more event would
    freeze. Calendar days are the callee's: of several possible zones the one with most counts; without a known zone
    the last days of 24 hours and one hour, the longest that they can be. Rolling, an event stops counting `days`
    times 24 hours later. An attempt of which campaign or agent are not known counts for each of them.
    """

    only_relaxes = True
    is_same_daily = False
    __slots__ = (
        *("_counts_unanswered", "_freeze", "_last_but", "_reason", "_span", "_terms", "_wants", "_widest"),
        "short_call_max_s",
    )

    def __init__(self, terms: FreezeTerms) -> None:
        self._terms = terms
        self._last_but = terms.events - 1
        self._counts_unanswered = FreezeIndicator.UNANSWERED in terms.indicators
        # In Python 3.11 a member of an enumeration is slow to hash, and these are asked for in each verdict.
        self._wants = tuple(indicator in terms.indicators for indicator in FreezeIndicator)
        self._freeze = timedelta(days=terms.freeze_days)
        self._span = timedelta(days=terms.days)
        self._widest = self._span + _LONGEST_DAY_EXTRA if terms.is_calendar else self._span
        is_usual = terms.indicators == USUAL_INDICATORS and terms.is_calendar and terms.days == 1
        self._reason = FREEZE_REASON if is_usual else FREEZE_REASON_OF_OWN
        self.short_call_max_s = terms.short_call_max_s if FreezeIndicator.SHORT in terms.indicators else 0

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        """Whether one more event would not yet freeze. Who is frozen already needs no warning."""
        attempts, last_but = facts.history.attempts, self._last_but
        if len(attempts) < last_but or last_but == 0:
            return True
        # Few callees have so many unwelcome calls at all, whenever they were.
        if not self._counts_unanswered:
            unwelcome = [a for a in attempts if a.is_rejected or a.is_short or a.said_no or a.hung_up]
            if len(unwelcome) < last_but:
                return True
        if any(freeze.frozen_until > moment.at for freeze in facts.freezes):
            return True
        return self._count(facts, moment.at, facts.campaign_id, None) < last_but

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        if self._terms.is_calendar and moment.zones:
            return moment.next_boundary((_MIDNIGHT,), lambda _: True)
        events = sorted(self._events(facts, moment.at - self._widest, facts.campaign_id, None))
        return events[-(self._terms.events - 1)] + self._widest

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        terms = self._terms
        count = self._count(facts, moment.at, facts.campaign_id, None)
        said: dict[str, JsonValue] = {"count": count, "max": terms.events, "freeze_days": terms.freeze_days}
        if self._reason == FREEZE_REASON and self.holds(facts, moment):
            return FREEZE_REASON, said
        window = "calendar" if terms.is_calendar else "rolling"
        more: dict[str, JsonValue] = {
            "indicators": self._named(),
            "days": terms.days,
            "window": window,
            "per": terms.per.value,
        }
        return FREEZE_REASON_OF_OWN if self.holds(facts, moment) else "freeze-near", {**said, **more}

    def frozen_until(self, facts: CallFacts) -> datetime | None:
        """The end of the freeze that the newest attempt brings about, if it does."""
        if not facts.history.attempts:
            return None
        newest = max(facts.history.attempts, key=lambda attempt: attempt.at)
        if not self._is_event(newest):
            return None
        if self._count(facts, newest.at, newest.campaign_id, newest.agent_id) < self._terms.events:
            return None
        return facts.civil_now + self._freeze

    @property
    def reason(self) -> str:
        """The reason of the freezes that it orders."""
        return self._reason

    def _named(self) -> list[JsonValue]:
        return [*sorted(indicator.value for indicator in self._terms.indicators)]

    def _count(self, facts: CallFacts, at: datetime, campaign_id: str | None, agent_id: str | None) -> int:
        if not self._terms.is_calendar or not facts.zones:
            return len(self._events(facts, at - self._widest, campaign_id, agent_id))
        begins = [day_start(local_date(at, zone) - self._span + DAY, zone) for zone in facts.zones]
        events = self._events(facts, min(begins) - timedelta(microseconds=1), campaign_id, agent_id)
        return max(sum(1 for event in events if event >= begin) for begin in begins)

    def _events(
        self, facts: CallFacts, since: datetime, campaign_id: str | None, agent_id: str | None
    ) -> list[datetime]:
        """When those after `since` were made that count for this campaign and agent."""
        made = [a for a in facts.history.attempts if a.at > since and self._is_event(a)]
        match self._terms.per:
            case FreezePer.CAMPAIGN:
                made = [a for a in made if None in (a.campaign_id, campaign_id) or a.campaign_id == campaign_id]
            case FreezePer.AGENT:
                made = [a for a in made if None in (a.agent_id, agent_id) or a.agent_id == agent_id]
        return [attempt.at for attempt in made]

    def _is_event(self, attempt: PastAttempt) -> bool:
        rejected, short, unanswered, hung_up, said_no = self._wants
        return bool(
            (rejected and attempt.is_rejected)
            or (short and attempt.is_short and self._is_short(attempt))
            or (unanswered and not attempt.is_contact)
            or (hung_up and attempt.hung_up and self._is_hung_up(attempt))
            or (said_no and attempt.said_no)
        )

    def _is_short(self, attempt: PastAttempt) -> bool:
        # `is_short` was judged by the longest maximum of all rules; the talk, where it is known, by this one's own.
        return attempt.talk_s is None or attempt.talk_s <= self._terms.short_call_max_s

    def _is_hung_up(self, attempt: PastAttempt) -> bool:
        return attempt.talk_s is not None and attempt.talk_s <= self._terms.hang_up_max_s


def strictest_freeze(facts: CallFacts, rules: Iterable[tuple[str, FreezeAfterCheck]]) -> Freeze | None:
    """The longest freeze that the rules order after the newest attempt, unless one as long already holds."""
    ordered = [
        (until, rule_id, check.reason) for rule_id, check in rules if (until := check.frozen_until(facts)) is not None
    ]
    if not ordered:
        return None
    until, rule_id, reason = max(ordered)
    if any(freeze.frozen_until >= until for freeze in facts.freezes):
        return None
    return Freeze(facts.callee_id, facts.civil_now, until, reason, rule_id, GATE_ACTOR)


def _freeze_after(reader: TableReader, building: Building) -> Check:
    indicators = reader.words("indicators", FreezeIndicator) or USUAL_INDICATORS
    counts_short = FreezeIndicator.SHORT in indicators
    counts_hung_up = FreezeIndicator.HUNG_UP in indicators
    window = reader.choice_or_none("window", Days) or Days.CALENDAR
    return FreezeAfterCheck(
        FreezeTerms(
            events=reader.count("events", 1, CAP_COUNT_MAX),
            freeze_days=reader.count("freeze_days", 1, FREEZE_DAYS_MAX),
            indicators=indicators,
            short_call_max_s=reader.count("short_call_max_s", 0, SHORT_CALL_MAX_S) if counts_short else 0,
            hang_up_max_s=reader.count("hang_up_max_s", 0, SHORT_CALL_MAX_S) if counts_hung_up else 0,
            days=reader.count_or_none("days", 1, CAP_DAYS_MAX) or 1,
            is_calendar=window is Days.CALENDAR,
            per=reader.choice_or_none("per", FreezePer) or FreezePer.ORGANISATION,
        )
    )


KINDS: Mapping[str, RuleKind] = {
    "freeze_after": RuleKind(
        _freeze_after,
        {
            "rejected-and-short": frozenset({"count", "max", "freeze_days"}),
            "freeze-indicators": frozenset({"count", "max", "freeze_days", "indicators", "days", "window", "per"}),
            "freeze-near": frozenset({"count", "max", "freeze_days", "indicators", "days", "window", "per"}),
        },
    ),
}
