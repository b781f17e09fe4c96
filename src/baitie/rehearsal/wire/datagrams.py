"""Datagram sockets of the simulated network: what `socket.socket` and `epoll` are to SIP and media elsewhere.

A socket is read in one of two ways. With a reader on the loop each datagram wakes it when it arrives. With a poller it
waits until it is asked for, which costs no timer: the media of a call are asked for every few milliseconds anyway.
"""

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Protocol, TypeAlias

Address: TypeAlias = tuple[str, int]

PORT_FIRST, PORT_END = 16_384, 65_536
"""Ports that are given to who asks for any."""

DATAGRAMS_WAITING_MAX = 4_096
"""Of one socket; a further one is lost, as by a socket whose buffer is full."""


class Network(Protocol):
    """Network (数据报网络端口), as sockets need it."""

    def now(self) -> float: ...
    def send(self, data: bytes, source: Address, target: Address) -> None: ...
    def call_at(self, when_s: float, callback: Callable[..., None], *arguments: object) -> object: ...
    def release(self, socket: "SimulatedSocket") -> None: ...


class SimulatedSocket:
    """Simulated socket (模拟套接字), bound. Errors are OSError, as those of `socket.socket`."""

    __slots__ = ("_arrived", "_network", "_number", "address", "is_closed", "on_arrival", "poller")

    def __init__(self, network: Network, address: Address, number: int) -> None:
        self._network = network
        self._number = number
        self._arrived: deque[tuple[bytes, Address]] = deque()
        self.address = address
        self.is_closed = False
        self.on_arrival: Callable[[], object] | None = None
        self.poller: SimulatedPoller | None = None

    def fileno(self) -> int:
        """Its number among the network's sockets; no file of the system has to do with it."""
        return self._number

    def getsockname(self) -> Address:
        """Host and port."""
        return self.address

    def sendto(self, data: bytes, address: Address, /) -> int:
        """Put a datagram on its way."""
        if self.is_closed:
            raise OSError("the socket is closed")
        self._network.send(data, self.address, address)
        return len(data)

    def recvfrom(self, bytes_max: int, /) -> tuple[bytes, Address]:
        """The next datagram that has arrived. Raises BlockingIOError where there is none."""
        if not self._arrived:
            raise BlockingIOError
        data, source = self._arrived.popleft()
        if not self._arrived and self.poller is not None:
            self.poller.ready.pop(self._number, None)
        return data[:bytes_max], source

    def close(self) -> None:
        """Give the port back."""
        self.is_closed = True
        self._network.release(self)

    def expect(self, data: bytes, source: Address, at_s: float) -> None:
        """A datagram will arrive at this time."""
        if self.poller is not None:
            self.poller.expect(self, data, source, at_s)
        else:
            self._network.call_at(at_s, self.arrive, data, source)

    def arrive(self, data: bytes, source: Address) -> None:
        """A datagram is there."""
        if self.is_closed or len(self._arrived) >= DATAGRAMS_WAITING_MAX:
            return
        self._arrived.append((data, source))
        if self.poller is not None:
            self.poller.ready[self._number] = 1
        elif self.on_arrival is not None:
            self.on_arrival()


class SimulatedPoller:
    """Poller (轮询器) of simulated sockets, in the order in which datagrams arrive."""

    __slots__ = ("_coming", "_network", "_sent", "ready")

    def __init__(self, network: Network) -> None:
        self._network = network
        self._coming: list[tuple[float, int, SimulatedSocket, bytes, Address]] = []
        self._sent = 0
        self.ready: dict[int, int] = {}  # by number, with the event of epoll

    def register(self, socket: SimulatedSocket, events: int, /) -> None:
        """Tell of this socket too."""
        socket.poller = self

    def unregister(self, socket: SimulatedSocket, /) -> None:
        """Tell of it no more."""
        socket.poller = None
        self.ready.pop(socket.fileno(), None)

    def poll(self, within: float, /) -> list[tuple[int, int]]:
        """The sockets that have something to read by now. It never waits."""
        coming, now = self._coming, self._network.now()
        while coming and coming[0][0] <= now:
            _, _, socket, data, source = heappop(coming)
            socket.arrive(data, source)
        return list(self.ready.items())

    def expect(self, socket: SimulatedSocket, data: bytes, source: Address, at_s: float) -> None:
        """A datagram will arrive at this time."""
        self._sent += 1
        heappush(self._coming, (at_s, self._sent, socket, data, source))
