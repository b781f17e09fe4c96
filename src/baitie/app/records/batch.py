"""What the store keeps and gives: batches, standings, commands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import compress
from operator import attrgetter
from typing import Any

from baitie.app.records.page_cards import CampaignOverview, PageCard
from baitie.app.records.sent_card import SentCard
from baitie.domain.complaints import Complaint, NumberSuspension
from baitie.domain.consent.register import Block, Consent, Lift, Preference
from baitie.domain.consent.requests import CalleeRequest
from baitie.domain.inbound.record import InboundRecord
from baitie.domain.registries import Qualification
from baitie.domain.review import Suspect
from baitie.domain.risk.history import CalleeHistory, Freeze, Refusal
from baitie.kernel.ids import CalleeId
from baitie.kernel.journal import BARS, JournalEntry
from baitie.kernel.records import AttemptRecord, LeadRecord


@dataclass(slots=True)
class Batch:
    """Batch (批次): what is kept in one transaction, all of it or nothing. Most parts of most batches are empty."""

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
    campaigns: Sequence[CampaignOverview] = ()  # by their id: the newest of each
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
