"""Journal entries about calls that came in. They hold ids only: no number, no answer."""

from datetime import datetime

from baitie.domain.inbound.record import InboundRecord
from baitie.kernel.journal import JournalEntry, JournalKind, JsonValue

CALLER_CALLED = "caller-called"
"""The basis of talking to somebody who called: consent to this one call, and to nothing after it."""


def arrived(record: InboundRecord) -> JournalEntry:
    """The call came in; what will be said is decided."""
    facts: dict[str, JsonValue] = {
        "caller": record.caller.value,
        "treatment": record.treatment.value,
        "reason": record.reason,
        "agent": record.agent,
        "trunk": record.trunk,
    }
    return about(record, JournalKind.INBOUND_CALL_ARRIVED, record.arrived_at, facts)


def answered(record: InboundRecord, at: datetime) -> JournalEntry:
    """The caller hears us."""
    facts: dict[str, JsonValue] = {
        "basis": CALLER_CALLED,
        "script": record.script_id,
        "version": record.script_version,
    }
    return about(record, JournalKind.INBOUND_CALL_ANSWERED, at, facts)


def ended(record: InboundRecord, at: datetime) -> JournalEntry:
    """The call has its outcome."""
    names: list[JsonValue] = [*sorted(record.answers)]
    facts: dict[str, JsonValue] = {
        "outcome": None if record.outcome is None else record.outcome.value,
        "cause": record.cause,
        "ended_by": record.ended_by.value,
        "talk_ms": record.talk_ms,
        "answers": names,
    }
    return about(record, JournalKind.INBOUND_CALL_ENDED, at, facts)


def about(record: InboundRecord, kind: JournalKind, at: datetime, facts: dict[str, JsonValue]) -> JournalEntry:
    """An entry about one call that came in; the attempt it returns is named where it is known."""
    said: dict[str, JsonValue] = {"inbound_id": record.inbound_id, **facts}
    return JournalEntry(kind, at, record.campaign_id, record.lead_id, record.attempt_id, record.callee_id, said)
