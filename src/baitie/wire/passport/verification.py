"""Is a token genuine: signature, time, numbers, and what it promises about its contents. Pure; nothing is fetched."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from baitie.wire.passport.errors import PassportError
from baitie.wire.passport.integrity import IntegrityFinding, check_integrity, is_digest_of
from baitie.wire.passport.message import message_body
from baitie.wire.passport.token import MSG, Passport, canonical_number, read_passport_untrusted

FRESH_S = 60
"""How far `iat` may lie from the clock for a call that is just coming in (RFC 8224 §6.2.3 leaves it to policy)."""

VerifyEs256: TypeAlias = Callable[[bytes, bytes, bytes], bool]
"""Whether (public key as an uncompressed point, message, signature of 64 octets) agree."""


class PassportFault(StrEnum):
    """Why a token is not believed (凭据问题)."""

    MALFORMED = "malformed"
    NOT_SIGNED_BY_KEY = "not-signed-by-key"
    STALE = "stale"
    ANOTHER_CALLER = "another-caller"
    ANOTHER_CALLEE = "another-callee"
    ANOTHER_TEXT = "another-text"
    ANOTHER_KIND = "another-kind"


@dataclass(frozen=True, slots=True)
class PassportVerdict:
    """Verdict on a token (凭据核验结论). Where there is a fault, no claim of it may be used (RFC 9795 §8.1)."""

    passport: Passport | None
    faults: tuple[PassportFault, ...] = ()
    contents: tuple[IntegrityFinding, ...] = ()

    @property
    def is_genuine(self) -> bool:
        """Whether the token is what it claims; content with a finding must still not be shown."""
        return not self.faults


def verify_call(
    token: str,
    public_keys: Collection[bytes],
    verify: VerifyEs256,
    *,
    caller: str,
    callee: str,
    unix_s: int,
    fresh_s: int = FRESH_S,
    contents: Mapping[str, bytes] | None = None,
) -> PassportVerdict:
    """Whether a call's token was signed by one of the keys, for these two numbers, just now.

    `contents` has what was fetched from the addresses in it; what was not fetched is told as such.
    """
    verdict = _signed(token, public_keys, verify)
    passport = verdict.passport
    if passport is None:
        return verdict
    faults = [*verdict.faults]
    if abs(unix_s - passport.iat) > fresh_s:
        faults.append(PassportFault.STALE)
    if passport.orig != canonical_number(caller):
        faults.append(PassportFault.ANOTHER_CALLER)
    if canonical_number(callee) not in passport.dest:
        faults.append(PassportFault.ANOTHER_CALLEE)
    found = () if passport.rcd is None else check_integrity(passport.rcd, passport.rcdi, contents or {})
    return PassportVerdict(passport, tuple(faults), found)


def verify_message(
    token: str, public_keys: Collection[bytes], verify: VerifyEs256, *, text: str, callee: str
) -> PassportVerdict:
    """Whether a message of this text to this number was signed by one of the keys, whenever that was.

    A message is read long after it was written, so its time is told by the token and not judged (RFC 9475 §4).
    """
    verdict = _signed(token, public_keys, verify)
    passport = verdict.passport
    if passport is None:
        return verdict
    faults = [*verdict.faults]
    if passport.ppt != MSG:
        faults.append(PassportFault.ANOTHER_KIND)
    if passport.msgi is None or not is_digest_of(passport.msgi, message_body(text)):
        faults.append(PassportFault.ANOTHER_TEXT)
    if canonical_number(callee) not in passport.dest:
        faults.append(PassportFault.ANOTHER_CALLEE)
    return PassportVerdict(passport, tuple(faults))


def _signed(token: str, public_keys: Collection[bytes], verify: VerifyEs256) -> PassportVerdict:
    try:
        found = read_passport_untrusted(token)
    except PassportError:
        return PassportVerdict(None, (PassportFault.MALFORMED,))
    is_ours = any(verify(key, found.message, found.signature) for key in public_keys)
    return PassportVerdict(found.passport, () if is_ours else (PassportFault.NOT_SIGNED_BY_KEY,))
