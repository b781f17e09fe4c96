"""Opens the organisation's registers for one person."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from baitie.app.registers.names import RegisterPlace
from baitie.app.registers.registers import Registers
from baitie.bootstrap.civil_time import NO_LOOPBACK, civil_now_of
from baitie.bootstrap.stores import open_store
from baitie.files.campaign_settings import LoopbackSettings
from baitie.files.organisation_settings import OrganisationSettings


@contextmanager
def open_registers(
    settings: OrganisationSettings,
    actor: str,
    now: datetime | None = None,
    loopback: LoopbackSettings = NO_LOOPBACK,
    place: RegisterPlace | None = None,
) -> Iterator[Registers]:
    """A desk at the organisation's store, at `now` or at the organisation's own civil time. Raises StoreError."""
    store = open_store(settings)
    try:
        made = Registers(settings, store, actor, now or civil_now_of(settings, store, loopback), place)
        try:
            yield made
        finally:
            made.note_anchor()
    finally:
        store.close()
