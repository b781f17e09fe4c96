"""Client machine and centre machine over a simulated network in virtual time: seeded, without any waiting."""

import heapq
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from baitie.kernel.time import Instant
from baitie.wire.smpp.centre import (
    CentreEffect,
    CentreSettings,
    CloseTo,
    MessageCentre,
    MessageDone,
    MessageShown,
    SendTo,
)
from baitie.wire.smpp.client import SmppClient
from baitie.wire.smpp.events import (
    ClientEffect,
    ClientEvent,
    CloseConnection,
    MessageArrived,
    OpenConnection,
    SendBytes,
    SubmitAccepted,
    SubmitFateUnknown,
    SubmitRefused,
)
from baitie.wire.smpp.rulings import SubmitPolicy
from baitie.wire.smpp.settings import ClientSettings

ACCOUNT, PASSWORD = "baitie", "secret"
TO = "+8613812345678"
CIVIL_START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
STEPS_MAX = 200_000


def civil_at(now: Instant) -> datetime:
    return CIVIL_START + timedelta(seconds=now)


@dataclass
class Network:
    """How the connection behaves."""

    latency_s: float = 0.01
    piece_octets_max: int = 10_000
    breaks_at: tuple[float, ...] = ()
    refused_until: float = 0.0  # no connection is made before


@dataclass
class World:
    """One client, one centre, one network between them."""

    policy: SubmitPolicy
    settings: ClientSettings = field(default_factory=lambda: ClientSettings(ACCOUNT, PASSWORD))
    centre_settings: CentreSettings = field(default_factory=lambda: CentreSettings({ACCOUNT: PASSWORD}))
    network: Network = field(default_factory=Network)
    seed: int = 0
    acknowledges: bool = True

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.now = Instant(0.0)
        self.client = SmppClient(self.settings)
        self.centre = MessageCentre(self.centre_settings, self.policy, civil_at)
        self.log: list[tuple[float, ClientEvent]] = []
        self.fates: list[MessageShown | MessageDone] = []
        self.to_centre: list[bytes] = []
        self.connection = 0
        self._is_up = False
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = 0
        for at in self.network.breaks_at:
            self.at(at, self.break_connection)

    def at(self, when: float, act: Callable[[], None]) -> None:
        self._order += 1
        heapq.heappush(self._due, (when, self._order, act))

    def start(self) -> None:
        self.follow(self.client.start(self.now))

    def submit(self, key: str, text: str = "Acme calls you", validity_s: float = 60.0) -> None:
        self.follow(self.client.submit(key, "10690001", TO, text, True, validity_s, self.now))

    def close(self) -> None:
        self.follow(self.client.close(self.now))

    def run(self, until_s: float) -> None:
        """Let virtual time pass until nothing is due before `until_s`."""
        for _ in range(STEPS_MAX):
            deadlines = [at for at in (self.client.next_deadline(), self.centre.next_deadline()) if at is not None]
            deadlines += [Instant(self._due[0][0])] if self._due else []
            at = min(deadlines, default=until_s)
            if at >= until_s:
                self.now = Instant(until_s)
                return
            self.now = Instant(max(at, self.now))
            if self._due and self._due[0][0] <= self.now:
                heapq.heappop(self._due)[2]()
            self.follow(self.client.tick(self.now))
            self.follow_centre(self.centre.tick(self.now))
        raise AssertionError("the machines do not come to rest")

    def follow(self, effects: list[ClientEffect]) -> None:
        queue = deque(effects)
        while queue:
            effect = queue.popleft()
            match effect:
                case OpenConnection():
                    self.at(self.now + self.network.latency_s, self._open)
                case SendBytes():
                    self._send(effect.data, to_centre=True)
                case CloseConnection():
                    self._hang_up()
                case _:
                    self.log.append((self.now, effect))
                    if isinstance(effect, MessageArrived):
                        queue.extend(self.client.acknowledge(effect.ticket, self.acknowledges))

    def follow_centre(self, effects: list[CentreEffect]) -> None:
        for effect in effects:
            match effect:
                case SendTo():
                    self._send(effect.data, to_centre=False)
                case CloseTo():
                    self.break_connection()
                case MessageShown() | MessageDone():
                    self.fates.append(effect)

    def break_connection(self) -> None:
        """Both sides lose the connection; what is under way is lost."""
        if self._is_up:
            self._hang_up()
            self.follow(self.client.disconnected("connection-lost", self.now))

    def _hang_up(self) -> None:
        if self._is_up:
            self._is_up = False
            self.follow_centre(self.centre.disconnected(self.connection))
            self.connection += 1

    def _open(self) -> None:
        if self.now < self.network.refused_until:
            self.follow(self.client.disconnected("connect-failed", self.now))
            return
        self._is_up = True
        self.centre.connected(self.connection, self.now)
        self.follow(self.client.connected(self.now))

    def _send(self, data: bytes, to_centre: bool) -> None:
        connection, start = self.connection, 0
        while start < len(data):
            size = self.rng.randint(1, self.network.piece_octets_max)
            piece = data[start : start + size]
            start += size
            self.at(self.now + self.network.latency_s, partial(self._arrive, connection, piece, to_centre))

    def _arrive(self, connection: int, piece: bytes, to_centre: bool) -> None:
        if connection != self.connection or not self._is_up:
            return
        if to_centre:
            self.to_centre.append(piece)
            self.follow_centre(self.centre.receive_untrusted(connection, piece, self.now))
        else:
            self.follow(self.client.receive_untrusted(piece, self.now))

    def events(self, *kinds: type) -> list[ClientEvent]:
        return [event for _, event in self.log if isinstance(event, kinds)]

    def ends(self) -> dict[str, list[ClientEvent]]:
        """For each submitted key its ends: there must be exactly one."""
        out: dict[str, list[ClientEvent]] = {}
        for _, event in self.log:
            if isinstance(event, SubmitAccepted | SubmitRefused | SubmitFateUnknown):
                out.setdefault(event.key, []).append(event)
        return out
