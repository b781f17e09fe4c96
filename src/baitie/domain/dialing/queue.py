"""The lead queue (名单队列): who is next, by priority, and who waits until when."""

import heapq
from datetime import datetime

from baitie.kernel.records import LeadRecord


class LeadQueue:
    """Lead queue (线索队列) of one campaign. Ready ones by priority, then first come; others by their time."""

    __slots__ = ("_delayed", "_order", "_ready")

    def __init__(self) -> None:
        self._ready: list[tuple[int, int, LeadRecord]] = []
        self._delayed: list[tuple[datetime, int, LeadRecord]] = []
        self._order = 0

    def __len__(self) -> int:
        return len(self._ready) + len(self._delayed)

    def add(self, lead: LeadRecord, civil_now: datetime) -> None:
        """Put a waiting lead in."""
        self._order += 1
        if lead.not_before is not None and lead.not_before > civil_now:
            heapq.heappush(self._delayed, (lead.not_before, self._order, lead))
        else:
            heapq.heappush(self._ready, (-lead.priority, self._order, lead))

    def take(self, civil_now: datetime) -> LeadRecord | None:
        """The next lead that may be looked at, or None while all wait."""
        while self._delayed and self._delayed[0][0] <= civil_now:
            _, order, lead = heapq.heappop(self._delayed)
            heapq.heappush(self._ready, (-lead.priority, order, lead))
        return heapq.heappop(self._ready)[2] if self._ready else None

    def next_at(self) -> datetime | None:
        """When the first delayed lead comes due, where none is ready."""
        return self._delayed[0][0] if self._delayed else None

    def has_ready(self, civil_now: datetime) -> bool:
        """Whether `take` would give a lead."""
        return bool(self._ready) or bool(self._delayed and self._delayed[0][0] <= civil_now)
