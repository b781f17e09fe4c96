"""A simulated person who rings back: dials the number that was shown, listens, presses keys and hangs up as planned."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from baitie.app.ports.clock import Clock, TimerHandle
from baitie.kernel.errors import BaitieError
from baitie.kernel.time import Instant
from baitie.rehearsal.loopback.handset import HELLO, Media
from baitie.rehearsal.people import CallBackPlan
from baitie.wire.sdp import LocalMedia, MediaAgreement, SdpError, accept_answer, make_offer, parse_sdp_untrusted
from baitie.wire.sip.effects import CallAnswered, CallEnded, CallFailed, CallKey, Event, Flow
from baitie.wire.sip.settings import InviteRequest

ANONYMOUS = "anonymous@anonymous.invalid"
"""From of a caller who hides the number (RFC 3323 §4.1.1.3)."""

PATIENCE_S = 30.0
"""So long it rings at the enterprise before the caller gives up."""


class CallerExchange(Protocol):
    """Exchange (来电者信令端口), as a caller needs it."""

    def invite(self, request: InviteRequest) -> CallKey: ...
    def hang_up(self, call: CallKey) -> None: ...


@dataclass(slots=True)
class Caller:
    """Caller (回拨者): one call from a simulated person to the enterprise."""

    number: str
    dialled: str  # what the handset showed as a missed call
    enterprise: Flow
    plan: CallBackPlan
    clock: Clock
    exchange: CallerExchange
    media: Media
    address: str
    spawn: Callable[[Coroutine[Any, Any, None]], None]
    note: Callable[[str], None]
    on_dialled: Callable[[CallKey], None]
    call: CallKey | None = None
    is_over: bool = False
    _local: LocalMedia | None = None
    _timers: list[TimerHandle] = field(default_factory=list)

    @property
    def media_key(self) -> str:
        """The key of the media of this call, apart from those of calls to the same number."""
        return f"back/{id(self)}"

    def begin(self) -> None:
        """Dial when the plan says so."""
        self._after(self.plan.after_s, lambda: self.spawn(self._dial()))

    def on_sip(self, event: Event) -> None:
        """Something happened to the call."""
        match event:
            case CallAnswered():
                self._on_answered(event.sdp)
            case CallFailed():
                self.note(f"back-failed-{event.failure.sip_status}")
                self.over()
            case CallEnded():
                self.note("back-over")
                self.over()

    def over(self) -> None:
        """The call ended, by whomever."""
        if self.is_over:
            return
        self.is_over = True
        for timer in self._timers:
            timer.cancel()
        self.spawn(self._close_media())

    async def _dial(self) -> None:
        try:
            port = await self.media.open(self.media_key)
        except BaitieError:
            self.note("back-without-media")
            return
        self._local = LocalMedia(self.address, port, 1)
        shown = ANONYMOUS if self.plan.is_withheld else f"{self.number}@{self.address}"
        request = InviteRequest(
            to_uri=f"sip:{self.dialled}@{self.enterprise.host}:{self.enterprise.port}",
            from_uri=f"sip:{shown}",
            flow=self.enterprise,
            sdp=make_offer(self._local),
            ring_timeout_s=PATIENCE_S,
        )
        self.note("back-dialled")
        self.call = self.exchange.invite(request)
        self.on_dialled(self.call)

    def _on_answered(self, sdp: bytes) -> None:
        agreed = None
        try:
            assert self._local is not None
            agreed = accept_answer(self._local, parse_sdp_untrusted(sdp))
        except SdpError:
            pass
        if not isinstance(agreed, MediaAgreement):
            self._hang_up()
            return
        self.note("back-answered")
        self.media.connect(self.media_key, agreed)
        self.media.play(self.media_key, 1, (HELLO,))
        for after_s, key in self.plan.then.keys:
            self._after(after_s, partial(self.media.send_keys, self.media_key, key))
        if self.plan.then.hang_up_after_s is not None:
            self._after(self.plan.then.hang_up_after_s, self._hang_up)

    def _hang_up(self) -> None:
        if self.call is not None:
            self.exchange.hang_up(self.call)

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        self._timers.append(self.clock.call_at(Instant(self.clock.now() + seconds), action))

    async def _close_media(self) -> None:
        await self.media.close(self.media_key)
