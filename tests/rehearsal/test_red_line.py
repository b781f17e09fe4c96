"""Wishes, blocks and complaints in whole runs under virtual time."""

from datetime import date, time, timedelta

from tests.fakes.store import MemoryStore
from tests.rehearsal.world import CAMPAIGN_ID, TEN_IN_SHANGHAI, World, callee, fill

from baitie.app.calling.campaign_run import CampaignRun
from baitie.app.calling.progress import RunEnd
from baitie.app.records.batch import Batch
from baitie.domain.complaints import Complaint, ComplaintSource
from baitie.domain.consent.register import Block, Preference
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.records import LeadState
from baitie.kernel.time import Window


def complaint(n: int) -> Batch:
    """What the desk writes when the n-th person complains."""
    at, who = TEN_IN_SHANGHAI, callee(n).callee_id
    ticket = Complaint(
        f"cm_{n}", who, ComplaintSource.CARRIER, at, date(2026, 3, 24), "CN", "li", campaign_id=CAMPAIGN_ID
    )
    return Batch(complaints=[ticket], journal=[JournalEntry(JournalKind.COMPLAINT_RECEIVED, at, callee_id=who)])


def test_the_second_complaint_of_a_small_campaign_pauses_it_by_itself() -> None:
    store = MemoryStore()
    fill(store, 150)

    def complain(world: World, run: CampaignRun) -> None:
        def complained(n: int) -> None:
            store.record_refusal_or_freeze(complaint(n))

        for n in (140, 141):
            world.clock.loop.call_later(8.0, complained, n)

    summary = World(store, meddle=complain).run()
    assert summary.end is RunEnd.RED_LINE
    assert summary.problem == "complaint-red-line"
    state = store.campaign_state(CAMPAIGN_ID)
    assert state is not None
    assert any(lead.state is LeadState.WAITING for lead in state.leads)
    again = World(store, seed=2)
    assert again.run().end is RunEnd.RED_LINE, "it does not go on by being started again"
    assert again.calls.placed == []


def test_one_complaint_does_not_pause_it_and_who_complained_is_left_alone() -> None:
    store = MemoryStore()
    fill(store, 20)
    store.record_refusal_or_freeze(complaint(3))
    world = World(store)
    assert world.run().end is not RunEnd.RED_LINE
    assert callee(3).number not in {order.to for order in world.calls.placed}
    assert len(world.calls.placed) >= 19


def test_wishes_are_kept_and_blocks_too() -> None:
    store = MemoryStore()
    fill(store, 3)
    evening = Preference(
        callee(0).callee_id, TEN_IN_SHANGHAI, "callee", (Window(time(13), time(13, 30)),), None, None, None
    )
    block = Block(callee(1).callee_id, TEN_IN_SHANGHAI, "court order", "li")
    store.record_refusal_or_freeze(Batch(preferences=[evening], blocks=[block]))
    world = World(store)
    world.run()
    called = {order.to for order in world.calls.placed}
    assert callee(1).number not in called
    sent = [a.invite_sent_at for a in store.attempts(CAMPAIGN_ID) if a.callee_id == callee(0).callee_id]
    assert sent
    for at in sent:
        assert at is not None
        assert time(13) <= (at + timedelta(hours=8)).time() < time(13, 30)
    assert store.standing(callee(2).callee_id).cards_sent, "cards are counted for the fatigue of their callee"
