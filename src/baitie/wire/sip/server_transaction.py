"""Server transactions: RFC 3261 §17.2 (timers G, H, I, J) and the accepted state of RFC 6026 (timer L).

INVITE      proceeding -> completed (300-699, timers G, H) -> confirmed (ACK, timer I)
            proceeding -> accepted (2xx, timer L): the call itself repeats the 2xx until its ACK
others      trying -> completed (timer J)
"""

from enum import Enum, auto
from math import inf
from typing import Final

from baitie.kernel.time import Instant
from baitie.wire.sip.core import Core, render_response
from baitie.wire.sip.effects import Flow
from baitie.wire.sip.errors import SipParseError
from baitie.wire.sip.headers import branch_of, first_of, is_same_host, split_list, via_untrusted, with_via_param
from baitie.wire.sip.message import Request
from baitie.wire.sip.timers import Timed

COOKIE: Final = "z9hG4bK"


class ServerState(Enum):
    """States of both kinds of server transaction."""

    PROCEEDING = auto()
    COMPLETED = auto()
    CONFIRMED = auto()
    ACCEPTED = auto()
    GONE = auto()


class ReplyHead:
    """Where an answer goes and the lines it copies from its request (RFC 3261 §8.2.6, §18.2.2, RFC 3581)."""

    __slots__ = ("_after_to", "_before_to", "flow", "to", "to_tag")

    def __init__(self, request: Request, source: Flow, to_tag: str) -> None:
        """A header that is missing is left out. Raises `SipParseError` when the top Via names no way back."""
        headers = request.headers
        vias = headers.get("via")
        if not vias:
            raise SipParseError("A request without Via cannot be answered.")
        top, self.flow = _answered_via(vias[0], source)
        lines = f"Via: {top}\r\n"
        for via in vias[1:]:
            lines += f"Via: {via}\r\n"
        self._before_to = f"{lines}{_copied(headers, 'from', 'From')}"
        self._after_to = f"{_copied(headers, 'call-id', 'Call-ID')}{_copied(headers, 'cseq', 'CSeq')}"
        self.to = _copied(headers, "to", "To").removesuffix("\r\n")
        self.to_tag = to_tag

    def lines(self, status: int) -> str:
        """The copied lines; all answers but 100 carry our tag."""
        if not self.to:
            return f"{self._before_to}{self._after_to}"
        if not self.to_tag or status == 100:
            return f"{self._before_to}{self.to}\r\n{self._after_to}"
        return f"{self._before_to}{self.to};tag={self.to_tag}\r\n{self._after_to}"


def _copied(headers: dict[str, list[str]], key: str, name: str) -> str:
    values = headers.get(key)
    return f"{name}: {values[0]}\r\n" if values else ""


def _answered_via(line: str, source: Flow) -> tuple[str, Flow]:
    """The top Via line with received and rport filled in, and the way back."""
    first = first_of(line)
    via = via_untrusted(first)
    host, port = source.host, via.port or (5061 if source.transport == "TLS" else 5060)
    written = first
    if "rport" in via.params:
        port = source.port
        written = with_via_param(written, "rport", str(port))
    if "rport" in via.params or not is_same_host(via.host, host):
        written = with_via_param(written, "received", host)
    if source.transport == "UDP":
        source = Flow("UDP", host, port)
    return line if written == first else line.replace(first, written, 1), source


