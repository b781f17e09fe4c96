"""The registered metrics. In words: `locale/metrics.*.toml` and docs/reference/metrics.md."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from types import MappingProxyType

from baitie.domain.metrics import facts as said
from baitie.domain.metrics.agent_time import AT_WORK, BUSY, LOGGED_IN, waits_ms
from baitie.domain.metrics.facts import CampaignFacts
from baitie.kernel.outcome import Outcome
from baitie.kernel.records import AttemptRecord, LeadState
from baitie.kernel.undefined import Undefined


class MetricUnit(StrEnum):
    """Unit (单位) of a metric."""

    FRACTION = "fraction"  # 0 to 1
    SECONDS = "s"
    MILLISECONDS = "ms"
    COUNT = "count"
    PER_SECOND = "1/s"
    MINUTES_PER_HOUR = "min/h"


class MetricKind(StrEnum):
    """How a metric is made of what it counts (指标类型)."""

    SHARE = "share"
    MEAN = "mean"
    PERCENTILE = "percentile"
    RATIO = "ratio"


@dataclass(frozen=True, slots=True)
class MetricValue:
    """Value of a metric (指标值), with how many it stands on. `counted` is None where nothing is counted out."""

    value: float | Undefined
    counted: float | None
    among: int


@dataclass(frozen=True, slots=True)
class Metric:
    """Metric (指标): its one definition. The window is the whole campaign so far, without attempts under way."""

    name: str
    unit: MetricUnit
    kind: MetricKind
    compute: Callable[[CampaignFacts], MetricValue]


NOTHING_COUNTED = Undefined("nothing-counted")
"""The denominator is 0: there is no such attempt or lead."""

TOO_FEW = Undefined("too-few")
"""A throughput needs two instants."""

_ROUNDING = 1e-9
"""Shares are no binary fractions: 7 % of 100 values is 7 of them, though 0.07 * 100 is a little more than 7."""

Says = Callable[[AttemptRecord], bool]


def percentile(values: Sequence[float], share: float) -> float | Undefined:
    """The smallest value that at least `share` (0 to 1) of the values do not exceed (nearest rank)."""
    if not values:
        return NOTHING_COUNTED
    return sorted(values)[max(ceil(share * len(values) - _ROUNDING), 1) - 1]


def mean(values: Sequence[float]) -> float | Undefined:
    """The arithmetic mean."""
    return sum(values) / len(values) if values else NOTHING_COUNTED


def share(counted: int, among: int) -> MetricValue:
    """A fraction with both of its counts."""
    return MetricValue(counted / among if among else NOTHING_COUNTED, counted, among)


def _share_of_attempts(name: str, counts: Says, among: Says) -> Metric:
    def compute(facts: CampaignFacts) -> MetricValue:
        base = [attempt for attempt in facts.ended if among(attempt)]
        return share(sum(map(counts, base)), len(base))

    return Metric(name, MetricUnit.FRACTION, MetricKind.SHARE, compute)


def _share_of_placed(name: str) -> Metric:
    outcomes = frozenset(outcome for outcome in Outcome if outcome.traits.metric == name)
    return _share_of_attempts(name, lambda attempt: attempt.outcome in outcomes, said.was_placed)


def _mean(name: str, unit: MetricUnit, value_of: Callable[[AttemptRecord], float | None]) -> Metric:
    def compute(facts: CampaignFacts) -> MetricValue:
        values = _known(map(value_of, facts.ended))
        return MetricValue(mean(values), sum(values), len(values))

    return Metric(name, unit, MetricKind.MEAN, compute)


def _percentile(name: str, at: float, value_of: Callable[[AttemptRecord], float | None]) -> Metric:
    def compute(facts: CampaignFacts) -> MetricValue:
        values = _known(map(value_of, facts.ended))
        return MetricValue(percentile(values, at), None, len(values))

    return Metric(name, MetricUnit.MILLISECONDS, MetricKind.PERCENTILE, compute)


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _ring_s(attempt: AttemptRecord) -> float | None:
    return None if attempt.evidence.ring_ms is None else attempt.evidence.ring_ms / 1000


def _talk_s(attempt: AttemptRecord) -> float | None:
    talk_ms = attempt.evidence.talk_ms
    return None if talk_ms is None or not said.is_answered_by_person(attempt) else talk_ms / 1000


def _is_reached(attempt: AttemptRecord) -> bool:
    return said.is_answered_by_person(attempt) or said.is_card_delivered(attempt)


def _was_tried(attempt: AttemptRecord) -> bool:
    return said.was_placed(attempt) or said.has_card(attempt)


def _short_calls(facts: CampaignFacts) -> MetricValue:
    base = [attempt for attempt in facts.ended if said.is_answered(attempt)]
    return share(sum(said.talked_at_most(attempt, facts.short_call_max_s) for attempt in base), len(base))


def _opt_outs(facts: CampaignFacts) -> MetricValue:
    base = [attempt for attempt in facts.ended if said.is_answered_by_person(attempt)]
    return share(sum(attempt.attempt_id in facts.refused_in for attempt in base), len(base))


def _lead_answers(facts: CampaignFacts) -> MetricValue:
    return share(len(facts.answered_leads & facts.placed_leads), len(facts.placed_leads))


def _refused_leads(facts: CampaignFacts) -> MetricValue:
    return share(sum(lead.state is LeadState.REFUSED for lead in facts.leads), len(facts.leads))


def _lead_opt_outs(facts: CampaignFacts) -> MetricValue:
    return share(len(facts.refused_leads & facts.tried_leads), len(facts.tried_leads))


def _attempts_per_lead(facts: CampaignFacts) -> MetricValue:
    placed, leads = sum(map(said.was_placed, facts.ended)), len(facts.placed_leads)
    return MetricValue(placed / leads if leads else NOTHING_COUNTED, placed, leads)


def _attempts_per_s(facts: CampaignFacts) -> MetricValue:
    sent_at = [attempt.invite_sent_at for attempt in facts.ended if attempt.invite_sent_at is not None]
    span_s = (max(sent_at) - min(sent_at)).total_seconds() if sent_at else 0.0
    paced = max(len(sent_at) - 1, 0)  # the first waits for nobody
    return MetricValue(paced / span_s if span_s > 0 else TOO_FEW, paced, round(span_s))


def _returned_leads(facts: CampaignFacts) -> MetricValue:
    return share(len(facts.returned_leads & facts.placed_leads), len(facts.placed_leads))


def _returned_answers(facts: CampaignFacts) -> MetricValue:
    base = facts.returned_calls
    return share(sum(entry.facts.get("talk_ms") is not None for entry in base), len(base))


def _agent_share(name: str, among: Sequence[str]) -> Metric:
    def compute(facts: CampaignFacts) -> MetricValue:
        return share(_agent_s(facts, BUSY), _agent_s(facts, among))

    return Metric(name, MetricUnit.FRACTION, MetricKind.SHARE, compute)


def _agent_s(facts: CampaignFacts, states: Sequence[str]) -> int:
    return sum(facts.agent_s.get(state, 0) for state in states)


def _talk_min_per_agent_h(facts: CampaignFacts) -> MetricValue:
    talk_s, at_work_s = _agent_s(facts, ("talking",)), _agent_s(facts, AT_WORK)
    return MetricValue(60 * talk_s / at_work_s if at_work_s else NOTHING_COUNTED, talk_s / 60, at_work_s)


def _answer_to_agent(facts: CampaignFacts) -> MetricValue:
    waits = waits_ms(facts.journal)
    return MetricValue(percentile(waits, 0.95), None, len(waits))


_ALL = (
    _share_of_attempts("answer_rate", said.is_answered, said.was_placed),
    _share_of_attempts("human_answer_rate", said.is_answered_by_person, said.was_placed),
    _share_of_placed("reject_rate"),
    _share_of_placed("busy_rate"),
    _share_of_placed("no_answer_rate"),
    _share_of_placed("voicemail_rate"),
    _share_of_placed("out_of_reach_rate"),
    _share_of_placed("invalid_number_rate"),
    _share_of_placed("failed_rate"),
    _share_of_placed("unknown_rate"),
    _share_of_attempts("reach_rate", _is_reached, _was_tried),
    Metric("short_call_rate", MetricUnit.FRACTION, MetricKind.SHARE, _short_calls),
    _share_of_attempts("hang_up_rate", said.is_hung_up, said.is_answered_by_person),
    _share_of_attempts(
        "early_hang_up_rate",
        lambda attempt: said.is_hung_up(attempt) and said.talked_at_most(attempt, said.EARLY_HANG_UP_MAX_S),
        said.is_answered_by_person,
    ),
    _share_of_attempts("reply_rate", lambda attempt: bool(attempt.answers), said.is_answered_by_person),
    Metric("opt_out_rate", MetricUnit.FRACTION, MetricKind.SHARE, _opt_outs),
    _share_of_attempts("card_delivered_rate", said.is_card_delivered, said.has_card),
    _share_of_attempts(
        "card_before_ring_rate",
        said.is_card_before_ring,
        lambda attempt: said.has_card(attempt) and said.rang(attempt),
    ),
    _percentile("card_receipt_ms_p50", 0.50, lambda attempt: attempt.card_receipt_ms),
    _percentile("card_receipt_ms_p95", 0.95, lambda attempt: attempt.card_receipt_ms),
    _percentile("card_lead_ms_p50", 0.50, lambda attempt: attempt.card_lead_ms),
    _mean("ring_s_mean", MetricUnit.SECONDS, _ring_s),
    _mean("talk_s_mean", MetricUnit.SECONDS, _talk_s),
    Metric("lead_answer_rate", MetricUnit.FRACTION, MetricKind.SHARE, _lead_answers),
    Metric("lead_opt_out_rate", MetricUnit.FRACTION, MetricKind.SHARE, _lead_opt_outs),
    Metric("lead_refused_rate", MetricUnit.FRACTION, MetricKind.SHARE, _refused_leads),
    Metric("call_back_rate", MetricUnit.FRACTION, MetricKind.SHARE, _returned_leads),
    Metric("call_back_answer_rate", MetricUnit.FRACTION, MetricKind.SHARE, _returned_answers),
    _share_of_attempts("abandonment_rate", said.is_abandoned, said.is_answered_by_person),
    _agent_share("occupancy", AT_WORK),
    _agent_share("utilisation", LOGGED_IN),
    Metric("talk_min_per_agent_h", MetricUnit.MINUTES_PER_HOUR, MetricKind.RATIO, _talk_min_per_agent_h),
    Metric("answer_to_agent_ms_p95", MetricUnit.MILLISECONDS, MetricKind.PERCENTILE, _answer_to_agent),
    Metric("attempts_per_lead", MetricUnit.COUNT, MetricKind.RATIO, _attempts_per_lead),
    Metric("attempts_per_s", MetricUnit.PER_SECOND, MetricKind.RATIO, _attempts_per_s),
)

METRICS = MappingProxyType({metric.name: metric for metric in _ALL})
"""All registered metrics by name, in the order in which reports show them."""
