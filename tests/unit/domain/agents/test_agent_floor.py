"""The pool: every lease comes back, nobody is taken twice, and calls find the right agent."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from baitie.domain.agents import AgentEvent, AgentLimits, AgentPool
from baitie.domain.agents.agent import HOLDING
from baitie.domain.agents.agent import AgentEventKind as Kind
from baitie.domain.agents.agent import AgentState as State
from baitie.kernel.ids import AgentId, CampaignId
from baitie.kernel.time import Instant

LIMITS = AgentLimits(reserved_max_s=100, accept_max_s=1, talk_max_s=300, wrap_up_max_s=60)
LONGEST_S = 300
ONE, OTHER = CampaignId("one"), CampaignId("other")
AGENTS = [AgentId(f"a{number}") for number in range(4)]
ROSTERS = {ONE: AGENTS[:3], OTHER: [*AGENTS[:2], AGENTS[3]]}
LOOKS_LONGER = AgentLimits(reserved_max_s=200, accept_max_s=1, talk_max_s=300, wrap_up_max_s=60)
LIMITS_OF = {ONE: LIMITS, OTHER: LOOKS_LONGER}


def want(pool: AgentPool, campaign: CampaignId, agents_max: int) -> bool:
    """The campaign can occupy so many; whether that makes a difference."""
    is_new = pool.wants_otherwise(campaign, agents_max)
    if is_new:
        pool.share_out()
    return is_new


class Floor(RuleBasedStateMachine):
    """Any order of what agents, calls and connections do, lost and late events among it."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = AgentPool()
        self.here: set[CampaignId] = set()
        self.wanted: dict[CampaignId, int] = {}
        self.come_or_go(ONE)
        self.come_or_go(OTHER)
        self.now = Instant(0)
        self.calls = 0
        self.alive: dict[str, AgentId] = {}
        """Whom each call holds, as the calls believe."""

    def tell(self, agent: AgentId, kind: Kind, holder: str | None = None) -> None:
        changed = self.pool.on_event(agent, AgentEvent(kind, holder), self.now)
        if changed is not None and changed.lost is not None:
            del self.alive[changed.lost]

    def serves(self, agent: AgentId) -> set[CampaignId]:
        return {campaign for campaign in self.here if agent in ROSTERS[campaign]}

    @rule(campaign=st.sampled_from([ONE, OTHER]))
    def come_or_go(self, campaign: CampaignId) -> None:
        if campaign in self.here:
            self.here.remove(campaign)
            self.pool.leave(campaign)
        else:
            self.here.add(campaign)
            self.wanted[campaign] = 2000
            self.pool.join(campaign, LIMITS_OF[campaign], ROSTERS[campaign], 2.0 if campaign == ONE else 1.0)

    @rule(campaign=st.sampled_from([ONE, OTHER]), wanted=st.integers(0, 4))
    def want(self, campaign: CampaignId, wanted: int) -> None:
        if campaign in self.here:
            self.wanted[campaign] = wanted
            want(self.pool, campaign, wanted)

    @rule(agent=st.sampled_from(AGENTS), kind=st.sampled_from([Kind.LOGGED_IN, Kind.CAME_BACK, Kind.WRAPPED_UP]))
    def come(self, agent: AgentId, kind: Kind) -> None:
        self.tell(agent, kind)

    @rule(agent=st.sampled_from(AGENTS), kind=st.sampled_from([Kind.LOGGED_OUT, Kind.WENT_AWAY, Kind.VANISHED]))
    def go(self, agent: AgentId, kind: Kind) -> None:
        self.tell(agent, kind)

    @rule(
        campaign=st.sampled_from([ONE, OTHER]),
        kind=st.sampled_from([Kind.RESERVED, Kind.OFFERED]),
        last=st.none() | st.sampled_from(AGENTS),
        lends=st.booleans(),
    )
    def take(self, campaign: CampaignId, kind: Kind, last: AgentId | None, lends: bool) -> None:
        if campaign not in self.here:
            return
        self.calls += 1
        holder = f"call-{self.calls}"
        ready = {agent for agent in AGENTS if self.pool.state_of(agent) is State.READY}
        able = {agent for agent in ready if agent in ROSTERS[campaign]}
        own = self.pool.idle(campaign)
        changed = self.pool.take(campaign, holder, kind, self.now, last, lenders=None if lends else ())
        if not lends:
            lent = self.pool.idle(ONE if campaign == OTHER else OTHER)
            assert (changed is not None) == (len(able) > lent or own > 0)
            if changed is not None:
                self.alive[holder] = changed.agent_id
            return
        if changed is None:
            assert not able
            return
        assert changed.agent_id in able
        assert last not in able or changed.agent_id == last
        self.alive[holder] = changed.agent_id

    @rule(data=st.data(), kind=st.sampled_from([Kind.OFFERED, Kind.ACCEPTED, Kind.DECLINED, Kind.CALL_ENDED]))
    def go_on(self, data: st.DataObject, kind: Kind) -> None:
        if self.alive:
            holder = data.draw(st.sampled_from(sorted(self.alive)))
            self.tell(self.alive[holder], kind, holder)

    @rule(agent=st.sampled_from(AGENTS), kind=st.sampled_from([Kind.ACCEPTED, Kind.CALL_ENDED, Kind.DECLINED]))
    def hear_late(self, agent: AgentId, kind: Kind) -> None:
        self.tell(agent, kind, "a call long over")

    @rule(seconds=st.sampled_from([0.2, 1.0, 30.0, 120.0]))
    def wait(self, seconds: float) -> None:
        self.now = Instant(self.now + seconds)
        for changed in self.pool.on_deadline(self.now):
            if changed.lost is not None:
                del self.alive[changed.lost]

    @invariant()
    def leases_are_what_calls_believe(self) -> None:
        assert self.pool.held() == self.alive

    @invariant()
    def nobody_is_taken_twice(self) -> None:
        held = list(self.pool.held().values())
        assert len(held) == len(set(held))
        for agent in AGENTS:
            assert (self.pool.state_of(agent) in HOLDING) == (agent in held)

    @invariant()
    def a_working_agent_counts_for_one_campaign_at_most(self) -> None:
        ready = [agent for agent in AGENTS if self.pool.state_of(agent) is State.READY]
        busy = [agent for agent in AGENTS if self.pool.state_of(agent) in HOLDING | {State.WRAP_UP}]
        idle = self.pool.idle(ONE) + self.pool.idle(OTHER)
        expected = sum(len(self.pool.busy_since(one, *HOLDING, State.WRAP_UP)) for one in (ONE, OTHER))
        assert idle <= len(ready)
        assert expected <= len(busy)
        assert idle + expected <= self.pool.allotted(ONE) + self.pool.allotted(OTHER)
        assert sum(self.pool.allotted(one) for one in {ONE, OTHER} - self.here) == 0

    @invariant()
    def who_serves_somebody_who_wants_everybody_counts(self) -> None:
        if any(self.wanted[one] >= len(AGENTS) for one in self.here):
            ready = [agent for agent in AGENTS if self.pool.state_of(agent) is State.READY]
            greedy = {one for one in self.here if self.wanted[one] >= len(AGENTS)}
            able = sum(bool(self.serves(agent) & greedy) for agent in ready)
            assert self.pool.idle(ONE) + self.pool.idle(OTHER) >= able

    def teardown(self) -> None:
        """Whatever was lost: at the latest the deadlines bring every lease back."""
        for _ in range(3):
            self.wait(float(LONGEST_S))
        assert self.pool.held() == {}


