"""A gateway on real sockets, and a callee made by hand: what it says in SIP is what the test says, octet by octet."""

import asyncio
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from tests.unit.wire.sip.desk import from_callee, reply_bytes

from baitie.adapters.calls import EmbeddedCallGateway, TrunkRoute
from baitie.adapters.calls.in_order import HostNames, Resolve, resolve
from baitie.adapters.clock import SystemRng
from baitie.adapters.media import MediaEngine, MediaPlane
from baitie.adapters.sip.endpoint import SipEndpoint
from baitie.adapters.sip.settings import EndpointSettings
from baitie.app.ports.calls import CallEvent, PlaceCall
from baitie.kernel.ids import AttemptId
from baitie.kernel.phone import PhoneNumber
from baitie.wire.sip.auth import Credentials
from baitie.wire.sip.effects import Flow
from baitie.wire.sip.message import Message, Request, Response, parse_message_untrusted

HOST = "127.0.0.1"
ATTEMPT = AttemptId("at_1")
WITHIN_S = 8.0
PROMPT = "prompt"
E = TypeVar("E")


async def until(condition: Callable[[], Any], what: str) -> Any:
    """The condition's value once there is one."""
    loop = asyncio.get_running_loop()
    end = loop.time() + WITHIN_S
    while not (found := condition()):
        assert loop.time() < end, what
        await asyncio.sleep(0.01)
    return found


class Ear(asyncio.DatagramProtocol):
    """An RTP socket that counts what it hears."""

    def __init__(self) -> None:
        self.heard = 0

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.heard += 1
        self.source = addr

    async def open(self) -> "Ear":
        self.transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, (HOST, 0))
        self.port = int(self.transport.get_extra_info("sockname")[1])
        return self

    def press(self, key: int, timestamp: int, payload_type: int = 101) -> None:
        """One press as a telephone event, whole in its first packet and its end."""
        for sequence, end in enumerate((0, 0x80), start=timestamp // 10):
            header = struct.pack("!BBHII", 0x80, payload_type, sequence & 0xFFFF, timestamp, 7)
            self.transport.sendto(header + struct.pack("!BBH", key, end | 10, 400), self.source)


@dataclass
class Callee(asyncio.DatagramProtocol):
    """The far end; also the registrar, if one is asked."""

    messages: list[Message] = field(default_factory=list)
    address: tuple[str, int] = (HOST, 0)

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.address = transport.get_extra_info("sockname")[:2]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if len(data) > 4:
            self.gateway = addr
            self.messages.append(parse_message_untrusted(data))

    async def request(self, method: str, count: int = 1) -> Request:
        """The n-th request of this method, retransmissions left out."""

        def found() -> Request | None:
            seen = {m.first("via"): m for m in self.messages if isinstance(m, Request) and m.method == method}
            return list(seen.values())[count - 1] if len(seen) >= count else None

        return await until(found, f"no {method}")

    async def response(self, cseq: str, status: int = 200) -> Response:
        """The final answer to a request of ours."""

        def found() -> Response | None:
            for message in self.messages:
                if isinstance(message, Response) and message.first("cseq") == cseq and message.status >= 200:
                    return message
            return None

        answer: Response = await until(found, f"no answer to {cseq}")
        assert answer.status == status, answer.head
        return answer

    def reply(self, request: Request, status: int, extra: str = "", body: bytes = b"") -> None:
        host, port = self.address
        contact = f"Contact: <sip:callee@{host}:{port}>\r\n"
        self.transport.sendto(reply_bytes(request, status, extra=contact + extra, body=body), self.gateway)

    def send(self, method: str, cseq: int, invite: Request, extra: str = "", body: bytes = b"") -> None:
        """A request within the dialog of the call that was placed to us."""
        text = from_callee(method, cseq, invite, extra=extra, body=body)
        host, port = self.address
        text = text.replace("SIP/2.0/UDP 10.0.0.2:5060", f"SIP/2.0/UDP {host}:{port}")
        text = text.replace("sip:callee@10.0.0.2:5060", f"sip:callee@{host}:{port}")
        self.transport.sendto(text.encode("latin-1"), self.gateway)


def sdp(ear: Ear, *attributes: str, formats: str = "8 101", host: str = HOST) -> bytes:
    """A description of this ear."""
    lines = [
        "v=0",
        f"o=- 1 1 IN IP4 {HOST}",
        "s=-",
        f"c=IN IP4 {host}",
        "t=0 0",
        f"m=audio {ear.port} RTP/AVP {formats}",
    ]
    maps = ["rtpmap:101 telephone-event/8000"] if "101" in formats else []
    return "".join(f"{line}\r\n" for line in [*lines, *(f"a={entry}" for entry in (*maps, *attributes))]).encode()


@dataclass
class Story:
    """A gateway, a callee, and what the gateway told."""

    gateway: EmbeddedCallGateway
    callee: Callee
    told: list[CallEvent] = field(default_factory=list)
    ears: list[Ear] = field(default_factory=list)

    async def ear(self) -> Ear:
        """A fresh RTP socket of the far end."""
        self.ears.append(await Ear().open())
        return self.ears[-1]

    async def place(self) -> Request:
        order = PlaceCall(
            ATTEMPT, PhoneNumber("+8613800000001"), PhoneNumber("+862150000100"), "", "main", 10, 30, None
        )
        self.gateway.place(order)
        return await self.callee.request("INVITE")

    async def event(self, kind: type[E]) -> E:
        """The first event of this kind."""
        return await until(lambda: next((event for event in self.told if isinstance(event, kind)), None), str(kind))

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.told if isinstance(event, kind)]

    async def hears(self, ear: Ear, other: Ear | None = None) -> None:
        """The ear hears us now, and the other one nothing any more."""
        before, gone = ear.heard, 0 if other is None else other.heard
        await until(lambda: ear.heard >= before + 5, "nothing heard")
        assert other is None or other.heard <= gone + 1, "the old address still hears"


