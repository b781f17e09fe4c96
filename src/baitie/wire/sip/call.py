"""What every call has, whoever placed it: a dialog, deadlines, BYE, and the session timer."""

from enum import Enum, auto
from math import inf
from typing import Final

from baitie.kernel.outcome import CallFailure, EndedBy
from baitie.kernel.time import Instant
from baitie.wire.sip import session_timer
from baitie.wire.sip.auth import DigestClient
from baitie.wire.sip.client_transaction import ClientTransaction, Handler, Reply, Silence
from baitie.wire.sip.core import ALLOW, SUPPORTED, Core, render_request
from baitie.wire.sip.dialog import Dialog
from baitie.wire.sip.effects import CallEnded, CallKey
from baitie.wire.sip.failures import Local, from_local
from baitie.wire.sip.headers import option_tags
from baitie.wire.sip.message import Message, Response
from baitie.wire.sip.server_transaction import ServerTransaction
from baitie.wire.sip.session_timer import SessionTimer
from baitie.wire.sip.timers import Timed

MAX_CHALLENGES_ANSWERED: Final = 3
"""Digest challenges answered for one request: of the trunk, of a proxy, and for a stale nonce."""


class CallState(Enum):
    """Where a call stands. The last three are common to both sides."""

    CALLING = auto()
    CANCELLING = auto()
    OFFERED = auto()
    ANSWERED = auto()
    TALKING = auto()
    ENDING = auto()
    ENDED = auto()


class Due(Enum):
    """What a call's deadlines are for."""

    RING = auto()
    REPEAT_ANSWER = auto()
    NO_ACK = auto()
    REPEAT_RINGING = auto()
    NO_PRACK = auto()
    REFRESH = auto()
    EXPIRE = auto()


