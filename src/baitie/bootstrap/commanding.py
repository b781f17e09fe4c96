"""What other processes than the dialler write into the store: commands, refusals, backups."""

from datetime import datetime
from pathlib import Path

from baitie.adapters.clock import SystemRng
from baitie.app.records import Batch, Command, CommandKind
from baitie.bootstrap.settings import OrganisationSettings
from baitie.bootstrap.stores import open_store, store_exists
from baitie.domain.contacts import NumberReading
from baitie.domain.risk.history import Refusal, RefusalChannel
from baitie.kernel.errors import InputError
from baitie.kernel.ids import CalleeId, CampaignId, time_ordered
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.records import CalleeRecord

BY_HAND = CampaignId("by-hand")
"""Stands for acts that belong to no campaign."""


class NoStoreError(InputError):
    """There is no store yet: nothing has run here. Run a campaign first, or look at store.path in baitie.toml."""

    code = "store-missing"


def stop_everything(settings: OrganisationSettings, actor: str, at: datetime, *, hang_up: bool) -> None:
    """Leave the dialler a command to stop. Raises `NoStoreError`, `StoreError`."""
    if not store_exists(settings):
        raise NoStoreError(path=str(settings.store.path))
    store = open_store(settings)
    try:
        store.give_command(Command(0, CommandKind.STOP_NOW if hang_up else CommandKind.STOP, actor, at))
    finally:
        store.close()


def record_opt_out(settings: OrganisationSettings, reading: NumberReading, actor: str, at: datetime) -> bool:
    """Keep that this person does not want to be called, known so far or not; False where it was kept already."""
    store = open_store(settings)
    rng = SystemRng()
    try:
        callee_id = store.callee_ids([reading.number]).get(reading.number)
        if callee_id is None:
            callee_id = CalleeId(time_ordered("ca", int(at.timestamp() * 1000), rng.getrandbits))
            callee = CalleeRecord(callee_id, reading.number, reading.number_class, reading.region, reading.zone_names)
            entry = JournalEntry(JournalKind.CONTACTS_IMPORTED, at, BY_HAND, facts={"leads": 0, "actor": actor})
            store.import_leads(BY_HAND, [callee], [], entry)
        if store.standing(callee_id).refusals:
            return False
        refusal = Refusal(callee_id, at, RefusalChannel.OPERATOR, actor)
        facts = {"channel": RefusalChannel.OPERATOR.value, "actor": actor}
        entry = JournalEntry(JournalKind.CALLEE_REFUSED, at, callee_id=callee_id, facts=dict(facts))
        store.record_refusal_or_freeze(Batch(journal=[entry], refusals=[refusal]))
        return True
    finally:
        store.close()


def back_up(settings: OrganisationSettings, target: Path) -> None:
    """A consistent copy of the store. Raises `NoStoreError`, `StoreError`, `InputError`."""
    if not store_exists(settings):
        raise NoStoreError(path=str(settings.store.path))
    store = open_store(settings)
    try:
        store.backup(target)
    finally:
        store.close()
