"""Our gateway with our own message centre over TCP and TLS: what machines alone cannot show."""

import asyncio
import contextlib
import gc
import socket
import ssl
import subprocess
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import uvloop
from tests.peers.peers import free_port, require, until_async
from tests.peers.smpp.harness import ACCOUNT, CALLEE, PASSWORD, card, centre, gateway

from baitie.adapters.clock.loop_clock import LoopClock
from baitie.adapters.smpp.centre_server import CONNECTIONS_MAX, SmppCentreServer
from baitie.adapters.smpp.gateway import Endpoint, MessageCentreError, SmppGateway
from baitie.adapters.smpp.mapping import MobileNumbering
from baitie.app.ports.messages import (
    MessageAccepted,
    MessageEvent,
    MessageFateUnknown,
    MessageGateway,
    MessageReceipt,
    MessageReceived,
    MessageRefused,
    ReceiptState,
)
from baitie.kernel.errors import Party
from baitie.kernel.time import Instant
from baitie.wire.smpp.centre import CentreSettings
from baitie.wire.smpp.constants import MessageState
from baitie.wire.smpp.rulings import Accept, Ignore, Ruling, Submission
from baitie.wire.smpp.settings import ClientSettings

WITHIN_S = 15.0
RunLoop = Callable[[Coroutine[Any, Any, None]], None]
on_both_loops = pytest.mark.parametrize("run_loop", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])


def make_certificate(folder: Path) -> tuple[Path, Path]:
    openssl = require("openssl")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command + names, check=True, capture_output=True)
    return key, certificate


def test_the_gateway_fulfils_the_port() -> None:
    async def run() -> None:
        ours: MessageGateway = SmppGateway(Endpoint("127.0.0.1", 1), ClientSettings("a", "b"), LoopClock())
        assert ours is not None

    asyncio.run(run())


@on_both_loops
def test_cards_go_over_tls_and_a_strange_certificate_is_refused(tmp_path: Path, run_loop: RunLoop) -> None:
    key, certificate = make_certificate(tmp_path)

    async def run() -> None:
        theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        theirs.load_cert_chain(certificate, key)
        server = SmppCentreServer(CentreSettings({ACCOUNT: PASSWORD}), LoopClock(), tls=theirs)
        port = await server.start()
        trusting = ssl.create_default_context(cafile=str(certificate))
        settings = ClientSettings(ACCOUNT, PASSWORD)
        ours = SmppGateway(Endpoint("127.0.0.1", port, trusting), settings, LoopClock())
        events: list[MessageEvent] = []
        ours.listen(events.append)
        await ours.start()
        ours.submit(card("card"))
        await until_async(lambda: len(events) == 2, WITHIN_S, "answer and receipt")
        await ours.close()
        stranger = SmppGateway(Endpoint("127.0.0.1", port, ssl.create_default_context()), settings, LoopClock())
        with pytest.raises(MessageCentreError) as caught:
            await stranger.start()
        assert caught.value.details == {"address": f"127.0.0.1:{port}", "cause": "tls-failed"}
        await server.close()

    run_loop(run())


@on_both_loops
def test_a_centre_that_is_not_there_is_an_error_with_its_cause(run_loop: RunLoop) -> None:
    async def run() -> None:
        endpoint = Endpoint("127.0.0.1", free_port(socket.SOCK_STREAM))
        ours = SmppGateway(endpoint, ClientSettings(ACCOUNT, PASSWORD), LoopClock())
        with pytest.raises(MessageCentreError) as caught:
            await ours.start()
        assert caught.value.details == {"address": f"127.0.0.1:{endpoint.port}", "cause": "connect-failed"}

    run_loop(run())


def test_events_never_come_from_inside_submit() -> None:
    async def run() -> None:
        async with centre() as (_, port, _fates), gateway(port) as (ours, events):
            ours.submit(card("card", "x" * 161))
            assert events == []
            await until_async(lambda: events, WITHIN_S, "the refusal")
            assert events == [
                MessageRefused(card("card").card_id, "more-than-one-segment", Party.ENTERPRISE, may_resubmit=False)
            ]

    asyncio.run(run())