class Call(Timed):
    """One call; `OutgoingCall` and `IncomingCall` add how it comes about."""

    __slots__ = ("_challenges", "_core", "_digest", "_due", "_failure", "_peer_allows_update", "_session",
                 "dialog", "key", "state")  # fmt: skip

    def __init__(self, core: Core, key: CallKey, state: CallState) -> None:
        super().__init__()
        self._core = core
        self.key = key
        self.state = state
        self.dialog: Dialog | None = None
        self._due: dict[Due, float] = {}
        self._digest: DigestClient | None = None
        self._challenges = 0
        self._failure: CallFailure | None = None
        self._session: SessionTimer | None = None
        self._peer_allows_update = False
        core.calls[key] = self

    # Deadlines

    def _arm(self, due: Due, at: float) -> None:
        self._due[due] = at
        if at < self.deadline:
            self._core.timers.arm(self, at)

    def on_deadline(self, now: Instant) -> None:
        """One or more of the call's deadlines have come."""
        for due in [due for due, at in self._due.items() if at <= now]:
            if self._due.pop(due, None) is not None:
                self._on_due(due, now)
        if self._due:
            self._core.timers.arm(self, min(self._due.values()))

    def _on_due(self, due: Due, now: Instant) -> None:
        if due is Due.EXPIRE:
            self._failure = from_local(Local.SESSION_EXPIRED)
            self._bye(now)

    # Requests within the dialog

    def _request(self, method: str, handler: Handler, extra: str, body: bytes, now: Instant) -> ClientTransaction:
        dialog = self.dialog
        assert dialog is not None, "a request within a call needs its dialog"
        return self._request_in(dialog, method, handler, extra, body, now)

    def _request_in(
        self, dialog: Dialog, method: str, handler: Handler, extra: str, body: bytes, now: Instant
    ) -> ClientTransaction:
        head = dialog.next_head(self._core)
        plain = extra
        if self._digest is not None:
            extra += self._digest.header_line(method, head.uri)
        transaction = ClientTransaction(self._core, method, head, extra, body, dialog.flow, handler)
        transaction.start(now)
        transaction.extra = plain
        return transaction

    def _begin_request(self) -> None:
        """What follows is a request of its own, whose challenge may be answered."""
        self._challenges = 0
        if self._digest is not None:
            self._digest.renew()

    def _take_challenge(self, reply: Reply) -> bool:
        """Whether the answer is a digest challenge that we can answer by sending the request again."""
        if not isinstance(reply, Response) or reply.status not in (401, 407) or self._digest is None:
            return False
        self._challenges += 1
        if self._challenges > MAX_CHALLENGES_ANSWERED:
            return False
        name = "www-authenticate" if reply.status == 401 else "proxy-authenticate"
        return self._digest.take_challenge(reply.status, reply.every(name))

    def _acknowledge(self, dialog: Dialog, cseq: int, body: bytes = b"") -> None:
        """ACK for a 2xx, kept so that a repeated 2xx gets the same one (RFC 3261 §13.2.2.4)."""
        head = dialog.head(self._core, cseq)
        extra = self._digest.header_line("ACK", head.uri) if self._digest is not None else ""
        dialog.ack = render_request("ACK", head, extra, body)
        self._core.send(dialog.ack, dialog.flow)

    # The end

    def hang_up(self, now: Instant) -> None:
        """Ends the call in the way its state asks for."""
        raise NotImplementedError

    def _bye(self, now: Instant) -> None:
        self.state = CallState.ENDING
        self._due.clear()
        self._begin_request()
        self._request("BYE", self._on_bye_reply, "", b"", now)

    def _on_bye_reply(self, transaction: ClientTransaction, reply: Reply, now: Instant) -> None:
        if isinstance(reply, Response) and reply.status < 200:
            return
        if self._take_challenge(reply):
            self._request("BYE", self._on_bye_reply, "", b"", now)
            return
        by = EndedBy.US if self._failure is None else EndedBy.NOBODY
        if isinstance(reply, Silence) and self._failure is None:
            self._failure = from_local(Local.BYE_UNANSWERED)
        self._end(by, None)

    def _end(self, by: EndedBy, reason_header: str | None) -> None:
        if self.state is not CallState.ENDED:
            self._forget()
            self._core.effects.append(CallEnded(self.key, by, reason_header, self._failure))

    def _forget(self) -> None:
        self.state = CallState.ENDED
        self._due.clear()
        self.deadline = inf
        self._core.calls.pop(self.key, None)

    # Session timer

    def _learn_peer(self, message: Message) -> None:
        allow = message.every("allow")
        if allow:
            self._peer_allows_update = "update" in option_tags(allow)

    def _set_session(self, timer: SessionTimer | None, now: Instant) -> None:
        self._session = timer
        self._due.pop(Due.REFRESH, None)
        self._due.pop(Due.EXPIRE, None)
        if timer is None:
            return
        if timer.we_refresh:
            self._arm(Due.REFRESH, now + timer.refresh_after_s)
        else:
            self._arm(Due.EXPIRE, now + timer.give_up_after_s)

    def _capabilities(self, transport: str) -> str:
        """Header lines that each of our INVITEs and their 2xx carry."""
        return f"Contact: {self._core.contact(transport)}\r\nAllow: {ALLOW}\r\nSupported: {SUPPORTED}\r\n"

    def _refresh_lines(self) -> str:
        """Header lines of a request that refreshes the session and leaves the refresher as it is."""
        timer = self._session
        if timer is None:
            return ""
        refresher = "uac" if timer.we_refresh else "uas"
        return session_timer.request_lines(timer.interval_s, self._core.settings.min_session_expires_s, refresher)

    # What comes from outside; the two sides fill these in

    def on_request(self, transaction: ServerTransaction, now: Instant) -> None:
        """A request within the dialog, neither ACK nor CANCEL."""
        raise NotImplementedError

    def on_ack(self, cseq: int, sdp: bytes, now: Instant) -> None:
        """An ACK for a 2xx of ours."""
        raise NotImplementedError

    def owns(self, call_id: str) -> bool:
        """Whether a request with this Call-ID is our own INVITE come back."""
        return False
