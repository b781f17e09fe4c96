"""Digest authentication (摘要认证) on both sides: RFC 3261 §22, RFC 7616, RFC 8760; MD5 and SHA-256, qop auth."""

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from baitie.kernel.time import Instant
from baitie.wire.sip.errors import SipParseError
from baitie.wire.sip.headers import unquoted

MAX_CHALLENGES: Final = 8
"""Challenges of one answer that are looked at."""
MAX_NONCES_KEPT: Final = 10_000
"""Nonces whose counts a server remembers; beyond, the oldest is forgotten and its next use is stale."""

_HASHES: Final = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
_STRENGTH: Final = ("SHA-256", "SHA-256-SESS", "MD5", "MD5-SESS")
_PAIR: Final = re.compile(r'[\s,]*([A-Za-z0-9_\-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,"]+)\s*')


class RandomBits(Protocol):
    """A source of chance, such as `random.Random`."""

    def getrandbits(self, k: int, /) -> int:
        """k random bits."""
        ...


@dataclass(frozen=True, slots=True)
class Credentials:
    """Name and password at a trunk. Never printed."""

    username: str
    password: str = field(repr=False)


class Challenge(NamedTuple):
    """One Digest challenge of a server. `algorithm` is upper case."""

    realm: str
    nonce: str
    algorithm: str
    opaque: str | None
    qop_auth: bool
    stale: bool


def parse_digest_untrusted(value: str) -> dict[str, str]:
    """The parameters of a `Digest ...` value by lower-case name, quotes taken off. Raises only `SipParseError`."""
    scheme, _, rest = value.strip().partition(" ")
    if scheme.lower() != "digest":
        raise SipParseError("The authentication scheme is not Digest.")
    params: dict[str, str] = {}
    position = 0
    while position < len(rest):
        match = _PAIR.match(rest, position)
        if not match:
            raise SipParseError("A Digest parameter cannot be read.")
        text = match[2]
        params.setdefault(match[1].lower(), unquoted(text) if text[:1] == '"' else text)
        position = match.end()
    return params


def strongest_challenge_untrusted(values: list[str]) -> Challenge | None:
    """The strongest challenge that we can answer, `None` if there is none. Unreadable ones are passed over."""
    best: Challenge | None = None
    for value in values[:MAX_CHALLENGES]:
        try:
            params = parse_digest_untrusted(value)
        except SipParseError:
            continue
        algorithm = params.get("algorithm", "MD5").upper()
        qops = [qop.strip().lower() for qop in params.get("qop", "").split(",")]
        if algorithm not in _STRENGTH or "nonce" not in params or ("qop" in params and "auth" not in qops):
            continue
        stale = params.get("stale", "").lower() == "true"
        found = Challenge(
            params.get("realm", ""), params["nonce"], algorithm, params.get("opaque"), "auth" in qops, stale
        )
        if best is None or _STRENGTH.index(algorithm) < _STRENGTH.index(best.algorithm):
            best = found
    return best


def digest_response(
    algorithm: str, username: str, realm: str, password: str, method: str, uri: str, nonce: str, nc: str, cnonce: str,
    qop: str,
) -> str:  # fmt: skip
    """The `response` value of RFC 7616 §3.4.1; `qop` empty gives the form of RFC 2069."""
    name = algorithm.removesuffix("-SESS")
    session_form = algorithm.endswith("-SESS")
    function = _HASHES[name]

    def hashed(text: str) -> str:
        return function(text.encode("utf-8", "surrogateescape")).hexdigest()

    secret = hashed(f"{username}:{realm}:{password}")
    if session_form:
        secret = hashed(f"{secret}:{nonce}:{cnonce}")
    act = hashed(f"{method}:{uri}")
    if not qop:
        return hashed(f"{secret}:{nonce}:{act}")
    return hashed(f"{secret}:{nonce}:{nc}:{cnonce}:{qop}:{act}")


