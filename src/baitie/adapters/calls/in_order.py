"""Events of one call in their order, where some must wait until a name in a description has its address."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Final

from baitie.wire.sip import effects as sip

RESOLVE_WITHIN_S: Final = 2.0
"""A name whose address takes longer counts as one without: the far end waits for our answer meanwhile."""
NAME_KEPT_S: Final = 60.0
NAMES_KEPT_MAX: Final = 256
HELD_MAX: Final = 64
"""Events of one call that wait for a name: no call has more within two seconds. Later ones are lost, its end is not."""

Resolve = Callable[[str], Awaitable[Sequence[str]]]
"""Gives the IP addresses of a host name. Raises OSError."""


async def resolve(host: str) -> Sequence[str]:
    """The addresses that the system knows. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    return [str(entry[4][0]) for entry in found]


class HostNames:
    """Names in place of addresses (主机名), as c= lines may have them (RFC 4566 §5.7), and what became of each."""

    def __init__(self, resolve: Resolve = resolve) -> None:
        self._resolve = resolve
        self.are_ipv6 = False
        """Which family our media has: an address of the other is of no use."""
        self._until: dict[str, float] = {}
        self.addresses: dict[str, str] = {}
        """By name; empty where none was found."""

    def is_new(self, host: str) -> bool:
        """Whether it is worth asking for it (again)."""
        return bool(host) and self._until.get(host, 0.0) <= asyncio.get_running_loop().time()

    async def find(self, host: str) -> None:
        """Ask for the address; afterwards it is in `addresses`, or known to have none."""
        address = ""
        with contextlib.suppress(OSError, UnicodeError, TimeoutError):  # UnicodeError: a label no name can have
            found = await asyncio.wait_for(self._resolve(host), RESOLVE_WITHIN_S)
            address = next((address for address in found if (":" in address) == self.are_ipv6), "")
        while len(self._until) >= NAMES_KEPT_MAX:
            oldest = next(iter(self._until))
            del self._until[oldest], self.addresses[oldest]
        self._until[host] = asyncio.get_running_loop().time() + NAME_KEPT_S
        self.addresses[host] = address


class InOrder:
    """Takes the events of one call. `take` gives the name that an event needs first; empty: the event is taken."""

    __slots__ = ("_held", "_names", "_spawn", "_take")

    def __init__(
        self,
        take: Callable[[sip.Event], str],
        names: HostNames,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._take = take
        self._names = names
        self._spawn = spawn
        self._held: list[sip.Event] | None = None

    def on(self, event: sip.Event) -> None:
        """The next event of the call."""
        if self._held is not None:
            if len(self._held) < HELD_MAX or isinstance(event, sip.CallFailed | sip.CallEnded):
                self._held.append(event)
            return
        host = self._take(event)
        if host:
            self._held = [event]
            self._spawn(self._after(host))

    async def _after(self, host: str) -> None:
        await self._names.find(host)
        held, self._held = self._held or [], None
        for event in held:
            self.on(event)
