"""Digest authentication (摘要认证) in words: challenges read, responses computed (RFC 7616, RFC 8760)."""

import hashlib
import re
from enum import StrEnum
from typing import Final, NamedTuple

from baitie.wire.sip.errors import SipParseError
from baitie.wire.sip.headers import unquoted

MAX_CHALLENGES: Final = 8
"""Challenges of one answer that are looked at, and challengers that one call or registration answers."""

_HASHES: Final = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
_STRENGTH: Final = ("SHA-256", "SHA-256-SESS", "MD5", "MD5-SESS")
_SCHEME: Final = re.compile(r"[\s,]*([A-Za-z0-9_\-]+)(?:\s+(?=[A-Za-z0-9_\-]+\s*=)|\s*(?:,|\Z))")
_PAIR: Final = re.compile(r'[\s,]*([A-Za-z0-9_\-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,"]+)\s*')


class DigestFloor(StrEnum):
    """The weakest challenge that is answered: any, MD5 with counted nonces (qop), or SHA-256 only."""

    ANY = "any"
    MD5_COUNTED = "md5"
    SHA_256 = "sha-256"


class Challenge(NamedTuple):
    """One Digest challenge that we can answer. `algorithm` is upper case; `qop` is `auth`, `auth-int` or empty."""

    realm: str
    nonce: str
    algorithm: str
    opaque: str | None
    qop: str
    is_stale: bool

    @property
    def rank(self) -> tuple[int, bool]:
        """The smaller, the better: the stronger algorithm, and counted nonces before the form of RFC 2069."""
        return _STRENGTH.index(self.algorithm), not self.qop

    def reaches(self, floor: DigestFloor) -> bool:
        """Whether it is as strong as that."""
        if floor is DigestFloor.ANY:
            return True
        return bool(self.qop) and (floor is not DigestFloor.SHA_256 or self.algorithm.startswith("SHA-256"))


def parse_digest_untrusted(value: str) -> dict[str, str]:
    """The parameters of a `Digest ...` value by lower-case name, quotes taken off. Raises only `SipParseError`."""
    schemes = parse_schemes_untrusted(value)
    if len(schemes) != 1 or schemes[0][0] != "digest":
        raise SipParseError("The authentication scheme is not Digest.")
    return schemes[0][1]


def parse_schemes_untrusted(value: str) -> list[tuple[str, dict[str, str]]]:
    """Each scheme of a header line, in lower case, with its parameters. Raises only `SipParseError`.

    One line should hold one (RFC 3261 §7.3.1); several in one line are read as HTTP has them (RFC 9110 §11.6.1).
    """
    found: list[tuple[str, dict[str, str]]] = []
    position = 0
    while position < len(value):
        scheme = _SCHEME.match(value, position)
        if scheme:
            found.append((scheme[1].lower(), {}))
            position = scheme.end()
            continue
        match = _PAIR.match(value, position)
        if not match or not found:
            raise SipParseError("A Digest parameter cannot be read.")
        text = match[2]
        found[-1][1].setdefault(match[1].lower(), unquoted(text) if text[:1] == '"' else text)
        position = match.end()
    return found


def challenges_untrusted(values: list[str], floor: DigestFloor = DigestFloor.ANY) -> list[Challenge]:
    """The challenges that we can answer: of each realm the strongest. Unreadable ones are passed over.

    Equally strong ones of one realm with nonces of their own are of several proxies, and all are kept (RFC 3261 §22.3).
    """
    best: dict[str, list[Challenge]] = {}
    for value in values[:MAX_CHALLENGES]:
        try:
            schemes = parse_schemes_untrusted(value)
        except SipParseError:
            continue
        for scheme, params in schemes[:MAX_CHALLENGES]:
            found = _challenge(params) if scheme == "digest" else None
            if found is None or not found.reaches(floor):
                continue
            kept = best.setdefault(found.realm, [])
            if kept and found.rank < kept[0].rank:
                kept.clear()
            if not kept or (found.rank == kept[0].rank and found.nonce not in [other.nonce for other in kept]):
                kept.append(found)
    return [challenge for kept in best.values() for challenge in kept][:MAX_CHALLENGES]


def _challenge(params: dict[str, str]) -> Challenge | None:
    algorithm = params.get("algorithm", "MD5").upper()
    offered = [qop.strip().lower() for qop in params.get("qop", "").split(",")]
    qop = next((known for known in ("auth", "auth-int") if known in offered), "")
    if algorithm not in _STRENGTH or "nonce" not in params or ("qop" in params and not qop):
        return None
    is_stale = params.get("stale", "").lower() == "true"
    return Challenge(params.get("realm", ""), params["nonce"], algorithm, params.get("opaque"), qop, is_stale)


def digest_secret(algorithm: str, username: str, realm: str, password: str, nonce: str, cnonce: str) -> str:
    """The hash of A1 (RFC 7616 §3.4.2). The -sess forms take the nonces of the session's first request."""
    secret = _hashed(algorithm, f"{username}:{realm}:{password}")
    return _hashed(algorithm, f"{secret}:{nonce}:{cnonce}") if algorithm.endswith("-SESS") else secret


def digest_response(
    algorithm: str, username: str, realm: str, password: str, method: str, uri: str, nonce: str, nc: str, cnonce: str,
    qop: str, body: bytes = b"", secret: str = "",
) -> str:  # fmt: skip
    """The `response` value of RFC 7616 §3.4.1; `qop` empty gives the form of RFC 2069. `secret`: A1, if it is known."""
    secret = secret or digest_secret(algorithm, username, realm, password, nonce, cnonce)
    act = f"{method}:{uri}"
    if qop == "auth-int":
        act += f":{_HASHES[algorithm.removesuffix('-SESS')](body).hexdigest()}"
    act = _hashed(algorithm, act)
    if not qop:
        return _hashed(algorithm, f"{secret}:{nonce}:{act}")
    return _hashed(algorithm, f"{secret}:{nonce}:{nc}:{cnonce}:{qop}:{act}")


def _hashed(algorithm: str, text: str) -> str:
    return _HASHES[algorithm.removesuffix("-SESS")](text.encode("utf-8", "surrogateescape")).hexdigest()
