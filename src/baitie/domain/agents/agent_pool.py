"""The agent pool (坐席池): all agents, the campaigns that share them, and who takes a call."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from baitie.domain.agents.agent import HOLDING, AgentEvent, AgentEventKind, AgentLimits, AgentState, HumanAgent
from baitie.domain.agents.agent import StateChanged as Changed
from baitie.domain.agents.allotment import AgentDemand, allot
from baitie.kernel.ids import AgentId, CampaignId
from baitie.kernel.time import Instant

AGENTS_MAX = 2000
"""More people than any pool of one dialler has."""

_WORKING = HOLDING | {AgentState.READY, AgentState.WRAP_UP}
_GIVEN_UP_LAST = {AgentState.READY: 0, AgentState.WRAP_UP: 1}
"""A campaign that has too many agents keeps the idle ones: its attempts in flight were placed for them."""


@dataclass(slots=True)
class _Campaign:
    limits: AgentLimits
    weight: float
    agents_max: int = AGENTS_MAX


@dataclass(slots=True)
class _Seen:
    """What was counted since something last changed: it is asked for at every turn of every campaign's scheduler."""

    idle: dict[CampaignId, int] = field(default_factory=dict)
    logged_in: dict[CampaignId, int] = field(default_factory=dict)
    busy_since: dict[tuple[CampaignId, tuple[AgentState, ...]], tuple[float, ...]] = field(default_factory=dict)


