"""Signs the journal: a checkpoint when the enterprise's day changes, at the end of a run, and when asked to."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, tzinfo

from baitie.app.ports import AuditStore, Signer
from baitie.domain.audit import Checkpoint, SigningKey, key_id_of, next_checkpoint
from baitie.kernel.errors import StoreError

TRIES_MAX = 3
"""Another process may sign at the same time; the next number is free then."""


@dataclass(slots=True)
class Notary:
    """Notary (公证): keeps signed checkpoints over the journal. `zone` is the enterprise's, whose days count."""

    store: AuditStore
    signer: Signer
    zone: tzinfo
    _day: date | None = field(default=None)

    def on_time(self, civil_now: datetime) -> Checkpoint | None:
        """Sign where the enterprise's day is another than at the last call; the first call signs what a crash left."""
        day = civil_now.astimezone(self.zone).date()
        if day == self._day:
            return None
        self._day = day
        return self.sign(civil_now)

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
