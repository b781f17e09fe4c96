"""Several campaigns that share agents, rehearsed in one process: one store, one clock, one team, as `CampaignRun` is.

rehearsal = SharedRehearsal(side_by_side([first, other]), seed=7, open_store=memory_stores())
runs = rehearsal.live()   # one RehearsedRun for each campaign, all over one store: close one of them
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from baitie.app.agents.team import AgentTeam
from baitie.app.calling.campaign_run import CampaignRun, Ports
from baitie.app.calling.number_choice import NumberBook
from baitie.app.calling.progress import RunSummary
from baitie.app.inbound.campaign_host import InboundPorts
from baitie.domain.dialing.pacing.controllers import PacingMode
from baitie.kernel.errors import InputError
from baitie.kernel.ids import AttemptId, CalleeId, LeadId
from baitie.rehearsal.agents import Line, SimulatedWorkstation, workstation_for
from baitie.rehearsal.complaining import Clerk
from baitie.rehearsal.fast.fidelity import FastFidelity
from baitie.rehearsal.fidelity import Outside, Setting
from baitie.rehearsal.population import Population
from baitie.rehearsal.rehearse import OpenStore, RehearsalStore, RehearsedRun, Stage, hours_of_week
from baitie.rehearsal.scenario import Scenario
from baitie.rehearsal.virtual_clock import VirtualClock
from baitie.rehearsal.virtual_time import SimulatedCrash, VirtualLoop, run_virtually

CAMPAIGNS_MAX = 8
"""More campaigns than one team of agents serves in a day."""


class CampaignsBesideError(InputError):
    """These campaigns cannot be rehearsed beside each other. Name campaigns of different ids, eight at most."""

    code = "campaigns-beside"


def side_by_side(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """The scenarios as one organisation has them: whoever is on several lists is one callee, and no two leads share an
    id; the day is that of the first. Raises `CampaignsBesideError`."""
    ids = [scenario.campaign.campaign_id for scenario in scenarios]
    if len(set(ids)) < len(ids) or not 1 <= len(ids) <= CAMPAIGNS_MAX:
        raise CampaignsBesideError(campaigns=", ".join(ids))
    known: dict[str, CalleeId] = {}
    found = []
    for place, scenario in enumerate(scenarios):
        suffix = f"_{place}" if place else ""
        renamed: dict[CalleeId, CalleeId] = {}
        for callee in scenario.callees:
            fresh = CalleeId(callee.callee_id + suffix)
            renamed[callee.callee_id] = known.setdefault(callee.number.e164(), fresh)
        found.append(
            replace(
                scenario,
                callees=tuple(replace(each, callee_id=renamed[each.callee_id]) for each in scenario.callees),
                leads=tuple(
                    replace(each, lead_id=LeadId(each.lead_id + suffix), callee_id=renamed[each.callee_id])
                    for each in scenario.leads
                ),
                civil_start=scenarios[0].civil_start,
                civil_speed=scenarios[0].civil_speed,
                imported=replace(scenario.imported, at=scenarios[0].imported.at),
            )
        )
    return found


def import_all(store: RehearsalStore, scenarios: Sequence[Scenario]) -> None:
    """Every list into the store; a callee of several lists once."""
    known = set[CalleeId]()
    for scenario in scenarios:
        fresh = [callee for callee in scenario.callees if callee.callee_id not in known]
        known.update(callee.callee_id for callee in fresh)
        store.import_leads(scenario.campaign.campaign_id, fresh, scenario.leads, scenario.imported)


@dataclass(frozen=True, slots=True)
class SharedLine:
    """Line (线路) of agents who talk on calls of several campaigns."""

    lines: Sequence[Line]

    @property
    def is_callee_simulated_here(self) -> bool:
        """All of them, or the agents hang up."""
        return all(line.is_callee_simulated_here for line in self.lines)

    def join(self, attempt_id: AttemptId) -> bool:
        """On the line that has this call."""
        return any(line.join(attempt_id) for line in self.lines)

    def end_by_callee(self, attempt_id: AttemptId) -> None:
        """Lines that do not have the call do nothing."""
        for line in self.lines:
            line.end_by_callee(attempt_id)

    def is_machine(self, attempt_id: AttemptId) -> bool:
        """On whichever line it is."""
        return any(line.is_machine(attempt_id) for line in self.lines)


class SharedRehearsal:
    """Shared rehearsal (共用坐席演练) of one day with one seed, over any number of lives of the dialler.

    The agents are those of the first campaign that has any, as its profile describes them, and whoever else stands
    on a roster. `scenarios` come from `side_by_side`.
    """

    def __init__(
        self,
        scenarios: Sequence[Scenario],
        seed: int,
        open_store: OpenStore,
        on_begin: Callable[[Sequence[Stage]], None] = lambda stages: None,
    ) -> None:
        self.scenarios, self.seed = scenarios, seed
        self._open_store, self._on_begin = open_store, on_begin
        self._populations = _populations(scenarios, seed)
        self._clerk = Clerk(seed)
        for population in self._populations:
            population.on_complaint = self._clerk.hear
        self._rngs = [
            random.Random(f"{seed}/{place}" if place else seed) for place in range(len(scenarios))
        ]  # the first has the chance that it has alone
        self._zone_names = {callee.number.e164(): callee.zone_names for each in scenarios for callee in each.callees}
        self._lives = 0
        self._next_start_s = 0.0
        self.stages: Sequence[Stage] = ()
        self.team: AgentTeam | None = None

    def live(self) -> list[RehearsedRun]:
        """Run to the end of the day. Raises `SimulatedCrash` where the hooks does; then it may be called again."""
        store = self._open_store()
        self._lives += 1
        if self._lives == 1 and store.journal_tail() is None:
            import_all(store, self.scenarios)
        try:
            summaries = run_virtually(self._main(store), VirtualLoop(self._next_start_s))
        except SimulatedCrash:
            store.abandon()
            for population in self._populations:
                population.on_dialler_gone()
            raise
        finally:
            if self.stages:
                self._next_start_s = self.stages[0].clock.now()
        return [
            RehearsedRun(stage.scenario, self.seed, summary, store, stage)
            for stage, summary in zip(self.stages, summaries, strict=True)
        ]

    def wait(self, seconds: float) -> None:
        """Let so much virtual time pass between a crash and the next life."""
        self._next_start_s += seconds

    async def _main(self, store: RehearsalStore) -> list[RunSummary]:
        first = self.scenarios[0]
        clock = VirtualClock(asyncio.get_running_loop(), first.civil_start, first.civil_speed)
        outsides = [await self._open(scenario, place, clock) for place, scenario in enumerate(self.scenarios)]
        workstation = self._workstation(clock, SharedLine([outside.line for outside in outsides]))
        self.team = None if workstation is None else AgentTeam(clock, workstation)
        self._clerk.begin(clock, store, store)
        in_flight, numbers = Counter[CalleeId](), NumberBook()
        stages = []
        for place, (scenario, outside) in enumerate(zip(self.scenarios, outsides, strict=True)):
            population = self._populations[place]
            stage = Stage(
                scenario,
                self.seed,
                self._lives,
                clock,
                store,
                population,
                outside.calls,
                outside.messages,
                workstation,
                self._clerk,
            )
            ports = Ports(
                clock,
                self._rngs[place],
                store,
                outside.calls,
                outside.messages,
                scenario.zones,
                inbound=InboundPorts(outside.callers, store),
                team=self.team,
                in_flight=in_flight,
                numbers=numbers,
                ground=scenario.ground(),
            )
            stage.run = CampaignRun(scenario.campaign, ports)
            stages.append(stage)
        self.stages = stages
        self._on_begin(stages)
        return await asyncio.gather(*(stage.run.run() for stage in stages))

    async def _open(self, scenario: Scenario, place: int, clock: VirtualClock) -> Outside:
        hour_of_week = hours_of_week(scenario, self._zone_names, clock)
        setting = Setting(scenario, self.seed, self._lives, clock, self._populations[place], hour_of_week)
        return await FastFidelity().open(setting)

    def _workstation(self, clock: VirtualClock, line: Line) -> SimulatedWorkstation | None:
        """Everybody on any roster, once."""
        with_agents = [scenario for scenario in self.scenarios if scenario.campaign.agents is not None]
        plans = [scenario.campaign.agents for scenario in with_agents if scenario.campaign.agents is not None]
        if not plans:
            return None
        profile = with_agents[0].profile
        is_manual = any(plan.mode is PacingMode.MANUAL for plan in plans)
        mode = PacingMode.MANUAL if is_manual else plans[0].mode
        agents = dict.fromkeys(chain.from_iterable(plan.roster for plan in plans))
        return workstation_for(clock, profile.agents, line, self.seed, agents, mode, profile.drift.talk_factor)


def _populations(scenarios: Sequence[Scenario], seed: int) -> list[Population]:
    """One for each; campaigns with the same profile meet the same people."""
    made: list[Population] = []
    for scenario in scenarios:
        same = next((each for each in made if each.profile == scenario.profile), None)
        if same is None:
            same = Population(scenario.profile, seed, dict(scenario.segments()), scenario.flow)
        else:
            if same.flow != scenario.flow:  # which of the flows a call follows, the handset does not know
                same.flow = None
            same.segments = {**scenario.segments(), **same.segments}
        made.append(same)
    return made
