"""Agents of several campaigns (坐席分配): how many of a shared team each campaign may reckon with."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AgentDemand:
    """Demand for agents (坐席需求) of one campaign: its weight, and the most agents it can occupy.

    `agents_now` are the agents it was allotted before: of two campaigns with the same claim to one agent, the one
    keeps it that has it, so that agents do not change campaigns for nothing. `agents_given` are those it has from
    elsewhere, such as the agents who serve no other campaign: they count towards its weight and its maximum.
    """

    weight: float = 1.0
    agents_max: int = 1_000_000
    agents_now: int = 0
    agents_given: int = 0

    def __post_init__(self) -> None:
        assert self.weight > 0
        assert self.agents_max >= 0
        assert self.agents_given >= 0

    @property
    def wanted(self) -> int:
        """How many agents more it can occupy."""
        return max(self.agents_max - self.agents_given, 0)


def allot(agents: int, demands: Sequence[AgentDemand]) -> tuple[int, ...]:
    """Whole agents for each campaign: by weight, none above its maximum, and what one cannot use goes to the others.

    Each agent counts for one campaign only: a prediction that two campaigns make of the same agent comes true for
    one of them. The sum is `agents`, or all that is wanted where that is less. The same demands get the same agents.
    """
    assert agents >= 0
    allotted = [0] * len(demands)
    for _ in range(min(agents, sum(demand.wanted for demand in demands))):
        wanting = [index for index, demand in enumerate(demands) if allotted[index] < demand.wanted]
        chosen = min(wanting, key=lambda index: _claim(demands[index], allotted[index], index))
        allotted[chosen] += 1
    return tuple(allotted)


def _claim(demand: AgentDemand, allotted: int, index: int) -> tuple[float, bool, int]:
    """Least is next: Webster's method, which favours neither large nor small weights; then who has the agent now."""
    return (demand.agents_given + allotted + 0.5) / demand.weight, allotted >= demand.agents_now, index
