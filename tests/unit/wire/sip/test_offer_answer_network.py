"""Unit: whatever the network does and both sides offer, they end with the same two descriptions in force."""

import random
from dataclasses import dataclass

import pytest
from tests.unit.wire.sip.network import Hostility, Network, Party

from baitie.kernel.time import Instant
from baitie.wire.sip.effects import (
    CallAnswered,
    CallConfirmed,
    CallEnded,
    CallFailed,
    CallKey,
    CallOffered,
    CallProgressed,
    Event,
    MediaAnswered,
    MediaOffered,
    MediaRefused,
)
from baitie.wire.sip.settings import InviteRequest

OFFERS_UNTIL_S, SETTLED_AT_S = 60.0, 200.0


@dataclass
class Side:
    """One side of a call by what it was told: the descriptions that it believes to be in force."""

    party: Party
    name: str
    rng: random.Random
    key: CallKey | None = None
    said: int = 0
    local: bytes = b""
    remote: bytes = b""
    offering: bytes = b""
    exchanges: int = 0
    is_over: bool = False

    def describe(self) -> bytes:
        self.said += 1
        return f"v=0\r\ns={self.name}{self.said}\r\n".encode()

    def in_force(self, local: bytes, remote: bytes) -> None:
        self.local, self.remote = local, remote
        self.exchanges += 1

    def offer(self, now: Instant) -> None:
        if self.key is not None and not self.is_over and not self.offering:
            self.offering = self.describe()
            self.party.agent.reinvite(self.key, self.offering, now)

    def on_event(self, event: Event, now: Instant) -> None:
        agent = self.party.agent
        match event:
            case CallOffered():
                self.key = event.call
                local = self.describe()
                self.in_force(local, event.sdp)
                if self.rng.random() < 0.5:
                    agent.ring(event.call, now, 183, local, reliable=True)
                agent.answer(event.call, local, now)
            case CallProgressed() if event.sdp:
                self.remote = event.sdp
            case CallAnswered():
                self.remote = event.sdp
            case MediaOffered() if self.rng.random() < 0.2:
                agent.refuse_media(event.call, now)
            case MediaOffered():
                local = self.describe()
                self.in_force(local, event.sdp)
                agent.accept_media(event.call, local, now)
            case MediaAnswered():
                self.in_force(self.offering, event.sdp)
                self.offering = b""
            case MediaRefused():
                self.offering = b""
            case CallEnded() | CallFailed():
                self.is_over = True
            case CallConfirmed():
                assert event.sdp == b""


@pytest.mark.parametrize("seed", range(12))
def test_both_sides_agree_on_what_is_in_force(seed: int) -> None:
    hostility = Hostility(0.15, 0.15, (0.005, 0.2), 0.1) if seed % 2 else Hostility(delay_s=(0.005, 0.3))
    network, rng = Network(seed, hostility), random.Random(seed)
    near, far = Party(network, "10.0.0.1", seed + 100), Party(network, "10.0.0.2", seed + 200)
    caller, callee = Side(near, "caller", rng), Side(far, "callee", rng)
    near.on_event, far.on_event = caller.on_event, callee.on_event

    def place() -> None:
        caller.local = caller.describe()
        request = InviteRequest("sip:1@10.0.0.2", "sip:2@10.0.0.1", far.flow, caller.local, session_expires_s=90)
        caller.key = near.agent.invite(request, network.now)

    network.at(0.0, place)
    at = 2.0
    while at < OFFERS_UNTIL_S:
        side = rng.choice((caller, callee))
        network.at(at, lambda side=side: side.offer(network.now))  # type: ignore[misc]
        at += rng.expovariate(1.0)
    network.run(SETTLED_AT_S)
    assert not caller.is_over
    assert not callee.is_over
    assert (caller.local, caller.remote) == (callee.remote, callee.local)
    assert caller.exchanges > 5
