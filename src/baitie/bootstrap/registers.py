"""Opens the organisation's registers for one person."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from baitie.adapters.clock import SystemRng
from baitie.app.ports.register_store import RegisterStore
from baitie.app.registers.registers import Registers
from baitie.bootstrap.civil_time import NO_LOOPBACK, civil_now_of
from baitie.bootstrap.signing_files import note_anchor
from baitie.bootstrap.stores import open_store
from baitie.files.campaign_settings import LoopbackSettings
from baitie.files.organisation_settings import OrganisationSettings
from baitie.files.register_policy import NO_CAMPAIGNS, register_policy


def registers_in(
    store: RegisterStore,
    settings: OrganisationSettings,
    actor: str,
    at: datetime,
    folder: Path = Path(),
    campaigns: Mapping[str, str] = NO_CAMPAIGNS,
) -> Registers:
    """The registers in a store that is open, for one person at one civil time."""
    return Registers(store, lambda: at, SystemRng(), register_policy(settings, folder, campaigns), actor)


@contextmanager
def open_registers(
    settings: OrganisationSettings,
    actor: str,
    now: datetime | None = None,
    loopback: LoopbackSettings = NO_LOOPBACK,
    folder: Path = Path(),
    campaigns: Mapping[str, str] = NO_CAMPAIGNS,
) -> Iterator[Registers]:
    """The registers in the organisation's store, at `now` or at the organisation's own civil time; what was kept in
    them is anchored at the end. `folder` and `campaigns` as `register_policy` takes them. Raises StoreError."""
    store = open_store(settings)
    try:
        at = now or civil_now_of(settings, store, loopback)
        opened = registers_in(store, settings, actor, at, folder, campaigns)
        try:
            yield opened
        finally:
            if opened.has_kept:
                note_anchor(settings, store, at)
    finally:
        store.close()
