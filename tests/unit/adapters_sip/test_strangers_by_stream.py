"""Unit: connections of strangers take no room of ours, and none lasts without whole messages."""

import asyncio
import contextlib
import random
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import uvloop

from baitie.adapters.sip import EndpointSettings, SipEndpoint, TlsSettings
from baitie.wire.sip.effects import CallFailed, CallProgressed, Event, Flow
from baitie.wire.sip.settings import InviteRequest

WITHIN_S = 10.0
HOST = "127.0.0.1"
STRANGERS = ("127.0.0.11", "127.0.0.12", "127.0.0.13")

_VISITORS: list[asyncio.StreamWriter] = []
"""Connections of the test that are still to be closed."""

Scenario = Callable[[SipEndpoint, list[Event]], Awaitable[None]]


def on_endpoint(
    scenario: Scenario, loop: Callable[[], asyncio.AbstractEventLoop] | None = None, **settings: Any
) -> None:
    async def main() -> None:
        events: list[Event] = []
        chosen = {"tcp_port": 0, "udp_port": None, "known_hosts": frozenset({HOST})} | settings
        endpoint = SipEndpoint(EndpointSettings(**chosen), random.Random(1), events.append)
        await endpoint.start()
        try:
            async with asyncio.timeout(WITHIN_S):
                await scenario(endpoint, events)
        finally:
            await endpoint.close()
            while _VISITORS:
                writer = _VISITORS.pop()
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(main())


