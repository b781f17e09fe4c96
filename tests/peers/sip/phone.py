"""Our user agent as the tests use it: a real endpoint on 127.0.0.1 whose events are kept, with a plain RTP socket."""

from __future__ import annotations

import asyncio
import functools
import random
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from tests.peers.peers import until_async

from baitie.adapters.sip.endpoint import SipEndpoint
from baitie.adapters.sip.settings import EndpointSettings
from baitie.kernel.time import Instant
from baitie.wire.rtp import FRAME_S, KeyPressed, RtpSession
from baitie.wire.sdp import (
    Direction,
    LocalMedia,
    MediaAgreement,
    accept_answer,
    make_answer,
    make_offer,
    parse_sdp_untrusted,
)
from baitie.wire.sip.effects import CallKey, CallOffered, Event, Flow, MediaOffered
from baitie.wire.sip.settings import InviteRequest

TEST_WITHIN_S = 60.0
EVENT_WITHIN_S = 5.0
FRAME_BYTES = 160

_P = ParamSpec("_P")
_E = TypeVar("_E")


def in_loop(test: Callable[_P, Awaitable[None]]) -> Callable[_P, None]:
    """Runs an async test in a loop of its own, bounded."""

    @functools.wraps(test)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> None:
        async def bounded() -> None:
            async with asyncio.timeout(TEST_WITHIN_S):
                await test(*args, **kwargs)

        asyncio.run(bounded())

    return run


class Phone:
    """Our side of a call. `on_offer` says what happens to a call that comes in; without it, calls are answered."""

    def __init__(
        self, settings: EndpointSettings | None = None, on_offer: Callable[[Phone, CallKey], None] | None = None
    ) -> None:
        self.events: list[Event] = []
        # Not seeded: peers that live longer than one phone must not meet the same Call-ID or branch twice.
        self.endpoint = SipEndpoint(settings or EndpointSettings(), random.SystemRandom(), self._take)
        self._on_offer = on_offer or Phone.answer
        self._offers: dict[CallKey, bytes] = {}
        self.agreements: list[MediaAgreement] = []
        self.rtp_received: list[bytes] = []
        self.keys_heard = ""
        self._session: RtpSession | None = None

    async def __aenter__(self) -> Phone:
        self._rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._rtp.setblocking(False)
        self._rtp.bind(("127.0.0.1", 0))
        self._media = LocalMedia("127.0.0.1", self._rtp.getsockname()[1], 1)
        asyncio.get_running_loop().add_reader(self._rtp, self._read_rtp)
        await self.endpoint.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                await until_async(lambda: self.endpoint.agent.held()["calls"] == 0, EVENT_WITHIN_S, "no call is left")
        finally:
            asyncio.get_running_loop().remove_reader(self._rtp)
            self._rtp.close()
            await self.endpoint.close()

    # What it does

    @property
    def offer(self) -> bytes:
        return make_offer(self._media)

    def call(self, flow: Flow, *, to: str = "callee", from_user: str = "enterprise", **more: Any) -> CallKey:
        """Place a call to the peer at `flow`."""
        target = f"{flow.host}:{flow.port}"
        parameter = "" if flow.transport == "UDP" else f";transport={flow.transport.lower()}"
        request = InviteRequest(
            to_uri=f"sip:{to}@{target}{parameter}",
            from_uri=f"sip:{from_user}@127.0.0.1",
            flow=flow,
            sdp=self.offer,
            **more,
        )
        return self.endpoint.invite(request)

    def answer(self, call: CallKey) -> None:
        """Ring and answer at once."""
        self.endpoint.ring(call)
        self.endpoint.answer(call, self._answer_to(self._offers[call]))

    def send_rtp(self, frames: int) -> None:
        """Some frames of PCMA silence to where the last agreement says."""
        agreed = self.agreements[-1]
        for number in range(frames):
            head = bytes([0x80, agreed.payload_type]) + number.to_bytes(2, "big")
            head += (number * FRAME_BYTES).to_bytes(4, "big") + b"BTIE"
            self._rtp.sendto(head + b"\xd5" * FRAME_BYTES, (agreed.remote_ip, agreed.remote_port))

    async def hear_echo(self, frames: int) -> None:
        """Send frames until as many as wanted came back."""

        def heard() -> bool:
            self.send_rtp(1)
            return len(self.rtp_received) >= frames

        await until_async(heard, 2 * EVENT_WITHIN_S, "RTP comes back")

    @asynccontextmanager
    async def talk(self) -> AsyncIterator[RtpSession]:
        """A media session of ours on the last agreement, sending every 20 ms."""
        session = self._session = RtpSession("call", ssrc=1, first_sequence=1, first_timestamp=0)
        session.connect(self.agreements[-1], self._now())
        agreed = self.agreements[-1]

        async def tick() -> None:
            loop = asyncio.get_running_loop()
            due = loop.time()
            while True:
                packet, _ = session.on_tick(self._now())
                if packet is not None:
                    self._rtp.sendto(packet, (agreed.remote_ip, agreed.remote_port))
                due += FRAME_S
                await asyncio.sleep(max(0.0, due - loop.time()))

        ticking = asyncio.create_task(tick())
        try:
            yield session
        finally:
            self._session = None
            ticking.cancel()

    def _now(self) -> Instant:
        return Instant(asyncio.get_running_loop().time())

    # What it sees

    async def event(self, kind: type[_E], call: CallKey | None = None, within_s: float = EVENT_WITHIN_S) -> _E:
        """Wait for the first event of this kind (of this call)."""

        def found() -> list[_E]:
            return [event for event in self.events if self._is(event, kind, call)]  # type: ignore[misc]

        try:
            return (await until_async(found, within_s, f"a {kind.__name__}"))[0]
        except AssertionError as error:
            raise AssertionError(f"{error}; there were {self.events}") from None

    def of(self, kind: type[_E], call: CallKey | None = None) -> list[_E]:
        return [event for event in self.events if self._is(event, kind, call)]  # type: ignore[misc]

    @staticmethod
    def _is(event: Event, kind: type[Any], call: CallKey | None) -> bool:
        return isinstance(event, kind) and (call is None or getattr(event, "call", None) == call)

    def agree_on(self, answer: bytes) -> MediaAgreement:
        """What an answer to our offer means; kept, so that RTP can be sent."""
        agreed = accept_answer(self._media, parse_sdp_untrusted(answer))
        assert isinstance(agreed, MediaAgreement), agreed
        self.agreements.append(agreed)
        return agreed

    def _answer_to(self, offer: bytes) -> bytes:
        if not offer:
            return self.offer
        body, agreed = make_answer(parse_sdp_untrusted(offer), self._media)
        assert isinstance(agreed, MediaAgreement), agreed
        assert body is not None
        self.agreements.append(agreed)
        return body

    @property
    def direction(self) -> Direction:
        """The direction agreed last."""
        return self.agreements[-1].direction

    def _take(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, CallOffered):
            self._offers[event.call] = event.sdp
            self._on_offer(self, event.call)
        elif isinstance(event, MediaOffered):
            self._media = self._media.changed()
            self.endpoint.accept_media(event.call, self._answer_to(event.sdp))

    def _read_rtp(self) -> None:
        try:
            while True:
                data, source = self._rtp.recvfrom(2048)
                self.rtp_received.append(data)
                if self._session is not None:
                    events = self._session.on_packet_untrusted(data, source, self._now())
                    self.keys_heard += "".join(event.key for event in events if isinstance(event, KeyPressed))
        except (BlockingIOError, ConnectionRefusedError):
            return
