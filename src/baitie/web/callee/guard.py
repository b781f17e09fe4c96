"""What stands before every route: how often somebody may ask, how much they may send, what browsers may do with it."""

import asyncio
import ipaddress
import math
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ADDRESSES_MAX = 20_000
"""So many addresses are remembered; who was away longest is forgotten, and begins with a full allowance."""

UNKNOWN_CODE_COST = 5.0
"""A code that is none costs as much as five views."""

_IPV6_PREFIX = 64  # what one connection of a household or a telephone is given


@dataclass(slots=True)
class Allowance:
    """Allowance (令牌桶): `per_s` requests a second on the average, `burst` at once."""

    per_s: float
    burst: float
    left: float
    at: float

    def take(self, cost: float, now: float) -> bool:
        """Whether there is enough, and then less."""
        self.left = min(self.burst, self.left + (now - self.at) * self.per_s)
        self.at = now
        if self.left < cost:
            return False
        self.left -= cost
        return True

    def charge(self, cost: float) -> None:
        """Less, even below nothing: what turned out dearer than it seemed."""
        self.left = max(self.left - cost, -self.burst)


@dataclass(slots=True)
class Allowances:
    """What each address, and everybody together, may still ask (限流)."""

    per_s: float
    per_s_per_address: float
    burst_per_address: int
    now: Callable[[], float]
    _whole: Allowance | None = None
    _by_address: OrderedDict[str, Allowance] = field(default_factory=OrderedDict)

    def take(self, address: str) -> bool:
        """Whether one more request of this address is answered."""
        now = self.now()
        if self._whole is None:
            self._whole = Allowance(self.per_s, max(self.per_s, 1.0), max(self.per_s, 1.0), now)
        return self._of(address, now).take(1.0, now) and self._whole.take(1.0, now)

    def charge(self, address: str, cost: float) -> None:
        """Count what an address asked for as dearer."""
        self._of(address, self.now()).charge(cost)

    def _of(self, address: str, now: float) -> Allowance:
        key = network_of(address)
        found = self._by_address.get(key)
        if found is None:
            found = Allowance(self.per_s_per_address, self.burst_per_address, self.burst_per_address, now)
            self._by_address[key] = found
            if len(self._by_address) > ADDRESSES_MAX:
                self._by_address.popitem(last=False)
        else:
            self._by_address.move_to_end(key)
        return found


def network_of(address: str) -> str:
    """What counts as one address: an IPv4 address, or the network that an IPv6 connection is given."""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.ip_network(f"{address.partition('%')[0]}/{_IPV6_PREFIX}", strict=False))
    except ValueError:
        return address


def address_of(scope: Scope) -> str:
    """Where the request comes from; behind a trusted proxy the server has put the right one there."""
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


class PlainPaths:
    """Lets a path with doubled, backward or closing slashes be the path without them: no form draws a redirect."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            parts = [part for part in re.split(r"[/\\]+", scope["path"]) if part]
            scope = {**scope, "path": "/" + "/".join(parts)}
        await self.app(scope, receive, send)


class AtOnce:
    """Answers 503 at once where so many requests are in progress already (并发上限)."""

    def __init__(self, app: ASGIApp, at_once_max: int) -> None:
        self.app = app
        self._at_once_max = at_once_max
        self._at_once = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif self._at_once >= self._at_once_max:
            await PlainTextResponse("Service Unavailable", 503)(scope, receive, send)
        else:
            self._at_once += 1
            try:
                await self.app(scope, receive, send)
            finally:
                self._at_once -= 1


class Headers:
    """Puts on every answer what browsers may do with it: no scripts, no frames, nothing kept, nothing told on."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self.app = app
        said = {
            "content-security-policy": policy,
            "referrer-policy": "no-referrer",
            "cache-control": "no-store",
            "x-robots-tag": "noindex, nofollow, noarchive",
            "x-content-type-options": "nosniff",
            "x-frame-options": "DENY",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "permissions-policy": "camera=(), geolocation=(), microphone=()",
        }
        self._headers = [(name.encode(), value.encode()) for name, value in said.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [pair for pair in message["headers"] if pair[0].lower() not in dict(self._headers)]
                message = {**message, "headers": [*own, *self._headers]}
            await send(message)

        await self.app(scope, receive, with_headers)


class EvenPace:
    """Lets every answer leave a fixed time after its request came, so that its time tells nothing of what was found.

    An answer that took longer leaves at the next multiple of that time. Pictures and the like are not held back.
    """

    def __init__(self, app: ASGIApp, answer_after_s: float, now: Callable[[], float], exempt: tuple[str, ...]) -> None:
        self.app = app
        self._step_s = answer_after_s
        self._now = now
        self._exempt = exempt

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._step_s <= 0 or scope["path"].startswith(self._exempt):
            await self.app(scope, receive, send)
            return
        came_at = self._now()

        async def in_step(message: Message) -> None:
            if message["type"] == "http.response.start":
                took_s = self._now() - came_at
                steps = max(1, math.ceil(took_s / self._step_s))
                wait_s = came_at + steps * self._step_s - self._now()
                await asyncio.sleep(wait_s)  # noqa: TID251 - the callee waits: that is the purpose
            await send(message)

        await self.app(scope, receive, in_step)
