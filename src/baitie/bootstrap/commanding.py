"""What other processes than the dialler ask of the store: commands and backups."""

from datetime import datetime
from pathlib import Path

from baitie.app.records import Command, CommandKind
from baitie.bootstrap.settings import OrganisationSettings
from baitie.bootstrap.stores import open_store, store_exists
from baitie.kernel.errors import InputError


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


def back_up(settings: OrganisationSettings, target: Path) -> None:
    """A consistent copy of the store. Raises `NoStoreError`, `StoreError`, `InputError`."""
    if not store_exists(settings):
        raise NoStoreError(path=str(settings.store.path))
    store = open_store(settings)
    try:
        store.backup(target)
    finally:
        store.close()
