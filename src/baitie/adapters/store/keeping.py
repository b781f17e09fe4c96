"""What is written for a group of batches, inside a transaction that the caller began."""

import contextlib
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from baitie.adapters.store.rows import EncodedBatch, Row, numbered
from baitie.adapters.store.statements import Statements
from baitie.kernel.errors import StoreError
from baitie.kernel.journal import GENESIS_HASH, link_hash


def keep_group(connection: sa.Connection, sql: Statements, group: Sequence[EncodedBatch]) -> None:
    """Write the batches in their order. Of rows with one key only the last is written: nobody sees those between."""
    places = append_journal(connection, sql, [entry for batch in group for entry in batch.journal])
    sql.lead_progress.run(connection, newest(row for batch in group for row in batch.leads))
    sql.attempts.run(connection, newest(row for batch in group for row in batch.attempts))
    sql.histories.run(connection, newest(row for batch in group for row in batch.histories))
    sql.refusals.run(connection, [row for batch in group for row in batch.refusals])
    sql.freezes.run(connection, [row for batch in group for row in batch.freezes])
    sql.cards_sent.run(connection, [row for batch in group for row in batch.cards_sent])
    sql.blocks.run(connection, [row for batch in group for row in batch.blocks])
    sql.consents.run(connection, newest(row for batch in group for row in batch.consents))
    sql.preferences.run(connection, newest(row for batch in group for row in batch.preferences))
    sql.complaints.run(connection, newest(row for batch in group for row in batch.complaints))
    sql.card_submissions.run(connection, newest(row for batch in group for row in batch.card_submissions))
    sql.page_cards.run(connection, [(*row, *places) for batch in group for row in batch.page_cards])
    sql.campaigns.run(connection, newest(row for batch in group for row in batch.campaigns))
    sql.inbound.run(connection, newest(row for batch in group for row in batch.inbound))
    sql.requests.run(connection, newest(row for batch in group for row in batch.requests))
    sql.suspects.run(connection, newest(row for batch in group for row in batch.suspects))
    sql.suspensions.run(connection, newest(row for batch in group for row in batch.suspensions))
    sql.qualifications.run(connection, newest(row for batch in group for row in batch.qualifications))
    for callee_id in (callee_id for batch in group for callee_id in batch.forgotten):
        for statement in sql.forget:
            connection.exec_driver_sql(statement, (callee_id,))
    for kind, row in (lift for batch in group for lift in batch.lifts):
        connection.exec_driver_sql(sql.lifts[kind], row)


def append_journal(
    connection: sa.Connection, sql: Statements, entries: Sequence[tuple[str | None, bytes]]
) -> tuple[int, int]:
    """Chain the entries to the newest row, which another process may have written; gives their first and last place."""
    if not entries:
        return 0, 0
    tail = connection.exec_driver_sql(sql.tail).first()
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
