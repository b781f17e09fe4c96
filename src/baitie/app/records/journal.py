"""The journal as the store gives it: its newest entry, and the entries about one attempt."""

from dataclasses import dataclass
from datetime import datetime

from baitie.kernel.journal import JournalEntry
from baitie.kernel.records import AttemptRecord, CalleeRecord, LeadRecord


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