TestFloor = Floor.TestCase
TestFloor.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def floor_with(*agents: AgentId) -> AgentPool:
    pool = AgentPool()
    pool.join(ONE, LIMITS, agents)
    for number, agent in enumerate(agents):
        pool.on_event(agent, AgentEvent(Kind.LOGGED_IN), Instant(number))
    return pool


def test_the_agent_who_is_idle_longest_takes_the_call() -> None:
    pool = floor_with(AGENTS[2], AGENTS[0], AGENTS[1])
    first = pool.take(ONE, "x", Kind.OFFERED, Instant(10))
    second = pool.take(ONE, "y", Kind.OFFERED, Instant(10))
    assert first is not None
    assert second is not None
    assert (first.agent_id, second.agent_id) == (AGENTS[2], AGENTS[0])


def test_who_spoke_with_the_callee_before_goes_first() -> None:
    pool = floor_with(*AGENTS)
    changed = pool.take(ONE, "x", Kind.OFFERED, Instant(10), last_agent=AGENTS[3])
    assert changed is not None
    assert changed.agent_id == AGENTS[3]


def shared_floor(agents: list[AgentId], weight: float = 1.0) -> AgentPool:
    """Two campaigns with the same agents, all logged in."""
    pool = AgentPool()
    pool.join(ONE, LIMITS, agents, weight)
    pool.join(OTHER, LOOKS_LONGER, agents)
    for agent in agents:
        pool.on_event(agent, AgentEvent(Kind.LOGGED_IN), Instant(0))
    return pool


