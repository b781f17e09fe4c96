"""Records to rows and back. Written by hand: this runs several times in each attempt, 100,000 times in an import."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from sys import intern
from typing import Any, TypeAlias

from baitie.adapters.store.card_rows import sent_card_row
from baitie.adapters.store.inbound import inbound_row
from baitie.app.records.batch import Batch, parts_of
from baitie.app.records.commands import Command, CommandKind
from baitie.app.records.page_cards import PageCard
from baitie.app.records.standing import CalleeStanding
from baitie.domain.complaints import Complaint
from baitie.domain.consent.register import Block, Consent, Preference
from baitie.domain.consent.requests import CalleeRequest
from baitie.domain.namecard.page_code import PageCode
from baitie.domain.risk.history import CalleeHistory, Freeze, Refusal, RefusalChannel
from baitie.kernel.canonical_json import to_json
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId, LeadId
from baitie.kernel.journal import JournalEntry, JournalKind, canonical_head
from baitie.kernel.outcome import EndedBy, Evidence, Outcome
from baitie.kernel.phone import PhoneNumber, PhoneNumberError
from baitie.kernel.purpose import NumberClass
from baitie.kernel.records import AttemptRecord, AttemptState, CalleeRecord, LeadRecord, LeadState

Row: TypeAlias = tuple[Any, ...]

_read_json = json.JSONDecoder().raw_decode  # without looking for white space, of which we write none
_NO_EVIDENCE = Evidence()
# To call an enumeration costs more than all else that is done for a column, and a start reads a million rows.
_LEAD_STATES = {state.value: state for state in LeadState}
_NUMBER_CLASSES = {number_class.value: number_class for number_class in NumberClass}
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
_ATTEMPT_STATES = {state.value: state for state in AttemptState}
_JOURNAL_KINDS = {kind.value: kind for kind in JournalKind}
_CHANNELS = {channel.value: channel for channel in RefusalChannel}
LOST_NUMBER = "+0000"
UNREADABLE = "unreadable"
"""Stands where a number was taken out of the store or cannot be read: nobody has it, and it is never dialled."""

_LONG_AGO, _NEVER = datetime(1970, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_EVIDENCE_FIELDS = tuple(Evidence.__dataclass_fields__)


def _text(at: datetime) -> str:
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat()


def _text_or_none(at: datetime | None) -> str | None:
    return None if at is None else _text(at)


def _time_or_none(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def lead_row(lead: LeadRecord) -> Row:
    """A lead, in the order of the columns."""
    return (
        lead.lead_id,
        lead.campaign_id,
        lead.callee_id,
        lead.row,
        lead.name,
        to_json(dict(lead.slots)),
        lead.source,
        lead.legal_basis,
        lead.segment,
        lead.priority,
        lead.state.value,
        _text_or_none(lead.not_before),
        lead.attempts,
        None if lead.last_outcome is None else lead.last_outcome.value,
        lead.reason,
    )


def lead_of(row: Sequence[Any]) -> LeadRecord:
    """The inverse of `lead_row`. What all leads of a campaign have in common is kept once."""
    return LeadRecord(
        lead_id=LeadId(row[0]),
        campaign_id=CampaignId(intern(row[1])),
        callee_id=CalleeId(row[2]),
        row=row[3],
        name=row[4],
        slots=json.loads(row[5]),
        source=intern(row[6]),
        legal_basis=intern(row[7]),
        segment=intern(row[8]),
        priority=row[9],
        state=_LEAD_STATES[row[10]],
        not_before=_time_or_none(row[11]),
        attempts=row[12],
        last_outcome=None if row[13] is None else _OUTCOMES[row[13]],
        reason=row[14],
    )


def callee_row(callee: CalleeRecord, number_hmac: bytes) -> Row:
    """A callee with the look-up value of the number, in the order of the columns."""
    return (
        callee.callee_id,
        callee.number.e164(),
        number_hmac,
        callee.number_class.value,
        callee.region,
        to_json(list(callee.zone_names)),
    )


@lru_cache(maxsize=1024)  # the same few lists stand at most callees
def _zones_of(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def callee_of(row: Sequence[Any]) -> CalleeRecord:
    """The inverse of `callee_row`; where somebody wrote anything else there, nobody's number."""
    try:
        return CalleeRecord(
            callee_id=CalleeId(row[0]),
            number=PhoneNumber(row[1]),
            number_class=_NUMBER_CLASSES[row[3]],
            region=None if row[4] is None else intern(row[4]),  # the same few stand at all callees
            zone_names=_zones_of(row[5]),
        )
    except (PhoneNumberError, KeyError, TypeError, ValueError, RecursionError):
        return CalleeRecord(CalleeId(row[0]), PhoneNumber(LOST_NUMBER), NumberClass.OTHER, None, ())


