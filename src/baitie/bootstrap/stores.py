"""Opens the organisation's store as its settings say."""

from pathlib import Path

from baitie.adapters.store import SqlStore
from baitie.files.organisation_settings import OrganisationSettings
from baitie.kernel.errors import InputError


def store_target(settings: OrganisationSettings) -> Path | str:
    """The SQLite file or the address of the database."""
    url = settings.store.url
    return settings.store.path if url is None else url.get_secret_value()


def open_store(settings: OrganisationSettings) -> SqlStore:
    """The store, made where it is missing. Raises StoreError. Close it."""
    return SqlStore(store_target(settings), settings.store.key_file)


def store_exists(settings: OrganisationSettings) -> bool:
    """Whether there is anything to read yet; a database server is taken to be there."""
    return settings.store.url is not None or settings.store.path.exists()


class NoStoreError(InputError):
    """There is no store yet: nothing has run here. Run a campaign first, or look at store.path in baitie.toml."""

    code = "store-missing"


def open_existing_store(settings: OrganisationSettings) -> SqlStore:
    """The store, where there is one. Raises `NoStoreError`."""
    if not store_exists(settings):
        raise NoStoreError(path=str(settings.store.path))
    return open_store(settings)
