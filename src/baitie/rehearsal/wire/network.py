"""The simulated network: sockets and connections between the hosts of one rehearsed day, all in virtual time."""

import asyncio
import random
from collections.abc import Callable
from itertools import count
from typing import Any

from baitie.rehearsal.wire.datagrams import PORT_END, PORT_FIRST, Address, SimulatedPoller, SimulatedSocket
from baitie.rehearsal.wire.impairments import Impairments, deliver, stream_latency_s
from baitie.rehearsal.wire.streams import SimulatedServer, SimulatedStream

S_PER_H = 3600.0


class SimulatedNetwork:
    """Simulated network (模拟网络). Every host stands at the same distance from every other.

    `bind` and `poller` are what SIP and media take their sockets from. The same `rng` and the same sends give the same
    arrivals.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, way: Impairments, rng: random.Random) -> None:
        self._loop = loop
        self._way = way
        self._rng = rng
        self._numbers = count(1)
        self._sockets: dict[Address, SimulatedSocket] = {}
        self._by_number: dict[int, SimulatedSocket] = {}
        self._servers: dict[Address, SimulatedServer] = {}
        self._streams: dict[SimulatedStream, None] = {}  # in the order in which they came
        self._port_next: dict[str, int] = {}
        self._is_cut = False
        self.now, self.call_at = loop.time, loop.call_at
        self.datagrams_sent = 0
        self.datagrams_lost = 0
        self.datagrams_doubled = 0
        if way.stream_cuts_per_h:
            self._await_next_cut()

    # Datagrams

    def bind(self, host: str, port: int, buffer_bytes: int | None = None, type_of_service: int = 0) -> SimulatedSocket:
        """A socket on this address; port 0 is any free one. Raises OSError where it is taken."""
        address = host, port or self._free_port(host)
        if address in self._sockets:
            raise OSError(f"{host}:{port} is taken")
        made = SimulatedSocket(self, address, next(self._numbers))
        self._sockets[address] = self._by_number[made.fileno()] = made
        return made

    def poller(self) -> SimulatedPoller:
        """One that tells which of its sockets have something to read."""
        return SimulatedPoller(self)

    def send(self, data: bytes, source: Address, target: Address) -> None:
        """Put a datagram on its way; it may get lost there. To an address where nobody is, it always does."""
        self.datagrams_sent += 1
        socket = self._sockets.get(target)
        if socket is None:
            return
        arrivals = deliver(data, self._way, self._rng)
        now = self._loop.time()
        for after_s in arrivals:
            socket.expect(data, source, now + after_s)
        if len(arrivals) != 1:
            self.datagrams_lost += not arrivals
            self.datagrams_doubled += bool(arrivals)

    def release(self, socket: SimulatedSocket) -> None:
        """A socket was closed."""
        if self._sockets.pop(socket.address, None) is not None:
            self._by_number.pop(socket.fileno(), None)

    def watch(self, number: int, reader: Callable[[], object] | None) -> None:
        """Call the reader whenever a datagram arrives at the socket of this number; None: no more."""
        socket = self._by_number.get(number)
        if socket is not None:
            socket.on_arrival = reader

    # Streams

    def listen(self, make_protocol: Callable[[], Any], host: str, port: int) -> SimulatedServer:
        """Take connections. Raises OSError where the address is taken."""
        address = host, port or self._free_port(host)
        if address in self._servers:
            raise OSError(f"{host}:{port} is taken")
        server = self._servers[address] = SimulatedServer(self, make_protocol, address)
        return server

    async def connect(self, make_protocol: Callable[[], Any], host: str, port: int) -> tuple[SimulatedStream, Any]:
        """Open a connection: the far end knows of it after one way, this end after two. Raises OSError."""
        await asyncio.sleep(self.stream_latency_s())  # noqa: TID251 - on the virtual loop, whose network this is
        server = self._servers.get((host, port))
        is_refused = self._is_cut or server is None
        near_address = "", next(self._numbers)
        near = SimulatedStream(self, near_address, (host, port))
        far = SimulatedStream(self, (host, port), near_address)
        if server is not None and not is_refused:
            self._streams[near] = self._streams[far] = None
            far.open(server.make_protocol(), near)
        await asyncio.sleep(self.stream_latency_s())  # noqa: TID251 - on the virtual loop, whose network this is
        if is_refused or far.is_closing():
            far.abort()
            raise ConnectionRefusedError(f"nobody takes connections at {host}:{port}")
        protocol = make_protocol()
        near.open(protocol, far)
        return near, protocol

    def stop_listening(self, address: Address) -> None:
        """A server was closed."""
        self._servers.pop(address, None)

    def stream_ended(self, stream: SimulatedStream) -> None:
        """One end of a connection is gone."""
        self._streams.pop(stream, None)

    def stream_latency_s(self) -> float:
        """How long a piece of a stream takes."""
        return stream_latency_s(self._way, self._rng)

    def _await_next_cut(self) -> None:
        after_s = self._rng.expovariate(self._way.stream_cuts_per_h / S_PER_H)
        self._loop.call_later(after_s, self._cut)

    def _cut(self) -> None:
        """Every connection breaks, and none comes about for a while."""
        self._is_cut = True
        for stream in list(self._streams):
            stream.lose(ConnectionResetError())
        self._loop.call_later(self._way.stream_cut_s, self._mend)

    def _mend(self) -> None:
        self._is_cut = False
        self._await_next_cut()

    def _free_port(self, host: str) -> int:
        """The next port that nobody has; they are gone through in a circle."""
        port = self._port_next.get(host, PORT_FIRST)
        for _ in range(PORT_FIRST, PORT_END):
            address = host, port
            port = port + 1 if port + 1 < PORT_END else PORT_FIRST
            if address not in self._sockets and address not in self._servers:
                self._port_next[host] = port
                return address[1]
        raise OSError(f"no port is free at {host}")
