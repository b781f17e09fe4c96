"""A message centre on a TCP port, for the loopback carrier and for tests with independent clients."""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Final, cast

from baitie.adapters.smpp.driver import EffectPump
from baitie.app.ports.clock import Clock
from baitie.kernel.sms_text import TextRefusal
from baitie.wire.smpp.centre import (
    CentreEffect,
    CentreSettings,
    CloseTo,
    MessageCentre,
    MessageDone,
    MessageShown,
    SendTo,
)
from baitie.wire.smpp.rulings import SubmitPolicy, accept_all

CONNECTIONS_MAX: Final = 256


class SmppCentreServer:
    """Message centre (短信中心) that listens. `policy` rules each message, `on_fate` hears what became of it.

    Civil time for receipts and validity comes from the clock. Start it inside a running loop.
    """

    def __init__(
        self,
        settings: CentreSettings,
        clock: Clock,
        policy: SubmitPolicy = accept_all,
        on_fate: Callable[[MessageShown | MessageDone], None] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._clock = clock
        self._on_fate = on_fate
        self._tls = tls
        self._machine = MessageCentre(settings, policy, lambda _: clock.civil_now())
        self._pump: EffectPump[CentreEffect] = EffectPump(
            clock, self._carry_out, self._machine.next_deadline, self._machine.tick
        )
        self._connections: dict[int, _CentreConnection] = {}
        self._numbers = count(1)
        self._server: asyncio.Server | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen; returns the port, which the system chooses for 0. Raises OSError when it is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _CentreConnection(self), host, port, ssl=self._tls)
        bound_port: int = self._server.sockets[0].getsockname()[1]
        return bound_port

    async def close(self) -> None:
        """Stop listening and break every connection."""
        if self._server is not None:
            self._server.close()
        self._pump.stop()
        self.drop_connections()

    def drop_connections(self) -> None:
        """Break every connection without a word, as a failing centre does."""
        for connection in list(self._connections.values()):
            connection.abort()

    def is_bound(self, system_id: str) -> bool:
        """Whether the account is bound for receiving."""
        return self._machine.is_bound(system_id)

    def originate(self, system_id: str, source: str, destination: str, text: str) -> TextRefusal | None:
        """Let a handset write to the enterprise; refused only when the text cannot be a short message."""
        effects = self._machine.originate(system_id, source, destination, text)
        if isinstance(effects, TextRefusal):
            return effects
        self._pump.add(effects)
        return None

    def _carry_out(self, effects: deque[CentreEffect]) -> None:
        out: dict[int, list[bytes]] = {}
        while effects:
            effect = effects.popleft()
            match effect:
                case SendTo():
                    out.setdefault(effect.connection, []).append(effect.data)
                case CloseTo():
                    self._write(effect.connection, out.pop(effect.connection, []))
                    connection = self._connections.get(effect.connection)
                    if connection is not None:
                        connection.close()
                case MessageShown() | MessageDone():
                    if self._on_fate is not None:
                        self._on_fate(effect)
        for number, data in out.items():
            self._write(number, data)

    def _write(self, number: int, data: list[bytes]) -> None:
        connection = self._connections.get(number)
        if connection is not None and data:
            connection.write(b"".join(data))

    def _opened(self, connection: "_CentreConnection") -> int:
        number = next(self._numbers)
        if len(self._connections) >= CONNECTIONS_MAX:
            connection.abort()
            return number
        self._connections[number] = connection
        self._machine.connected(number, self._clock.now())
        self._pump.add([])
        return number

    def _received(self, number: int, data: bytes) -> None:
        self._pump.add(self._machine.receive_untrusted(number, data, self._clock.now()))

    def _lost(self, number: int) -> None:
        self._connections.pop(number, None)
        self._pump.add(self._machine.disconnected(number))


class _CentreConnection(asyncio.Protocol):
    """One connection to the centre."""

    def __init__(self, server: SmppCentreServer) -> None:
        self._server = server
        self._number = 0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not subclasses of those of asyncio, so the type is stated and not checked.
        transport = cast(asyncio.Transport, transport)
        self._transport = transport
        self._number = self._server._opened(self)

    def data_received(self, data: bytes) -> None:
        self._server._received(self._number, data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._server._lost(self._number)

    def write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()
