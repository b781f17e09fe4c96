"""What the store keeps and gives: batches, standings, commands."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from operator import attrgetter

from baitie.app.card_records import SentCard
from baitie.app.page_records import CampaignFacts, PageCard
from baitie.domain.complaints import Complaint, NumberSuspension
from baitie.domain.consent.register import Block, Consent, Lift, Preference
from baitie.domain.consent.requests import CalleeRequest
from baitie.domain.inbound.record import InboundRecord
from baitie.domain.registries import Qualification
from baitie.domain.review import Suspect
from baitie.domain.risk.history import CalleeHistory, Freeze, Refusal
from baitie.kernel.ids import CalleeId, CampaignId
from baitie.kernel.journal import BARS, JournalEntry
from baitie.kernel.records import AttemptRecord, CalleeRecord, LeadRecord

CARDS_KEPT_MAX = 32
"""So many cards sent to one callee are looked at: more than any half-life leaves weight to."""


@dataclass(slots=True)
class Batch:
    """What is kept in one transaction: all of it or nothing."""

    journal: list[JournalEntry] = field(default_factory=list)
    leads: list[LeadRecord] = field(default_factory=list)
    attempts: list[AttemptRecord] = field(default_factory=list)
    histories: list[tuple[CalleeId, CalleeHistory]] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    freezes: list[Freeze] = field(default_factory=list)
    consents: list[Consent] = field(default_factory=list)  # by their id: the newest state of each
    preferences: list[Preference] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)  # by their id
    cards_sent: list[tuple[CalleeId, datetime]] = field(default_factory=list)
    lifts: list[Lift] = field(default_factory=list)  # end what stood before this batch
    page_cards: list[PageCard] = field(default_factory=list)  # the journal of this batch speaks of their cards
    campaigns: list[CampaignFacts] = field(default_factory=list)  # by their id: the newest of each
    requests: list[CalleeRequest] = field(default_factory=list)  # by their id
    inbound: list[InboundRecord] = field(default_factory=list)  # by their id
    suspects: list[Suspect] = field(default_factory=list)  # by their id: the newest state of each
    suspensions: list[NumberSuspension] = field(default_factory=list)  # by their id
    qualifications: list[Qualification] = field(default_factory=list)  # by their id
    forgotten: list[CalleeId] = field(default_factory=list)  # whose names, slots, answers and codes are destroyed
    card_submissions: list[SentCard] = field(default_factory=list)  # by their id: the newest state of each

    def is_act(self) -> bool:
        """Whether a run must heed what is in it, before its next call: more than how attempts and calls go on."""
        return any(_ACTS_OF(self)) or any(entry.kind in BARS for entry in self.journal)


_GOING_ON = frozenset(
    {
        "journal",
        "leads",
        "attempts",
        "histories",
        "cards_sent",
        "page_cards",
        "campaigns",
        "inbound",
        "card_submissions",
    }
)
"""Parts of a batch that say how attempts and calls go on. Every other part is an act (行为登记) of somebody."""

_ACTS_OF = attrgetter(*(each.name for each in fields(Batch) if each.name not in _GOING_ON))


@dataclass(frozen=True, slots=True)
class CalleeStanding:
    """Standing (现状) of a callee over all campaigns: what the gate must know, kept ready without a scan."""

    history: CalleeHistory
    refusals: tuple[Refusal, ...] = ()
    freezes: tuple[Freeze, ...] = ()  # of these and of blocks only what nobody lifted
    consents: tuple[Consent, ...] = ()
    preference: Preference | None = None
    blocks: tuple[Block, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    cards_sent: tuple[datetime, ...] = ()  # the newest of them


@dataclass(frozen=True, slots=True)
class CampaignState:
    """A campaign as the store has it: what a run starts or resumes from."""

    campaign_id: CampaignId
    leads: tuple[LeadRecord, ...]
    callees: Mapping[CalleeId, CalleeRecord]
    open_attempts: tuple[AttemptRecord, ...]
    last_civil_at: datetime | None  # of the newest journal entry of this campaign


@dataclass(frozen=True, slots=True)
class JournalTail:
    """The newest entry of the journal (日志末条): its place, hash and civil time."""

    seq: int
    hash: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AttemptFile:
    """Everything that is kept about one attempt (呼叫卷宗): its record, lead, callee, and the journal of the callee.

    Lead and callee are None where the person was forgotten.
    """

    attempt: AttemptRecord
    lead: LeadRecord | None
    callee: CalleeRecord | None
    journal: tuple[tuple[int, JournalEntry], ...]


class CommandKind(StrEnum):
    """Operator's command (操作命令) to the running dialler, written into the store by another process."""

    STOP = "stop"  # let calls in progress end
    STOP_NOW = "stop_now"  # hang up


@dataclass(frozen=True, slots=True)
class Command:
    """One command: who gave it and when. The actor is a name, unauthenticated until sign-in exists."""

    command_id: int
    kind: CommandKind
    actor: str
    at: datetime
