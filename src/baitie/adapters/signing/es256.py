"""ES256 (ECDSA on P-256 with SHA-256, RFC 7518 §3.4) by `cryptography`: for PASSporTs, which know no other algorithm.

Signatures follow RFC 6979: the same message gives the same signature, and no bad source of chance gives the key away.
"""

from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from baitie.adapters.private_files import keep_secret
from baitie.kernel.errors import InputError

COORDINATE_OCTETS = 32
SIGNATURE_OCTETS = 2 * COORDINATE_OCTETS
_DETERMINISTIC = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
_ANY = ec.ECDSA(hashes.SHA256())


class PassportKeyError(InputError):
    """The key for signing calls and cards is missing or no key on the curve P-256. Name a PEM file with such a key, or
    remove the setting, and one is made."""

    code = "passport-key-wrong"


class Es256Signer:
    """Signer of calls and cards (名片签名者); fulfils `app.ports.signing.CardSigner`. The key is never printed."""

    __slots__ = ("_private", "public_key")

    def __init__(self, private: ec.EllipticCurvePrivateKey) -> None:
        if not isinstance(private.curve, ec.SECP256R1):
            raise PassportKeyError(curve=private.curve.name)
        self._private = private
        self.public_key = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def sign(self, message: bytes) -> bytes:
        """The 64 octets of the signature; the same for the same message (RFC 6979)."""
        r, s = decode_dss_signature(self._private.sign(message, _DETERMINISTIC))
        return r.to_bytes(COORDINATE_OCTETS, "big") + s.to_bytes(COORDINATE_OCTETS, "big")

    def public_pem(self) -> str:
        """The public key as others read it."""
        return public_pem(self.public_key)

    def __repr__(self) -> str:
        return f"Es256Signer(public_key={self.public_key.hex()})"


def verify_es256(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature of 64 octets is the key's over the message. What is no key or no signature is no."""
    if len(signature) != SIGNATURE_OCTETS:
        return False
    r, s = (int.from_bytes(half, "big") for half in (signature[:COORDINATE_OCTETS], signature[COORDINATE_OCTETS:]))
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key)
        key.verify(encode_dss_signature(r, s), message, _ANY)
    except (InvalidSignature, ValueError):
        return False
    return True


def public_pem(public_key: bytes) -> str:
    """A public key (uncompressed point) in PEM. Raises ValueError for what is no point of the curve."""
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def read_public_key(pem: bytes) -> bytes:
    """The uncompressed point of a public key in PEM. Raises `PassportKeyError`."""
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise PassportKeyError(cause="no public key in PEM") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise PassportKeyError(cause="not on the curve P-256")
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def signer_of(scalar: int) -> Es256Signer:
    """The signer of a private key that is known as a number. Raises ValueError where it is none of the curve."""
    return Es256Signer(ec.derive_private_key(scalar, ec.SECP256R1()))


def open_signer(path: Path, *, may_make: bool = True) -> Es256Signer:
    """The signer of a PEM file, made for its owner's eyes only where there is none. Raises `PassportKeyError`."""
    if may_make and not path.exists():
        fresh = ec.generate_private_key(ec.SECP256R1())
        pem = fresh.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        keep_secret(path, pem.decode("ascii"))  # where another process makes one meanwhile, that is the key
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise PassportKeyError(file=path.name, cause=type(error).__name__) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise PassportKeyError(file=path.name, cause="no key on a curve")
    return Es256Signer(key)
