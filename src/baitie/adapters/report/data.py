"""What a report is made from, and the counts and series that its pictures show. No rates: those come as figures."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from baitie.kernel.ids import CalleeId, LeadId
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.outcome import Outcome
from baitie.kernel.records import AttemptRecord, CalleeRecord, LeadRecord, LeadState

TIMELINE_BINS_MAX = 48


@dataclass(frozen=True, slots=True)
class RunNote:
    """One run (运行记录) of the campaign on both clocks. `real_until` is None where the run did not end in order."""

    real_from: datetime
    real_until: datetime | None
    civil_from: datetime
    civil_until: datetime | None
    end: str  # of RunEnd; `unknown` where the run did not end in order


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure (指标) with its definition, as the report prints it."""

    name: str
    label: str
    shown: str
    definition: str
    value: float | None  # None where it cannot be known


@dataclass(frozen=True, slots=True)
class ReportData:
    """Everything one report needs (报告数据). Numbers and names inside are masked before they are printed."""

    campaign_id: str
    name: str
    enterprise: str
    purpose: str
    is_loopback: bool
    zone: tzinfo  # the enterprise's, for civil times of the campaign as a whole
    made_at: datetime  # real time
    runs: Sequence[RunNote]
    leads: Sequence[LeadRecord]
    callees: Mapping[CalleeId, CalleeRecord]
    attempts: Sequence[AttemptRecord]
    journal: Sequence[tuple[int, JournalEntry]]
    figures: Sequence[Figure] = ()
    reason_texts: Mapping[str, str] = field(default_factory=dict)
    """What the reasons of verdicts say in the report's language, by their code."""


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many leads one rule kept from being called, for good or for a time."""

    rule_id: str
    reason: str
    status: str
    source: str
    denied: int
    delayed: int


@dataclass(frozen=True, slots=True)
class HourCount:
    """Attempts and answers in one hour of the callee's day."""

    hour: int
    attempts: int
    answered: int


@dataclass(frozen=True, slots=True)
class TimeBin:
    """What was placed and answered in one stretch of civil time."""

    begins_at: datetime
    cards: int
    attempts: int
    answered: int


