"""Real sockets on the callee's page: who is silent, slow or many shuts nobody out."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.types import Message, Receive, Scope, Send
from tests.web.pages import World

from baitie.bootstrap.page import server_config
from baitie.bootstrap.page_connections import ConnectionBounds
from baitie.files.organisation_settings import PageFileSettings
from baitie.web.callee.guard import AtOnce

WITHIN_S = 30
"""So long a test waits for what must come; nothing depends on how fast it comes."""

SILENT = 600
GET = b"GET /robots.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
KEPT = b"GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 20\r\n\r\n"
HELD = ConnectionBounds(head_max_s=3600, body_max_s=3600, answer_max_s=3600)


@contextlib.contextmanager
def serving(bounds: ConnectionBounds, **page: object) -> Iterator[int]:
    world = World()
    config = server_config(world.site.app, PageFileSettings.model_validate({"port": 0, **page}), bounds)
    config.log_level, config.lifespan = "critical", "off"
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=asyncio.run, args=(server.serve([listening]),))
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = server.force_exit = True
        thread.join(WITHIN_S)


def connect(port: int, address: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), WITHIN_S, (address, 0))


def told(connection: socket.socket, octets: bytes) -> bytes:
    """What comes back for these octets until the server ends the connection."""
    said = b""
    with connection, contextlib.suppress(ConnectionError):
        connection.sendall(octets)
        while more := connection.recv(65_536):
            said += more
    return said


@pytest.mark.parametrize("visitor", ["127.0.0.1", "127.0.0.2"])
@pytest.mark.parametrize("beginning", [b"", b"GET / HTTP/1.1\r\nHos"])
def test_hundreds_of_silent_connections_shut_nobody_out(visitor: str, beginning: bytes) -> None:
    with serving(HELD) as port, contextlib.ExitStack() as held:
        for _ in range(SILENT):
            connection = held.enter_context(connect(port))
            with contextlib.suppress(ConnectionError):
                connection.sendall(beginning)
        assert b"200 OK" in told(connect(port, visitor), GET)


def test_silence_from_many_addresses_shuts_nobody_out_either() -> None:
    with serving(ConnectionBounds(head_max_s=3600, all_max=100)) as port, contextlib.ExitStack() as held:
        for number in range(SILENT):
            held.enter_context(connect(port, f"127.0.1.{number % 250 + 1}"))
        assert b"200 OK" in told(connect(port), GET)


def test_bodies_that_do_not_come_shut_other_addresses_not_out() -> None:
    with serving(HELD) as port, contextlib.ExitStack() as held:
        for _ in range(SILENT):
            connection = held.enter_context(connect(port))
            with contextlib.suppress(ConnectionError):
                connection.sendall(POST)
        assert b"200 OK" in told(connect(port, "127.0.0.2"), GET)


def test_a_trusted_proxy_may_keep_more_connections_than_an_address() -> None:
    bounds = ConnectionBounds(head_max_s=3600, per_address_max=4)
    with serving(bounds, trusted_proxies=["127.0.0.0/8"]) as port:
        kept = [connect(port) for _ in range(20)]
        assert all(b"200 OK" in told(connection, GET) for connection in kept)


@pytest.mark.parametrize(
    "octets",
    [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-", POST + b"code=", KEPT + b"GET /robots.txt HTTP/1.1\r\nHo"],
    ids=["nothing", "half a head", "half a body", "half a second head"],
)
def test_what_does_not_go_on_is_ended(octets: bytes) -> None:
    with serving(ConnectionBounds(head_max_s=0.2, body_max_s=0.2)) as port:
        told(connect(port), octets)  # which returns when the server has ended it, and fails when it has not


@pytest.mark.parametrize("beginning", [b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", POST.replace(b"20", b"4000")])
def test_octets_that_drip_lengthen_nothing(beginning: bytes) -> None:
    with serving(ConnectionBounds(head_max_s=0.3, body_max_s=0.3)) as port, connect(port) as connection:
        connection.settimeout(0.05)
        connection.sendall(beginning)
        for _ in range(int(WITHIN_S / 0.05)):  # one octet each time that nothing has come
            try:
                assert connection.recv(1) == b""
                return
            except TimeoutError:
                connection.send(b"a")
            except ConnectionError:
                return
    pytest.fail("dripping octets kept the connection open")


def test_who_reads_no_answer_is_ended() -> None:
    with (
        serving(ConnectionBounds(answer_max_s=0.2, head_max_s=3600)) as port,
        connect(port) as connection,
        pytest.raises(ConnectionError),
    ):
        connection.sendall(KEPT.replace(b"/robots.txt", b"/") * 1_000_000)


def test_beyond_so_many_requests_in_progress_the_answer_is_503_at_once() -> None:
    said: list[int] = []

    async def told_in_turn() -> None:
        release = asyncio.Event()

        async def slow(scope: Scope, receive: Receive, send: Send) -> None:
            await release.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})

        async def note(message: Message) -> None:
            said.extend([message["status"]] if "status" in message else [])

        async def nothing() -> Message:
            return {"type": "http.disconnect"}

        bounded = AtOnce(slow, at_once_max=2)
        scope: Scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
        requests = [asyncio.create_task(bounded(scope, nothing, note)) for _ in range(3)]
        await requests[2]
        release.set()
        await asyncio.gather(*requests)

    asyncio.run(told_in_turn())
    assert said == [503, 200, 200]
