"""`audit verify --store`: tables that say something else than the journal are found, row by row."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.unit.bootstrap.test_anchoring import COMPLAINING, FREE, REFUSED, WITHDRAWN, T, acting, callee, filled, sql
from tests.unit.bootstrap.test_anchoring import organisation as organisation

from baitie.app.calling.attempt_end import attempt_entry
from baitie.app.records.batch import Batch
from baitie.bootstrap import evidence, stores
from baitie.domain.complaints import ComplaintSource
from baitie.files.organisation_settings import OrganisationSettings
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId, LeadId
from baitie.kernel.journal import JournalKind
from baitie.kernel.outcome import Outcome
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import AttemptRecord, AttemptState

assert filled  # a fixture


@pytest.fixture
def called(filled: OrganisationSettings) -> OrganisationSettings:
    """An attempt that was placed and ended, and a complaint about its number."""
    record = AttemptRecord(
        AttemptId("at_1"),
        LeadId("ld_1"),
        CampaignId("autumn"),
        CalleeId("ca_1"),
        PhoneNumber("+862150000100"),
        "main",
        AttemptState.ENDED,
        T,
        invite_sent_at=T,
        ended_at=T,
        outcome=Outcome.REJECTED,
    )
    facts: dict[JournalKind, dict[str, Any]] = {
        JournalKind.INVITE_SENT: {"card": "none", "trunk": "main", "presented_number": "+862150000100"},
        JournalKind.ATTEMPT_ENDED: {"outcome": "rejected", "cause": None},
    }
    entries = [attempt_entry(record, kind, T + timedelta(hours=1), said) for kind, said in facts.items()]
    with closing(stores.open_existing_store(filled)) as store:
        store.import_leads(record.campaign_id, [], [], entries.pop(0))
    import asyncio

    async def keep() -> None:
        with closing(stores.open_existing_store(filled)) as store:
            await store.commit(Batch(attempts=[record], journal=entries))

    asyncio.run(keep())
    acting(
        filled,
        70,
        lambda d: d.complaints.open(d.reading(COMPLAINING), ComplaintSource.PAGE, presented="+862150000100"),
    )
    return filled


def found(settings: OrganisationSettings) -> set[tuple[str, str]]:
    verdict = evidence.verify_store(settings)
    return {(str(one.values["table"]), str(one.values["what"])) for one in verdict.findings if "table" in one.values}


def test_a_store_that_nobody_touched_is_whole(called: OrganisationSettings) -> None:
    verdict = evidence.verify_store(called)
    assert (verdict.findings, verdict.is_whole) == ((), True)


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE attempts SET presented_number = '+8618612345678'", ("attempts", "altered")),
        ("UPDATE attempts SET outcome = 'answered'", ("attempts", "altered")),
        ("UPDATE attempts SET outcome = NULL", ("attempts", "altered")),
        ("UPDATE attempts SET trunk = 'other'", ("attempts", "altered")),
        ("UPDATE attempts SET callee_id = 'ca_2'", ("attempts", "altered")),
        ("UPDATE attempts SET attempt_id = 'at_2'", ("attempts", "unknown")),
        ("DELETE FROM attempts", ("attempts", "missing")),
        (f"DELETE FROM refusals WHERE callee_id = {callee(REFUSED)}", ("refusal", "missing")),
        ("UPDATE refusals SET lifted_at = '2026-03-04'", ("refusal", "lifted")),
        ("UPDATE refusals SET lifted_at = NULL", ("refusal", "standing")),
        ("DELETE FROM freezes", ("freeze", "missing")),
        ("DELETE FROM blocks", ("block", "missing")),
        ("DELETE FROM preferences", ("preference", "missing")),
        ("DELETE FROM complaints", ("complaint", "missing")),
        ("DELETE FROM consents", ("consent", "missing")),
        (
            "UPDATE consents SET record = replace(record, '\"care\"', '\"acquisition\"')",
            ("consent", "altered"),
        ),
        (f"UPDATE consents SET callee_id = {callee(FREE)}", ("consent", "altered")),
        (
            "INSERT INTO consents SELECT 'cs_forged', callee_id, replace(record, consent_id, 'cs_forged') FROM consents"
            f" WHERE callee_id <> {callee(WITHDRAWN)}",
            ("consent", "unknown"),
        ),
        ("UPDATE suspensions SET is_active = 0", ("suspensions", "missing")),
    ],
    ids=lambda value: value if isinstance(value, str) else "-",
)
def test_each_alteration_of_a_table_is_found(
    called: OrganisationSettings, statement: str, finding: tuple[str, str]
) -> None:
    sql(called, statement)
    assert finding in found(called)


def test_a_journal_that_does_not_reach_its_anchor_is_not_whole(called: OrganisationSettings) -> None:
    sql(called, "DELETE FROM journal WHERE seq > 5", "DELETE FROM checkpoints")
    faults = {one.fault.value for one in evidence.verify_store(called).findings}
    assert "anchor-not-covered" in faults


def test_a_store_of_format_1_is_compared_as_far_as_its_journal_tells(tmp_path: Path) -> None:
    import sqlite3

    from baitie.adapters.store import SqlStore
    from baitie.app.proof.table_audit import table_findings

    data = Path(__file__).parents[2] / "data" / "journal_1"
    with closing(sqlite3.connect(tmp_path / "s.sqlite")) as connection:
        connection.executescript((data / "store.sql").read_text("utf-8"))
    (tmp_path / "s.key").write_text((data / "number_key.txt").read_text())
    with closing(SqlStore(tmp_path / "s.sqlite", tmp_path / "s.key", inline=True)) as store:
        assert list(table_findings(store)) == []
