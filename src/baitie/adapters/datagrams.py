"""Datagrams as SIP and media take them from the system; a rehearsal hands in a network of its own in their place."""

import select
import socket
from typing import Any, Protocol


class DatagramSocket(Protocol):
    """Datagram socket (数据报套接字), bound and never waiting. Errors are OSError, as those of `socket.socket`."""

    def fileno(self) -> int: ...
    def getsockname(self) -> Any: ...
    def sendto(self, data: bytes, address: Any, /) -> int: ...
    def recvfrom(self, bytes_max: int, /) -> tuple[bytes, Any]: ...
    def close(self) -> None: ...


class Poller(Protocol):
    """Tells which of many sockets have something to read, by file number; level-triggered as `epoll` is."""

    def register(self, socket: Any, events: int, /) -> None: ...
    def unregister(self, socket: Any, /) -> None: ...
    def poll(self, within: float, /) -> list[tuple[int, int]]: ...


class Datagrams(Protocol):
    """Where datagram sockets come from."""

    def bind(self, host: str, port: int, buffer_bytes: int | None = None, type_of_service: int = 0) -> DatagramSocket:
        """A socket on this address; port 0 is any free one. Raises OSError."""
        ...

    def poller(self) -> Poller: ...


class SystemDatagrams:
    """Datagrams of the operating system."""

    def bind(self, host: str, port: int, buffer_bytes: int | None = None, type_of_service: int = 0) -> DatagramSocket:
        """A socket on this address; port 0 is any free one. Raises OSError."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        made = socket.socket(family, socket.SOCK_DGRAM)
        try:
            made.setblocking(False)
            if buffer_bytes is not None:
                made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
                made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer_bytes)
            if type_of_service and family == socket.AF_INET:
                made.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, type_of_service)
            made.bind((host, port))
        except OSError:
            made.close()
            raise
        return made

    def poller(self) -> Poller:
        """epoll itself and no selector: an object for every event would cost as much as reading the packet."""
        made: Poller = getattr(select, "epoll", select.poll)()
        return made


SYSTEM_DATAGRAMS = SystemDatagrams()
