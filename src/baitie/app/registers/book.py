"""What all registers share: who is meant, who acts and when, and the one way in which an act is kept."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from baitie.app.ports.clock import Rng
from baitie.app.ports.register_store import RegisterStore
from baitie.app.records.batch import Batch
from baitie.app.records.standing import CalleeStanding
from baitie.app.registers.policy import RegisterPolicy
from baitie.domain.contacts import NumberReading
from baitie.domain.risk.history import CalleeHistory
from baitie.kernel.errors import InputError
from baitie.kernel.ids import CalleeId, CampaignId, time_ordered
from baitie.kernel.journal import JournalEntry, JournalKind, JsonValue
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import CalleeRecord

BY_HAND = CampaignId("by-hand")
"""Stands for acts that belong to no campaign."""

_Found = TypeVar("_Found")


class RegisterBook:
    """Register book (登记台账): one person at the registers, whose every act is durable on return.

    `clock` gives the civil time of an act; the same for all parts of one act where it stands still.
    """

    def __init__(
        self, store: RegisterStore, clock: Callable[[], datetime], rng: Rng, policy: RegisterPolicy, actor: str
    ) -> None:
        self.store, self.rng, self.policy, self.actor = store, rng, policy, actor
        self._clock = clock
        self.has_kept = False

    @property
    def now(self) -> datetime:
        """Civil time, aware."""
        return self._clock()

    def reading(self, written: str) -> NumberReading:
        """The number that somebody wrote. Raises `NumberUnreadableError`."""
        return self.policy.reading(written)

    def known(self, number: PhoneNumber) -> CalleeId | None:
        """The callee of a number, if the store has one."""
        return self.store.callee_ids([number]).get(number)

    def standing_of(self, number: PhoneNumber) -> CalleeStanding:
        """What is registered of a number; nothing of one that nobody knows."""
        callee_id = self.known(number)
        return CalleeStanding(CalleeHistory()) if callee_id is None else self.store.standing(callee_id)

    def callee(self, reading: NumberReading) -> CalleeId:
        """The callee of a number, made known where it was not."""
        known = self.known(reading.number)
        if known is not None:
            return known
        callee_id = CalleeId(self.new_id("ca"))
        callee = CalleeRecord(callee_id, reading.number, reading.number_class, reading.region, reading.zone_names)
        entry = self.entry(JournalKind.CONTACTS_IMPORTED, None, {"leads": 0})
        self.store.import_leads(BY_HAND, [callee], [], replace(entry, campaign_id=BY_HAND))
        return callee_id

    def keep(self, batch: Batch) -> None:
        """Write a batch; durable on return."""
        self.store.record_refusal_or_freeze(batch)
        self.has_kept = True

    def entry(self, kind: JournalKind, callee_id: CalleeId | None, facts: dict[str, JsonValue]) -> JournalEntry:
        """An entry of the journal that names who acts."""
        return JournalEntry(kind, self.now, callee_id=callee_id, facts={**facts, "actor": self.actor})

    def new_id(self, prefix: str) -> str:
        """A fresh time-ordered id."""
        return time_ordered(prefix, int(self.now.timestamp() * 1000), self.rng.getrandbits)


def only_one(found: Iterable[_Found], error: Callable[[int], InputError]) -> _Found:
    """The one that was found by an end of its id. Raises what `error` makes of the count where it is not one."""
    all_found = [*found]
    if len(all_found) != 1:
        raise error(len(all_found))
    return all_found[0]
