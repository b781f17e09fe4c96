"""One rehearsed day: `CampaignRun` as it is, under virtual time, over simulated people and a store in memory.

    run = rehearse_once(scenario, seed=7, open_store=memory.open)
    run.summary.progress, run.store.attempts(...), run.journal_hash()

Faults come in through `FaultHooks`: it may wrap the store and the gateways, replace the clock, and set timers. A
`SimulatedCrash` that is raised inside ends one life of the dialler; `Rehearsal.live` begins the next, over the same
people, on what the store had committed.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from baitie.app.calling.campaign_run import CampaignRun, Ports
from baitie.app.calling.progress import RunSummary
from baitie.app.inbound.campaign_host import InboundPorts
from baitie.app.ports.arrivals import AnsweringStore
from baitie.app.ports.calls import CallGateway
from baitie.app.ports.clock import Clock
from baitie.app.ports.messages import MessageGateway
from baitie.app.ports.run_store import RunStore
from baitie.app.records.journal import JournalTail
from baitie.domain.metrics import CampaignFacts
from baitie.kernel.journal import GENESIS_HASH
from baitie.rehearsal.agents import Line, SimulatedWorkstation, workstation_for
from baitie.rehearsal.complaining import Clerk
from baitie.rehearsal.fast.fidelity import FastFidelity
from baitie.rehearsal.fidelity import Fidelity, Setting
from baitie.rehearsal.people import hours_since_monday
from baitie.rehearsal.population import Population
from baitie.rehearsal.scenario import Scenario
from baitie.rehearsal.virtual_clock import VirtualClock
from baitie.rehearsal.virtual_time import SimulatedCrash, run_virtually


class RehearsalStore(AnsweringStore, Protocol):
    """Rehearsal store (演练数据库): it can die as its process does, and tells the end of its journal."""

    def journal_tail(self) -> JournalTail | None: ...
    def abandon(self) -> None:
        """Let go at once: what was not committed is lost."""
        ...


OpenStore = Callable[[], RehearsalStore]
"""Opens the same data base in memory, for the first time or again."""


@dataclass(slots=True)
class Stage:
    """Stage (舞台) of one life of the dialler, for those who meddle with it: what it runs on, and the run itself."""

    scenario: Scenario
    seed: int
    life: int  # 1, then 2 after the first crash
    clock: VirtualClock
    store: RehearsalStore
    population: Population
    calls: CallGateway
    messages: MessageGateway
    workstation: SimulatedWorkstation | None  # None where the bot speaks
    clerk: Clerk
    run: CampaignRun = field(init=False)


@dataclass(frozen=True, slots=True)
class FaultHooks:
    """Hooks (干预) into a rehearsed day; nothing by default. Wrappers get what they wrap and give what is used."""

    wrap_store: Callable[[RehearsalStore, Stage], RunStore] = lambda store, stage: store
    wrap_calls: Callable[[CallGateway, Stage], CallGateway] = lambda calls, stage: calls
    wrap_messages: Callable[[MessageGateway, Stage], MessageGateway] = lambda messages, stage: messages
    wrap_clock: Callable[[VirtualClock, Stage], Clock] = lambda clock, stage: clock
    on_begin: Callable[[Stage], None] = lambda stage: None  # the run is made and has not begun


@dataclass(slots=True)
class RehearsedRun:
    """A rehearsed day (演练结果). Its store is open: read from it, then `close`."""

    scenario: Scenario
    seed: int
    summary: RunSummary
    store: RehearsalStore
    stage: Stage  # of the last life

    def facts(self, *, with_journal: bool = True) -> CampaignFacts:
        """What every metric is computed from; without the journal, which is long, where nothing of it is wanted."""
        campaign = self.scenario.campaign
        state = self.store.campaign_state(campaign.campaign_id)
        journal = [entry for _, entry in self.store.journal(campaign.campaign_id)] if with_journal else []
        attempts = self.store.attempts(campaign.campaign_id)
        return CampaignFacts(() if state is None else state.leads, attempts, journal, campaign.policy.short_call_max_s)

    def journal_hash(self) -> str:
        """The last hash of the journal's chain, which is over every byte before it: equal for equal days."""
        tail = self.store.journal_tail()
        return GENESIS_HASH if tail is None else tail.hash

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()


FAST = FastFidelity()


