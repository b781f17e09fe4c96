"""Ed25519 with `cryptography`, and the organisation's key file."""

from baitie.adapters.signing.ed25519 import Ed25519Signer, verify_signature
from baitie.adapters.signing.key_file import KeyFile, SigningKeyError

__all__ = ["Ed25519Signer", "KeyFile", "SigningKeyError", "verify_signature"]
