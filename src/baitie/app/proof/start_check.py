"""What a run begins with: the store held against its anchor, and the alarms of that."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from baitie.app.ports.audit_store import NamesCallees, TellsTail
from baitie.app.ports.clock import Clock
from baitie.app.proof.anchors import Anchors, Reentered, StartCheck
from baitie.domain.audit import Anchor, RegisterDifference
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


def alarms_of(check: StartCheck, store: NamesCallees) -> list[Alarm]:
    """What must be told, people by their masked numbers."""
    found = [Alarm()] if check.is_anchor_missing else []
    named = check.differences[:ALARMS_MAX]
    numbers = {one.callee_id: one.number.masked() for one in store.callees({CalleeId(d.callee_id) for d in named})}

    def whose(one: RegisterDifference) -> str:
        return numbers.get(CalleeId(one.callee_id), one.callee_id) or one.key

    return found + [Alarm(one.register, one.what, whose(one), one.seq, one.is_mended) for one in named]


def alarms_of_rest(done: "asyncio.Future[StartCheck]", store: NamesCallees) -> list[Alarm]:
    """The same of a comparison that ended beside the run; a store that failed meanwhile is told by the run itself."""
    return [] if done.cancelled() or done.exception() is not None else alarms_of(done.result(), store)


def hold_against_anchor(anchors: Anchors | None, store: TellsTail, clock: Clock, *, is_real: bool) -> StartCheck:
    """What a run begins with. Raises `JournalCutError`, `AnchorForgedError`, `AnchorFileError`, `ClockSetBackError`."""
    tail, civil_now = store.journal_tail(), clock.civil_now()
    if is_real and tail is not None and civil_now < tail.at - CLOCK_BACK_MAX:
        raise ClockSetBackError(now=civil_now.isoformat(), newest=tail.at.isoformat())
    return StartCheck() if anchors is None else anchors.begin(civil_now)


def restore_store(
    anchors: Anchors, civil_now: datetime, actor: str, reason: str, read_entry: Callable[[str], JournalEntry]
) -> Reentered:
    """Take the store as it is, and enter again what was kept beside the key and its journal lacks. `read_entry` reads
    an entry from its canonical text."""

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

    return anchors.reenter(civil_now, read_entry, closed)
