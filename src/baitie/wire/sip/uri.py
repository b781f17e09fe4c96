"""SIP, SIPS and tel URIs (RFC 3261 §19.1, RFC 3966), as far as a user agent must look into them."""

import re
from typing import Final, NamedTuple

from baitie.wire.sip.errors import SipArgumentError, SipParseError
from baitie.wire.sip.headers import is_same_host

_URI: Final = re.compile(
    r"(?P<scheme>sips?):(?:(?P<user>[^@<>\s]*)@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._\-]+)(?::(?P<port>\d{1,5}))?"
    r"(?P<params>;[^?<>\s]*)?(?P<headers>\?[^<>\s]*)?\Z",
    re.IGNORECASE,
)
_SAFE: Final = re.compile(r"[\x21-\x7e]+\Z")


class Uri(NamedTuple):
    """SIP address (SIP 地址). `params` has lower-case names; `port` is 0 when none is written."""

    scheme: str
    user: str
    host: str
    port: int
    params: dict[str, str]
    has_headers: bool = False

    @property
    def transport(self) -> str:
        """UDP, TCP or TLS, by scheme and the transport parameter."""
        named = self.params.get("transport", "").upper()
        if self.scheme == "sips" or named == "TLS":
            return "TLS"
        return named if named in ("TCP", "UDP") else "UDP"

    @property
    def effective_port(self) -> int:
        """The written port, or 5060, or 5061 for TLS."""
        return self.port or (5061 if self.transport == "TLS" else 5060)


def parse_uri_untrusted(text: str) -> Uri:
    """A SIP or SIPS URI in its parts. Raises only `SipParseError`."""
    match = _URI.match(text)
    if not match:
        raise SipParseError("This is not a SIP URI.")
    port = int(match["port"] or 0)
    if port > 65_535:
        raise SipParseError("The port of a URI is above 65535.")
    params: dict[str, str] = {}
    for piece in (match["params"] or "").split(";")[1:]:
        name, _, value = piece.partition("=")
        params[name.strip().lower()] = value.strip()
    return Uri(match["scheme"].lower(), match["user"] or "", match["host"], port, params, bool(match["headers"]))


def is_same_uri(one: Uri, other: Uri) -> bool:
    """Whether two URIs name the same place (RFC 3261 §19.1.4); parameters other than the transport are left out.

    A port that is not written is that of the transport: registrars write it out.
    """
    return (
        one.scheme == other.scheme
        and unescaped(one.user) == unescaped(other.user)
        and is_same_host(one.host.lower(), other.host.lower())
        and (one.effective_port, one.transport) == (other.effective_port, other.transport)
    )


def unescaped(text: str) -> str:
    """The text with %41 and the like written out; what is no escape stays."""
    return re.sub(r"%([0-9A-Fa-f]{2})", lambda found: chr(int(found[1], 16)), text)


def checked(text: str, what: str) -> str:
    """The URI text itself, if it may stand in a request line. Raises `SipArgumentError`."""
    if not _SAFE.match(text) or "<" in text or ">" in text or '"' in text:
        raise SipArgumentError(value=what)
    return text
