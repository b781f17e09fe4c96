"""A hostile network in virtual time: user agents exchange datagrams that are lost, doubled, delayed and reordered."""

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any

from baitie.kernel.time import Instant
from baitie.wire.sip.agent import UserAgent
from baitie.wire.sip.effects import Event, Flow, SendBytes
from baitie.wire.sip.settings import UserAgentSettings


@dataclass(slots=True)
class Hostility:
    """What the network does to each datagram; shares are 0 to 1, delays in seconds."""

    lost_share: float = 0.0
    doubled_share: float = 0.0
    delay_s: tuple[float, float] = (0.005, 0.03)
    straggler_share: float = 0.0
    straggler_delay_s: float = 0.7


class Party:
    """One user agent in the network. `on_event(event, now)` may act on it."""

    def __init__(self, network: "Network", host: str, seed: int, **settings: Any) -> None:
        self.flow = Flow("UDP", host, 5060)
        self.agent = UserAgent(UserAgentSettings({"UDP": (host, 5060)}, **settings), random.Random(seed))
        self.on_event: Callable[[Event, Instant], None] = lambda event, now: None
        network.parties[host] = self


@dataclass
class Network:
    """Time passes in `run`. Same seed, same log."""

    seed: int
    hostility: Hostility
    now: Instant = field(default=Instant(0.0))
    parties: dict[str, Party] = field(default_factory=dict)
    datagrams: int = 0

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed)
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._order = 0
        self._log = hashlib.sha256()

    def log_hash(self) -> str:
        """A hash of every byte sent so far, with its time and whither."""
        return self._log.hexdigest()

    def at(self, when: float, act: Callable[[], None]) -> None:
        """Something to do at a time."""
        self._order += 1
        heappush(self._queue, (when, self._order, act))

    def run(self, until: float) -> None:
        """Lets time pass, serving datagrams, acts and deadlines in order."""
        while True:
            self._carry()
            deadlines = [
                (at, party) for party in self.parties.values() if (at := party.agent.next_deadline()) is not None
            ]
            due, owner = min(deadlines, key=lambda pair: pair[0], default=(float("inf"), None))
            queued = self._queue[0][0] if self._queue else float("inf")
            first = min(due, queued)
            if first > until:
                break
            self.now = Instant(max(self.now, first))
            if queued <= due:
                heappop(self._queue)[2]()
            elif owner is not None:
                owner.agent.on_deadline(self.now)
        self.now = Instant(until)

    def _carry(self) -> None:
        moved = True
        while moved:
            moved = False
            for party in self.parties.values():
                for effect in party.agent.take_effects():
                    moved = True
                    if isinstance(effect, SendBytes):
                        self._send(effect, party.flow)
                    else:
                        party.on_event(effect, self.now)

    def _send(self, effect: SendBytes, source: Flow) -> None:
        hostility, rng = self.hostility, self._rng
        self.datagrams += 1
        self._log.update(f"{self.now:.6f} {source.host} {effect.flow.host} ".encode() + effect.data)
        receiver = self.parties.get(effect.flow.host)
        for _ in range(1 + (rng.random() < hostility.doubled_share)):
            if rng.random() < hostility.lost_share or receiver is None:
                continue
            wait_s = rng.uniform(*hostility.delay_s)
            if rng.random() < hostility.straggler_share:
                wait_s += hostility.straggler_delay_s
            self.at(self.now + wait_s, lambda: self._deliver(receiver, effect.data, source))

    def _deliver(self, receiver: Party, data: bytes, source: Flow) -> None:
        receiver.agent.receive_untrusted(data, source, self.now)
