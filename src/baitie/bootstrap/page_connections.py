"""Connections to the callee's page: who is silent, slow or many holds no place of others.

A connection is in one phase at a time: it waits for a head, for a body, or for its answer to leave. Each phase has a
time of its own, which dripping octets do not lengthen; when it is over the connection is broken. An address that has
too many connections, and a server that is full, lose the one that has waited longest for a head: whoever sends a
request at once is served. Connections of trusted proxies count for the server only.
"""

import asyncio
import ipaddress
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from baitie.web.callee.guard import network_of


@dataclass(frozen=True, slots=True)
class ConnectionBounds:
    """Bounds (连接上限) of a server's connections."""

    head_max_s: float = 10.0
    body_max_s: float = 10.0
    answer_max_s: float = 60.0  # a picture of 512 KiB over 70 kbit/s
    per_address_max: int = 32  # a household or an office behind one address; a browser keeps up to six
    all_max: int = 1024


class ConnectionPhase(Enum):
    """What a connection waits for (连接阶段)."""

    HEAD = "head"
    BODY = "body"
    ANSWER = "answer"


@dataclass(slots=True)
class OpenConnections:
    """The connections that are open (连接簿), in the order in which they began to wait, and again by address."""

    bounds: ConnectionBounds = field(default_factory=ConnectionBounds)
    trusted_proxies: Sequence[str] = ()
    _all: "dict[int, BoundedProtocol]" = field(default_factory=dict)
    _by_address: "dict[str, dict[int, BoundedProtocol]]" = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def __len__(self) -> int:
        return len(self._all)

    def admit(self, protocol: "BoundedProtocol", host: str) -> bool:
        """Enter a connection, at the cost of one that has waited longest for a head; False where none waits."""
        address = None if _is_among(host, self.trusted_proxies) else network_of(host)
        own = self._own(address)
        if len(own) >= self.bounds.per_address_max and not _drop_longest(own.values()):
            return False
        if len(self._all) >= self.bounds.all_max and not _drop_longest(self._all.values()):
            return False
        protocol.number, protocol.address = next(self._numbers), address
        self._all[protocol.number] = protocol
        if address is not None:
            self._by_address.setdefault(address, {})[protocol.number] = protocol
        return True

    def waits_again(self, protocol: "BoundedProtocol") -> None:
        """It waits for its next head from now on: others have waited longer."""
        for held in (self._all, self._own(protocol.address)):
            if protocol.number in held:
                held[protocol.number] = held.pop(protocol.number)

    def leave(self, protocol: "BoundedProtocol") -> None:
        """It is over, or about to be. A second time does nothing."""
        self._all.pop(protocol.number, None)
        own = self._own(protocol.address)
        own.pop(protocol.number, None)
        if protocol.address is not None and not own:
            self._by_address.pop(protocol.address, None)

    def _own(self, address: str | None) -> "dict[int, BoundedProtocol]":
        return {} if address is None else self._by_address.get(address, {})


def _drop_longest(held: "Iterable[BoundedProtocol]") -> bool:
    longest = next((each for each in held if each.phase is ConnectionPhase.HEAD), None)
    if longest is not None:
        longest.break_off()
    return longest is not None


def _is_among(host: str, proxies: Sequence[str]) -> bool:
    """Whether a proxy is trusted, as the server reads the list: addresses, networks, names, or `*`."""
    if "*" in proxies or host in proxies:
        return True
    for proxy in proxies:
        try:
            if ipaddress.ip_address(host) in ipaddress.ip_network(proxy):
                return True
        except ValueError:
            continue
    return False


class BoundedProtocol(H11Protocol):
    """The server's side of one connection (连接), with a time for each phase."""

    def __init__(self, connections: OpenConnections, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.number = -1
        self.address: str | None = None
        self.phase = ConnectionPhase.HEAD
        self._open = connections
        self._timer: asyncio.TimerHandle | None = None
        self._timed: tuple[ConnectionPhase, RequestResponseCycle | None] | None = None
        self._is_over = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self._open.admit(self, self.client[0] if self.client else "unknown"):
            self._look()
        else:
            self.break_off()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()
        super().connection_lost(exc)

    def break_off(self) -> None:
        """End it now, whatever is on its way."""
        self._end()
        self.transport.abort()

    def _end(self) -> None:
        self._is_over = True
        self._open.leave(self)
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        """Begin a phase's time when the phase begins, and not again while it lasts."""
        bounds = self._open.bounds
        if self.conn.their_state is h11.SEND_BODY:
            self.phase, most_s = ConnectionPhase.BODY, bounds.body_max_s
        elif self.cycle is not None and not self.cycle.response_complete:
            self.phase, most_s = ConnectionPhase.ANSWER, bounds.answer_max_s
        else:
            self.phase, most_s = ConnectionPhase.HEAD, bounds.head_max_s
        if self._is_over or self._timed == (self.phase, self.cycle):
            return
        self._timed = (self.phase, self.cycle)
        if self.phase is ConnectionPhase.HEAD:
            self._open.waits_again(self)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_later(most_s, self.break_off)
