"""The attempt machine (呼叫): from the card to the outcome of one try. One of the four machines of a call.

    planned -> card_keeping -> card_waiting -> card_reading -> cleared -> invite_keeping
                     ^-- next channel --'                                        |
                                              ended <- talking <- ringing <- placing

`*_keeping` means: what comes next is being made durable first. The order of the last steps before the INVITE
is: the intention is durable, then the gate is asked once more, then the INVITE leaves in the same instant.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from baitie.domain.dialing.conclude import Conclusion, conclude_answered, conclude_failed
from baitie.domain.dialing.policy import DialingPolicy, OnLateCard
from baitie.kernel.fast_replace import fast_replace
from baitie.kernel.outcome import CallFailure, EndedBy, Evidence, Outcome
from baitie.kernel.time import Instant

CARRIER_SILENCE_MAX_S = 45.0
"""After CANCEL or BYE the SIP machine ends within 64*T1 = 32 s; beyond this the event is lost and we cannot know."""

NO_AGENT = "no-agent"
"""The cause of a call that was answered and found no agent in time. It stands in the open record from that instant on,
so that the call counts as abandoned whatever becomes of the process."""


class Phase(StrEnum):
    """Phase (阶段) of an attempt."""

    PLANNED = "planned"
    CARD_KEEPING = "card_keeping"
    CARD_WAITING = "card_waiting"
    CARD_READING = "card_reading"
    CLEARED = "cleared"
    INVITE_KEEPING = "invite_keeping"
    PLACING = "placing"
    RINGING = "ringing"
    CANCELLING = "cancelling"
    TALKING = "talking"
    HANGING_UP = "hanging_up"
    ENDED = "ended"


class CardOutcome(StrEnum):
    """What became of the card (名片结果)."""

    NONE = "none"
    DELIVERED = "delivered"
    LATE = "late"
    REFUSED = "refused"
    UNDELIVERED = "undelivered"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class KeepCard:
    """Keep the card (留存名片意图): make durable that it is about to be submitted, then call `on_kept`."""


@dataclass(frozen=True, slots=True)
class SubmitCard:
    """Submit the card (提交名片)."""


@dataclass(frozen=True, slots=True)
class AwaitPermit:
    """Await a permit (等待许可): the card is settled; when the trunk gives its next permit, call `on_permit`."""


@dataclass(frozen=True, slots=True)
class KeepInvite:
    """Keep the INVITE (留存呼叫意图): make durable that it is about to leave, then call `on_kept`."""


@dataclass(frozen=True, slots=True)
class AskGate:
    """Ask the gate (请求校验), and call `on_gate` with its answer in the same instant."""


@dataclass(frozen=True, slots=True)
class PlaceCallNow:
    """Place the call (发出呼叫): send the INVITE."""


@dataclass(frozen=True, slots=True)
class CancelCall:
    """Cancel the call (取消呼叫): stop ringing."""


@dataclass(frozen=True, slots=True)
class HangUpCall:
    """Hang up (挂断): end the call."""


@dataclass(frozen=True, slots=True)
class StartDialogue:
    """Start the dialogue (开始对话): the callee is on the line, the script starts."""


@dataclass(frozen=True, slots=True)
class EndAttempt:
    """End of the attempt (呼叫结束). Always the last effect, and given exactly once."""

    conclusion: Conclusion
    invite_left: bool


AttemptEffect: TypeAlias = (
    KeepCard
    | SubmitCard
    | AwaitPermit
    | KeepInvite
    | AskGate
    | PlaceCallNow
    | CancelCall
    | HangUpCall
    | StartDialogue
    | EndAttempt
)

_BEFORE_INVITE = frozenset(
    {
        Phase.PLANNED,
        Phase.CARD_KEEPING,
        Phase.CARD_WAITING,
        Phase.CARD_READING,
        Phase.CLEARED,
        Phase.INVITE_KEEPING,
    }
)


class Attempt:
    """Attempt (呼叫): one try. Feed it events in order; it answers with effects and is updated in place.

    `channels` is how many ways its card may take, one after the other; `channel` counts them from 0.
    """

    __slots__ = (
        "_cancel_cause",
        "_deadline",
        "_early_media",
        "_hears_keys",
        "_is_machine",
        "_lacks_agent",
        "_policy",
        "answered_at",
        "card",
        "card_submitted_at",
        "channel",
        "channels",
        "phase",
        "placed_at",
        "receipt_at",
        "ringing_at",
    )

    def __init__(self, policy: DialingPolicy, channels: int = 1) -> None:
        self._policy = policy
        self.channels = channels
        self.channel = 0
        self._deadline: Instant | None = None
        self._early_media = False
        self._hears_keys = True
        self._lacks_agent = False
        self._is_machine: bool | None = None
        self._cancel_cause: str | None = None
        self.phase = Phase.PLANNED
        self.card = CardOutcome.NONE
        self.card_submitted_at: Instant | None = None
        self.receipt_at: Instant | None = None
        self.placed_at: Instant | None = None
        self.ringing_at: Instant | None = None
        self.answered_at: Instant | None = None

    def next_deadline(self) -> Instant | None:
        """When `on_deadline` wants to be called."""
        return self._deadline

    # Before the INVITE

    def start(self, has_card: bool, now: Instant) -> list[AttemptEffect]:
        """Begin, with a card or without."""
        assert self.phase is Phase.PLANNED
        if has_card:
            self.phase = Phase.CARD_KEEPING
            return [KeepCard()]
        return self._clear()

    def on_kept(self, now: Instant) -> list[AttemptEffect]:
        """What was to be kept is durable."""
        if self.phase is Phase.CARD_KEEPING:
            if self.receipt_at is not None:  # of the channel before, which came after all: one card is enough
                return self._settle_card(CardOutcome.DELIVERED, now)
            self.phase = Phase.CARD_WAITING
            self.card_submitted_at = now
            self._deadline = Instant(now + self._policy.receipt_wait_s)
            return [SubmitCard()]
        if self.phase is Phase.INVITE_KEEPING:
            return [AskGate()]
        return []

    def on_card(self, outcome: CardOutcome, now: Instant, channel: int | None = None) -> list[AttemptEffect]:
        """The receipt came, or the card was refused, or nobody can know. `channel` says which way; None: the present.

        A receipt counts whichever way it came; that an earlier channel failed after all is no news.
        """
        if outcome is CardOutcome.DELIVERED and self.receipt_at is None:
            self.receipt_at = now
        is_present = channel is None or channel == self.channel
        if self.phase is not Phase.CARD_WAITING or not (is_present or outcome is CardOutcome.DELIVERED):
            return []
        return self._settle_card(outcome, now)

    def on_permit(self, now: Instant) -> list[AttemptEffect]:
        """The trunk may carry one more attempt in this instant."""
        if self.phase is not Phase.CLEARED:
            return []
        self.phase = Phase.INVITE_KEEPING
        return [KeepInvite()]

    def on_gate(self, is_allowed: bool, reason: str, now: Instant) -> list[AttemptEffect]:
        """The gate's last answer."""
        assert self.phase is Phase.INVITE_KEEPING
        if not is_allowed:
            return self._end_before_invite(f"gate-{reason}")
        self.phase = Phase.PLACING
        self.placed_at = now
        self._deadline = Instant(now + self._policy.setup_timeout_s)
        return [PlaceCallNow()]

    # After the INVITE

    def on_ringing(self, early_media: bool, now: Instant) -> list[AttemptEffect]:
        """A provisional answer says that the callee's telephone rings, or that the carrier speaks."""
        self._early_media = self._early_media or early_media
        if self.phase is Phase.PLACING:
            self.phase = Phase.RINGING
            self.ringing_at = now
            self._deadline = Instant(now + self._policy.ring_timeout_s)
        return []

    def on_answered(self, now: Instant, hears_keys: bool = True) -> list[AttemptEffect]:
        """The callee answered, perhaps while we were cancelling; then the gateway ends the call."""
        self._hears_keys = hears_keys
        if self.phase in (Phase.PLACING, Phase.RINGING):
            self.phase = Phase.TALKING
            self.answered_at = now
            self._deadline = Instant(now + self._policy.call_max_s)
            return [StartDialogue()]
        if self.phase is Phase.CANCELLING and self.answered_at is None:
            self.answered_at = now
        return []

    def on_failed(self, failure: CallFailure, now: Instant) -> list[AttemptEffect]:
        """The call ended unanswered."""
        if self.phase in (Phase.PLACING, Phase.RINGING, Phase.CANCELLING):
            found = conclude_failed(failure, self._ring_ms(now), self._early_media, self._policy.busy_after_ringing)
            if self.phase is Phase.CANCELLING:
                found = self._after_cancel(found)
            return self._end(found)
        if self.phase in (Phase.TALKING, Phase.HANGING_UP):
            return self.on_ended(EndedBy.CARRIER, 0, now)
        return []

    def on_ended(
        self,
        ended_by: EndedBy,
        keys_pressed: int,
        now: Instant,
        reason_header: str | None = None,
        release_cause: int | None = None,
    ) -> list[AttemptEffect]:
        """An answered call ended."""
        if self.phase in _BEFORE_INVITE or self.phase is Phase.ENDED:
            return []
        answered_at = self.answered_at if self.answered_at is not None else now
        found = conclude_answered(
            self._policy,
            ring_ms=self._ring_ms(answered_at) or 0,
            talk_ms=_ms(now - answered_at),
            early_media=self._early_media,
            ended_by=ended_by,
            keys_pressed=keys_pressed,
            reason_header=reason_header,
            release_cause=release_cause,
            hears_keys=self._hears_keys,
        )
        if self.phase is Phase.CANCELLING:
            found = Conclusion(Outcome.ABANDONED, found.evidence, "answered-while-cancelling", may_redial=False)
        else:
            found = self._heard(found)
        return self._end(found)

    # A human agent is promised

    def promise_agent(self) -> None:
        """The callee is to speak with a human agent: until one is there, the call ends as abandoned."""
        self._lacks_agent = True

    def on_agent(self) -> None:
        """The agent is on the line."""
        self._lacks_agent = False
        self._is_machine = False

    def on_machine_heard(self) -> None:
        """The agent says that a mailbox or another machine answered. An ear decides before any timing."""
        self._is_machine = True

    def _heard(self, found: Conclusion) -> Conclusion:
        """What an agent's presence makes of the conclusion from the wire."""
        if self._lacks_agent:
            return Conclusion(Outcome.ABANDONED, found.evidence, NO_AGENT, may_redial=False)
        if self._is_machine is None:
            return found
        outcome = Outcome.VOICEMAIL if self._is_machine else Outcome.ANSWERED
        return fast_replace(found, outcome=outcome, evidence=fast_replace(found.evidence, note="heard-by-agent"))

    def hang_up(self, now: Instant) -> list[AttemptEffect]:
        """The script is over, or the operator wants it: end the call."""
        if self.phase is not Phase.TALKING:
            return []
        self.phase = Phase.HANGING_UP
        self._deadline = Instant(now + CARRIER_SILENCE_MAX_S)
        return [HangUpCall()]

    def stop(self, cause: str, now: Instant, *, calls_too: bool) -> list[AttemptEffect]:
        """Stop this attempt for `cause`: before its INVITE at once; later only when `calls_too`."""
        if self.phase in _BEFORE_INVITE:
            return self._end_before_invite(cause)
        if not calls_too:
            return []
        if self.phase in (Phase.PLACING, Phase.RINGING):
            return self._cancel(cause, now)
        return self.hang_up(now)

    def on_deadline(self, now: Instant) -> list[AttemptEffect]:
        """A limit was reached, if `now` has reached it."""
        if self._deadline is None or now < self._deadline:
            return []
        self._deadline = None
        match self.phase:
            case Phase.CARD_WAITING:
                return self._settle_card(CardOutcome.LATE, now)
            case Phase.CARD_READING:
                return self._clear()
            case Phase.PLACING:
                return self._cancel("no-ringing", now)
            case Phase.RINGING:
                return self._cancel("ring-timeout", now)
            case Phase.TALKING:
                return self.hang_up(now)
            case Phase.CANCELLING | Phase.HANGING_UP:
                return self._end(self._cannot_know(now))
            case _:
                return []

    # Steps

    def _settle_card(self, outcome: CardOutcome, now: Instant) -> list[AttemptEffect]:
        self.card = outcome
        if outcome is CardOutcome.DELIVERED:
            return self._let_read(now)
        on_late = self._policy.on_late_card
        if on_late is OnLateCard.NEXT_CHANNEL:
            if self.channel + 1 < self.channels:
                return self._next_channel()
            on_late = self._policy.after_last_channel
        if on_late is OnLateCard.GIVE_UP:
            return self._end_before_invite(f"card-{outcome.value}")
        return self._clear()

    def _let_read(self, now: Instant) -> list[AttemptEffect]:
        """The card stands on the callee's screen since its receipt: a person needs a moment before it rings."""
        assert self.receipt_at is not None
        read_at = Instant(self.receipt_at + self._policy.ring_after_receipt_s)
        if read_at <= now:
            return self._clear()
        self.phase = Phase.CARD_READING
        self._deadline = read_at
        return []

    def _next_channel(self) -> list[AttemptEffect]:
        self.channel += 1
        self.phase = Phase.CARD_KEEPING
        self._deadline = None
        return [KeepCard()]

    def _clear(self) -> list[AttemptEffect]:
        self.phase = Phase.CLEARED
        self._deadline = None
        return [AwaitPermit()]

    def _cancel(self, cause: str, now: Instant) -> list[AttemptEffect]:
        self.phase = Phase.CANCELLING
        self._cancel_cause = cause
        self._deadline = Instant(now + CARRIER_SILENCE_MAX_S)
        return [CancelCall()]

    def _after_cancel(self, found: Conclusion) -> Conclusion:
        """What a failure means after our CANCEL: 487 confirms it, other answers crossed it, silence tells nothing."""
        status = found.evidence.sip_status
        if found.outcome is Outcome.UNKNOWN or status not in (None, 408, 487):
            return found
        outcome = {"ring-timeout": Outcome.NO_ANSWER, "no-ringing": Outcome.UNREACHABLE}.get(
            self._cancel_cause or "", Outcome.CANCELLED
        )
        return Conclusion(outcome, found.evidence, self._cancel_cause, may_redial=True)

    def _cannot_know(self, now: Instant) -> Conclusion:
        if self.answered_at is None:
            evidence = Evidence(early_media=self._early_media, ring_ms=self._ring_ms(now), note="carrier-silent")
            return Conclusion(Outcome.UNKNOWN, evidence, "carrier-silent", may_redial=False)
        evidence = Evidence(
            sip_status=200,
            early_media=self._early_media,
            ring_ms=self._ring_ms(self.answered_at),
            talk_ms=_ms(now - self.answered_at),
            note="carrier-silent",
        )
        outcome = Outcome.ABANDONED if self._cancel_cause or self._lacks_agent else Outcome.ANSWERED
        return Conclusion(outcome, evidence, "carrier-silent", may_redial=False)

    def _end_before_invite(self, cause: str) -> list[AttemptEffect]:
        return self._end(Conclusion(Outcome.CANCELLED, Evidence(), cause))

    def _end(self, conclusion: Conclusion) -> list[AttemptEffect]:
        self.phase = Phase.ENDED
        self._deadline = None
        return [EndAttempt(conclusion, invite_left=self.placed_at is not None)]

    def _ring_ms(self, until: Instant) -> int | None:
        return None if self.ringing_at is None else _ms(until - self.ringing_at)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
