"""The anchor beside the signing key, as runs, desks and commands keep it and hold the store against it."""

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from baitie.adapters.signing import AnchorFile, KeyFile, verify_signature
from baitie.adapters.store import SqlStore
from baitie.adapters.store.rows import entry_of
from baitie.app.anchoring import Anchors, Reentered, StartCheck
from baitie.app.ports import Clock, Signer
from baitie.bootstrap.settings import OrganisationSettings
from baitie.domain.audit import Anchor
from baitie.kernel.errors import BaitieError, Party
from baitie.kernel.ids import CalleeId
from baitie.kernel.journal import JournalEntry, JournalKind

ALARMS_MAX = 1000
"""So many differences are told by name."""

CLOCK_BACK_MAX = timedelta(minutes=5)
"""A clock that stands so much before the newest entry of the journal was set back, or that one was set forward."""


class ClockSetBackError(BaitieError):
    """The clock of this machine stands minutes before the newest entry of the journal: hours, caps and cool-downs would
    be judged on a wrong time, so nothing is dialled. Set the clock right, or wait until it has passed that entry. Where
    the newest entries are those of simulated days, give real calls a store of their own (`store.path`)."""

    code = "clock-set-back"
    party = Party.ENTERPRISE


@dataclass(frozen=True, slots=True)
class Alarm:
    """Alarm (告警): what somebody must be told when a run starts. `register` is empty where the anchor is missing."""

    register: str = ""
    what: str = ""
    number: str = ""  # masked
    seq: int | None = None
    is_mended: bool = False


def alarms_of(check: StartCheck, store: SqlStore) -> list[Alarm]:
    """What must be told, people by their masked numbers."""
    found = [Alarm()] if check.is_anchor_missing else []
    named = check.differences[:ALARMS_MAX]
    numbers = {one.callee_id: one.number.masked() for one in store.callees({CalleeId(d.callee_id) for d in named})}
    return found + [
        Alarm(one.register, one.what, numbers.get(CalleeId(one.callee_id), one.callee_id), one.seq, one.is_mended)
        for one in named
    ]


def alarms_of_rest(done: "asyncio.Future[StartCheck]", store: SqlStore) -> list[Alarm]:
    """The same of a comparison that ended beside the run; a store that failed meanwhile is told by the run itself."""
    return [] if done.cancelled() or done.exception() is not None else alarms_of(done.result(), store)


def key_file_of(settings: OrganisationSettings) -> KeyFile:
    """The signing key's file: beside the store's key, `baitie.key` and `baitie.signing.key`."""
    beside = settings.store.key_file
    return KeyFile(beside.with_name(f"{beside.stem}.signing{beside.suffix}"))


def anchor_file_of(settings: OrganisationSettings) -> AnchorFile:
    """The anchor's file: beside the store's key, `baitie.key` and `baitie.anchor.json`."""
    beside = settings.store.key_file
    return AnchorFile(beside.with_name(f"{beside.stem}.anchor.json"))


def anchors_of(settings: OrganisationSettings, store: SqlStore, signer: Signer) -> Anchors:
    """The keeper of the anchor. What the key before signed is believed until it is signed anew."""
    own = [key for key in store.signing_keys() if key.public_key == signer.public_key]
    before = [key.previous_key for key in own if key.previous_key is not None]
    return Anchors(store, signer, anchor_file_of(settings), (signer.public_key, *before), verify_signature)


def hold_against_anchor(anchors: Anchors | None, store: SqlStore, clock: Clock, *, is_real: bool) -> StartCheck:
    """What a run begins with. Raises `JournalCutError`, `AnchorForgedError`, `AnchorFileError`, `ClockSetBackError`."""
    tail, civil_now = store.journal_tail(), clock.civil_now()
    if is_real and tail is not None and civil_now < tail.at - CLOCK_BACK_MAX:
        raise ClockSetBackError(now=civil_now.isoformat(), newest=tail.at.isoformat())
    return StartCheck() if anchors is None else anchors.begin(civil_now)


def note_anchor(settings: OrganisationSettings, store: SqlStore, civil_now: datetime) -> None:
    """Anchor what a desk has just kept, where a run has begun an anchor and this process may read the key.

    Where it may not, the dialler does it within seconds, or the next run.
    """
    file = anchor_file_of(settings)
    if not file.path.exists():
        return
    keys = store.signing_keys()
    with contextlib.suppress(BaitieError, OSError):
        signer = key_file_of(settings).signer(keys[-1].public_key if keys else None)
        anchors_of(settings, store, signer).note(civil_now)


def restore_store(anchors: Anchors, civil_now: datetime, actor: str, reason: str) -> Reentered:
    """Take the store as it is, and enter again what was kept beside the key and its journal lacks."""

    def closed(done: Reentered, anchor: Anchor) -> JournalEntry:
        return JournalEntry(
            JournalKind.STORE_RESTORED,
            civil_now,
            facts={
                "anchored_seq": anchor.seq,
                "anchored_hash": anchor.hash,
                "entered": len(done.entered),
                "strangers": len(done.strangers),
                "reason": reason,
                "actor": actor,
            },
        )

    return anchors.reenter(civil_now, entry_of, closed)
