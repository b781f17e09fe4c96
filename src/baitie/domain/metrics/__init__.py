"""Metrics (指标): one definition each, over facts of attempts and leads; "undefined" where nothing counts."""

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
from baitie.domain.metrics.definitions import METRICS, Metric, MetricKind, MetricUnit, MetricValue
from baitie.domain.metrics.facts import CampaignFacts
from baitie.domain.metrics.figures import CampaignFigures, campaign_figures

__all__ = [
    "METRICS",
    "CampaignFacts",
    "CampaignFigures",
    "FunnelStage",
    "HourFigures",
    "Metric",
    "MetricKind",
    "MetricUnit",
    "MetricValue",
    "RuleRefusals",
    "by_answer",
    "by_hour",
    "by_outcome",
    "campaign_figures",
    "funnel",
    "refusals_by_rule",
]
