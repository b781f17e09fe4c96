"""Ed25519 with `cryptography`, the organisation's key file, and the anchor beside it."""

from baitie.adapters.signing.anchor_file import AnchorFile, AnchorFileError
from baitie.adapters.signing.ed25519 import Ed25519Signer, verify_signature
from baitie.adapters.signing.key_file import KeyFile, SigningKeyError

__all__ = ["AnchorFile", "AnchorFileError", "Ed25519Signer", "KeyFile", "SigningKeyError", "verify_signature"]
