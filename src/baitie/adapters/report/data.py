"""What a report is made from, and the counts and series that its pictures show. No rates: those come as figures."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from baitie.domain.metrics import CampaignFigures
from baitie.kernel.ids import CalleeId, LeadId
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.outcome import Outcome
from baitie.kernel.records import AttemptRecord, CalleeRecord, LeadRecord

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
    basis: str  # what it stands on, such as `26 / 53`
    definition: str
    value: float | None  # None where it cannot be known


@dataclass(frozen=True, slots=True)
class RuleText:
    """What is said of one rule (规则说明): its standing, and the sentence of its first verdict."""

    status: str
    sentence: str
    source: str


@dataclass(frozen=True, slots=True)
class FreezeLine:
    """One freeze (冻结) on record of a callee of the campaign, masked."""

    number: str
    frozen_at: datetime
    frozen_until: datetime
    reason: str  # in words
    rule_id: str  # or what else ordered it, such as `complaint`


@dataclass(frozen=True, slots=True)
class AdviceLine:
    """What one rule advised against (规则提示) and did not forbid: of how many callees, and the first such sentence."""

    rule_id: str
    callees: int
    sentence: str
    source: str


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
    numbers: CampaignFigures
    figures: Sequence[Figure]  # all metrics in words, those for the top of the page first
    tiles: int  # how many of them stand at the top
    rules: Mapping[str, RuleText] = field(default_factory=dict)
    freezes: Sequence[FreezeLine] = ()
    advice: Sequence[AdviceLine] = ()
    hidden: frozenset[str] = frozenset()  # metrics that say nothing of this campaign, such as agents' where none are


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
    attempt_ids: tuple[str, ...]  # what `baitie audit trace` takes, the oldest first


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts and series (计数) that only the pictures need; what has a definition comes with the figures."""

    rows_read: int | None
    rows_rejected: int | None
    rows_merged: int | None
    card_outcomes: Mapping[str, int]
    card_leads_ms: Sequence[int]
    timeline: Sequence[TimeBin]
    stopped_by_refusal: int  # INVITEs cancelled because the callee said no after the card


def count(data: ReportData) -> Counts:
    """The counts and series of a report."""
    imported = [entry.facts for _, entry in data.journal if entry.kind is JournalKind.CONTACTS_IMPORTED]
    card_outcomes = Counter(a.card_outcome for a in data.attempts if a.card_outcome)
    return Counts(
        rows_read=_sum(imported, "rows"),
        rows_rejected=_sum(imported, "rejected"),
        rows_merged=_sum(imported, "merged"),
        card_outcomes=dict(sorted(card_outcomes.items(), key=lambda item: (-item[1], item[0]))),
        card_leads_ms=sorted(a.card_lead_ms for a in data.attempts if a.card_lead_ms is not None),
        timeline=_timeline(data.attempts),
        stopped_by_refusal=sum(
            a.outcome is Outcome.CANCELLED and a.failure_cause == "callee-refused" for a in data.attempts
        ),
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
                attempt_ids=tuple(attempt.attempt_id for attempt in own),
            )
        )
    return lines


def masked_name(name: str) -> str:
    """The first character of a name, and stars for the rest."""
    return f"{name[:1]}{'*' * min(len(name) - 1, 3)}" if name else ""


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
