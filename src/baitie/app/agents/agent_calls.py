"""Brings callees and agents together: who is offered an answered call, and who speaks where nobody takes it."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from baitie.app.agents.pacing import AgentPace
from baitie.app.agents.team import AgentTeam
from baitie.app.calling.attempt_end import AGENT_LOST, LEAD_SKIPPED, attempt_entry
from baitie.app.calling.live_attempt import LiveAttempt
from baitie.app.calling.persistence import BatchCommitter
from baitie.app.campaign.agent_plan import AgentPlan
from baitie.app.ports.agents import WorkstationAct, WorkstationEvent
from baitie.app.ports.clock import Clock, TimerHandle
from baitie.app.records.batch import Batch
from baitie.domain.agents import AgentEvent, AgentEventKind, AgentLimits, AgentPool, AgentState, StateChanged
from baitie.domain.dialing.attempt import NO_AGENT
from baitie.domain.dialing.pacing.controllers import PacingMode
from baitie.kernel.fast_replace import fast_replace
from baitie.kernel.ids import AgentId, AttemptId, CalleeId, CampaignId
from baitie.kernel.journal import JournalEntry, JournalKind, JsonValue
from baitie.kernel.outcome import Outcome
from baitie.kernel.records import AttemptRecord
from baitie.kernel.time import Instant

CALLEES_REMEMBERED_MAX = 100_000
"""Of so many callees it is known in a run who spoke with them."""


class DrivesAttempts(Protocol):
    """Driver of attempts (呼叫驱动端口), as agents need it."""

    def hold(self, live: LiveAttempt) -> None: ...
    def begin(self, live: LiveAttempt) -> None: ...
    def hang_up(self, live: LiveAttempt) -> None: ...
    def stop_one(self, live: LiveAttempt, cause: str) -> None: ...
    def let_bot_speak(self, live: LiveAttempt, *, announcement: bool) -> None: ...
    def note_refusal_to_agent(self, live: LiveAttempt, agent_id: AgentId) -> None: ...


@dataclass(slots=True)
class _Served:
    """A call of this campaign, from its beginning until it ends."""

    live: LiveAttempt
    answered_at: Instant | None = None
    is_waiting: bool = False
    had_agent: bool = False
    heard_machine: bool = False
    is_previewed: bool = False  # the agent still looks at the lead
    timer: TimerHandle | None = None
    passed_over: set[AgentId] = field(default_factory=set)  # did not take it


@dataclass(slots=True)
class AgentCalls:
    """Agents' calls (坐席接听) of one campaign. Every lease of an agent is on the pool, and ends there."""

    plan: AgentPlan
    campaign_id: CampaignId
    clock: Clock
    committer: BatchCommitter
    team: AgentTeam
    pace: AgentPace
    limits: AgentLimits
    driver: DrivesAttempts
    request_run: Callable[[], None]
    leads_ready: Callable[[], int]
    abandoned: int = 0
    _calls: dict[AttemptId, _Served] = field(default_factory=dict)
    _waiting: deque[AttemptId] = field(default_factory=deque)
    _asked: deque[AgentId] = field(default_factory=deque)
    _last_agents: dict[CalleeId, AgentId] = field(default_factory=dict)
    _empty_since: Instant | None = None

    @property
    def pool(self) -> AgentPool:
        """Where the agents are."""
        return self.team.pool

    def start(self, earlier: Sequence[AttemptRecord]) -> None:
        """The run begins; agents may log in. What `earlier` runs of the campaign abandoned counts on."""
        self.pace.carry_in(earlier, self.clock)
        self._empty_since = self.clock.now()
        self.team.join(self)
        self.on_presence()

    def leave(self) -> None:
        """The run is over."""
        self.team.leave(self)

    def share(self) -> None:
        """A round of planning is over: share the agents with the other campaigns of the team."""
        self.team.share(self)

    def agents_wanted(self) -> int:
        """How many agents the campaign can occupy at most, beside those whose call is begun."""
        unanswered = len(self.pace.begun) + self.pace.waiting
        return unanswered + min(self.leads_ready(), max(self.pace.channels_free(), 0))

    @property
    def agents_spare(self) -> int:
        """Idle agents beyond the calls that may want one."""
        return self.pool.idle(self.campaign_id) - len(self.pace.begun) - self.pace.waiting

    def is_deserted(self) -> bool:
        """Whether nobody has been logged in for so long that the run ends."""
        return self._empty_since is not None and self.clock.now() >= self._empty_since + self.plan.absent_max_s

    def looks_at(self, now: Instant, *, has_leads: bool) -> list[Instant]:
        """When to plan again though nothing happens."""
        due = [self.pace.next_look(now)] if has_leads else []
        if self._empty_since is not None:
            due.append(Instant(self._empty_since + self.plan.absent_max_s))
        return [at for at in due if at is not None and at > now]

    # Attempts

    def begin(self, live: LiveAttempt) -> None:
        """An attempt holds its leases. By hand and in preview its agent is reserved before anything is sent."""
        attempt_id, now = live.record.attempt_id, self.clock.now()
        call = self._calls[attempt_id] = _Served(live)
        live.answers_to = self
        if not self.plan.is_by_hand:
            self.pace.on_begun(attempt_id, now)
            self.driver.begin(live)
            return
        self.driver.hold(live)
        changed = self.pool.take(
            self.campaign_id,
            attempt_id,
            AgentEventKind.RESERVED,
            now,
            self._last_agent(live),
            only=self._next_asker(),
            lenders=self.team.lenders(self),
        )
        if changed is None:
            self.driver.stop_one(live, AGENT_LOST)
            return
        self.team.follow(changed)
        if self.plan.mode is PacingMode.MANUAL:
            self.driver.begin(live)
            return
        call.is_previewed = True
        call.timer = self._later(self.plan.preview_max_s, self._on_preview_over, attempt_id)
        facts: dict[str, JsonValue] = {"agent": changed.agent_id}
        self._note(attempt_entry(live.record, JournalKind.LEAD_PREVIEWED, self.clock.civil_now(), facts))
        self.team.workstation.show_lead(changed.agent_id, attempt_id)

    def on_answered(self, live: LiveAttempt) -> None:
        """Somebody answered: an agent is offered the call in the same instant, where one is free."""
        attempt_id, now = live.record.attempt_id, self.clock.now()
        call = self._calls[attempt_id]
        self.pace.on_settled(attempt_id, True, now)
        call.answered_at, call.is_waiting = now, True
        self.pace.waiting += 1
        live.machine.promise_agent()
        call.timer = self._later(self.plan.connect_max_s, self._on_too_late, attempt_id)
        self._find_agent(attempt_id, call)
        self.request_run()

    def on_ended(self, live: LiveAttempt, outcome: Outcome) -> None:
        """The attempt ended, however: its agent is free of it."""
        attempt_id, now = live.record.attempt_id, self.clock.now()
        call = self._calls.pop(attempt_id, None)
        if call is None:
            return
        self.pace.on_settled(attempt_id, False, now)
        if call.timer is not None:
            call.timer.cancel()
        if call.is_waiting:
            self._stop_waiting(call)
            self._abandon(call, "hung-up-waiting")
        elif call.answered_at is None and outcome.traits.is_abandoned:
            self._count_abandoned()  # answered on the wire, and thrown away before anybody could be offered it
        elif call.had_agent and not call.heard_machine:
            self.pace.on_served(now)
        agent_id = self.pool.agent_of(attempt_id)
        if agent_id is not None:
            self.team.tell(agent_id, AgentEventKind.CALL_ENDED, attempt_id)
            self.team.workstation.release(agent_id, attempt_id)
        self.request_run()

    # Looking for an agent

    def _find_agent(self, attempt_id: AttemptId, call: _Served) -> None:
        """Offer the call to its own agent, else to the best free one; else it waits."""
        now, own = self.clock.now(), self.pool.agent_of(attempt_id)
        if own is not None:
            changed = self.pool.on_event(own, AgentEvent(AgentEventKind.OFFERED, attempt_id), now)
        else:
            changed = self.pool.take(
                self.campaign_id,
                attempt_id,
                AgentEventKind.OFFERED,
                now,
                self._last_agent(call.live),
                call.passed_over,
                lenders=self.team.lenders(self),
            )
        if changed is None:
            if attempt_id not in self._waiting:
                self._waiting.append(attempt_id)
            return
        if attempt_id in self._waiting:
            self._waiting.remove(attempt_id)
        self.team.follow(changed)
        self.team.workstation.offer(changed.agent_id, attempt_id)

    def _on_accepted(self, agent_id: AgentId, attempt_id: AttemptId) -> None:
        call = self._calls.get(attempt_id)
        if call is None or not call.is_waiting or self.pool.agent_of(attempt_id) != agent_id:
            self.team.workstation.release(agent_id, attempt_id)  # the call is gone, or another's
            return
        self._stop_waiting(call)
        call.had_agent = True
        call.live.machine.on_agent()
        call.live.agent_id = agent_id
        if len(self._last_agents) < CALLEES_REMEMBERED_MAX:
            self._last_agents[call.live.callee.callee_id] = agent_id
        self.team.tell(agent_id, AgentEventKind.ACCEPTED, attempt_id)
        self.team.workstation.connect(agent_id, attempt_id)

    def _on_too_late(self, attempt_id: AttemptId) -> None:
        """Nobody came in time: somebody speaks at once, and the call counts as abandoned all the same."""
        call = self._calls[attempt_id]
        self._stop_waiting(call)
        agent_id = self.pool.agent_of(attempt_id)
        if agent_id is not None:
            self.team.tell(agent_id, AgentEventKind.DECLINED, attempt_id)
            self.team.workstation.release(agent_id, attempt_id)
        call.live.record = fast_replace(call.live.record, failure_cause=NO_AGENT)
        self._keep(Batch(attempts=[call.live.record]))  # the count outlives the process
        self._abandon(call, NO_AGENT)
        self.driver.let_bot_speak(call.live, announcement=True)

    def _abandon(self, call: _Served, cause: str) -> None:
        assert call.answered_at is not None
        now = self.clock.now()
        self._count_abandoned()
        facts: dict[str, JsonValue] = {"cause": cause, "waited_ms": round((now - call.answered_at) * 1000)}
        self._note(attempt_entry(call.live.record, JournalKind.CALL_ABANDONED, self.clock.civil_now(), facts))

    def _count_abandoned(self) -> None:
        self.abandoned += 1
        self.pace.on_abandoned(self.clock.now())

    def _stop_waiting(self, call: _Served) -> None:
        call.is_waiting = False
        self.pace.waiting -= 1
        if call.timer is not None:
            call.timer.cancel()
        if call.live.record.attempt_id in self._waiting:
            self._waiting.remove(call.live.record.attempt_id)

    # What agents do

    def has(self, attempt_id: AttemptId) -> bool:
        """Whether this is a call of the campaign, and has not ended."""
        return attempt_id in self._calls

    def on_call_act(self, event: WorkstationEvent, attempt_id: AttemptId) -> None:
        """An agent did something about a call of this campaign. What is late changes nothing."""
        call = self._calls.get(attempt_id)
        if event.act is WorkstationAct.CALL_ACCEPTED:
            self._on_accepted(event.agent_id, attempt_id)
        elif call is None or self.pool.agent_of(attempt_id) != event.agent_id:
            return
        elif event.act is WorkstationAct.LEAD_ACCEPTED and call.is_previewed:
            self._end_preview(call)
            self.driver.begin(call.live)
        elif event.act is WorkstationAct.LEAD_SKIPPED and call.is_previewed:
            self._end_preview(call)
            self.driver.stop_one(call.live, LEAD_SKIPPED)
        elif event.act is WorkstationAct.HUNG_UP and call.had_agent:
            self._on_agent_hung_up(event, attempt_id, call)

    def _on_agent_hung_up(self, event: WorkstationEvent, attempt_id: AttemptId, call: _Served) -> None:
        if event.heard_machine:
            call.heard_machine = True
            call.live.machine.on_machine_heard()
        if event.has_refused:
            self.driver.note_refusal_to_agent(call.live, event.agent_id)
        self.team.tell(event.agent_id, AgentEventKind.CALL_ENDED, attempt_id)
        self.driver.hang_up(call.live)

    def on_asked(self, agent_id: AgentId) -> None:
        """By hand: the agent wants the next lead."""
        if self.plan.mode is not PacingMode.MANUAL:
            return
        if self.pool.state_of(agent_id) is AgentState.READY and agent_id not in self._asked:
            self._asked.append(agent_id)
            self.pace.asked = len(self._asked)
            self.request_run()

    def _next_asker(self) -> AgentId | None:
        if self.plan.mode is not PacingMode.MANUAL or not self._asked:
            return None
        asker = self._asked.popleft()
        self.pace.asked = len(self._asked)
        return asker

    def _on_preview_over(self, attempt_id: AttemptId) -> None:
        """The agent neither took nor left the lead: nobody sits there."""
        call, agent_id = self._calls[attempt_id], self.pool.agent_of(attempt_id)
        self._end_preview(call)
        if agent_id is not None:
            self.team.tell(agent_id, AgentEventKind.WENT_AWAY)
        self.driver.stop_one(call.live, AGENT_LOST)

    def _end_preview(self, call: _Served) -> None:
        call.is_previewed = False
        if call.timer is not None:
            call.timer.cancel()

    # The pool

    def on_change(self, changed: StateChanged) -> None:
        """An agent whom this campaign occupied, or had allotted, is in another state."""
        now = self.clock.now()
        self._journal(changed)
        if changed.before is AgentState.TALKING:
            self.pace.memory.on_talk_ended(changed.lasted_s, now)
        elif changed.before is AgentState.WRAP_UP:
            self.pace.memory.on_wrap_up_ended(changed.lasted_s, now)

    def on_presence(self, changed: StateChanged | None = None) -> None:
        """Somebody may have come or gone."""
        if changed is not None and changed.after is not AgentState.READY and changed.agent_id in self._asked:
            self._asked.remove(changed.agent_id)
            self.pace.asked = len(self._asked)
        if self.pool.logged_in(self.campaign_id):
            self._empty_since = None
        elif self._empty_since is None:
            self._empty_since = self.clock.now()

    @property
    def waiting_since(self) -> Instant | None:
        """When the callee answered who has been waiting longest; None where nobody waits."""
        return self._calls[self._waiting[0]].answered_at if self._waiting else None

    def serve_waiting(self) -> None:
        """An agent became ready: whoever has been waiting longest is offered."""
        if self._waiting:
            oldest = self._waiting[0]
            self._find_agent(oldest, self._calls[oldest])

    def on_lost(self, attempt_id: AttemptId, changed: StateChanged) -> None:
        """A call has lost its agent while it lives: another one is found, or somebody else speaks, or it is stopped."""
        call = self._calls.get(attempt_id)
        if call is None or changed.cause is AgentEventKind.CALL_ENDED:
            return
        call.passed_over.add(changed.agent_id)
        self.team.workstation.release(changed.agent_id, attempt_id)
        if call.is_waiting:
            self._find_agent(attempt_id, call)
        elif changed.before is AgentState.TALKING:
            if changed.cause is AgentEventKind.TIMED_OUT:
                self.driver.hang_up(call.live)
            else:
                self.driver.let_bot_speak(call.live, announcement=True)
        elif changed.before is AgentState.RESERVED:
            self._end_preview(call)
            self.driver.stop_one(call.live, AGENT_LOST)

    def _last_agent(self, live: LiveAttempt) -> AgentId | None:
        return self._last_agents.get(live.callee.callee_id)

    def _journal(self, changed: StateChanged) -> None:
        facts: dict[str, JsonValue] = {
            "agent": changed.agent_id,
            "before": changed.before.value,
            "after": changed.after.value,
            "lasted_ms": round(changed.lasted_s * 1000) if changed.before is not AgentState.OFFLINE else 0,
            "cause": changed.cause.value,
        }
        call = self._calls.get(AttemptId(changed.holder)) if changed.holder is not None else None
        if call is not None and changed.cause is AgentEventKind.ACCEPTED and call.answered_at is not None:
            facts["answer_to_agent_ms"] = round((self.clock.now() - call.answered_at) * 1000)
        kind, civil_now = JournalKind.AGENT_STATE_CHANGED, self.clock.civil_now()
        self._note(JournalEntry(kind, civil_now, self.campaign_id, attempt_id=changed.holder, facts=facts))

    def _note(self, entry: JournalEntry) -> None:
        self._keep(Batch(journal=[entry]))

    def _keep(self, batch: Batch) -> None:
        if self.committer.failed is None:
            self.committer.commit(batch)

    def _later(self, after_s: float, action: Callable[[AttemptId], None], attempt_id: AttemptId) -> TimerHandle:
        return self.clock.call_at(Instant(self.clock.now() + after_s), partial(action, attempt_id))
