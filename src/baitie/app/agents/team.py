"""The team (坐席班组): the agents whom several campaigns of one process share, and where they work."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Protocol

from baitie.app.campaign.agent_plan import AgentPlan
from baitie.app.ports.agents import AgentWorkstation, WorkstationAct, WorkstationEvent
from baitie.app.ports.clock import Clock, TimerHandle
from baitie.domain.agents import AgentEvent, AgentEventKind, AgentLimits, AgentPool, AgentState, StateChanged
from baitie.kernel.ids import AgentId, AttemptId, CampaignId
from baitie.kernel.time import Instant


class SharesAgents(Protocol):
    """A campaign as its team sees it (共用坐席的任务)."""

    @property
    def plan(self) -> AgentPlan: ...
    @property
    def campaign_id(self) -> CampaignId: ...
    @property
    def limits(self) -> AgentLimits: ...
    @property
    def agents_spare(self) -> int: ...
    @property
    def waiting_since(self) -> Instant | None: ...
    def request_run(self) -> None: ...
    def agents_wanted(self) -> int: ...
    def has(self, attempt_id: AttemptId) -> bool: ...
    def on_asked(self, agent_id: AgentId) -> None: ...
    def on_call_act(self, event: WorkstationEvent, attempt_id: AttemptId) -> None: ...
    def on_change(self, changed: StateChanged) -> None: ...
    def on_presence(self, changed: StateChanged | None = None) -> None: ...
    def on_lost(self, attempt_id: AttemptId, changed: StateChanged) -> None: ...
    def serve_waiting(self) -> None: ...


@dataclass(slots=True)
class AgentTeam:
    """Agents' team (坐席班组). Whoever stands on the rosters of several campaigns under one id is one person, held by
    one call at a time, and counted on by one campaign at a time. One team for all runs that share its workstation."""

    clock: Clock
    workstation: AgentWorkstation
    pool: AgentPool = field(default_factory=AgentPool)
    _members: dict[CampaignId, SharesAgents] = field(default_factory=dict)
    _is_listening: bool = False
    _timer: TimerHandle | None = None
    _timer_at: Instant | None = None

    def join(self, member: SharesAgents) -> None:
        """A campaign begins."""
        self._members[member.campaign_id] = member
        self.pool.join(member.campaign_id, member.limits, member.plan.roster, member.plan.weight)
        if not self._is_listening:
            self._is_listening = True
            self.workstation.listen(self.on_workstation_event)

    def leave(self, member: SharesAgents) -> None:
        """A campaign is over: agents who serve no other are logged out, so that the books of their time close."""
        pool = self.pool
        for agent_id in member.plan.roster:
            if pool.serves(agent_id) == {member.campaign_id}:
                is_held = agent_id in pool.held().values()
                self.tell(agent_id, AgentEventKind.VANISHED if is_held else AgentEventKind.LOGGED_OUT)
                if pool.state_of(agent_id) is not AgentState.OFFLINE:
                    self.tell(agent_id, AgentEventKind.VANISHED)
        pool.leave(member.campaign_id)
        del self._members[member.campaign_id]
        for other in self._members.values():
            other.request_run()
        if not self._members and self._timer is not None:
            self._timer.cancel()

    # Shares

    def share(self, planned: SharesAgents) -> None:
        """Share the agents out by what the campaign that just planned can occupy now, and the others as they said."""
        pool, members = self.pool, self._members
        if len(members) > 1 and pool.wants_otherwise(planned.campaign_id, planned.agents_wanted()):
            before = {campaign_id: pool.allotted(campaign_id) for campaign_id in members}
            pool.share_out()
            for campaign_id, member in members.items():
                if pool.allotted(campaign_id) > before[campaign_id]:
                    member.request_run()

    def lenders(self, borrower: SharesAgents) -> Collection[CampaignId]:
        """Campaigns that have more idle agents than calls which may want one: none of these is left waiting for it."""
        return [
            campaign_id
            for campaign_id, member in self._members.items()
            if member is not borrower and member.agents_spare > 0
        ]

    # What agents do

    def on_workstation_event(self, event: WorkstationEvent) -> None:
        """An agent did something, or is gone. What is late or foreign changes nothing."""
        if not self.pool.knows(event.agent_id):
            return
        agent_id, attempt_id = event.agent_id, event.attempt_id
        match event.act:
            case WorkstationAct.LEAD_ASKED:
                for member in self._counting_on(agent_id):
                    member.on_asked(agent_id)
            case (
                WorkstationAct.LEAD_ACCEPTED
                | WorkstationAct.LEAD_SKIPPED
                | WorkstationAct.HUNG_UP
                | WorkstationAct.CALL_ACCEPTED
            ):
                if attempt_id is not None:
                    self._on_call_act(event, attempt_id)
            case WorkstationAct.CALL_DECLINED:
                self.tell(agent_id, AgentEventKind.DECLINED, attempt_id)
            case _:
                self.tell(agent_id, _EVENTS[event.act])

    def _on_call_act(self, event: WorkstationEvent, attempt_id: AttemptId) -> None:
        member = next((each for each in self._members.values() if each.has(attempt_id)), None)
        if member is not None:
            member.on_call_act(event, attempt_id)
        elif event.act is WorkstationAct.CALL_ACCEPTED:
            self.workstation.release(event.agent_id, attempt_id)  # the call is gone

    def tell(self, agent_id: AgentId, kind: AgentEventKind, holder: str | None = None) -> None:
        """Something happened to an agent."""
        changed = self.pool.on_event(agent_id, AgentEvent(kind, holder), self.clock.now())
        if changed is not None:
            self.follow(changed)

    def follow(self, changed: StateChanged) -> None:
        """Have the campaigns keep, learn from, and act on a change of an agent's state."""
        members = self._members
        owner = members.get(changed.campaign_id) if changed.campaign_id is not None else None
        if owner is None:  # its call's campaign is over
            owner = next(iter(self._counting_on(changed.agent_id)), None)
        if owner is not None:
            owner.on_change(changed)
        serves = self.pool.serves(changed.agent_id)
        serving = [member for campaign_id, member in members.items() if campaign_id in serves]
        for member in serving:
            member.on_presence(changed)
        if changed.lost is not None and owner is not None:
            owner.on_lost(AttemptId(changed.lost), changed)
        if changed.after is AgentState.READY:
            self._serve_waiting(changed.agent_id, serving)
        self._set_timer()
        for member in serving:
            member.request_run()

    def _counting_on(self, agent_id: AgentId) -> list[SharesAgents]:
        """The campaign whose agent this is, busy or not."""
        campaign_id = self.pool.campaign_of(agent_id)
        return [] if campaign_id is None else [self._members[campaign_id]]

    def _serve_waiting(self, agent_id: AgentId, serving: list[SharesAgents]) -> None:
        """A ready agent takes whoever waits for the own campaign, then whoever has been waiting longest for another."""
        own = self.pool.campaign_of(agent_id)
        waiting = [(each.campaign_id != own, each.waiting_since, each) for each in serving if each.waiting_since]
        for _, _, member in sorted(waiting, key=lambda one: one[:2]):
            member.serve_waiting()

    # Time

    def _set_timer(self) -> None:
        due = self.pool.next_deadline()
        if due == self._timer_at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = due
        self._timer = None if due is None else self.clock.call_at(due, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = self._timer_at = None
        for changed in self.pool.on_deadline(self.clock.now()):
            self.follow(changed)
        self._set_timer()


_EVENTS = {
    WorkstationAct.LOGGED_IN: AgentEventKind.LOGGED_IN,
    WorkstationAct.LOGGED_OUT: AgentEventKind.LOGGED_OUT,
    WorkstationAct.WENT_AWAY: AgentEventKind.WENT_AWAY,
    WorkstationAct.CAME_BACK: AgentEventKind.CAME_BACK,
    WorkstationAct.VANISHED: AgentEventKind.VANISHED,
    WorkstationAct.WRAPPED_UP: AgentEventKind.WRAPPED_UP,
}
