"""The key under which numbers are looked up: a file beside the store, readable by its owner alone."""

import hmac
import secrets
from hashlib import sha256
from pathlib import Path

from baitie.adapters.private_files import keep_secret
from baitie.adapters.store.errors import StoreKeyError
from baitie.domain.namecard.page_code import PageCode
from baitie.kernel.phone import PhoneNumber

KEY_BYTES = 32  # as long as SHA-256's result: RFC 2104 §3


class NumberKey:
    """Look-up key (号码索引密钥): finds a number without an index over numbers. Never printed."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise StoreKeyError(f"A key file holds {KEY_BYTES} bytes as {2 * KEY_BYTES} hexadecimal digits.")
        self._key = key

    def hmac_of(self, number: PhoneNumber) -> bytes:
        """HMAC-SHA256 of the E.164 text."""
        return hmac.digest(self._key, number.e164().encode("ascii"), sha256)

    def hash_of_e164(self, e164: str) -> bytes:
        """The first eight octets of `hmac_of`, for lists of numbers too long to keep more."""
        return hmac.digest(self._key, e164.encode("ascii"), sha256)[:8]

    def hmac_of_code(self, code: PageCode) -> bytes:
        """HMAC-SHA256 of a page code. Its text can never be that of a number, which begins with a plus sign."""
        return hmac.digest(self._key, b"page code " + code.text().encode("ascii"), sha256)

    def derived(self, purpose: str) -> bytes:
        """A key for something else that leads back neither to this one nor to any other."""
        return hmac.digest(self._key, b"derived key " + purpose.encode(), sha256)

    def check_value(self) -> str:
        """What the store remembers of the key, so that a wrong key file is noticed at open."""
        return hmac.digest(self._key, b"baitie number key", sha256).hex()


def read_key(path: Path) -> NumberKey:
    """The key of a file. Raises StoreKeyError where it is missing or is not a key."""
    try:
        return NumberKey(bytes.fromhex(path.read_text("ascii").strip()))
    except (OSError, ValueError) as error:
        raise StoreKeyError(file=path.name, cause=error) from error


def read_or_make_key(path: Path) -> NumberKey:
    """The key of a file, which is made (mode 0600, durable) where it does not exist yet."""
    if not path.exists():
        keep_secret(path, secrets.token_hex(KEY_BYTES))  # where another process makes one meanwhile, that is the key
    return read_key(path)
