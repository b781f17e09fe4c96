"""The simple controllers: by hand, preview, progressive and bot; and which controller a mode has."""

from enum import StrEnum

from baitie.domain.dialing.pacing.predictive import PredictivePacing
from baitie.domain.dialing.pacing.state import PacingController, PacingState
from baitie.kernel.time import Instant


class PacingMode(StrEnum):
    """Pacing mode (外呼模式): who or what decides that an attempt is placed."""

    MANUAL = "manual"
    PREVIEW = "preview"
    PROGRESSIVE = "progressive"
    PREDICTIVE = "predictive"
    BOT = "bot"


class AskedPacing:
    """Manual and preview pacing (手动与预览式外呼): what agents asked for, and nothing of its own.

    An agent who typed a number or accepted a previewed lead waits for that call: nobody is abandoned.
    """

    def decide(self, state: PacingState, now: Instant) -> int:
        """As many as agents asked for and channels carry."""
        return _within(state.attempts_asked, state)


class ProgressivePacing:
    """Progressive pacing (渐进式外呼): one attempt for each idle agent, so that each answer finds one."""

    def decide(self, state: PacingState, now: Instant) -> int:
        """One for each idle agent who has neither a ringing attempt nor a waiting callee."""
        return _within(state.idle_agents - state.waiting - len(state.ringing_since), state)


class BotPacing:
    """Bot pacing (语音机器人外呼): the channels are the agents; every free one may ring."""

    def decide(self, state: PacingState, now: Instant) -> int:
        """As many as channels are free."""
        return _within(state.channels_free, state)


def controller_of(mode: PacingMode) -> PacingController:
    """The controller of a mode."""
    match mode:
        case PacingMode.MANUAL | PacingMode.PREVIEW:
            return AskedPacing()
        case PacingMode.PROGRESSIVE:
            return ProgressivePacing()
        case PacingMode.PREDICTIVE:
            return PredictivePacing()
        case PacingMode.BOT:
            return BotPacing()


def consider(controller: PacingController, state: PacingState, now: Instant) -> tuple[int, float | None]:
    """The number of attempts to place at once, and after how many seconds to ask again though nothing happens; None
    where time alone changes nothing."""
    if isinstance(controller, PredictivePacing):
        return controller.consider(state, now)
    return controller.decide(state, now), None


def _within(wanted: int, state: PacingState) -> int:
    return max(0, min(wanted, state.channels_free))
