"""The contract that every store keeps."""

import asyncio
import gc
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import uvloop
from tests.contract.store import samples

from baitie.adapters.store.errors import BackupError, ConflictError
from baitie.app.records.batch import Batch
from baitie.app.records.commands import Command, CommandKind
from baitie.app.records.standing import CalleeStanding
from baitie.domain.risk.history import CalleeHistory
from baitie.kernel.errors import BusyError, StoreError
from baitie.kernel.ids import CalleeId, CampaignId
from baitie.kernel.journal import JournalEntry, JournalKind, canonical_bytes
from baitie.kernel.records import AttemptState, LeadState

CAMPAIGN = samples.CAMPAIGN


def commit(store: Any, *batches: Batch) -> None:
    """Commit and wait until all is durable."""

    async def run() -> None:
        await asyncio.gather(*[store.commit(batch) for batch in batches])

    asyncio.run(run())


def imported(store: Any, count: int = 3) -> None:
    people, leads = [samples.callee(n) for n in range(count)], [samples.lead(n) for n in range(count)]
    store.import_leads(CAMPAIGN, people, leads, samples.entry(0, JournalKind.CONTACTS_IMPORTED))


def test_what_was_awaited_is_read_back_equal_by_another_handle(place: Any) -> None:
    store = place.open()
    imported(store)
    commit(store, samples.batch(0), samples.batch(1))
    commit(store, Batch(attempts=[samples.ended(1)], refusals=[samples.refusal(1)], freezes=[samples.freeze(1)]))
    store.close()
    again = place.open()
    state = again.campaign_state(CAMPAIGN)
    changed = {"state": LeadState.IN_PROGRESS, "attempts": 1, "not_before": samples.NOON}
    assert state.leads == (samples.lead(0, **changed), samples.lead(1, **changed), samples.lead(2))
    assert state.callees == {samples.callee(n).callee_id: samples.callee(n) for n in range(3)}
    assert state.open_attempts == (samples.attempt(0),)
    assert again.attempts(CAMPAIGN) == (samples.attempt(0), samples.ended(1))
    assert again.standing(CalleeId("ce_1")) == CalleeStanding(
        samples.history(1), (samples.refusal(1),), (samples.freeze(1),)
    )


def test_the_journal_is_in_the_order_of_the_commits(place: Any) -> None:
    store = place.open()
    commit(store, *[Batch(journal=[samples.entry(n), samples.entry(n + 1000)]) for n in range(50)])
    found = store.journal(CAMPAIGN)
    assert [seq for seq, _ in found] == list(range(1, 101))
    assert [entry for _, entry in found] == [e for n in range(50) for e in (samples.entry(n), samples.entry(n + 1000))]


def test_the_journal_is_read_from_a_sequence_number_and_by_campaign(place: Any) -> None:
    store = place.open()
    commit(store, *[Batch(journal=[samples.entry(n, campaign_id=f"cp_{n % 2}")]) for n in range(6)])
    assert [seq for seq, _ in store.journal(after_seq=4)] == [5, 6]
    assert [seq for seq, _ in store.journal(CampaignId("cp_1"), after_seq=2)] == [4, 6]


def test_the_chain_goes_on_over_reopening(place: Any) -> None:
    for start in (0, 10):
        store = place.open()
        commit(store, *[samples.batch(n) for n in range(start, start + 10)])
        store.close()
    verdict = place.open().verify_chain()
    assert (verdict.is_whole, verdict.rows_whole) == (True, 60)


def test_a_batch_may_be_altered_after_it_was_handed_over(place: Any) -> None:
    store = place.open()

    async def run() -> None:
        journal = [samples.entry(1)]
        kept = store.commit(Batch(journal=journal))
        journal.append(samples.entry(2))
        await kept

    asyncio.run(run())
    assert [entry for _, entry in store.journal()] == [samples.entry(1)]


def test_of_several_batches_about_one_thing_the_last_stays(place: Any) -> None:
    store = place.open()
    commit(
        store,
        Batch(attempts=[samples.attempt(1)], histories=[(CalleeId("ce_1"), samples.history(1, 1))]),
        Batch(attempts=[samples.ended(1)], histories=[(CalleeId("ce_1"), samples.history(1, 2))]),
        Batch(attempts=[samples.attempt(1), samples.ended(1)]),
    )
    assert store.attempts(CAMPAIGN) == (samples.ended(1),)
    assert store.standing(CalleeId("ce_1")).history == samples.history(1, 2)