class ServerTransaction(Timed):
    """One request from outside being answered. `call_key` names the call that it concerns, if any.

    A request other than INVITE that nobody answers is forgotten when its sender has given up, after 64*T1.
    """

    __slots__ = ("_core", "_expires_at", "_interval_s", "_key", "_merge_key", "_reply", "call_key", "last", "method",
                 "request", "state", "status")  # fmt: skip

    def __init__(self, core: Core, key: str, merge_key: str, request: Request, reply: ReplyHead, now: Instant) -> None:
        super().__init__()
        self._core = core
        self._key = key
        self._merge_key = merge_key
        self._reply = reply
        self._interval_s = 0.0
        self._expires_at = inf
        self.request: Request | None = request
        self.method = request.method
        self.state = ServerState.PROCEEDING
        self.status = 0
        self.last = b""
        self.call_key = ""
        core.server[key] = self
        if merge_key:
            core.merged[merge_key] = key
        if request.method == "INVITE":
            core.timers.arm(self, now + core.settings.ringing_notice_s)
        else:
            core.timers.arm(self, now + 64 * core.settings.t1_s)

    @property
    def flow(self) -> Flow:
        """The way back."""
        return self._reply.flow

    @property
    def to_tag(self) -> str:
        """Our tag in the answers."""
        return self._reply.to_tag

    @property
    def open(self) -> bool:
        """Whether a final answer is still owed."""
        return self.state is ServerState.PROCEEDING

    def respond(self, status: int, now: Instant, extra: str = "", body: bytes = b"", reason: str = "") -> bytes:
        """Answers, and gives the bytes back for the owner to repeat. After a final answer: nothing."""
        if self.state is not ServerState.PROCEEDING:
            return b""
        core = self._core
        data = render_response(status, reason, self._reply.lines(status), extra, body)
        self.last = data
        self.status = status
        core.send(data, self._reply.flow)
        if status < 200:
            if self.method == "INVITE":
                self.deadline = inf
            return data
        self.request = None
        settings = core.settings
        linger_s = 64 * settings.t1_s
        if self.method != "INVITE":
            self.state = ServerState.COMPLETED
            if self._reply.flow.reliable:
                self._remove()
            else:
                core.timers.arm(self, now + linger_s)
        elif status < 300:
            self.state = ServerState.ACCEPTED
            core.timers.arm(self, now + linger_s)
        else:
            self.state = ServerState.COMPLETED
            self._expires_at = now + linger_s
            self._interval_s = settings.t1_s
            core.timers.arm(self, self._expires_at if self._reply.flow.reliable else now + settings.t1_s)
        return data

    def repeat(self) -> None:
        """The same request came again."""
        self._core.counts.retransmissions_received += 1
        if self.last and self.state in (ServerState.PROCEEDING, ServerState.COMPLETED):
            self._core.counts.retransmissions_sent += 1
            self._core.send(self.last, self._reply.flow)

    def acknowledged(self, now: Instant) -> None:
        """ACK for a final answer above 299."""
        if self.state is ServerState.COMPLETED:
            self.state = ServerState.CONFIRMED
            if self._reply.flow.reliable:
                self._remove()
            else:
                self._core.timers.arm(self, now + self._core.settings.t4_s)

    def on_deadline(self, now: Instant) -> None:
        """100 is due, a repetition of the final answer is due, or the transaction's time is over."""
        if self.state is ServerState.PROCEEDING and self.method == "INVITE":
            if not self.last:
                self.respond(100, now)
            return
        if self.state is ServerState.COMPLETED and self.method == "INVITE" and now < self._expires_at:
            core = self._core
            core.counts.retransmissions_sent += 1
            core.send(self.last, self._reply.flow)
            self._interval_s = min(2 * self._interval_s, core.settings.t2_s)
            core.timers.arm(self, min(now + self._interval_s, self._expires_at))
            return
        self._remove()

    def _remove(self) -> None:
        self.state = ServerState.GONE
        self.deadline = inf
        self._core.server.pop(self._key, None)
        if self._merge_key:
            self._core.merged.pop(self._merge_key, None)


def request_key(request: Request, method: str) -> str:
    """The key of the server transaction (RFC 3261 §17.2.3); for an ACK or CANCEL, `method` is that of its INVITE."""
    vias = request.headers.get("via")
    if not vias:
        raise SipParseError("A request without Via cannot be answered.")
    top = vias[0]
    branch = branch_of(top)
    if branch.startswith(COOKIE):
        sent_by = top[: top.find(";")]
        return f"{branch} {sent_by} {method}"
    first = request.first
    cseq = first("cseq").partition(" ")[0]
    # From a peer of RFC 2543, an ACK carries the To tag of our answer, so the tag cannot be part of the key.
    return f"{request.uri} {first('call-id')} {first('from')} {cseq} {split_list(top)[0]} {method}"
