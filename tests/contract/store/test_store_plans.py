"""What runs in each verdict and at each start finds its rows by index, however many there are."""

from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from tests.contract.store.conftest import StoreUnderTest

from baitie.adapters.store import SqlStore
from baitie.adapters.store.driver import execute

WHO = "ce_1"
CAMPAIGN = "cp_1"
SINCE = "2026-03-01T00:00:00+00:00"
QUERIES: dict[str, Sequence[Any]] = {
    "standing": (WHO,) * 8,
    "campaign_leads": (CAMPAIGN,),
    "campaign_people": (CAMPAIGN, 100),
    "campaign_callees": (CAMPAIGN,),
    "campaign_open_attempts": (CAMPAIGN,),
    "attempts_placed": (CAMPAIGN, SINCE),
    "complaints_received": (CAMPAIGN, SINCE),
    "attempts_to": (WHO, 100),
    "newest_entry": (CAMPAIGN,),
    "first_shown": ("+862150000100",),
    "shown_since": ("+862150000100", SINCE),
}
SQLITE_SCANS = ("SCAN newest", "SCAN (subquery", "SCAN CONSTANT")  # of the few rows that an inner query gave


def plan_of(store: SqlStore, name: str) -> list[str]:
    """The plan for one statement, line by line; on PostgreSQL as if the tables were too large to be read through."""
    sql, values = getattr(store._sql, name), QUERIES[name]
    connection: sa.Connection = store._read_connection
    if connection.dialect.name == "postgresql":
        execute(connection, "SET enable_seqscan = off")
        return [row[0] for row in execute(connection, f"EXPLAIN {sql}", values)]
    return [row[3] for row in execute(connection, f"EXPLAIN QUERY PLAN {sql}", values)]


@pytest.mark.parametrize("name", QUERIES)
def test_no_statement_of_a_verdict_or_a_start_reads_a_table_through(sql_place: StoreUnderTest, name: str) -> None:
    lines = plan_of(sql_place.open(), name)
    scans = [line for line in lines if "Seq Scan" in line or ("SCAN " in line and not line.startswith(SQLITE_SCANS))]
    assert lines
    assert scans == []


def test_attempts_are_counted_in_the_index_alone(sql_place: StoreUnderTest) -> None:
    plan = " ".join(plan_of(sql_place.open(), "attempts_placed"))
    assert "attempts_by_campaign" in plan
    assert "COVERING INDEX" in plan or "Index Only Scan" in plan or "Bitmap" in plan


def test_open_attempts_are_found_by_an_index_of_their_own(sql_place: StoreUnderTest) -> None:
    assert "attempts_open" in " ".join(plan_of(sql_place.open(), "campaign_open_attempts"))


def test_leads_come_in_their_order_from_the_index(sql_place: StoreUnderTest) -> None:
    plan = " ".join(plan_of(sql_place.open(), "campaign_leads"))
    assert "leads_by_campaign" in plan
    assert "TEMP B-TREE" not in plan