class DigestClient:
    """Answers challenges for one call or registration, and authenticates what follows with the same nonce."""

    __slots__ = ("_answered", "_challenge", "_count", "_credentials", "_header", "_rng")

    def __init__(self, credentials: Credentials, rng: RandomBits) -> None:
        self._credentials = credentials
        self._rng = rng
        self._challenge: Challenge | None = None
        self._answered = False
        self._header = ""
        self._count = 0

    def take_challenge(self, status: int, values: list[str]) -> bool:
        """Takes the challenge of a 401 or 407. False: nothing to answer it with, or it was answered and refused."""
        challenge = strongest_challenge_untrusted(values)
        if challenge is None:
            return False
        before = self._challenge
        if self._answered and before is not None and before.realm == challenge.realm and not challenge.stale:
            return False
        self._challenge = challenge
        self._answered = True
        self._header = "Authorization" if status == 401 else "Proxy-Authorization"
        self._count = 0
        return True

    def renew(self) -> None:
        """A request of its own begins: a challenge to it may be answered again."""
        self._answered = False

    def header_line(self, method: str, uri: str) -> str:
        """The header line for a request, empty before the first challenge."""
        challenge = self._challenge
        if challenge is None:
            return ""
        self._count += 1
        count = f"{self._count:08x}"
        needs_cnonce = challenge.qop_auth or challenge.algorithm.endswith("-SESS")
        cnonce = f"{self._rng.getrandbits(64):016x}" if needs_cnonce else ""
        qop = "auth" if challenge.qop_auth else ""
        user, realm = self._credentials.username, challenge.realm
        response = digest_response(
            challenge.algorithm, user, realm, self._credentials.password, method, uri, challenge.nonce, count, cnonce,
            qop,
        )  # fmt: skip
        line = (
            f"{self._header}: Digest username={_quoted(user)}, realm={_quoted(realm)}, "
            f'nonce={_quoted(challenge.nonce)}, uri="{uri}", response="{response}", algorithm={_written(challenge)}'
        )
        if challenge.opaque is not None:
            line += f", opaque={_quoted(challenge.opaque)}"
        if challenge.qop_auth:
            line += f', qop=auth, nc={count}, cnonce="{cnonce}"'
        elif needs_cnonce:
            line += f', cnonce="{cnonce}"'
        return line + "\r\n"


def _written(challenge: Challenge) -> str:
    return challenge.algorithm.replace("-SESS", "-sess")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class DigestServer:
    """Challenges requests from outside. `password_of(username)` gives the secret, or `None` for an unknown name.

    Nonces carry the instant of their making under a keyed hash and hold for `nonce_life_s`; a count may not go back.
    """

    __slots__ = ("_counts", "_key", "_password_of", "algorithms", "nonce_life_s", "realm")

    def __init__(
        self,
        realm: str,
        password_of: Callable[[str], str | None],
        key: bytes,
        algorithms: tuple[str, ...] = ("SHA-256", "MD5"),
        nonce_life_s: float = 300.0,
    ) -> None:
        self.realm = realm
        self.algorithms = algorithms
        self.nonce_life_s = nonce_life_s
        self._password_of = password_of
        self._key = key
        self._counts: dict[str, int] = {}

    def challenge_lines(self, now: Instant, stale: bool = False) -> str:
        """WWW-Authenticate header lines, the strongest algorithm first."""
        nonce = self._nonce(int(now * 1000))
        mark = ", stale=true" if stale else ""
        start = f'WWW-Authenticate: Digest realm="{self.realm}", nonce="{nonce}", algorithm='
        return "".join(f'{start}{algorithm}, qop="auth"{mark}\r\n' for algorithm in self.algorithms)

    def check_untrusted(self, values: list[str], method: str, now: Instant) -> str:
        """`ok`, `stale` (right secret, old nonce) or `no`."""
        for value in values[:MAX_CHALLENGES]:
            try:
                params = parse_digest_untrusted(value)
            except SipParseError:
                continue
            if params.get("realm") == self.realm:
                return self._verdict(params, method, now)
        return "no"

    def _verdict(self, params: dict[str, str], method: str, now: Instant) -> str:
        algorithm = params.get("algorithm", "MD5").upper()
        if algorithm not in (known.upper() for known in self.algorithms):
            return "no"
        password = self._password_of(params.get("username", ""))
        nonce, nc = params.get("nonce", ""), params.get("nc", "")
        qop = params.get("qop", "").lower()
        expected = digest_response(
            algorithm, params.get("username", ""), self.realm, password or "", method, params.get("uri", ""), nonce, nc,
            params.get("cnonce", ""), qop,
        )  # fmt: skip
        given = params.get("response", "").lower().encode("utf-8", "surrogateescape")
        if password is None or qop not in ("", "auth") or not hmac.compare_digest(expected.encode(), given):
            return "no"
        return "ok" if self._fresh(nonce, nc, now) else "stale"

    def _fresh(self, nonce: str, nc: str, now: Instant) -> bool:
        stamp, _, _ = nonce.partition("-")
        if not re.fullmatch(r"[0-9a-f]{1,16}", stamp) or nonce != self._nonce(int(stamp, 16)):
            return False
        if not 0 <= now - int(stamp, 16) / 1000 <= self.nonce_life_s + 0.001:
            return False
        if not nc:
            return True
        if not re.fullmatch(r"[0-9a-fA-F]{8}", nc):
            return False
        count = int(nc, 16)
        if count <= self._counts.get(nonce, 0):
            return False
        if len(self._counts) >= MAX_NONCES_KEPT and nonce not in self._counts:
            self._counts.pop(next(iter(self._counts)))
        self._counts[nonce] = count
        return True

    def _nonce(self, stamp_ms: int) -> str:
        mark = hmac.new(self._key, f"{self.realm}:{stamp_ms:x}".encode(), hashlib.sha256).hexdigest()[:32]
        return f"{stamp_ms:x}-{mark}"
