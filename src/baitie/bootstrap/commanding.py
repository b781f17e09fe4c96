"""What other processes than the dialler ask of the store: commands and backups."""

from datetime import datetime
from pathlib import Path

from baitie.adapters.store import SqlStore
from baitie.app.records.commands import Command, CommandKind
from baitie.bootstrap.stores import NoStoreError, open_store, store_exists
from baitie.files.organisation_settings import OrganisationSettings
from baitie.kernel.errors import BusyError


def stop_everything(settings: OrganisationSettings, actor: str, at: datetime, *, hang_up: bool) -> bool:
    """Leave the dialler a command to stop; False where none runs. Raises `NoStoreError`, `StoreError`."""
    if not store_exists(settings):
        raise NoStoreError(path=str(settings.store.path))
    store = open_store(settings)
    try:
        if not _is_owned(store, actor):
            return False
        store.give_command(Command(0, CommandKind.STOP_NOW if hang_up else CommandKind.STOP, actor, at))
        return True
    finally:
        store.close()


def _is_owned(store: SqlStore, actor: str) -> bool:
    try:
        store.acquire_ownership(actor)
    except BusyError:
        return True
    return False


def back_up(settings: OrganisationSettings, target: Path) -> None:
    """A consistent copy of the store. Raises `NoStoreError`, `StoreError`, `InputError`."""
    if not store_exists(settings):
        raise NoStoreError(path=str(settings.store.path))
    store = open_store(settings)
    try:
        store.backup(target)
    finally:
        store.close()
