"""Who signs: for the journal, for cards and calls."""

import hashlib
from dataclasses import dataclass
from typing import Protocol


class Signer(Protocol):
    """Signs for the organisation (签名者) with Ed25519. The private key never leaves it."""

    @property
    def public_key(self) -> str: ...
    def sign(self, message: bytes) -> bytes: ...


KEY_ID_DIGITS = 16


class CardSigner(Protocol):
    """Signs calls and cards for the organisation (名片签名者) with ES256. The private key never leaves it."""

    @property
    def public_key(self) -> bytes:
        """As an uncompressed point of P-256."""
        ...

    def sign(self, message: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class CardSigning:
    """What a run signs with (签名配置): the key, the address of its certificate, and the name that cards show."""

    signer: CardSigner
    certificate_url: str
    name: str

    @property
    def key_id(self) -> str:
        """Short name of the key: the first hexadecimal digits of its SHA-256."""
        return card_key_id(self.signer.public_key)


def card_key_id(public_key: bytes) -> str:
    """The short name of a public key."""
    return hashlib.sha256(public_key).hexdigest()[:KEY_ID_DIGITS]
