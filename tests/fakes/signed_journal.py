"""A small journal over some days, with checkpoints and two keys: what audits are tried on."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.fakes.store import MemoryStore

from baitie.adapters.signing import Ed25519Signer, verify_signature
from baitie.app.proof.checkpoint_signer import CheckpointSigner, state_key
from baitie.app.records.batch import Batch
from baitie.domain.audit import (
    AuditScope,
    AuditVerdict,
    BundleHeader,
    in_order,
    read_bundle_untrusted,
    verify_audit,
    write_bundle,
)
from baitie.kernel.journal import GENESIS_HASH, JournalEntry, JournalKind

ORGANISATION = "云杉优选商城"
BEGIN = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
OLD_KEY, NEW_KEY, STRANGE_KEY = (Ed25519Signer(bytes([n]) * 32) for n in (1, 2, 3))


@dataclass
class SignedJournal:
    """Five entries a day, signed when the day changes; on the third day the key changes."""

    days: int = 4
    entries_per_day: int = 5
    store: MemoryStore = field(default_factory=lambda: MemoryStore(is_inline=True))

    def __post_init__(self) -> None:
        self.store.keep_signing_key(state_key(OLD_KEY, ORGANISATION, BEGIN, None, None))
        checkpoint_signer = CheckpointSigner(self.store, OLD_KEY, SHANGHAI)
        for day in range(self.days):
            if day == 2:
                checkpoint_signer.on_time(BEGIN + timedelta(days=day))
                previous = self.store.signing_keys()[-1]
                self.store.keep_signing_key(state_key(NEW_KEY, ORGANISATION, BEGIN, previous, OLD_KEY))
                checkpoint_signer = CheckpointSigner(self.store, NEW_KEY, SHANGHAI)
            for n in range(self.entries_per_day):
                at = BEGIN + timedelta(days=day, minutes=n)
                checkpoint_signer.on_time(at)
                entry = JournalEntry(JournalKind.INVITE_SENT, at, "cp_1", f"ld_{n}", f"at_{day}{n}", f"ca_{n}")
                self.store.commit(Batch(journal=[entry]))
        checkpoint_signer.sign(BEGIN + timedelta(days=self.days))

    def lines(self, first: int = 1, last: int | None = None) -> list[bytes]:
        """A bundle of the entries from `first` to `last`."""
        rows = list(self.store.journal_rows())
        last = len(rows) if last is None else last
        checkpoints = [one for one in self.store.checkpoints() if first - 1 <= one.seq <= last]
        header = BundleHeader(
            organisation=ORGANISATION,
            made_at=BEGIN,
            first_seq=first,
            last_seq=last,
            previous_hash=rows[first - 2].hash if first > 1 else GENESIS_HASH,
            entries=last - first + 1,
            checkpoints=len(checkpoints),
            keys=tuple(self.store.signing_keys()),
        )
        return list(write_bundle(header, in_order(rows[first - 1 : last], checkpoints)))


def checked(lines: Sequence[bytes], pinned: Sequence[str] = (), anchors: dict[int, str] | None = None) -> AuditVerdict:
    """The package's verdict over a bundle's lines."""
    header, items = read_bundle_untrusted(lines)
    return verify_audit(AuditScope.of_bundle(header, pinned, anchors), items, verify_signature)


def changed(lines: Sequence[bytes], place: int, change: Callable[[dict], None]) -> list[bytes]:
    """The lines with the object of one of them changed."""
    body = json.loads(lines[place])
    change(body)
    return [*lines[:place], json.dumps(body, ensure_ascii=False).encode() + b"\n", *lines[place + 1 :]]


def place_of(lines: Sequence[bytes], kind: str, **fields: object) -> int:
    """The line of that type with those values."""
    for place, line in enumerate(lines):
        body = json.loads(line)
        if body["type"] == kind and all(body[name] == value for name, value in fields.items()):
            return place
    raise LookupError(kind)
