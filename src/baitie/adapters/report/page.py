"""The report as one HTML file that needs nothing beside itself, and as JSON."""

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from baitie.adapters.report import charts
from baitie.adapters.report.data import Figure, ReportData, RunNote, count, lead_lines
from baitie.kernel.foreign_text import shown_json, shown_value

LEAD_LINES_MAX = 500
"""The list at the end is for looking up, not for export; longer ones make the file slow to open."""

FREEZE_LINES_MAX = 50
"""The whole list is that of `baitie freeze list`."""

REPORT_FORMAT = 1
"""Version of report.json: raised when a key changes its meaning or goes."""


def render_html(data: ReportData, texts: Any) -> str:
    """The whole page. `texts` is the `report` catalogue of the wanted language: `.lang` and `.text(key, **values)`."""
    counts = count(data)
    environment = Environment(
        loader=PackageLoader("baitie.adapters.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, finalize=shown_value,
    )  # fmt: skip
    say, zone_name = texts.text, texts.text_or(f"zone.{data.zone}", str(data.zone))
    return environment.get_template("report.html.j2").render(
        data=data,
        counts=counts,
        say=say,
        lang="zh-CN" if texts.lang == "zh" else "en",
        charts=charts,
        runs=[_clocks(run, data, zone_name) for run in data.runs],
        real_s=_real_s(data.runs),
        speed=_speed(data.runs),
        made_at=f"{data.made_at.astimezone(data.zone):%Y-%m-%d %H:%M} ({zone_name})",
        said=partial(_said, texts),
        tiles=_tiles(data),
        defined=[figure for figure in data.figures if figure.name not in data.hidden],
        channel_name=lambda name: texts.text_or(f"channel-name.{name}", name),
        freezes=data.freezes[:FREEZE_LINES_MAX],
        shown_at=lambda at: f"{at.astimezone(data.zone):%Y-%m-%d %H:%M}",
        lines=lead_lines(data, LEAD_LINES_MAX),
        lines_max=LEAD_LINES_MAX,
    )


def render_json(data: ReportData) -> str:
    """The same numbers as JSON, masked as in the page."""
    counts = count(data)
    body = {
        "format": REPORT_FORMAT,
        "campaign": {"id": data.campaign_id, "name": data.name, "enterprise": data.enterprise, "purpose": data.purpose},
        "carrier_is_loopback": data.is_loopback,
        "made_at": data.made_at.isoformat(),
        "runs": [asdict(run) for run in data.runs],
        **data.numbers.to_json(),
        "counts": asdict(counts),
        "freezes": [asdict(line) for line in data.freezes],
        "advice": [asdict(line) for line in data.advice],
        "leads": [asdict(line) for line in lead_lines(data, len(data.leads))],
    }
    return shown_json(json.dumps(body, ensure_ascii=False, indent=2, default=_as_text)) + "\n"


SAME_CLOCK = timedelta(seconds=5)
"""Two readings of one clock, one after the other, lie no farther apart."""

_FIRST_TILES = 3
_CARD_TILES = frozenset({"reach_rate", "card_before_ring_rate", "card_lead_ms_p50", "card_delivered_rate"})


def _tiles(data: ReportData) -> list[tuple[str, list[Figure]]]:
    """The figures at the top by weight: what the calls came to first and large, then the cards, then the rest."""
    first, rest = data.figures[:_FIRST_TILES][: data.tiles], data.figures[_FIRST_TILES : data.tiles]
    cards = [figure for figure in rest if figure.name in _CARD_TILES]
    others = [figure for figure in rest if figure.name not in _CARD_TILES]
    return [(name, list(group)) for name, group in (("", first), ("cards", cards), ("calls", others)) if group]


def _said(texts: Any, code: str) -> str:
    """An outcome or reason in words; reasons that the catalogue does not know stand as they are."""
    for group in ("outcome", "reason"):
        found = texts.text_or(f"{group}.{code}", "")
        if found:
            return str(found)
    return code


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _clocks(run: RunNote, data: ReportData, zone_name: str) -> dict[str, str]:
    """When a run began and ended, all on the enterprise's clock, which is named. Where the two clocks are one, as over
    a trunk, it is told once."""

    def shown(begin: datetime, end: datetime | None) -> str:
        first = begin.astimezone(data.zone)
        last = end.astimezone(data.zone) if end is not None else None
        same_day = last is not None and last.date() == first.date()
        until = "…" if last is None else f"{last:%H:%M:%S}" if same_day else f"{last:%Y-%m-%d %H:%M:%S}"
        return f"{first:%Y-%m-%d %H:%M:%S} – {until} ({zone_name})"

    is_one_clock = not data.is_loopback and abs(run.civil_from - run.real_from) < SAME_CLOCK
    return {
        "civil": "" if is_one_clock else shown(run.civil_from, run.civil_until),
        "real": shown(run.real_from, run.real_until),
        "end": run.end,
    }


def _real_s(runs: Any) -> float:
    return float(sum((run.real_until - run.real_from).total_seconds() for run in runs if run.real_until))


def _speed(runs: Any) -> float | None:
    """How many times faster civil time ran, where a whole run tells."""
    whole = [run for run in runs if run.real_until and run.civil_until and run.real_until > run.real_from]
    real_s = _real_s(whole)
    civil_s = sum((run.civil_until - run.civil_from).total_seconds() for run in whole)
    return round(civil_s / real_s, 1) if real_s else None
