"""Counts behind pictures: the way from leads to answers, by hour, by outcome, by answer, and refusals by rule."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum

from baitie.domain.metrics import facts as said
from baitie.domain.metrics.facts import CampaignFacts
from baitie.kernel.journal import JournalEntry, JournalKind, JsonValue
from baitie.kernel.records import AttemptRecord

HOURS_PER_DAY = 24


class FunnelStage(StrEnum):
    """Stage (漏斗阶段) that a lead reached at least once."""

    LEADS = "leads"
    ALLOWED = "allowed"
    CARD_SUBMITTED = "card_submitted"
    CARD_DELIVERED = "card_delivered"
    DIALLED = "dialled"
    RANG = "rang"
    ANSWERED = "answered"  # by a person
    REPLIED = "replied"  # answered the question of the script


_REACHES: dict[FunnelStage, Callable[[AttemptRecord], bool]] = {
    FunnelStage.ALLOWED: lambda attempt: True,  # without the gate's leave no attempt comes into being
    FunnelStage.CARD_SUBMITTED: said.has_card,
    FunnelStage.CARD_DELIVERED: said.is_card_delivered,
    FunnelStage.DIALLED: said.was_placed,
    FunnelStage.RANG: said.rang,
    FunnelStage.ANSWERED: said.is_answered_by_person,
    FunnelStage.REPLIED: lambda attempt: bool(attempt.answers),
}


@dataclass(frozen=True, slots=True)
class HourFigures:
    """Figures of one hour (分时统计) of the callee's day, over attempts placed in it."""

    hour: int
    placed: int
    answered: int  # by a person


@dataclass(frozen=True, slots=True)
class RuleRefusals:
    """Refusals of one rule (规则拦截数): leads that it denied, and leads that it made wait, each counted once."""

    rule_id: str
    reason: str
    source: str
    denied: int
    delayed: int


def funnel(facts: CampaignFacts) -> dict[FunnelStage, int]:
    """How many leads came at least once to each stage, attempts under way included."""
    counts = {FunnelStage.LEADS: len(facts.leads)}
    for stage, reaches in _REACHES.items():
        counts[stage] = len({attempt.lead_id for attempt in facts.attempts if reaches(attempt)})
    return counts


def by_hour(facts: CampaignFacts, zone_of: Callable[[AttemptRecord], tzinfo]) -> list[HourFigures]:
    """All 24 hours by the wall clock of the callee's zone, which `zone_of` tells."""
    placed: Counter[int] = Counter()
    answered: Counter[int] = Counter()
    for attempt in facts.ended:
        if attempt.invite_sent_at is not None:
            hour = attempt.invite_sent_at.astimezone(zone_of(attempt)).hour
            placed[hour] += 1
            answered[hour] += said.is_answered_by_person(attempt)
    return [HourFigures(hour, placed[hour], answered[hour]) for hour in range(HOURS_PER_DAY)]


def by_outcome(facts: CampaignFacts) -> dict[str, int]:
    """Attempts placed and ended, by outcome, the most frequent first."""
    return _ordered(attempt.outcome.value for attempt in facts.ended if said.was_placed(attempt) and attempt.outcome)


def by_answer(facts: CampaignFacts) -> dict[str, dict[str, int]]:
    """Answers by question of the script, the most frequent first."""
    given: dict[str, list[str]] = {}
    for attempt in facts.ended:
        for question, answer in attempt.answers.items():
            given.setdefault(question, []).append(answer)
    return {question: _ordered(answers) for question, answers in given.items()}


def refusals_by_rule(journal: Iterable[JournalEntry]) -> list[RuleRefusals]:
    """Which rules kept how many leads from being called, the strictest first. A verdict's first finding decides."""
    leads: dict[tuple[str, str], set[str]] = {}
    about: dict[str, tuple[str, str]] = {}
    for entry in journal:
        finding = _deciding(entry)
        if finding is None or entry.lead_id is None:
            continue
        rule_id = str(finding.get("rule", ""))
        about[rule_id] = str(finding.get("reason", "")), str(finding.get("source", ""))
        leads.setdefault((rule_id, str(finding.get("says", ""))), set()).add(entry.lead_id)
    counts = [
        RuleRefusals(
            rule_id,
            *texts,
            denied=len(leads.get((rule_id, "deny"), ())),
            delayed=len(leads.get((rule_id, "delay"), ())),
        )
        for rule_id, texts in about.items()
    ]
    return sorted(counts, key=lambda count: (-count.denied, -count.delayed, count.rule_id))


_KEPT_BACK = frozenset({JournalKind.LEAD_REFUSED, JournalKind.LEAD_DELAYED, JournalKind.RING_FORBIDDEN})


def _deciding(entry: JournalEntry) -> dict[str, JsonValue] | None:
    verdict = entry.facts.get("verdict") if entry.kind in _KEPT_BACK else None
    findings = verdict.get("findings") if isinstance(verdict, dict) else None
    first = findings[0] if isinstance(findings, list) and findings else None
    return first if isinstance(first, dict) else None


def _ordered(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items(), key=lambda item: (-item[1], item[0])))
