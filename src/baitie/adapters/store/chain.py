"""Checks the journal's chain: every row follows from the one before, from the first on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from baitie.domain.audit import AuditFault, JournalRow, RowColumns, row_fault
from baitie.kernel.journal import GENESIS_HASH


@dataclass(frozen=True, slots=True)
class ChainVerdict:
    """Result of a check (链校验结果): how many rows are whole, and where and why the first one is not.

    A chain cut off at its end is whole in itself: compare `last_hash` with one that was noted elsewhere.
    """

    rows_whole: int
    last_hash: str
    broken_at_seq: int | None = None
    reason: str | None = None  # kebab-case

    @property
    def is_whole(self) -> bool:
        """Whether nothing was altered, inserted or taken out between the first row and the last."""
        return self.reason is None


def verify_chain(rows: Iterable[Sequence[Any]]) -> ChainVerdict:
    """Check rows of (seq, campaign_id, canonical, prev_hash, hash) in the order of `seq`."""
    whole, last_hash = 0, GENESIS_HASH
    for row in rows:
        reason = _fault(row, whole + 1, last_hash)
        if reason is not None:
            return ChainVerdict(whole, last_hash, row[0], reason)
        whole, last_hash = whole + 1, row[4]
    return ChainVerdict(whole, last_hash)


def journal_row_of(row: Sequence[Any]) -> JournalRow:
    """The row of (seq, campaign_id, canonical, prev_hash, hash)."""
    return JournalRow(row[0], row[2], row[4], RowColumns(row[1], row[3]))


def _fault(row: Sequence[Any], seq: int, last_hash: str) -> str | None:
    if row[0] != seq:
        return AuditFault.ROW_MISSING.value
    fault = row_fault(journal_row_of(row), last_hash)
    return None if fault is None else fault.value
