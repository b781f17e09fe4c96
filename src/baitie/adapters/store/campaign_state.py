"""Reads what a run starts or resumes from; quick at a million leads and ten million attempts."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa

from baitie.adapters.store.driver import execute
from baitie.adapters.store.rows import attempt_of, callee_of, entry_of, lead_of
from baitie.adapters.store.statements import Statements
from baitie.app.records.standing import CampaignState
from baitie.kernel.ids import CalleeId, CampaignId
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import CalleeRecord


def read_people(
    connection: sa.Connection, sql: Statements, campaign_id: CampaignId, count_max: int
) -> Sequence[CalleeRecord]:
    """The callees behind the first leads of a campaign, in the order of its list."""
    return [callee_of(row) for row in execute(connection, sql.campaign_people, (campaign_id, count_max))]


def read_campaign_state(
    connection: sa.Connection, sql: Statements, campaign_id: CampaignId, digest_of: Callable[[PhoneNumber], bytes]
) -> CampaignState | None:
    """All leads, the callees behind them and the attempts without an end; None where nothing is known of it.
    `digest_of` a number is how its callee is looked up."""
    with _collection_paused():
        return _read(connection, sql, campaign_id, digest_of)


@contextmanager
def _collection_paused() -> Iterator[None]:
    """Millions of records are made that all stay: to look for garbage among them again and again is a third of it."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _read(
    connection: sa.Connection, sql: Statements, campaign_id: CampaignId, digest_of: Callable[[PhoneNumber], bytes]
) -> CampaignState | None:
    of_campaign = (campaign_id,)
    # Row by row, so that no more than one raw row stands beside each record that is made of it.
    leads = tuple([lead_of(row) for row in execute(connection, sql.campaign_leads, of_campaign)])
    newest = execute(connection, sql.newest_entry, of_campaign).fetchone()
    if not leads and newest is None:
        return None
    callees, altered = dict[CalleeId, CalleeRecord](), set[CalleeId]()
    for row in execute(connection, sql.campaign_callees, of_campaign):
        callee = callees[row[0]] = callee_of(row)
        if digest_of(callee.number) != row[2]:
            altered.add(row[0])
    return CampaignState(
        campaign_id=campaign_id,
        leads=leads,
        callees=callees,
        open_attempts=tuple([attempt_of(row) for row in execute(connection, sql.campaign_open_attempts, of_campaign)]),
        last_civil_at=None if newest is None else entry_of(newest[0]).at,
        altered=frozenset(altered),
    )
