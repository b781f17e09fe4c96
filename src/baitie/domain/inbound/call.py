"""The machine of a call that comes to us (呼入通话): from the INVITE to its end.

    keeping -> ringing -> answering -> talking -> hanging_up -> ended

The call is kept before anything is said to the caller; whatever is lost on the way, a deadline ends it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from baitie.domain.inbound.decision import AnsweringPolicy
from baitie.kernel.outcome import EndedBy
from baitie.kernel.time import Instant

KEEPING_MAX_S = 10.0
"""A store that has not answered by then is taken for gone: the caller is told at once rather than left to wait."""

SILENCE_MAX_S = 45.0
"""The SIP machine ends within 64*T1 = 32 s after an answer or a BYE; beyond this its event is lost."""


class InboundPhase(StrEnum):
    """Phase (阶段) of a call that came in."""

    KEEPING = "keeping"
    RINGING = "ringing"
    ANSWERING = "answering"
    TALKING = "talking"
    HANGING_UP = "hanging_up"
    ENDED = "ended"


class InboundOutcome(StrEnum):
    """Outcome (呼入结果) of a call that came in."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"  # the caller gave up before we answered
    BUSY = "busy"  # refused: as many calls as are answered at a time
    FAILED = "failed"  # refused or broken off: store, media or carrier
    UNKNOWN = "unknown"  # we answered, and cannot know how it ended


@dataclass(frozen=True, slots=True)
class RingCaller:
    """Ring (振铃提示): the caller is to hear that it rings."""


@dataclass(frozen=True, slots=True)
class AnswerCaller:
    """Answer (接听): take the call."""


@dataclass(frozen=True, slots=True)
class RefuseCaller:
    """Refuse (拒接来电) with a SIP status."""

    sip_status: int


@dataclass(frozen=True, slots=True)
class HangUpCaller:
    """Hang up (挂断): end a call that was answered or is being answered."""


@dataclass(frozen=True, slots=True)
class SpeakToCaller:
    """Speak (开始说话): media is agreed; what was decided is said."""


@dataclass(frozen=True, slots=True)
class EndInbound:
    """End (呼入结束). Always the last effect, and given exactly once."""

    outcome: InboundOutcome
    cause: str
    ended_by: EndedBy
    talk_ms: int | None


InboundEffect: TypeAlias = RingCaller | AnswerCaller | RefuseCaller | HangUpCaller | SpeakToCaller | EndInbound


class InboundCall:
    """Inbound call (呼入通话): feed it events in order; it answers with effects and is updated in place."""

    __slots__ = ("_deadline", "_policy", "answered_at", "phase")

    def __init__(self, policy: AnsweringPolicy, now: Instant) -> None:
        self._policy = policy
        self._deadline: Instant | None = Instant(now + KEEPING_MAX_S)
        self.phase = InboundPhase.KEEPING
        self.answered_at: Instant | None = None

    def next_deadline(self) -> Instant | None:
        """When `on_deadline` wants to be called."""
        return self._deadline

    def on_kept(self, is_kept: bool, now: Instant) -> list[InboundEffect]:
        """That the call came is durable, or the store has failed."""
        if self.phase is not InboundPhase.KEEPING:
            return []
        if not is_kept:
            return self._refuse(503, "store-unavailable")
        self.phase = InboundPhase.RINGING
        self._deadline = Instant(now + self._policy.ring_s)
        return [RingCaller()]

    def on_confirmed(self, now: Instant) -> list[InboundEffect]:
        """The caller's side acknowledged our answer, and media is agreed."""
        if self.phase is not InboundPhase.ANSWERING:
            return []
        self.phase = InboundPhase.TALKING
        self.answered_at = now
        self._deadline = Instant(now + self._policy.call_max_s)
        return [SpeakToCaller()]

    def on_ended(self, by: EndedBy, cause: str, now: Instant) -> list[InboundEffect]:
        """The call is over at the carrier's side: hung up, cancelled, or broken off for `cause`."""
        match self.phase:
            case InboundPhase.ENDED:
                return []
            case InboundPhase.KEEPING | InboundPhase.RINGING:
                outcome = InboundOutcome.FAILED if cause else InboundOutcome.ABANDONED
                return self._end(outcome, cause or "caller-gave-up", by, now)
            case InboundPhase.ANSWERING:
                return self._end(InboundOutcome.FAILED, cause or "never-confirmed", by, now)
            case _:
                if self.answered_at is None:
                    return self._end(InboundOutcome.FAILED, cause or "never-confirmed", by, now)
                return self._end(InboundOutcome.ANSWERED, cause, by, now)

    def hang_up(self, now: Instant) -> list[InboundEffect]:
        """What was to be said is said."""
        if self.phase not in (InboundPhase.ANSWERING, InboundPhase.TALKING):
            return []
        self.phase = InboundPhase.HANGING_UP
        self._deadline = Instant(now + SILENCE_MAX_S)
        return [HangUpCaller()]

    def stop(self, now: Instant, *, calls_too: bool) -> list[InboundEffect]:
        """Serve this caller no more: refused before the answer, hung up afterwards where `calls_too`."""
        if self.phase in (InboundPhase.KEEPING, InboundPhase.RINGING):
            return self._refuse(480, "stopped")
        return self.hang_up(now) if calls_too else []

    def on_deadline(self, now: Instant) -> list[InboundEffect]:
        """A limit was reached, if `now` has reached it."""
        if self._deadline is None or now < self._deadline:
            return []
        self._deadline = None
        match self.phase:
            case InboundPhase.KEEPING:
                return self._refuse(503, "store-unavailable")
            case InboundPhase.RINGING:
                self.phase = InboundPhase.ANSWERING
                self._deadline = Instant(now + SILENCE_MAX_S)
                return [AnswerCaller()]
            case InboundPhase.TALKING:
                return self.hang_up(now)
            case InboundPhase.ANSWERING:
                ended = self._end(InboundOutcome.FAILED, "carrier-silent", EndedBy.NOBODY, now)
                return [HangUpCaller(), *ended]
            case InboundPhase.HANGING_UP:
                return self._end(InboundOutcome.UNKNOWN, "carrier-silent", EndedBy.NOBODY, now)
            case InboundPhase.ENDED:
                return []

    def _refuse(self, sip_status: int, cause: str) -> list[InboundEffect]:
        ended = self._end(InboundOutcome.FAILED, cause, EndedBy.US, None)
        return [RefuseCaller(sip_status), *ended]

    def _end(self, outcome: InboundOutcome, cause: str, by: EndedBy, now: Instant | None) -> list[InboundEffect]:
        self.phase = InboundPhase.ENDED
        self._deadline = None
        talk_ms = None if now is None or self.answered_at is None else round((now - self.answered_at) * 1000)
        return [EndInbound(outcome, cause, by, talk_ms)]