def tell(
    story: Callable[[Story], Awaitable[None]],
    prompt: Path,
    resolver: Resolve = resolve,
    registers: bool = False,
    media: MediaPlane | None = None,
) -> list[CallEvent]:
    """Run a story; gives all that the gateway told until it closed."""

    async def main() -> list[CallEvent]:
        loop = asyncio.get_running_loop()
        prompt.write_bytes(bytes(range(128)) * 800)
        _, callee = await loop.create_datagram_endpoint(Callee, (HOST, 0))
        flow = Flow("UDP", *callee.address)
        credentials = Credentials("u", "p") if registers else None
        gateway = EmbeddedCallGateway(
            make_endpoint=lambda listener: SipEndpoint(
                EndpointSettings(bind_host=HOST, udp_port=0), SystemRng(), listener
            ),
            media=media or MediaEngine(HOST),
            media_address=HOST,
            routes={"main": TrunkRoute("main", flow, HOST, credentials=credentials, registers=registers)},
            prompts={PROMPT: prompt},
            names=HostNames(resolver),
        )
        told = Story(gateway, callee)
        gateway.listen(told.told.append)
        try:
            if registers:
                await story(told)
            else:
                await gateway.start()
                await story(told)
        finally:
            if not registers:
                answering = loop.create_task(_says_yes(callee))
                await gateway.close()
                answering.cancel()
            for transport in (callee.transport, *(ear.transport for ear in told.ears)):
                transport.close()
            await asyncio.sleep(0)  # asyncio closes in the next turn
        return told.told

    return asyncio.run(main())


async def _says_yes(callee: Callee) -> None:
    """Whatever is left is answered, so that closing need not wait."""
    done = 0
    while True:
        for message in callee.messages[done:]:
            if isinstance(message, Request) and message.method in ("BYE", "CANCEL"):
                callee.reply(message, 200)
        done = len(callee.messages)
        await asyncio.sleep(0.01)
