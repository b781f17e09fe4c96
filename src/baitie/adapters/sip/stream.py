"""TCP and TLS connections of a SIP endpoint: opened on demand, reused, closed when idle or out of step."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Any, Final, cast

from baitie.adapters.sip.settings import EndpointSettings, SipSocketError
from baitie.wire.sip.effects import Flow
from baitie.wire.sip.errors import SipParseError
from baitie.wire.sip.framing import PING, PONG, StreamFramer

MAX_WRITE_BUFFER_BYTES: Final = 4 * 1024 * 1024
"""A far end that reads so slowly is as good as gone."""
GOODBYE_WITHIN_S: Final = 1.0
"""How long closing waits for a far end to take what is left, and on TLS to say goodbye."""


class Connection(asyncio.Protocol):
    """One connection, taken or opened. `flow` names its far end."""

    def __init__(self, owner: "Streams", transport_name: str, flow: Flow | None) -> None:
        self._owner = owner
        self._name = transport_name
        self._framer = StreamFramer()
        self._transport: asyncio.Transport | None = None
        self.flow = flow
        self.used_at = 0.0
        self.gone: asyncio.Future[None] = owner.loop.create_future()
        """Done when the connection is gone."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is up."""
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        if self.flow is None:
            self.flow = Flow(self._name, peer[0], peer[1])
        self._owner.opened(self)

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        flow = self.flow
        assert flow is not None, "a connection that is up has its far end"
        self.used_at = self._owner.loop.time()
        try:
            for message in self._framer.feed_untrusted(data):
                if message == PING:
                    self.write(PONG)
                else:
                    self._owner.on_message(message, flow)
        except SipParseError:
            self._owner.framing_errors += 1
            self.abort()
        self._owner.after_batch()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        if not self.gone.done():
            self.gone.set_result(None)
        self._owner.lost(self)

    def write(self, data: bytes) -> None:
        """Hands bytes to the connection; one whose far end does not read is broken off."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        self.used_at = self._owner.loop.time()
        transport.write(data)
        if transport.get_write_buffer_size() > MAX_WRITE_BUFFER_BYTES:
            self.abort()

    def close(self) -> None:
        """Closes it after what was written has left."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Closes it at once."""
        if self._transport is not None:
            self._transport.abort()


class Streams:
    """All connections of one endpoint, by far end."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        settings: EndpointSettings,
        on_message: Callable[[bytes, Flow], None],
        after_batch: Callable[[], None],
        on_failed: Callable[[Flow, bool], None],
    ) -> None:
        self.loop = loop
        self.on_message = on_message
        self.after_batch = after_batch
        self.framing_errors = 0
        self._settings = settings
        self._on_failed = on_failed
        self._open: dict[Flow, Connection] = {}
        self._waiting: dict[Flow, list[bytes]] = {}
        self._opening: set[asyncio.Task[None]] = set()
        self._servers: list[asyncio.Server] = []
        self._client_context: ssl.SSLContext | None = None
        self._closing = False

    async def listen(self, transport_name: str, host: str, port: int) -> tuple[str, int]:
        """Takes connections. Raises `SipSocketError`, `TlsSettingsError`."""
        context = self._settings.tls.server_context() if transport_name == "TLS" else None
        try:
            server = await self.loop.create_server(
                lambda: Connection(self, transport_name, None), host, port, ssl=context
            )
        except OSError as error:
            raise SipSocketError(transport=transport_name, host=host, port=port) from error
        self._servers.append(server)
        name: tuple[Any, ...] = server.sockets[0].getsockname()
        return name[0], name[1]

    def send(self, data: bytes, flow: Flow) -> None:
        """Writes to the open connection, or opens one and writes then."""
        connection = self._open.get(flow)
        if connection is not None:
            connection.write(data)
            return
        if self._closing:
            return
        waiting = self._waiting.get(flow)
        if waiting is not None:
            if len(waiting) < self._settings.max_queued_messages:
                waiting.append(data)
            return
        self._waiting[flow] = [data]
        task = self.loop.create_task(self._connect(flow))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _connect(self, flow: Flow) -> None:
        try:
            if len(self._open) + len(self._waiting) > self._settings.max_connections:
                raise OSError("there are too many connections")
            context = self._context() if flow.transport == "TLS" else None
            server_name = (self._settings.tls.server_name or flow.host) if context is not None else None
            async with asyncio.timeout(self._settings.connect_timeout_s):
                await self.loop.create_connection(
                    lambda: Connection(self, flow.transport, flow),
                    flow.host,
                    flow.port,
                    ssl=context,
                    server_hostname=server_name,
                )
        except OSError:  # refused, unreachable, not resolved, certificate refused, or too late
            self._waiting.pop(flow, None)
            self._on_failed(flow, False)

    def _context(self) -> ssl.SSLContext:
        if self._client_context is None:
            self._client_context = self._settings.tls.client_context()
        return self._client_context

    def opened(self, connection: Connection) -> None:
        """Called by a connection that is up."""
        flow = connection.flow
        assert flow is not None, "a connection that is up has its far end"
        if self._closing or (flow not in self._waiting and len(self._open) >= self._settings.max_connections):
            connection.abort()
            return
        self._open[flow] = connection
        connection.used_at = self.loop.time()
        for data in self._waiting.pop(flow, ()):
            connection.write(data)

    def lost(self, connection: Connection) -> None:
        """Called by a connection that is gone."""
        flow = connection.flow
        if flow is not None and self._open.get(flow) is connection:
            del self._open[flow]
            if not self._closing:
                self._on_failed(flow, True)

    def close_idle(self) -> None:
        """Closes what was not used for `idle_connection_s`."""
        before = self.loop.time() - self._settings.idle_connection_s
        for connection in [held for held in self._open.values() if held.used_at < before]:
            connection.close()

    async def close(self) -> None:
        """Closes everything and waits until it is closed."""
        self._closing = True
        for task in self._opening:
            task.cancel()
        for server in self._servers:
            server.close()
        closing = list(self._open.values())
        for connection in closing:
            connection.close()
        if closing:
            await asyncio.wait([connection.gone for connection in closing], timeout=GOODBYE_WITHIN_S)
        for connection in closing:
            if not connection.gone.done():
                connection.abort()
        for server in self._servers:
            await server.wait_closed()
