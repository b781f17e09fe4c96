"""The agents' workstation (坐席工作台) as a port: what agents do comes in, what they are told goes out."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from baitie.kernel.errors import InputError
from baitie.kernel.ids import AgentId, AttemptId


class WorkstationAct(StrEnum):
    """What an agent does (坐席操作), or what happens to the agent's connection."""

    LOGGED_IN = "logged_in"
    LOGGED_OUT = "logged_out"
    WENT_AWAY = "went_away"
    CAME_BACK = "came_back"
    VANISHED = "vanished"  # the connection is gone
    LEAD_ASKED = "lead_asked"  # by hand: dial the next lead
    LEAD_ACCEPTED = "lead_accepted"  # preview: dial this one
    LEAD_SKIPPED = "lead_skipped"
    CALL_ACCEPTED = "call_accepted"  # the agent is on the line
    CALL_DECLINED = "call_declined"
    HUNG_UP = "hung_up"
    WRAPPED_UP = "wrapped_up"


@dataclass(frozen=True, slots=True)
class WorkstationEvent:
    """Event of the workstation (工作台事件). `attempt_id` for acts about one call; the last two with `HUNG_UP`."""

    act: WorkstationAct
    agent_id: AgentId
    attempt_id: AttemptId | None = None
    heard_machine: bool = False  # a mailbox or another machine had answered
    has_refused: bool = False  # the callee said: do not call me again


class AgentWorkstation(Protocol):
    """Workstation of the agents (坐席工作台). It may lose any event: the deadlines of the agents' states mend that."""

    def listen(self, on_event: Callable[[WorkstationEvent], None]) -> None: ...
    async def start(self) -> None: ...
    async def close(self) -> None: ...
    def show_lead(self, agent_id: AgentId, attempt_id: AttemptId) -> None:
        """Preview: show the lead that is reserved for the agent."""
        ...

    def offer(self, agent_id: AgentId, attempt_id: AttemptId) -> None:
        """A callee is on the line: ring the agent, or connect at once where the agent's telephone does so."""
        ...

    def connect(self, agent_id: AgentId, attempt_id: AttemptId) -> None:
        """Let the two hear each other."""
        ...

    def release(self, agent_id: AgentId, attempt_id: AttemptId) -> None:
        """This call is no longer the agent's: it ended, or went to somebody else."""
        ...


class AgentsNeedRehearsalError(InputError):
    """A campaign with human agents runs in rehearsal and on the loopback carrier: calls of a real carrier cannot be
    connected to agents' telephones. Set `pacing.mode` to `bot`, or rehearse the campaign."""

    code = "agents-need-rehearsal"