def test_agents_of_two_campaigns_are_shared_out_and_lent() -> None:
    pool = shared_floor(AGENTS)
    assert (pool.idle(ONE), pool.idle(OTHER)) == (2, 2)
    for number in range(3):
        assert pool.take(ONE, f"call-{number}", Kind.OFFERED, Instant(1)) is not None
    assert (pool.idle(ONE), pool.idle(OTHER)) == (0, 1)
    pool.leave(ONE)
    assert pool.idle(OTHER) == 1


def test_weights_share_idle_and_busy_agents_together() -> None:
    pool = shared_floor([AgentId(f"a{number}") for number in range(12)], weight=2.0)
    assert (pool.allotted(ONE), pool.allotted(OTHER)) == (8, 4)
    for number in range(6):
        assert pool.take(OTHER, f"call-{number}", Kind.OFFERED, Instant(1)) is not None
    assert (pool.allotted(ONE), pool.allotted(OTHER)) == (8, 4)
    assert (pool.idle(ONE), pool.idle(OTHER)) == (6, 0)
    assert len(pool.busy_since(ONE, State.RINGING)) == 2


def test_who_lends_to_nobody_keeps_the_idle_agents() -> None:
    pool = shared_floor(AGENTS)
    for number in range(2):
        assert pool.take(ONE, f"call-{number}", Kind.OFFERED, Instant(1), lenders=()) is not None
    assert pool.take(ONE, "one-too-many", Kind.OFFERED, Instant(1), lenders=()) is None
    assert pool.idle(OTHER) == 2


def test_a_campaign_without_work_gives_its_agents_away_and_gets_them_back() -> None:
    pool = shared_floor(AGENTS)
    assert want(pool, ONE, 0)
    assert (pool.idle(ONE), pool.idle(OTHER)) == (0, 4)
    assert not want(pool, OTHER, 100)
    assert want(pool, ONE, 1)
    assert (pool.idle(ONE), pool.idle(OTHER)) == (1, 3)


def test_each_call_has_the_deadlines_of_its_own_campaign() -> None:
    pool = shared_floor(AGENTS[:1])
    assert pool.take(OTHER, "call", Kind.RESERVED, Instant(0)) is not None
    assert pool.next_deadline() == LOOKS_LONGER.reserved_max_s


def test_agents_who_will_leave_do_not_count_as_coming_back() -> None:
    pool = floor_with(*AGENTS[:2])
    for number in range(2):
        changed = pool.take(ONE, f"call-{number}", Kind.OFFERED, Instant(10))
        assert changed is not None
        pool.on_event(changed.agent_id, AgentEvent(Kind.ACCEPTED, f"call-{number}"), Instant(11))
    pool.on_event(AGENTS[0], AgentEvent(Kind.LOGGED_OUT), Instant(12))
    assert pool.busy_since(ONE, State.TALKING) == (11,)
