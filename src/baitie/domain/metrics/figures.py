"""All figures of a campaign at once, as reports and scripts take them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from baitie.domain.metrics.breakdowns import (
    FunnelStage,
    HourFigures,
    RuleRefusals,
    by_answer,
    by_hour,
    by_outcome,
    funnel,
    refusals_by_rule,
)
from baitie.domain.metrics.channels import ChannelFigures, by_channel
from baitie.domain.metrics.definitions import METRICS, MetricValue
from baitie.domain.metrics.facts import CampaignFacts
from baitie.kernel.journal import JsonValue
from baitie.kernel.records import AttemptRecord
from baitie.kernel.undefined import Undefined


@dataclass(frozen=True, slots=True)
class CampaignFigures:
    """Figures of a campaign (任务统计): every registered metric and the counts behind the pictures."""

    metrics: Mapping[str, MetricValue]
    funnel: Mapping[FunnelStage, int]
    hours: Sequence[HourFigures]
    outcomes: Mapping[str, int]
    answers: Mapping[str, Mapping[str, int]]
    refusals: Sequence[RuleRefusals]
    channels: Sequence[ChannelFigures] = ()

    def to_json(self) -> dict[str, JsonValue]:
        """As plain JSON. An undefined value is null, with its reason under `undefined`."""
        return {
            "metrics": {name: _metric_json(name, found) for name, found in self.metrics.items()},
            "funnel": {stage.value: leads for stage, leads in self.funnel.items()},
            "hours": [{"hour": h.hour, "placed": h.placed, "answered": h.answered} for h in self.hours],
            "outcomes": dict(self.outcomes),
            "answers": {question: dict(answers) for question, answers in self.answers.items()},
            "refusals": [
                {
                    "rule": refusal.rule_id,
                    "reason": refusal.reason,
                    "source": refusal.source,
                    "denied": refusal.denied,
                    "delayed": refusal.delayed,
                }
                for refusal in self.refusals
            ],
            "channels": [_channel_json(channel) for channel in self.channels],
        }


def campaign_figures(facts: CampaignFacts, zone_of: Callable[[AttemptRecord], tzinfo]) -> CampaignFigures:
    """All figures. `zone_of` gives the zone by whose wall clock an attempt's hour is told: the callee's."""
    return CampaignFigures(
        metrics={name: metric.compute(facts) for name, metric in METRICS.items()},
        funnel=funnel(facts),
        hours=by_hour(facts, zone_of),
        outcomes=by_outcome(facts),
        answers=by_answer(facts),
        refusals=refusals_by_rule(facts.journal),
        channels=by_channel(facts),
    )


def _channel_json(found: ChannelFigures) -> dict[str, JsonValue]:
    return {
        "channel": found.channel,
        "trunk": found.trunk,
        "submitted": found.submitted,
        "delivered": found.delivered,
        "refused": found.refused,
        "undelivered": found.undelivered,
        "late": found.late,
        "card_before_ring_rate": _metric_json("card_before_ring_rate", found.before_ring),
        "card_receipt_ms_p50": _metric_json("card_receipt_ms_p50", found.receipt_ms),
    }


def _metric_json(name: str, found: MetricValue) -> dict[str, JsonValue]:
    return {
        "value": None if isinstance(found.value, Undefined) else found.value,
        "undefined": found.value.reason if isinstance(found.value, Undefined) else None,
        "unit": METRICS[name].unit.value,
        "kind": METRICS[name].kind.value,
        "counted": found.counted,
        "among": found.among,
    }
