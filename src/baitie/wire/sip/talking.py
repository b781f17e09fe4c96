"""Requests inside a call, both ways: re-INVITE, UPDATE, BYE, PRACK, INFO, OPTIONS, and session refreshes."""

from typing import Final

from baitie.kernel.outcome import EndedBy
from baitie.kernel.time import Instant
from baitie.wire.sip import session_timer
from baitie.wire.sip.auth import Asked
from baitie.wire.sip.body import SDP_KINDS, refusal_untrusted, sdp_untrusted
from baitie.wire.sip.call import Call, CallState, Due
from baitie.wire.sip.client_transaction import ClientTransaction, Reply
from baitie.wire.sip.core import ACCEPT, ALLOW, Core
from baitie.wire.sip.dialog import Dialog
from baitie.wire.sip.effects import CallKey, Flow, KeyByInfo, MediaAnswered, MediaMethod, MediaOffered, MediaRefused
from baitie.wire.sip.errors import SipParseError
from baitie.wire.sip.failures import Local, from_local
from baitie.wire.sip.headers import parse_cseq_untrusted, reason_of
from baitie.wire.sip.info import ACCEPT_KEYS, KEY_KINDS, key_untrusted
from baitie.wire.sip.judging import KNOWN_METHODS
from baitie.wire.sip.message import Request, Response
from baitie.wire.sip.server_transaction import ServerTransaction

MAX_RETRY_AFTER_S: Final = 10
"""RFC 3261 §14.2: Retry-After of an overlapping offer is chosen at random up to this."""
GLARE_WAIT_S: Final = {True: (2.1, 4.0), False: (0.0, 2.0)}
"""RFC 3261 §14.1: how long the owner of the Call-ID, and the other side, wait after 491."""
NOWHERE: Final = Flow("UDP", "", 0)
"""The flow of an answer that was not made."""


