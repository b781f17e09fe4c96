"""Rehearsals of a campaign folder: its scenario, read without touching the organisation's store, and its stores."""

import logging
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256

from baitie.adapters.store import SqlStore
from baitie.adapters.store.keys import NumberKey
from baitie.adapters.store.memory_engine import MemoryEngine
from baitie.app.calling.contact_import import ContactList, import_records
from baitie.bootstrap.environment import real_now
from baitie.bootstrap.importing import AllRejectedError
from baitie.files.campaign_folder import CampaignFolder, read_contacts
from baitie.files.organisation_settings import zone_of
from baitie.files.profile_files import profile_file, read_profile
from baitie.files.prompt_files import prompt_length_s
from baitie.files.zones import zones
from baitie.rehearsal.scenario import Scenario
from baitie.rehearsal.shared import import_all

DAY_BEGINS_AT_HOUR = 8
"""Where nobody says when a rehearsed day begins: before any campaign may call, so that its first calls are seen."""

_KEY = NumberKey(sha256(b"rehearsal").digest())  # numbers of a rehearsal never leave the memory of its process


def memory_stores(copy_of: MemoryEngine | None = None) -> Callable[[], SqlStore]:
    """Opens one data base in memory, as often as wanted: what one store committed, the next one sees."""
    return stores_on(MemoryEngine(copy_of))


def stores_on(engine: MemoryEngine) -> Callable[[], SqlStore]:
    """As `memory_stores`, of a data base that whoever asks goes on holding."""
    return lambda: _open(engine)


def imported(scenario: Scenario) -> MemoryEngine:
    """A data base in memory in which the scenario's leads are: each day takes a copy of it."""
    return imported_all([scenario])


def imported_all(scenarios: Sequence[Scenario]) -> MemoryEngine:
    """A data base in memory in which the leads of scenarios are that stand side by side."""
    engine = MemoryEngine()
    store = _open(engine)
    import_all(store, scenarios)
    store.close()
    return engine


def _open(engine: MemoryEngine) -> SqlStore:
    return SqlStore(engine, _KEY, inline=True, writes_late=True)


@contextmanager
def without_warnings() -> Iterator[None]:
    """Silence about what goes wrong in the simulated world: the figures tell it, and a warning would seem real."""
    log = logging.getLogger("baitie")
    level_before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level_before)


def read_scenario(folder: CampaignFolder, civil_start: datetime | None = None) -> Scenario:
    """The scenario of a folder. Raises `SettingsError`, and `AllRejectedError` where no row can be used.

    The day begins at `civil_start`; by default at `loopback.civil_start` of a loopback carrier, else tomorrow at eight.
    """
    contacts = read_contacts(folder)
    if not contacts.result.accepted:
        raise AllRejectedError(file=contacts.table.file_name, rows=len(contacts.table.rows))
    start = civil_start or default_start(folder, real_now())
    return _scenario(folder, contacts, start)


def default_start(folder: CampaignFolder, now: datetime) -> datetime:
    """When a rehearsed day begins by default."""
    settings = folder.settings.settings.loopback
    if folder.organisation.settings.carrier.kind == "loopback" and settings.civil_start is not None:
        return settings.civil_start
    tomorrow = now.astimezone(zone_of(folder.organisation.settings)) + timedelta(days=1)
    return tomorrow.replace(hour=DAY_BEGINS_AT_HOUR, minute=0, second=0, microsecond=0)


def _scenario(folder: CampaignFolder, contacts: ContactList, start: datetime) -> Scenario:
    is_loopback = folder.organisation.settings.carrier.kind == "loopback"
    loopback = folder.settings.settings.loopback
    callees, leads, entry = import_records(folder.campaign.campaign_id, contacts, {}, random.Random(0), start)
    return Scenario(
        campaign=folder.campaign,
        callees=tuple(callees),
        leads=tuple(leads),
        imported=entry,
        profile=read_profile(profile_file(loopback.profile)),
        prompt_s={name: prompt_length_s(file) for name, file in folder.prompts.items()},
        zones=zones,
        civil_start=start,
        civil_speed=loopback.civil_speed if is_loopback else 1.0,
    )
