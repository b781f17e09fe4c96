"""Signs the journal: a checkpoint when the enterprise's day changes, every few minutes or entries, at the end of a run,
and when asked to; and anchors it beside the key."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, tzinfo

from baitie.app.ports.audit_store import AuditStore
from baitie.app.ports.signing import Signer
from baitie.app.proof.anchors import NOTE_EVERY_S, Anchors
from baitie.domain.audit import Checkpoint, SigningKey, key_id_of, next_checkpoint
from baitie.kernel.errors import StoreError
from baitie.kernel.time import Instant

TRIES_MAX = 3
"""Another process may sign at the same time; the next number is free then."""

CHECKPOINT_EVERY_S = 300.0
CHECKPOINT_EVERY_ENTRIES = 10_000


@dataclass(slots=True)
class CheckpointSigner:
    """Checkpoint signer (公证): signs the journal. `zone` is the enterprise's, whose days count.

    While a run goes on, none of its entries stays unsigned for longer than `every_s` (monotonic seconds), nor more
    than `every_entries`. What bars calls is anchored beside the key within `NOTE_EVERY_S`.
    """

    store: AuditStore
    signer: Signer
    zone: tzinfo
    anchors: Anchors | None = None
    every_s: float = CHECKPOINT_EVERY_S
    every_entries: int = CHECKPOINT_EVERY_ENTRIES
    _day: date | None = field(default=None)
    _signed_at: Instant | None = None
    _noted_at: Instant | None = None
    _must_note: bool = False

    def on_time(
        self, civil_now: datetime, now: Instant | None = None, *, has_changed: bool = False
    ) -> Checkpoint | None:
        """Sign where it is time to; the first call signs what a crash left. Without `now` days alone count.

        `has_changed`: somebody wrote what a run must heed, and it is to be anchored.
        """
        self._must_note = self._must_note or has_changed
        day = civil_now.astimezone(self.zone).date()
        if day == self._day and not self._is_due(now):
            self._note(civil_now, now)
            return None
        self._day, self._signed_at = day, now
        return self.sign(civil_now)

    def _is_due(self, now: Instant | None) -> bool:
        if now is None:
            return False
        if self._signed_at is None or now - self._signed_at >= self.every_s:
            return True
        tail, last = self.store.journal_tail(), self.store.last_checkpoint()
        return tail is not None and tail.seq - (0 if last is None else last.seq) >= self.every_entries

    def _note(self, civil_now: datetime, now: Instant | None) -> None:
        if self.anchors is None or now is None or not self._must_note:
            return
        if self._noted_at is None or now - self._noted_at >= NOTE_EVERY_S:
            self._noted_at, self._must_note = now, False
            self.anchors.note(civil_now)

    def sign(self, civil_now: datetime) -> Checkpoint | None:
        """A checkpoint over the newest entry, durable; None where the last one covers it. Raises `StoreError`."""
        for try_number in range(1, TRIES_MAX + 1):
            last, tail = self.store.last_checkpoint(), self.store.journal_tail()
            if tail is None or (last is not None and last.seq >= tail.seq):
                return None
            day = tail.at.astimezone(self.zone).date()
            key_id = key_id_of(self.signer.public_key)
            made = next_checkpoint(last, tail.seq, tail.hash, day, civil_now.astimezone(UTC), key_id)
            signed = replace(made, signature=self.signer.sign(made.signed_bytes()).hex())
            try:
                self.store.keep_checkpoint(signed)
            except StoreError:
                again = self.store.last_checkpoint()
                if try_number == TRIES_MAX or again is None or again.number < signed.number:
                    raise
            else:
                if self.anchors is not None:
                    self._must_note = False
                    self.anchors.note(civil_now)
                return signed
        return None


def state_key(
    signer: Signer, organisation: str, made_at: datetime, previous: SigningKey | None, endorser: Signer | None
) -> SigningKey:
    """The statement of a key, signed by itself and, where it is at hand, by the key before."""
    stated = SigningKey(
        public_key=signer.public_key,
        organisation=organisation,
        made_at=made_at.astimezone(UTC),
        previous_key=None if previous is None else previous.public_key,
    )
    message = stated.signed_bytes()
    return replace(
        stated,
        signature=signer.sign(message).hex(),
        endorsement=None if endorser is None else endorser.sign(message).hex(),
    )
