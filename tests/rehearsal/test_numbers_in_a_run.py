"""Which numbers a run presents: under their limits, by region, never one out of use; and it waits while they rest."""

import itertools
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from tests.fakes.store import MemoryStore
from tests.rehearsal.world import CAMPAIGN_ID, TEN_IN_SHANGHAI, World, callee, campaign, fill, lead

from baitie.app.calling.progress import RunEnd
from baitie.app.campaign.campaign import PresentedNumber
from baitie.app.records.batch import Batch
from baitie.domain.complaints import NumberSuspension
from baitie.domain.numberpool import NumberTerms
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.phone import PhoneNumber

ONE, OTHER = PhoneNumber("+8657188880000"), PhoneNumber("+8657188880001")


def shown_by(store: MemoryStore) -> Counter[str]:
    placed = (attempt for attempt in store.attempts(CAMPAIGN_ID) if attempt.invite_sent_at is not None)
    return Counter(attempt.presented_number.e164() for attempt in placed)


def run(store: MemoryStore, *shown: PresentedNumber, **changes: object) -> World:
    world = World(store, campaign(presented_numbers=shown, **changes))
    world.run()
    return world


def test_no_number_passes_its_limit_of_a_day_and_the_run_ends_waiting_for_the_next() -> None:
    store = MemoryStore()
    fill(store, 30)
    terms = NumberTerms(attempts_max_per_day=8, warm_up_attempts_per_day=5)
    world = World(
        store,
        campaign(presented_numbers=(PresentedNumber(ONE, 20, terms), PresentedNumber(OTHER, 20, NumberTerms(7)))),
    )
    assert world.run().end is RunEnd.WAITING
    assert shown_by(store) == {ONE.e164(): 5, OTHER.e164(): 7}
    again = World(store, world.campaign, civil_start=TEN_IN_SHANGHAI + timedelta(hours=1))
    again.run()
    assert shown_by(store) == {ONE.e164(): 5, OTHER.e164(): 7}  # what another run carried counts


def test_a_run_waits_while_its_only_number_rests_and_goes_on() -> None:
    store = MemoryStore()
    fill(store, 9)
    terms = NumberTerms(rest_after_attempts=3, rest_s=1800.0)
    world = run(store, PresentedNumber(ONE, 20, terms))
    times = sorted(a.invite_sent_at for a in store.attempts(CAMPAIGN_ID) if a.invite_sent_at is not None)
    assert len(times) >= 9
    row = 1
    for before, after in itertools.pairwise(times):
        row = row + 1 if after - before < timedelta(seconds=1800) else 1
        assert row <= 3
    assert world.run_object.leases.holders() == frozenset()


def test_a_suspended_number_is_not_shown_even_where_no_rule_asks() -> None:
    store = MemoryStore()
    fill(store, 6)
    store.record_refusal_or_freeze(Batch(suspensions=[NumberSuspension("ns", ONE.e164(), TEN_IN_SHANGHAI, "x", "li")]))
    run(store, PresentedNumber(ONE, 20), PresentedNumber(OTHER, 20))
    assert set(shown_by(store)) == {OTHER.e164()}


def test_the_number_of_the_callees_region_is_shown_first() -> None:
    store = MemoryStore()
    there = replace(callee(1), region="HK", zone_names=("Asia/Hong_Kong",))
    entry = JournalEntry(JournalKind.CONTACTS_IMPORTED, TEN_IN_SHANGHAI, CAMPAIGN_ID)
    store.import_leads(CAMPAIGN_ID, [callee(0), there], [lead(0), lead(1)], entry)
    run(
        store,
        PresentedNumber(ONE, 20, NumberTerms(region="CN")),
        PresentedNumber(PhoneNumber("+85221234567"), 20, NumberTerms(region="HK")),
    )
    by_callee = {attempt.callee_id: attempt.presented_number.e164() for attempt in store.attempts(CAMPAIGN_ID)}
    assert by_callee == {callee(0).callee_id: ONE.e164(), there.callee_id: "+85221234567"}
