"""A run with nothing to do now says until when and for what; the next simulated one begins then."""

import asyncio
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.fakes.store import MemoryStore
from tests.rehearsal.world import CAMPAIGN_ID, TEN_IN_SHANGHAI, World, callee, campaign, fill, rules

from baitie.app.calling.campaign_run import CampaignRun
from baitie.app.calling.progress import RunEnd, WaitsFor
from baitie.app.records.batch import Batch
from baitie.bootstrap.assemble import clock_of
from baitie.bootstrap.civil_time import waited_until
from baitie.bootstrap.folders import read_folder
from baitie.bootstrap.stores import open_store
from baitie.files.examples import copy_example
from baitie.kernel.ids import CampaignId
from baitie.kernel.journal import JournalEntry, JournalKind

SHANGHAI = ZoneInfo("Asia/Shanghai")
EVENING = TEN_IN_SHANGHAI + timedelta(hours=12)


def test_after_hours_it_waits_for_the_next_morning_and_says_so() -> None:
    store = MemoryStore()
    fill(store, 3)
    summary = World(store, civil_start=EVENING).run()
    assert (summary.end, summary.progress.waits_for) == (RunEnd.WAITING, WaitsFor.LEADS)
    assert summary.progress.next_at is not None
    assert summary.progress.next_at.astimezone(SHANGHAI).date() > EVENING.astimezone(SHANGHAI).date()
    assert waited_until(store, CAMPAIGN_ID) == summary.progress.next_at


def test_a_budget_that_is_used_up_is_what_it_waits_for_though_leads_are_ready() -> None:
    store = MemoryStore()
    fill(store, 6)
    lavish = campaign(attempts_max_per_day=2, zone=SHANGHAI, rules=rules("core"))
    summary = World(store, campaign=lavish).run()
    assert (summary.end, summary.progress.waits_for) == (RunEnd.WAITING, WaitsFor.BUDGET)
    midnight = datetime.combine(TEN_IN_SHANGHAI.astimezone(SHANGHAI).date() + timedelta(days=1), datetime.min.time())
    assert waited_until(store, CAMPAIGN_ID) == midnight.replace(tzinfo=SHANGHAI)


def test_a_run_that_is_over_or_stopped_waits_for_nothing() -> None:
    store = MemoryStore()
    fill(store, 2)
    summary = World(store, campaign=campaign(idle_wait_max_s=30 * 86_400.0)).run()
    assert (summary.end, summary.progress.waits_for) == (RunEnd.FINISHED, None)
    assert waited_until(store, CAMPAIGN_ID) is None


@pytest.mark.parametrize("end", [JournalKind.CAMPAIGN_PAUSED, JournalKind.CAMPAIGN_STOPPED])
def test_on_the_loopback_carrier_the_next_run_begins_when_somebody_may_be_called(
    tmp_path: Path, end: JournalKind
) -> None:
    copy_example("order-followup", tmp_path / "c")
    folder = read_folder(tmp_path / "c", {})
    campaign_id = CampaignId(folder.campaign.campaign_id)
    stopped_at, next_at = datetime(2026, 3, 3, 12, 5, tzinfo=UTC), datetime(2026, 3, 4, 1, tzinfo=UTC)
    facts = {"end": "waiting", "next_at": next_at.isoformat()} if end is JournalKind.CAMPAIGN_PAUSED else {"end": "x"}
    desk_act = JournalEntry(JournalKind.COMMAND_RECEIVED, stopped_at, campaign_id, facts={"command": "stop"})

    async def begins() -> datetime:
        with closing(open_store(folder.organisation.settings)) as store:
            entry = JournalEntry(end, stopped_at, campaign_id, facts=facts)
            await store.commit(Batch(journal=[entry, replace(desk_act, at=stopped_at + timedelta(minutes=1))]))
            return clock_of(folder, store).civil_now()

    begun = asyncio.run(begins())
    assert (begun == next_at) == (end is JournalKind.CAMPAIGN_PAUSED)
    assert begun > stopped_at


def test_a_lead_that_is_asked_again_every_minute_is_one_lead_put_off() -> None:
    store = MemoryStore()
    fill(store, 1)

    def busy(world: World, run: CampaignRun) -> None:
        """Another campaign speaks with this person for half an hour."""
        run.ports.in_flight[callee(0).callee_id] += 1
        world.clock.loop.call_later(1800, run.ports.in_flight.clear)

    world = World(store, meddle=busy)
    assert world.run().progress.delayed_by_rule == {"CORE-ONE-AT-A-TIME": 1}
    asked = [entry for _, entry in store.journal() if entry.kind is JournalKind.LEAD_DELAYED]
    assert len(asked) > 20
