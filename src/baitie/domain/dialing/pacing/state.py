"""What a pacing controller is told: agents, attempts in flight, free channels, and what was learnt before."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from baitie.domain.dialing.pacing.abandonment import AbandonmentBudget
from baitie.domain.dialing.pacing.memory import PacingMemory
from baitie.kernel.time import Instant


@dataclass(slots=True)
class PacingState:
    """Pacing state (节拍状态): one campaign as it stands in the instant of a decision.

    Counts, and starts on the monotonic clock. Agents are those allotted to this campaign now; whoever will not
    take another call (log-out asked for, break due) is left out from the moment that is known. An agent is in one
    of `idle_agents`, `talking_since` and `wrapping_up_since`. `ringing_since` has the placing instant of every
    attempt that is neither answered nor ended, `waiting` counts callees who answered and whom no agent has yet:
    within the ceiling's seconds an agent takes them, otherwise the bot or the announcement speaks at once, the
    call counts as abandoned (`budget.on_abandoned`) and leaves `waiting`.
    """

    idle_agents: int = 0
    talking_since: Sequence[float] = ()
    wrapping_up_since: Sequence[float] = ()
    ringing_since: Sequence[float] = ()
    waiting: int = 0
    channels_free: int = 0
    """Attempts that may still be placed at all: channels, and leads that are ready."""
    attempts_asked: int = 0
    """Attempts that agents asked for: leads accepted in preview, numbers chosen by hand. Each has its agent."""
    memory: PacingMemory | None = None
    budget: AbandonmentBudget | None = None


class PacingController(Protocol):
    """Pacing controller (节拍控制器): decides how many attempts to place, at every event and now and then."""

    def decide(self, state: PacingState, now: Instant) -> int:
        """The number of attempts to place at once, from 0 to `state.channels_free`. Changes nothing."""
        ...
