"""Virtual time: the clock jumps, ties keep their order, what would last for ever is noticed, a crash runs nothing."""

import asyncio
import random
import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baitie.kernel.time import Instant
from baitie.rehearsal.virtual_clock import VirtualClock
from baitie.rehearsal.virtual_time import ForeignThreadError, NothingWillHappenError, SimulatedCrash, run_virtually


@given(st.lists(st.sampled_from([0.0, 0.5, 0.5 + 1e-12, 1.0, 86_400.0]), max_size=40))
def test_timers_run_by_instant_and_those_of_one_instant_in_the_order_they_were_set(instants: list[float]) -> None:
    ran: list[tuple[float, int]] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        for number, at in enumerate(instants):
            loop.call_at(at, ran.append, (at, number))
        await asyncio.sleep(100_000)

    run_virtually(main())
    assert ran == sorted((at, number) for number, at in enumerate(instants))


def test_a_year_passes_at_once_and_the_clock_shows_it_to_the_microsecond() -> None:
    async def main() -> float:
        await asyncio.sleep(365 * 86_400)
        return asyncio.get_running_loop().time()

    assert run_virtually(main()) == 365 * 86_400


def test_timer_sees_its_own_instant() -> None:
    seen: list[float] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        for at in (0.1, 0.2, 0.30000000000000004):
            loop.call_at(at, lambda: seen.append(loop.time()))
        await asyncio.sleep(1)

    run_virtually(main())
    assert seen == pytest.approx([0.1, 0.2, 0.3], abs=1e-9)


def test_waiting_for_what_never_comes_is_an_error_at_once() -> None:
    async def main() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(NothingWillHappenError):
        run_virtually(main())


def test_cancelled_timer_does_not_run() -> None:
    ran: list[int] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(1, ran.append, 1).cancel()
        loop.call_later(2, ran.append, 2)
        await asyncio.sleep(3)

    run_virtually(main())
    assert ran == [2]


def test_crash_runs_no_finally_and_the_next_loop_starts_at_zero() -> None:
    ran: list[str] = []

    async def victim() -> None:
        try:
            await asyncio.sleep(100)
        finally:
            ran.append("finally")

    async def main() -> None:
        task = asyncio.ensure_future(victim())
        await asyncio.sleep(1)
        asyncio.get_running_loop().call_later(1, _die)
        await task

    with pytest.raises(SimulatedCrash):
        run_virtually(main())
    assert ran == []

    async def after() -> float:
        return asyncio.get_running_loop().time()

    assert run_virtually(after()) == 0.0


def _die() -> None:
    raise SimulatedCrash


def test_another_thread_is_refused_whoever_asks_for_it() -> None:
    async def hands_over() -> None:
        await asyncio.to_thread(int)

    async def is_called_from_elsewhere() -> list[Exception]:
        loop, found = asyncio.get_running_loop(), list[Exception]()

        def call() -> None:
            try:
                loop.call_soon_threadsafe(int)
            except ForeignThreadError as error:
                found.append(error)

        thread = threading.Thread(target=call)
        thread.start()
        thread.join()
        return found

    with pytest.raises(ForeignThreadError):
        run_virtually(hands_over())
    assert len(run_virtually(is_called_from_elsewhere())) == 1


def test_result_and_error_of_the_main_coroutine_come_through() -> None:
    async def fails() -> None:
        raise KeyError("x")

    async def gives() -> int:
        return 7

    assert run_virtually(gives()) == 7
    with pytest.raises(KeyError):
        run_virtually(fails())


@given(st.sampled_from([1.0, 60.0, 200.0]), st.integers(0, 10**6))
def test_clock_gives_back_the_instant_at_which_civil_time_shows_something(speed: float, after_s: int) -> None:
    start = datetime(2026, 3, 3, 2, tzinfo=UTC)

    async def main() -> None:
        clock = VirtualClock(asyncio.get_running_loop(), start, speed)
        at = start + timedelta(seconds=after_s)
        reached = asyncio.get_running_loop().create_future()
        clock.call_at(Instant(clock.instant_of(at)), lambda: reached.set_result(clock.civil_now()))
        assert abs((await reached - at).total_seconds()) < 1e-3 * speed

    run_virtually(main())


def test_timer_never_runs_before_its_own_instant_however_the_sums_round() -> None:
    async def main(seed: int) -> list[float]:
        loop, rng, early = asyncio.get_running_loop(), random.Random(seed), []

        def fired(due: float) -> None:
            if loop.time() < due:
                early.append(due)

        at = rng.random()
        for _ in range(10):
            at *= 1 + 3 * rng.random()
            loop.call_at(at, fired, at)
        await asyncio.sleep(at + 1)
        return early

    assert [early for seed in range(200) for early in run_virtually(main(seed))] == []
