"""The story of a call in words."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, tzinfo
from string import Formatter
from typing import Any

from baitie.app.proof.attempt_trace import DIGEST_SHOWN, FROM_TABLES, TraceStep
from baitie.domain.risk.explain import ExplanationRow
from baitie.domain.risk.verdict import Finding, Verdict
from baitie.files.rule_files import verdict_texts
from baitie.files.zones import zones
from baitie.kernel.journal import JsonValue
from baitie.locale.catalogue import Catalogue, catalogue


class TraceTexts:
    """Words for the steps of a story (留痕文案)."""

    def __init__(self, lang: str, zone: tzinfo) -> None:
        self._texts: Catalogue = catalogue("audit", lang)
        self._reasons: Catalogue = catalogue("report", lang)
        self._rules = verdict_texts(lang)
        self._zone = zone

    def text(self, key: str, **values: Any) -> str:
        """A text of the catalogue."""
        return self._texts.text(f"trace.{key}", **values)

    def lines(self, step: TraceStep) -> list[str]:
        """What a step says: one line, and one for each rule that spoke."""
        facts = dict(step.facts)
        verdict = facts.pop("verdict", None)
        facts = {name: self._shown(name, value) for name, value in facts.items() if value not in (None, "", {}, [])}
        pattern = self._texts.text_or(f"trace.step.{step.kind}", step.kind)
        named = {name for _, name, _, _ in Formatter().parse(pattern) if name}
        said = pattern.format(**{name: facts.get(name, "–") for name in named})
        more = self._joined(self._pair(name, value) for name, value in facts.items() if name not in named)
        first = self.text("show.more", said=said, more=more) if more else said
        if step.from_table or (step.seq is None and step.kind in FROM_TABLES):
            first = self.text("show.from-table", said=first)
        return [first, *(self._of_verdict(verdict) if isinstance(verdict, dict) else ())]

    def _joined(self, parts: Iterable[str]) -> str:
        return self.text("show.between").join(parts)

    def _pair(self, name: str, value: object) -> str:
        return self.text("show.pair", name=self._texts.text_or(f"trace.name.{name}", name), value=value)

    def _shown(self, name: str, value: JsonValue) -> str:
        if isinstance(value, dict):
            return self._joined(self._pair(key, inner) for key, inner in value.items())
        if isinstance(value, list):
            return self._joined(self._texts.text_or(f"trace.counted.{entry}", str(entry)) for entry in value)
        if name in ("outcome", "reason"):  # a lead may be closed for either
            found = self._reasons.text_or(f"outcome.{value}", str(value))
            return self._reasons.text_or(f"reason.{value}", found)
        return self._texts.text_or(f"trace.{name}.{value}".lower(), str(value))

    def _of_verdict(self, body: Mapping[str, Any]) -> Iterator[str]:
        try:
            verdict = Verdict.from_json(body)
        except (KeyError, ValueError, TypeError):  # written by another version: told as it stands
            yield ", ".join(f"{name}={body[name]}" for name in ("decision", "rules") if name in body)
            return
        said = self._texts.text(f"trace.verdict.{verdict.decision.value}")
        asked = len(verdict.passed) + len(verdict.findings)
        yield self.text("verdict-line", decision=said, rules=asked, digest=verdict.rules_digest[:DIGEST_SHOWN])
        for finding in verdict.findings:
            row = ExplanationRow(finding, self._on_clock(finding), "", "", ())
            yield f"{finding.rule_id}: {self._rules.sentence(row)} [{self._rules.source(finding)}]"

    def _on_clock(self, finding: Finding) -> datetime | None:
        zone = finding.values.get("zone")
        found = zones((zone,)) if isinstance(zone, str) else ()
        return None if finding.until is None else finding.until.astimezone(found[0] if found else self._zone)

    def clock(self, at: datetime | None) -> str:
        """A time on the enterprise's clock, to the millisecond."""
        if at is None:
            return ""
        shown = at.astimezone(self._zone)
        return f"{shown:%m-%d %H:%M:%S}.{shown.microsecond // 1000:03}"
