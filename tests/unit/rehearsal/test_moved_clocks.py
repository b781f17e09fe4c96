"""The clocks of a rehearsal show the same whenever and however often they are asked."""

import asyncio
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from baitie.kernel.time import Instant
from baitie.rehearsal.faults.plan import Fault, Outage
from baitie.rehearsal.faults.surroundings import JumpingClock
from baitie.rehearsal.virtual_clock import VirtualClock
from baitie.rehearsal.virtual_time import VirtualLoop

START = datetime(2026, 3, 3, 8, tzinfo=UTC)

_seconds = st.integers(0, 100).map(float)


class _SetClock:
    """A clock whose monotonic time is set by hand, to earlier instants too: lives of one day may be asked about."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> Instant:
        return Instant(self.at)

    def civil_now(self) -> datetime:
        return START + timedelta(seconds=self.at)

    def instant_of(self, at: datetime) -> Instant:
        return Instant((at - START).total_seconds())

    def call_at(self, when: Instant, callback: object) -> asyncio.TimerHandle:
        raise NotImplementedError


@given(st.lists(st.tuples(_seconds, st.integers(-3600, 3600)), max_size=6), st.lists(_seconds, max_size=20))
def test_a_moved_clock_shows_the_sum_of_the_jumps_so_far(jumps: list[tuple[float, int]], asked: list[float]) -> None:
    inner = _SetClock()
    faults = tuple(Fault(at, Outage.CLOCK_JUMP, 0.0, float(by_s)) for at, by_s in jumps)
    clock = JumpingClock(inner, faults)
    for at in asked:
        inner.at = at
        moved_s = sum(by_s for since, by_s in jumps if since <= at)
        assert clock.civil_now() == START + timedelta(seconds=at + moved_s)
        assert clock.instant_of(clock.civil_now()) == clock.now()


def test_a_virtual_clock_follows_its_loop_at_its_own_speed() -> None:
    loop = VirtualLoop()
    clock = VirtualClock(loop, START, civil_speed=200.0)
    shown: list[datetime] = []

    def look() -> None:
        shown.extend((clock.civil_now(), clock.civil_now()))

    for after_s in (1.0, 1.0, 2.5):
        loop.call_at(after_s, look)
    loop.call_at(3.0, loop.stop)
    loop.run_forever()
    loop.close()
    assert shown == [START + timedelta(seconds=s) for s in (200, 200, 200, 200, 500, 500)]
