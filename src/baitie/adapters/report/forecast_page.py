"""A forecast as one HTML file that needs nothing beside it: of one look with the report of a run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from baitie.adapters.report import svg
from baitie.kernel.foreign_text import shown_value

Say = Callable[..., str]
"""Gives the text under a key of the `rehearse` catalogue."""


@dataclass(frozen=True, slots=True)
class Span:
    """A figure with its range, as numbers for the picture and as text (带区间的数)."""

    label: str
    median: float
    low: float
    high: float
    shown: str


@dataclass(frozen=True, slots=True)
class HourOfDay:
    """One hour of the day (时段): medians."""

    hour: int
    attempts: float
    answered: float


@dataclass(frozen=True, slots=True)
class ForecastData:
    """What the page is made from (预测页内容), in words already."""

    campaign_id: str
    name: str
    enterprise: str
    title: str
    note: str
    profile: str
    made_at: str
    seeds: str
    variants: Sequence[str]
    rows: Sequence[Sequence[str]]  # label, then one cell for each variant
    tiles: Sequence[tuple[str, str, str]]  # what, median, range: of the campaign as it is
    spans: Sequence[tuple[str, Sequence[Span]]]  # a measure, and its range in each variant
    hours: Sequence[HourOfDay]
    outcomes: Sequence[Span]
    breakdowns: Sequence[tuple[str, Sequence[Sequence[str]]]]


def render_forecast(data: ForecastData, say: Say, lang: str) -> str:
    """The whole page. `say` speaks the language `lang` (`zh` or `en`)."""
    environment = Environment(
        loader=PackageLoader("baitie.adapters.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, finalize=shown_value,
    )  # fmt: skip
    return environment.get_template("forecast.html.j2").render(
        data=data, say=say, lang="zh-CN" if lang == "zh" else "en", hours=_hours, spans=_spans
    )


def _hours(hours: Sequence[HourOfDay], say: Say) -> Markup:
    rows = [
        svg.Column(
            f"{each.hour:02d}",
            each.attempts,
            each.answered,
            f"{each.answered / each.attempts:.0%}" if each.attempts else "",
            say("page.hours-hint", hour=each.hour, attempts=f"{each.attempts:g}", answered=f"{each.answered:g}"),
        )
        for each in hours
    ]
    return svg.columns(say("page.title-hours"), rows, say("page.hours-axis"))


def _spans(title: str, spans: Sequence[Span]) -> Markup:
    return svg.spans(title, [svg.SpanRow(each.label, each.low, each.median, each.high, each.shown) for each in spans])