class AgentPool:
    """Agent pool (坐席池).

    Every agent who works and does not leave is allotted to one campaign, busy ones for when they become free: no two
    campaigns count on the same person. Shares follow the campaigns' weights (`allot`); a campaign that can occupy
    fewer agents gives the rest to the others. A call takes first an agent allotted to its own campaign; where it
    borrows another's, the lender is allotted a busy agent in return. `holder` is the call's id, and unique.
    """

    __slots__ = ("_agents", "_allotted", "_campaigns", "_held_for", "_holders", "_last", "_seen", "_serves")

    def __init__(self) -> None:
        self._agents: dict[AgentId, HumanAgent] = {}
        self._serves: dict[AgentId, frozenset[CampaignId]] = {}  # of the campaigns that are here
        self._campaigns: dict[CampaignId, _Campaign] = {}
        self._allotted: dict[AgentId, CampaignId] = {}
        self._last: dict[AgentId, CampaignId] = {}  # to whom an agent was last allotted
        self._held_for: dict[AgentId, CampaignId] = {}  # whose call it is, wrap-up included
        self._holders: dict[str, AgentId] = {}
        self._seen = _Seen()

    # Campaigns

    def join(
        self, campaign_id: CampaignId, limits: AgentLimits, agents: Iterable[AgentId], weight: float = 1.0
    ) -> None:
        """A campaign begins with these agents, of whom others may serve other campaigns too: they are shared anew."""
        self._campaigns[campaign_id] = _Campaign(limits, weight)
        for agent_id in agents:
            self._agents.setdefault(agent_id, HumanAgent(agent_id, limits))
            self._serves[agent_id] = self._serves.get(agent_id, frozenset()) | {campaign_id}
        assert len(self._agents) <= AGENTS_MAX
        self.share_out()

    def leave(self, campaign_id: CampaignId) -> None:
        """A campaign ends: its agents go to the others."""
        if self._campaigns.pop(campaign_id, None) is not None:
            self._serves = {agent_id: serves - {campaign_id} for agent_id, serves in self._serves.items()}
            self.share_out()

    def wants_otherwise(self, campaign_id: CampaignId, agents_max: int) -> bool:
        """How many agents a campaign can occupy at most. Whether that makes a difference: then `share_out`."""
        campaign, here = self._campaigns[campaign_id], len(self._agents)
        before, campaign.agents_max = campaign.agents_max, min(agents_max, AGENTS_MAX)
        return min(campaign.agents_max, here) != min(before, here)

    # What stands

    def knows(self, agent_id: AgentId) -> bool:
        """Whether the agent serves a campaign that is here."""
        return bool(self._serves.get(agent_id))

    def serves(self, agent_id: AgentId) -> frozenset[CampaignId]:
        """The campaigns that are here and that the agent serves."""
        return self._serves[agent_id]

    def state_of(self, agent_id: AgentId) -> AgentState:
        """The agent's state."""
        return self._agents[agent_id].state

    def agent_of(self, holder: str) -> AgentId | None:
        """Whom this call holds."""
        return self._holders.get(holder)

    def campaign_of(self, agent_id: AgentId) -> CampaignId | None:
        """Whose call or wrap-up occupies the agent, else to whom the agent is allotted, or was last."""
        found = self._held_for.get(agent_id) or self._allotted.get(agent_id) or self._last.get(agent_id)
        return found if found in self._campaigns else min(self._serves[agent_id], default=None)

    def idle(self, campaign_id: CampaignId) -> int:
        """Ready agents allotted to this campaign."""
        idle = self._seen.idle.get(campaign_id)
        if idle is None:
            idle = self._seen.idle[campaign_id] = sum(
                allotted == campaign_id and self._agents[agent_id].state is AgentState.READY
                for agent_id, allotted in self._allotted.items()
            )
        return idle

    def allotted(self, campaign_id: CampaignId) -> int:
        """Agents allotted to this campaign, busy ones too."""
        return sum(allotted == campaign_id for allotted in self._allotted.values())

    def logged_in(self, campaign_id: CampaignId) -> int:
        """Agents who serve this campaign and are at work or on a break."""
        found = self._seen.logged_in.get(campaign_id)
        if found is None:
            found = self._seen.logged_in[campaign_id] = sum(
                agent.state is not AgentState.OFFLINE and campaign_id in self._serves[agent.agent_id]
                for agent in self._agents.values()
            )
        return found

    def busy_since(self, campaign_id: CampaignId, *states: AgentState) -> Sequence[float]:
        """Since when agents allotted to this campaign are in these states; not those who leave afterwards."""
        found = self._seen.busy_since.get((campaign_id, states))
        if found is None:
            found = self._seen.busy_since[campaign_id, states] = tuple(
                self._agents[agent_id].since
                for agent_id in self._held_for
                if self._allotted.get(agent_id) == campaign_id and self._agents[agent_id].state in states
            )
        return found

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
        lenders: Collection[CampaignId] | None = None,
    ) -> Changed | None:
        """Reserve or offer (`kind`) the best ready agent for a call: who spoke with the callee before, else the one
        who has been idle longest. None where nobody is ready. `only`: this agent or nobody. `lenders`: campaigns
        whose agents may be borrowed; by default each may."""
        assert kind in (AgentEventKind.RESERVED, AgentEventKind.OFFERED)
        assert holder not in self._holders, "a call has one agent"
        refused = set(barred)
        best = min(
            (
                a
                for a in self._agents.values()
                if self._may_take(a, campaign_id, lenders) and a.agent_id not in refused and only in (None, a.agent_id)
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
        lender = self._allotted.get(best.agent_id)
        if lender is not None and lender != campaign_id:
            self._give_in_return(best.agent_id, lender, campaign_id)
        best.limits = self._campaigns[campaign_id].limits
        self._held_for[best.agent_id] = campaign_id
        return self.on_event(best.agent_id, AgentEvent(kind, holder), now)

    def on_event(self, agent_id: AgentId, event: AgentEvent, now: Instant) -> Changed | None:
        """Something happened to an agent; what nobody expected changes nothing."""
        agent = self._agents.get(agent_id)
        if agent is None:
            return None
        campaign_id = self.campaign_of(agent_id)
        changed = agent.on_event(event, now)
        self._follow(agent, changed)
        return None if changed is None else replace(changed, campaign_id=campaign_id)

    def on_deadline(self, now: Instant) -> list[Changed]:
        """Whoever has stayed too long in a state leaves it."""
        timed_out = AgentEvent(AgentEventKind.TIMED_OUT)
        found = [self.on_event(agent_id, timed_out, now) for agent_id in self._agents if self._is_due(agent_id, now)]
        return [changed for changed in found if changed is not None]

    def _is_due(self, agent_id: AgentId, now: Instant) -> bool:
        due = self._agents[agent_id].next_deadline()
        return due is not None and due <= now

    def _follow(self, agent: HumanAgent, changed: Changed | None) -> None:
        agent_id = agent.agent_id
        if changed is not None:
            self._seen = _Seen()
            if changed.lost is not None:
                self._holders.pop(changed.lost, None)
            if agent.holder is not None:
                self._holders[agent.holder] = agent_id
            if agent.state not in HOLDING and agent.state is not AgentState.WRAP_UP:
                self._held_for.pop(agent_id, None)
        if _counts(agent) != (agent_id in self._allotted):
            self.share_out()

    # Sharing

    def _may_take(self, agent: HumanAgent, campaign_id: CampaignId, lenders: Collection[CampaignId] | None) -> bool:
        agent_id = agent.agent_id
        if agent.state is not AgentState.READY or campaign_id not in self._serves[agent_id]:
            return False
        allotted = self._allotted.get(agent_id)
        return lenders is None or allotted in (None, campaign_id) or allotted in lenders

    def _give_in_return(self, borrowed: AgentId, lender: CampaignId, borrower: CampaignId) -> None:
        """The lender is allotted the borrower's agent who becomes free soonest, as far as can be told."""
        able = [
            self._agents[agent_id]
            for agent_id, allotted in self._allotted.items()
            if allotted == borrower and lender in self._serves[agent_id] and agent_id in self._held_for
        ]
        if able:
            given = min(able, key=lambda a: (a.state is not AgentState.WRAP_UP, a.since, a.agent_id)).agent_id
            self._allotted[given], self._allotted[borrowed] = lender, borrower
            self._last[given], self._last[borrowed] = lender, borrower
            self._seen = _Seen()

    def share_out(self) -> None:
        """Each working agent to one campaign: first those who have least choice, in each group by weight."""
        self._seen = _Seen()
        groups: dict[frozenset[CampaignId], list[HumanAgent]] = {}
        before, self._allotted = self._allotted, {}
        for agent_id, agent in self._agents.items():
            if _counts(agent) and self._serves[agent_id]:
                groups.setdefault(self._serves[agent_id], []).append(agent)
        given = dict.fromkeys(self._campaigns, 0)
        for serves in sorted(groups, key=lambda serves: (len(serves), sorted(serves))):
            campaigns = [campaign_id for campaign_id in self._campaigns if campaign_id in serves]
            quotas = self._quotas(campaigns, groups[serves], before, given)
            for agent_id, campaign_id in _keep_then_fill(quotas, groups[serves], before, self._held_for):
                self._allotted[agent_id] = self._last[agent_id] = campaign_id
                given[campaign_id] += 1

    def _quotas(
        self,
        campaigns: list[CampaignId],
        group: list[HumanAgent],
        before: Mapping[AgentId, CampaignId],
        given: Mapping[CampaignId, int],
    ) -> dict[CampaignId, int]:
        if len(campaigns) == 1:
            return {campaigns[0]: len(group)}  # nobody else could have them
        demands = [
            AgentDemand(
                weight=self._campaigns[campaign_id].weight,
                agents_max=self._campaigns[campaign_id].agents_max,
                agents_now=sum(before.get(agent.agent_id) == campaign_id for agent in group),
                agents_given=given[campaign_id],
            )
            for campaign_id in campaigns
        ]
        return dict(zip(campaigns, allot(len(group), demands), strict=True))


def _counts(agent: HumanAgent) -> bool:
    """Whether somebody may count on the agent, now or after the call."""
    return agent.state in _WORKING and not agent.is_leaving


def _keep_then_fill(
    quotas: dict[CampaignId, int],
    group: list[HumanAgent],
    before: Mapping[AgentId, CampaignId],
    held_for: Mapping[AgentId, CampaignId],
) -> Iterable[tuple[AgentId, CampaignId]]:
    """Who goes to whom: as many as may stay where they were, then whoever occupies the agent goes first."""
    free: list[HumanAgent] = []
    for agent in sorted(group, key=lambda a: (_GIVEN_UP_LAST.get(a.state, 2), a.since, a.agent_id)):
        campaign_id = before.get(agent.agent_id)
        if campaign_id is not None and quotas.get(campaign_id, 0) > 0:
            quotas[campaign_id] -= 1
            yield agent.agent_id, campaign_id
        else:
            free.append(agent)
    for campaign_id, quota in quotas.items():
        own = [agent for agent in free if held_for.get(agent.agent_id) == campaign_id]
        free = own + [agent for agent in free if agent not in own]
        for agent in free[:quota]:
            yield agent.agent_id, campaign_id
        free = free[quota:]
