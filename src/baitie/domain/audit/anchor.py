"""The anchor: what is kept of a journal beside the signing key, so that a store cut short or replaced is noticed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from baitie.domain.audit.canonical import (
    HASH_DIGITS,
    KEY_ID_DIGITS,
    SIGNATURE_DIGITS,
    canonical_json,
    count_in,
    digits_in,
    time_in,
)
from baitie.domain.audit.registers import SUM_OCTETS
from baitie.kernel.journal import JsonValue

ANCHOR_FORMAT = "baitie-anchor/1"
COUNTS_MAX = 32


@dataclass(frozen=True, slots=True)
class Anchor:
    """Anchor (锚点): entry `seq` of the journal had this hash, and up to it the registers had this digest.

    `registers` is the digest in hex, `counts` how many marks of each kind went into it. `at` is the civil time of
    signing, `key_id` names the key.
    """

    seq: int
    hash: str
    at: datetime
    registers: str
    key_id: str
    counts: Mapping[str, int] = field(default_factory=dict)
    signature: str = ""

    def signed_bytes(self) -> bytes:
        """What the signature is over."""
        return canonical_json({"format": ANCHOR_FORMAT, **self._fields()})

    def to_json(self) -> dict[str, JsonValue]:
        """As plain JSON."""
        return {"format": ANCHOR_FORMAT, **self._fields(), "signature": self.signature}

    @staticmethod
    def from_json(body: Mapping[str, Any]) -> "Anchor":
        """The inverse of `to_json`. Raises ValueError with the name of a field that cannot be right."""
        counts = body.get("counts")
        if body.get("format") != ANCHOR_FORMAT:
            raise ValueError("format")
        if not isinstance(counts, dict) or len(counts) > COUNTS_MAX:
            raise ValueError("counts")
        return Anchor(
            seq=count_in(body, "seq"),
            hash=digits_in(body, "hash", HASH_DIGITS),
            at=time_in(body, "at"),
            registers=digits_in(body, "registers", 2 * SUM_OCTETS),
            key_id=digits_in(body, "key_id", KEY_ID_DIGITS),
            counts={str(name): count_in(counts, name) for name in counts},
            signature=digits_in(body, "signature", SIGNATURE_DIGITS),
        )

    def _fields(self) -> dict[str, JsonValue]:
        return {
            "seq": self.seq,
            "hash": self.hash,
            "at": self.at.isoformat(),
            "registers": self.registers,
            "counts": dict(sorted(self.counts.items())),
            "key_id": self.key_id,
        }