def _evidence_text(evidence: Evidence) -> str:
    if evidence == _NO_EVIDENCE:
        return "{}"
    seen = {name: getattr(evidence, name) for name in _EVIDENCE_FIELDS}
    return to_json({name: value for name, value in seen.items() if value != getattr(_NO_EVIDENCE, name)})


def _evidence_of(text: str) -> Evidence:
    if text == "{}":
        return _NO_EVIDENCE
    fields = json.loads(text)
    if "ended_by" in fields:
        fields["ended_by"] = EndedBy(fields["ended_by"])
    return Evidence(**fields)


def attempt_row(attempt: AttemptRecord) -> Row:
    """A call record, in the order of the columns."""
    return (
        attempt.attempt_id,
        attempt.lead_id,
        attempt.campaign_id,
        attempt.callee_id,
        attempt.presented_number.e164(),
        attempt.trunk,
        attempt.state.value,
        _text(attempt.planned_at),
        attempt.card_text_hash,
        _text_or_none(attempt.card_submitted_at),
        _text_or_none(attempt.card_delivered_at),
        attempt.card_outcome,
        attempt.card_receipt_ms,
        attempt.card_lead_ms,
        _text_or_none(attempt.invite_sent_at),
        _text_or_none(attempt.rang_at),
        _text_or_none(attempt.answered_at),
        _text_or_none(attempt.ended_at),
        None if attempt.outcome is None else attempt.outcome.value,
        attempt.failure_cause,
        _evidence_text(attempt.evidence),
        to_json(dict(attempt.answers)) if attempt.answers else "{}",
        attempt.recording,
        attempt.card_channel,
    )


def attempt_of(row: Sequence[Any]) -> AttemptRecord:
    """The inverse of `attempt_row`."""
    return AttemptRecord(
        attempt_id=AttemptId(row[0]),
        lead_id=LeadId(row[1]),
        campaign_id=CampaignId(row[2]),
        callee_id=CalleeId(row[3]),
        presented_number=PhoneNumber(row[4]),
        trunk=row[5],
        state=_ATTEMPT_STATES[row[6]],
        planned_at=datetime.fromisoformat(row[7]),
        card_text_hash=row[8],
        card_submitted_at=_time_or_none(row[9]),
        card_delivered_at=_time_or_none(row[10]),
        card_outcome=row[11],
        card_receipt_ms=row[12],
        card_lead_ms=row[13],
        invite_sent_at=_time_or_none(row[14]),
        rang_at=_time_or_none(row[15]),
        answered_at=_time_or_none(row[16]),
        ended_at=_time_or_none(row[17]),
        outcome=None if row[18] is None else _OUTCOMES[row[18]],
        failure_cause=row[19],
        evidence=_evidence_of(row[20]),
        answers=json.loads(row[21]),
        recording=row[22],
        card_channel=row[23],
    )


def history_row(callee_id: CalleeId, history: CalleeHistory) -> Row:
    """A callee's history, in the order of the columns."""
    return (callee_id, to_json(history.to_json()))


def history_of(text: str) -> CalleeHistory:
    """The history of a `history` column. Raises ValueError for anything but a list."""
    rows = json.loads(text)
    if not isinstance(rows, list):
        raise ValueError("no list")
    return CalleeHistory.from_json(rows)


def refusal_row(refusal: Refusal) -> Row:
    """A refusal, in the order of the columns after the key."""
    evidence = None if refusal.evidence is None else to_json(dict(refusal.evidence))
    return (refusal.callee_id, _text(refusal.at), refusal.channel.value, refusal.actor, evidence)


