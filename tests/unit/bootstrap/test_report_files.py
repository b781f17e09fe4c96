"""What a report counts, gathered from a real store."""

import asyncio
import json
import random
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from baitie.adapters.store import SqlStore
from baitie.app.records.batch import Batch
from baitie.app.registers.policy import number_read
from baitie.bootstrap.folders import read_folder
from baitie.bootstrap.importing import import_once
from baitie.bootstrap.registers import registers_in
from baitie.bootstrap.report_files import write_report
from baitie.bootstrap.stores import open_store
from baitie.domain.risk.history import RefusalChannel
from baitie.files.examples import copy_example
from baitie.kernel.ids import AttemptId
from baitie.kernel.outcome import Outcome
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import AttemptRecord, AttemptState

MORNING = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)


def test_the_opt_outs_of_a_report_are_those_of_every_way_and_not_of_keys_alone(tmp_path: Path) -> None:
    copy_example("order-followup", tmp_path / "c")
    folder = read_folder(tmp_path / "c", {})
    settings, campaign_id = folder.organisation.settings, folder.campaign.campaign_id
    with closing(open_store(settings)) as store:
        import_once(folder, store, random.Random(1), MORNING, "zh")
        state = store.campaign_state(campaign_id)
        assert state is not None
        called = state.leads[:4]
        attempts = [
            AttemptRecord(
                AttemptId(f"at_{n}"), lead.lead_id, campaign_id, lead.callee_id, PhoneNumber("+862150000100"),
                "loopback", AttemptState.ENDED, MORNING, invite_sent_at=MORNING, ended_at=MORNING,
                outcome=Outcome.NO_ANSWER,
            )
            for n, lead in enumerate(called)
        ]  # fmt: skip
        asyncio.run(_keep(store, Batch(attempts=attempts)))
        registers = registers_in(store, settings, "li", MORNING)
        for lead, channel in zip(state.leads[3:6], RefusalChannel, strict=False):
            number = state.callees[lead.callee_id].number.e164()
            registers.refusals.enter(number_read(number, settings.enterprise.default_region), channel)
    body = json.loads(write_report(folder, "zh", tmp_path).json.read_text("utf-8"))
    found = body["metrics"]["lead_opt_out_rate"]
    assert (found["counted"], found["among"]) == (1, 4)
    assert "1 / 4" in (tmp_path / "report.html").read_text("utf-8")


async def _keep(store: SqlStore, batch: Batch) -> None:
    await store.commit(batch)
