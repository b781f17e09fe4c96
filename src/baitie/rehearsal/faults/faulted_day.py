"""One day with faults from beginning to end: as many lives of the dialler as it takes, then the books."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from baitie.app.calling.progress import RunEnd
from baitie.rehearsal.faults.fault_injector import FaultInjector
from baitie.rehearsal.faults.plan import Fault, FaultPlan, Outage
from baitie.rehearsal.fidelity import Fidelity
from baitie.rehearsal.invariants import Invariant, Invariants, Promise, Violation, books_of
from baitie.rehearsal.rehearse import FAST, OpenStore, Rehearsal, RehearsedRun, Stage
from baitie.rehearsal.scenario import Scenario
from baitie.rehearsal.virtual_time import SimulatedCrash

LIVES_MAX = 200
"""A day on which the dialler is started more often does not end."""

_ENDS_OF_A_LIFE = frozenset({RunEnd.STORE_FAILED, RunEnd.CARRIER_LOST})


@dataclass(frozen=True, slots=True)
class FaultedDay:
    """Day with faults (故障日): what was broken, what went wrong, and how many lives the dialler had."""

    seed: int
    violations: tuple[Violation, ...]
    faults: tuple[Fault, ...]
    lives: int
    attempts: int
    end: str
    journal_hash: str
    ends_at_s: float  # on the monotonic clock: later faults befell nobody
    mishaps: Mapping[str, int]  # how many events were lost, doubled and delayed


def faulted_day(
    scenario: Scenario,
    plan: FaultPlan,
    seed: int,
    open_store: OpenStore,
    *,
    promise: Promise | None = None,
    promised: Scenario | None = None,
    fidelity: Fidelity = FAST,
) -> FaultedDay:
    """Rehearse one day under a plan, and judge it: by what `promised` says, where that differs from the scenario."""
    watch = Invariants(promised or scenario, promise or Promise())
    injector = FaultInjector(plan, seed, scenario.civil_speed, watch)
    if plan.network is not None:
        scenario = replace(scenario, profile=replace(scenario.profile, network=plan.network))
    rehearsal = Rehearsal(scenario, seed, open_store, injector.hooks(), fidelity)
    try:
        run = _live(rehearsal, injector)
    except Exception as error:  # whatever it is: a dialler that falls over is what a rehearsal looks for
        watch.broken(Invariant.STANDS, f"the run raised {type(error).__name__}: {error}")
        return _fallen(seed, watch, injector, rehearsal.stage)
    try:
        books_of(run, watch)
        attempts = len(run.store.attempts(scenario.campaign.campaign_id))
        return FaultedDay(
            seed=seed,
            violations=tuple(watch.violations),
            faults=injector.faults,
            lives=run.stage.life,
            attempts=attempts,
            end=run.summary.end.value,
            journal_hash=run.journal_hash(),
            ends_at_s=run.stage.clock.now(),
            mishaps=dict(injector.mishaps),
        )
    finally:
        run.close()


def _fallen(seed: int, watch: Invariants, injector: FaultInjector, stage: Stage | None) -> FaultedDay:
    """A day of which there are no books."""
    ends_at_s, lives = (0.0, 0) if stage is None else (stage.clock.now(), stage.life)
    return FaultedDay(
        seed, tuple(watch.violations), injector.faults, lives, 0, "raised", "", ends_at_s, dict(injector.mishaps)
    )


def _live(rehearsal: Rehearsal, injector: FaultInjector) -> RehearsedRun:
    """Start the dialler again after every crash and every end that somebody has to mend something for."""
    while True:
        try:
            run = rehearsal.live()
        except SimulatedCrash:
            assert rehearsal.stage is not None
            rehearsal.wait(injector.crash_waits_s(rehearsal.stage.clock.now()))
            continue
        if run.summary.end not in _ENDS_OF_A_LIFE or run.stage.life >= LIVES_MAX:
            return run
        now = run.stage.clock.now()
        back_at = [injector.ends_at(outage, now) for outage in (Outage.STORE_DOWN, Outage.CARRIER_DOWN)]
        rehearsal.wait(max((at - now for at in back_at if at is not None), default=0.0) + 1.0)
        injector.watch.crashed()
        run.close()
