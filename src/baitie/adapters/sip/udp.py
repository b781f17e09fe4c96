"""The UDP socket of a SIP endpoint: read in batches, written at once, names resolved aside."""

import asyncio
import socket
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any, Final

from baitie.adapters.datagrams import Datagrams
from baitie.adapters.sip.settings import SipSocketError
from baitie.wire.sip.effects import Flow

MAX_BATCH: Final = 64
"""Datagrams read before the loop gets its turn again."""
SOCKET_BUFFER_BYTES: Final = 4 * 1024 * 1024
MAX_KNOWN_PEERS: Final = 10_000
"""Addresses kept ready; beyond, all are forgotten and learned again."""
NAME_KEPT_S: Final = 60.0


class UdpSocket:
    """One bound socket. `on_datagram(data, flow)` gets each datagram; `after_batch()` is called after each batch."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        host: str,
        port: int,
        on_datagram: Callable[[bytes, Flow], None],
        after_batch: Callable[[], None],
        on_unreachable: Callable[[Flow], None],
        max_waiting: int,
        datagrams: Datagrams,
    ) -> None:
        """Raises `SipSocketError`."""
        self._loop = loop
        self._on_datagram = on_datagram
        self._after_batch = after_batch
        self._peers: dict[tuple[str, int], Flow] = {}
        self._on_unreachable = on_unreachable
        self._max_waiting = max_waiting
        self._targets: dict[Flow, tuple[str, int]] = {}
        self._names: dict[Flow, tuple[Any, float]] = {}
        self._waiting: dict[Flow, list[bytes]] = {}
        self._resolving: set[asyncio.Task[None]] = set()
        self.unsent = 0
        self._family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._socket = datagrams.bind(host, port, SOCKET_BUFFER_BYTES)
        except OSError as error:
            raise SipSocketError(transport="UDP", host=host, port=port) from error
        self.host, self.port = self._socket.getsockname()[:2]
        loop.add_reader(self._socket.fileno(), self._readable)

    def _readable(self) -> None:
        receive = self._socket.recvfrom
        peers = self._peers
        try:
            for _ in range(MAX_BATCH):
                data, address = receive(65_535)
                flow = peers.get(address)
                if flow is None:
                    if len(peers) >= MAX_KNOWN_PEERS:
                        peers.clear()
                    flow = peers[address] = Flow("UDP", address[0], address[1])
                self._on_datagram(data, flow)
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            self.unsent += 1  # an ICMP refusal of an earlier datagram, reported here by some systems
        self._after_batch()

    def send(self, data: bytes, flow: Flow) -> None:
        """Sends now, or once the far end's name is resolved. What the kernel does not take is lost, as on any wire."""
        target = self._targets.get(flow)
        if target is None:
            if not is_address(flow.host):
                self._send_to_name(data, flow)
                return
            if len(self._targets) >= MAX_KNOWN_PEERS:
                self._targets.clear()
            target = self._targets[flow] = (flow.host, flow.port)
        try:
            self._socket.sendto(data, target)
        except OSError:
            self.unsent += 1

    def _send_to_name(self, data: bytes, flow: Flow) -> None:
        """The name is resolved again after `NAME_KEPT_S`, so that a trunk may move."""
        kept = self._names.get(flow)
        if kept is not None and kept[1] > self._loop.time():
            try:
                self._socket.sendto(data, kept[0])
            except OSError:
                self.unsent += 1
            return
        waiting = self._waiting.setdefault(flow, [])
        if len(waiting) >= self._max_waiting:
            self.unsent += 1
            return
        waiting.append(data)
        if len(waiting) == 1:
            task = self._loop.create_task(self._resolve(flow))
            self._resolving.add(task)
            task.add_done_callback(self._resolving.discard)

    async def _resolve(self, flow: Flow) -> None:
        try:
            found = await self._loop.getaddrinfo(flow.host, flow.port, family=self._family, type=socket.SOCK_DGRAM)
        except OSError:
            found = []
        waiting = self._waiting.pop(flow, [])
        if not found:
            self._on_unreachable(flow)
            return
        if len(self._names) >= MAX_KNOWN_PEERS:
            self._names.clear()
        self._names[flow] = (found[0][4][:2], self._loop.time() + NAME_KEPT_S)
        for data in waiting:
            self._send_to_name(data, flow)

    def close(self) -> None:
        """Frees the port."""
        self._loop.remove_reader(self._socket.fileno())
        for task in self._resolving:
            task.cancel()
        self._socket.close()


def is_address(host: str) -> bool:
    """Whether it is an IP address rather than a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