def test_a_listener_may_submit_from_an_event() -> None:
    async def run() -> None:
        async with centre() as (_, port, fates), gateway(port) as (ours, events):

            def on_event(event: MessageEvent) -> None:
                events.append(event)
                if isinstance(event, MessageReceipt) and event.card_id == "first":
                    ours.submit(card("second"))

            ours.listen(on_event)
            ours.submit(card("first"))
            await until_async(lambda: len(events) == 4, WITHIN_S, "both receipts")
            assert len(fates) == 2

    asyncio.run(run())


@on_both_loops
def test_a_reply_is_brought_again_when_the_listener_failed_to_keep_it(run_loop: RunLoop) -> None:
    async def run() -> None:
        failures: list[BaseException] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context["exception"]))
        async with centre() as (server, port, _), gateway(port) as (ours, events):

            def on_event(event: MessageEvent) -> None:
                events.append(event)
                if len(events) == 1:
                    raise OSError("disk full")

            ours.listen(on_event)
            assert server.originate(ACCOUNT, "8613812345678", "10690001", "R") is None
            await until_async(lambda: len(events) == 2, WITHIN_S, "the reply again")
            assert events == [MessageReceived(CALLEE, "R")] * 2
            assert [type(failure) for failure in failures] == [OSError]

    run_loop(run())


def test_a_reply_without_a_telephone_number_is_counted_and_answered() -> None:
    async def run() -> None:
        async with centre() as (server, port, _), gateway(port) as (ours, events):
            server.originate(ACCOUNT, "BANK", "10690001", "R")
            await until_async(lambda: ours.unattributed_messages == 1, WITHIN_S, "the reply")
            assert events == []

    asyncio.run(run())


@pytest.mark.parametrize(
    ("digits", "ton", "e164"),
    [
        ("8613812345678", 1, "+8613812345678"),
        ("+8613812345678", 0, "+8613812345678"),
        ("13812345678", 0, "+8613812345678"),
        ("13812345678", 2, "+8613812345678"),
        ("8613812345678", 0, "+8613812345678"),
        ("4915112345678", 1, "+4915112345678"),
        ("008613812345678", 0, "+8613812345678"),
        ("008613812345678", 1, "+8613812345678"),
        ("004915112345678", 0, "+4915112345678"),
        ("013812345678", 2, "+8613812345678"),
        ("10690001", 0, None),
        ("BANK", 5, None),
        ("", 1, None),
    ],
)
def test_numbers_of_handsets_are_read_as_the_centre_writes_them(digits: str, ton: int, e164: str | None) -> None:
    number = MobileNumbering().number_of(digits, ton)
    assert (number.e164() if number else None) == e164


@pytest.mark.parametrize(
    ("state", "reported"),
    [
        (MessageState.DELIVERED, ReceiptState.DELIVERED),
        (MessageState.EXPIRED, ReceiptState.EXPIRED),
        (MessageState.DELETED, ReceiptState.UNDELIVERABLE),
        (MessageState.UNDELIVERABLE, ReceiptState.UNDELIVERABLE),
        (MessageState.UNKNOWN, ReceiptState.UNKNOWN),
        (MessageState.REJECTED, ReceiptState.REJECTED),
    ],
)
def test_each_final_state_is_reported(state: MessageState, reported: ReceiptState) -> None:
    async def run() -> None:
        async with (
            centre(lambda submission, now: Accept(state=state)) as (_, port, _fates),
            gateway(port) as (ours, events),
        ):
            ours.submit(card("card"))
            await until_async(lambda: len(events) == 2, WITHIN_S, "answer and receipt")
            assert isinstance(events[1], MessageReceipt)
            assert events[1].state is reported

    asyncio.run(run())


