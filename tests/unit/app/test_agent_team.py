"""The team: one campaign keeps each change of an agent, and nobody lends an agent who is wanted at home."""

from collections.abc import Callable
from dataclasses import dataclass, field

from baitie.app.agents.team import AgentTeam
from baitie.app.campaign.agent_plan import AgentPlan
from baitie.app.ports.agents import WorkstationAct, WorkstationEvent
from baitie.app.ports.clock import TimerHandle
from baitie.domain.agents import AgentEventKind, AgentLimits, AgentState, StateChanged
from baitie.domain.dialing.pacing.controllers import PacingMode
from baitie.kernel.ids import AgentId, AttemptId, CampaignId
from baitie.kernel.time import Instant

AGENTS = tuple(AgentId(f"a{number}") for number in range(4))
ONE, OTHER = CampaignId("one"), CampaignId("other")


@dataclass
class Timer:
    def cancel(self) -> None:
        """Nothing runs."""


@dataclass
class Clock:
    """Stands still."""

    def now(self) -> Instant:
        return Instant(0.0)

    def call_at(self, when: Instant, callback: Callable[[], None]) -> TimerHandle:
        return Timer()


@dataclass
class Workstation:
    on_event: Callable[[WorkstationEvent], None] = field(default=lambda event: None)
    released: list[tuple[AgentId, AttemptId]] = field(default_factory=list)

    def listen(self, on_event: Callable[[WorkstationEvent], None]) -> None:
        self.on_event = on_event

    def release(self, agent_id: AgentId, attempt_id: AttemptId) -> None:
        self.released.append((agent_id, attempt_id))


@dataclass
class Member:
    """A campaign that says what it wants and writes down what it is told."""

    campaign_id: CampaignId
    agents_spare: int = 0
    wanted: int = 100
    waiting_since: Instant | None = None
    calls: set[AttemptId] = field(default_factory=set)
    changes: list[StateChanged] = field(default_factory=list)
    lost: list[AttemptId] = field(default_factory=list)
    acts: list[WorkstationAct] = field(default_factory=list)
    asked: list[AgentId] = field(default_factory=list)
    served: list[CampaignId] = field(default_factory=list)
    pumps: int = 0
    plan: AgentPlan = field(default_factory=lambda: AgentPlan(PacingMode.PROGRESSIVE, AGENTS))
    limits: AgentLimits = field(default_factory=AgentLimits)

    def request_run(self) -> None:
        self.pumps += 1

    def agents_wanted(self) -> int:
        return self.wanted

    def has(self, attempt_id: AttemptId) -> bool:
        return attempt_id in self.calls

    def on_asked(self, agent_id: AgentId) -> None:
        self.asked.append(agent_id)

    def on_call_act(self, event: WorkstationEvent, attempt_id: AttemptId) -> None:
        self.acts.append(event.act)

    def on_change(self, changed: StateChanged) -> None:
        self.changes.append(changed)

    def on_presence(self, changed: StateChanged | None = None) -> None:
        """Whoever is there does not matter here."""

    def on_lost(self, attempt_id: AttemptId, changed: StateChanged) -> None:
        self.lost.append(attempt_id)

    def serve_waiting(self) -> None:
        self.served.append(self.campaign_id)


def team_of(*members: Member) -> tuple[AgentTeam, Workstation]:
    """Everybody is logged in."""
    workstation = Workstation()
    team = AgentTeam(Clock(), workstation)  # type: ignore[arg-type]
    for member in members:
        team.join(member)
    for agent_id in AGENTS:
        workstation.on_event(WorkstationEvent(WorkstationAct.LOGGED_IN, agent_id))
    return team, workstation


def take(team: AgentTeam, member: Member, attempt_id: str) -> AgentId:
    changed = team.pool.take(member.campaign_id, attempt_id, AgentEventKind.OFFERED, Instant(0.0))
    assert changed is not None
    member.calls.add(AttemptId(attempt_id))
    team.follow(changed)
    return changed.agent_id


def test_only_who_has_an_agent_to_spare_lends() -> None:
    one, other = Member(ONE), Member(OTHER, agents_spare=1)
    team, _ = team_of(one, other)
    assert list(team.lenders(one)) == [OTHER]
    assert list(team.lenders(other)) == []


def test_each_change_is_kept_once_by_the_campaign_whose_call_it_is() -> None:
    one, other = Member(ONE), Member(OTHER)
    team, workstation = team_of(one, other)
    assert len(one.changes) + len(other.changes) == len(AGENTS)
    agent_id = take(team, other, "x")
    workstation.on_event(WorkstationEvent(WorkstationAct.VANISHED, agent_id))
    assert [change.after for change in other.changes[-2:]] == [AgentState.RINGING, AgentState.OFFLINE]
    assert (one.lost, other.lost) == ([], ["x"])
    assert len(one.changes) + len(other.changes) == len(AGENTS) + 2


def test_acts_about_a_call_go_to_its_campaign_and_about_none_are_taken_back() -> None:
    one, other = Member(ONE), Member(OTHER)
    team, workstation = team_of(one, other)
    agent_id = take(team, one, "x")
    workstation.on_event(WorkstationEvent(WorkstationAct.HUNG_UP, agent_id, AttemptId("x")))
    workstation.on_event(WorkstationEvent(WorkstationAct.CALL_ACCEPTED, agent_id, AttemptId("gone")))
    assert (one.acts, other.acts) == ([WorkstationAct.HUNG_UP], [])
    assert workstation.released == [(agent_id, "gone")]


def test_who_has_less_work_gives_agents_away_and_the_other_hears_of_it() -> None:
    one, other = Member(ONE), Member(OTHER)
    team, _ = team_of(one, other)
    assert (team.pool.idle(ONE), team.pool.idle(OTHER)) == (2, 2)
    one.wanted, before = 0, other.pumps
    team.share(one)
    assert (team.pool.idle(ONE), team.pool.idle(OTHER)) == (0, 4)
    assert other.pumps == before + 1
    team.share(one)
    assert other.pumps == before + 1


def test_a_ready_agent_serves_the_own_campaign_first_then_who_waits_longest() -> None:
    order: list[CampaignId] = []
    one, other = Member(ONE, waiting_since=Instant(5.0)), Member(OTHER, waiting_since=Instant(1.0))
    one.served = other.served = order
    team, workstation = team_of(one, other)
    for agent_id in AGENTS:
        workstation.on_event(WorkstationEvent(WorkstationAct.WENT_AWAY, agent_id))
    for agent_id in AGENTS:
        order.clear()
        workstation.on_event(WorkstationEvent(WorkstationAct.CAME_BACK, agent_id))
        own = team.pool.campaign_of(agent_id)
        assert order == [own, OTHER if own == ONE else ONE]


def test_when_a_campaign_ends_only_who_serves_no_other_is_logged_out() -> None:
    one = Member(ONE)
    other = Member(OTHER, plan=AgentPlan(PacingMode.PROGRESSIVE, AGENTS[:2]))
    team, _ = team_of(one, other)
    team.leave(one)
    states = [team.pool.state_of(agent_id) for agent_id in AGENTS]
    assert states == [AgentState.READY, AgentState.READY, AgentState.OFFLINE, AgentState.OFFLINE]
    assert team.pool.idle(OTHER) == 2
    assert other.pumps
