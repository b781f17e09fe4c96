"""A small HTTP/1.1 server on h11: answers POSTs with bounded bodies. For callbacks of vendors, and for their side."""

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import h11

BODY_OCTETS_MAX = 1_048_576
CONNECTIONS_MAX = 256
IDLE_MAX_S = 60.0
"""Between two requests of a connection."""

REQUEST_MAX_S = 30.0
"""From the first octet of a request to its last: dripping octets hold no connection for ever."""

READ_OCTETS = 65_536


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request (请求) with its whole body; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """One answer (应答). `drops` breaks the connection in its place."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    drops: bool = False


Answering: TypeAlias = Callable[[HttpRequest], Awaitable[HttpAnswer]]


class HttpServer:
    """HTTP server (HTTP 服务) that hands every request to `answering`. Start it inside a running loop."""

    def __init__(
        self, answering: Answering, tls: ssl.SSLContext | None = None, request_max_s: float = REQUEST_MAX_S
    ) -> None:
        self._answering = answering
        self._request_max_s = request_max_s
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen; returns the port, which the system chooses for 0. Raises OSError when it is taken."""
        self._server = await asyncio.start_server(self._on_connection, host, port, ssl=self._tls)
        bound_port: int = self._server.sockets[0].getsockname()[1]
        return bound_port

    async def close(self) -> None:
        """Stop listening and break every connection."""
        if self._server is not None:
            self._server.close()
        for task in list(self._connections):
            task.cancel()
        if self._connections:
            await asyncio.wait(self._connections)

    async def _on_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if len(self._connections) >= CONNECTIONS_MAX:
            writer.transport.abort()
            return
        self._connections.add(task)
        try:
            with contextlib.suppress(h11.ProtocolError, ConnectionError, TimeoutError, asyncio.CancelledError):
                await self._converse(reader, writer)
        finally:
            self._connections.discard(task)
            writer.transport.abort()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        while True:
            request = await _read_request(connection, reader, writer, self._request_max_s)
            if request is None:
                return
            answer = await self._answering(request)
            if answer.drops:
                return
            headers = {"content-length": str(len(answer.body)), **answer.headers}
            head = h11.Response(status_code=answer.status, headers=list(headers.items()))
            body = b"" if request.method == "HEAD" else answer.body
            out = (connection.send(part) for part in (head, h11.Data(data=body), h11.EndOfMessage()))
            writer.write(b"".join(octets for octets in out if octets))
            await writer.drain()
            if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                return
            connection.start_next_cycle()


async def _read_request(
    connection: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request_max_s: float
) -> HttpRequest | None:
    """The next request of a connection; None when it is over or the request is too large."""
    head: h11.Request | None = None
    body = bytearray()
    ends_at: float | None = None  # on the loop's clock, once the request has begun
    now = asyncio.get_running_loop().time
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            if connection.they_are_waiting_for_100_continue:  # RFC 9110 §10.1.1: else some wait for seconds
                writer.write(connection.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
            async with asyncio.timeout_at(now() + IDLE_MAX_S if ends_at is None else ends_at):
                connection.receive_data(await reader.read(READ_OCTETS))
            ends_at = ends_at or now() + request_max_s
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > BODY_OCTETS_MAX:
                return None
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
            return HttpRequest(head.method.decode(), head.target.decode("latin-1"), headers, bytes(body))
        else:
            return None
