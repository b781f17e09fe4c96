"""Checks the journal's chain: every row follows from the one before, from the first on."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from baitie.kernel.journal import GENESIS_HASH, link_hash


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


def _fault(row: Sequence[Any], seq: int, last_hash: str) -> str | None:
    found_seq, campaign_id, canonical, prev_hash, own_hash = row
    if found_seq != seq:
        return "row-missing"
    if prev_hash != last_hash:
        return "link-broken"
    if link_hash(last_hash, canonical.encode()) != own_hash:
        return "content-altered"
    body = json.loads(canonical)
    if body["seq"] != seq or body["campaign_id"] != campaign_id:
        return "columns-altered"
    return None
