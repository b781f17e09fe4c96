"""Streams of the simulated network: connections that keep their order, come late, and may be cut."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from baitie.rehearsal.wire.datagrams import Address


class StreamNetwork(Protocol):
    """Network of streams (流网络端口), as streams need it."""

    def now(self) -> float: ...
    def stream_latency_s(self) -> float: ...
    def call_at(self, when_s: float, callback: Callable[..., None], *arguments: object) -> object: ...
    def stop_listening(self, address: Address) -> None: ...
    def stream_ended(self, stream: "SimulatedStream") -> None: ...


class SimulatedStream(asyncio.Transport):
    """One end of a connection (模拟连接的一端). The far end always reads: nothing waits to be written."""

    def __init__(self, network: StreamNetwork, address: Address, peer_address: Address) -> None:
        super().__init__({"sockname": address, "peername": peer_address})
        self._network = network
        self._protocol: asyncio.Protocol | None = None
        self._peer: SimulatedStream | None = None
        self._arrives_at_s = 0.0  # the last piece that was sent
        self._is_closing = False
        self._is_lost = False

    def open(self, protocol: asyncio.Protocol, peer: "SimulatedStream") -> None:
        """The connection is up at this end."""
        self._protocol, self._peer = protocol, peer
        protocol.connection_made(self)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send bytes, in order."""
        if not self._is_closing and self._peer is not None:
            self._after_all_sent(self._peer.receive, bytes(data))

    def is_closing(self) -> bool:
        """Whether nothing is sent any more."""
        return self._is_closing

    def get_write_buffer_size(self) -> int:
        """Always 0: all that is written is on its way."""
        return 0

    def close(self) -> None:
        """End it in good order: the far end reads all that was written, then sees the end."""
        if self._is_closing:
            return
        self._is_closing = True
        if self._peer is not None:
            self._after_all_sent(self._peer.close_by_peer)
        self._network.call_at(self._network.now(), self.lose, None)

    def abort(self) -> None:
        """Break it: the far end sees a reset."""
        if self._is_lost:
            return
        self._is_closing = True
        if self._peer is not None:
            self._after_all_sent(self._peer.lose, ConnectionResetError())
        self._network.call_at(self._network.now(), self.lose, None)

    def receive(self, data: bytes) -> None:
        """Bytes arrived from the far end."""
        if not self._is_closing and self._protocol is not None:
            self._protocol.data_received(data)

    def close_by_peer(self) -> None:
        """The far end has ended it."""
        if not self._is_lost and (self._protocol is None or not self._protocol.eof_received()):
            self.close()

    def lose(self, error: Exception | None) -> None:
        """The connection is gone at this end."""
        if self._is_lost:
            return
        self._is_closing = self._is_lost = True
        self._network.stream_ended(self)
        if self._protocol is not None:
            self._protocol.connection_lost(error)

    def _after_all_sent(self, action: Callable[..., None], *arguments: object) -> None:
        """Let it happen at the far end, not before what was sent earlier."""
        at_s = max(self._arrives_at_s, self._network.now() + self._network.stream_latency_s())
        self._arrives_at_s = at_s
        self._network.call_at(at_s, action, *arguments)


class _Bound:
    """Stands for the listening socket."""

    def __init__(self, address: Address) -> None:
        self._address = address

    def getsockname(self) -> Address:
        return self._address


class SimulatedServer:
    """A listening address (模拟监听), as `asyncio.Server` where it matters."""

    def __init__(self, network: StreamNetwork, make_protocol: Callable[[], Any], address: Address) -> None:
        self.make_protocol = make_protocol
        self.sockets = (_Bound(address),)
        self._network = network
        self._address = address

    def close(self) -> None:
        """Take no more connections."""
        self._network.stop_listening(self._address)

    async def wait_closed(self) -> None:
        """It is closed at once."""
