"""The file of rejected rows, which an operator mends and imports again."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from baitie.domain.contacts.importing import RejectedRow
from baitie.domain.contacts.reasons import RejectReason
from baitie.domain.contacts.table import Table
from baitie.kernel.foreign_text import csv_text


class RejectText(NamedTuple):
    """Text (说明) of a reason in the operator's language, with its remedy."""

    text: str
    remedy: str


class RejectHeadings(NamedTuple):
    """Headings (表头) that stand before those of the file itself, in the operator's language."""

    row: str
    field: str
    reason: str
    remedy: str


def rejected_csv(
    table: Table,
    rejected: Sequence[RejectedRow],
    texts: Mapping[RejectReason, RejectText],
    headings: RejectHeadings,
) -> str:
    """CSV text: row, field, reason and remedy before the cells as they stood, whole: the file is the operator's own.

    No cell acts as a formula or on a terminal: see `foreign_text`.
    """
    rows = [(bad.row, bad.field, *texts[bad.reason], *bad.cells) for bad in rejected]
    return csv_text([(*headings, *table.header), *rows])
