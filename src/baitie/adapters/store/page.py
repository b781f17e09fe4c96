"""What the callee's page and the look-up of callers read, and what callees ask for."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime

import sqlalchemy as sa

from baitie.adapters.store import tables
from baitie.adapters.store.card_rows import sent_card_of
from baitie.adapters.store.driver import execute
from baitie.adapters.store.rows import attempt_of, callee_of, entry_of, lead_of, standing_of
from baitie.adapters.store.statements import Statements
from baitie.app.records.callers import ATTEMPTS_SHOWN_MAX, CallerFound
from baitie.app.records.card_file import CardFile
from baitie.app.records.page_cards import CampaignOverview
from baitie.app.records.standing import CalleeStanding
from baitie.domain.consent.requests import CalleeRequest, RequestKind
from baitie.domain.risk.history import CalleeHistory
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.records import AttemptRecord, CalleeRecord


def read_attempts_to(
    connection: sa.Connection, sql: Statements, callee_id: CalleeId, count_max: int
) -> tuple[AttemptRecord, ...]:
    """The newest attempts to a callee, the newest first."""
    return tuple([attempt_of(row) for row in execute(connection, sql.attempts_to, (callee_id, count_max)).fetchall()])


def read_campaign(connection: sa.Connection, sql: Statements, campaign_id: CampaignId) -> CampaignOverview | None:
    """The facts of a campaign."""
    row = execute(connection, sql.one_campaign, (campaign_id,)).fetchone()
    return None if row is None else CampaignOverview.from_json(json.loads(row[0]))


def read_campaign_names(connection: sa.Connection) -> dict[str, str]:
    """Names of all campaigns by their ids."""
    rows = connection.exec_driver_sql("SELECT record FROM campaigns").fetchall()
    facts = [CampaignOverview.from_json(json.loads(row[0])) for row in rows]
    return {each.campaign_id: each.name for each in facts}


def read_caller(connection: sa.Connection, sql: Statements, attempt_id: AttemptId) -> CallerFound | None:
    """An attempt with its lead and its campaign."""
    row = execute(connection, sql.one_attempt, (attempt_id,)).fetchone()
    if row is None:
        return None
    attempt = attempt_of(row)
    lead = execute(connection, sql.one_lead, (attempt.lead_id,)).fetchone()
    return CallerFound(
        attempt, None if lead is None else lead_of(lead), read_campaign(connection, sql, attempt.campaign_id)
    )


def read_card_file(connection: sa.Connection, sql: Statements, code_hmac: bytes) -> CardFile | None:
    """Everything about the card of one code."""
    card = execute(connection, sql.page_card, (code_hmac,)).fetchone()
    if card is None:
        return None
    attempt_id, callee_id, expires_at, first_seq, last_seq = card
    caller = read_caller(connection, sql, AttemptId(attempt_id))
    callee = execute(connection, sql.one_callee, (callee_id,)).fetchone()
    if caller is None or callee is None:
        return None
    rows = execute(connection, sql.standing, (callee_id,) * 8).fetchall()
    seq, entry = _entry_about(connection, sql, attempt_id, first_seq, last_seq)
    return CardFile(
        caller=caller,
        callee=callee_of(callee),
        standing=standing_of(CalleeId(callee_id), rows) if rows else CalleeStanding(CalleeHistory()),
        attempts=read_attempts_to(connection, sql, CalleeId(callee_id), ATTEMPTS_SHOWN_MAX),
        expires_at=datetime.fromisoformat(expires_at),
        entry_seq=seq,
        entry=entry,
        sent_cards=tuple([sent_card_of(row) for row in execute(connection, sql.sent_cards, (attempt_id,)).fetchall()]),
    )


def _entry_about(
    connection: sa.Connection, sql: Statements, attempt_id: str, first_seq: int, last_seq: int
) -> tuple[int | None, JournalEntry | None]:
    """The entry that was kept with the code, among those of the same transaction."""
    # All at once: a statement that is left half read would hold on to this state of the store.
    values = (first_seq, last_seq, f'%"attempt_id":"{attempt_id}"%')
    for seq, canonical in execute(connection, sql.journal_between, values).fetchall():
        entry = entry_of(canonical)
        if entry.attempt_id == attempt_id and entry.kind is JournalKind.CARD_SUBMITTED:
            return int(seq), entry
    return None, None


def read_requests(
    connection: sa.Connection, sql: Statements, kind: RequestKind, open_only: bool
) -> tuple[CalleeRequest, ...]:
    """Requests of a kind, the most urgent first; a run looks again and again, and mostly there are none."""
    rows = execute(connection, sql.open_requests if open_only else sql.all_requests, (kind.value,)).fetchall()
    return tuple([CalleeRequest.from_json(json.loads(row[0])) for row in rows])


def read_callees(
    connection: sa.Connection, sql: Statements, callee_ids: Iterable[CalleeId]
) -> tuple[CalleeRecord, ...]:
    """The callees with these ids, one look-up each."""
    rows = (execute(connection, sql.one_callee, (callee_id,)).fetchone() for callee_id in dict.fromkeys(callee_ids))
    return tuple([callee_of(row) for row in rows if row is not None])


def places_of(connection: sa.Connection, attempt_id: AttemptId, callee_id: CalleeId) -> tuple[int, int] | None:
    """Where the journal speaks of the card of this attempt, as its first code has it."""
    table = tables.page_cards.c
    query = sa.select(table.journal_from_seq, table.journal_until_seq)
    row = connection.execute(query.where(table.callee_id == callee_id, table.attempt_id == attempt_id)).first()
    return None if row is None else (row[0], row[1])


def drop_expired(connection: sa.Connection, at: datetime) -> int:
    """Delete the codes that have expired."""
    table = tables.page_cards
    return connection.execute(table.delete().where(table.c.expires_at <= at.astimezone(UTC).isoformat())).rowcount
