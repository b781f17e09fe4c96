"""Digest challenges of ours (摘要认证) to requests from outside: RFC 7616, RFC 3261 §22."""

import hashlib
import hmac
import re
from collections.abc import Callable
from typing import Final

from baitie.kernel.time import Instant
from baitie.wire.sip.digest import MAX_CHALLENGES, digest_response, parse_digest_untrusted
from baitie.wire.sip.errors import SipParseError

MAX_NONCES_KEPT: Final = 10_000
"""Nonces whose counts a server remembers; beyond, the oldest is forgotten and its next use is stale."""


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
