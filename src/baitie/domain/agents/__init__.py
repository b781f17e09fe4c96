"""Agents (坐席): what people on the line are doing, who takes which call, and that nobody is taken twice."""

from baitie.domain.agents.agent import AgentEvent, AgentEventKind, AgentLimits, AgentState, HumanAgent, StateChanged
from baitie.domain.agents.agent_pool import AgentPool

__all__ = [
    "AgentEvent",
    "AgentEventKind",
    "AgentLimits",
    "AgentPool",
    "AgentState",
    "HumanAgent",
    "StateChanged",
]
