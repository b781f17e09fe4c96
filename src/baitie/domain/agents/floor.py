"""The floor (坐席大厅): all agents, the campaigns that share them, and who takes a call."""

from collections.abc import Iterable, Mapping

from baitie.domain.agents.agent import HOLDING, AgentEvent, AgentEventKind, AgentLimits, AgentState, HumanAgent
from baitie.domain.agents.agent import StateChanged as Changed
from baitie.kernel.ids import AgentId, CampaignId
from baitie.kernel.time import Instant

AGENTS_MAX = 2000
"""More people than any floor of one dialler has."""


class AgentFloor:
    """Agent floor (坐席大厅).

    Agents who serve several campaigns are allotted to one of them whenever they become ready: to the one with the
    fewest ready agents, so that no two campaigns count on the same person. A call takes first an agent allotted to
    its own campaign, and borrows another's only where there is none. `holder` is the call's id, and unique.
    """

    __slots__ = ("_agents", "_allotted", "_campaigns", "_held_for", "_holders", "_serves")

    def __init__(self, limits: AgentLimits, roster: Mapping[AgentId, frozenset[CampaignId] | None]) -> None:
        assert len(roster) <= AGENTS_MAX
        self._agents = {agent_id: HumanAgent(agent_id, limits) for agent_id in roster}
        self._serves = dict(roster)  # None: every campaign
        self._campaigns: list[CampaignId] = []
        self._allotted: dict[AgentId, CampaignId] = {}
        self._held_for: dict[AgentId, CampaignId] = {}  # whose call it is, wrap-up included
        self._holders: dict[str, AgentId] = {}

    # Campaigns

    def join(self, campaign_id: CampaignId) -> None:
        """A campaign begins: ready agents who serve it are shared out anew."""
        if campaign_id not in self._campaigns:
            self._campaigns.append(campaign_id)
            self._share_out()

    def leave(self, campaign_id: CampaignId) -> None:
        """A campaign ends: its ready agents go to the others."""
        if campaign_id in self._campaigns:
            self._campaigns.remove(campaign_id)
            self._share_out()

    # What stands

    def knows(self, agent_id: AgentId) -> bool:
        """Whether the agent is on the roster."""
        return agent_id in self._agents

    def state_of(self, agent_id: AgentId) -> AgentState:
        """The agent's state."""
        return self._agents[agent_id].state

    def agent_of(self, holder: str) -> AgentId | None:
        """Whom this call holds."""
        return self._holders.get(holder)

    def campaign_of(self, agent_id: AgentId) -> CampaignId | None:
        """Whose call or wrap-up occupies the agent."""
        return self._held_for.get(agent_id)

    def idle(self, campaign_id: CampaignId) -> int:
        """Ready agents allotted to this campaign."""
        return sum(allotted == campaign_id for allotted in self._allotted.values())

    def logged_in(self, campaign_id: CampaignId) -> int:
        """Agents who serve this campaign and are at work or on a break."""
        return sum(
            agent.state is not AgentState.OFFLINE and self._may_serve(agent.agent_id, campaign_id)
            for agent in self._agents.values()
        )

    def busy_since(self, campaign_id: CampaignId, *states: AgentState) -> list[float]:
        """Since when agents are in these states for this campaign; not those who leave afterwards."""
        return [
            self._agents[agent_id].since
            for agent_id, held_for in self._held_for.items()
            if held_for == campaign_id
            and self._agents[agent_id].state in states
            and not self._agents[agent_id].is_leaving
        ]

    def held(self) -> Mapping[str, AgentId]:
        """Every lease: the call and its agent."""
        return dict(self._holders)

    def next_deadline(self) -> Instant | None:
        """When `on_deadline` wants to be called."""
        return min((due for agent in self._agents.values() if (due := agent.next_deadline()) is not None), default=None)

    # Events

    def take(
        self,
        campaign_id: CampaignId,
        holder: str,
        kind: AgentEventKind,
        now: Instant,
        last_agent: AgentId | None = None,
        barred: Iterable[AgentId] = (),
        only: AgentId | None = None,
    ) -> Changed | None:
        """Reserve or offer (`kind`) the best ready agent for a call: who spoke with the callee before, else the one
        who has been idle longest. None where nobody is ready. `only`: this agent or nobody."""
        assert kind in (AgentEventKind.RESERVED, AgentEventKind.OFFERED)
        assert holder not in self._holders, "a call has one agent"
        refused = set(barred)
        best = min(
            (
                a
                for a in self._agents.values()
                if self._is_ready(a, campaign_id) and a.agent_id not in refused and only in (None, a.agent_id)
            ),
            key=lambda a: (
                a.agent_id != last_agent,
                self._allotted.get(a.agent_id) != campaign_id,
                a.since,
                a.agent_id,
            ),
            default=None,
        )
        if best is None:
            return None
        self._held_for[best.agent_id] = campaign_id
        return self.on_event(best.agent_id, AgentEvent(kind, holder), now)

    def on_event(self, agent_id: AgentId, event: AgentEvent, now: Instant) -> Changed | None:
        """Something happened to an agent; what nobody expected changes nothing."""
        agent = self._agents.get(agent_id)
        if agent is None:
            return None
        changed = agent.on_event(event, now)
        if changed is not None:
            self._follow(agent, changed)
        return changed

    def on_deadline(self, now: Instant) -> list[Changed]:
        """Whoever has stayed too long in a state leaves it."""
        timed_out = AgentEvent(AgentEventKind.TIMED_OUT)
        found = [self.on_event(agent_id, timed_out, now) for agent_id in self._agents]
        return [changed for changed in found if changed is not None]

    def _follow(self, agent: HumanAgent, changed: Changed) -> None:
        agent_id = agent.agent_id
        if changed.lost is not None:
            self._holders.pop(changed.lost, None)
        if agent.holder is not None:
            self._holders[agent.holder] = agent_id
        if agent.state not in HOLDING and agent.state is not AgentState.WRAP_UP:
            self._held_for.pop(agent_id, None)
        self._allotted.pop(agent_id, None)
        if agent.state is AgentState.READY:
            self._allot(agent_id)

    # Sharing

    def _is_ready(self, agent: HumanAgent, campaign_id: CampaignId) -> bool:
        return agent.state is AgentState.READY and self._may_serve(agent.agent_id, campaign_id)

    def _may_serve(self, agent_id: AgentId, campaign_id: CampaignId) -> bool:
        serves = self._serves[agent_id]
        return serves is None or campaign_id in serves

    def _allot(self, agent_id: AgentId) -> None:
        served = [campaign_id for campaign_id in self._campaigns if self._may_serve(agent_id, campaign_id)]
        if served:
            self._allotted[agent_id] = min(served, key=self.idle)

    def _share_out(self) -> None:
        self._allotted.clear()
        ready = [agent for agent in self._agents.values() if agent.state is AgentState.READY]
        for agent in sorted(ready, key=lambda agent: (agent.since, agent.agent_id)):
            self._allot(agent.agent_id)