def test_commits_change_the_progress_of_a_lead_and_not_its_contact(place: Any) -> None:
    store = place.open()
    imported(store, 1)
    commit(store, Batch(leads=[samples.lead(0, name="", slots={}, state=LeadState.FINISHED, reason="answered")]))
    assert store.campaign_state(CAMPAIGN).leads == (samples.lead(0, state=LeadState.FINISHED, reason="answered"),)


def test_commits_are_awaited_on_the_loop_of_real_runs_as_well(place: Any) -> None:
    store = place.open()

    async def run() -> None:
        await asyncio.gather(*[store.commit(samples.batch(n)) for n in range(20)])

    uvloop.run(run())
    assert len(store.journal()) == 60


def test_a_caller_that_does_not_wait_is_not_forgotten(place: Any) -> None:
    store = place.open()

    async def run() -> None:
        store.commit(samples.batch(1))
        await store.commit(Batch())

    asyncio.run(run())
    assert len(store.journal()) == 3


def test_a_waiter_that_is_cancelled_loses_no_batch(place: Any) -> None:
    store = place.open()

    async def run() -> None:
        kept = store.commit(samples.batch(1))
        if isinstance(kept, asyncio.Future):
            kept.cancel()
        await store.commit(samples.batch(2))

    asyncio.run(run())
    assert len(store.journal()) == 6


def test_closing_keeps_what_waits(place: Any) -> None:
    store = place.open()

    async def run() -> None:
        store.commit(samples.batch(1))
        store.close()

    asyncio.run(run())
    assert len(place.open().journal()) == 3


def test_a_crash_keeps_the_first_batches_and_at_least_all_that_were_acknowledged(place: Any) -> None:
    store, acknowledged = place.open(), 0

    async def run() -> None:
        nonlocal acknowledged
        for start in (0, 700):
            waiting = [store.commit(Batch(journal=[samples.entry(n)])) for n in range(start, start + 700)]
            if start == 0:
                await waiting[300]
                acknowledged = 301
        store.abandon()

    asyncio.run(run())
    found = place.open().journal()
    assert acknowledged <= len(found) <= 1400
    assert [entry for _, entry in found] == [samples.entry(n) for n in range(len(found))]


def test_refusals_and_freezes_are_read_oldest_first(place: Any) -> None:
    store, refusal, freeze = place.open(), samples.refusal(1), samples.freeze(1)
    days = [samples.NOON + timedelta(days=n) for n in (3, 1, 2)]
    for day in days:
        made = Batch(refusals=[replace(refusal, at=day)], freezes=[replace(freeze, at=day)])
        store.record_refusal_or_freeze(made)
    standing = store.standing(CalleeId("ce_1"))
    assert [found.at for found in standing.refusals] == [found.at for found in standing.freezes] == sorted(days)


def test_what_cannot_be_written_down_fails_at_its_caller_and_spoils_nothing(place: Any) -> None:
    store = place.open()
    unwritable = JournalEntry(JournalKind.CALL_RANG, samples.NOON, facts={"x": object()})  # type: ignore[dict-item]

    async def run() -> None:
        with pytest.raises(TypeError):
            await store.commit(Batch(journal=[unwritable]))
        await store.commit(samples.batch(1))

    asyncio.run(run())
    assert len(store.journal()) == 3


def test_a_callee_without_a_past_has_an_empty_standing(place: Any) -> None:
    assert place.open().standing(CalleeId("ce_9")) == CalleeStanding(CalleeHistory())


def test_a_campaign_that_nobody_heard_of_is_none(place: Any) -> None:
    store = place.open()
    imported(store)
    assert store.campaign_state(CampaignId("cp_other")) is None


def test_a_campaign_known_by_its_journal_alone_has_no_leads(place: Any) -> None:
    store = place.open()
    commit(store, Batch(journal=[samples.entry(7)]))
    state = store.campaign_state(CAMPAIGN)
    assert (state.leads, state.last_civil_at) == ((), samples.NOON + timedelta(seconds=7))


