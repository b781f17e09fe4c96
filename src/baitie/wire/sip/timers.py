"""One heap of deadlines for everything: each owner stands in it once, and moving a deadline later costs nothing."""

from heapq import heappop, heappush
from math import inf
from typing import Final

from baitie.kernel.time import Instant

HORIZON_S: Final = 16.0
"""No entry lies further ahead, so that an owner that ended early is forgotten soon; the entry hops on if it must."""

WORTH_MOVING_S: Final = 0.1
"""An entry whose owner's deadline moved by less stays where it is."""


class Timed:
    """Something with one deadline. `deadline` is `inf` when there is none."""

    __slots__ = ("armed_at", "deadline")

    def __init__(self) -> None:
        self.deadline: float = inf
        self.armed_at: float = inf

    def on_deadline(self, now: Instant) -> None:
        """Called once when the deadline has come."""
        raise NotImplementedError


class Timers:
    """Deadlines in order. An owner whose deadline moved later keeps its early entry, which is seen through in time."""

    __slots__ = ("_heap", "_order", "now")

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Timed]] = []
        self._order = 0
        self.now = Instant(0.0)

    def __len__(self) -> int:
        return len(self._heap)

    def arm(self, owner: Timed, at: float) -> None:
        """Sets the owner's one deadline, in place of an earlier one."""
        owner.deadline = at
        horizon = self.now + HORIZON_S
        if at > horizon:
            at = horizon
        if at < owner.armed_at:
            owner.armed_at = at
            self._order += 1
            heappush(self._heap, (at, self._order, owner))

    def next_at(self) -> Instant | None:
        """When `fire` should be called next; it may turn out that nothing is due then.

        Most entries are for answers that came long before: they are let go here, so that nobody wakes up for them.
        """
        heap = self._heap
        while heap:
            at, _, owner = heap[0]
            is_live = owner.armed_at == at
            worth_moving_at = at + WORTH_MOVING_S
            if is_live and (owner.deadline < worth_moving_at or self.now + HORIZON_S < worth_moving_at):
                return Instant(at)
            heappop(heap)
            if is_live:
                owner.armed_at = inf
                if owner.deadline != inf:
                    self.arm(owner, owner.deadline)
        return None

    def fire(self, now: Instant) -> None:
        """Calls `on_deadline` of every owner whose deadline has come."""
        heap = self._heap
        while heap and heap[0][0] <= now:
            at, _, owner = heappop(heap)
            if owner.armed_at != at:
                continue
            owner.armed_at = inf
            if owner.deadline > now:
                if owner.deadline != inf:
                    self.arm(owner, owner.deadline)
            else:
                owner.deadline = inf
                owner.on_deadline(now)
