"""Agents of a shared team go to one campaign each."""

from hypothesis import given
from hypothesis import strategies as st

from baitie.domain.agents.allotment import AgentDemand, allot

demands = st.lists(
    st.builds(AgentDemand, st.floats(0.1, 10.0), st.integers(0, 40), st.integers(0, 20), st.integers(0, 20)), max_size=6
)


@given(st.integers(0, 120), demands)
def test_every_agent_goes_to_one_campaign_unless_nobody_wants_it(agents: int, demands: list[AgentDemand]) -> None:
    allotted = allot(agents, demands)
    assert sum(allotted) == min(agents, sum(demand.wanted for demand in demands))
    assert all(0 <= given <= demand.wanted for given, demand in zip(allotted, demands, strict=True))


@given(st.integers(0, 120), demands)
def test_one_agent_more_takes_none_from_anybody(agents: int, demands: list[AgentDemand]) -> None:
    before, after = allot(agents, demands), allot(agents + 1, demands)
    assert all(more >= less for less, more in zip(before, after, strict=True))


def test_weights_share_the_team() -> None:
    assert allot(12, [AgentDemand(2.0), AgentDemand(1.0)]) == (8, 4)


def test_what_one_cannot_use_goes_to_the_others() -> None:
    assert allot(12, [AgentDemand(2.0, agents_max=3), AgentDemand(1.0)]) == (3, 9)


def test_the_odd_agent_stays_where_it_is() -> None:
    assert allot(3, [AgentDemand(agents_now=1), AgentDemand(agents_now=2)]) == (1, 2)
    assert allot(3, [AgentDemand(agents_now=2), AgentDemand(agents_now=1)]) == (2, 1)


def test_agents_from_elsewhere_count_towards_weight_and_maximum() -> None:
    assert allot(4, [AgentDemand(agents_given=4), AgentDemand()]) == (0, 4)
    assert allot(4, [AgentDemand(agents_max=5, agents_given=4), AgentDemand(agents_max=1)]) == (1, 1)
