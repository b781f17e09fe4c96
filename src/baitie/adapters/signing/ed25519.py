"""Ed25519 (RFC 8032) by `cryptography`: signing with a private key, verifying with a public one."""

import secrets

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SEED_BYTES = 32  # RFC 8032 §5.1.5


class Ed25519Signer:
    """Signer (签名者) that holds a private key in memory; fulfils `baitie.app.ports.signing.Signer`. Never printed."""

    __slots__ = ("_private", "public_key")

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_key = self._private.public_key().public_bytes_raw().hex()

    def sign(self, message: bytes) -> bytes:
        """The 64 octets of the signature; the same for the same message."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        return f"Ed25519Signer(public_key={self.public_key})"


def new_seed() -> bytes:
    """A private key by chance."""
    return secrets.token_bytes(SEED_BYTES)


def verify_signature(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is the key's over the message. Anything that is no key or no signature is no."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
