"""Everything that the store has about the card of one code."""

from dataclasses import dataclass
from datetime import datetime

from baitie.app.records.callers import CallerFound
from baitie.app.records.sent_card import SentCard
from baitie.app.records.standing import CalleeStanding
from baitie.kernel.journal import JournalEntry
from baitie.kernel.records import AttemptRecord, CalleeRecord


@dataclass(frozen=True, slots=True)
class CardFile:
    """Card file (名片卷宗): everything that the store has about the card of one code, read as one state."""

    caller: CallerFound
    callee: CalleeRecord
    standing: CalleeStanding
    attempts: tuple[AttemptRecord, ...]  # the newest to this callee, over all campaigns
    expires_at: datetime
    entry_seq: int | None  # of the journal's entry about the card
    entry: JournalEntry | None
    sent_cards: tuple[SentCard, ...] = ()