def refusal_of(callee_id: CalleeId, at: str, channel: str, actor: str, evidence: str | None) -> Refusal:
    """The inverse of `refusal_row`. What cannot be read of a row that bars calls is no reason to pass it over."""
    facts: Mapping[str, Any] | None
    try:
        facts = None if evidence is None else json.loads(evidence)
    except (TypeError, ValueError, RecursionError):
        facts = None
    return Refusal(callee_id, _time_or(at, _LONG_AGO), _CHANNELS.get(channel, RefusalChannel.OPERATOR), actor, facts)


def freeze_row(freeze: Freeze) -> Row:
    """A freeze, in the order of the columns after the key."""
    return (
        freeze.callee_id,
        _text(freeze.at),
        _text(freeze.frozen_until),
        freeze.reason,
        freeze.rule_id,
        freeze.actor,
    )


def freeze_of(callee_id: CalleeId, at: str, frozen_until: str, reason: str, rule_id: str, actor: str) -> Freeze:
    """The inverse of `freeze_row`."""
    return Freeze(callee_id, _time_or(at, _LONG_AGO), _time_or(frozen_until, _NEVER), reason, rule_id, actor)


def _time_or(text: str, otherwise: datetime) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return otherwise
    return otherwise if at.tzinfo is None else at


def complaint_row(complaint: Complaint) -> Row:
    """A complaint, in the order of the columns."""
    return (
        complaint.complaint_id,
        complaint.callee_id,
        complaint.campaign_id,
        _text(complaint.received_at),
        complaint.due_on.isoformat(),
        complaint.state.value,
        to_json(complaint.to_json()),
    )


def page_card_row(card: PageCard, code_hmac: bytes) -> Row:
    """A page card, in the order of the columns but the last two."""
    return (code_hmac, card.attempt_id, card.callee_id, _text(card.made_at), _text(card.expires_at))


def request_row(request: CalleeRequest) -> Row:
    """A callee's request, in the order of the columns."""
    body = to_json(request.to_json())
    return (
        request.request_id,
        request.callee_id,
        request.kind.value,
        request.due_on.isoformat(),
        int(request.is_open),
        body,
    )


def standing_of(callee_id: CalleeId, rows: Sequence[Sequence[Any]]) -> CalleeStanding:
    """The standing of the rows of `Statements.standing`, every list with the oldest first.

    Wishes, complaints, history or cards that cannot be read were altered: what they said is not known, so they block.
    """
    parts: list[list[Any]] = [[] for _ in range(8)]
    for part, *values in rows:
        try:
            _take_part(callee_id, parts, part, values)
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
            parts[5].append(Block(callee_id, _LONG_AGO, UNREADABLE, UNREADABLE))
    return CalleeStanding(
        history=parts[0][0] if parts[0] else CalleeHistory(),
        refusals=tuple(sorted(parts[1], key=lambda refusal: refusal.at)),
        freezes=tuple(sorted(parts[2], key=lambda freeze: freeze.at)),
        consents=tuple(sorted(parts[3], key=lambda consent: (consent.granted_at, consent.consent_id))),
        preference=parts[4][0] if parts[4] else None,
        blocks=tuple(sorted(parts[5], key=lambda block: block.at)),
        complaints=tuple(sorted(parts[6], key=lambda complaint: (complaint.received_at, complaint.complaint_id))),
        cards_sent=tuple(sorted(parts[7])),
    )


def _take_part(callee_id: CalleeId, parts: list[list[Any]], part: int, values: Sequence[Any]) -> None:
    match part:
        case 0:
            parts[0].append(history_of(values[0]))
        case 1:
            parts[1].append(refusal_of(callee_id, values[0], values[1], values[2], values[3]))
        case 2:
            parts[2].append(freeze_of(callee_id, values[0], values[1], values[2], values[3], values[4]))
        case 3:
            parts[3] += _consents_of(values[0])
        case 4:
            parts[4].append(Preference.from_json(json.loads(values[0])))
        case 5:
            parts[5].append(Block(callee_id, _time_or(values[0], _LONG_AGO), values[1], values[2]))
        case 6:
            complaint = Complaint.from_json(json.loads(values[0]))
            _refuse_naive(complaint.received_at)
            parts[6].append(complaint)
        case _:
            parts[7].append(_refuse_naive(datetime.fromisoformat(values[0])))


