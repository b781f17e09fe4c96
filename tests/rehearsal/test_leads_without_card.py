"""A lead that no card can be made for is not burnt: it waits, the run says why, and a mended campaign calls it."""

from dataclasses import replace
from functools import partial

import pytest
from tests.fakes.store import MemoryStore
from tests.rehearsal.world import CAMPAIGN_ID, TEN_IN_SHANGHAI, World, campaign, lead
from tests.rehearsal.world import callee as person

from baitie.app.calling.progress import RunEnd
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.purpose import NumberClass
from baitie.kernel.records import LeadRecord, LeadState

COUNT = 10


def filled(without_value: int) -> MemoryStore:
    store = MemoryStore()
    leads = [lead(n, slots={}) if n < without_value else lead(n) for n in range(COUNT)]
    entry = JournalEntry(JournalKind.CONTACTS_IMPORTED, TEN_IN_SHANGHAI, CAMPAIGN_ID)
    store.import_leads(CAMPAIGN_ID, [person(n) for n in range(COUNT)], leads, entry)
    return store


def leads_of(store: MemoryStore) -> dict[str, LeadRecord]:
    state = store.campaign_state(CAMPAIGN_ID)
    assert state is not None
    return {each.lead_id: each for each in state.leads}


def test_leads_without_a_card_wait_and_the_run_says_why() -> None:
    store = filled(without_value=4)
    summary = World(store).run()
    without_card = [each for each in leads_of(store).values() if each.reason.startswith("card-")]
    assert summary.end is RunEnd.WAITING
    assert summary.progress.without_card == {("slot-missing", "tail"): 4}
    assert summary.progress.waiting == COUNT - summary.progress.leads_closed >= 4
    assert {(each.state, each.reason) for each in without_card} == {(LeadState.WAITING, "card-slot-missing")}
    assert [each.row for each in without_card] == [2, 3, 4, 5]


def test_a_mended_campaign_calls_the_leads_that_got_no_card() -> None:
    store = filled(without_value=COUNT)
    run = partial(World, store)
    assert run().run().progress.attempts == 0
    plan = campaign().card
    assert plan is not None
    mended = run(campaign(card=replace(plan, values={"tail": "0001"}))).run()
    assert mended.progress.attempts >= COUNT
    assert not [each for each in leads_of(store).values() if each.reason.startswith("card-")]


@pytest.mark.parametrize("number_class", [NumberClass.FIXED, NumberClass.TOLL_FREE, NumberClass.OTHER])
def test_a_number_that_receives_no_messages_is_called_without_a_card(number_class: NumberClass) -> None:
    store = MemoryStore()
    people = [person(n, number_class if n < 4 else NumberClass.MOBILE) for n in range(COUNT)]
    leads = [lead(n) for n in range(COUNT)]
    entry = JournalEntry(JournalKind.CONTACTS_IMPORTED, TEN_IN_SHANGHAI, CAMPAIGN_ID)
    store.import_leads(CAMPAIGN_ID, people, leads, entry)
    World(store).run()
    of_kind = {kind: {entry.lead_id for _, entry in store.journal() if entry.kind is kind} for kind in JournalKind}
    landlines = {each.lead_id for each in leads[:4]}
    assert landlines <= of_kind[JournalKind.INVITE_SENT]
    assert not landlines & of_kind[JournalKind.CARD_SUBMITTED]
    assert of_kind[JournalKind.CARD_SUBMITTED] == {each.lead_id for each in leads[4:]}
