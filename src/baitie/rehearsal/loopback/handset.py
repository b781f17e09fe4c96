"""One call at a simulated handset: rings, answers, presses keys and hangs up as planned."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from baitie.app.ports.clock import Clock, TimerHandle
from baitie.kernel.errors import BaitieError
from baitie.kernel.time import Instant
from baitie.rehearsal.people import ANSWERS, MACHINES, RINGS_NOT, CallPlan, Reaction
from baitie.wire.sdp import LocalMedia, MediaAgreement, SdpError, make_answer, parse_sdp_untrusted
from baitie.wire.sip.effects import CallKey

REFUSALS: dict[Reaction, tuple[int, str]] = {
    Reaction.BUSY: (486, ""),
    Reaction.REJECTED: (603, ""),
    Reaction.POWERED_OFF: (480, "Q.850;cause=20"),
    Reaction.UNALLOCATED: (404, "Q.850;cause=1"),
    Reaction.UNREACHABLE: (480, "Q.850;cause=27"),
    Reaction.NO_ANSWER: (480, "Q.850;cause=19"),
    Reaction.CONGESTED: (503, "Q.850;cause=42"),
    Reaction.NUMBER_BARRED: (403, ""),
}
"""The final answer for each reaction, and its Reason header (RFC 3326), as carriers give them."""

MAILBOX_STAYS_S = 60.0
HELLO, MAILBOX = "hello", "mailbox"
"""What the callee's side says on answering: files of rehearsal/sounds."""


class HandsetExchange(Protocol):
    """Exchange (话机信令端口), as a handset needs it."""

    def ring(self, call: CallKey, status: int = 180, sdp: bytes = b"", reliable: bool = False) -> None: ...
    def answer(self, call: CallKey, sdp: bytes) -> None: ...
    def reject(
        self, call: CallKey, status: int, reason: str = "", headers: tuple[tuple[str, str], ...] = ()
    ) -> None: ...
    def hang_up(self, call: CallKey) -> None: ...


class Media(Protocol):
    """Media (话机媒体端口), as a handset needs it."""

    async def open(self, call_key: str, recording: Path | None = None) -> int: ...
    def connect(self, call_key: str, agreement: MediaAgreement) -> None: ...
    def play(self, call_key: str, play_id: int, prompts: Sequence[str]) -> None: ...
    def send_keys(self, call_key: str, keys: str) -> None: ...
    async def close(self, call_key: str) -> object: ...


@dataclass(slots=True)
class Handset:
    """Handset (话机) in one call."""

    call: CallKey
    plan: CallPlan
    offer: bytes
    clock: Clock
    exchange: HandsetExchange
    media: Media
    address: str
    spawn: Callable[[Coroutine[Any, Any, None]], None]
    note: Callable[[str], None]
    attempt: str = ""
    silence_borne_s: float | None = None  # a person who hears nothing hangs up after that
    is_answered: bool = False
    is_over: bool = False
    _timers: list[TimerHandle] = field(default_factory=list)
    _silence: TimerHandle | None = None

    def begin(self) -> None:
        """The INVITE arrived."""
        plan = self.plan
        if plan.reaction in RINGS_NOT:
            self._after(plan.setup_s, self._refuse)
            return
        self._after(plan.setup_s, self._ring)
        is_answering = plan.reaction in ANSWERS
        self._after(plan.setup_s + plan.ring_s, self._answer if is_answering else self._refuse)

    def over(self) -> None:
        """The call ended, by whomever."""
        if self.is_over:
            return
        self.is_over = True
        self.join()
        self.spawn(self._close_media())

    def hear(self) -> None:
        """Somebody speaks, or something is played."""
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None

    def join(self) -> None:
        """An agent is on the line: from here on the two of them decide when it ends."""
        self.hear()
        for timer in self._timers:
            timer.cancel()

    def hang_up(self) -> None:
        """The callee ends the call."""
        self.note("hung-up")
        self.exchange.hang_up(self.call)

    def _ring(self) -> None:
        self.note("ringing")
        self.exchange.ring(self.call)

    def _refuse(self) -> None:
        status, reason = REFUSALS[self.plan.reaction]
        self.note(f"refused-{status}")
        self.exchange.reject(self.call, status, headers=(("Reason", reason),) if reason else ())
        self.over()

    def _answer(self) -> None:
        self.spawn(self._answer_with_media())

    async def _answer_with_media(self) -> None:
        try:
            port = await self.media.open(self.call)
            answer, agreed = make_answer(parse_sdp_untrusted(self.offer), LocalMedia(self.address, port, 1))
        except (SdpError, BaitieError):
            answer, agreed = None, None
        if self.is_over:
            await self._close_media()
            return
        if answer is None or not isinstance(agreed, MediaAgreement):
            self.exchange.reject(self.call, 488)
            self.over()
            return
        self.note("answered")
        self.is_answered = True
        self.exchange.answer(self.call, answer)
        self.media.connect(self.call, agreed)
        self.media.play(self.call, 1, (MAILBOX if self.plan.reaction in MACHINES else HELLO,))
        for after_s, key in self.plan.keys:
            self._after(after_s, partial(self.media.send_keys, self.call, key))
        stays_s = MAILBOX_STAYS_S if self.plan.reaction is Reaction.VOICEMAIL else self.plan.hang_up_after_s
        if stays_s is not None:
            self._after(stays_s, self.hang_up)
        if self.silence_borne_s is not None and self.plan.reaction is Reaction.ANSWER:
            gives_up_at = Instant(self.clock.now() + self.silence_borne_s)
            self._silence = self.clock.call_at(gives_up_at, self.hang_up)

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        self._timers.append(self.clock.call_at(Instant(self.clock.now() + seconds), action))

    async def _close_media(self) -> None:
        await self.media.close(self.call)
