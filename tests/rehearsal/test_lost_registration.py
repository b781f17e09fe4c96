"""A registration that is lost while a campaign runs: nothing new begins, and all goes on when it returns."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from tests.fakes.store import MemoryStore
from tests.rehearsal.world import CAMPAIGN_ID, World, campaign, fill

from baitie.app.calling.campaign_run import CampaignRun
from baitie.app.calling.progress import RunEnd, RunSummary
from baitie.app.ports.calls import TrunkEvent, TrunkRegistered, TrunkUnregistered
from baitie.kernel.records import AttemptRecord, LeadRecord
from baitie.kernel.time import Instant

LEADS = 120


class ScriptedTrunks:
    """Tells the run what it is told to tell, at these seconds of the run."""

    def __init__(self, *events: tuple[float, TrunkEvent]) -> None:
        self.events = events

    def meddle(self, world: World, run: CampaignRun) -> None:
        self.world = world
        run.ports = replace(run.ports, trunks=self)

    def listen_to_trunks(self, on_event: Callable[[TrunkEvent], None]) -> None:
        clock = self.world.clock
        for after_s, event in self.events:
            clock.call_at(Instant(clock.now() + after_s), lambda told=event: on_event(told))  # type: ignore[misc]


def lost(stands_s: float = 0.0, trunk: str = "main") -> TrunkUnregistered:
    return TrunkUnregistered(trunk, "forbidden-by-carrier", 403, stands_s)


def run_with(*events: tuple[float, TrunkEvent], **changes: object) -> tuple[RunSummary, World, list[AttemptRecord]]:
    store = MemoryStore()
    fill(store, LEADS)
    chosen = campaign(**changes)
    world = World(store, replace(chosen, trunk=replace(chosen.trunk, calls_in_flight_max=8)))
    world.meddle = ScriptedTrunks(*events).meddle
    return world.run(), world, list(store.attempts(CAMPAIGN_ID))


def planned_s(world: World, attempts: list[AttemptRecord]) -> list[float]:
    return sorted((attempt.planned_at - world.civil_start).total_seconds() for attempt in attempts)


@pytest.mark.parametrize("stands_s", [0.0, 15.0])
def test_nothing_begins_while_it_is_lost_and_all_goes_on_when_it_returns(stands_s: float) -> None:
    summary, world, attempts = run_with((30.0, lost(stands_s)), (400.0, TrunkRegistered("main")))
    began = planned_s(world, attempts)
    gap = [at for at in began if 30.0 + stands_s < at < 400.0]
    assert gap == []
    assert any(at <= 30.0 for at in began)
    assert any(at >= 400.0 for at in began)
    assert summary.end in (RunEnd.FINISHED, RunEnd.WAITING)
    assert {attempt.lead_id for attempt in attempts} == {lead.lead_id for lead in leads_of(world)}
    assert (summary.progress.trunk_losses, summary.progress.trunk_loss, summary.problem) == (1, None, None)
    assert all(attempt.outcome for attempt in attempts)


def leads_of(world: World) -> Sequence[LeadRecord]:
    state = world.store.campaign_state(CAMPAIGN_ID)
    assert state is not None
    return state.leads


def test_one_that_stays_away_for_as_long_as_a_run_waits_ends_the_run() -> None:
    summary, world, attempts = run_with((30.0, lost()), (60.0, lost()), (5000.0, lost()), idle_wait_max_s=3600.0)
    assert (summary.end, summary.problem) == (RunEnd.CARRIER_LOST, "registration-lost")
    assert summary.progress.trunk_losses == 1
    assert summary.progress.trunk_loss is not None
    assert (summary.progress.trunk_loss.trunk, summary.progress.trunk_loss.sip_status) == ("main", 403)
    assert max(planned_s(world, attempts)) <= 30.0
    assert (summary.civil_until - summary.civil_from).total_seconds() == pytest.approx(3630.0, abs=1.0)


def test_a_loss_that_ends_before_what_was_granted_runs_out_stops_nothing() -> None:
    plain, _, undisturbed = run_with()
    renewed, _, attempts = run_with((10.0, lost(100.0)), (40.0, TrunkRegistered("main")))
    assert [attempt.planned_at for attempt in attempts] == [attempt.planned_at for attempt in undisturbed]
    assert (plain.progress.trunk_losses, renewed.progress.trunk_losses) == (0, 1)


def test_another_trunk_is_none_of_its_business() -> None:
    summary, _, attempts = run_with((10.0, lost(trunk="other")))
    assert summary.progress.trunk_losses == 0
    assert attempts
