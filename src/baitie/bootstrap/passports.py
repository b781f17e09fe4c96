"""The key of cards and calls, and the check of one token, as commands need them."""

from dataclasses import dataclass
from pathlib import Path

from baitie.adapters.signing.es256 import public_pem, read_public_key, verify_es256
from baitie.app.ports.signing import card_key_id
from baitie.bootstrap.channels import card_signing
from baitie.files.bounded_files import read_within
from baitie.files.organisation_settings import OrganisationSettings
from baitie.wire.passport import (
    MSG,
    PassportError,
    PassportVerdict,
    read_identity_untrusted,
    read_passport_untrusted,
    verify_call,
    verify_message,
)
from baitie.wire.passport.token import TOKEN_LENGTH_MAX

KEY_OCTETS_MAX = 8_192


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Public key of cards and calls (名片公钥): as an uncompressed point, with its short name."""

    point: bytes

    @property
    def key_id(self) -> str:
        """The short name, as the journal has it."""
        return card_key_id(self.point)

    @property
    def pem(self) -> str:
        """As others read it."""
        return public_pem(self.point)


def public_key_of(settings: OrganisationSettings) -> PublicKey:
    """The organisation's key, made where there is none. Raises `PassportKeyError`."""
    return PublicKey(card_signing(settings).signer.public_key)


def key_in_file(file: Path) -> PublicKey:
    """The public key in a PEM file. Raises `PassportKeyError`."""
    return PublicKey(read_public_key(read_within(file, KEY_OCTETS_MAX)))


def check_token(
    file: Path, key: PublicKey, caller: str | None, callee: str | None, text: str | None
) -> PassportVerdict:
    """Whether the token in a file, bare or in an Identity header, was signed by the key.

    For these numbers and this text where they are given, else for those that it names. Its age is told and not judged.
    Raises `PassportArgumentError`.
    """
    said = read_within(file, 2 * TOKEN_LENGTH_MAX).decode("utf-8", "replace").strip()
    said = said.removeprefix("Identity:").strip()
    try:
        token = read_identity_untrusted(said).token if ";" in said else said
        stated = read_passport_untrusted(token).passport
    except PassportError:
        return verify_call("", [], verify_es256, caller="0", callee="0", unix_s=0)
    keys, to = [key.point], callee or stated.dest[0]
    if stated.ppt == MSG and text is not None:
        return verify_message(token, keys, verify_es256, text=text, callee=to)
    return verify_call(token, keys, verify_es256, caller=caller or stated.orig, callee=to, unix_s=stated.iat)
