"""A verdict as ordered rows for people, and the words for them out of a message catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from baitie.domain.risk.checks import FOREVER_YEAR
from baitie.domain.risk.facts import CallFacts
from baitie.domain.risk.rulebook import RuleBook
from baitie.domain.risk.rulepack import Rule
from baitie.domain.risk.verdict import Decision, Finding, Says, Verdict
from baitie.kernel.journal import JsonValue


@dataclass(frozen=True, slots=True)
class ExplanationRow:
    """One rule's opinion (校验说明行): its finding, and `until` on the callee's wall clock (UTC without a zone).

    `kind` and `pack` say where the rule stands; `remedies` are keys of the message catalogues, empty where the
    rule allows.
    """

    finding: Finding
    until: datetime | None
    pack: str
    kind: str
    remedies: tuple[str, ...]

    def to_json(self) -> dict[str, JsonValue]:
        """As plain JSON."""
        until = self.until.isoformat() if self.until is not None else None
        return {
            **self.finding.to_json(),
            "until": until,
            "pack": self.pack,
            "kind": self.kind,
            "remedies": list(self.remedies),
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """Explanation (校验说明): the verdict and every rule that was asked, strictest first, then those that allow."""

    verdict: Verdict
    until: datetime | None
    rows: tuple[ExplanationRow, ...]

    def to_json(self) -> dict[str, JsonValue]:
        """As plain JSON, for `--json`."""
        return {
            "decision": self.verdict.decision.value,
            "judged_at": self.verdict.judged_at.isoformat(),
            "until": self.until.isoformat() if self.until is not None else None,
            "asks_again": self.verdict.asks_again,
            "rules_digest": self.verdict.rules_digest,
            "overruled": list(self.verdict.overruled),
            "rows": [row.to_json() for row in self.rows],
        }


def explain(book: RuleBook, facts: CallFacts) -> Explanation:
    """Why this call may or may not be placed, rule by rule."""
    verdict = book.explain(facts)
    zone = facts.zones[0] if facts.zones else UTC

    def shown(at: datetime | None) -> datetime | None:
        return at.astimezone(zone) if at is not None else None

    rows = []
    for finding in verdict.findings:
        rule = book.rule(finding.rule_id)
        remedies = rule.remedies if rule is not None and finding.says is not Says.ALLOW else ()
        pack, kind = (rule.pack, rule.kind) if rule is not None else ("", "")
        rows.append(ExplanationRow(finding, shown(finding.until), pack, kind, remedies))
    return Explanation(verdict, shown(verdict.until), tuple(rows))


class Catalogue:
    """Message catalogue (文案库) of one language, from its TOML tables.

    A code that the catalogue does not know, as of somebody's own pack, is shown as it is.
    """

    __slots__ = ("_tables",)

    def __init__(self, tables: Mapping[str, Any]) -> None:
        self._tables = tables

    def word(self, group: str, code: str) -> str:
        """The word for a code: groups are `says`, `status`, `knowledge`, and the names of the values of findings."""
        return str(self._tables.get("word", {}).get(group, {}).get(code, code))

    def headline(self, explanation: Explanation) -> str:
        """The decision in one sentence."""
        verdict = explanation.verdict
        is_asked_again = verdict.decision is Decision.DELAY and verdict.asks_again
        said = self._tables["decision"]["ask-again" if is_asked_again else verdict.decision.value]
        return str(said).format(until=self._clock(explanation.until))

    def sentence(self, row: ExplanationRow) -> str:
        """What the rule says, in one sentence with its values."""
        texts = self._tables.get("reason", {}).get(row.finding.reason)
        if texts is None:
            return row.finding.reason
        says = row.finding.says
        text = texts["allowed"] if says is Says.ALLOW else texts["refused"]
        if says is Says.ADVISE:  # what is advised against is not prohibited
            text = texts.get("advised", text)
        return str(text).format_map(self._values(row.finding.values) | {"until": self._clock(row.until)})

    def remedies(self, row: ExplanationRow) -> list[str]:
        """What can be done about it."""
        known = self._tables.get("remedy", {})
        keys = [key for key in row.remedies if key != "wait" or (row.until is not None and not row.finding.asks_again)]
        return [str(known.get(key, key)).format(until=self._clock(row.until)) for key in keys]

    def source(self, of: Finding | Rule) -> str:
        """Where the rule comes from; in the pack's own words where the catalogue has none."""
        return self._said(of.rule_id, "source", of.source)

    def evidence(self, of: Finding | Rule) -> str:
        """Who knows it how, since when, and what that leaves open."""
        evidence = of.evidence
        parts = (self.word("knowledge", evidence.how.value), self.word("by", evidence.by), str(evidence.known_on))
        known = self.word("joins", "item").join(parts)
        note = self._said(of.rule_id, "note", evidence.note)
        return f"{known}{self.word('joins', 'note')}{note}" if note else known

    def objection(self, reason: str) -> str:
        """What a rule says where it objects, with the names of its values in braces."""
        return str(self._tables.get("reason", {}).get(reason, {}).get("refused", reason))

    def remedy(self, key: str) -> str:
        """What a remedy says where no time is at hand."""
        return str(self._tables.get("remedy", {}).get(key, key)).format(until="…")

    def title(self, pack: str, otherwise: str) -> str:
        """What a pack is called; in its own words where the catalogue has none."""
        return str(self._tables.get("pack", {}).get(pack, otherwise))

    def _said(self, rule_id: str, what: str, otherwise: str) -> str:
        return str(self._tables.get("source", {}).get(rule_id, {}).get(what, otherwise))

    def _clock(self, at: datetime | None) -> str:
        if at is None:
            return ""
        precision = "seconds" if at.second or at.microsecond else "minutes"
        clock = at.replace(tzinfo=None).isoformat(" ", precision)
        return self.word("joins", "clock").format(at=clock, zone=self.word("zone", str(at.tzinfo)))

    def _values(self, values: Mapping[str, JsonValue]) -> dict[str, str]:
        return {key: self._value(key, value) for key, value in values.items()}

    def _value(self, key: str, value: JsonValue) -> str:
        if isinstance(value, list):
            return ", ".join(self.word(key, str(entry)) for entry in value)
        if key == "frozen_until" and str(value).startswith(str(FOREVER_YEAR)):
            return self.word(key, "forever")
        return self.word(key, str(value))
