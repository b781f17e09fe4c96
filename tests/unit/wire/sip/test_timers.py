"""Deadlines in order: nothing is late, and nobody is woken for what is over."""

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from baitie.kernel.time import Instant
from baitie.wire.sip.timers import HORIZON_S, WORTH_MOVING_S, Timed, Timers

instants = st.floats(0, 60)


class Owner(Timed):
    """Notes when it was called."""

    def __init__(self) -> None:
        super().__init__()
        self.called_at: list[float] = []

    def on_deadline(self, now: Instant) -> None:
        self.called_at.append(now)


def test_an_entry_whose_owner_moved_on_is_not_told_as_the_next() -> None:
    timers, answered, over, waiting = Timers(), Owner(), Owner(), Owner()
    for owner in (answered, over, waiting):
        timers.arm(owner, 0.5)
    timers.arm(answered, 5.0)
    over.deadline = inf
    timers.arm(waiting, 2.0)
    assert timers.next_at() == 2.0
    timers.fire(Instant(2.0))
    assert timers.next_at() == 5.0
    assert (answered.called_at, over.called_at, waiting.called_at) == ([], [], [2.0])


def test_when_all_owners_are_done_nothing_is_due_and_nothing_is_held() -> None:
    timers, owner = Timers(), Owner()
    timers.arm(owner, 0.5)
    owner.deadline = inf
    assert timers.next_at() is None
    assert len(timers) == 0


@given(st.lists(st.lists(instants, min_size=1, max_size=4), min_size=1, max_size=8))
def test_whoever_asks_when_to_call_serves_every_last_deadline_once_and_not_late(moves: list[list[float]]) -> None:
    timers, owners = Timers(), [Owner() for _ in moves]
    for owner, deadlines in zip(owners, moves, strict=True):
        for at in deadlines:
            timers.arm(owner, at)
            timers.next_at()
    while (due := timers.next_at()) is not None:
        assert due <= timers.now + HORIZON_S + WORTH_MOVING_S
        timers.now = max(timers.now, due)
        timers.fire(timers.now)
    assert [owner.called_at for owner in owners] == [[deadlines[-1]] for deadlines in moves]