def test_the_last_civil_time_is_that_of_the_newest_entry_of_the_campaign(place: Any) -> None:
    store = place.open()
    imported(store)
    commit(store, Batch(journal=[samples.entry(9), samples.entry(5), samples.entry(70, campaign_id="cp_other")]))
    assert store.campaign_state(CAMPAIGN).last_civil_at == samples.NOON + timedelta(seconds=5)


# --- import ---


def test_known_numbers_are_found_by_their_ids(place: Any) -> None:
    store = place.open()
    imported(store)
    asked = [samples.callee(n).number for n in (0, 2, 7)]
    assert store.callee_ids(asked) == {asked[0]: "ce_0", asked[1]: "ce_2"}
    assert store.callee_ids([]) == {}


def test_a_known_callee_is_brought_up_to_date_by_a_later_import_and_keeps_the_number(place: Any) -> None:
    store = place.open()
    imported(store)
    later = CampaignId("cp_later")
    moved = replace(samples.callee(1), region="SG", zone_names=("Asia/Singapore",))
    renumbered = replace(moved, number=samples.callee(8).number)
    row = samples.lead(1, lead_id="ld_later", campaign_id=later)
    store.import_leads(later, [samples.callee(1), renumbered], [row], samples.entry(1, campaign_id=later))
    assert store.campaign_state(later).callees == {moved.callee_id: moved}
    assert store.callee_ids([samples.callee(8).number]) == {}


@pytest.mark.parametrize("fault", ["lead-known", "lead-twice", "number-known"])
def test_of_an_import_that_conflicts_nothing_is_kept(place: Any, fault: str) -> None:
    store = place.open()
    imported(store, 1)
    people, leads = [samples.callee(5)], [samples.lead(5)]
    if fault == "lead-known":
        leads.append(samples.lead(0))
    elif fault == "lead-twice":
        leads.append(samples.lead(5))
    else:
        known = samples.callee(0)
        people.append(type(known)(CalleeId("ce_x"), known.number, known.number_class, None, ()))
    with pytest.raises(ConflictError):
        store.import_leads(CAMPAIGN, people, leads, samples.entry(1))
    assert store.campaign_state(CAMPAIGN).leads == (samples.lead(0),)
    assert store.callee_ids([samples.callee(5).number]) == {}
    assert len(store.journal()) == 1
    commit(store, samples.batch(1))  # a refused import does not stop the dialler


def test_an_import_comes_after_the_batches_that_wait(place: Any) -> None:
    store = place.open()

    async def run() -> None:
        kept = store.commit(Batch(journal=[samples.entry(1)]))
        imported(store)
        await kept

    asyncio.run(run())
    assert [entry.kind for _, entry in store.journal()] == [JournalKind.INVITE_SENT, JournalKind.CONTACTS_IMPORTED]


# --- ownership ---


def test_only_one_dialler_owns_a_store_and_the_other_learns_who(place: Any) -> None:
    first, second = place.open(), place.open()
    first.acquire_ownership("first at desk")
    with pytest.raises(BusyError, match="first at desk"):
        second.acquire_ownership("second")
    first.acquire_ownership("first at desk")
    first.close()
    second.acquire_ownership("second")


def test_ownership_ends_with_an_abandoned_store(place: Any) -> None:
    first, second = place.open(), place.open()
    first.acquire_ownership("first")
    first.abandon()
    second.acquire_ownership("second")


# --- other processes ---


def test_a_refusal_written_through_another_handle_is_seen_at_once(place: Any) -> None:
    dialler, page = place.open(), place.open()
    dialler.acquire_ownership("dialler")
    assert not dialler.standing(CalleeId("ce_1")).refusals
    heard = samples.entry(1, JournalKind.CALLEE_REFUSED)
    page.record_refusal_or_freeze(Batch([heard], refusals=[samples.refusal(1)], freezes=[samples.freeze(1)]))
    standing = dialler.standing(CalleeId("ce_1"))
    assert (standing.refusals, standing.freezes) == ((samples.refusal(1),), (samples.freeze(1),))


def test_two_handles_write_one_chain(place: Any) -> None:
    dialler, page = place.open(), place.open()
    for n in range(5):
        commit(dialler, samples.batch(n))
        page.record_refusal_or_freeze(Batch([samples.entry(n)], refusals=[samples.refusal(n)]))
    verdict = dialler.verify_chain()
    assert (verdict.is_whole, verdict.rows_whole) == (True, 20)


