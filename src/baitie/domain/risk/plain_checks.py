"""Kinds that ask for one fact and know no calendar: freezes, refusals, calls in flight, the allow-list."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from baitie.domain.risk.checks import FOREVER_YEAR, Building, Check, RuleKind, Spoken
from baitie.domain.risk.facts import CallFacts, Moment
from baitie.domain.risk.table_reader import ASK_AGAIN_MAX_S, TableReader
from baitie.kernel.purpose import NumberClass


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


def _one_at_a_time(reader: TableReader, building: Building) -> Check:
    return InFlightCheck(reader.count("max", 1, 10), reader.count("ask_again_s", 1, ASK_AGAIN_MAX_S))


KINDS: Mapping[str, RuleKind] = {
    "freeze_list": RuleKind(
        lambda reader, building: FreezeListCheck(),
        {"callee-frozen": frozenset({"frozen_until", "freeze_reason", "freeze_rule"})},
    ),
    "one_at_a_time": RuleKind(_one_at_a_time, {"call-in-flight": frozenset({"calls_in_flight", "ask_again_s"})}),
    "allow_list": RuleKind(lambda reader, building: AllowListCheck(), {"allow-list": frozenset()}),
}
