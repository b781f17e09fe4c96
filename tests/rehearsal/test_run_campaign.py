"""Whole runs of a campaign under virtual time: the same code as in production, over ports that are simulated."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from tests.fakes.store import MemoryStore
from tests.rehearsal.world import CAMPAIGN_ID, TEN_IN_SHANGHAI, World, callee, campaign, fill, rules

from baitie.app.calling.campaign_run import CampaignRun
from baitie.app.calling.progress import RunEnd
from baitie.app.campaign.campaign import PresentedNumber, TrunkPlan
from baitie.app.ports.clock import TimerHandle
from baitie.app.records.batch import Batch
from baitie.app.records.standing import CampaignState
from baitie.domain.risk.history import Refusal, RefusalChannel
from baitie.kernel.ids import AttemptId
from baitie.kernel.journal import JournalKind, canonical_bytes
from baitie.kernel.outcome import Outcome
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import AttemptState, LeadState
from baitie.kernel.time import Instant
from baitie.rehearsal.virtual_clock import VirtualClock
from baitie.rehearsal.virtual_time import SimulatedCrash


def state_of(store: MemoryStore) -> CampaignState:
    state = store.campaign_state(CAMPAIGN_ID)
    assert state is not None
    return state


def test_every_lead_ends_with_an_outcome_and_every_lease_comes_back() -> None:
    store = MemoryStore()
    fill(store, 200)
    world = World(store)
    summary = world.run()
    state = state_of(store)
    assert summary.end in (RunEnd.FINISHED, RunEnd.WAITING)
    assert not state.open_attempts
    assert all(lead.state is not LeadState.IN_PROGRESS for lead in state.leads)
    assert world.run_object.leases.holders() == frozenset()
    attempts = store.attempts(CAMPAIGN_ID)
    assert all(attempt.state is AttemptState.ENDED and attempt.outcome for attempt in attempts)
    answered = [attempt for attempt in attempts if attempt.outcome is Outcome.ANSWERED]
    assert 40 < len(answered) < 160
    assert len(world.calls.placed) == sum(attempt.invite_sent_at is not None for attempt in attempts)


def test_card_is_delivered_before_the_ring_wherever_its_receipt_came_in_time() -> None:
    store = MemoryStore()
    fill(store, 100)
    World(store).run()
    for attempt in store.attempts(CAMPAIGN_ID):
        if attempt.card_outcome == "delivered" and attempt.rang_at is not None:
            assert attempt.card_delivered_at is not None
            assert attempt.card_delivered_at <= attempt.rang_at
            assert attempt.card_lead_ms is not None
            assert attempt.card_lead_ms >= 0


def test_each_ring_stands_in_the_journal_once_with_the_lead_of_its_card() -> None:
    store = MemoryStore()
    fill(store, 60)
    World(store).run()
    told = [(e.attempt_id, e.facts["card_lead_ms"]) for _, e in store.journal() if e.kind is JournalKind.CALL_RANG]
    rang = [(a.attempt_id, a.card_lead_ms) for a in store.attempts(CAMPAIGN_ID) if a.rang_at is not None]
    assert sorted(told, key=str) == sorted(rang, key=str)
    assert len(rang) > 20


def test_same_seed_gives_the_same_journal_byte_for_byte_and_another_seed_does_not() -> None:
    def journal(seed: int) -> bytes:
        store = MemoryStore()
        fill(store, 60)
        World(store, seed=seed).run()
        return b"\n".join(canonical_bytes(seq, entry) for seq, entry in store.journal())

    assert journal(1) == journal(1)
    assert journal(1) != journal(2)


def test_callee_who_presses_nine_is_never_called_again_by_this_campaign() -> None:
    store = MemoryStore()
    fill(store, 300)
    World(store).run()
    refused_at = {refusal.callee_id: refusal.at for refusal in store.disk.refusals}
    assert refused_at, "the profile has people who press 9"
    for attempt in store.attempts(CAMPAIGN_ID):
        if attempt.callee_id in refused_at and attempt.invite_sent_at is not None:
            assert attempt.invite_sent_at <= refused_at[attempt.callee_id]


def test_no_call_rings_outside_the_allowed_hours() -> None:
    store = MemoryStore()
    fill(store, 100)
    summary = World(store, civil_start=TEN_IN_SHANGHAI + timedelta(hours=12)).run()
    assert summary.end is RunEnd.WAITING
    assert store.attempts(CAMPAIGN_ID) == [] or all(
        attempt.invite_sent_at is None for attempt in store.attempts(CAMPAIGN_ID)
    )


def test_caps_hold_over_the_whole_run() -> None:
    store = MemoryStore()
    fill(store, 150)
    World(store, campaign=campaign(idle_wait_max_s=30 * 3600)).run()
    per_day = Counter(
        (attempt.callee_id, (attempt.invite_sent_at + timedelta(hours=8)).date())
        for attempt in store.attempts(CAMPAIGN_ID)
        if attempt.invite_sent_at is not None
    )
    assert max(per_day.values()) == 2


def test_calls_in_flight_and_budget_stay_within_their_limits() -> None:
    store = MemoryStore()
    fill(store, 80)
    small = campaign(attempts_max_per_day=25)
    small = replace(small, trunk=replace(small.trunk, calls_in_flight_max=4))
    world = World(store, campaign=small)
    world.run()
    assert len(world.calls.placed) == 25
    spans = [
        (attempt.planned_at, attempt.ended_at)
        for attempt in store.attempts(CAMPAIGN_ID)
        if attempt.ended_at is not None
    ]
    for begin, _ in spans:
        assert sum(first <= begin < last for first, last in spans) <= 4


@pytest.mark.parametrize("hang_up", [False, True])
def test_stop_lets_calls_end_or_hangs_up_and_a_second_run_takes_up_the_rest(hang_up: bool) -> None:
    store = MemoryStore()
    fill(store, 120)

    def stop_soon(world: World, run: CampaignRun) -> None:
        world.clock.loop.call_later(12, lambda: run.stop(hang_up=hang_up))

    first = World(store, meddle=stop_soon)
    summary = first.run()
    assert summary.end is RunEnd.STOPPED
    assert not state_of(store).open_attempts
    assert any(lead.state is LeadState.WAITING and lead.attempts == 0 for lead in state_of(store).leads)
    second = World(store, seed=2)
    second.run()
    assert all(lead.state is not LeadState.WAITING or lead.attempts > 0 for lead in state_of(store).leads)
    placed = [order.attempt_id for world in (first, second) for order in world.calls.placed]
    assert len(placed) == len(set(placed))


def test_store_that_fails_stops_all_placing_and_says_so() -> None:
    store = MemoryStore(fail_at_commit=60)
    fill(store, 120)
    world = World(store)
    summary = world.run()
    assert summary.end is RunEnd.STORE_FAILED
    assert summary.problem
    durable = {a.attempt_id for a in store.attempts(CAMPAIGN_ID) if a.invite_sent_at is not None}
    assert {order.attempt_id for order in world.calls.placed} <= durable, "no INVITE without its durable intention"


def test_crash_leaves_no_call_repeated_and_no_outcome_lost() -> None:
    store = MemoryStore()
    fill(store, 150)
    placed: list[AttemptId] = []

    def crash(at_s: float) -> Callable[[World, CampaignRun], None]:
        def arm(world: World, run: CampaignRun) -> None:
            def die() -> None:
                raise SimulatedCrash

            world.clock.loop.call_later(at_s, die)

        return arm

    civil = None
    for round_number in range(8):
        world = World(store, seed=round_number, meddle=crash(3.0 + round_number))
        if civil is not None:
            world.civil_start = civil
        with pytest.raises(SimulatedCrash):
            world.run()
        civil = world.clock.civil_now()
        placed += [order.attempt_id for order in world.calls.placed]
        store = store.crash()
    world = World(store, civil_start=civil or TEN_IN_SHANGHAI + timedelta(hours=12))
    world.run()
    placed += [order.attempt_id for order in world.calls.placed]
    assert len(placed) == len(set(placed)), "no INVITE twice for one attempt"
    attempts = {attempt.attempt_id: attempt for attempt in store.attempts(CAMPAIGN_ID)}
    assert set(placed) <= set(attempts)
    assert all(attempts[attempt_id].outcome is not None for attempt_id in placed)
    unknown = {a.lead_id for a in attempts.values() if a.outcome is Outcome.UNKNOWN}
    assert unknown, "some calls were in flight"
    later = [a for a in attempts.values() if a.lead_id in unknown]
    assert len(later) == len(unknown) + sum(a.outcome is not Outcome.UNKNOWN for a in later)
    for lead_id in unknown:
        mine = sorted((a for a in attempts.values() if a.lead_id == lead_id), key=lambda a: a.planned_at)
        assert mine[-1].outcome is Outcome.UNKNOWN, "an unknown attempt is never repeated by itself"


def test_refusal_written_by_another_process_between_card_and_ring_stops_the_ring() -> None:
    store = MemoryStore()
    fill(store, 1)

    def refuse_when_the_card_left(world: World, run: CampaignRun) -> None:
        refusal = Refusal(callee(0).callee_id, TEN_IN_SHANGHAI, RefusalChannel.PAGE, "tester")
        world.clock.loop.call_later(0.05, lambda: store.record_refusal_or_freeze(Batch(refusals=[refusal])))

    world = World(store, meddle=refuse_when_the_card_left)
    world.run()
    assert len(world.messages.submitted) == 1
    assert world.calls.placed == []
    kinds = [entry.kind for _, entry in store.journal()]
    assert JournalKind.RING_FORBIDDEN in kinds


class CreepingClock(VirtualClock):
    """As a real one: time passes between any two readings, and a timer may fire a little before its instant."""

    crept_s = 0.0

    def now(self) -> Instant:
        self.crept_s += 2e-4
        return Instant(self.loop.time() + self.crept_s)

    def civil_now(self) -> datetime:
        return self.civil_start + timedelta(seconds=self.now())

    def call_at(self, when: Instant, callback: Callable[[], None]) -> TimerHandle:
        return self.loop.call_at(when - self.crept_s - 1e-3, callback)


@pytest.mark.timeout(60)
def test_pace_does_not_falter_when_time_passes_between_two_readings_of_the_clock() -> None:
    store = MemoryStore()
    fill(store, 100)
    ample = campaign(
        trunk=TrunkPlan("main", attempts_per_s=5, calls_in_flight_max=500),
        presented_numbers=(PresentedNumber(PhoneNumber("+8657188880000"), 500),),
    )
    World(store, campaign=ample, make_clock=CreepingClock).run()
    planned = sorted(attempt.planned_at for attempt in store.attempts(CAMPAIGN_ID))[:100]
    gaps_s = [(later - earlier).total_seconds() for earlier, later in pairwise(planned)]
    assert max(gaps_s) < 0.3, "a lead waited although trunk and leases were free"


def test_budget_begins_anew_at_midnight_of_the_enterprise_and_not_of_utc() -> None:
    store = MemoryStore()
    fill(store, 12)
    zone = ZoneInfo("Asia/Shanghai")
    lavish = campaign(attempts_max_per_day=5, zone=zone, idle_wait_max_s=40 * 3600, rules=rules("core"))
    World(store, campaign=lavish, civil_start=TEN_IN_SHANGHAI + timedelta(hours=11)).run()  # nine in the evening
    sent = [a.invite_sent_at.astimezone(zone) for a in store.attempts(CAMPAIGN_ID) if a.invite_sent_at is not None]
    per_day = Counter(at.date() for at in sent)
    assert max(per_day.values()) == 5
    second_day = min(at for at in sent if at.date() > min(sent).date())
    assert (second_day.hour, second_day.minute) == (0, 0)


def test_run_ends_with_the_error_when_a_callback_breaks() -> None:
    store = MemoryStore()
    fill(store, 20)

    def break_soon(world: World, run: CampaignRun) -> None:
        def broken() -> None:
            raise ZeroDivisionError("a fault of ours")

        world.clock.loop.call_later(5, broken)

    with pytest.raises(ZeroDivisionError):
        World(store, meddle=break_soon).run()
    assert state_of(store).open_attempts, "what was in flight is left to the next run, which closes it as unknown"


def test_stop_while_the_intention_is_being_kept_leaves_no_call_and_counts_none() -> None:
    store = MemoryStore()
    fill(store, 1)

    def stop_then(world: World, run: CampaignRun) -> None:
        commit = store.commit

        def commit_and_stop(batch: Batch) -> Awaitable[None]:
            if any(entry.kind is JournalKind.INVITE_SENT for entry in batch.journal):
                run.stop(hang_up=False)
            return commit(batch)

        store.commit = commit_and_stop  # type: ignore[method-assign]

    world = World(store, meddle=stop_then)
    world.run()
    assert world.calls.placed == []
    (attempt,) = store.attempts(CAMPAIGN_ID)
    assert (attempt.outcome, attempt.invite_sent_at) == (Outcome.CANCELLED, None)
    (lead,) = state_of(store).leads
    assert (lead.state, lead.attempts) == (LeadState.WAITING, 0)
