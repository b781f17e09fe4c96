"""Sockets and connections of the simulated network behave as those of the system, in virtual time."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import cast

import pytest

from baitie.rehearsal.virtual_time import run_virtually
from baitie.rehearsal.wire.datagrams import DATAGRAMS_WAITING_MAX
from baitie.rehearsal.wire.impairments import QUIET_WAY, Impairments
from baitie.rehearsal.wire.loop import NetworkedLoop
from baitie.rehearsal.wire.network import SimulatedNetwork

HERE, THERE = "192.0.2.1", "198.51.100.1"
STEADY = Impairments(latency_median_s=0.01, latency_sigma=0)
READABLE = 1


def on_network(
    main: Callable[[SimulatedNetwork], Awaitable[list[object]]], way: Impairments = STEADY, seed: int = 1
) -> list[object]:
    """What `main` gives on a loop with a network."""
    loop = NetworkedLoop(0.0, way, random.Random(seed))

    async def run() -> list[object]:
        return await main(loop.network)

    return run_virtually(run(), loop)


def kept_in(ears: list["Ear"]) -> "Ear":
    """A new ear, which is kept."""
    ears.append(Ear())
    return ears[-1]


class Ear(asyncio.Protocol):
    """Keeps what it hears, with the time."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, bytes]] = []
        self.lost: list[Exception | None] = []
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.heard.append((round(asyncio.get_running_loop().time(), 4), data))

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.append(exc)


def test_a_reader_is_woken_when_a_datagram_arrives_and_reads_its_source() -> None:
    async def main(network: SimulatedNetwork) -> list[object]:
        loop, heard = asyncio.get_running_loop(), list[object]()
        near, far = network.bind(HERE, 5060), network.bind(THERE, 5060)
        loop.add_reader(far.fileno(), lambda: heard.append((loop.time(), *far.recvfrom(100))))
        near.sendto(b"a", (THERE, 5060))
        await asyncio.sleep(1)
        loop.remove_reader(far.fileno())
        near.sendto(b"b", (THERE, 5060))
        await asyncio.sleep(1)
        return heard

    assert on_network(main) == [(0.01, b"a", (HERE, 5060))]


def test_a_poller_tells_of_what_has_arrived_and_of_nothing_that_is_on_its_way() -> None:
    async def main(network: SimulatedNetwork) -> list[object]:
        near, far, poller = network.bind(HERE, 0), network.bind(THERE, 0), network.poller()
        poller.register(far, READABLE)
        for word in (b"a", b"b"):
            near.sendto(word, far.getsockname())
        early = poller.poll(0)
        await asyncio.sleep(0.02)
        found: list[object] = [early, poller.poll(0) == [(far.fileno(), READABLE)]]
        found += [far.recvfrom(100)[0], poller.poll(0) != [], far.recvfrom(100)[0], poller.poll(0)]
        return found

    assert on_network(main) == [[], True, b"a", True, b"b", []]


def test_an_empty_socket_would_block_and_a_closed_one_is_gone() -> None:
    async def main(network: SimulatedNetwork) -> list[object]:
        near, far = network.bind(HERE, 0), network.bind(THERE, 7)
        with pytest.raises(BlockingIOError):
            far.recvfrom(100)
        near.sendto(b"on its way", (THERE, 7))
        far.close()
        again = network.bind(THERE, 7)
        with pytest.raises(OSError, match="closed"):
            far.sendto(b"x", (HERE, 1))
        await asyncio.sleep(1)
        with pytest.raises(BlockingIOError):
            again.recvfrom(100)
        return []

    assert on_network(main) == []


def test_a_taken_port_is_refused_and_any_port_is_a_free_one() -> None:
    async def main(network: SimulatedNetwork) -> list[object]:
        taken = network.bind(HERE, 16_385)
        with pytest.raises(OSError, match="taken"):
            network.bind(HERE, taken.getsockname()[1])
        return [network.bind(HERE, 0).getsockname()[1] for _ in range(3)]

    assert on_network(main) == [16_384, 16_386, 16_387]


def test_a_socket_that_is_not_read_loses_what_its_buffer_cannot_hold() -> None:
    async def main(network: SimulatedNetwork) -> list[object]:
        near, far = network.bind(HERE, 0), network.bind(THERE, 7)
        for _ in range(DATAGRAMS_WAITING_MAX + 10):
            near.sendto(b"x", (THERE, 7))
        await asyncio.sleep(1)
        read = [far.recvfrom(10) for _ in range(DATAGRAMS_WAITING_MAX)]
        with pytest.raises(BlockingIOError):
            far.recvfrom(10)
        return [len(read)]

    assert on_network(main) == [DATAGRAMS_WAITING_MAX]