@on_both_loops
def test_a_centre_that_drops_every_connection_for_a_while_loses_no_card_and_gets_none_twice(run_loop: RunLoop) -> None:
    taken: list[str] = []

    def policy(submission: Submission, now: Instant) -> Ruling:
        taken.append(submission.text)
        return Accept(answer_after_s=0.005, done_after_s=0.01)

    async def run() -> None:
        async with (
            centre(policy) as (server, port, _),
            gateway(port, reconnect_first_s=0.02, reconnect_max_s=0.05, window_max=4) as (ours, events),
        ):
            for number in range(300):
                ours.submit(card(f"card-{number}", f"Card {number}"))

            def has_taken(count: int) -> bool:
                return len(taken) >= count

            for already in (30, 100, 180):
                await until_async(partial(has_taken, already), WITHIN_S, f"{already} cards")
                server.drop_connections()
            await until_async(lambda: ours.unfinished == 0, WITHIN_S, "every card has its end")
            await until_async(lambda: len(ends_of(events)) == 300, WITHIN_S, "every end is told")
            assert len({event.card_id for event in ends_of(events)}) == 300
            assert len(set(taken)) == len(taken)
            assert 1 <= sum(isinstance(event, MessageFateUnknown) for event in events) <= 12

    run_loop(run())


def ends_of(events: list[MessageEvent]) -> list[MessageAccepted | MessageRefused | MessageFateUnknown]:
    return [event for event in events if isinstance(event, MessageAccepted | MessageRefused | MessageFateUnknown)]


@on_both_loops
def test_closing_ends_every_card_and_leaves_nothing_behind(run_loop: RunLoop) -> None:
    async def run() -> None:
        async with centre(lambda submission, now: Ignore()) as (_, port, _fates):
            async with gateway(port, window_max=2, response_timeout_s=0.2) as (ours, events):
                for number in range(5):
                    ours.submit(card(f"card-{number}"))
            assert len(ends_of(events)) == 5
            assert ours.unfinished == 0
        others = asyncio.all_tasks() - {asyncio.current_task()}
        assert not others

    run_loop(run())
    gc.collect()  # an unclosed transport would warn, and warnings are errors


def test_more_connections_than_the_bound_are_not_taken() -> None:
    async def run() -> None:
        async with centre() as (_, port, _fates):
            held: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
            for _ in range(CONNECTIONS_MAX):
                held.append(await asyncio.open_connection("127.0.0.1", port))
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            with contextlib.suppress(ConnectionResetError):
                assert await asyncio.wait_for(reader.read(1), WITHIN_S) == b""
            for _, other in [*held, (reader, writer)]:
                other.close()

    asyncio.run(run())


@pytest.mark.parametrize("settings", [{"bind_timeout_s": 0.2}])
def test_a_port_that_never_answers_the_bind_is_given_up(settings: dict[str, Any]) -> None:
    async def run() -> None:
        async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

        server = await asyncio.start_server(swallow, "127.0.0.1", 0)
        endpoint = Endpoint("127.0.0.1", server.sockets[0].getsockname()[1])
        ours = SmppGateway(endpoint, ClientSettings(ACCOUNT, PASSWORD, **settings), LoopClock())
        with pytest.raises(MessageCentreError) as caught:
            await ours.start()
        assert caught.value.details["cause"] == "bind-unanswered"
        server.close()

    asyncio.run(run())


@on_both_loops
def test_closing_does_not_wait_for_a_connection_that_does_not_come_about(run_loop: RunLoop) -> None:
    async def run() -> None:
        came = asyncio.Event()

        async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            came.set()
            await reader.read()
            writer.close()

        server = await asyncio.start_server(mute, "127.0.0.1", 0)
        endpoint = Endpoint("127.0.0.1", server.sockets[0].getsockname()[1], ssl.create_default_context(), 300.0)
        ours = SmppGateway(endpoint, ClientSettings(ACCOUNT, PASSWORD, response_timeout_s=300.0), LoopClock())
        starting = asyncio.ensure_future(ours.start())
        await asyncio.wait_for(came.wait(), WITHIN_S)
        ours.submit(card("card"))
        await asyncio.wait_for(ours.close(), WITHIN_S)
        with pytest.raises(MessageCentreError):
            await starting
        assert ours.unfinished == 0
        server.close()

    run_loop(run())
    gc.collect()
