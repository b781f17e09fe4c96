"""ES256: vectors of RFC 6979, keys in files, and what is no signature."""

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from baitie.adapters.signing.es256 import (
    PassportKeyError,
    open_signer,
    public_pem,
    read_public_key,
    signer_of,
    verify_es256,
)

# RFC 6979 appendix A.2.5: ECDSA on P-256, messages "sample" and "test" with SHA-256.
RFC_6979_KEY = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721
RFC_6979 = {
    b"sample": (
        "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
        "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
    ),
    b"test": (
        "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367"
        "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083"
    ),
}


@pytest.mark.parametrize("message", RFC_6979, ids=lambda message: message.decode())
def test_signature_is_that_of_rfc_6979(message: bytes) -> None:
    assert signer_of(RFC_6979_KEY).sign(message).hex().upper() == RFC_6979[message]


def test_signature_holds_for_its_message_and_key_only() -> None:
    signer, other = signer_of(RFC_6979_KEY), signer_of(7)
    signature = signer.sign(b"card")
    assert verify_es256(signer.public_key, b"card", signature)
    assert not verify_es256(signer.public_key, b"Card", signature)
    assert not verify_es256(other.public_key, b"card", signature)
    assert not verify_es256(signer.public_key, b"card", bytes([signature[0] ^ 1]) + signature[1:])
    for rubbish in (b"", bytes(64), signature[:63], signature + b"\0"):
        assert not verify_es256(signer.public_key, b"card", rubbish)
    assert not verify_es256(b"no point", b"card", signature)


def test_key_is_made_once_for_its_owner_only_and_found_again(tmp_path: Path) -> None:
    path = tmp_path / "baitie.passport.key"
    first = open_signer(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert open_signer(path).public_key == first.public_key
    assert read_public_key(first.public_pem().encode()) == first.public_key
    assert "PRIVATE" not in repr(first)


@pytest.mark.parametrize("what", ["another-curve", "another-kind", "rubbish", "missing"])
def test_file_without_such_a_key_is_refused(tmp_path: Path, what: str) -> None:
    path = tmp_path / "key.pem"
    keys: dict[str, PrivateKeyTypes] = {
        "another-curve": ec.generate_private_key(ec.SECP384R1()),
        "another-kind": ed25519.Ed25519PrivateKey.generate(),
    }
    if what in keys:
        path.write_bytes(keys[what].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    elif what == "rubbish":
        path.write_text("no key")
    with pytest.raises(PassportKeyError):
        open_signer(path, may_make=False)


def test_what_is_no_public_key_is_refused() -> None:
    with pytest.raises(PassportKeyError):
        read_public_key(b"no key")
    with pytest.raises(ValueError):
        public_pem(b"no point")
