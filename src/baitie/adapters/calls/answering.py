"""`InboundGateway` by the SIP endpoint and media plane of the embedded gateway: keeps which call is which."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from baitie.adapters.calls.in_order import HostNames, InOrder
from baitie.adapters.calls.trunk import TrunkRoute
from baitie.adapters.media.plane import MediaPlane
from baitie.adapters.sip.endpoint import SipEndpoint
from baitie.app.ports import arrivals
from baitie.kernel.errors import BaitieError
from baitie.kernel.outcome import EndedBy
from baitie.kernel.time import Instant
from baitie.wire.dtmf import KeyWay, TwoWayKeys
from baitie.wire.rtp import KeyPressed, MediaEvent, MediaFailed, PlayFinished
from baitie.wire.sdp import LocalMedia, MediaAgreement, MediaRefusal, MediaTalks
from baitie.wire.sip import effects as sip
from baitie.wire.sip.errors import SipParseError
from baitie.wire.sip.parties import parties_untrusted

NOBODY_HERE, FORBIDDEN, BAD_REQUEST, NOT_ACCEPTABLE, NO_MEDIA = 480, 403, 400, 488, 503

OpenMedia = Callable[[str, Path | None], Awaitable[int]]
"""Opens the media of a call under its key and gives the RTP port."""


@dataclass(slots=True)
class _Line:
    """One call that came in: what was offered and agreed."""

    key: arrivals.LineKey
    route: TrunkRoute
    offer: bytes
    talks: MediaTalks | None = None
    events: InOrder | None = None
    keys: TwoWayKeys = field(default_factory=TwoWayKeys)
    is_over: bool = False
    cause: str = ""  # ours, why it is being ended


@dataclass(slots=True)
class SipAnswering:
    """Takes calls (接听) from the trunks' hosts and nobody else. Fulfils `baitie.app.ports.arrivals.InboundGateway`."""

    media: MediaPlane
    media_address: str
    routes: Sequence[TrunkRoute]
    open_media: OpenMedia
    names: HostNames = field(default_factory=HostNames)
    endpoint: SipEndpoint = field(init=False)
    _listener: Callable[[arrivals.ArrivalEvent], None] | None = None
    _lines: dict[arrivals.LineKey, _Line] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _idle: asyncio.Event = field(default_factory=asyncio.Event)
    _sessions: int = 0

    def listen(self, on_event: Callable[[arrivals.ArrivalEvent], None] | None) -> None:
        self._listener = on_event

    # Orders

    def ring(self, line: arrivals.LineKey) -> None:
        self.endpoint.ring(sip.CallKey(line))

    def answer(self, line: arrivals.LineKey, recording: Path | None) -> None:
        found = self._lines.get(line)
        if found is not None:
            self._spawn(self._answer(found, recording))

    def refuse(self, line: arrivals.LineKey, sip_status: int) -> None:
        self.endpoint.reject(sip.CallKey(line), sip_status)

    def hang_up(self, line: arrivals.LineKey) -> None:
        self.endpoint.hang_up(sip.CallKey(line))

    def play(self, line: arrivals.LineKey, play_id: int, prompts: Sequence[str]) -> None:
        found = self._lines.get(line)
        if found is None:
            return
        try:
            self.media.play(line, play_id, prompts)
        except BaitieError:  # nothing can be said on this call: better none than a silent one
            self._break_off(found, "media-unavailable")

    def stop_playing(self, line: arrivals.LineKey) -> None:
        with contextlib.suppress(BaitieError):  # then it is silent already
            self.media.stop_playing(line)

    async def close(self, within_s: float) -> None:
        """Hang up what is left and wait for it within bounds."""
        self._listener = None
        for line in list(self._lines.values()):
            self.endpoint.hang_up(sip.CallKey(line.key))
        if self._lines:
            self._idle.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), within_s)

    # What the planes report

    def on_sip(self, event: sip.Event) -> bool:
        """Take an event of the endpoint; False where it is about something else."""
        if isinstance(event, sip.CallOffered):
            self._on_offered(event)
            return True
        line = self._lines.get(arrivals.LineKey(getattr(event, "call", "")))
        if line is None:
            return False
        if line.events is not None:
            line.events.on(event)
        return True

    def _take(self, line: _Line, event: sip.Event) -> str:
        """Take one event of a call, unless a name must have its address first: then that name."""
        match event:
            case sip.CallConfirmed():
                return self._on_confirmed(line, event.sdp)
            case sip.CallEnded():
                self._on_ended(line, event)
            case sip.MediaOffered():
                return self._on_media_offered(line, event)
            case sip.MediaAnswered():
                return self._take_answer(line, event.sdp)
            case sip.KeyByInfo():
                self._on_key(line, event.key, KeyWay.SIGNALLING)
        return ""

    def _on_key(self, line: _Line, key: str, way: KeyWay) -> None:
        if line.keys.is_new(key, way, Instant(asyncio.get_running_loop().time())):
            self._tell(arrivals.CallerPressed(line.key, key))

    def on_media(self, event: MediaEvent) -> bool:
        """Take an event of the media plane; False where it is about another call."""
        line = self._lines.get(arrivals.LineKey(event.call_key))
        if line is None:
            return False
        match event:
            case KeyPressed():
                self._on_key(line, event.key, KeyWay.MEDIA)
            case PlayFinished():
                self._tell(arrivals.CallerHeard(line.key, event.play_id, event.was_stopped))
            case MediaFailed():
                self._break_off(line, "media-unavailable")
        return True

    def _on_offered(self, event: sip.CallOffered) -> None:
        route = next((route for route in self.routes if route.takes_from(event.flow.host)), None)
        if self._listener is None or route is None:
            self.endpoint.reject(event.call, NOBODY_HERE if self._listener is None else FORBIDDEN)
            return
        try:
            parties = parties_untrusted(event.request)
        except SipParseError:
            self.endpoint.reject(event.call, BAD_REQUEST)
            return
        key = arrivals.LineKey(event.call)
        line = self._lines[key] = _Line(key, route, event.sdp)
        line.events = InOrder(partial(self._take, line), self.names, self._spawn)
        self._tell(arrivals.CallArrived(key, parties.caller, parties.dialled, parties.is_withheld, route.name))

    async def _answer(self, line: _Line, recording: Path | None) -> None:
        call = sip.CallKey(line.key)
        try:
            port = await self.open_media(line.key, recording)
        except BaitieError:
            line.cause = "media-unavailable"
            self.endpoint.reject(call, NO_MEDIA)
            return
        if line.is_over:
            await self.media.close(line.key)
            return
        self._sessions += 1
        line.talks = MediaTalks(LocalMedia(self.media_address, port, self._sessions, codecs=line.route.codecs))
        answer = self._describe(line, line.talks)
        if isinstance(answer, MediaRefusal) and self.names.is_new(answer.host):
            await self.names.find(answer.host)
            answer = self._describe(line, line.talks)
        if isinstance(answer, MediaRefusal):
            line.cause = "media-not-agreed"
            self.endpoint.reject(call, NOT_ACCEPTABLE)
            return
        self.endpoint.answer(call, answer)

    def _describe(self, line: _Line, talks: MediaTalks) -> bytes | MediaRefusal:
        """Our description: the answer to theirs, or the offer where the INVITE had none (RFC 3261 §13.3.1)."""
        if not line.offer:
            return talks.offer()
        return talks.take_offer_untrusted(line.offer, self.names.addresses)

    def _on_confirmed(self, line: _Line, sdp: bytes) -> str:
        if sdp and line.talks is not None:
            refusal = line.talks.take_answer_untrusted(sdp, self.names.addresses)
            if isinstance(refusal, MediaRefusal) and self.names.is_new(refusal.host):
                return refusal.host
        agreed = None if line.talks is None else line.talks.agreed
        if agreed is None:
            self._break_off(line, "media-not-agreed")
        elif not self._connect(line, agreed):
            self._break_off(line, "media-unavailable")
        else:
            assert line.talks is not None
            line.talks.is_answered = True
            self._tell(arrivals.ArrivalConfirmed(line.key))
        return ""

    def _on_media_offered(self, line: _Line, event: sip.MediaOffered) -> str:
        if line.talks is None:
            self.endpoint.refuse_media(event.call)
            return ""
        if not event.sdp:
            self.endpoint.accept_media(event.call, line.talks.offer())
            return ""
        answer = line.talks.take_offer_untrusted(event.sdp, self.names.addresses)
        if isinstance(answer, MediaRefusal):
            if self.names.is_new(answer.host):
                return answer.host
            self.endpoint.refuse_media(event.call, answer.sip_status)
            return ""
        if line.talks.agreed is not None:
            self._connect(line, line.talks.agreed)  # a dead media process ends the call by its own event
        self.endpoint.accept_media(event.call, answer)
        return ""

    def _take_answer(self, line: _Line, sdp: bytes) -> str:
        """An answer to an offer that we were asked for, or to a refresh. What cannot be used changes nothing."""
        if not sdp or line.talks is None:
            return ""
        agreed = line.talks.take_answer_untrusted(sdp, self.names.addresses)
        if isinstance(agreed, MediaAgreement):
            self._connect(line, agreed)
            return ""
        return agreed.host if self.names.is_new(agreed.host) else ""

    def _connect(self, line: _Line, agreed: MediaAgreement) -> bool:
        try:
            self.media.connect(line.key, agreed)
        except BaitieError:
            return False
        return True

    def _break_off(self, line: _Line, cause: str) -> None:
        line.cause = line.cause or cause
        self.endpoint.hang_up(sip.CallKey(line.key))

    # Ends

    def _on_ended(self, line: _Line, event: sip.CallEnded) -> None:
        if not line.is_over:
            line.is_over = True
            cause = line.cause or ("" if event.failure is None else event.failure.cause)
            self._spawn(self._finish(line, event.by, cause))

    async def _finish(self, line: _Line, by: EndedBy, cause: str) -> None:
        """Close the media, then report: the recording is complete when the end is told."""
        summary = await self.media.close(line.key)
        self._lines.pop(line.key, None)
        if not self._lines:
            self._idle.set()
        recording = None if summary is None or summary.recording is None else Path(summary.recording)
        self._tell(arrivals.ArrivalEnded(line.key, by, cause, recording))

    def _tell(self, event: arrivals.ArrivalEvent) -> None:
        if self._listener is not None:
            self._listener(event)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
