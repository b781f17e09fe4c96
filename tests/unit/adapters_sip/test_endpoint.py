"""Unit: SIP endpoints on real sockets of 127.0.0.1: UDP, TCP, TLS, names, refusals, taken ports."""

import asyncio
import random
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import uvloop

from baitie.adapters.sip import EndpointSettings, SipEndpoint, SipSocketError, TlsSettings
from baitie.adapters.sip.settings import TlsSettingsError
from baitie.wire.sip.effects import (
    CallAnswered,
    CallConfirmed,
    CallEnded,
    CallFailed,
    CallOffered,
    CallProgressed,
    Event,
    Flow,
    MediaAnswered,
    MediaOffered,
)
from baitie.wire.sip.settings import InviteRequest

WITHIN_S = 10.0


class Phone:
    """An endpoint that keeps its events; `rules` act on them."""

    def __init__(self, seed: int, rules: Callable[["Phone", Event], None] | None = None, **settings: Any) -> None:
        self.events: list[Event] = []
        self._changed = asyncio.Event()
        self._rules = rules
        self.endpoint = SipEndpoint(EndpointSettings(**settings), random.Random(seed), self._on_event)

    def _on_event(self, event: Event) -> None:
        self.events.append(event)
        self._changed.set()
        if self._rules is not None:
            self._rules(self, event)

    async def until(self, kind: type[Event]) -> Any:
        """The first event of this kind, seen or to come."""
        async with asyncio.timeout(WITHIN_S):
            while True:
                for event in self.events:
                    if isinstance(event, kind):
                        return event
                self._changed.clear()
                await self._changed.wait()

    def flow(self, transport: str, host: str = "127.0.0.1") -> Flow:
        return Flow(transport, host, self.endpoint.addresses[transport][1])

    async def __aenter__(self) -> "Phone":
        await self.endpoint.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.endpoint.close()


def takes_calls(phone: Phone, event: Event) -> None:
    if isinstance(event, CallOffered):
        phone.endpoint.ring(event.call)
        phone.endpoint.answer(event.call, b"v=0 answer")
    elif isinstance(event, MediaOffered):
        phone.endpoint.accept_media(event.call, b"v=0 again")


def wish(flow: Flow, **changes: Any) -> InviteRequest:
    return InviteRequest("sip:callee@127.0.0.1", "sip:caller@127.0.0.1", flow, b"v=0 offer", **changes)


def runs(loop_of: str, coroutine: Any) -> None:
    if loop_of == "uvloop":
        uvloop.run(coroutine)
    else:
        asyncio.run(coroutine)


async def whole_call(near: Phone, far: Phone, flow: Flow) -> None:
    """Ringing, answer, a re-INVITE, BYE from the callee's side; both sides agree."""
    call = near.endpoint.invite(wish(flow))
    assert (await near.until(CallProgressed)).status == 180
    assert (await near.until(CallAnswered)).sdp == b"v=0 answer"
    confirmed = await far.until(CallConfirmed)
    near.endpoint.reinvite(call, b"v=0 other")
    assert (await near.until(MediaAnswered)).sdp == b"v=0 again"
    far.endpoint.hang_up(confirmed.call)
    assert (await near.until(CallEnded)).failure is None
    assert (await far.until(CallEnded)).failure is None


