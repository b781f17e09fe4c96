"""What every call has, whoever placed it: a dialog, deadlines, BYE, and the session timer."""

from enum import Enum, auto
from math import inf

from baitie.kernel.outcome import CallFailure, EndedBy
from baitie.kernel.time import Instant
from baitie.wire.sip import session_timer
from baitie.wire.sip.auth import Asked, DigestClient, Verdict
from baitie.wire.sip.client_transaction import ClientTransaction, Handler, Reply, Silence
from baitie.wire.sip.core import ALLOW, SUPPORTED, Core, render_request
from baitie.wire.sip.dialog import Dialog
from baitie.wire.sip.effects import CallEnded, CallKey
from baitie.wire.sip.failures import Local, from_local, from_status
from baitie.wire.sip.headers import option_tags, reason_of
from baitie.wire.sip.message import Message, Response
from baitie.wire.sip.server_transaction import ServerTransaction
from baitie.wire.sip.session_timer import SessionTimer
from baitie.wire.sip.timers import Timed


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

    __slots__ = ("_core", "_digest", "_due", "_failure", "_peer_allows_info", "_peer_allows_update", "_session",
                 "dialog", "key", "state")  # fmt: skip

    def __init__(self, core: Core, key: CallKey, state: CallState) -> None:
        super().__init__()
        self._core = core
        self.key = key
        self.state = state
        self.dialog: Dialog | None = None
        self._due: dict[Due, float] = {}
        self._digest: DigestClient | None = None
        self._failure: CallFailure | None = None
        self._session: SessionTimer | None = None
        self._peer_allows_info = False
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
        if due is Due.EXPIRE and self.state is CallState.TALKING:
            self._failure = from_local(Local.SESSION_EXPIRED)
            self._bye(now)

    # Requests within the dialog

    def _request(
        self, method: str, handler: Handler, extra: str, body: bytes, now: Instant, asked: Asked | None = None
    ) -> ClientTransaction:
        dialog = self.dialog
        assert dialog is not None, "a request within a call needs its dialog"
        return self._request_in(dialog, method, handler, extra, body, now, asked)

    def _request_in(
        self, dialog: Dialog, method: str, handler: Handler, extra: str, body: bytes, now: Instant,
        asked: Asked | None = None,
    ) -> ClientTransaction:  # fmt: skip
        """A request in this dialog. `asked` is that of the refused request which it repeats."""
        head = dialog.next_head(self._core)
        credentials = "" if self._digest is None else self._digest.header_lines(method, head.uri, body)
        transaction = ClientTransaction(
            self._core, method, head, extra, body, dialog.flow, handler, credentials, asked or Asked()
        )
        transaction.start(now)
        return transaction

    def _take_challenge(self, transaction: ClientTransaction, reply: Reply) -> bool:
        """Whether the answer is a digest challenge that we can answer by sending the request again."""
        if not isinstance(reply, Response) or reply.status not in (401, 407) or self._digest is None:
            return False
        asked = transaction.asked
        assert asked is not None, "a request that may be challenged keeps what it was asked for"
        return self._digest.take_challenge(reply, asked) is Verdict.AGAIN

    def _failure_of(self, reply: Response) -> CallFailure:
        """What a final refusal means."""
        if reply.status in (401, 407):
            if self._digest is None:
                return from_local(Local.CREDENTIALS, reply.status)
            if not self._digest.can_answer(reply):
                return from_local(Local.CHALLENGE, reply.status)
        return from_status(reply.status, reason_of(reply))

    def _acknowledge(self, dialog: Dialog, invite: ClientTransaction, body: bytes = b"") -> None:
        """ACK for a 2xx, with the INVITE's credentials, kept so that a repeated 2xx gets the same one (§13.2.2.4)."""
        head = dialog.head(self._core, invite.head.cseq)
        ack = render_request("ACK", head, invite.credentials, body)
        dialog.keep_ack(invite.head.cseq, ack)
        self._core.send(ack, dialog.flow)

    # The end

    def hang_up(self, now: Instant) -> None:
        """Ends the call in the way its state asks for."""
        raise NotImplementedError

    def _bye(self, now: Instant) -> None:
        self.state = CallState.ENDING
        self._due.clear()
        self._request("BYE", self._on_bye_reply, "", b"", now)

    def _on_bye_reply(self, transaction: ClientTransaction, reply: Reply, now: Instant) -> None:
        if isinstance(reply, Response) and reply.status < 200:
            return
        if self._take_challenge(transaction, reply):
            self._request("BYE", self._on_bye_reply, "", b"", now, transaction.asked)
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
            methods = option_tags(allow)
            self._peer_allows_info, self._peer_allows_update = "info" in methods, "update" in methods

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

    def on_request(self, transaction: ServerTransaction, dialog: Dialog, now: Instant) -> None:
        """A request within the dialog, neither ACK nor CANCEL."""
        raise NotImplementedError

    def on_ack(self, cseq: int, sdp: bytes, now: Instant) -> None:
        """An ACK for a 2xx of ours."""
        raise NotImplementedError

    def dialog_with(self, remote_tag: str) -> Dialog | None:
        """The dialog with this far end: a call that forked has several until one of them answers."""
        dialog = self.dialog
        return dialog if dialog is not None and dialog.remote_tag == remote_tag else None

    def owns(self, call_id: str) -> bool:
        """Whether a request with this Call-ID is our own INVITE come back."""
        return False