class Rehearsal:
    """Rehearsal (演练) of one day with one seed, over any number of lives of the dialler."""

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        open_store: OpenStore,
        hooks: FaultHooks | None = None,
        fidelity: Fidelity = FAST,
    ) -> None:
        self.scenario, self.seed = scenario, seed
        self._fidelity = fidelity
        self._open_store = open_store
        self._hooks = hooks or FaultHooks()
        self._population = Population(scenario.profile, seed, scenario.segments(), scenario.flow)
        self._clerk = Clerk(seed)
        self._population.on_complaint = self._clerk.hear
        self._rng = random.Random(seed)
        self._zone_names = {callee.number.e164(): callee.zone_names for callee in scenario.callees}
        self._lives = 0
        self._next_start_s = 0.0
        self.stage: Stage | None = None

    def live(self) -> RehearsedRun:
        """Run to the end of the day. Raises `SimulatedCrash` where the hooks does; then it may be called again."""
        store = self._open_store()
        self._lives += 1
        if self._lives == 1 and store.journal_tail() is None:
            scenario = self.scenario
            store.import_leads(scenario.campaign.campaign_id, scenario.callees, scenario.leads, scenario.imported)
        try:
            loop = self._fidelity.make_loop(self.scenario, self.seed, self._lives, self._next_start_s)
            summary = run_virtually(self._main(store), loop)
        except SimulatedCrash:
            store.abandon()
            self._population.on_dialler_gone()
            raise
        finally:
            if self.stage is not None:
                self._next_start_s = self.stage.clock.now()
        assert self.stage is not None
        return RehearsedRun(self.scenario, self.seed, summary, store, self.stage)

    def wait(self, seconds: float) -> None:
        """Let so much virtual time pass between a crash and the next life."""
        self._next_start_s += seconds

    async def _main(self, store: RehearsalStore) -> RunSummary:
        scenario, hooks = self.scenario, self._hooks
        clock = VirtualClock(asyncio.get_running_loop(), scenario.civil_start, scenario.civil_speed)
        hour_of_week = hours_of_week(scenario, self._zone_names, clock)
        setting = Setting(scenario, self.seed, self._lives, clock, self._population, hour_of_week)
        outside = await self._fidelity.open(setting)
        calls, messages, workstation = outside.calls, outside.messages, self._workstation(clock, outside.line)
        stage = Stage(
            scenario, self.seed, self._lives, clock, store, self._population, calls, messages, workstation, self._clerk
        )
        self.stage = stage
        ports = Ports(
            hooks.wrap_clock(clock, stage),
            self._rng,
            hooks.wrap_store(store, stage),
            hooks.wrap_calls(calls, stage),
            hooks.wrap_messages(messages, stage),
            scenario.zones,
            inbound=InboundPorts(outside.callers, store),
            workstation=workstation,
            ground=scenario.ground(),
        )
        stage.run = CampaignRun(scenario.campaign, ports)
        self._clerk.begin(clock, store, ports.store)
        hooks.on_begin(stage)
        summary = await stage.run.run()
        await outside.close()
        return summary

    def _workstation(self, clock: VirtualClock, line: Line) -> SimulatedWorkstation | None:
        """Where the campaign has agents."""
        plan, profile = self.scenario.campaign.agents, self.scenario.profile
        if plan is None:
            return None
        return workstation_for(
            clock, profile.agents, line, self.seed, plan.roster, plan.mode, profile.drift.talk_factor
        )


def hours_of_week(
    scenario: Scenario, zone_names: Mapping[str, tuple[str, ...]], clock: VirtualClock
) -> Callable[[str], int]:
    """Gives the hour since Monday where the callee of a number is; `zone_names` by number in E.164."""

    def hour_of_week(number: str) -> int:
        found = scenario.zones(zone_names.get(number, ()))
        civil_now = clock.civil_now()
        return hours_since_monday(civil_now.astimezone(found[0]) if found else civil_now)

    return hour_of_week


def rehearse_once(
    scenario: Scenario,
    seed: int,
    open_store: OpenStore,
    hooks: FaultHooks | None = None,
    fidelity: Fidelity = FAST,
) -> RehearsedRun:
    """Rehearse one day with one seed, in one life of the dialler. Close what it gives."""
    return Rehearsal(scenario, seed, open_store, hooks, fidelity).live()