@pytest.mark.parametrize("loop_of", ["asyncio", "uvloop"])
@pytest.mark.parametrize("transport", ["UDP", "TCP", "TLS"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_whole_call_goes_over_every_transport_by_address_and_by_name(
    transport: str, host: str, loop_of: str, certificate: tuple[Path, Path]
) -> None:
    async def scene() -> None:
        tls = TlsSettings(certificate[0], certificate[1], ca_file=certificate[0])
        ports: dict[str, Any] = {"udp_port": 0, "tcp_port": 0, "tls_port": 0, "tls": tls}
        async with Phone(1, **ports) as near, Phone(2, takes_calls, **ports) as far:
            await whole_call(near, far, far.flow(transport, host))
            assert near.endpoint.counts.parse_errors == far.endpoint.counts.parse_errors == 0

    runs(loop_of, scene())


def test_many_calls_share_one_tcp_connection() -> None:
    async def scene() -> None:
        async with Phone(1, udp_port=None, tcp_port=0) as near, Phone(2, takes_calls, tcp_port=0) as far:
            flow = far.flow("TCP")
            calls = [near.endpoint.invite(wish(flow)) for _ in range(50)]
            async with asyncio.timeout(WITHIN_S):
                while sum(isinstance(event, CallConfirmed) for event in far.events) < 50:
                    await asyncio.sleep(0)
            assert len({event.flow for event in far.events if isinstance(event, CallOffered)}) == 1
            for call in calls:
                near.endpoint.hang_up(call)
            async with asyncio.timeout(WITHIN_S):
                while sum(isinstance(event, CallEnded) for event in near.events) < 50:
                    await asyncio.sleep(0)

    uvloop.run(scene())


@pytest.mark.parametrize("transport", ["TCP", "TLS"])
def test_a_refused_connection_fails_the_call_at_once_without_blame_for_the_callee(transport: str) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]

        async def scene() -> None:
            async with Phone(1) as near:
                near.endpoint.invite(wish(Flow(transport, "127.0.0.1", port)))
                assert (await near.until(CallFailed)).failure.cause == "trunk-unreachable"

        asyncio.run(scene())


def test_a_name_that_does_not_exist_fails_the_call() -> None:
    async def scene() -> None:
        async with Phone(1) as near:
            near.endpoint.invite(wish(Flow("UDP", "no-such-host.invalid", 5060)))
            assert (await near.until(CallFailed)).failure.cause == "trunk-unreachable"

    asyncio.run(scene())


def test_a_certificate_of_an_unknown_authority_is_not_trusted(certificate: tuple[Path, Path]) -> None:
    async def scene() -> None:
        tls = TlsSettings(certificate[0], certificate[1])
        async with Phone(1, tls=TlsSettings()) as near, Phone(2, takes_calls, tls_port=0, tls=tls) as far:
            near.endpoint.invite(wish(far.flow("TLS")))
            assert (await near.until(CallFailed)).failure.cause == "trunk-unreachable"
            assert far.events == []

    asyncio.run(scene())


def test_without_verification_any_certificate_will_do(certificate: tuple[Path, Path]) -> None:
    async def scene() -> None:
        tls = TlsSettings(certificate[0], certificate[1])
        async with Phone(1, tls=TlsSettings(verify=False)) as near, Phone(2, takes_calls, tls_port=0, tls=tls) as far:
            near.endpoint.invite(wish(far.flow("TLS")))
            await near.until(CallAnswered)

    asyncio.run(scene())


def test_a_peer_that_dies_while_it_rings_leaves_the_outcome_unknown() -> None:
    async def scene() -> None:
        rings = lambda phone, event: phone.endpoint.ring(event.call) if isinstance(event, CallOffered) else None  # noqa: E731
        async with Phone(1) as near:
            async with Phone(2, rings, tcp_port=0) as far:
                near.endpoint.invite(wish(far.flow("TCP")))
                await near.until(CallProgressed)
            assert (await near.until(CallFailed)).failure.cause == "transport-broken"

    asyncio.run(scene())


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_port_that_is_taken_is_told_in_one_error_and_nothing_stays_open(transport: str) -> None:
    async def scene() -> None:
        async with Phone(1, udp_port=0, tcp_port=0) as first:
            taken = first.endpoint.addresses[transport.upper()][1]
            ports: dict[str, Any] = {"udp_port": 0, "tcp_port": 0, f"{transport}_port": taken}
            with pytest.raises(SipSocketError):
                await SipEndpoint(EndpointSettings(**ports), random.Random(2), lambda event: None).start()

    asyncio.run(scene())


@pytest.mark.parametrize("tls", [TlsSettings(), TlsSettings(Path("/nowhere/cert.pem"), Path("/nowhere/key.pem"))])
def test_tls_without_a_usable_certificate_is_told(tls: TlsSettings) -> None:
    async def scene() -> None:
        with pytest.raises(TlsSettingsError):
            await SipEndpoint(EndpointSettings(tls_port=0, tls=tls), random.Random(1), lambda event: None).start()

    asyncio.run(scene())


def test_garbage_on_a_stream_closes_that_connection_only() -> None:
    async def scene() -> None:
        async with Phone(1) as near, Phone(2, takes_calls, tcp_port=0) as far:
            reader, writer = await asyncio.open_connection("127.0.0.1", far.endpoint.addresses["TCP"][1])
            writer.write(b"\r\n\r\n")
            async with asyncio.timeout(WITHIN_S):
                assert await reader.readexactly(2) == b"\r\n"
                writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                assert await reader.read() == b""
            writer.close()
            near.endpoint.invite(wish(far.flow("TCP")))
            await near.until(CallAnswered)

    asyncio.run(scene())


def test_lost_datagrams_are_sent_again_by_the_endpoint_s_own_timer() -> None:
    async def scene() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            silent.setblocking(False)
            async with Phone(1) as near:
                near.endpoint.invite(wish(Flow("UDP", *silent.getsockname())))
                loop = asyncio.get_running_loop()
                async with asyncio.timeout(WITHIN_S):
                    first = await loop.sock_recv(silent, 65_535)
                    second = await loop.sock_recv(silent, 65_535)
                assert first == second
                assert near.endpoint.counts.retransmissions_sent == 1

    asyncio.run(scene())


def test_a_listener_that_fails_does_not_keep_messages_from_leaving() -> None:
    async def scene() -> None:
        told: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context))

        def fails(phone: Phone, event: Event) -> None:
            takes_calls(phone, event)
            raise RuntimeError("owner's mistake")

        async with Phone(1) as near, Phone(2, fails) as far:
            near.endpoint.invite(wish(far.flow("UDP")))
            await near.until(CallAnswered)
            await far.until(CallConfirmed)
        assert {str(context["exception"]) for context in told} == {"owner's mistake"}

    asyncio.run(scene())


def test_after_closing_nothing_is_sent_and_no_timer_runs() -> None:
    async def scene() -> None:
        phone = Phone(1, tcp_port=0)
        await phone.endpoint.start()
        await phone.endpoint.close()
        phone.endpoint.invite(wish(Flow("TCP", "127.0.0.1", 9)))
        await phone.endpoint.close()
        assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []

    asyncio.run(scene())
