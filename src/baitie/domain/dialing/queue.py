"""The lead queue (名单队列): who is next, by priority, who waits until when, and who had better be called later."""

import heapq
from datetime import datetime

from baitie.kernel.ids import LeadId
from baitie.kernel.records import LeadRecord


class LeadQueue:
    """Lead queue (客户队列) of one campaign. Ready ones by priority, then first come; others by their time.

    Who may be called now but is better called at another hour stands aside: behind all who are ready, and among them
    again once that hour has come.
    """

    __slots__ = ("_aside", "_aside_until", "_delayed", "_held", "_order", "_ready", "took_from_aside")

    def __init__(self) -> None:
        self._ready: list[tuple[int, int, LeadRecord]] = []
        self._delayed: list[tuple[datetime, int, LeadRecord]] = []
        self._aside: list[tuple[int, int, int, LeadRecord]] = []  # fewest advices first, then as the ready ones
        self._aside_until: list[tuple[datetime, int, LeadRecord]] = []
        self._held: dict[LeadId, int] = {}  # each lead's place in the order: other entries of it are stale
        self._order = 0
        self.took_from_aside = False
        """Whether the lead that was taken last stood aside, since nobody else was ready."""

    def __len__(self) -> int:
        return len(self._held)

    def add(self, lead: LeadRecord, civil_now: datetime) -> None:
        """Put a waiting lead in; it stands there once, as it was last put in."""
        self._hold(lead)
        if lead.not_before is not None and lead.not_before > civil_now:
            heapq.heappush(self._delayed, (lead.not_before, self._order, lead))
        else:
            heapq.heappush(self._ready, (-lead.priority, self._order, lead))

    def set_aside(self, lead: LeadRecord, advices: int, until: datetime) -> None:
        """Put a lead behind all who are ready: `advices` speak against this hour, the last of them until then."""
        self._hold(lead)
        heapq.heappush(self._aside, (advices, -lead.priority, self._order, lead))
        heapq.heappush(self._aside_until, (until, self._order, lead))

    def drop(self, lead_id: LeadId) -> bool:
        """Take a lead out wherever it stands; False where it is not here."""
        return self._held.pop(lead_id, None) is not None

    def take(self, civil_now: datetime) -> LeadRecord | None:
        """The next lead that may be looked at, or None while all wait."""
        if not self.has_ready(civil_now):
            return None
        self.took_from_aside = not self._ready
        lead = heapq.heappop(self._aside)[3] if self.took_from_aside else heapq.heappop(self._ready)[2]
        del self._held[lead.lead_id]
        return lead

    def next_at(self) -> datetime | None:
        """When the first delayed lead comes due, where none is ready."""
        self._drop_stale()
        return self._delayed[0][0] if self._delayed else None

    def count_ready(self, civil_now: datetime) -> int:
        """How many leads `take` would give one after the other; those dropped are counted until they come up."""
        return len(self._ready) + len(self._aside) if self.has_ready(civil_now) else 0

    def has_others_ready(self) -> bool:
        """Whether somebody is ready who does not stand aside, as far as `take` has looked."""
        return bool(self._ready)

    def has_ready(self, civil_now: datetime) -> bool:
        """Whether `take` would give a lead."""
        self._drop_stale()
        while self._delayed and self._delayed[0][0] <= civil_now:
            _, order, lead = heapq.heappop(self._delayed)
            heapq.heappush(self._ready, (-lead.priority, order, lead))
            self._drop_stale()
        while self._aside_until and self._aside_until[0][0] <= civil_now:
            lead = heapq.heappop(self._aside_until)[2]
            self._hold(lead)  # so that its entry among those aside is stale
            heapq.heappush(self._ready, (-lead.priority, self._order, lead))
            self._drop_stale()
        return bool(self._ready or self._aside)

    def _hold(self, lead: LeadRecord) -> None:
        self._order += 1
        self._held[lead.lead_id] = self._order

    def _drop_stale(self) -> None:
        while self._ready and self._is_stale(self._ready[0][1], self._ready[0][2]):
            heapq.heappop(self._ready)
        while self._delayed and self._is_stale(self._delayed[0][1], self._delayed[0][2]):
            heapq.heappop(self._delayed)
        while self._aside and self._is_stale(self._aside[0][2], self._aside[0][3]):
            heapq.heappop(self._aside)
        while self._aside_until and self._is_stale(self._aside_until[0][1], self._aside_until[0][2]):
            heapq.heappop(self._aside_until)

    def _is_stale(self, order: int, lead: LeadRecord) -> bool:
        return self._held.get(lead.lead_id) != order
