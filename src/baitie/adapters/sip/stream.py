"""TCP and TLS connections of a SIP endpoint: opened on demand, reused, closed when idle or out of step."""

import asyncio
import socket
import ssl
from collections.abc import Callable, Coroutine
from typing import Any, Final, cast

from baitie.adapters.sip.guests import Guests
from baitie.adapters.sip.settings import EndpointSettings, SipSocketError
from baitie.wire.sip.effects import Flow
from baitie.wire.sip.errors import SipParseError
from baitie.wire.sip.framing import PING, PONG, StreamFramer

MAX_WRITE_BUFFER_BYTES: Final = 4 * 1024 * 1024
"""A far end that reads so slowly is as good as gone."""
CHECK_S: Final = 5.0
"""How often connections are looked at whose message does not come to its end, or that say nothing."""
BACKLOG: Final = 128
ACCEPT_PAUSE_S: Final = 0.1
"""Connections that the system keeps for us to take, and the pause after one could not be taken."""
GOODBYE_WITHIN_S: Final = 1.0
"""How long closing waits for a far end to take what is left, and on TLS to say goodbye."""


class Connection(asyncio.Protocol):
    """One connection, taken or opened. `flow` names its far end; `is_guest`: it was opened by the far end."""

    def __init__(self, owner: "Streams", flow: Flow, is_guest: bool) -> None:
        self._owner = owner
        self._framer = StreamFramer()
        self._transport: asyncio.Transport | None = None
        self.flow = flow
        self.is_guest = is_guest
        self.is_counted = is_guest
        self.used_at = 0.0
        self.began_at: float | None = None
        """Since when a message has been under way that is not whole."""
        self.gone: asyncio.Future[None] = owner.loop.create_future()
        """Done when the connection is gone."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is up."""
        self._transport = cast(asyncio.Transport, transport)
        self._owner.opened(self)

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        owner, framer = self._owner, self._framer
        try:
            while messages := framer.feed_untrusted(data):
                data, self.used_at, self.began_at = b"", owner.loop.time(), None
                for message in messages:
                    if message == PING:
                        self.write(PONG)
                    else:
                        owner.on_message(message, self.flow)
        except SipParseError:
            owner.on_broken(framer.rest, self.flow)
            owner.after_batch()
            self.close()
            return
        if framer.is_waiting and self.began_at is None:
            self.began_at = owner.loop.time()
        owner.after_batch()

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
        on_broken: Callable[[bytes, Flow], None],
    ) -> None:
        self.loop = loop
        self.on_message = on_message
        self.on_broken = on_broken
        self.after_batch = after_batch
        self._settings = settings
        self._on_failed = on_failed
        self._open: dict[Flow, Connection] = {}
        self._waiting: dict[Flow, list[bytes]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._guests = Guests(settings)
        self._opened_by_us = 0
        self._listeners: list[socket.socket] = []
        self._client_context: ssl.SSLContext | None = None
        self._closing = False

    async def listen(self, transport_name: str, host: str, port: int) -> tuple[str, int]:
        """Takes connections. Raises `SipSocketError`, `TlsSettingsError`."""
        context = self._settings.tls.server_context() if transport_name == "TLS" else None
        try:
            found = await self.loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            listener = socket.create_server((host, port), family=found[0][0], backlog=BACKLOG)
        except OSError as error:
            raise SipSocketError(transport=transport_name, host=host, port=port) from error
        listener.setblocking(False)
        self._listeners.append(listener)
        self._spawn(self._take_in(listener, transport_name, context))
        name: tuple[Any, ...] = listener.getsockname()
        return name[0], name[1]

    def send(self, data: bytes, flow: Flow) -> None:
        """Writes to the open connection, or opens one and writes then."""
        connection = self._open.get(flow)
        if connection is not None:
            connection.write(data)
            return
        if self._closing or not self._guests.may_be_called(flow.host):
            return
        waiting = self._waiting.get(flow)
        if waiting is not None:
            if len(waiting) < self._settings.max_queued_messages:
                waiting.append(data)
            return
        self._waiting[flow] = [data]
        self._spawn(self._connect(flow))

    async def _connect(self, flow: Flow) -> None:
        try:
            if self._opened_by_us + len(self._waiting) > self._settings.max_connections:
                raise OSError("there are too many connections")
            context = self._context() if flow.transport == "TLS" else None
            server_name = (self._settings.tls.server_name or flow.host) if context is not None else None
            async with asyncio.timeout(self._settings.connect_timeout_s):
                await self.loop.create_connection(
                    lambda: Connection(self, flow, is_guest=False),
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

    async def _take_in(self, listener: socket.socket, transport_name: str, context: ssl.SSLContext | None) -> None:
        """Who finds no room is turned away before a byte is read, and before any handshake."""
        while True:
            try:
                stream, peer = await self.loop.sock_accept(listener)
            except OSError:  # it has gone again, or this process has no descriptor left
                await asyncio.sleep(ACCEPT_PAUSE_S)
                continue
            if not self._guests.enter(peer[0]):
                stream.close()
                continue
            stream.setblocking(False)
            self._spawn(self._welcome(stream, Flow(transport_name, peer[0], peer[1]), context))

    async def _welcome(self, stream: socket.socket, flow: Flow, context: ssl.SSLContext | None) -> None:
        connection = Connection(self, flow, is_guest=True)
        within_s = self._settings.message_within_s if context is not None else None
        try:
            await self.loop.connect_accepted_socket(
                lambda: connection, stream, ssl=context, ssl_handshake_timeout=within_s
            )
        except (OSError, asyncio.CancelledError):  # no TLS, refused, gone, or too late
            stream.close()
            self._uncount(connection)

    def _uncount(self, connection: Connection) -> None:
        """It takes no room any more; said twice, it counts once."""
        if connection.is_counted:
            connection.is_counted = False
            if connection.is_guest:
                self._guests.leave(connection.flow.host)
            else:
                self._opened_by_us -= 1

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def opened(self, connection: Connection) -> None:
        """Called by a connection that is up."""
        flow = connection.flow
        if not connection.is_guest:
            connection.is_counted = True
            self._opened_by_us += 1
        self._open[flow] = connection
        connection.used_at = self.loop.time()
        for data in self._waiting.pop(flow, ()):
            connection.write(data)

    def lost(self, connection: Connection) -> None:
        """Called by a connection that is gone."""
        flow = connection.flow
        self._uncount(connection)
        if self._open.get(flow) is connection:
            del self._open[flow]
            if not self._closing:
                self._on_failed(flow, True)

    def close_idle(self) -> None:
        """Closes what was not used for so long, and what a message has been on its way over for too long."""
        now, settings = self.loop.time(), self._settings
        for connection in list(self._open.values()):
            is_stranger = connection.is_guest and not self._guests.is_known(connection.flow.host)
            idle_s = settings.stranger_idle_s if is_stranger else settings.idle_connection_s
            if connection.began_at is not None and now - connection.began_at > settings.message_within_s:
                connection.abort()
            elif now - connection.used_at > idle_s:
                connection.close()

    async def close(self) -> None:
        """Closes everything and waits until it is closed."""
        self._closing = True
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GOODBYE_WITHIN_S)
        for listener in self._listeners:
            listener.close()
        closing = list(self._open.values())
        for connection in closing:
            connection.close()
        if closing:
            await asyncio.wait([connection.gone for connection in closing], timeout=GOODBYE_WITHIN_S)
        for connection in closing:
            if not connection.gone.done():
                connection.abort()
