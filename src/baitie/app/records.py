"""What the store keeps and gives: batches, standings, commands."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from itertools import compress
from operator import attrgetter
from typing import Any

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
    """What is kept in one transaction: all of it or nothing. Most parts of most batches are empty."""

    journal: Sequence[JournalEntry] = ()
    leads: Sequence[LeadRecord] = ()
    attempts: Sequence[AttemptRecord] = ()
    histories: Sequence[tuple[CalleeId, CalleeHistory]] = ()
    refusals: Sequence[Refusal] = ()
    freezes: Sequence[Freeze] = ()
    consents: Sequence[Consent] = ()  # by their id: the newest state of each
    preferences: Sequence[Preference] = ()
    blocks: Sequence[Block] = ()
    complaints: Sequence[Complaint] = ()  # by their id
    cards_sent: Sequence[tuple[CalleeId, datetime]] = ()
    lifts: Sequence[Lift] = ()  # end what stood before this batch
    page_cards: Sequence[PageCard] = ()  # the journal of this batch speaks of their cards
    campaigns: Sequence[CampaignFacts] = ()  # by their id: the newest of each
    requests: Sequence[CalleeRequest] = ()  # by their id
    inbound: Sequence[InboundRecord] = ()  # by their id
    suspects: Sequence[Suspect] = ()  # by their id: the newest state of each
    suspensions: Sequence[NumberSuspension] = ()  # by their id
    qualifications: Sequence[Qualification] = ()  # by their id
    forgotten: Sequence[CalleeId] = ()  # whose names, slots, answers and codes are destroyed
    card_submissions: Sequence[SentCard] = ()  # by their id: the newest state of each

    def is_act(self) -> bool:
        """Whether a run must heed what is in it, before its next call: more than how attempts and calls go on."""
        return any(_ACTS_OF(self)) or any(entry.kind in _BARS for entry in self.journal)


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
_BARS = frozenset(BARS)
_PARTS = tuple(each.name for each in fields(Batch))
_PARTS_OF = attrgetter(*_PARTS)


def parts_of(batch: Batch) -> Iterable[tuple[str, Sequence[Any]]]:
    """The parts of a batch in which there is something, with their names."""
    found = _PARTS_OF(batch)
    return compress(zip(_PARTS, found, strict=True), found)


def merged(batches: Iterable[Batch]) -> Batch:
    """One batch of all these, part by part in their order."""
    whole: dict[str, list[Any]] = {}
    for batch in batches:
        for name, rows in parts_of(batch):
            whole.setdefault(name, []).extend(rows)
    return Batch(**whole)


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
    altered: frozenset[CalleeId] = frozenset()  # whose number is not the one that they are looked up by


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