async def knock(
    endpoint: SipEndpoint, source: str, transport: str = "TCP"
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, port = endpoint.addresses[transport]
    found = await asyncio.open_connection(host, port, local_addr=(source, 0))
    _VISITORS.append(found[1])
    return found


async def is_closed(reader: asyncio.StreamReader) -> bool:
    """Whether the far end closes the connection before it says anything; waits for it."""
    try:
        return await reader.read(1) == b""
    except ConnectionError:
        return True


def options(branch: str, length: str = "0", host: str = HOST) -> bytes:
    return (
        f"OPTIONS sip:us@{host} SIP/2.0\r\nVia: SIP/2.0/TCP {host};branch=z9hG4bK{branch};rport\r\nMax-Forwards: 70\r\n"
        f"From: <sip:x@{host}>;tag=1\r\nTo: <sip:us@{host}>\r\nCall-ID: {branch}\r\nCSeq: 1 OPTIONS\r\n"
        f"l: {length}\r\n\r\n"
    ).encode()


async def status(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    return int(head.split()[1])


async def held(endpoint: SipEndpoint, count: int) -> None:
    while len(endpoint._streams._open) != count:
        await asyncio.sleep(0)


def test_strangers_fill_their_own_room_only() -> None:
    async def scenario(endpoint: SipEndpoint, events: list[Event]) -> None:
        kept = [await knock(endpoint, STRANGERS[number // 2]) for number in range(6)]
        more = [await knock(endpoint, source) for source in STRANGERS]
        assert [await is_closed(reader) for reader, _ in more] == [True] * 3
        await held(endpoint, 5)
        # The trunk still comes in, and our own calls still go out.
        reader, writer = await knock(endpoint, HOST)
        writer.write(options("trunk"))
        assert await status(reader) == 200
        carrier = await asyncio.start_server(lambda _, writer: _VISITORS.append(writer), HOST, 0)
        port = carrier.sockets[0].getsockname()[1]
        flow = Flow("TCP", HOST, port)
        endpoint.invite(InviteRequest(f"sip:x@{HOST}:{port}", "sip:us@127.0.0.1", flow, b""))
        await held(endpoint, 7)
        assert not [event for event in events if isinstance(event, CallFailed)]
        for _, kept_writer in kept:
            kept_writer.close()
        await held(endpoint, 2)
        reader, writer = await knock(endpoint, STRANGERS[0])
        writer.write(options("again"))
        assert await status(reader) == 403
        carrier.close()

    on_endpoint(scenario, max_stranger_connections=5, max_connections_per_stranger=2, max_connections=2)


def test_without_known_addresses_those_who_come_in_take_no_room_of_those_that_we_open() -> None:
    async def scenario(endpoint: SipEndpoint, events: list[Event]) -> None:
        idle = [await knock(endpoint, HOST) for _ in range(3)]
        assert await is_closed(idle[2][0])
        carrier = SipEndpoint(EndpointSettings(udp_port=None, tcp_port=0), random.Random(2), lambda event: None)
        await carrier.start()
        flow = Flow("TCP", HOST, carrier.addresses["TCP"][1])
        endpoint.invite(InviteRequest(f"sip:x@{HOST}", "sip:us@127.0.0.1", flow, b""))
        await held(endpoint, 3)
        await carrier.close()

    on_endpoint(scenario, known_hosts=None, max_connections=2)


@pytest.mark.parametrize("source", [HOST, STRANGERS[0]])
@pytest.mark.parametrize("begun", [b"", b"\r", options("whole") + b"OPT", options("slow", length="500")])
def test_a_message_that_does_not_come_to_its_end_closes_the_connection(source: str, begun: bytes) -> None:
    async def scenario(endpoint: SipEndpoint, events: list[Event]) -> None:
        reader, writer = await knock(endpoint, source)
        streams = endpoint._streams
        await held(endpoint, 1)
        writer.write(begun or b"OPTIONS sip:us@127.0.0.1 SIP/2.0\r\n")
        (connection,) = streams._open.values()
        while connection.began_at is None:
            await asyncio.sleep(0)
        if begun.startswith(options("whole")):
            await status(reader)
        first_at = connection.began_at
        connection.data_received(b"X-Drop: 1\r\n" if begun != b"\r" else b"")  # one more drop gives no more time
        assert connection.began_at == first_at
        streams.close_idle()
        assert len(streams._open) == 1
        connection.began_at -= 10.1
        streams.close_idle()
        assert await is_closed(reader)

    on_endpoint(scenario)


def test_a_stranger_who_says_nothing_goes_sooner_than_the_trunk() -> None:
    async def scenario(endpoint: SipEndpoint, events: list[Event]) -> None:
        readers = [(await knock(endpoint, source))[0] for source in (HOST, STRANGERS[0])]
        await held(endpoint, 2)
        for connection in endpoint._streams._open.values():
            connection.used_at -= 33
        endpoint._streams.close_idle()
        assert await is_closed(readers[1])
        await held(endpoint, 1)

    on_endpoint(scenario)


def test_pings_are_answered_and_keep_a_connection() -> None:
    async def scenario(endpoint: SipEndpoint, events: list[Event]) -> None:
        reader, writer = await knock(endpoint, HOST)
        writer.write(b"\r\n\r\n")
        assert await reader.readexactly(2) == b"\r\n"
        (connection,) = endpoint._streams._open.values()
        assert connection.began_at is None

    on_endpoint(scenario)


@pytest.mark.parametrize(
    ("wrong", "answer"),
    [
        (options("x").replace(b"l: 0", b"l: -9"), 400),
        (options("x").replace(b"l: 0", b"l: 0\r\nl: 0"), 400),
        (options("x").replace(b"l: 0\r\n", b""), 400),
        (options("x", length="99999999"), 413),
    ],
)
def test_a_message_out_of_step_is_answered_after_those_before_it_and_the_connection_closed(
    wrong: bytes, answer: int
) -> None:
    async def scenario(endpoint: SipEndpoint, events: list[Event]) -> None:
        reader, writer = await knock(endpoint, HOST)
        writer.write(options("good") + wrong)
        assert [await status(reader), await status(reader)] == [200, answer]
        assert await is_closed(reader)

    on_endpoint(scenario)


def test_no_connection_is_opened_to_a_stranger_who_has_hung_up() -> None:
    async def scenario(endpoint: SipEndpoint, events: list[Event]) -> None:
        _, writer = await knock(endpoint, STRANGERS[0])
        port = writer.get_extra_info("sockname")[1]
        writer.transport.abort()
        await held(endpoint, 0)
        endpoint._streams.send(b"x", Flow("TCP", STRANGERS[0], port))
        assert not endpoint._streams._waiting

    on_endpoint(scenario)


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_who_shakes_no_hands_by_tls_holds_strangers_room_only_and_for_a_bounded_time(
    certificate: tuple[Path, Path],
    loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def scenario(endpoint: SipEndpoint, events: list[Event]) -> None:
        silent = [await knock(endpoint, STRANGERS[0], "TLS") for _ in range(2)]
        late = await knock(endpoint, STRANGERS[0], "TLS")
        assert await is_closed(late[0])
        context = ssl.create_default_context(cafile=certificate[0])
        host, port = endpoint.addresses["TLS"]
        reader, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname="localhost")
        _VISITORS.append(writer)
        writer.write(options("trunk"))
        assert await status(reader) == 200
        assert [await is_closed(reader) for reader, _ in silent] == [True, True]
        again = await knock(endpoint, STRANGERS[0], "TLS")
        again[1].close()

    tls = TlsSettings(certificate[0], certificate[1])
    on_endpoint(scenario, loop, tls_port=0, tls=tls, max_connections_per_stranger=2, message_within_s=1.0)


def test_the_answer_of_the_trunk_comes_over_the_connection_that_we_opened() -> None:
    async def scenario(endpoint: SipEndpoint, events: list[Event]) -> None:
        async def carrier(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lines = [
                line for line in head.split("\r\n") if line.split(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq")
            ]
            text = "\r\n".join(["SIP/2.0 180 Ringing", *lines, "l: 0", "", ""]).replace(
                "\r\nCall-ID", ";tag=9\r\nCall-ID"
            )
            writer.write(text.encode())
            _VISITORS.append(writer)

        server = await asyncio.start_server(carrier, HOST, 0)
        flow = Flow("TCP", HOST, server.sockets[0].getsockname()[1])
        endpoint.invite(InviteRequest(f"sip:x@{HOST}", "sip:us@127.0.0.1", flow, b""))
        while not [event for event in events if isinstance(event, CallProgressed)]:
            await asyncio.sleep(0)
        server.close()

    on_endpoint(scenario)