class TalkingCall(Call):
    """A call as far as both sides behave alike within its dialog."""

    __slots__ = ("_ack_answers", "_answer", "_answer_cseq", "_answer_flow", "_answer_interval_s", "_offer_out",
                 "_offered", "_offered_in", "_offered_sdp", "_we_offered", "_we_placed")  # fmt: skip

    def __init__(self, core: Core, key: CallKey, state: CallState, we_placed: bool) -> None:
        super().__init__(core, key, state)
        self._we_placed = we_placed
        self._offer_out = False
        self._ack_answers = False  # our 2xx made the offer, and its ACK has not come
        self._offered: ServerTransaction | None = None
        self._offered_in: Dialog | None = None
        self._offered_sdp = b""
        self._we_offered = False
        self._answer = b""
        self._answer_cseq = -1
        self._answer_interval_s = 0.0
        self._answer_flow = NOWHERE

    # From outside

    def on_request(self, transaction: ServerTransaction, dialog: Dialog, now: Instant) -> None:
        """A request within this dialog of the call: checked for order, then by its method."""
        request = transaction.request
        assert request is not None, "a fresh transaction holds its request"
        cseq = parse_cseq_untrusted(request.first("cseq")).number
        if cseq < dialog.remote_cseq:
            transaction.respond(500, now)
            return
        dialog.remote_cseq = cseq
        method = request.method
        if method == "BYE":
            self._on_bye(transaction, request, now)
        elif method == "INFO":  # also while our BYE is under way: a key pressed then is heard
            self._on_info(transaction, request, now)
        elif self.state is CallState.ENDING:
            transaction.respond(481, now)
        elif method == "INVITE" or method == "UPDATE":
            self._on_offer(transaction, request, dialog, now)
        elif method == "PRACK":
            self._on_prack(transaction, request, now)
        elif method == "OPTIONS":
            transaction.respond(200, now, f"Allow: {ALLOW}\r\nAccept: {ACCEPT}\r\n")
        else:
            transaction.respond(405 if method in KNOWN_METHODS else 501, now, f"Allow: {ALLOW}\r\n")

    def _on_bye(self, transaction: ServerTransaction, request: Request, now: Instant) -> None:
        transaction.respond(200, now)
        if self.state is CallState.ENDING:
            return
        self._end(EndedBy.CALLEE, reason_of(request))

    def _on_prack(self, transaction: ServerTransaction, request: Request, now: Instant) -> None:
        transaction.respond(481, now)

    def _on_info(self, transaction: ServerTransaction, request: Request, now: Instant) -> None:
        """A key, or a refusal: nobody must believe that a lost key was heard (RFC 2976 §2.2, RFC 6086 §4.2.2)."""
        if "info-package" in request.headers:  # we asked for none
            transaction.respond(469, now, "Recv-Info: \r\n")
            return
        status, key = refusal_untrusted(request, KEY_KINDS), key_untrusted(request)
        if status or key is None:
            transaction.respond(status or 400, now, f"Accept: {ACCEPT_KEYS}\r\n")
            return
        transaction.respond(200, now)
        if key:
            self._core.effects.append(KeyByInfo(self.key, key))

    def _on_offer(self, transaction: ServerTransaction, request: Request, dialog: Dialog, now: Instant) -> None:
        """A re-INVITE or UPDATE (RFC 3261 §14.2, RFC 3311 §5.2)."""
        status = refusal_untrusted(request, SDP_KINDS)
        if status:
            transaction.respond(status, now, f"Accept: {ACCEPT}\r\nAccept-Encoding: identity\r\n")
            return
        sdp = sdp_untrusted(request)
        is_offer = bool(sdp) or request.method == "INVITE"
        if is_offer and self._awaits_answer(dialog):
            transaction.respond(491, now)
            return
        if (is_offer and self._owes_answer()) or (request.method == "INVITE" and not self._can_reinvite()):
            wait_s = self._core.rng.getrandbits(16) % (MAX_RETRY_AFTER_S + 1)
            transaction.respond(500, now, f"Retry-After: {wait_s}\r\n")
            return
        timer = session_timer.from_request(request, self._core.settings.min_session_expires_s)
        if isinstance(timer, session_timer.TooSmall):
            transaction.respond(422, now, f"Min-SE: {timer.min_se_s}\r\n")
            return
        dialog.set_target(request)
        self._learn_peer(request)
        self._set_session(timer, now)
        if not is_offer:
            transaction.respond(200, now, self._answer_lines(transaction))
            return
        self._offer_to_owner(transaction, dialog, MediaMethod(request.method), sdp)

    def _offer_to_owner(self, transaction: ServerTransaction, dialog: Dialog, method: MediaMethod, sdp: bytes) -> None:
        self._offered, self._offered_in, self._offered_sdp = transaction, dialog, sdp
        self._core.effects.append(MediaOffered(self.key, method, sdp))

    def _awaits_answer(self, dialog: Dialog) -> bool:
        """Whether an offer of ours is under way, so that theirs crosses it."""
        return self._offer_out or self._ack_answers

    def _owes_answer(self) -> bool:
        """Whether an offer of theirs is not answered yet."""
        return self._offered is not None

    def _can_reinvite(self) -> bool:
        return self.state is CallState.TALKING and not self._answer

    def _answer_lines(self, transaction: ServerTransaction) -> str:
        timer = "" if self._session is None else session_timer.answer_lines(self._session)
        return self._capabilities(transaction.flow.transport) + timer

    def accept_media(self, sdp: bytes, now: Instant) -> None:
        """Answers the pending `MediaOffered`, with our offer if it asked for one. None pending: nothing happens."""
        transaction, dialog = self._offered, self._offered_in
        if transaction is None or dialog is None:
            return
        self._offered = self._offered_in = None
        if self._offered_sdp:
            dialog.exchange.offered_and_answered(self._offered_sdp, sdp)
        else:
            dialog.exchange.local = sdp
            self._ack_answers = True
        request = transaction.request
        lines = "" if transaction.method == "PRACK" else self._answer_lines(transaction)
        data = transaction.respond(200, now, lines, sdp)
        if transaction.method == "INVITE" and request is not None and data:
            self._repeat_until_ack(data, parse_cseq_untrusted(request.first("cseq")).number, transaction.flow, now)

    def refuse_media(self, status: int, now: Instant) -> None:
        """Refuses the pending `MediaOffered`, 488 being usual. The call goes on as it was."""
        if self._offered is not None:
            self._offered.respond(status, now)
            self._offered = self._offered_in = None

    def _repeat_until_ack(self, data: bytes, cseq: int, flow: Flow, now: Instant) -> None:
        """RFC 3261 §13.3.1.4: the 2xx is repeated, on every transport, until its ACK comes."""
        settings = self._core.settings
        self._answer = data
        self._answer_cseq = cseq
        self._answer_flow = flow
        self._answer_interval_s = settings.t1_s
        self._arm(Due.REPEAT_ANSWER, now + settings.t1_s)
        self._arm(Due.NO_ACK, now + 64 * settings.t1_s)

    def _forget(self) -> None:
        super()._forget()
        if self._offered is not None:
            self._offered.respond(487, self._core.timers.now)
            self._offered = None

    def _stop_repeating(self) -> None:
        self._answer = b""
        self._due.pop(Due.REPEAT_ANSWER, None)
        self._due.pop(Due.NO_ACK, None)

    def on_ack(self, cseq: int, sdp: bytes, now: Instant) -> None:
        """The ACK for our 2xx: it need not be repeated any more. The ACK may answer an offer that the 2xx made."""
        if self._answer and cseq == self._answer_cseq:
            self._stop_repeating()
            was_offer, self._ack_answers = self._ack_answers, False
            if was_offer and sdp and self.dialog is not None:
                self.dialog.exchange.answered(sdp, self.dialog.exchange.local)
                if self.state is CallState.TALKING:
                    self._core.effects.append(MediaAnswered(self.key, sdp))

    def _on_due(self, due: Due, now: Instant) -> None:
        core = self._core
        if due is Due.REPEAT_ANSWER and self._answer:
            core.counts.retransmissions_sent += 1
            core.send(self._answer, self._answer_flow)
            self._answer_interval_s = min(2 * self._answer_interval_s, core.settings.t2_s)
            self._arm(Due.REPEAT_ANSWER, now + self._answer_interval_s)
        elif due is Due.NO_ACK and self._answer:
            self._stop_repeating()
            self._failure = from_local(Local.NO_ACK)
            self._bye(now)
        elif due is Due.REFRESH:
            self._refresh(now)
        else:
            super()._on_due(due, now)

    # From us

    def reinvite(self, sdp: bytes, now: Instant) -> None:
        """Offers another description. While another offer is under way either way: `MediaRefused` with 491."""
        if self.state is not CallState.TALKING or self._offer_out or self._offered is not None or self._answer:
            self._core.effects.append(MediaRefused(self.key, 491))
            return
        self._we_offered = True
        self._send_reinvite(sdp, now)

    def _send_reinvite(self, sdp: bytes, now: Instant, asked: Asked | None = None) -> None:
        dialog = self.dialog
        assert dialog is not None, "a call that talks has its dialog"
        self._offer_out = True
        # A provisional answer to it is of no use, so none is to be sent reliably: nobody would send PRACK for it.
        extra = self._capabilities(dialog.flow.transport).replace("100rel, ", "") + self._refresh_lines()
        self._request("INVITE", self._on_reinvite_reply, extra, sdp, now, asked)

    def _on_reinvite_reply(self, transaction: ClientTransaction, reply: Reply, now: Instant) -> None:
        dialog = self.dialog
        assert dialog is not None, "a call that talks has its dialog"
        ack = dialog.acks.get(transaction.head.cseq)
        if isinstance(reply, Response) and 200 <= reply.status < 300 and ack:
            self._core.send(ack, dialog.flow)  # repeated, perhaps while a later re-INVITE is under way
            return
        if isinstance(reply, Response) and reply.status < 200:
            return
        self._offer_out = False
        if isinstance(reply, Response) and reply.status < 300:
            dialog.set_target(reply)
            self._acknowledge(dialog, transaction)
            if self.state is CallState.TALKING:
                self._refreshed(reply, now)
                self._take_answer(dialog, transaction.body, sdp_untrusted(reply))
        elif self.state is CallState.TALKING:
            if self._take_challenge(transaction, reply):
                self._send_reinvite(transaction.body, now, transaction.asked)
                return
            self._refused(reply, now)
        self._we_offered = False

    def _take_answer(self, dialog: Dialog, offer: bytes, sdp: bytes) -> None:
        """Told where the owner offered, or where a refresh brought something new (RFC 3264 §8)."""
        is_new = sdp and (sdp != dialog.exchange.remote or dialog.exchange.by_peer)
        if sdp:
            dialog.exchange.answered(sdp, offer)
        if self._we_offered or is_new:
            self._core.effects.append(MediaAnswered(self.key, sdp))

    def _refused(self, reply: Reply, now: Instant) -> None:
        """What a refused re-INVITE or refresh means for the call (RFC 3261 §12.2.1.2, §14.1; RFC 4028 §10)."""
        status = reply.status if isinstance(reply, Response) else 408
        if status in (408, 481):
            self._failure = from_local(Local.REFRESH_FAILED, status)
            self._bye(now)
        elif self._we_offered:
            self._core.effects.append(MediaRefused(self.key, status))
        elif status == 491:
            low_s, high_s = GLARE_WAIT_S[self._we_placed]
            self._arm(Due.REFRESH, now + low_s + (high_s - low_s) * self._core.rng.getrandbits(16) / 65_535)
        elif self._session is not None:
            self._arm(Due.EXPIRE, now + self._session.interval_s / 2 - min(32.0, self._session.interval_s / 3))

    def _refresh(self, now: Instant) -> None:
        """Half of the session interval is over: UPDATE if the far end takes it, else re-INVITE."""
        dialog = self.dialog
        if self.state is not CallState.TALKING or dialog is None:
            return
        if self._offer_out or self._offered is not None or self._answer:
            self._arm(Due.REFRESH, now + 1.0)
            return
        if self._peer_allows_update:
            self._send_update(now)
        else:
            self._send_reinvite(dialog.exchange.local, now)

    def _send_update(self, now: Instant, asked: Asked | None = None) -> None:
        dialog = self.dialog
        assert dialog is not None, "a call that talks has its dialog"
        extra = self._capabilities(dialog.flow.transport) + self._refresh_lines()
        self._request("UPDATE", self._on_update_reply, extra, b"", now, asked)

    def _on_update_reply(self, transaction: ClientTransaction, reply: Reply, now: Instant) -> None:
        if self.state is not CallState.TALKING or (isinstance(reply, Response) and reply.status < 200):
            return
        if isinstance(reply, Response) and reply.status < 300:
            self._refreshed(reply, now)
        elif self._take_challenge(transaction, reply):
            self._send_update(now, transaction.asked)
        elif isinstance(reply, Response) and reply.status in (405, 501):
            self._peer_allows_update = False
            if self.dialog is not None:
                self._send_reinvite(self.dialog.exchange.local, now)
        else:
            self._refused(reply, now)

    def _refreshed(self, reply: Response, now: Instant) -> None:
        """Our refresh was taken. Without Session-Expires nobody has to refresh any more (RFC 4028 §7.2); we go on."""
        before = self._session
        try:
            timer = session_timer.from_answer(reply) or (before if before and before.we_refresh else None)
        except SipParseError:
            timer = before
        self._set_session(timer, now)
