"""The journal's events: their names, and the chain that shows tampering."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from json.encoder import encode_basestring
from typing import TypeAlias

from baitie.kernel.canonical_json import to_json

JsonValue: TypeAlias = "str | int | float | bool | list[JsonValue] | dict[str, JsonValue] | None"

GENESIS_HASH = "0" * 64

JOURNAL_FORMAT = 2
"""The format of entries that are written; it stands in each. Entries of format 1 do not name theirs."""

JOURNAL_FORMATS = (1, 2)
"""The formats that can be read, and may follow each other in one journal."""


class JournalKind(StrEnum):
    """Journal events (审计日志事件), in the past tense. Each is described in docs/reference/events.md."""

    CAMPAIGN_STARTED = "CampaignStarted"
    CAMPAIGN_RESUMED = "CampaignResumed"
    CAMPAIGN_PAUSED = "CampaignPaused"
    CAMPAIGN_STOPPED = "CampaignStopped"
    CAMPAIGN_FINISHED = "CampaignFinished"
    CONTACTS_IMPORTED = "ContactsImported"
    LEAD_REFUSED = "LeadRefused"
    LEAD_DELAYED = "LeadDelayed"
    ATTEMPT_PLANNED = "AttemptPlanned"
    CARD_SUBMITTED = "CardSubmitted"
    CARD_ACCEPTED = "CardAccepted"
    CARD_REFUSED = "CardRefused"
    CARD_DELIVERED = "CardDelivered"
    CARD_UNDELIVERED = "CardUndelivered"
    CARD_LATE = "CardLate"
    RING_ALLOWED = "RingAllowed"
    RING_FORBIDDEN = "RingForbidden"
    INVITE_SENT = "InviteSent"
    CALL_RANG = "CallRang"
    CALL_ANSWERED = "CallAnswered"
    ANSWER_COLLECTED = "AnswerCollected"
    ATTEMPT_ENDED = "AttemptEnded"
    LEAD_CLOSED = "LeadClosed"
    CALLEE_REFUSED = "CalleeRefused"
    CALLEE_FROZEN = "CalleeFrozen"
    MESSAGE_RECEIVED = "MessageReceived"
    CONSENT_GRANTED = "ConsentGranted"
    CONSENT_WITHDRAWN = "ConsentWithdrawn"
    PREFERENCE_SET = "PreferenceSet"
    CALLEE_BLOCKED = "CalleeBlocked"
    BAR_LIFTED = "BarLifted"
    COMPLAINT_RECEIVED = "ComplaintReceived"
    COMPLAINT_CLOSED = "ComplaintClosed"
    PAGE_CODE_ISSUED = "PageCodeIssued"
    ERASURE_REQUESTED = "ErasureRequested"
    ERASURE_COMPLETED = "ErasureCompleted"
    NUMBER_SUSPENDED = "NumberSuspended"
    NUMBER_RESUMED = "NumberResumed"
    SUSPECT_FOUND = "SuspectFound"
    SUSPECT_CONFIRMED = "SuspectConfirmed"
    SUSPECT_DISMISSED = "SuspectDismissed"
    REGISTRY_IMPORTED = "RegistryImported"
    REGISTRY_DROPPED = "RegistryDropped"
    QUALIFICATION_FILED = "QualificationFiled"
    QUALIFICATION_ENDED = "QualificationEnded"
    COMMAND_RECEIVED = "CommandReceived"
    INBOUND_CALL_ARRIVED = "InboundCallArrived"
    INBOUND_CALL_ANSWERED = "InboundCallAnswered"
    INBOUND_CALL_ENDED = "InboundCallEnded"
    CALL_BACK_REQUESTED = "CallBackRequested"
    CALL_BACK_QUEUED = "CallBackQueued"
    CALL_BACK_CLOSED = "CallBackClosed"
    AGENT_STATE_CHANGED = "AgentStateChanged"
    LEAD_PREVIEWED = "LeadPreviewed"
    CALL_ABANDONED = "CallAbandoned"
    BAR_RESTORED = "BarRestored"
    STORE_RESTORED = "StoreRestored"


BARS = (
    JournalKind.CALLEE_REFUSED,
    JournalKind.CALLEE_FROZEN,
    JournalKind.CALLEE_BLOCKED,
    JournalKind.CONSENT_WITHDRAWN,
    JournalKind.PREFERENCE_SET,
    JournalKind.COMPLAINT_RECEIVED,
    JournalKind.BAR_RESTORED,
)
"""Events that may forbid a call already on its way to the callee: the gate is asked again when one was written."""


RUN_BEGINS = (JournalKind.CAMPAIGN_STARTED, JournalKind.CAMPAIGN_RESUMED)
"""Events with which a run begins; they say what it stands on."""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """Journal entry (审计日志条目): what is about to happen or has happened. Holds ids only, never personal data.

    `at` is civil time (aware, UTC); order is by the sequence that the store gives, never by `at`.
    """

    kind: JournalKind
    at: datetime
    campaign_id: str | None = None
    lead_id: str | None = None
    attempt_id: str | None = None
    callee_id: str | None = None
    facts: Mapping[str, JsonValue] = field(default_factory=dict)


def canonical_bytes(seq: int, entry: JournalEntry) -> bytes:
    """The bytes that are hashed: JSON with sorted keys and no white space, in UTF-8."""
    return f"{canonical_head(entry)}{seq}}}".encode()


def canonical_head(entry: JournalEntry) -> str:
    """What stands before the sequence number, so that an entry is written down before its place is known."""
    return (
        f'{{"at":"{entry.at.isoformat()}","attempt_id":{_quoted(entry.attempt_id)},'
        f'"callee_id":{_quoted(entry.callee_id)},"campaign_id":{_quoted(entry.campaign_id)},'
        f'"facts":{to_json(dict(entry.facts)) if entry.facts else "{}"},'
        f'"format":{JOURNAL_FORMAT},"kind":"{entry.kind}","lead_id":{_quoted(entry.lead_id)},"seq":'
    )


def _quoted(text: str | None) -> str:
    return "null" if text is None else encode_basestring(text)


def link_hash(previous_hash: str, canonical: bytes) -> str:
    """SHA-256 over the hash of the entry before and the bytes of this one, in hex."""
    return hashlib.sha256(previous_hash.encode("ascii") + canonical).hexdigest()