def test_commands_are_taken_once_and_in_order(place: Any) -> None:
    operator, dialler = place.open(), place.open()
    assert dialler.take_commands() == ()
    for kind in (CommandKind.STOP, CommandKind.STOP_NOW):
        operator.give_command(Command(0, kind, "王", samples.NOON))
    taken = dialler.take_commands()
    assert [(c.kind, c.actor, c.at) for c in taken] == [
        (CommandKind.STOP, "王", samples.NOON),
        (CommandKind.STOP_NOW, "王", samples.NOON),
    ]
    assert taken[0].command_id < taken[1].command_id
    assert dialler.take_commands() == ()
    assert operator.take_commands() == ()


# --- backup ---


def test_a_backup_made_while_batches_wait_opens_and_is_whole(file_place: Any, tmp_path: Path) -> None:
    place = file_place
    store = place.open()
    imported(store)

    async def run() -> None:
        waiting = [store.commit(samples.batch(n)) for n in range(300)]
        await waiting[100]
        await asyncio.to_thread(store.backup, tmp_path / "copy.db")
        await asyncio.gather(*waiting)

    asyncio.run(run())
    copy = place.open_backup(tmp_path / "copy.db")
    verdict = copy.verify_chain()
    assert verdict.is_whole
    assert 304 <= verdict.rows_whole <= 901
    assert len(copy.attempts(CAMPAIGN)) * 3 + 1 == verdict.rows_whole
    assert copy.callee_ids([samples.callee(1).number])
    copy.acquire_ownership("copy")
    commit(copy, samples.batch(1))


def test_a_backup_never_overwrites(file_place: Any, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_text("mine")
    with pytest.raises(BackupError, match="exists"):
        file_place.open().backup(target)
    assert target.read_text() == "mine"
    assert [path.name for path in tmp_path.glob("copy*")] == ["copy.db"]


def test_the_journal_in_the_store_is_canonical(place: Any) -> None:
    store = place.open()
    commit(store, Batch(journal=[samples.entry(n) for n in range(12)]))
    chain = [canonical_bytes(seq, entry) for seq, entry in store.journal()]
    assert chain == [canonical_bytes(n + 1, samples.entry(n)) for n in range(12)]
    assert store.verify_chain().is_whole


def test_nobody_hears_of_a_failure_that_no_one_awaits(place: Any) -> None:
    """No warning of an exception never retrieved: the test run turns warnings into errors."""
    store = place.open()
    store.close()

    async def run() -> None:
        complaints: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
        store.commit(samples.batch(1))
        with pytest.raises(StoreError, match="closed"):
            await store.commit(samples.batch(2))
        gc.collect()
        assert complaints == []

    asyncio.run(run())


def test_a_state_of_an_attempt_is_kept_as_it_was_written(place: Any) -> None:
    store = place.open()
    for state in AttemptState:
        commit(store, Batch(attempts=[samples.attempt(1, state)]))
        assert store.attempts(CAMPAIGN)[0].state is state


def test_who_is_barred_is_told_from_a_place_in_the_journal_on(place: Any) -> None:
    store = place.open()
    commit(store, Batch(journal=[samples.entry(1, JournalKind.CALLEE_REFUSED)]))
    start, nobody = store.callees_barred_after(None)
    assert (start, nobody) == (1, frozenset())
    assert store.callees_barred_after(start) == (1, frozenset())
    other = place.open()
    frozen = samples.entry(3, JournalKind.CALLEE_FROZEN, campaign_id=None)
    other.record_refusal_or_freeze(Batch(journal=[frozen], freezes=[samples.freeze(3)]))
    commit(store, Batch(journal=[samples.entry(4)]))
    assert store.callees_barred_after(start) == (3, frozenset({CalleeId("ce_3")}))
    assert store.callees_barred_after(0)[1] == {CalleeId("ce_1"), CalleeId("ce_3")}


def test_of_a_journal_in_which_nothing_stands_nobody_is_barred(place: Any) -> None:
    store = place.open()
    assert store.callees_barred_after(None) == (0, frozenset())
    commit(store, Batch(journal=[samples.entry(1, JournalKind.CALLEE_REFUSED)]))
    assert store.callees_barred_after(0) == (1, frozenset({CalleeId("ce_1")}))
    assert store.callees_barred_after(7) == (1, frozenset())  # a place that this journal has not reached
