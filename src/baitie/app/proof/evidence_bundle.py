"""What goes into a bundle for auditors: a piece of the journal, its checkpoints, its keys, and its verdicts."""

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from baitie.app.ports.audit_store import BundleStore
from baitie.domain.audit import AttachedVerdict, BundleHeader, in_order, verdicts_missing, write_bundle
from baitie.kernel.errors import InputError
from baitie.kernel.journal import GENESIS_HASH


class NothingToProveError(InputError):
    """The journal holds nothing from that time. Name another time, or run a campaign first."""

    code = "audit-nothing-there"


def bundle_of(
    store: BundleStore,
    organisation: str,
    made_at: datetime,
    time_from: datetime | None = None,
    time_until: datetime | None = None,
) -> tuple[BundleHeader, Iterator[bytes]]:
    """The entries of a time, or all, up to the checkpoint that covers the last of them: the bundle's head, and all its
    lines. `organisation` signs for it where no key names another. Raises `NothingToProveError`."""
    first, last = _piece(store, time_from, time_until)
    checkpoints = [one for one in store.checkpoints() if first - 1 <= one.seq]
    last = next((one.seq for one in checkpoints if one.seq >= last), last)
    checkpoints = [one for one in checkpoints if one.seq <= last]
    keys = tuple(store.signing_keys())
    attached = store.verdicts_written(verdicts_missing(store.journal_rows(first, last)), first)
    before = next(iter(store.journal_rows(first - 1, first - 1)), None)
    header = BundleHeader(
        organisation=keys[-1].organisation if keys else organisation,
        made_at=made_at,
        first_seq=first,
        last_seq=last,
        previous_hash=GENESIS_HASH if before is None else before.hash,
        entries=last - first + 1,
        checkpoints=len(checkpoints),
        keys=keys,
        verdicts=len(attached),
    )
    rows = in_order(store.journal_rows(first, last), checkpoints)
    return header, write_bundle(header, chain(map(AttachedVerdict, attached), rows))


def _piece(store: BundleStore, time_from: datetime | None, time_until: datetime | None) -> tuple[int, int]:
    """The first entry not before one time, and the last before the other."""
    tail = store.journal_tail()
    if tail is None:
        raise NothingToProveError()
    if time_from is None and time_until is None:
        return 1, tail.seq
    first: int | None = None
    last = 0
    for row in store.journal_rows(last_seq=tail.seq):
        at = datetime.fromisoformat(json.loads(row.canonical)["at"])
        if first is None and (time_from is None or at >= time_from):
            first = row.seq
        if time_until is None or at < time_until:
            last = row.seq
    if first is None or last < first:
        raise NothingToProveError(time_from=time_from, time_until=time_until)
    return first, last