def test_a_stream_keeps_its_order_however_late_its_pieces_come() -> None:
    async def main(network: SimulatedNetwork) -> list[object]:
        loop, ears = asyncio.get_running_loop(), list[Ear]()
        server = await loop.create_server(lambda: kept_in(ears), THERE, 0)
        transport, _ = await loop.create_connection(Ear, THERE, server.sockets[0].getsockname()[1])
        for number in range(200):
            transport.write(bytes([number]))
        transport.close()
        await asyncio.sleep(20)
        times = [at for at, _ in ears[0].heard]
        return [b"".join(data for _, data in ears[0].heard) == bytes(range(200)), times == sorted(times), ears[0].lost]

    assert on_network(main, Impairments(lost_rate=0.3)) == [True, True, [None]]


def test_nobody_is_connected_where_nobody_listens() -> None:
    async def main(network: SimulatedNetwork) -> list[object]:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Ear, THERE, 2775)
        server.close()
        await server.wait_closed()
        with pytest.raises(ConnectionRefusedError):
            await loop.create_connection(Ear, THERE, 2775)
        return [loop.time()]

    assert on_network(main) == [0.02]


def test_an_aborted_connection_is_a_reset_at_the_far_end() -> None:
    async def main(network: SimulatedNetwork) -> list[object]:
        loop, ears = asyncio.get_running_loop(), list[Ear]()
        await loop.create_server(lambda: kept_in(ears), THERE, 2775)
        transport, near = await loop.create_connection(Ear, THERE, 2775)
        transport.abort()
        transport.write(b"too late")
        await asyncio.sleep(1)
        return [near.lost, [type(error) for error in ears[0].lost], ears[0].heard]

    assert on_network(main) == [[None], [ConnectionResetError], []]


def test_a_cut_breaks_every_connection_and_keeps_new_ones_away_for_a_while() -> None:
    async def main(network: SimulatedNetwork) -> list[object]:
        loop, ears = asyncio.get_running_loop(), list[Ear]()
        await loop.create_server(lambda: kept_in(ears), THERE, 2775)
        _, near = await loop.create_connection(Ear, THERE, 2775)
        while not near.lost:
            await asyncio.sleep(1)
        assert isinstance(near.lost[0], ConnectionResetError)
        assert isinstance(ears[0].lost[0], ConnectionResetError)
        refused, begun = 0, loop.time()
        while True:
            try:
                await loop.create_connection(Ear, THERE, 2775)
                return [refused > 3, 8 <= loop.time() - begun <= 12]
            except ConnectionRefusedError:
                refused += 1
                await asyncio.sleep(1)

    assert on_network(main, Impairments(stream_cuts_per_h=60, stream_cut_s=10)) == [True, True]


def test_the_same_seed_delivers_the_same_and_another_seed_does_not() -> None:
    async def main(network: SimulatedNetwork) -> list[object]:
        loop, heard = asyncio.get_running_loop(), list[object]()
        near, far = network.bind(HERE, 0), network.bind(THERE, 7)
        loop.add_reader(far.fileno(), lambda: heard.append((loop.time(), far.recvfrom(10)[0])))
        for number in range(100):
            near.sendto(bytes([number]), (THERE, 7))
        await asyncio.sleep(5)
        heard.append((network.datagrams_sent, network.datagrams_lost, network.datagrams_doubled))
        return heard

    hostile = Impairments(lost_rate=0.2, doubled_rate=0.2, held_back_rate=0.2)
    first, again, other = (on_network(main, hostile, seed) for seed in (1, 1, 2))
    assert first == again != other
    sent, lost, doubled = cast(tuple[int, int, int], first[-1])
    assert sent == 100
    assert len(first) - 1 == sent - lost + doubled
    assert lost
    assert doubled


def test_on_a_quiet_way_with_spread_datagrams_all_arrive() -> None:
    async def main(network: SimulatedNetwork) -> list[object]:
        near, far = network.bind(HERE, 0), network.bind(THERE, 7)
        for number in range(50):
            near.sendto(bytes([number]), (THERE, 7))
        await asyncio.sleep(5)
        return list[object](sorted(far.recvfrom(10)[0] for _ in range(50)))

    assert on_network(main, QUIET_WAY) == [bytes([number]) for number in range(50)]
