"""Calls that come to us: ringing (also reliably, RFC 3262), answering until the ACK, rejecting, being cancelled.

offered -> answered -> talking           200, then ACK
offered -> ended                         rejected, cancelled, PRACK missing
answered -> ending                       no ACK within 64*T1: BYE
"""

from baitie.kernel.outcome import EndedBy
from baitie.kernel.time import Instant
from baitie.wire.sip import session_timer
from baitie.wire.sip.body import SDP_KINDS, refusal_untrusted, sdp_untrusted
from baitie.wire.sip.call import CallState, Due
from baitie.wire.sip.core import ACCEPT, ALLOW, Core
from baitie.wire.sip.dialog import dialog_from_request
from baitie.wire.sip.effects import CallConfirmed, CallKey, CallOffered, Flow, MediaAnswered, MediaMethod
from baitie.wire.sip.exchange import Exchange
from baitie.wire.sip.failures import Local, from_local
from baitie.wire.sip.headers import option_tags, parse_address_untrusted, parse_cseq_untrusted, presentable
from baitie.wire.sip.message import Request
from baitie.wire.sip.server_transaction import ServerTransaction
from baitie.wire.sip.session_timer import SessionTimer
from baitie.wire.sip.talking import TalkingCall


class IncomingCall(TalkingCall):
    """One call from outside. Its last event is `CallEnded`."""

    __slots__ = (
        "_hang_up_after_ack",
        "_held_answer",
        "_held_ringing",
        "_invite",
        "_invite_cseq",
        "_peer_reliable",
        "_peer_requires_reliable",
        "_repeat_interval_s",
        "_ringing",
        "_routes",
        "_rseq",
        "_timer",
    )  # fmt: skip

    def __init__(
        self, core: Core, transaction: ServerTransaction, request: Request, source: Flow, timer: SessionTimer | None
    ) -> None:
        """Raises `SipParseError` before anything is kept when the INVITE cannot make a dialog."""
        cseq = parse_cseq_untrusted(request.first("cseq")).number
        dialog = dialog_from_request(request, transaction.to_tag, cseq, source, core.settings.answer_to_source)
        from_uri = parse_address_untrusted(request.first("from")).uri
        to_uri = parse_address_untrusted(request.first("to")).uri
        super().__init__(core, CallKey(transaction.to_tag), CallState.OFFERED, we_placed=False)
        transaction.call_key = self.key
        sdp = sdp_untrusted(request)
        dialog.exchange = Exchange(remote=sdp)
        self.dialog = dialog
        self._invite = transaction
        self._invite_cseq = cseq
        required = option_tags(request.every("require"))
        self._peer_requires_reliable = "100rel" in required
        self._peer_reliable = "100rel" in required or "100rel" in option_tags(request.every("supported"))
        self._routes = "".join(f"Record-Route: {route}\r\n" for route in request.every("record-route"))
        self._timer = timer
        self._rseq = 0
        self._ringing = b""
        self._repeat_interval_s = 0.0
        self._held_ringing: tuple[int, bytes] | None = None
        self._held_answer: bytes | None = None
        self._hang_up_after_ack = False
        self._learn_peer(request)
        self._arm(Due.RING, core.timers.now + core.settings.max_offer_s)
        uris = (presentable(request.uri), presentable(from_uri), presentable(to_uri))
        core.effects.append(CallOffered(self.key, *uris, sdp, request, source))

    # What the owner does

    def ring(self, status: int, sdp: bytes, reliable: bool, now: Instant) -> None:
        """A provisional answer, such as 180. Reliable when the far end requires it, or supports it and we ask."""
        if self.state is not CallState.OFFERED:
            return
        if not (self._peer_requires_reliable or (reliable and self._peer_reliable)) or status == 100:
            self._invite.respond(status, now, self._head_lines(), sdp)
            return
        if self._ringing:
            self._held_ringing = (status, sdp)
            return
        core = self._core
        if sdp:
            self._say_early(sdp)
        self._rseq = self._rseq + 1 if self._rseq else 1 + core.rng.getrandbits(30)
        extra = f"{self._head_lines()}Require: 100rel\r\nRSeq: {self._rseq}\r\n"
        self._ringing = self._invite.respond(status, now, extra, sdp)
        self._repeat_interval_s = core.settings.t1_s
        self._arm(Due.REPEAT_RINGING, now + core.settings.t1_s)
        self._arm(Due.NO_PRACK, now + 64 * core.settings.t1_s)

    def _say_early(self, sdp: bytes) -> None:
        """A description in a reliable provisional answer: the answer to their offer, or our offer without one."""
        dialog = self.dialog
        assert dialog is not None, "an offered call has its dialog"
        if dialog.exchange.is_settled:
            return
        if dialog.exchange.remote:
            dialog.exchange.offered_and_answered(dialog.exchange.remote, sdp)
        else:
            dialog.exchange.local = sdp

    def answer(self, sdp: bytes, now: Instant) -> None:
        """200. It waits for the PRACK of a reliable provisional answer that is still under way (RFC 3262 §3)."""
        if self.state is not CallState.OFFERED:
            return
        if self._ringing:
            self._held_answer = sdp
            return
        self.state = CallState.ANSWERED
        self._due.pop(Due.RING, None)
        exchange = self.dialog.exchange if self.dialog is not None else Exchange()
        self._ack_answers = not exchange.remote
        if not exchange.is_settled:
            exchange.local = sdp
        extra = self._head_lines()
        if self._timer is not None:
            extra += session_timer.answer_lines(self._timer)
        transaction = self._invite
        data = transaction.respond(200, now, extra, sdp)
        self._repeat_until_ack(data, self._invite_cseq, transaction.flow, now)

    def reject(self, status: int, reason: str, headers: str, now: Instant) -> None:
        """A final answer from 300 to 699, with further header lines if need be (Contact of a redirection, Reason)."""
        if self.state is CallState.OFFERED:
            self._invite.respond(status, now, headers, reason=reason)
            self._end(EndedBy.US, None)

    def hang_up(self, now: Instant) -> None:
        """BYE; before our answer was acknowledged it waits for the ACK (RFC 3261 §15); before the answer it is 480."""
        if self.state is CallState.OFFERED:
            self.reject(480, "", "", now)
        elif self.state is CallState.ANSWERED:
            self._hang_up_after_ack = True
        elif self.state is CallState.TALKING:
            self._bye(now)

    def _head_lines(self) -> str:
        return f"{self._routes}{self._capabilities(self._invite.flow.transport)}"

    # What comes from outside

    def on_cancel(self, reason_header: str | None, now: Instant) -> None:
        """CANCEL for our unanswered INVITE: 487 (RFC 3261 §9.2)."""
        if self.state is CallState.OFFERED:
            self._invite.respond(487, now)
            self._end(EndedBy.CALLEE, reason_header)

    def on_ack(self, cseq: int, sdp: bytes, now: Instant) -> None:
        """The ACK for our 200: the call stands."""
        first = self.state is CallState.ANSWERED and cseq == self._invite_cseq
        is_answer = self._ack_answers
        super().on_ack(cseq, sdp, now)
        if not first:
            return
        self.state = CallState.TALKING
        self._core.effects.append(CallConfirmed(self.key, sdp if is_answer else b""))
        self._set_session(self._timer, now)
        if self._hang_up_after_ack:
            self._bye(now)

    def _on_bye(self, transaction: ServerTransaction, request: Request, now: Instant) -> None:
        if self.state is CallState.OFFERED:
            self._invite.respond(487, now)
        self._stop_repeating()
        super()._on_bye(transaction, request, now)

    def _on_prack(self, transaction: ServerTransaction, request: Request, now: Instant) -> None:
        expected = [str(self._rseq), str(self._invite_cseq), "INVITE"]
        if not self._ringing or request.first("rack").split() != expected:
            transaction.respond(481, now)
            return
        self._take_prack_body(transaction, request, now)
        self._stop_ringing_again()
        if self._held_answer is not None:
            self.answer(self._held_answer, now)
        elif self._held_ringing is not None:
            (status, sdp), self._held_ringing = self._held_ringing, None
            self.ring(status, sdp, True, now)

    def _take_prack_body(self, transaction: ServerTransaction, request: Request, now: Instant) -> None:
        """What a PRACK says of media (RFC 3262 §5): the answer to our early offer, or a new offer after our answer."""
        dialog = self.dialog
        assert dialog is not None, "an offered call has its dialog"
        exchange, sdp = dialog.exchange, sdp_untrusted(request)
        status = refusal_untrusted(request, SDP_KINDS)
        if status:
            transaction.respond(status, now, f"Accept: {ACCEPT}\r\n")
        elif not sdp:
            transaction.respond(200, now)
        elif exchange.local and not exchange.remote:
            exchange.answered(sdp, exchange.local)
            transaction.respond(200, now)
            self._core.effects.append(MediaAnswered(self.key, sdp))
        elif exchange.is_settled and self._offered is None:
            self._offer_to_owner(transaction, dialog, MediaMethod.PRACK, sdp)
        else:
            transaction.respond(488, now)

    def _owes_answer(self) -> bool:
        """The INVITE's offer is owed an answer too, until one has left reliably (RFC 3311 §5.2)."""
        dialog = self.dialog
        is_unanswered = dialog is not None and self.state is CallState.OFFERED and not dialog.exchange.is_settled
        return is_unanswered or super()._owes_answer()

    def _stop_ringing_again(self) -> None:
        self._ringing = b""
        self._due.pop(Due.REPEAT_RINGING, None)
        self._due.pop(Due.NO_PRACK, None)

    def _on_due(self, due: Due, now: Instant) -> None:
        core = self._core
        if due is Due.REPEAT_RINGING:
            if self._ringing and self.state is CallState.OFFERED:
                core.counts.retransmissions_sent += 1
                core.send(self._ringing, self._invite.flow)
                self._repeat_interval_s *= 2
                self._arm(Due.REPEAT_RINGING, now + self._repeat_interval_s)
        elif due is Due.RING:
            if self.state is CallState.OFFERED:
                self._failure = from_local(Local.NOBODY_ANSWERED_OFFER)
                self._invite.respond(480, now)
                self._end(EndedBy.NOBODY, None)
        elif due is Due.NO_PRACK:
            if self.state is CallState.OFFERED:
                self._failure = from_local(Local.NO_ACK)
                self._invite.respond(504, now, f"Allow: {ALLOW}\r\n")
                self._end(EndedBy.NOBODY, None)
        else:
            super()._on_due(due, now)