def _refuse_naive(at: datetime) -> datetime:
    """Times without a zone cannot be told apart from others in order. Raises ValueError."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at


def _consents_of(record: str) -> list[Consent]:
    """The consent of a record; none where it cannot be read, for what nobody can prove holds for nothing."""
    try:
        consent = Consent.from_json(json.loads(record))
        _refuse_naive(consent.granted_at)
        return [consent]
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        return []


def command_row(command: Command) -> Row:
    """A command not taken yet, in the order of the columns after the key."""
    return (command.kind.value, command.actor, _text(command.at), 0)


def command_of(row: Sequence[Any]) -> Command:
    """The command of (id, kind, actor, at)."""
    return Command(row[0], CommandKind(row[1]), row[2], datetime.fromisoformat(row[3]))


def entry_of(canonical: str) -> JournalEntry:
    """The journal entry of its canonical text."""
    body, _ = _read_json(canonical)
    return JournalEntry(
        kind=_JOURNAL_KINDS[body["kind"]],
        at=datetime.fromisoformat(body["at"]),
        campaign_id=body["campaign_id"],
        lead_id=body["lead_id"],
        attempt_id=body["attempt_id"],
        callee_id=body["callee_id"],
        facts=body["facts"],
    )


def unnumbered(entry: JournalEntry) -> tuple[str | None, bytes]:
    """An entry without its sequence number, so that it is encoded before its place in the chain is known."""
    return entry.campaign_id, canonical_head(entry).encode()


def numbered(seq: int, head: bytes) -> bytes:
    """The canonical bytes of an `unnumbered` entry at its place."""
    return b"%b%d}" % (head, seq)


@dataclass(slots=True)
class EncodedBatch:
    """A batch as rows: a snapshot, so that the caller may go on using what it handed over.

    Holds the parts in which there is something. Leads and attempts stay records, for these never change in
    themselves and come again and again: of a group only the newest of each is made a row. Journal entries are
    `unnumbered`, lifts pairs of a kind and a row; the rows of page cards lack the places in the journal.
    """

    parts: Mapping[str, Sequence[Any]]
    is_act: bool = False  # a run must heed it


def _as_it_is(found: Any) -> Any:
    return found


_ENCODED: Mapping[str, Callable[[Any], Any]] = {
    "journal": unnumbered,
    "leads": _as_it_is,
    "attempts": _as_it_is,
    "histories": lambda of: history_row(of[0], of[1]),
    "refusals": refusal_row,
    "freezes": freeze_row,
    "consents": lambda c: (c.consent_id, c.callee_id, to_json(c.to_json())),
    "preferences": lambda wish: (wish.callee_id, to_json(wish.to_json())),
    "blocks": lambda b: (b.callee_id, _text(b.at), b.reason, b.actor),
    "complaints": complaint_row,
    "cards_sent": lambda sent: (sent[0], _text(sent[1])),
    "lifts": lambda li: (li.kind, (_text(li.at), li.actor, li.reason, li.callee_id)),
    "campaigns": lambda facts: (facts.campaign_id, to_json(facts.to_json())),
    "requests": request_row,
    "inbound": inbound_row,
    "suspects": lambda s: (s.suspect_id, s.callee_id, s.state.value, s.quote, to_json(s.to_json())),
    "suspensions": lambda s: (s.suspension_id, s.number, int(s.is_active), to_json(s.to_json())),
    "qualifications": lambda q: (q.qualification_id, to_json(q.to_json())),
    "forgotten": _as_it_is,
    "card_submissions": sent_card_row,
}
"""How each part of a batch is written down; only page cards need a key for it."""


def encoded(
    batch: Batch,
    code_hmac: Callable[[PageCode], bytes],
    referring: Callable[[JournalEntry], JournalEntry] | None = None,
) -> EncodedBatch:
    """The rows of a batch. Raises here, at the caller, where something in it cannot be written down.

    `referring` is told each journal entry, and gives it as it is written.
    """
    parts: dict[str, Sequence[Any]] = {}
    for name, found in parts_of(batch):
        if name == "journal" and referring is not None:
            parts[name] = [unnumbered(referring(entry)) for entry in found]
        elif name == "page_cards":
            parts[name] = [page_card_row(card, code_hmac(card.code)) for card in found]
        else:
            parts[name] = [*map(_ENCODED[name], found)]
    return EncodedBatch(parts, batch.is_act())
