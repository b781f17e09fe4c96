"""Signed checkpoints: what the organisation said, on a day, its journal was up to there."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from baitie.domain.audit.canonical import (
    HASH_DIGITS,
    KEY_ID_DIGITS,
    SIGNATURE_DIGITS,
    canonical_json,
    count_in,
    date_in,
    digits_in,
    time_in,
)
from baitie.kernel.journal import GENESIS_HASH, JsonValue

CHECKPOINT_FORMAT = "baitie-checkpoint/1"
"""Stands in the signed bytes, so that a signature over something else can never pass for a checkpoint's."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Checkpoint (检查点): entry `seq` of the journal had this hash when the organisation signed.

    Checkpoints are counted from 1 and chained: `previous` is the digest of the one before, `GENESIS_HASH` for the
    first. `day` is the enterprise's civil date of the newest entry. Hashes and signature are in hex.
    """

    number: int
    seq: int
    hash: str
    day: date
    signed_at: datetime
    key_id: str
    previous: str
    signature: str = ""

    def signed_bytes(self) -> bytes:
        """What the signature is over."""
        return canonical_json({"format": CHECKPOINT_FORMAT, **self._fields()})

    def digest(self) -> str:
        """SHA-256 over signed bytes and signature, in hex: what the next checkpoint names."""
        return hashlib.sha256(self.signed_bytes() + self.signature.encode("ascii")).hexdigest()

    def to_json(self) -> dict[str, JsonValue]:
        """As plain JSON."""
        return {**self._fields(), "signature": self.signature}

    @staticmethod
    def from_json(body: Mapping[str, Any]) -> "Checkpoint":
        """The inverse of `to_json`. Raises ValueError with the name of a field that cannot be right."""
        return Checkpoint(
            number=count_in(body, "number"),
            seq=count_in(body, "seq"),
            hash=digits_in(body, "hash", HASH_DIGITS),
            day=date_in(body, "day"),
            signed_at=time_in(body, "signed_at"),
            key_id=digits_in(body, "key_id", KEY_ID_DIGITS),
            previous=digits_in(body, "previous", HASH_DIGITS),
            signature=digits_in(body, "signature", SIGNATURE_DIGITS),
        )

    def _fields(self) -> dict[str, JsonValue]:
        return {
            "number": self.number,
            "seq": self.seq,
            "hash": self.hash,
            "day": self.day.isoformat(),
            "signed_at": self.signed_at.isoformat(),
            "key_id": self.key_id,
            "previous": self.previous,
        }


def next_checkpoint(
    last: Checkpoint | None, seq: int, own_hash: str, day: date, signed_at: datetime, key_id: str
) -> Checkpoint:
    """The checkpoint that follows `last`, not signed yet."""
    return Checkpoint(
        number=1 if last is None else last.number + 1,
        seq=seq,
        hash=own_hash,
        day=day,
        signed_at=signed_at,
        key_id=key_id,
        previous=GENESIS_HASH if last is None else last.digest(),
    )
