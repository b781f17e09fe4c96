"""`CallGateway` by our own SIP endpoint and media plane: keeps which call is which, and decides nothing."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from baitie.adapters.calls.answering import SipAnswering
from baitie.adapters.calls.in_order import HostNames, InOrder
from baitie.adapters.calls.registering import TrunkRegistrations
from baitie.adapters.calls.trunk import ATTEMPT_HEADER, TrunkRoute
from baitie.adapters.media.errors import MediaProcessError
from baitie.adapters.media.plane import MediaPlane
from baitie.adapters.sip.endpoint import SipEndpoint
from baitie.app.ports import calls
from baitie.kernel.errors import BaitieError, Party
from baitie.kernel.ids import AttemptId
from baitie.kernel.outcome import CallFailure, EndedBy, Outcome
from baitie.kernel.time import Instant
from baitie.kernel.undefined import Undefined
from baitie.wire.dtmf import KeyWay, TwoWayKeys
from baitie.wire.rtp import KeyPressed, MediaEvent, MediaFailed, MediaSummary, PlayFinished
from baitie.wire.sdp import LocalMedia, MediaAgreement, MediaRefusal, MediaTalks
from baitie.wire.sip import effects as sip
from baitie.wire.sip.failures import Local, from_local, release_cause_of
from baitie.wire.sip.settings import InviteRequest

RING_DEFENCE_S = 20.0
"""The attempt machine cancels first; should its cancel be lost, the user agent gives up so much later by itself."""

CLOSE_WAIT_S = 6.0

MEDIA_FAILURE = from_local(Local.MEDIA_UNAVAILABLE)
NOT_AGREED = from_local(Local.MEDIA_NOT_AGREED, 200)
ADDRESS_UNKNOWN = from_local(Local.MEDIA_ADDRESS_UNKNOWN, 200)
ANSWERED_WITHOUT_MEDIA = from_local(Local.ANSWERED_WITHOUT_MEDIA, 200)
END_UNKNOWN = from_local(Local.END_UNSEEN)
ROUTE_FAILURE = from_local(Local.TRUNK_UNKNOWN)


_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Call:
    """One placed call: its names on both planes, and how far it is."""

    order: calls.PlaceCall
    sip_key: sip.CallKey | None = None
    talks: MediaTalks | None = None
    events: InOrder | None = None
    keys: TwoWayKeys = field(default_factory=TwoWayKeys)
    is_cancelled: bool = False
    is_answered: bool = False
    failure: CallFailure | None = None  # ours, found after the answer


@dataclass(slots=True)
class EmbeddedCallGateway:
    """Call gateway (呼叫网关) over our own SIP user agent and media process.

    Fulfils `baitie.app.ports.calls.CallGateway`.

    `make_endpoint` gets the listener and gives the SIP endpoint; `prompts` are the approved files by name.
    """

    make_endpoint: Callable[[Callable[[sip.Event], None]], SipEndpoint]
    media: MediaPlane
    media_address: str
    routes: Mapping[str, TrunkRoute]
    prompts: Mapping[str, Path]
    names: HostNames = field(default_factory=HostNames)
    answering: SipAnswering = field(init=False)  # calls that come in
    _endpoint: SipEndpoint = field(init=False)
    _listener: Callable[[calls.CallEvent], None] = field(default=lambda event: None)
    _calls: dict[AttemptId, _Call] = field(default_factory=dict)
    _by_sip: dict[sip.CallKey, _Call] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _trunks: TrunkRegistrations = field(init=False)
    _trunk_listener: Callable[[calls.TrunkEvent], None] = field(default=lambda event: None)
    _idle: asyncio.Event = field(default_factory=asyncio.Event)
    _reviving: asyncio.Lock = field(default_factory=asyncio.Lock)
    _media_lives: int = 0
    _without_keys: set[str] = field(default_factory=set)  # trunks, of which it was said
    _sessions: int = 0

    def __post_init__(self) -> None:
        self.names.are_ipv6 = ":" in self.media_address
        routes = tuple(self.routes.values())
        self.answering = SipAnswering(self.media, self.media_address, routes, self._open_media, self.names)

    def listen(self, on_event: Callable[[calls.CallEvent], None]) -> None:
        self._listener = on_event

    def listen_to_trunks(self, on_event: Callable[[calls.TrunkEvent], None]) -> None:
        """Name the one listener, once started; fulfils `baitie.app.ports.calls.Trunks`."""
        self._trunk_listener = on_event
        self._trunks.tell_lost()

    async def start(self) -> None:
        """Start the media process, open SIP, register. Raises TrunkError, and errors of socket and prompt."""
        self._endpoint = self.answering.endpoint = self.make_endpoint(self._on_sip)
        self._endpoint.know(frozenset(host for route in self.routes.values() for host in route.known_hosts))
        self._trunks = TrunkRegistrations(self._endpoint, lambda event: self._trunk_listener(event))
        self.media.listen(self._on_media)
        await self.media.start()
        await self.media.load_prompts(self.prompts)
        await self._endpoint.start()
        try:
            for route in self.routes.values():
                await self._trunks.join(route)
        except BaitieError:
            await self.close()
            raise

    async def close(self) -> None:
        """Hang up what is left, wait for it within bounds, release everything."""
        for attempt_id, call in list(self._calls.items()):
            (self.hang_up if call.is_answered else self.cancel)(attempt_id)
        self._trunks.leave()
        if self._calls or self._tasks:
            self._idle.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), CLOSE_WAIT_S)
        for call in list(self._calls.values()):
            self._report_end(call, _end_of(call))
        await self.answering.close(CLOSE_WAIT_S)
        await self._endpoint.close()
        await self.media.stop()

    # Orders

    def place(self, order: calls.PlaceCall) -> None:
        call = self._calls[order.attempt_id] = _Call(order)
        self._spawn(self._place(call))

    def cancel(self, attempt_id: AttemptId) -> None:
        call = self._calls.get(attempt_id)
        if call is not None:
            call.is_cancelled = True
            self._end_sip(call)

    def hang_up(self, attempt_id: AttemptId) -> None:
        call = self._calls.get(attempt_id)
        if call is not None:
            self._end_sip(call)

    def play(self, attempt_id: AttemptId, play_id: int, prompts: Sequence[str]) -> None:
        call = self._calls.get(attempt_id)
        if call is None:
            return
        try:
            self.media.play(attempt_id, play_id, prompts)
        except BaitieError:  # nothing can be said on this call: better none than a silent one
            call.failure = MEDIA_FAILURE
            self._end_sip(call)

    def stop_playing(self, attempt_id: AttemptId) -> None:
        with contextlib.suppress(MediaProcessError):  # then it is silent already
            self.media.stop_playing(attempt_id)

    async def _place(self, call: _Call) -> None:
        order = call.order
        route = self.routes.get(order.trunk)
        if route is None:
            self._report_end(call, calls.CallFailed(order.attempt_id, ROUTE_FAILURE))
            return
        try:
            port = await self._open_media(order.attempt_id, order.recording)
        except BaitieError:
            self._report_end(call, calls.CallFailed(order.attempt_id, MEDIA_FAILURE))
            return
        if call.is_cancelled:
            failure = CallFailure("cancelled", Party.ENTERPRISE, True, Outcome.CANCELLED)
            await self._finish(call, calls.CallFailed(order.attempt_id, failure))
            return
        self._sessions += 1
        call.talks = MediaTalks(LocalMedia(self.media_address, port, self._sessions, codecs=route.codecs))
        call.events = InOrder(partial(self._take, call), self.names, self._spawn)
        request = InviteRequest(
            to_uri=route.uri_of(order.to),
            from_uri=route.uri_of(order.presented_number),
            from_display=order.display_name,
            flow=route.flow,
            sdp=call.talks.offer(),
            credentials=route.credentials,
            ring_timeout_s=order.ring_timeout_s + RING_DEFENCE_S,
            session_expires_s=route.session_expires_s,
            headers=((ATTEMPT_HEADER, order.attempt_id), *order.headers),
        )
        call.sip_key = self._endpoint.invite(request)
        self._by_sip[call.sip_key] = call

    async def _open_media(self, call_key: str, recording: Path | None) -> int:
        """The RTP port of a call. A media process that has died is started again: its calls are lost, not the next."""
        lives = self._media_lives
        try:
            return await self.media.open(call_key, recording)
        except MediaProcessError:
            async with self._reviving:
                if self._media_lives == lives:  # else another call has done it meanwhile
                    await self.media.start()
                    await self.media.load_prompts(self.prompts)
                    self._media_lives += 1
            return await self.media.open(call_key, recording)

    def _end_sip(self, call: _Call) -> None:
        if call.sip_key is not None:
            self._endpoint.hang_up(call.sip_key)

    # What the planes report

    def _on_sip(self, event: sip.Event) -> None:
        match event:
            case sip.Registered() | sip.RegistrationFailed():
                self._trunks.on_event(event)
                return
        if self.answering.on_sip(event):
            return
        call = self._by_sip.get(getattr(event, "call", sip.CallKey("")))
        if call is not None and call.events is not None:
            call.events.on(event)

    def _take(self, call: _Call, event: sip.Event) -> str:
        """Take one event of a call, unless a name must have its address first: then that name."""
        attempt_id = call.order.attempt_id
        match event:
            case sip.CallProgressed():
                host = self._agree(call, event.sdp, False)[1] if event.sdp else ""
                if host:
                    return host
                self._listener(calls.CallRinging(attempt_id, event.status, early_media=bool(event.sdp)))
            case sip.CallAnswered():
                return self._on_answered(call, event)
            case sip.CallFailed():
                self._on_failed(call, event.failure)
            case sip.CallEnded():
                self._on_ended(call, event)
            case sip.MediaOffered():
                return self._on_media_offered(call, event)
            case sip.MediaAnswered():
                return self._agree(call, event.sdp, False)[1] if event.sdp else ""
            case sip.KeyByInfo():
                self._on_key(call, event.key, KeyWay.SIGNALLING)
        return ""

    def _on_answered(self, call: _Call, event: sip.CallAnswered) -> str:
        failure, host = self._agree(call, event.sdp, event.is_offer)
        if host:
            return host
        if failure is not None:
            call.failure = failure
            self._end_sip(call)
            return ""
        assert call.talks is not None
        call.is_answered = call.talks.is_answered = True
        hears_keys = self._hears_keys(call) or event.takes_info
        if not hears_keys and call.order.trunk not in self._without_keys:
            self._without_keys.add(call.order.trunk)
            _log.warning(
                "trunk %s: a call was answered, and its far end announced no way to send keys", call.order.trunk
            )
        self._listener(calls.CallAnswered(call.order.attempt_id, hears_keys))
        return ""

    @staticmethod
    def _hears_keys(call: _Call) -> bool:
        agreed = None if call.talks is None else call.talks.agreed
        return agreed is not None and agreed.telephone_event_pt is not None

    def _on_failed(self, call: _Call, failure: CallFailure) -> None:
        if call.failure is not None and failure.outcome is Outcome.CANCELLED:  # it is we who gave up, and that is why
            failure = call.failure
        self._spawn(self._finish(call, calls.CallFailed(call.order.attempt_id, failure)))

    def _on_ended(self, call: _Call, event: sip.CallEnded) -> None:
        attempt_id = call.order.attempt_id
        if call.failure is not None and not call.is_answered:
            self._spawn(self._finish(call, calls.CallFailed(attempt_id, call.failure)))
            return
        ended = calls.CallEnded(attempt_id, event.by, event.reason_header, release_cause_of(event.reason_header))
        self._spawn(self._finish(call, ended))

    def _on_media_offered(self, call: _Call, event: sip.MediaOffered) -> str:
        assert call.talks is not None
        if not event.sdp:
            self._endpoint.accept_media(event.call, call.talks.offer())
            return ""
        answer = call.talks.take_offer_untrusted(event.sdp, self.names.addresses)
        if isinstance(answer, MediaRefusal):
            if self.names.is_new(answer.host):
                return answer.host
            self._endpoint.refuse_media(event.call, answer.sip_status)
        elif self._connect(call, call.talks.agreed):
            self._endpoint.accept_media(event.call, answer)
        else:
            self._endpoint.refuse_media(event.call)
        return ""

    def _agree(self, call: _Call, sdp: bytes, is_offer: bool) -> tuple[CallFailure | None, str]:
        """Connect media to what the far end described. Gives why that cannot be, and the name to be found first."""
        assert call.talks is not None
        take = call.talks.resume_offer_untrusted if is_offer else call.talks.take_answer_untrusted
        agreed = take(sdp, self.names.addresses)
        if isinstance(agreed, MediaRefusal):
            if self.names.is_new(agreed.host):
                return None, agreed.host
            return ADDRESS_UNKNOWN if agreed.host else NOT_AGREED, ""
        return None if self._connect(call, agreed) else ANSWERED_WITHOUT_MEDIA, ""

    def _connect(self, call: _Call, agreed: MediaAgreement | None) -> bool:
        if agreed is None:
            return False
        try:
            self.media.connect(call.order.attempt_id, agreed)
        except BaitieError:
            return False
        return True

    def _on_key(self, call: _Call, key: str, way: KeyWay) -> None:
        if call.keys.is_new(key, way, Instant(asyncio.get_running_loop().time())):
            self._listener(calls.KeyPressed(call.order.attempt_id, key))

    def _on_media(self, event: MediaEvent) -> None:
        if self.answering.on_media(event):
            return
        attempt_id = AttemptId(event.call_key)
        call = self._calls.get(attempt_id)
        if call is None:
            return
        match event:
            case KeyPressed():
                self._on_key(call, event.key, KeyWay.MEDIA)
            case PlayFinished():
                self._listener(calls.PlayFinished(attempt_id, event.play_id, event.was_stopped))
            case MediaFailed():
                call.failure = MEDIA_FAILURE
                self._end_sip(call)

    # Ends

    async def _finish(self, call: _Call, event: calls.CallFailed | calls.CallEnded) -> None:
        """Close the media, then report: the recording is complete when the end is told."""
        summary = await self.media.close(call.order.attempt_id)
        if isinstance(event, calls.CallEnded) and summary is not None:
            event = calls.CallEnded(
                event.attempt_id,
                event.ended_by,
                event.reason_header,
                event.release_cause,
                None if summary.recording is None else Path(summary.recording),
                _figures(summary),
            )
        self._report_end(call, event)

    def _report_end(self, call: _Call, event: calls.CallFailed | calls.CallEnded) -> None:
        if self._calls.pop(call.order.attempt_id, None) is None:
            return
        if call.sip_key is not None:
            self._by_sip.pop(call.sip_key, None)
        self._listener(event)
        self._check_idle()

    def _check_idle(self) -> None:
        if not self._calls and not self._tasks:
            self._idle.set()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._check_idle()


def _end_of(call: _Call) -> calls.CallFailed | calls.CallEnded:
    """How a call that did not end in time is reported when the gateway closes."""
    if call.is_answered:
        return calls.CallEnded(call.order.attempt_id, EndedBy.US)
    return calls.CallFailed(call.order.attempt_id, MEDIA_FAILURE if call.sip_key is None else END_UNKNOWN)


def _figures(summary: MediaSummary) -> dict[str, float]:
    figures = {
        "packets_sent": float(summary.packets_sent),
        "packets_received": float(summary.packets_received),
        "packets_lost": float(summary.packets_lost),
    }
    if not isinstance(summary.jitter_ms, Undefined):
        figures["jitter_ms"] = summary.jitter_ms
    return figures
