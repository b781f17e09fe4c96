"""The gate's answer: one decision, and each rule that spoke with its reason, source and time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from baitie.kernel.journal import JsonValue


class Decision(StrEnum):
    """What a verdict decides (校验结论), from mild to strict."""

    ALLOW = "allow"
    DELAY = "delay"
    DENY = "deny"


class Says(StrEnum):
    """What one rule says (规则意见): as `Decision`, or an advice that decides nothing."""

    ALLOW = "allow"
    ADVISE = "advise"
    DELAY = "delay"
    DENY = "deny"


class RuleStatus(StrEnum):
    """What kind of rule it is (规则性质). Only what somebody read may be called law or standard.

    What is only a draft of law never blocks a call: whoever wants that makes it a rule of the house.
    """

    LAW = "law"
    STANDARD = "standard"
    DRAFT = "draft"
    CARRIER_PRACTICE = "carrier-practice"
    ADVICE = "advice"
    HOUSE = "house"


class Knowledge(StrEnum):
    """How the content of a rule is known (知悉方式)."""

    READ = "read"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class RuleEvidence:
    """Evidence for a rule (规则依据): who learnt its content, how, on which date, and from what."""

    how: Knowledge
    by: str
    known_on: date
    note: str = ""

    def to_json(self) -> list[JsonValue]:
        """As a plain row."""
        return [self.how.value, self.by, self.known_on.isoformat(), self.note]

    @staticmethod
    def from_json(row: list[str]) -> "RuleEvidence":
        """The inverse of `to_json`."""
        return RuleEvidence(Knowledge(row[0]), row[1], date.fromisoformat(row[2]), row[3])


@dataclass(frozen=True, slots=True)
class Finding:
    """Finding (规则发现): what one rule said, why, and until when.

    `reason` is a stable code and `values` are what its text in the message catalogues needs; neither holds
    personal data. `until` is the earliest time at which this rule alone would allow; `None` where it allows, or
    where no time brings it round. With `asks_again` nobody can know when it would: `until` is when it is asked again.
    """

    rule_id: str
    says: Says
    reason: str
    values: Mapping[str, JsonValue]
    until: datetime | None
    status: RuleStatus
    source: str
    evidence: RuleEvidence
    asks_again: bool = False

    def to_json(self) -> dict[str, JsonValue]:
        """As plain JSON."""
        asked: dict[str, JsonValue] = {"asks_again": True} if self.asks_again else {}
        return {
            "rule": self.rule_id,
            "says": self.says.value,
            "reason": self.reason,
            "values": dict(self.values),
            "until": _iso(self.until),
            "status": self.status.value,
            "source": self.source,
            "evidence": self.evidence.to_json(),
            **asked,
        }

    @staticmethod
    def from_json(body: Mapping[str, Any]) -> "Finding":
        """The inverse of `to_json`."""
        return Finding(
            rule_id=body["rule"],
            says=Says(body["says"]),
            reason=body["reason"],
            values=body["values"],
            until=_from_iso(body["until"]),
            status=RuleStatus(body["status"]),
            source=body["source"],
            evidence=RuleEvidence.from_json(body["evidence"]),
            asks_again=body.get("asks_again", False),
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """Verdict (校验结论): may this call be placed, and if not, why and from when.

    `findings` are the rules that objected or advised, strictest first (with `RuleBook.explain` also those that
    allowed); `passed` names the rules that were asked and had nothing against it. `rules_digest` names the exact
    rules, so that the verdict can be recomputed from the journal. `until` is set for a delay only: the earliest
    time at which no rule objects, if no fact changes meanwhile; where none was found (`no-callable-time`) the time
    up to which all was looked at. Where the verdict `asks_again` it is no permission, but when to ask. `overruled`
    names the rules that lost against the deciding one: milder objections, and rules of its kind that would have
    allowed.
    """

    decision: Decision
    judged_at: datetime
    until: datetime | None
    findings: tuple[Finding, ...]
    passed: tuple[str, ...]
    rules_digest: str = field(default="")
    overruled: tuple[str, ...] = ()

    @property
    def is_allowed(self) -> bool:
        """Whether the call may be placed now."""
        return self.decision is Decision.ALLOW

    @property
    def deciding(self) -> Finding | None:
        """The strictest finding: a denial, else the delay that ends last. `None` where nothing objected."""
        first = self.findings[0] if self.findings else None
        return first if first is not None and first.says in (Says.DENY, Says.DELAY) else None

    @property
    def reason(self) -> str:
        """Code of the deciding finding; empty where the call is allowed."""
        deciding = self.deciding
        return deciding.reason if deciding is not None else ""

    @property
    def asks_again(self) -> bool:
        """Whether `until` is only when it is asked again: some delay ends when a fact changes, at no known time."""
        return any(finding.asks_again and finding.says is Says.DELAY for finding in self.findings)

    def callable_from(self, now: datetime) -> datetime | None:
        """From when the call may be placed as far as is known: not before `now`; `None` where it never may, or where
        that cannot be known (`asks_again`)."""
        if self.decision is Decision.ALLOW:
            return now
        return max(self.until, now) if self.until is not None and not self.asks_again else None

    def to_json(self) -> dict[str, JsonValue]:
        """As plain JSON for the journal."""
        return {
            "decision": self.decision.value,
            "at": _iso(self.judged_at),
            "until": _iso(self.until),
            "findings": [finding.to_json() for finding in self.findings],
            "passed": list(self.passed),
            "rules": self.rules_digest,
            "overruled": list(self.overruled),
        }

    @staticmethod
    def from_json(body: Mapping[str, Any]) -> "Verdict":
        """The inverse of `to_json`."""
        return Verdict(
            decision=Decision(body["decision"]),
            judged_at=datetime.fromisoformat(body["at"]),
            until=_from_iso(body["until"]),
            findings=tuple(Finding.from_json(row) for row in body["findings"]),
            passed=tuple(body["passed"]),
            rules_digest=body["rules"],
            overruled=tuple(body.get("overruled", ())),
        )


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def _from_iso(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None
