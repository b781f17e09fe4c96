"""What all machines of one user agent share: timers, tables, effects, chance, and how messages are written."""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from baitie.wire.sip.auth import RandomBits
from baitie.wire.sip.effects import Effect, Flow, SendBytes
from baitie.wire.sip.settings import UserAgentSettings
from baitie.wire.sip.timers import Timers

if TYPE_CHECKING:
    from baitie.wire.sip.call import Call
    from baitie.wire.sip.client_transaction import ClientTransaction
    from baitie.wire.sip.server_transaction import ServerTransaction

LARGE_BYTES: Final = 1300
"""A longer request should not go by UDP (RFC 3261 §18.1.1): its fragments are dropped by many networks."""
ALLOW: Final = "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO"
SUPPORTED: Final = "100rel, timer"
ACCEPT: Final = "application/sdp, multipart/mixed, multipart/alternative"

REASONS: Final = {
    100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded", 182: "Queued", 183: "Session Progress", 200: "OK",
    300: "Multiple Choices", 301: "Moved Permanently", 302: "Moved Temporarily", 400: "Bad Request",
    401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 407:
    "Proxy Authentication Required", 406: "Not Acceptable", 408: "Request Timeout", 410: "Gone",
    413: "Request Entity Too Large", 415: "Unsupported Media Type", 416: "Unsupported URI Scheme", 420: "Bad Extension",
    422: "Session Interval Too Small", 423: "Interval Too Brief",
    480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist", 482: "Loop Detected",
    483: "Too Many Hops", 484: "Address Incomplete", 486: "Busy Here", 487: "Request Terminated",
    469: "Bad Info Package", 488: "Not Acceptable Here", 491: "Request Pending", 500: "Server Internal Error",
    501: "Not Implemented",
    503: "Service Unavailable", 504: "Server Time-out", 505: "Version Not Supported", 600: "Busy Everywhere",
    603: "Decline", 604: "Does Not Exist Anywhere", 606: "Not Acceptable", 607: "Unwanted",
}  # fmt: skip


@dataclass(slots=True)
class Counts:
    """What the user agent has seen so far (计数): for metrics, never for decisions."""

    messages_received: int = 0
    messages_sent: int = 0
    parse_errors: int = 0
    retransmissions_sent: int = 0
    retransmissions_received: int = 0
    strays: int = 0
    strangers: int = 0
    large_by_udp: int = 0
    refused_for_capacity: int = 0


class RequestHead(NamedTuple):
    """The lines of a request that its ACK and CANCEL repeat. `routes` are whole header lines."""

    uri: str
    via: str
    routes: str
    from_: str
    to: str
    call_id: str
    cseq: int


class Core:
    """Shared state of one user agent. Every table is bounded by the settings and empties when calls end."""

    __slots__ = (
        "_tag_key", "calls", "client", "contacts", "counts", "effects", "merged", "rng", "server", "settings", "timers",
        "vias",
    )  # fmt: skip

    def __init__(self, settings: UserAgentSettings, rng: RandomBits) -> None:
        self.settings = settings
        self.rng = rng
        self.timers = Timers()
        self.effects: list[Effect] = []
        self.counts = Counts()
        self.client: dict[str, ClientTransaction] = {}
        self.server: dict[str, ServerTransaction] = {}
        self.merged: dict[str, str] = {}
        self.calls: dict[str, Call] = {}
        self._tag_key = b""
        self.vias: dict[str, str] = {}
        self.contacts: dict[str, str] = {}
        for transport, (host, port) in settings.addresses.items():
            self.set_address(transport, host, port)

    def set_address(self, transport: str, host: str, port: int) -> None:
        """The host and port that Via and Contact show on this transport."""
        self.vias[transport] = f"SIP/2.0/{transport} {_bracketed(host)}:{port};rport;branch="
        self.set_contact(transport, host, port)

    def set_contact(self, transport: str, host: str, port: int) -> None:
        """The host and port that Contact shows on this transport."""
        shown = _bracketed(host)
        parameter = "" if transport == "UDP" else f";transport={transport.lower()}"
        self.contacts[transport] = f"<sip:{self.settings.contact_user}@{shown}:{port}{parameter}>"

    def send(self, data: bytes, flow: Flow) -> None:
        """One message to the far end."""
        self.counts.messages_sent += 1
        self.effects.append(SendBytes(data, flow))

    def via(self, transport: str) -> str:
        """A Via value with a branch of its own."""
        via = self.vias.get(transport)
        if via is None:
            via = next(iter(self.vias.values())).replace("/UDP ", f"/{transport} ", 1)
        return f"{via}z9hG4bK{self.rng.getrandbits(64):016x}"

    def contact(self, transport: str) -> str:
        """The Contact value for dialogs on this transport."""
        return self.contacts.get(transport) or next(iter(self.contacts.values()))

    def tag_for(self, *texts: str) -> str:
        """A tag that follows from the texts, for answers of which nothing is kept (RFC 3261 §8.2.7)."""
        if not self._tag_key:
            self._tag_key = self.rng.getrandbits(128).to_bytes(16, "big")
        text = "\0".join(texts).encode("utf-8", "surrogateescape")
        return hashlib.blake2b(text, key=self._tag_key, digest_size=8).hexdigest()

    def tag(self) -> str:
        """64 random bits: tags must not be guessable (RFC 3261 §19.3)."""
        return f"{self.rng.getrandbits(64):016x}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and host[0] != "[" else host


def render_request(method: str, head: RequestHead, extra: str, body: bytes) -> bytes:
    """A request as bytes. `extra` is whole header lines; a body is always a session description unless extra says."""
    text = (
        f"{method} {head.uri} SIP/2.0\r\nVia: {head.via}\r\nMax-Forwards: 70\r\n{head.routes}"
        f"From: {head.from_}\r\nTo: {head.to}\r\nCall-ID: {head.call_id}\r\nCSeq: {head.cseq} {method}\r\n"
        f"{extra}{_SDP_TYPE if body and 'Content-Type:' not in extra else ''}Content-Length: {len(body)}\r\n\r\n"
    )
    return text.encode("utf-8", "surrogateescape") + body


def render_response(status: int, reason: str, head: str, extra: str, body: bytes) -> bytes:
    """A response as bytes. `head` is the copied Via, From, To, Call-ID and CSeq lines."""
    reason = reason or REASONS.get(status, "Answer")
    text = (
        f"SIP/2.0 {status} {reason}\r\n{head}{extra}"
        f"{_SDP_TYPE if body and 'Content-Type:' not in extra else ''}Content-Length: {len(body)}\r\n\r\n"
    )
    return text.encode("utf-8", "surrogateescape") + body


_SDP_TYPE: Final = "Content-Type: application/sdp\r\n"
