"""The SIP headers that carry a token and rich call data: Identity (RFC 8224 §4) and Call-Info (RFC 9796)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from baitie.wire.passport.errors import PassportArgumentError, PassportError
from baitie.wire.passport.token import ALGORITHM, TOKEN_LENGTH_MAX

IDENTITY = "Identity"
CALL_INFO = "Call-Info"
JCARD = "jcard"
ICON = "icon"
NOTHING_TO_FETCH = "data:"
"""The address of a Call-Info that carries a reason and no card (RFC 9796 §4)."""

ELEMENTS_MAX = 16
LINE_LENGTH_MAX = 65_536

_TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]{1,64}\Z")
_URI = re.compile(r"[!#-;=?-~]{1,1024}\Z")
_IDENTITY = re.compile(r"\s*([A-Za-z0-9_.-]+)\s*((?:;.*)?)\Z", re.DOTALL)
_INFO = re.compile(r"\s*<\s*([^<>\s]{0,4096})\s*>")
_PARAMETER = re.compile(
    r'\s*;\s*([A-Za-z0-9\-.!%*_+`\'~]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|<([^<>]*)>|([^\s;,"<>]+)))?'
)


@dataclass(frozen=True, slots=True)
class IdentityHeader:
    """Identity header (身份头): the token, where its certificate lies, and its kind."""

    token: str
    info: str
    ppt: str | None = None

    def to_text(self) -> str:
        """The header's value. Raises `PassportArgumentError`."""
        if not _URI.match(self.info) or (self.ppt is not None and not _TOKEN.match(self.ppt)):
            raise PassportArgumentError("An Identity header needs the address of a certificate.", info=self.info[:80])
        kind = "" if self.ppt is None else f";ppt={self.ppt}"
        return f"{self.token};info=<{self.info}>;alg={ALGORITHM}{kind}"


@dataclass(frozen=True, slots=True)
class CallInfo:
    """One element of Call-Info (来电信息头): an address, what it is for, and the call's reason.

    `integrity` is the digest of what the address gives. `verified` is for a receiving network to set; what comes with
    it from outside one's own network must not be believed.
    """

    uri: str
    purpose: str
    call_reason: str | None = None
    integrity: str | None = None
    verified: str | None = None

    def to_text(self) -> str:
        """The element. Raises `PassportArgumentError`."""
        if not _URI.match(self.uri) or not _TOKEN.match(self.purpose):
            raise PassportArgumentError("A Call-Info needs an address and a purpose.", uri=self.uri[:80])
        text = f"<{self.uri}>;purpose={self.purpose}"
        fields = {"call-reason": self.call_reason, "integrity": self.integrity, "verified": self.verified}
        for name, value in fields.items():
            if value is not None:
                text += f";{name}={_quoted(value)}"
        return text


def call_info_text(elements: tuple[CallInfo, ...]) -> str:
    """The value of one Call-Info header with these elements. Raises `PassportArgumentError`."""
    return ",".join(element.to_text() for element in elements)


def read_identity_untrusted(value: str) -> IdentityHeader:
    """From the value of an Identity header. The token in it is not read yet. Raises only `PassportError`."""
    if len(value) > LINE_LENGTH_MAX:
        raise PassportError("An Identity header is too long.")
    match = _IDENTITY.match(value)
    if match is None or len(match[1]) > TOKEN_LENGTH_MAX:
        raise PassportError("An Identity header cannot be read.")
    parameters, end = _parameters(match[2], 0)
    info = parameters.get("info", "")
    if match[2][end:].strip() or not info:
        raise PassportError("An Identity header has parameters that cannot be read.")
    if parameters.get("alg", ALGORITHM) != ALGORITHM:
        raise PassportError("An Identity header is signed with another algorithm.")
    return IdentityHeader(match[1], info, parameters.get("ppt"))


def read_call_info_untrusted(value: str) -> tuple[CallInfo, ...]:
    """The elements of a Call-Info header, in their order. Raises only `PassportError`."""
    if len(value) > LINE_LENGTH_MAX:
        raise PassportError("A Call-Info header is too long.")
    found: list[CallInfo] = []
    at = 0
    while True:
        match = _INFO.match(value, at)
        if match is None or len(found) == ELEMENTS_MAX:
            raise PassportError("A Call-Info header cannot be read.")
        parameters, at = _parameters(value, match.end())
        found.append(
            CallInfo(
                match[1],
                parameters.get("purpose", "info").lower(),
                parameters.get("call-reason"),
                parameters.get("integrity"),
                parameters.get("verified"),
            )
        )
        rest = value[at:].lstrip()
        if not rest:
            return tuple(found)
        if not rest.startswith(","):
            raise PassportError("A Call-Info header cannot be read.")
        at = len(value) - len(rest) + 1


def _parameters(text: str, at: int) -> tuple[Mapping[str, str], int]:
    """Parameters from a place on, names in lower case, and the place behind them. The first of a name counts."""
    found: dict[str, str] = {}
    while (match := _PARAMETER.match(text, at)) is not None:
        quoted, angled, plain = match[2], match[3], match[4]
        value = re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL) if quoted is not None else angled or plain or ""
        found.setdefault(match[1].lower(), value)
        at = match.end()
    return found, at


def _quoted(text: str) -> str:
    if any(ord(mark) < 32 or ord(mark) == 127 for mark in text):
        raise PassportArgumentError("A text for Call-Info holds a control character.")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
