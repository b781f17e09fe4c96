"""What can be said of a request from its own text: whether it follows RFC 3261 and asks for what we do (§8.2)."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from baitie.wire.sip.body import SDP_KINDS, refusal_untrusted
from baitie.wire.sip.core import ACCEPT, ALLOW, SUPPORTED
from baitie.wire.sip.errors import SipParseError
from baitie.wire.sip.headers import option_tags, parse_address_untrusted, parse_cseq_untrusted, split_list, tag_of
from baitie.wire.sip.message import Request
from baitie.wire.sip.uri import parse_uri_untrusted

KNOWN_METHODS: Final = frozenset(
    ("INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "PRACK", "UPDATE", "INFO", "SUBSCRIBE", "NOTIFY", "REFER",
     "MESSAGE", "PUBLISH")
)  # fmt: skip
VERSION: Final = "SIP/2.0"
MAX_FORWARDS_MAX: Final = 255
URIS_KEPT_MAX: Final = 256
"""Request URIs of which it is remembered whether they may stand in a request line."""

_OURS: Final = frozenset(("INVITE", "OPTIONS", "BYE", "PRACK", "UPDATE", "INFO"))
_UNDERSTOOD: Final = frozenset({"100rel", "timer"})
_SCHEMES: Final = frozenset(("sip", "sips", "tel"))
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s<>\"]+\Z")
_PLAIN_CONTACT: Final = re.compile(r"<[^<>\s\",]+>\Z")
_SDP_RANGES: Final = frozenset(("application/sdp", "application/*", "*/*"))
_OPTIONS_LINES: Final = f"Allow: {ALLOW}\r\nAccept: {ACCEPT}\r\nSupported: {SUPPORTED}\r\n"


class Answer(NamedTuple):
    """A final answer to a request, and the header lines that go with it."""

    status: int
    lines: str = ""


def malformed_untrusted(request: Request) -> Answer | None:
    """The answer to a request that breaks the protocol, whatever it asks for. Raises nothing."""
    if request.version != VERSION:
        return Answer(505)
    try:
        _check(request)
    except SipParseError:
        return Answer(400)
    return None


def _check(request: Request) -> None:
    """Raises `SipParseError` for the first thing that is no SIP."""
    if parse_cseq_untrusted(request.first("cseq")).method != request.method:
        raise SipParseError("CSeq names another method.")
    if not _may_be_asked(request.uri):
        raise SipParseError("The request URI is none, or asks for headers (RFC 3261 §19.1.1).")
    for name in ("from", "to", "call-id"):
        if not request.first(name):
            raise SipParseError("A header that every request needs is missing.", header=name)
    tag_of(request.first("from"))
    tag_of(request.first("to"))
    hops = request.first("max-forwards")
    if hops and not (hops.isascii() and hops.isdigit() and int(hops[:8]) <= MAX_FORWARDS_MAX):
        raise SipParseError("Max-Forwards is not a number up to 255.")
    for line in request.every("contact"):
        if not _PLAIN_CONTACT.match(line):
            for contact in split_list(line):
                _check_contact(contact)


def _check_contact(contact: str) -> None:
    if "<" not in contact and "?" in contact:
        raise SipParseError("A URI with headers stands without angle brackets (RFC 3261 §20.10).")
    if contact != "*":
        parse_address_untrusted(contact)


@lru_cache(URIS_KEPT_MAX)
def _may_be_asked(uri: str) -> bool:
    """Whether it may stand in a request line. Within calls it is our own Contact again and again."""
    if not _SCHEME.match(uri):
        return False
    if not uri[:5].lower().startswith(("sip:", "sips:")):
        return True
    try:
        return not parse_uri_untrusted(uri).has_headers
    except SipParseError:
        return False


def bad_extension_untrusted(request: Request) -> Answer | None:
    """420 for an extension that we must understand and do not (RFC 3261 §8.2.2.3). Raises nothing."""
    if "require" not in request.headers:
        return None
    unknown = option_tags(request.every("require")) - _UNDERSTOOD
    return Answer(420, f"Unsupported: {', '.join(sorted(unknown))}\r\n") if unknown else None


def outside_untrusted(request: Request, extra_methods: frozenset[str]) -> Answer | None:
    """The answer to a request outside calls, as far as no call comes of it; `None` for INVITE and extra methods.

    In the order of RFC 3261 §8.2: method, request URI, extensions, content. Raises nothing.
    """
    method = request.method
    if method not in _OURS and method not in extra_methods:
        return Answer(405 if method in KNOWN_METHODS else 501, f"Allow: {ALLOW}\r\n")
    if request.uri.partition(":")[0].lower() not in _SCHEMES:
        return Answer(416)
    refused = bad_extension_untrusted(request)
    if refused is not None:
        return refused
    if method in extra_methods:
        return None
    if method == "OPTIONS":
        return Answer(200, _OPTIONS_LINES)
    if method != "INVITE":
        return Answer(481)
    status = refusal_untrusted(request, SDP_KINDS)
    if status:
        return Answer(status, f"Accept: {ACCEPT}\r\nAccept-Encoding: identity\r\n")
    return None if _takes_sdp(request) else Answer(406)


def _takes_sdp(request: Request) -> bool:
    """Whether our answer may hold a session description (RFC 3261 §20.1)."""
    lines = request.headers.get("accept")
    if lines is None:
        return True
    ranges = {piece.partition(";")[0].strip().lower().replace(" ", "") for line in lines for piece in split_list(line)}
    return bool(ranges & _SDP_RANGES)
