"""Public keys under which checkpoints were signed, each vouched for by its neighbours."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from baitie.domain.audit.canonical import (
    KEY_DIGITS,
    KEY_ID_DIGITS,
    SIGNATURE_DIGITS,
    canonical_json,
    digits_in,
    text_in,
    time_in,
)
from baitie.kernel.journal import JsonValue

KEY_FORMAT = "baitie-signing-key/1"

VerifySignature: TypeAlias = Callable[[bytes, bytes, bytes], bool]
"""Whether (public key, message, signature) agree under Ed25519 (RFC 8032 §5.1.7)."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """Public signing key (签名公钥) with its statement: whose it is, since when, after which key.

    `signature` is the key's own, `endorsement` that of the key before over the same bytes; None for the first key,
    and where the key before was lost. All in hex.
    """

    public_key: str
    organisation: str
    made_at: datetime
    previous_key: str | None
    signature: str = ""
    endorsement: str | None = None

    @property
    def key_id(self) -> str:
        """Short name of the key: the first 16 hex digits of its SHA-256."""
        return key_id_of(self.public_key)

    def signed_bytes(self) -> bytes:
        """What both signatures are over."""
        return canonical_json({"format": KEY_FORMAT, **self._fields()})

    def to_json(self) -> dict[str, JsonValue]:
        """As plain JSON."""
        return {**self._fields(), "signature": self.signature, "endorsement": self.endorsement}

    @staticmethod
    def from_json(body: Mapping[str, Any]) -> "SigningKey":
        """The inverse of `to_json`. Raises ValueError with the name of a field that cannot be right."""
        return SigningKey(
            public_key=digits_in(body, "public_key", KEY_DIGITS),
            organisation=text_in(body, "organisation"),
            made_at=time_in(body, "made_at"),
            previous_key=None if body.get("previous_key") is None else digits_in(body, "previous_key", KEY_DIGITS),
            signature=digits_in(body, "signature", SIGNATURE_DIGITS),
            endorsement=None if body.get("endorsement") is None else digits_in(body, "endorsement", SIGNATURE_DIGITS),
        )

    def _fields(self) -> dict[str, JsonValue]:
        return {
            "public_key": self.public_key,
            "organisation": self.organisation,
            "made_at": self.made_at.isoformat(),
            "previous_key": self.previous_key,
        }


def key_id_of(public_key: str) -> str:
    """The short name of a public key in hex."""
    return hashlib.sha256(bytes.fromhex(public_key)).hexdigest()[:KEY_ID_DIGITS]


def is_well_stated(keys: Sequence[SigningKey], place: int, verify: VerifySignature) -> bool:
    """Whether the key at `place` signed its own statement and names the key before it."""
    key = keys[place]
    expected = keys[place - 1].public_key if place else None
    return key.previous_key == expected and _agrees(verify, key.public_key, key, key.signature)


def is_endorsed(key: SigningKey, verify: VerifySignature) -> bool:
    """Whether the key before vouched for this one."""
    if key.previous_key is None or key.endorsement is None:
        return False
    return _agrees(verify, key.previous_key, key, key.endorsement)


def trusted_keys(keys: Sequence[SigningKey], pinned: Collection[str], verify: VerifySignature) -> frozenset[str]:
    """The public keys that may be believed, of well stated `keys` in their order.

    A pinned key is believed. Belief goes forward over endorsements, and back because a key's own statement names the
    key before it. Without pins it begins at the first key.
    """
    begin = [key for key in keys if key.public_key in pinned] if pinned else keys[:1]
    believed = {key.public_key for key in begin}
    for key in keys:
        if key.previous_key in believed and is_endorsed(key, verify):
            believed.add(key.public_key)
    for key in reversed(keys):
        if key.public_key in believed and key.previous_key is not None:
            believed.add(key.previous_key)
    return frozenset(believed)


def _agrees(verify: VerifySignature, public_key: str, key: SigningKey, signature: str) -> bool:
    return verify(bytes.fromhex(public_key), key.signed_bytes(), bytes.fromhex(signature))
