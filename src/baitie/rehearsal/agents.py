"""Simulated agents (模拟坐席) at their workstations: they log in, talk, wrap up, take breaks, vanish, and log out."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from baitie.app.ports.agents import WorkstationAct, WorkstationEvent
from baitie.app.ports.clock import Clock, TimerHandle
from baitie.domain.dialing.pacing.controllers import PacingMode
from baitie.kernel.ids import AgentId, AttemptId
from baitie.kernel.time import Instant
from baitie.rehearsal.people import chance_for
from baitie.rehearsal.profile import AgentProfile

S_PER_H = 3600.0


class Line(Protocol):
    """What agents need of the simulated telephone line (模拟线路)."""

    @property
    def is_callee_simulated_here(self) -> bool:
        """Whether `end_by_callee` ends the call; else the callee decides elsewhere, and the agent hangs up as well."""
        ...

    def join(self, attempt_id: AttemptId) -> bool: ...
    def end_by_callee(self, attempt_id: AttemptId) -> None: ...
    def is_machine(self, attempt_id: AttemptId) -> bool: ...


@dataclass(frozen=True, slots=True)
class Shift:
    """Shift (班次) of one agent, on the monotonic clock. None: until the run ends."""

    agent_id: AgentId
    from_s: float = 0.0
    until_s: float | None = None


@dataclass(slots=True)
class _Agent:
    shift: Shift
    rng: random.Random
    is_in: bool = False
    is_away: bool = False
    attempt_id: AttemptId | None = None
    is_talking: bool = False
    doing: TimerHandle | None = None  # accepting, talking, wrapping up, looking at a lead
    life: list[TimerHandle] = field(default_factory=list)  # breaks, vanishing, the end of the shift


@dataclass(slots=True)
class SimulatedWorkstation:
    """Workstation (工作台) of simulated agents. The same seed gives the same people; chance is drawn agent by agent."""

    clock: Clock
    profile: AgentProfile
    line: Line
    seed: int
    shifts: Iterable[Shift]
    mode: PacingMode = PacingMode.PROGRESSIVE
    talk_factor: Callable[[Instant], float] = lambda now: 1.0
    _listener: Callable[[WorkstationEvent], None] = field(default=lambda event: None)
    _agents: dict[AgentId, _Agent] = field(default_factory=dict)

    def listen(self, on_event: Callable[[WorkstationEvent], None]) -> None:
        """The run begins: shifts begin when their time comes."""
        self._listener = on_event
        for shift in self.shifts:
            agent = _Agent(shift, chance_for(self.seed, shift.agent_id, "agent", 1))
            self._agents[shift.agent_id] = agent
            begins_s = max(shift.from_s, self.clock.now()) + agent.rng.random() * self.profile.log_in_spread_s
            self.clock.call_at(Instant(begins_s), partial(self._log_in, agent))

    async def start(self) -> None:
        """Nothing to start."""

    async def close(self) -> None:
        """Nothing to close."""

    def show_lead(self, agent_id: AgentId, attempt_id: AttemptId) -> None:
        agent, profile = self._agents[agent_id], self.profile
        agent.attempt_id = attempt_id
        act = WorkstationAct.LEAD_SKIPPED if agent.rng.random() < profile.skipped_rate else WorkstationAct.LEAD_ACCEPTED
        looks_s = _log_normal(agent, profile.preview_median_s, profile.preview_sigma)
        self._do(agent, looks_s, partial(self._say, agent, act, attempt_id))

    def offer(self, agent_id: AgentId, attempt_id: AttemptId) -> None:
        agent, profile = self._agents[agent_id], self.profile
        agent.attempt_id = attempt_id
        if agent.is_in:
            act = (
                WorkstationAct.CALL_DECLINED
                if agent.rng.random() < profile.declined_rate
                else WorkstationAct.CALL_ACCEPTED
            )
            accepts_s = _log_normal(agent, profile.accept_median_s, profile.accept_sigma)
            self._do(agent, accepts_s, partial(self._accept, agent, act, attempt_id))

    def connect(self, agent_id: AgentId, attempt_id: AttemptId) -> None:
        agent, profile = self._agents[agent_id], self.profile
        is_machine = self.line.is_machine(attempt_id)
        if not self.line.join(attempt_id):
            return
        agent.is_talking = True
        talk_s = _log_normal(agent, profile.talk_median_s, profile.talk_sigma) * self.talk_factor(self.clock.now())
        ends_by_callee = agent.rng.random() < profile.callee_ends_rate
        has_refused = agent.rng.random() < profile.callee_refusal_rate
        if is_machine:
            hung_up = WorkstationEvent(WorkstationAct.HUNG_UP, agent_id, attempt_id, heard_machine=True)
            self._do(agent, profile.machine_noticed_s, partial(self._hang_up, agent, hung_up))
        elif ends_by_callee and self.line.is_callee_simulated_here:
            self._do(agent, talk_s, partial(self.line.end_by_callee, attempt_id))
        else:
            hung_up = WorkstationEvent(WorkstationAct.HUNG_UP, agent_id, attempt_id, has_refused=has_refused)
            self._do(agent, talk_s, partial(self._hang_up, agent, hung_up))

    def release(self, agent_id: AgentId, attempt_id: AttemptId) -> None:
        agent = self._agents[agent_id]
        if agent.attempt_id != attempt_id:
            return
        was_talking, agent.is_talking, agent.attempt_id = agent.is_talking, False, None
        self._stop_doing(agent)
        if was_talking:
            self._wrap_up(agent)
        elif agent.is_in:
            self._come_back_if_put_away(agent)

    def take_away(self, rng: random.Random, for_s: float, *, is_told: bool) -> None:
        """One of the agents who are there is gone for so long; the dialler is told, or hears nothing of it."""
        present = [agent for agent in self._agents.values() if agent.is_in]
        if present:
            self._vanish(rng.choice(present), for_s, is_told=is_told)

    # What they do

    def _accept(self, agent: _Agent, act: WorkstationAct, attempt_id: AttemptId) -> None:
        self._say(agent, act, attempt_id)
        if act is WorkstationAct.CALL_DECLINED:
            agent.attempt_id = None
            self._come_back_if_put_away(agent)

    def _hang_up(self, agent: _Agent, hung_up: WorkstationEvent) -> None:
        agent.is_talking, agent.attempt_id = False, None
        self._wrap_up(agent)
        self._listener(hung_up)

    def _wrap_up(self, agent: _Agent) -> None:
        wrap_up_s = _log_normal(agent, self.profile.wrap_up_median_s, self.profile.wrap_up_sigma)
        self._do(agent, wrap_up_s, partial(self._wrapped_up, agent))

    def _wrapped_up(self, agent: _Agent) -> None:
        self._say(agent, WorkstationAct.WRAPPED_UP)
        self._ask_by_hand(agent)

    def _come_back_if_put_away(self, agent: _Agent) -> None:
        """Whoever did not take an offer was put away, and sees it a little later."""
        if not agent.is_away:
            self._do(agent, 5.0, partial(self._come_back, agent))

    def _ask_by_hand(self, agent: _Agent) -> None:
        if self.mode is PacingMode.MANUAL and agent.is_in and not agent.is_away:
            self._do(agent, 2.0, partial(self._ask_again, agent))

    def _ask_again(self, agent: _Agent) -> None:
        """Dial the next lead; and again after a while, as long as no call comes of it."""
        if agent.attempt_id is None:
            self._say(agent, WorkstationAct.LEAD_ASKED)
            self._do(agent, 10.0, partial(self._ask_again, agent))

    # Their day

    def _log_in(self, agent: _Agent) -> None:
        agent.is_in, agent.is_away = True, False
        profile, now, rng = self.profile, self.clock.now(), agent.rng
        self._say(agent, WorkstationAct.LOGGED_IN)
        if agent.shift.until_s is not None:
            self._live(agent, agent.shift.until_s - now, partial(self._log_out, agent))
        if profile.breaks_per_h > 0:
            self._live(agent, rng.expovariate(profile.breaks_per_h) * S_PER_H, partial(self._go_away, agent))
        if profile.vanishes_per_h > 0:
            self._live(agent, rng.expovariate(profile.vanishes_per_h) * S_PER_H, partial(self._vanish, agent))
        self._ask_by_hand(agent)

    def _log_out(self, agent: _Agent) -> None:
        self._leave(agent)
        self._say(agent, WorkstationAct.LOGGED_OUT)

    def _vanish(self, agent: _Agent, for_s: float | None = None, *, is_told: bool = True) -> None:
        """The connection is gone in the midst of whatever it is; for as long as the profile says by default."""
        self._leave(agent)
        self._stop_doing(agent)
        agent.attempt_id, agent.is_talking = None, False
        if is_told:
            self._say(agent, WorkstationAct.VANISHED)
        returns_s = for_s
        if returns_s is None:
            returns_s = _log_normal(agent, self.profile.returns_after_median_s, self.profile.returns_after_sigma)
        if agent.shift.until_s is None or self.clock.now() + returns_s < agent.shift.until_s:
            self._live(agent, returns_s, partial(self._log_in, agent))

    def _go_away(self, agent: _Agent) -> None:
        agent.is_away = True
        self._say(agent, WorkstationAct.WENT_AWAY)
        break_s = _log_normal(agent, self.profile.break_median_s, self.profile.break_sigma)
        self._live(agent, break_s, partial(self._come_back, agent))
        next_s = break_s + agent.rng.expovariate(self.profile.breaks_per_h) * S_PER_H
        self._live(agent, next_s, partial(self._go_away, agent))

    def _come_back(self, agent: _Agent) -> None:
        if agent.is_in:
            agent.is_away = False
            self._say(agent, WorkstationAct.CAME_BACK)
            self._ask_by_hand(agent)

    def _leave(self, agent: _Agent) -> None:
        agent.is_in = False
        for timer in agent.life:
            timer.cancel()
        agent.life.clear()

    # Time

    def _do(self, agent: _Agent, after_s: float, action: Callable[[], None]) -> None:
        self._stop_doing(agent)
        agent.doing = self.clock.call_at(Instant(self.clock.now() + after_s), action)

    def _stop_doing(self, agent: _Agent) -> None:
        if agent.doing is not None:
            agent.doing.cancel()
            agent.doing = None

    def _live(self, agent: _Agent, after_s: float, action: Callable[[], None]) -> None:
        agent.life.append(self.clock.call_at(Instant(self.clock.now() + max(after_s, 0.0)), action))

    def _say(self, agent: _Agent, act: WorkstationAct, attempt_id: AttemptId | None = None) -> None:
        self._listener(WorkstationEvent(act, agent.shift.agent_id, attempt_id))


def _log_normal(agent: _Agent, median: float, sigma: float) -> float:
    return median * agent.rng.lognormvariate(0.0, sigma)


def workstation_for(
    clock: Clock,
    profile: AgentProfile,
    line: Line,
    seed: int,
    agents: Iterable[AgentId],
    mode: PacingMode,
    talk_factor: Callable[[Instant], float] = lambda now: 1.0,
) -> SimulatedWorkstation:
    """A workstation at which all these agents work for the whole run."""
    return SimulatedWorkstation(clock, profile, line, seed, [Shift(agent_id) for agent_id in agents], mode, talk_factor)


def silence_borne(profile: AgentProfile, seed: int) -> Callable[[AttemptId], float]:
    """How long the callee of an attempt bears silence, in seconds."""

    def borne_s(attempt_id: AttemptId) -> float:
        rng = chance_for(seed, attempt_id, "silence", 1)
        return profile.silence_borne_median_s * rng.lognormvariate(0.0, profile.silence_borne_sigma)

    return borne_s
