"""Answers to digest challenges (摘要认证), those of several proxies and of the trunk together (RFC 3261 §22)."""

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final, Protocol

from baitie.wire.sip.digest import (
    MAX_CHALLENGES,
    Challenge,
    DigestFloor,
    challenges_untrusted,
    digest_response,
    digest_secret,
)
from baitie.wire.sip.message import Message

MAX_CHALLENGES_ANSWERED: Final = 6
"""Answers with challenges that one request is repeated for: of some proxies, of the trunk, and for stale nonces."""

_ANSWERED_BY: Final = (("www-authenticate", "Authorization"), ("proxy-authenticate", "Proxy-Authorization"))


class RandomBits(Protocol):
    """A source of chance, such as `random.Random`."""

    def getrandbits(self, k: int, /) -> int:
        """k random bits."""
        ...


@dataclass(frozen=True, slots=True)
class Credentials:
    """Name and password at a trunk, and the weakest challenge that is answered. Never printed."""

    username: str
    password: str = field(repr=False)
    weakest: DigestFloor = DigestFloor.ANY


class Asked:
    """What one request has been asked for so far, over all its repetitions: which realms it has answered."""

    __slots__ = ("answered", "times")

    def __init__(self) -> None:
        self.answered: set[tuple[str, str]] = set()
        self.times = 0


class Verdict(Enum):
    """What a 401 or 407 means for the request that it answers."""

    AGAIN = auto()
    REFUSED = auto()
    UNUSABLE = auto()


class _Session:
    """One nonce in use: its count, and for the -sess forms the one cnonce and key of the session."""

    __slots__ = ("challenge", "cnonce", "count", "secret")

    def __init__(self, challenge: Challenge) -> None:
        self.challenge = challenge
        self.count = 0
        self.cnonce = ""
        self.secret = ""


class DigestClient:
    """Answers challenges for one call or registration, and authenticates what follows with the same nonces.

    Once several proxies and the server have asked, each request carries credentials for all (RFC 3261 §22.3).
    """

    __slots__ = ("_credentials", "_rng", "_sessions")

    def __init__(self, credentials: Credentials, rng: RandomBits) -> None:
        self._credentials = credentials
        self._rng = rng
        self._sessions: dict[tuple[str, str], list[_Session]] = {}

    def take_challenge(self, reply: Message, asked: Asked) -> Verdict:
        """Takes the challenges of a 401 or 407, which may hold both kinds (RFC 3261 §16.7): send it again or not.

        A realm that this request has answered already refuses us, unless it only calls the nonce stale.
        """
        found = self._usable(reply)
        if not found:
            return Verdict.UNUSABLE
        asked.times += 1
        is_new = any(key not in asked.answered or any(one.is_stale for one in found[key]) for key in found)
        if not is_new or asked.times > MAX_CHALLENGES_ANSWERED:
            return Verdict.REFUSED
        # A realm that asks no more has let the request pass, and may ask again for its next nonce.
        asked.answered = set(found)
        for key, challenges in found.items():
            if len(self._sessions) < MAX_CHALLENGES or key in self._sessions:
                self._sessions[key] = [_Session(challenge) for challenge in challenges]
        return Verdict.AGAIN

    def can_answer(self, reply: Message) -> bool:
        """Whether there is a challenge that we know how to answer, and that is strong enough."""
        return bool(self._usable(reply))

    def _usable(self, reply: Message) -> dict[tuple[str, str], list[Challenge]]:
        found: dict[tuple[str, str], list[Challenge]] = {}
        for name, header in _ANSWERED_BY:
            for challenge in challenges_untrusted(reply.every(name), self._credentials.weakest):
                found.setdefault((header, challenge.realm), []).append(challenge)
        return found

    def header_lines(self, method: str, uri: str, body: bytes = b"") -> str:
        """The credentials of a request, one line for each challenger; empty before the first challenge."""
        return "".join(
            f"{header}: {self._credentials_for(session, method, uri, body)}\r\n"
            for (header, _), sessions in self._sessions.items()
            for session in sessions
        )

    def _credentials_for(self, session: _Session, method: str, uri: str, body: bytes) -> str:
        challenge, user, password = session.challenge, self._credentials.username, self._credentials.password
        is_session_form = challenge.algorithm.endswith("-SESS")
        session.count += 1
        count = f"{session.count:08x}"
        if (challenge.qop and not is_session_form) or (is_session_form and not session.cnonce):
            session.cnonce = f"{self._rng.getrandbits(64):016x}"
        cnonce, qop = session.cnonce, challenge.qop
        if not session.secret:
            session.secret = digest_secret(
                challenge.algorithm, user, challenge.realm, password, challenge.nonce, cnonce
            )
        response = digest_response(
            challenge.algorithm, user, challenge.realm, "", method, uri, challenge.nonce, count, cnonce, qop, body,
            session.secret,
        )  # fmt: skip
        line = (
            f"Digest username={_quoted(user)}, realm={_quoted(challenge.realm)}, "
            f'nonce={_quoted(challenge.nonce)}, uri="{uri}", response="{response}", algorithm={_written(challenge)}'
        )
        if challenge.opaque is not None:
            line += f", opaque={_quoted(challenge.opaque)}"
        if qop:
            line += f', qop={qop}, nc={count}, cnonce="{cnonce}"'
        elif is_session_form:
            line += f', cnonce="{cnonce}"'
        return line


def _written(challenge: Challenge) -> str:
    return challenge.algorithm.replace("-SESS", "-sess")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