@dataclass(frozen=True, slots=True)
class LeadLine:
    """One lead of the list at the end, masked."""

    row: int
    number: str
    name: str
    attempts: int
    state: str
    said: str  # outcome, else reason
    card_lead_ms: int | None
    answers: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts and series (计数) behind the pictures."""

    rows_read: int | None
    rows_rejected: int | None
    rows_merged: int | None
    funnel: Mapping[str, int]
    outcomes: Mapping[str, int]
    card_outcomes: Mapping[str, int]
    rules: Sequence[RuleCount]
    hours: Sequence[HourCount]
    card_leads_ms: Sequence[int]
    answers: Mapping[str, Mapping[str, int]]
    timeline: Sequence[TimeBin]
    refusals: int
    lead_states: Mapping[str, int] = field(default_factory=dict)


def count(data: ReportData) -> Counts:
    """All counts of a report."""
    imported = [entry.facts for _, entry in data.journal if entry.kind is JournalKind.CONTACTS_IMPORTED]
    return Counts(
        rows_read=_sum(imported, "rows"),
        rows_rejected=_sum(imported, "rejected"),
        rows_merged=_sum(imported, "merged"),
        funnel=_funnel(data),
        outcomes=_ordered(Counter(a.outcome.value for a in data.attempts if _was_placed(a) and a.outcome)),
        card_outcomes=_ordered(Counter(a.card_outcome for a in data.attempts if a.card_outcome)),
        rules=_rules(data.journal),
        hours=_hours(data),
        card_leads_ms=sorted(a.card_lead_ms for a in data.attempts if a.card_lead_ms is not None),
        answers=_answers(data.attempts),
        timeline=_timeline(data.attempts),
        refusals=sum(entry.kind is JournalKind.CALLEE_REFUSED for _, entry in data.journal),
        lead_states=_ordered(Counter(lead.state.value for lead in data.leads)),
    )


def lead_lines(data: ReportData, lines_max: int) -> list[LeadLine]:
    """The first leads in the order of the contact file, masked."""
    by_lead: dict[LeadId, list[AttemptRecord]] = {}
    for attempt in data.attempts:
        by_lead.setdefault(attempt.lead_id, []).append(attempt)
    lines = []
    for lead in sorted(data.leads, key=lambda lead: lead.row)[:lines_max]:
        own = by_lead.get(lead.lead_id, [])
        callee = data.callees.get(lead.callee_id)
        answers = {name: value for attempt in own for name, value in attempt.answers.items()}
        leads_ms = [a.card_lead_ms for a in own if a.card_lead_ms is not None]
        lines.append(
            LeadLine(
                row=lead.row,
                number=callee.number.masked() if callee is not None else "*",
                name=masked_name(lead.name),
                attempts=lead.attempts,
                state=lead.state.value,
                said=lead.last_outcome.value if lead.last_outcome and lead.attempts else lead.reason,
                card_lead_ms=leads_ms[-1] if leads_ms else None,
                answers=", ".join(f"{name}={value}" for name, value in answers.items()),
            )
        )
    return lines


def masked_name(name: str) -> str:
    """The first character of a name, and stars for the rest."""
    return f"{name[:1]}{'*' * min(len(name) - 1, 3)}" if name else ""


def _was_placed(attempt: AttemptRecord) -> bool:
    return attempt.invite_sent_at is not None


def _funnel(data: ReportData) -> dict[str, int]:
    """Leads that came at least as far as each stage, in the order of the way of an attempt."""
    stages: dict[str, Iterable[AttemptRecord]] = {
        "allowed": data.attempts,
        "card_submitted": [a for a in data.attempts if a.card_submitted_at],
        "card_delivered": [a for a in data.attempts if a.card_delivered_at],
        "dialled": [a for a in data.attempts if _was_placed(a)],
        "rang": [a for a in data.attempts if a.rang_at],
        "answered": [a for a in data.attempts if a.outcome is Outcome.ANSWERED],
        "replied": [a for a in data.attempts if a.answers],
    }
    return {"leads": len(data.leads), **{name: len({a.lead_id for a in some}) for name, some in stages.items()}}


def _rules(journal: Sequence[tuple[int, JournalEntry]]) -> list[RuleCount]:
    denied: dict[str, set[str]] = {}
    delayed: dict[str, set[str]] = {}
    about: dict[str, tuple[str, str, str]] = {}
    for _, entry in journal:
        if entry.kind not in (JournalKind.LEAD_REFUSED, JournalKind.LEAD_DELAYED, JournalKind.RING_FORBIDDEN):
            continue
        finding = _deciding(entry)
        if finding is None:
            continue
        rule_id = str(finding.get("rule"))
        reason, status, source = (str(finding.get(key, "")) for key in ("reason", "status", "source"))
        about[rule_id] = (reason, status, source)
        kept_back = denied if finding.get("says") == "deny" else delayed
        kept_back.setdefault(rule_id, set()).add(str(entry.lead_id))
    counts = [
        RuleCount(rule_id, *said, denied=len(denied.get(rule_id, ())), delayed=len(delayed.get(rule_id, ())))
        for rule_id, said in about.items()
    ]
    return sorted(counts, key=lambda c: (-c.denied, -c.delayed, c.rule_id))


def _deciding(entry: JournalEntry) -> Mapping[str, object] | None:
    verdict = entry.facts.get("verdict")
    findings = verdict.get("findings") if isinstance(verdict, dict) else None
    first = findings[0] if isinstance(findings, list) and findings else None
    return first if isinstance(first, dict) else None


def _hours(data: ReportData) -> list[HourCount]:
    placed: Counter[int] = Counter()
    answered: Counter[int] = Counter()
    for attempt in data.attempts:
        if attempt.invite_sent_at is None:
            continue
        callee = data.callees.get(attempt.callee_id)
        hour = attempt.invite_sent_at.astimezone(_zone(callee, data.zone)).hour
        placed[hour] += 1
        answered[hour] += attempt.outcome is Outcome.ANSWERED
    if not placed:
        return []
    return [HourCount(hour, placed[hour], answered[hour]) for hour in range(min(placed), max(placed) + 1)]


def _zone(callee: CalleeRecord | None, otherwise: tzinfo) -> tzinfo:
    try:
        return ZoneInfo(callee.zone_names[0]) if callee is not None and callee.zone_names else otherwise
    except (ZoneInfoNotFoundError, ValueError):
        return otherwise


def _answers(attempts: Sequence[AttemptRecord]) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {}
    for attempt in attempts:
        for name, value in attempt.answers.items():
            found.setdefault(name, Counter())[value] += 1
    return {name: _ordered(values) for name, values in found.items()}


def _timeline(attempts: Sequence[AttemptRecord]) -> list[TimeBin]:
    cards = [a.card_submitted_at for a in attempts if a.card_submitted_at]
    placed = [a.invite_sent_at for a in attempts if a.invite_sent_at]
    answered = [a.answered_at for a in attempts if a.answered_at]
    if not placed:
        return []
    first, last = min([*cards, *placed]), max([*placed, *answered])
    step = _bin_length(last - first)
    begins = datetime.fromtimestamp(first.timestamp() // step.total_seconds() * step.total_seconds(), UTC)
    bins = int((last - begins) / step) + 1
    tallies = [Counter(int((at - begins) / step) for at in some) for some in (cards, placed, answered)]
    return [TimeBin(begins + step * n, *(tally[n] for tally in tallies)) for n in range(bins)]


def _bin_length(span: timedelta) -> timedelta:
    """A round length that gives no more than `TIMELINE_BINS_MAX` bins."""
    for seconds in (1, 5, 15, 30, 60, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400, 604_800):
        if span.total_seconds() / seconds < TIMELINE_BINS_MAX:
            return timedelta(seconds=seconds)
    return span / (TIMELINE_BINS_MAX - 1)


def _sum(facts: Sequence[Mapping[str, object]], name: str) -> int | None:
    values = [value for fact in facts if isinstance(value := fact.get(name), int)]
    return sum(values) if values else None


def _ordered(counter: Counter[str]) -> dict[str, int]:
    return dict(sorted(counter.items(), key=lambda item: (-item[1], item[0])))


def finished(state: str) -> bool:
    """Whether a lead in this state needs no further attempt."""
    return state in (LeadState.FINISHED.value, LeadState.REFUSED.value)
