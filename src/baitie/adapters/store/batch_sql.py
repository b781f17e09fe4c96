"""What is written for a group of batches, inside a transaction that the caller began."""

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from baitie.adapters.store.driver import execute
from baitie.adapters.store.rows import EncodedBatch, Row, attempt_row, lead_row, numbered
from baitie.adapters.store.statements import Statements
from baitie.kernel.errors import StoreError
from baitie.kernel.journal import GENESIS_HASH, link_hash

_PARTS = (
    ("leads", "lead_progress", True),
    ("attempts", "attempts", True),
    ("histories", "histories", True),
    ("refusals", "refusals", False),
    ("freezes", "freezes", False),
    ("cards_sent", "cards_sent", False),
    ("blocks", "blocks", False),
    ("consents", "consents", True),
    ("preferences", "preferences", True),
    ("complaints", "complaints", True),
    ("card_submissions", "card_submissions", True),
    ("campaigns", "campaigns", True),
    ("inbound", "inbound", True),
    ("requests", "requests", True),
    ("suspects", "suspects", True),
    ("suspensions", "suspensions", True),
    ("qualifications", "qualifications", True),
)
"""Parts of a batch in the order in which they are written: the part, its statement, and whether rows have a key."""

_RECORDS: Mapping[str, tuple[Callable[[Any], str], Callable[[Any], Row]]] = {
    "leads": (attrgetter("lead_id"), lead_row),
    "attempts": (attrgetter("attempt_id"), attempt_row),
}
"""Parts that come as records: the id of one, and how it is written down."""


def keep_group(connection: sa.Connection, sql: Statements, group: Sequence[EncodedBatch]) -> None:
    """Write the batches in their order. Of rows with one key only the last is written: nobody sees those between."""
    whole: dict[str, list[Any]] = {}
    for batch in group:
        for name, part in batch.parts.items():
            whole.setdefault(name, []).extend(part)
    places = append_journal(connection, sql, whole.get("journal", ()))
    for name, statement, has_key in _PARTS:
        rows = whole.get(name)
        if rows:
            if name in _RECORDS:
                id_of, row_of = _RECORDS[name]
                rows = list(map(row_of, {id_of(record): record for record in rows}.values()))
            elif has_key and len(rows) > 1:
                rows = newest(rows)
            getattr(sql, statement).run(connection, rows)
    page_cards = whole.get("page_cards")
    if page_cards:
        sql.page_cards.run(connection, [(*row, *places) for row in page_cards])
    for callee_id in whole.get("forgotten", ()):
        for statement in sql.forget:
            connection.exec_driver_sql(statement, (callee_id,))
    for kind, row in whole.get("lifts", ()):
        connection.exec_driver_sql(sql.lifts[kind], row)


def append_journal(
    connection: sa.Connection, sql: Statements, entries: Sequence[tuple[str | None, bytes]]
) -> tuple[int, int]:
    """Chain the entries to the newest row, which another process may have written; gives their first and last place."""
    if not entries:
        return 0, 0
    tail = execute(connection, sql.tail).fetchone()
    seq, last_hash = (0, GENESIS_HASH) if tail is None else (int(tail[0]), str(tail[1]))
    rows: list[Row] = []
    for campaign_id, head in entries:
        seq += 1
        canonical = numbered(seq, head)
        own_hash = link_hash(last_hash, canonical)
        rows.append((seq, campaign_id, canonical.decode(), last_hash, own_hash))
        last_hash = own_hash
    sql.journal.run(connection, rows)
    return seq - len(rows) + 1, seq


def roll_back(connection: sa.Connection) -> None:
    """Undo the transaction, where there is still one and the database still answers."""
    with contextlib.suppress(sa.exc.SQLAlchemyError, StoreError):
        connection.exec_driver_sql("ROLLBACK")


def newest(rows: Iterable[Row]) -> list[Row]:
    """The last row of each key, in the order of their first: what one upsert of a whole group may hold."""
    return list({row[0]: row for row in rows}.values())
