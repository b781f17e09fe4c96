"""What a rule of each kind looks at: the protocol, and the kinds that know no calendar."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from baitie.domain.risk.facts import CallFacts, Moment
from baitie.kernel.journal import JsonValue
from baitie.kernel.purpose import NumberClass

Spoken = tuple[str, dict[str, JsonValue]]
"""Reason code and the values that its text needs."""

REASONS: Mapping[str, frozenset[str]] = {
    "zone-unknown": frozenset(),
    "no-callable-time": frozenset(),
    "quiet-hours": frozenset({"local_time", "zone", "window_from", "window_until"}),
    "quiet-hours-on-days": frozenset({"local_time", "zone", "window_from", "window_until", "day_kind"}),
    "campaign-window": frozenset({"local_time", "zone", "windows"}),
    "no-campaign-window": frozenset(),
    "contact-cap": frozenset({"count", "max", "days"}),
    "attempt-cap": frozenset({"count", "max", "days"}),
    "contact-cap-calendar": frozenset({"count", "max", "days"}),
    "attempt-cap-calendar": frozenset({"count", "max", "days"}),
    "count-cap": frozenset({"count", "max", "days", "counted", "per", "window"}),
    "cooldown": frozenset({"after", "days", "event_on", "per"}),
    "no-consent": frozenset({"purpose", "consent_channel"}),
    "consent-over": frozenset({"purpose", "consent_channel", "over_on"}),
    "consent-unknown": frozenset({"purpose", "consent_channel"}),
    "callee-role": frozenset({"callee_role"}),
    "role-unknown": frozenset(),
    "line-class": frozenset({"line_class"}),
    "line-class-unknown": frozenset(),
    "disclosure": frozenset({"disclosure", "max_disclosure"}),
    "content-lacks": frozenset({"element"}),
    "content-unknown": frozenset(),
    "share": frozenset({"share_of", "per", "days", "numerator", "denominator", "denominator_min", "max_per_10000"}),
    "share-unknown": frozenset({"share_of", "per", "days"}),
    "no-preference": frozenset(),
    "preference-channel": frozenset(),
    "preference-language": frozenset({"language", "offered"}),
    "preference-purpose": frozenset({"purpose"}),
    "preference-hours": frozenset({"local_time", "zone", "windows"}),
    "fatigue": frozenset({"points", "points_max", "calls", "cards"}),
    "rejected-and-short": frozenset({"count", "max", "freeze_days"}),
    "freeze-indicators": frozenset({"count", "max", "freeze_days", "indicators", "days", "window", "per"}),
    "freeze-near": frozenset({"count", "max", "freeze_days", "indicators", "days", "window", "per"}),
    "number-class": frozenset({"number_class"}),
    "callee-refused": frozenset({"refused_on", "channel"}),
    "number-suspended": frozenset({"presented"}),
    "registry-listed": frozenset({"registry", "as_of"}),
    "registry-free": frozenset({"registry", "as_of"}),
    "registry-old": frozenset({"registry", "as_of", "age_days", "age_days_max"}),
    "registry-unknown": frozenset({"registry"}),
    "qualification-lacking": frozenset({"qualification"}),
    "qualification-over": frozenset({"qualification", "over_on"}),
    "qualification-unknown": frozenset({"qualification"}),
    "trade": frozenset({"trade"}),
    "trade-unknown": frozenset(),
    "callee-frozen": frozenset({"frozen_until", "freeze_reason", "freeze_rule"}),
    "call-in-flight": frozenset({"calls_in_flight", "ask_again_s"}),
    "allow-list": frozenset(),
}
"""Every reason code that a finding may carry, and the keys of its values."""


FOREVER_YEAR = 9999
"""A freeze into this year is one without end; the year also has no place in zones east of Greenwich."""


class Check(Protocol):
    """One rule's question (规则检查), compiled from data. Pure: the same facts and moment, the same answer.

    `only_relaxes` says that once it holds, it holds at every later moment too, unless a fact changes;
    `is_same_daily` that what it says depends on nothing but what the wall clocks show, day by day the same.
    """

    only_relaxes: bool
    is_same_daily: bool

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        """Whether the rule has nothing against the call at this moment."""
        ...

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        """Where it does not hold: the next later time at which asking again may help, never too late; or never."""
        ...

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        """Reason and values, whether it holds or not."""
        ...


@runtime_checkable
class AsksAgain(Protocol):
    """A check whose delay may be no more than a time to ask again (复核): nobody can know when it will hold."""

    def asks_again(self, facts: CallFacts) -> bool:
        """Whether its delay of these facts is such a one."""
        ...


class NumberClassCheck:
    """Refuses numbers of some classes for good (号码类别限制)."""

    only_relaxes = True
    is_same_daily = False
    __slots__ = ("_refused",)

    def __init__(self, refused: frozenset[NumberClass]) -> None:
        self._refused = refused

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        return facts.number_class not in self._refused

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        return None

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        return "number-class", {"number_class": facts.number_class.value}


class SuppressionCheck:
    """Refuses whoever has said no, until the refusal is lifted (拒绝来电后不再呼叫)."""

    only_relaxes = True
    is_same_daily = False
    __slots__ = ()

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        return not facts.refusals

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        return None

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        if not facts.refusals:
            return "callee-refused", {"refused_on": "", "channel": ""}
        last = max(facts.refusals, key=lambda refusal: refusal.at)
        return "callee-refused", {"refused_on": _shown(last.at, moment)[:10], "channel": last.channel.value}


class FreezeListCheck:
    """Delays until every freeze of the callee is over (冻结名单); one into the last year of the calendar denies."""

    only_relaxes = True
    is_same_daily = False
    __slots__ = ()

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        return not facts.freezes or all(freeze.frozen_until <= moment.at for freeze in facts.freezes)

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        last = max(freeze.frozen_until for freeze in facts.freezes)
        return last if last.year < FOREVER_YEAR else None

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        active = [freeze for freeze in facts.freezes if freeze.frozen_until > moment.at]
        if not active:
            return "callee-frozen", {"frozen_until": "", "freeze_reason": "", "freeze_rule": ""}
        last = max(active, key=lambda freeze: freeze.frozen_until)
        return "callee-frozen", {
            "frozen_until": _shown(last.frozen_until, moment),
            "freeze_reason": last.reason,
            "freeze_rule": last.rule_id,
        }


class InFlightCheck:
    """At most some calls to one callee at a time (同一被叫并发限制).

    When a call will end cannot be known: the delay is a time to ask again, not a promise.
    """

    only_relaxes = True
    is_same_daily = False
    __slots__ = ("_ask_again_s", "_max")

    def __init__(self, max_count: int, ask_again_s: int) -> None:
        self._max = max_count
        self._ask_again_s = ask_again_s

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        # A later moment is past the end of the calls that are in flight now, as far as can be known.
        return facts.calls_in_flight < self._max or moment.at >= self._ask_again_at(facts)

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        return self._ask_again_at(facts)

    def asks_again(self, facts: CallFacts) -> bool:
        return True

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        return "call-in-flight", {"calls_in_flight": facts.calls_in_flight, "ask_again_s": self._ask_again_s}

    def _ask_again_at(self, facts: CallFacts) -> datetime:
        return facts.civil_now + timedelta(seconds=self._ask_again_s)


class AllowListCheck:
    """Refuses whoever is not on the allow-list of a campaign that has one (试呼名单)."""

    only_relaxes = True
    is_same_daily = False
    __slots__ = ()

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        return facts.is_on_allow_list is not False

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        return None

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        return "allow-list", {}


def _shown(at: datetime, moment: Moment) -> str:
    if moment.zones and at.year < FOREVER_YEAR:
        at = at.astimezone(moment.zones[0])
    return at.isoformat(" ", "minutes")
