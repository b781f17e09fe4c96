"""Callees, leads and attempts as plain values: what every capability may be told of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from baitie.kernel.ids import AttemptId, CalleeId, CampaignId, LeadId
from baitie.kernel.outcome import Evidence, Outcome
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.purpose import NumberClass


@dataclass(frozen=True, slots=True)
class CalleeRecord:
    """Callee (被叫): a person as the enterprise knows them. Erasable personal data, apart from the journal."""

    callee_id: CalleeId
    number: PhoneNumber
    number_class: NumberClass
    region: str | None  # ISO 3166-1 alpha-2
    zone_names: tuple[str, ...]  # IANA names; more than one where the number does not tell


class LeadState(StrEnum):
    """State of a lead (客户状态)."""

    WAITING = "waiting"
    IN_PROGRESS = "in_progress"
    FINISHED = "finished"
    REFUSED = "refused"  # the gate forbids it for good within this campaign


@dataclass(frozen=True, slots=True)
class LeadRecord:
    """Lead (名单客户): a contact in one campaign; not a permission to call."""

    lead_id: LeadId
    campaign_id: CampaignId
    callee_id: CalleeId
    row: int  # in the contact file, the heading being row 1
    name: str  # personal data
    slots: Mapping[str, str]  # personal data: values for the card and the script
    source: str  # where the number came from
    legal_basis: str
    segment: str = ""
    priority: int = 0  # higher goes first
    state: LeadState = LeadState.WAITING
    not_before: datetime | None = None
    attempts: int = 0  # attempts that rang or could have
    last_outcome: Outcome | None = None
    reason: str = ""  # why refused or finished, a stable code


class AttemptState(StrEnum):
    """How far an attempt came (呼叫阶段), as far as is durable."""

    PLANNED = "planned"
    CARD_SUBMITTED = "card_submitted"
    INVITE_SENT = "invite_sent"
    ANSWERED = "answered"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """Call record (话单): the facts of one attempt. Civil times are aware UTC; lengths are monotonic."""

    attempt_id: AttemptId
    lead_id: LeadId
    campaign_id: CampaignId
    callee_id: CalleeId
    presented_number: PhoneNumber
    trunk: str
    state: AttemptState
    planned_at: datetime
    card_text_hash: str | None = None
    card_submitted_at: datetime | None = None
    card_delivered_at: datetime | None = None
    card_outcome: str | None = None  # delivered, late, refused, undelivered, unknown, none
    card_receipt_ms: int | None = None  # submit to receipt
    card_lead_ms: int | None = None  # receipt to ring; None where it was not seen before the ring
    invite_sent_at: datetime | None = None
    rang_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    failure_cause: str | None = None
    evidence: Evidence = field(default_factory=Evidence)
    answers: Mapping[str, str] = field(default_factory=dict)
    recording: str | None = None  # path relative to the campaign folder
    card_channel: str | None = None  # the one whose receipt counted, else the last that was tried
