"""The loop of wire fidelity: virtual time, and a network that exists in it."""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

from baitie.rehearsal.virtual_time import VirtualLoop
from baitie.rehearsal.wire.impairments import Impairments
from baitie.rehearsal.wire.network import SimulatedNetwork
from baitie.rehearsal.wire.streams import SimulatedServer, SimulatedStream


class NetworkedLoop(VirtualLoop):
    """Event loop (联网的虚拟时间循环) whose connections, servers and readers are those of a simulated network.

    Code that asks its loop for connections runs on it as it is; datagram sockets come from `network.bind`. There is no
    encryption on it: who asks for TLS gets a plain stream.
    """

    def __init__(self, start_s: float, way: Impairments, rng: random.Random) -> None:
        super().__init__(start_s)
        self.network = SimulatedNetwork(self, way, rng)

    def add_reader(  # type: ignore[override]
        self, fd: int, callback: Callable[..., object], *args: object
    ) -> None:
        """Call back whenever something arrives at this socket."""
        self.network.watch(fd, partial(callback, *args) if args else callback)

    def remove_reader(self, fd: Any) -> bool:
        """No more."""
        self.network.watch(fd, None)
        return True

    async def create_connection(  # type: ignore[override]
        self, protocol_factory: Callable[[], Any], host: str, port: int, **others: object
    ) -> tuple[SimulatedStream, Any]:
        """Connect over the simulated network. Raises OSError."""
        return await self.network.connect(protocol_factory, host, port)

    async def create_server(  # type: ignore[override]
        self, protocol_factory: Callable[[], Any], host: str, port: int, **others: object
    ) -> SimulatedServer:
        """Listen on the simulated network. Raises OSError."""
        return self.network.listen(protocol_factory, host, port)
