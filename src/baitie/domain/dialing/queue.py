"""The lead queue (名单队列): who is next, by priority, and who waits until when."""

import heapq
from datetime import datetime

from baitie.kernel.ids import LeadId
from baitie.kernel.records import LeadRecord


class LeadQueue:
    """Lead queue (客户队列) of one campaign. Ready ones by priority, then first come; others by their time."""

    __slots__ = ("_delayed", "_held", "_order", "_ready")

    def __init__(self) -> None:
        self._ready: list[tuple[int, int, LeadRecord]] = []
        self._delayed: list[tuple[datetime, int, LeadRecord]] = []
        self._held: dict[LeadId, int] = {}  # each lead's place in the order: other entries of it are stale
        self._order = 0

    def __len__(self) -> int:
        return len(self._held)

    def add(self, lead: LeadRecord, civil_now: datetime) -> None:
        """Put a waiting lead in; it stands there once, as it was last put in."""
        self._order += 1
        self._held[lead.lead_id] = self._order
        if lead.not_before is not None and lead.not_before > civil_now:
            heapq.heappush(self._delayed, (lead.not_before, self._order, lead))
        else:
            heapq.heappush(self._ready, (-lead.priority, self._order, lead))

    def drop(self, lead_id: LeadId) -> bool:
        """Take a lead out wherever it stands; False where it is not here."""
        return self._held.pop(lead_id, None) is not None

    def take(self, civil_now: datetime) -> LeadRecord | None:
        """The next lead that may be looked at, or None while all wait."""
        if not self.has_ready(civil_now):
            return None
        lead = heapq.heappop(self._ready)[2]
        del self._held[lead.lead_id]
        return lead

    def next_at(self) -> datetime | None:
        """When the first delayed lead comes due, where none is ready."""
        self._drop_stale()
        return self._delayed[0][0] if self._delayed else None

    def count_ready(self, civil_now: datetime) -> int:
        """How many leads `take` would give one after the other; those dropped are counted until they come up."""
        return len(self._ready) if self.has_ready(civil_now) else 0

    def has_ready(self, civil_now: datetime) -> bool:
        """Whether `take` would give a lead."""
        self._drop_stale()
        while self._delayed and self._delayed[0][0] <= civil_now:
            _, order, lead = heapq.heappop(self._delayed)
            heapq.heappush(self._ready, (-lead.priority, order, lead))
            self._drop_stale()
        return bool(self._ready)

    def _drop_stale(self) -> None:
        while self._ready and self._is_stale(self._ready[0][1], self._ready[0][2]):
            heapq.heappop(self._ready)
        while self._delayed and self._is_stale(self._delayed[0][1], self._delayed[0][2]):
            heapq.heappop(self._delayed)

    def _is_stale(self, order: int, lead: LeadRecord) -> bool:
        return self._held.get(lead.lead_id) != order
