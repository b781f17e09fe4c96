"""The contract that every clock keeps: on the loop, scaled, and the fake that tests move by hand."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import uvloop
from tests.fakes.clock import NOON, VirtualClock

from baitie.adapters.clock import LoopClock, ScaledCivilClock, SystemRng
from baitie.kernel.time import Instant

WAIT_S_MAX = 5.0


class UnderTest:
    """A clock and how to let time pass on it until a condition holds."""

    def __init__(self, clock: Any) -> None:
        self.clock = clock

    async def until(self, condition: Callable[[], bool]) -> None:
        end = self.clock.now() + WAIT_S_MAX
        while not condition():
            assert self.clock.now() < end, "it never came"
            if isinstance(self.clock, VirtualClock):
                self.clock.advance(0.005)
            await asyncio.sleep(0)


def _clocks() -> dict[str, Callable[[], Any]]:
    return {
        "loop": LoopClock,
        "uvloop": LoopClock,
        "scaled": lambda: ScaledCivilClock(NOON, 60.0),
        "virtual": VirtualClock,
        "virtual-scaled": lambda: VirtualClock(speed=60.0, start=1000.0),
    }


@pytest.fixture(params=list(_clocks()))
def run(request: pytest.FixtureRequest) -> Callable[[Callable[[UnderTest], Awaitable[None]]], None]:
    """Run a scenario on each clock."""

    def runner(scenario: Callable[[UnderTest], Awaitable[None]]) -> None:
        async def inside() -> None:
            await scenario(UnderTest(_clocks()[request.param]()))

        (uvloop if request.param == "uvloop" else asyncio).run(inside())

    return runner


def test_callbacks_come_in_the_order_of_their_instants_and_not_early(run: Any) -> None:
    async def scenario(under: UnderTest) -> None:
        clock, seen, start = under.clock, [], under.clock.now()
        for after_s in (0.03, 0.01, 0.02):
            due = Instant(start + after_s)
            clock.call_at(due, lambda due=due: seen.append((due, clock.now())))
        await under.until(lambda: len(seen) == 3)
        assert [due for due, _ in seen] == sorted(due for due, _ in seen)
        assert all(at >= due - 0.001 for due, at in seen)  # the resolution of the loop's timers

    run(scenario)


def test_callbacks_of_one_instant_come_in_the_order_in_which_they_were_set(run: Any) -> None:
    async def scenario(under: UnderTest) -> None:
        seen: list[int] = []
        due = Instant(under.clock.now() + 0.01)
        for n in range(3):
            under.clock.call_at(due, lambda n=n: seen.append(n))
        await under.until(lambda: len(seen) == 3)
        assert sorted(seen) == [0, 1, 2]
        if isinstance(under.clock, VirtualClock):
            assert seen == [0, 1, 2]

    run(scenario)


def test_a_past_instant_calls_back_soon_and_never_inside_the_call(run: Any) -> None:
    async def scenario(under: UnderTest) -> None:
        seen: list[int] = []
        under.clock.call_at(Instant(under.clock.now() - 10), lambda: seen.append(1))
        assert seen == []
        await under.until(lambda: seen == [1])

    run(scenario)


def test_a_cancelled_timer_never_calls(run: Any) -> None:
    async def scenario(under: UnderTest) -> None:
        seen: list[str] = []
        now = under.clock.now()
        under.clock.call_at(Instant(now + 0.01), lambda: seen.append("cancelled")).cancel()
        under.clock.call_at(Instant(now + 0.02), lambda: seen.append("kept"))
        await under.until(lambda: "kept" in seen)
        assert seen == ["kept"]

    run(scenario)


def test_civil_time_is_aware_and_runs_with_the_monotonic(run: Any) -> None:
    async def scenario(under: UnderTest) -> None:
        first, start = under.clock.civil_now(), under.clock.now()
        assert first.utcoffset() == timedelta(0)
        await under.until(lambda: under.clock.now() >= start + 0.02)
        assert under.clock.civil_now() > first

    run(scenario)


def test_the_instant_of_a_civil_time_is_when_the_clock_shows_it(run: Any) -> None:
    async def scenario(under: UnderTest) -> None:
        clock, seen = under.clock, []
        target = clock.civil_now() + timedelta(seconds=0.5 if _is_scaled(clock) else 0.02)
        clock.call_at(clock.instant_of(target), lambda: seen.append(clock.civil_now()))
        await under.until(lambda: bool(seen))
        assert seen[0] >= target - timedelta(seconds=0.12 if _is_scaled(clock) else 0.002)

    run(scenario)


def test_the_instant_of_a_past_civil_time_is_past(run: Any) -> None:
    async def scenario(under: UnderTest) -> None:
        past = under.clock.civil_now() - timedelta(hours=1)
        assert under.clock.instant_of(past) < under.clock.now()

    run(scenario)


def _is_scaled(clock: Any) -> bool:
    one_hour = clock.instant_of(clock.civil_now() + timedelta(hours=1)) - clock.now()
    return one_hour < 3000


def test_the_scaled_clock_starts_where_it_is_told_and_keeps_its_speed() -> None:
    async def inside() -> None:
        beijing = datetime.fromisoformat("2026-03-02T10:00:00+08:00")
        clock = ScaledCivilClock(beijing, 120.0)
        assert clock.civil_now() - beijing < timedelta(minutes=10)
        assert clock.civil_now().tzinfo is UTC
        ahead = clock.instant_of(beijing + timedelta(hours=2)) - clock.instant_of(beijing)
        assert ahead == pytest.approx(60.0)

    asyncio.run(inside())


def test_a_standing_clock_keeps_its_civil_time_until_it_begins() -> None:
    async def inside() -> None:
        clock = ScaledCivilClock(NOON, 3600.0, is_standing=True)
        under, since = UnderTest(clock), clock.now()
        await under.until(lambda: clock.now() - since > 0.05)
        assert clock.civil_now() == NOON
        clock.begin()
        await under.until(lambda: clock.civil_now() > NOON)
        begun = clock.instant_of(NOON)
        clock.begin()
        assert clock.instant_of(NOON) == begun > since

    asyncio.run(inside())


@pytest.mark.parametrize(("start", "speed"), [(datetime(2026, 3, 2), 1.0), (NOON, 0.0), (NOON, -1.0)])  # noqa: DTZ001
def test_a_scaled_clock_refuses_naive_starts_and_standing_speeds(start: datetime, speed: float) -> None:
    async def inside() -> None:
        with pytest.raises(ValueError, match="aware"):
            ScaledCivilClock(start, speed)

    asyncio.run(inside())


@pytest.mark.parametrize(("by_s", "is_told"), [(3600, True), (-30, True), (2.5, True), (1.5, False), (0, False)])
def test_jumps_of_the_civil_clock_over_two_seconds_are_told_once(by_s: float, is_told: bool) -> None:
    async def inside() -> None:
        shift = timedelta(0)
        clock = LoopClock(lambda: datetime.now(UTC) + shift)
        told: list[timedelta] = []
        clock.watch_jumps(told.append, look_every_s=0.005)
        shift = timedelta(seconds=by_s)
        looks = 0

        def looked() -> None:
            nonlocal looks
            looks += 1
            clock.call_at(Instant(clock.now() + 0.005), looked)

        looked()
        under = UnderTest(clock)
        await under.until(lambda: looks > 6)
        clock.stop_watching()
        assert [round(jump.total_seconds(), 1) for jump in told] == ([by_s] if is_told else [])

    asyncio.run(inside())


def test_the_virtual_clock_runs_what_its_callbacks_set_in_order() -> None:
    clock, seen = VirtualClock(), []

    def first() -> None:
        seen.append(("first", clock.now()))
        clock.call_at(Instant(2.0), lambda: seen.append(("set inside", clock.now())))

    clock.call_at(Instant(1.0), first)
    clock.call_at(Instant(3.0), lambda: seen.append(("third", clock.now())))
    clock.advance(2.5)
    assert seen == [("first", 1.0), ("set inside", 2.0)]
    assert (clock.now(), clock.next_due()) == (2.5, 3.0)
    assert clock.civil_now() == NOON + timedelta(seconds=2.5)


def test_system_chance_gives_fractions_and_bits() -> None:
    rng = SystemRng()
    assert all(0 <= rng.random() < 1 for _ in range(100))
    assert all(0 <= rng.getrandbits(60) < 2**60 for _ in range(100))
    assert len({rng.getrandbits(60) for _ in range(100)}) == 100
