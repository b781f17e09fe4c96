"""One row of the journal against the row before it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from baitie.domain.audit.faults import AuditFault
from baitie.kernel.journal import link_hash

_read_json = json.JSONDecoder().raw_decode  # there is no white space to look for around what is canonical


@dataclass(frozen=True, slots=True)
class RowColumns:
    """Columns (行列值) that the store keeps beside an entry's text, and that must say the same."""

    campaign_id: str | None
    previous_hash: str


@dataclass(frozen=True, slots=True)
class JournalRow:
    """Journal row (审计日志行): an entry's canonical text and its hash. A bundle has no columns beside them."""

    seq: int
    canonical: str
    hash: str
    columns: RowColumns | None = None


def row_fault(row: JournalRow, last_hash: str) -> AuditFault | None:
    """What is wrong with a row that stands where it should, after the row with `last_hash`."""
    found = read_row(row, last_hash)
    return found if isinstance(found, AuditFault) else None


def read_row(row: JournalRow, last_hash: str) -> AuditFault | Mapping[str, Any]:
    """What a row says that stands where it should, after the row with `last_hash`; or what is wrong with it."""
    if row.columns is not None and row.columns.previous_hash != last_hash:
        return AuditFault.LINK_BROKEN
    if link_hash(last_hash, row.canonical.encode()) != row.hash:
        return AuditFault.CONTENT_ALTERED
    try:
        body, end = _read_json(row.canonical)
        if end != len(row.canonical):
            return AuditFault.CONTENT_ALTERED
        says_so = body["seq"] == row.seq and (row.columns is None or body["campaign_id"] == row.columns.campaign_id)
    except (ValueError, KeyError, TypeError, RecursionError):
        return AuditFault.CONTENT_ALTERED
    found: Mapping[str, Any] = body
    return found if says_so else AuditFault.COLUMNS_ALTERED
