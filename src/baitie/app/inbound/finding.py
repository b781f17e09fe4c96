"""Finds what a caller wants back: who it is, which attempt is returned, and what stands against asking anything."""

from dataclasses import dataclass
from datetime import datetime

from baitie.app.campaign.answering_plan import AnsweringPlan
from baitie.app.ports.arrivals import AnsweringStore, CallArrived
from baitie.app.registers.callers import attempts_seen
from baitie.domain.contacts import RejectReason, read_number
from baitie.domain.inbound.decision import CallerFacts, CallerKind, RecentAttempt
from baitie.kernel.ids import CalleeId
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import AttemptRecord


@dataclass(frozen=True, slots=True)
class Found:
    """Caller found (来电识别结果): what is known of one call that came in."""

    number: PhoneNumber | None  # of the caller
    callee_id: CalleeId | None
    dialled: PhoneNumber | None  # one of the enterprise's
    facts: CallerFacts
    is_for_us: bool = True  # False where the carrier names a number, and it is nobody's here


def find(store: AnsweringStore, plan: AnsweringPlan, call: CallArrived, civil_now: datetime) -> Found:
    """Two or three indexed reads, however many attempts there are."""
    read = [number for number in (_read(written, plan.region) for written in call.dialled) if number is not None]
    dialled = next((number for number in read if number in plan.presented_numbers), None)
    if read and dialled is None:
        return Found(None, None, None, CallerFacts(CallerKind.STRANGER), is_for_us=False)
    number = None if call.is_withheld else _read(call.caller, plan.region)
    if number is None:
        return Found(None, None, dialled, CallerFacts(CallerKind.WITHHELD))
    callee_id = store.callee_ids([number]).get(number)
    if callee_id is None:
        return Found(number, None, dialled, CallerFacts(CallerKind.STRANGER))
    standing = store.standing(callee_id)
    facts = CallerFacts(
        kind=CallerKind.CALLEE,
        attempts=tuple(map(_recent, attempts_seen(store, callee_id, dialled))),
        has_refused=bool(standing.refusals or standing.blocks),
        is_frozen=any(freeze.frozen_until > civil_now for freeze in standing.freezes),
    )
    return Found(number, callee_id, dialled, facts)


def _recent(attempt: AttemptRecord) -> RecentAttempt:
    at = attempt.invite_sent_at or attempt.card_submitted_at or attempt.planned_at
    return RecentAttempt(attempt.attempt_id, attempt.lead_id, attempt.campaign_id, at)


def _read(written: str, region: str) -> PhoneNumber | None:
    """A number as this carrier writes it."""
    reading = read_number(written, region)
    return None if isinstance(reading, RejectReason) else reading.number
