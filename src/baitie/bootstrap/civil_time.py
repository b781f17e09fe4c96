"""What time it is for an organisation: real time, or on the loopback carrier the civil time of its journal."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from baitie.app.records.journal import JournalTail
from baitie.bootstrap.environment import real_now
from baitie.files.campaign_settings import LoopbackSettings, civil_start_of
from baitie.files.organisation_settings import OrganisationSettings, zone_of
from baitie.files.problems import SettingsError
from baitie.files.settings_files import load_campaign
from baitie.kernel.errors import StoreError
from baitie.kernel.ids import CampaignId
from baitie.kernel.journal import JournalEntry, JournalKind

STEP = timedelta(milliseconds=1)
"""By so much the civil time of the loopback carrier stands after the newest entry: acts keep their order."""

NO_LOOPBACK = LoopbackSettings()


ENTRIES_LOOKED_AT = 5_000
"""Acts at registers since the end of the last run; behind more of them it is not looked for."""

_ENDS = frozenset({JournalKind.CAMPAIGN_PAUSED, JournalKind.CAMPAIGN_STOPPED, JournalKind.CAMPAIGN_FINISHED})


class HasJournalTail(Protocol):
    """A store that knows the newest entry of its journal."""

    def journal_tail(self) -> JournalTail | None: ...


class HasJournal(HasJournalTail, Protocol):
    """A store whose journal can be read."""

    def journal(
        self, campaign_id: CampaignId | None = None, after_seq: int = 0
    ) -> Sequence[tuple[int, JournalEntry]]: ...


def civil_now_of(
    settings: OrganisationSettings,
    store: HasJournalTail | None,
    loopback: LoopbackSettings = NO_LOOPBACK,
    clock: Callable[[], datetime] = real_now,
) -> datetime:
    """The civil time of registers, lists and questions, aware: never before what the journal has already.

    On the loopback carrier it goes on from the newest entry, whoever made it; where there is none, it stands where
    the first run begins. Raises `StoreError`.
    """
    if settings.carrier.kind != "loopback":
        return clock()
    tail = None if store is None else store.journal_tail()
    return civil_start_of(loopback, clock(), zone_of(settings)) if tail is None else tail.at + STEP


def waited_until(store: HasJournal, campaign_id: CampaignId) -> datetime | None:
    """Until when the campaign's last run said that nobody may be called; None where it ended otherwise.

    Looks among the newest `ENTRIES_LOOKED_AT` entries. Raises `StoreError`.
    """
    tail = store.journal_tail()
    if tail is None:
        return None
    for _, entry in reversed(store.journal(campaign_id, max(tail.seq - ENTRIES_LOOKED_AT, 0))):
        if entry.kind in _ENDS:
            next_at = entry.facts.get("next_at")
            return datetime.fromisoformat(next_at) if isinstance(next_at, str) else None
    return None


def loopback_of(folder: Path, environ: Mapping[str, str]) -> LoopbackSettings:
    """The loopback's settings of the campaign in a folder; the defaults where there is none that can be read."""
    try:
        return load_campaign(folder, environ).settings.loopback
    except SettingsError:
        return NO_LOOPBACK


def campaigns_of(folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Id and name of the campaign in a folder; nothing where there is none that can be read."""
    try:
        about = load_campaign(folder, environ).settings.campaign
    except SettingsError:
        return {}
    return {about.id: about.name}


class GoingCivilClock:
    """Civil clock of a page on the loopback carrier (模拟时钟): goes on from the journal in real seconds, never back.

    `now` gives monotonic seconds. Until the journal has an entry, time is where the first run would begin.
    """

    def __init__(self, settings: OrganisationSettings, store: HasJournalTail, now: Callable[[], float]) -> None:
        self._store, self._now = store, now
        self._at, self._since = civil_now_of(settings, store), now()
        self._is_begun = store.journal_tail() is not None

    def look(self) -> None:
        """Take up what others have written meanwhile. Raises `StoreError`."""
        tail = self._store.journal_tail()
        if tail is not None and (not self._is_begun or tail.at + STEP > self._going()):
            self._at, self._since, self._is_begun = tail.at + STEP, self._now(), True

    def __call__(self) -> datetime:
        if not self._is_begun:  # a run may have begun since: its time need not be where we thought
            with suppress(StoreError):
                self.look()
        return self._going()

    def _going(self) -> datetime:
        return self._at + timedelta(seconds=self._now() - self._since)
