"""The pictures of the report, from its counts."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta, tzinfo

from markupsafe import Markup

from baitie.adapters.report import svg
from baitie.adapters.report.data import Counts
from baitie.domain.metrics import CampaignFigures, FunnelStage, HourFigures

Say = Callable[..., str]
"""Gives the text under a key of the `report` catalogue."""

HISTOGRAM_BINS = 12
_TICKS = 5
_GOOD, _BAD, _QUIET = "main", "bad", "quiet"
_FUNNEL_TONES = {FunnelStage.ANSWERED: _GOOD, FunnelStage.REPLIED: _GOOD} | dict.fromkeys(
    (FunnelStage.CARD_SUBMITTED, FunnelStage.CARD_DELIVERED), "card"
)
_TONES = {
    "answered": _GOOD,
    "delivered": _GOOD,
    "rejected": _BAD,
    "failed": _BAD,
    "unknown": _BAD,
    "abandoned": _BAD,
    "undelivered": _BAD,
    "refused": _BAD,
}


_CARD_STAGES = (FunnelStage.CARD_SUBMITTED, FunnelStage.CARD_DELIVERED)
"""They stand beside the way of the call: who got no card in time may be called all the same."""


def funnel(numbers: CampaignFigures, say: Say) -> Markup:
    """Leads that came at least as far as each stage of the call: no bar is longer than the one before it."""
    found = [(stage, value) for stage, value in numbers.funnel.items() if stage not in _CARD_STAGES]
    furthest, rows = 0, []
    for stage, value in reversed(found):
        furthest = max(furthest, value)
        rows.append((stage, furthest))
    return svg.bars(say("title.funnel"), _stages(rows[::-1], numbers, say))


def card_funnel(numbers: CampaignFigures, say: Say) -> Markup:
    """Leads whose card was submitted, and whose card was delivered."""
    rows = [(stage, numbers.funnel.get(stage, 0)) for stage in _CARD_STAGES]
    return svg.bars(say("title.cards"), _stages(rows, numbers, say), numbers.funnel[FunnelStage.LEADS])


def _stages(rows: Sequence[tuple[FunnelStage, int]], numbers: CampaignFigures, say: Say) -> list[svg.Bar]:
    leads = numbers.funnel[FunnelStage.LEADS]
    return [
        svg.Bar(
            say(f"funnel.{stage.value}"),
            value,
            str(value) if stage is FunnelStage.LEADS else f"{value}  {percent(value / (leads or 1))}",
            _FUNNEL_TONES.get(stage, "path"),
            say(f"funnel-hint.{stage.value}"),
        )
        for stage, value in rows
    ]


def busy_hours(numbers: CampaignFigures) -> list[HourFigures]:
    """The hours from the first to the last in which anything was placed."""
    placed = [hour.hour for hour in numbers.hours if hour.placed]
    return [hour for hour in numbers.hours if min(placed) <= hour.hour <= max(placed)] if placed else []


def hours(numbers: CampaignFigures, say: Say) -> Markup:
    """Attempts by hour of the callee's day, and in each the part that a person answered."""
    rows = [
        svg.Column(
            f"{hour.hour:02d}",
            hour.placed,
            hour.answered,
            percent(hour.answered / hour.placed) if hour.placed else "",
            say("hours-hint", hour=hour.hour, attempts=hour.placed, answered=hour.answered),
        )
        for hour in busy_hours(numbers)
    ]
    return svg.columns(say("title.hours"), rows, say("hours-axis"))


def card_leads(counts: Counts, say: Say) -> Markup:
    """How long before the ring the card's receipt came."""
    values = counts.card_leads_ms
    width_ms = _bin_ms(values)
    bins = [0] * HISTOGRAM_BINS
    for value in values:
        bins[min(max(value, 0) // width_ms, HISTOGRAM_BINS - 1)] += 1
    rows = [
        svg.Column(
            f"{n * width_ms / 1000:g}" if n < HISTOGRAM_BINS - 1 else f"≥{n * width_ms / 1000:g}",
            found,
            found,
            str(found) if found else "",
            say("card-lead-hint", begin=f"{n * width_ms / 1000:g}", found=found),
        )
        for n, found in enumerate(bins)
    ]
    return svg.columns(say("title.card-lead"), rows, say("card-lead-axis"))


def outcomes(numbers: CampaignFigures, say: Say) -> Markup:
    """What became of the attempts."""
    return svg.bars(say("title.outcomes"), _shares(numbers.outcomes, "outcome", say))


def card_outcomes(counts: Counts, say: Say) -> Markup:
    """What became of the cards."""
    return svg.bars(say("title.cards"), _shares(counts.card_outcomes, "card-outcome", say))


def answers(values: Mapping[str, int], name: str, say: Say) -> Markup:
    """What the callees answered to one question."""
    total = sum(values.values()) or 1
    rows = [svg.Bar(value, found, f"{found}  {percent(found / total)}", _GOOD) for value, found in values.items()]
    return svg.bars(name, rows)


def timeline(counts: Counts, zone: tzinfo, say: Say) -> Markup:
    """Cards, attempts and answers over civil time."""
    bins = counts.timeline
    series = [
        svg.Line("attempts", "path", [b.attempts for b in bins]),
        svg.Line("cards", "card", [b.cards for b in bins]),
        svg.Line("answered", "main", [b.answered for b in bins]),
    ]
    is_long = len(bins) > 1 and bins[-1].begins_at - bins[0].begins_at > timedelta(days=2)
    step = bins[1].begins_at - bins[0].begins_at if len(bins) > 1 else timedelta(minutes=1)
    form = "%m-%d" if is_long else "%H:%M" if step >= timedelta(minutes=1) else "%H:%M:%S"
    places = sorted({round(n * (len(bins) - 1) / (_TICKS - 1)) for n in range(_TICKS)}) if bins else []
    ticks = [(n, f"{bins[n].begins_at.astimezone(zone):{form}}") for n in places]
    seconds = step.total_seconds()
    if seconds < 60:
        axis = say("timeline-axis-s", seconds=f"{seconds:g}")
    else:
        axis = say("timeline-axis", minutes=f"{seconds / 60:g}")
    return svg.lines(say("title.timeline"), series, ticks, axis)


def percent(share: float) -> str:
    """A share as people read it."""
    return f"{share:.0%}" if share >= 0.1 or share == 0 else f"{share:.1%}"


def _shares(found: Mapping[str, int], prefix: str, say: Say) -> list[svg.Bar]:
    total = sum(found.values()) or 1
    return [
        svg.Bar(
            _short(say(f"{prefix}.{name}")),
            value,
            f"{value}  {percent(value / total)}",
            _TONES.get(name, _QUIET),
            f"{say(f'{prefix}.{name}')}: {value}",
        )
        for name, value in found.items()
    ]


def _short(label: str) -> str:
    """A label without its remark in brackets, which hovering says."""
    return label.partition("（")[0].partition(" (")[0]


def _bin_ms(values: Sequence[int]) -> int:
    """A round width of bins so that nearly all values fall into those before the last."""
    high = values[int(len(values) * 0.97)] if values else 0
    for width_ms in (50, 100, 200, 250, 500, 1000, 2000, 5000, 10_000):
        if high <= width_ms * (HISTOGRAM_BINS - 1):
            return width_ms
    return 30_000
