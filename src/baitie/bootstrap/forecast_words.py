"""A forecast in words: each figure with its range, as people read it, in the wanted language."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

from baitie.kernel.undefined import Undefined
from baitie.locale.catalogue import catalogue
from baitie.rehearsal.forecast import MEASURES, Forecast, Range

_SHARES = frozenset({"human_answer_rate", "occupancy", "abandonment_rate", "cards_before_ring_rate", "team_time_share"})
_OF_AGENTS = frozenset({"occupancy", "talk_min_per_agent_h", "abandonment_rate"})
_OF_TEAMS = "team_time_share"
_ONE_DECIMAL = frozenset({"talk_min", "talk_min_per_agent_h"})


class ForecastWords:
    """Says forecasts (预测措辞) in one language; civil times on the clock of `zone`."""

    def __init__(self, lang: str, zone: tzinfo) -> None:
        self.lang, self.zone = lang, zone
        self._texts = catalogue("rehearse", lang)
        self._outcomes = catalogue("outcomes", lang)

    def text(self, key: str, /, **values: Any) -> str:
        """A text of the catalogue of rehearsals."""
        return self._texts.text(key, **values)

    def title(self, forecast: Forecast) -> str:
        """What was rehearsed."""
        days, start = len(forecast.days), self.civil(forecast.civil_start)
        return self.text("title", leads=forecast.leads, days=days, start=start)

    def title_beside(self, found: Sequence[Forecast]) -> str:
        """Which campaigns were rehearsed at the same time."""
        days, start = len(found[0].days), self.civil(found[0].civil_start)
        return self.text("title-beside", count=len(found), days=days, start=start)

    def name(self, forecast: Forecast) -> str:
        """The name of a variant."""
        return forecast.name or self.text("as-it-is")

    def measures(self, found: Sequence[Forecast]) -> list[str]:
        """The measures of which anything can be said."""
        has_agents = any(isinstance(each.range("occupancy"), Range) for each in found)
        is_shared = any(isinstance(each.range(_OF_TEAMS), Range) for each in found)
        return [
            name for name in MEASURES if (has_agents or name not in _OF_AGENTS) and (is_shared or name != _OF_TEAMS)
        ]

    def label(self, measure: str) -> str:
        """A measure's name."""
        return self.text(f"measure.{measure}.label")

    def rows(self, found: Sequence[Forecast]) -> list[tuple[str, ...]]:
        """One row for each measure, one cell for each variant."""
        return [
            (self.label(name), *(self.shown(name, each.range(name), each.civil_start) for each in found))
            for name in self.measures(found)
        ]

    def breakdowns(self, forecast: Forecast, rows_max: int) -> list[tuple[str, list[tuple[str, ...]]]]:
        """Headings and rows: outcomes, answers, and what the rules refused or put off."""
        outcomes = {self.outcome(name): found for name, found in forecast.ranges_by_outcome().items()}
        parts: list[tuple[str, Mapping[str, Range]]] = [
            ("outcomes", outcomes),
            ("answers", forecast.ranges_by_answer()),
            ("refused", forecast.ranges_by_rule("refused")),
            ("delayed", forecast.ranges_by_rule("delayed")),
        ]
        return [
            (self.text(f"breakdown.{key}"), [(name, span(ranges[name], "{:.0f}")) for name in [*ranges][:rows_max]])
            for key, ranges in parts
            if ranges
        ]

    def outcome(self, name: str) -> str:
        """An outcome's name."""
        return self._outcomes.text_or(f"outcome.{name}", name)

    def note(self, forecast: Forecast) -> str:
        """What a range means, with the coverage that so many days give."""
        found = forecast.range("attempts")
        if isinstance(found, Undefined) or found.days < 2:
            return self.text("note.one-day")
        return self.text("note.range", coverage=f"{found.coverage:.1%}", days=found.days)

    def shown(self, measure: str, found: Range | Undefined, civil_start: datetime) -> str:
        """A range as people read it."""
        if isinstance(found, Undefined):
            return "–"
        if measure == "ends_after_s":
            ends = [self.civil(civil_start + timedelta(seconds=s)) for s in (found.median, found.low, found.high)]
            return ends[0] if found.days < 2 else f"{ends[0]}  ({ends[1]} … {ends[2]})"
        if measure in _SHARES:
            return span(found, "{:.1%}")
        return span(found, "{:.1f}" if measure in _ONE_DECIMAL else "{:.0f}")

    def civil(self, at: datetime) -> str:
        """A civil time on the enterprise's clock."""
        return f"{at.astimezone(self.zone):%m-%d %H:%M}"


def span(found: Range, form: str) -> str:
    """Median and range; one day has no range."""
    shown = [form.format(value) for value in (found.median, found.low, found.high)]
    return shown[0] if found.days < 2 else f"{shown[0]}  ({shown[1]} … {shown[2]})"
