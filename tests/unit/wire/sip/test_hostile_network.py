"""Unit: thousands of calls over a network that loses, doubles, delays and reorders, in virtual time."""

import random
from dataclasses import dataclass, field

import pytest
from tests.unit.wire.sip.network import Hostility, Network, Party

from baitie.kernel.time import Instant
from baitie.wire.sip.auth import Credentials
from baitie.wire.sip.challenger import DigestServer
from baitie.wire.sip.effects import CallAnswered, CallConfirmed, CallEnded, CallFailed, CallOffered, Event
from baitie.wire.sip.settings import InviteRequest

CALLS = 5000
RATE_PER_S = 100.0
FAILED_SHARE_MAX = 0.002
ANSWER_WITHIN_S = 32.0


@dataclass
class Calls:
    """What both sides saw of a run, by the call's number."""

    placed_at: dict[str, float] = field(default_factory=dict)
    answered_at: dict[str, float] = field(default_factory=dict)
    ended_here: set[str] = field(default_factory=set)
    ended_there: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)

    def bad(self) -> set[str]:
        """Calls not answered in time, or not ended on both sides."""
        good = {
            number
            for number, at in self.answered_at.items()
            if at - self.placed_at[number] <= ANSWER_WITHIN_S
            and number in self.ended_here
            and number in self.ended_there
        }
        return set(self.placed_at) - good


def campaign(network: Network, calls: int, authenticated: bool = False, reliable: bool = False) -> Calls:
    """Calls at a steady rate; the callee rings for up to 3 s and answers, one side hangs up after up to 2 s."""
    seen = Calls()
    server = DigestServer("far", {"u": "p"}.get, b"key") if authenticated else None
    near = Party(network, "10.0.0.1", 11)
    far = Party(network, "10.0.0.2", 12, challenger=server)
    people = random.Random(network.seed + 1)
    numbers: dict[str, str] = {}

    def place(number: str) -> None:
        credentials = Credentials("u", "p") if authenticated else None
        request = InviteRequest(
            f"sip:{number}@10.0.0.2", "sip:me@10.0.0.1", far.flow, b"v=0 offer", credentials=credentials,
            ring_timeout_s=60.0,
        )  # fmt: skip
        seen.placed_at[number] = network.now
        numbers[near.agent.invite(request, network.now)] = number

    def at_near(event: Event, now: Instant) -> None:
        if isinstance(event, CallAnswered):
            call = event.call
            seen.answered_at[numbers[call]] = now
            if people.random() < 0.5:
                network.at(now + people.uniform(0, 2), lambda: near.agent.hang_up(call, network.now))
        elif isinstance(event, CallEnded):
            if event.failure is None:
                seen.ended_here.add(numbers[event.call])
        elif isinstance(event, CallFailed):
            seen.failed[numbers[event.call]] = event.failure.cause

    def at_far(event: Event, now: Instant) -> None:
        if isinstance(event, CallOffered):
            call = event.call
            numbers[call] = event.request_uri[4:].partition("@")[0]
            far.agent.ring(call, now, reliable=reliable)
            network.at(now + people.uniform(0, 3), lambda: far.agent.answer(call, b"v=0 answer", network.now))
        elif isinstance(event, CallConfirmed):
            call = event.call
            network.at(now + 2.5, lambda: far.agent.hang_up(call, network.now))
        elif isinstance(event, CallEnded) and event.failure is None:
            seen.ended_there.add(numbers[event.call])

    near.on_event, far.on_event = at_near, at_far
    for index in range(calls):
        number = f"{index:05d}"
        network.at(index / RATE_PER_S, lambda number=number: place(number))  # type: ignore[misc]
    network.run(until=calls / RATE_PER_S + 200)
    return seen


def held(network: Network) -> dict[str, int]:
    total: dict[str, int] = {}
    for party in network.parties.values():
        for name, count in party.agent.held().items():
            total[name] = total.get(name, 0) + count
    return total


@pytest.mark.parametrize(
    ("hostility", "authenticated", "reliable", "calls"),
    [
        (Hostility(lost_share=0.1), False, False, CALLS),
        (Hostility(0.1, 0.1, (0.001, 0.2), 0.05), False, False, 1000),
        (Hostility(0.1, 0.1, (0.001, 0.2), 0.05), True, True, 1000),
    ],
    ids=["lost", "lost-doubled-delayed-reordered", "authenticated-and-reliable"],
)
def test_at_10_per_cent_loss_each_way_at_most_2_in_1000_calls_fail_and_nothing_is_left(
    hostility: Hostility, authenticated: bool, reliable: bool, calls: int
) -> None:
    network = Network(1, hostility)
    seen = campaign(network, calls, authenticated, reliable)
    assert len(seen.placed_at) == calls
    assert len(seen.bad()) <= FAILED_SHARE_MAX * calls, (len(seen.bad()), seen.failed)
    assert not any(held(network).values()), held(network)


def test_on_a_kind_network_no_call_fails_and_nothing_is_sent_twice() -> None:
    network = Network(1, Hostility())
    seen = campaign(network, 300)
    assert seen.bad() == set()
    assert [party.agent.counts.retransmissions_sent for party in network.parties.values()] == [0, 0]


def test_on_a_dead_network_every_call_fails_as_unknown_and_nothing_is_left() -> None:
    network = Network(1, Hostility(lost_share=1.0))
    seen = campaign(network, 50)
    assert set(seen.failed.values()) == {"trunk-timeout"}
    assert len(seen.failed) == 50
    assert not any(held(network).values())


def test_the_same_seed_gives_the_same_bytes_at_the_same_times_and_another_seed_does_not() -> None:
    def log(seed: int) -> str:
        network = Network(seed, Hostility(0.2, 0.2, (0.001, 0.3), 0.1))
        campaign(network, 100)
        return network.log_hash()

    assert log(3) == log(3)
    assert log(3) != log(4)
