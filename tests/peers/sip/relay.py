"""A bad path between two UDP peers on 127.0.0.1: what it loses is chosen by the test, message by message."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from typing import cast

_CSEQ = re.compile(rb"^CSeq: *\d+ +(\w+)", re.MULTILINE | re.IGNORECASE)


def kind_of(data: bytes) -> str:
    """What a message is: `INVITE`, `ACK`, or for an answer `200 BYE`."""
    first = data.partition(b"\r\n")[0].split(b" ")
    if first[0] == b"SIP/2.0":
        method = _CSEQ.search(data)
        return f"{first[1].decode()} {method[1].decode() if method else ''}"
    return first[0].decode()


def first_of_each(lost: dict[str, int]) -> Callable[[bytes], bool]:
    """Loses so many messages of each kind before one passes."""
    seen: Counter[str] = Counter()

    def loses(data: bytes) -> bool:
        kind = kind_of(data)
        seen[kind] += 1
        return seen[kind] <= lost.get(kind, 0)

    return loses


class _Side(asyncio.DatagramProtocol):
    def __init__(self, on_datagram: Callable[[bytes, tuple[str, int]], None]) -> None:
        self._on_datagram = on_datagram
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # asyncio's own UDP transport is no DatagramTransport in Python 3.11, so there is nothing to check by class.
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._on_datagram(data, addr)


class Relay:
    """Carries datagrams between whoever sends to `port` and `target`, both ways, and drops what `loses` says.

    It rewrites nothing, so the peers must send requests within a call to the source of its messages or through it.
    """

    def __init__(self, target: tuple[str, int], loses: Callable[[bytes], bool]) -> None:
        self._target = target
        self._loses = loses
        self._caller: tuple[str, int] | None = None
        self.lost: Counter[str] = Counter()
        self.carried: Counter[str] = Counter()

    async def __aenter__(self) -> Relay:
        loop = asyncio.get_running_loop()
        self._near = _Side(self._from_caller)
        self._far = _Side(self._from_target)
        await loop.create_datagram_endpoint(lambda: self._near, local_addr=("127.0.0.1", 0))
        await loop.create_datagram_endpoint(lambda: self._far, local_addr=("127.0.0.1", 0))
        assert self._near.transport is not None
        self.port: int = self._near.transport.get_extra_info("sockname")[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        for side in (self._near, self._far):
            if side.transport is not None:
                side.transport.close()

    def _from_caller(self, data: bytes, source: tuple[str, int]) -> None:
        self._caller = source
        self._carry(data, self._far, self._target)

    def _from_target(self, data: bytes, source: tuple[str, int]) -> None:
        if self._caller is not None:
            self._carry(data, self._near, self._caller)

    def _carry(self, data: bytes, side: _Side, to: tuple[str, int]) -> None:
        if self._loses(data):
            self.lost[kind_of(data)] += 1
            return
        self.carried[kind_of(data)] += 1
        if side.transport is not None:
            side.transport.sendto(data, to)
