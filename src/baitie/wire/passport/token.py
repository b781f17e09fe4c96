"""PASSporT: a signed statement who calls or writes to whom, when and why (RFC 8225), in its full form."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from baitie.kernel.journal import JsonValue
from baitie.wire.passport.encoding import (
    from_base64url_untrusted,
    read_object_untrusted,
    signed_json,
    text_claim,
    to_base64url,
)
from baitie.wire.passport.errors import PassportArgumentError, PassportError
from baitie.wire.passport.integrity import read_digests
from baitie.wire.passport.rich_call_data import URI_LENGTH_MAX, RichCallData, read_rich_call_data

ALGORITHM = "ES256"
TYPE = "passport"
RCD = "rcd"
MSG = "msg"
TOKEN_LENGTH_MAX = 32_768
DESTINATIONS_MAX = 16
SIGNATURE_OCTETS = 64
"""Of ES256: r and s, 32 octets each (RFC 7518 §3.4)."""

IAT_MAX = 2**33

Sign: TypeAlias = Callable[[bytes], bytes]
"""Signs a message with ES256 and gives 64 octets."""

_NUMBER = re.compile(r"[0-9*#]{1,32}\Z")
_VISUAL = str.maketrans("", "", " -.()+")
_OWN_CLAIMS = frozenset({"orig", "dest", "iat", "rcd", "rcdi", "crn", "msgi"})


@dataclass(frozen=True, slots=True)
class Passport:
    """PASSporT (通话凭据): the statement without its signature.

    `ppt` is the kind (`rcd`, `msg`, `shaken`; None for the base form), `x5u` where the certificate lies (empty where
    the key reaches the reader otherwise), `orig` and `dest` telephone numbers as digits, `iat` seconds since 1970.
    `crn` is the call's reason, `msgi` the digest of a message. `others` are claims of other kinds, as they came.
    """

    ppt: str | None
    x5u: str
    orig: str
    dest: tuple[str, ...]
    iat: int
    rcd: RichCallData | None = None
    rcdi: Mapping[str, str] = field(default_factory=dict)
    crn: str | None = None
    msgi: str | None = None
    others: Mapping[str, JsonValue] = field(default_factory=dict)

    def signing_input(self) -> bytes:
        """What the signature is over. Raises `PassportArgumentError` where the claims break a rule of their kind."""
        fault = _fault(self)
        if fault is not None:
            raise PassportArgumentError(fault)
        header: dict[str, JsonValue] = {"alg": ALGORITHM, "typ": TYPE}
        if self.x5u:
            header["x5u"] = self.x5u
        if self.ppt is not None:
            header["ppt"] = self.ppt
        numbers: list[JsonValue] = [*self.dest]
        claims: dict[str, JsonValue] = {
            **self.others,
            "orig": {"tn": self.orig},
            "dest": {"tn": numbers},
            "iat": self.iat,
        }
        if self.rcd is not None:
            claims["rcd"] = self.rcd.to_json()
        if self.rcdi:
            claims["rcdi"] = dict(self.rcdi)
        if self.crn is not None:
            claims["crn"] = self.crn
        if self.msgi is not None:
            claims["msgi"] = self.msgi
        return f"{to_base64url(signed_json(header))}.{to_base64url(signed_json(claims))}".encode("ascii")

    def signed(self, sign: Sign) -> str:
        """The token, signed. Raises `PassportArgumentError`."""
        message = self.signing_input()
        return f"{message.decode('ascii')}.{to_base64url(sign(message))}"


@dataclass(frozen=True, slots=True)
class SignedPassport:
    """PASSporT as it came (收到的凭据), with the octets that its signature is over. Nothing is verified yet."""

    passport: Passport
    message: bytes
    signature: bytes


def canonical_number(text: str) -> str:
    """A telephone number as it stands in claims: digits, no `+` (RFC 8224 §8.3). Raises `PassportArgumentError`."""
    number = text.translate(_VISUAL)
    if not _NUMBER.match(number):
        raise PassportArgumentError("This is no telephone number for a signed claim.")
    return number


def read_passport_untrusted(text: str) -> SignedPassport:
    """A token in full form. The compact form, which leaves out what it states, is refused. Raises `PassportError`."""
    if len(text) > TOKEN_LENGTH_MAX:
        raise PassportError("The token is too long.", length=len(text), length_max=TOKEN_LENGTH_MAX)
    parts = text.split(".")
    if len(parts) != 3 or not all(parts):
        raise PassportError("The token is not header, claims and signature.")
    header = read_object_untrusted(from_base64url_untrusted(parts[0]))
    claims = read_object_untrusted(from_base64url_untrusted(parts[1]))
    signature = from_base64url_untrusted(parts[2])
    if header.get("alg") != ALGORITHM or header.get("typ") != TYPE or len(signature) != SIGNATURE_OCTETS:
        raise PassportError("The token is no PASSporT with ES256.")
    if "crit" in header:
        raise PassportError("The token demands what we do not understand.")
    passport = _passport(header, claims)
    fault = _fault(passport)
    if fault is not None:
        raise PassportError(fault)
    return SignedPassport(passport, f"{parts[0]}.{parts[1]}".encode("ascii"), signature)


def _passport(header: Mapping[str, JsonValue], claims: Mapping[str, JsonValue]) -> Passport:
    ppt = header.get("ppt")
    if ppt is not None and not (isinstance(ppt, str) and 0 < len(ppt) <= 32):
        raise PassportError("The token's kind cannot be read.")
    iat = claims.get("iat")
    if not isinstance(iat, int) or isinstance(iat, bool):
        raise PassportError("The token has no time.")
    return Passport(
        ppt=ppt,
        x5u=text_claim(header, "x5u", URI_LENGTH_MAX) or "",
        orig=_number(_object(claims, "orig").get("tn")),
        dest=_numbers(_object(claims, "dest").get("tn")),
        iat=iat,
        rcd=read_rich_call_data(claims["rcd"]) if "rcd" in claims else None,
        rcdi=read_digests(claims["rcdi"]) if "rcdi" in claims else {},
        crn=text_claim(claims, "crn", URI_LENGTH_MAX),
        msgi=text_claim(claims, "msgi", 128),
        others={key: value for key, value in claims.items() if key not in _OWN_CLAIMS},
    )


def _fault(passport: Passport) -> str | None:
    """Which rule the claims break, for what we send as for what we read; None where they keep all."""
    if not _NUMBER.match(passport.orig) or not all(_NUMBER.match(number) for number in passport.dest):
        return "A number in the token is not in digits."
    if not 0 < len(passport.dest) <= DESTINATIONS_MAX:
        return "The token has no destination, or too many."
    if not 0 < passport.iat < IAT_MAX:
        return "The time of the token is none."
    if passport.ppt == RCD and passport.rcd is None and passport.crn is None:
        return "A token of the kind rcd states neither rcd nor crn."
    if passport.rcdi and passport.rcd is None:
        return "The token has rcdi without rcd."
    return None


def _object(body: Mapping[str, JsonValue], key: str) -> dict[str, JsonValue]:
    value = body.get(key)
    if not isinstance(value, dict):
        raise PassportError("A claim is no object.", claim=key)
    return value


def _number(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise PassportError("A number in the token is no text.")
    return value


def _numbers(value: JsonValue) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > DESTINATIONS_MAX:
        raise PassportError("The token has no list of destinations, or one that is too long.")
    return tuple(_number(number) for number in value)
