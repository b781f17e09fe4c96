"""Calls that we place: INVITE with forks, early media, cancelling and its races (RFC 3261 §9.1, §13.2; RFC 3262).

    calling -> talking                       2xx: ACK
    calling -> cancelling -> ended           ring timeout or `hang_up`: CANCEL, once a provisional answer has come
    calling -> ended                         300-699, silence, transport
A 2xx that comes after the call was given up, or from a second fork, gets ACK and BYE.
"""

from functools import partial
from typing import Final

from baitie.kernel.outcome import CallFailure
from baitie.kernel.time import Instant
from baitie.wire.sip import session_timer
from baitie.wire.sip.auth import Asked, DigestClient
from baitie.wire.sip.body import sdp_untrusted
from baitie.wire.sip.call import CallState, Due
from baitie.wire.sip.client_transaction import ClientTransaction, Reply, Silence
from baitie.wire.sip.core import Core, RequestHead
from baitie.wire.sip.dialog import Dialog, dialog_from_response, dialog_to_leave
from baitie.wire.sip.effects import CallAnswered, CallFailed, CallKey, CallProgressed
from baitie.wire.sip.errors import SipParseError
from baitie.wire.sip.exchange import Exchange
from baitie.wire.sip.failures import Local, from_local, from_status
from baitie.wire.sip.headers import checked_headers, checked_text, option_tags, presentable, reason_of, tag_of
from baitie.wire.sip.message import Request, Response
from baitie.wire.sip.server_transaction import ServerTransaction
from baitie.wire.sip.settings import InviteRequest
from baitie.wire.sip.talking import TalkingCall
from baitie.wire.sip.uri import checked

MAX_INTERVAL_RETRIES: Final = 2
"""How often 422 is answered with a longer session interval."""

_SILENCE: Final = {
    Silence.NO_RESPONSE: Local.NO_RESPONSE,
    Silence.TRANSPORT_BEFORE_SENDING: Local.TRANSPORT_BEFORE_SENDING,
    Silence.TRANSPORT_AFTER_SENDING: Local.TRANSPORT_AFTER_SENDING,
}


class OutgoingCall(TalkingCall):
    """One call from us. Its last event is `CallFailed` or `CallEnded`."""

    __slots__ = ("_cancel_failure", "_cancel_sent", "_cseq", "_early_sdp", "_extra", "_forks", "_interval_retries",
                 "_invite", "_lines", "_min_se_s", "_provisional", "request")  # fmt: skip

    def __init__(self, core: Core, request: InviteRequest, now: Instant) -> None:
        """Raises `SipArgumentError` when an address or header cannot stand in a message; nothing was sent then."""
        self._extra = checked_headers(request.headers)
        display = checked_text(request.from_display, "from_display").replace("\\", "\\\\").replace('"', '\\"')
        tag = core.tag()
        name = f'"{display}" ' if display else ""
        from_ = f"{name}<{checked(request.from_uri, 'from_uri')}>;tag={tag}"
        to_uri = checked(request.to_uri, "to_uri")
        routes = "".join(f"Route: <{checked(route, 'routes')}>\r\n" for route in request.routes)
        self._lines = RequestHead(to_uri, "", routes, from_, f"<{to_uri}>", core.tag() + core.tag(), 1)
        super().__init__(core, CallKey(tag), CallState.CALLING, we_placed=True)
        self.request: InviteRequest = request
        self._forks: dict[str, Dialog] = {}
        self._provisional = False
        self._cancel_sent = False
        self._cancel_failure: Local | None = None
        self._interval_retries = 0
        self._min_se_s = core.settings.min_session_expires_s
        self._cseq = 0
        self._early_sdp = b""
        if request.credentials is not None:
            self._digest = DigestClient(request.credentials, core.rng)
        self._invite = self._send_invite(now, Asked())
        self._arm(Due.RING, now + request.ring_timeout_s)

    def _send_invite(self, now: Instant, asked: Asked) -> ClientTransaction:
        core, request = self._core, self.request
        transport = request.flow.transport
        self._cseq += 1
        head = self._lines._replace(via=core.via(transport), cseq=self._cseq)
        extra = self._capabilities(transport) + self._extra
        if request.session_expires_s:
            extra += session_timer.request_lines(request.session_expires_s, self._min_se_s)
        credentials = "" if self._digest is None else self._digest.header_lines("INVITE", head.uri, request.sdp)
        transaction = ClientTransaction(
            core, "INVITE", head, extra, request.sdp, request.flow, self._on_invite_reply, credentials, asked
        )
        transaction.start(now)
        return transaction

    def _capabilities(self, transport: str) -> str:
        lines = super()._capabilities(transport)
        return lines if self._core.settings.reliable_provisionals else lines.replace("100rel, ", "")

    # Answers to the INVITE

    def _on_invite_reply(self, transaction: ClientTransaction, reply: Reply, now: Instant) -> None:
        try:
            if isinstance(reply, Silence):
                self._on_silence(reply)
            elif reply.status < 200:
                self._on_provisional(transaction, reply, now)
            elif reply.status < 300:
                self._on_success(transaction, reply, now)
            else:
                self._on_refusal(transaction, reply, now)
        except SipParseError:
            # The transport and the transaction did their part; what the answer says besides cannot be used.
            self._core.counts.parse_errors += 1

    def _on_silence(self, silence: Silence) -> None:
        if self._cancel_failure is not None and self._cancel_sent:
            self._fail(from_local(Local.NO_RESPONSE_AFTER_CANCEL))
        else:
            self._fail(from_local(_SILENCE[silence]))

    def _on_provisional(self, transaction: ClientTransaction, reply: Response, now: Instant) -> None:
        if transaction is not self._invite or self.state not in (CallState.CALLING, CallState.CANCELLING):
            return
        self._provisional = True
        if self._cancel_failure is not None:
            self._send_cancel(now)
        if reply.status == 100:
            return
        reliable = "require" in reply.headers and "100rel" in option_tags(reply.every("require"))
        sdp = b"" if reply.is_contradictory else sdp_untrusted(reply)
        try:
            dialog = self._early_dialog(transaction, reply)
            if dialog is not None and reliable and not self._take_reliable(dialog, reply, now):
                return
        except SipParseError:  # it rings all the same
            self._core.counts.parse_errors += 1
            dialog = None
        if dialog is not None:
            if "allow" in reply.headers:
                self._learn_peer(reply)
            self.dialog = dialog
            sdp = dialog.exchange.take_answer(sdp, reliable)
        self._early_sdp = sdp or self._early_sdp
        if self.state is CallState.CALLING:
            reason = presentable(reply.reason)
            self._core.effects.append(CallProgressed(self.key, reply.status, reason, sdp, reliable))

    def _early_dialog(self, transaction: ClientTransaction, reply: Response) -> Dialog | None:
        """The early dialog of this fork, if it is to have one. Raises `SipParseError`."""
        tag = tag_of(reply.first("to"))
        dialog = self._forks.get(tag)
        if dialog is None and tag and len(self._forks) < self._core.settings.max_forks:
            to_source = self._core.settings.answer_to_source
            dialog = dialog_from_response(reply, transaction.head, transaction.flow, to_source)
            dialog.exchange = Exchange(self.request.sdp)
            self._forks[tag] = dialog
        return dialog

    def _take_reliable(self, dialog: Dialog, reply: Response, now: Instant) -> bool:
        """PRACK for a reliable provisional answer in its turn (RFC 3262 §4); False for a repeated or too early one."""
        text = reply.first("rseq")
        if not (text.isascii() and text.isdigit() and len(text) <= 10):
            raise SipParseError("RSeq cannot be read.")
        rseq = int(text)
        if dialog.last_rseq and rseq != dialog.last_rseq + 1:
            return False
        dialog.last_rseq = rseq
        handler = partial(self._on_prack_reply, dialog)
        self._request_in(dialog, "PRACK", handler, f"RAck: {rseq} {self._cseq} INVITE\r\n", b"", now)
        return True

    def _on_prack_reply(self, dialog: Dialog, transaction: ClientTransaction, reply: Reply, now: Instant) -> None:
        """A challenge is answered; else the INVITE's own answer decides about the call."""
        if self._take_challenge(transaction, reply):
            handler = partial(self._on_prack_reply, dialog)
            self._request_in(dialog, "PRACK", handler, transaction.extra, b"", now, transaction.asked)

    def _on_success(self, transaction: ClientTransaction, reply: Response, now: Instant) -> None:
        made, is_usable = self._dialog_of_answer(transaction, reply)
        dialog = self._forks.get(made.remote_tag)
        if dialog is not None and (ack := dialog.acks.get(transaction.head.cseq)):
            self._core.counts.retransmissions_received += 1
            self._core.send(ack, dialog.flow)
            return
        exchange = Exchange(self.request.sdp) if dialog is None else dialog.exchange
        local_cseq, remote_cseq = (0, -1) if dialog is None else (dialog.local_cseq, dialog.remote_cseq)
        if dialog is None and len(self._forks) > 2 * self._core.settings.max_forks:
            return
        dialog = made
        dialog.local_cseq, dialog.remote_cseq = max(dialog.local_cseq, local_cseq), remote_cseq
        dialog.exchange = exchange
        self._forks[dialog.remote_tag] = dialog
        self._acknowledge(dialog, transaction)
        if self.state is CallState.CALLING and is_usable:
            self._establish(dialog, reply, now)
            return
        self._request_in(dialog, "BYE", partial(self._on_fork_bye_reply, dialog), "", b"", now)
        if self.state is CallState.CALLING:
            self._fail(from_local(Local.BAD_ANSWER, reply.status))
        elif self.state is CallState.CANCELLING:
            self._fail(from_local(Local.LATE_ANSWER, reply.status))

    def _dialog_of_answer(self, transaction: ClientTransaction, reply: Response) -> tuple[Dialog, bool]:
        """The dialog that a 2xx makes, and whether one can speak in it: else it gets its ACK and a BYE, so that whoever
        picked up does not wait for us, and their side does not repeat itself."""
        try:
            to_source = self._core.settings.answer_to_source
            made = dialog_from_response(reply, transaction.head, transaction.flow, to_source)
        except SipParseError:
            self._core.counts.parse_errors += 1
            return dialog_to_leave(reply, transaction.head, transaction.flow), False
        return made, not reply.is_contradictory

    def _on_fork_bye_reply(self, dialog: Dialog, transaction: ClientTransaction, reply: Reply, now: Instant) -> None:
        """The other fork's call was never ours to keep, but it is to end."""
        if self._take_challenge(transaction, reply):
            self._request_in(dialog, "BYE", partial(self._on_fork_bye_reply, dialog), "", b"", now, transaction.asked)

    def _establish(self, dialog: Dialog, reply: Response, now: Instant) -> None:
        self.state = CallState.TALKING
        self._lines = self._invite.head
        self.dialog = dialog
        dialog.exchange.take_answer(sdp_untrusted(reply), True)
        if not dialog.exchange.remote:
            # Some gateways change the tag between progress and answer, or have none before it, and do not repeat
            # themselves. The callee has picked up: what was last heard of the media is better than hanging up.
            dialog.exchange.take_answer(self._early_sdp, True)
        self._due.pop(Due.RING, None)
        if "allow" in reply.headers:
            self._learn_peer(reply)
        exchange = dialog.exchange
        self._core.effects.append(
            CallAnswered(self.key, exchange.remote, exchange.by_peer, takes_info=self._peer_allows_info)
        )
        self._set_session(session_timer.from_answer(reply), now)

    def _on_refusal(self, transaction: ClientTransaction, reply: Response, now: Instant) -> None:
        if self.state not in (CallState.CALLING, CallState.CANCELLING):
            return
        if self._cancel_failure is not None:
            self._fail(self._cancelled(reply))
        elif self._take_challenge(transaction, reply) or self._lengthen(reply):
            self._again(now, transaction.asked or Asked())
        else:
            what = self._failure_of(reply)
            contacts = [presentable(text) for text in reply.every("contact")[: self._core.settings.max_redirects_shown]]
            if reply.status < 400 and contacts:
                what.details["contacts"] = ", ".join(contacts)
            retry_after = reply.first("retry-after")
            if retry_after:
                what.details["retry_after"] = presentable(retry_after)
            self._fail(what)

    def _cancelled(self, reply: Response) -> CallFailure:
        """Our CANCEL was answered with 487; any other status is the callee's or the carrier's own word."""
        reason = reason_of(reply)
        if reply.status == 487 and self._cancel_failure is not None:
            return from_local(self._cancel_failure, 487, reason)
        return from_status(reply.status, reason)

    def _again(self, now: Instant, asked: Asked) -> None:
        """The same INVITE with what the answer demanded, in the same call (RFC 3261 §8.1.3.5)."""
        self._forks.clear()
        self.dialog = None
        self._provisional = False
        self._invite = self._send_invite(now, asked)

    def _lengthen(self, reply: Response) -> bool:
        """Whether it is a 422 that a longer session interval can satisfy (RFC 4028 §7.3)."""
        if reply.status != 422:
            return False
        min_se_s = session_timer.min_se_of(reply)
        self._interval_retries += 1
        if min_se_s <= self._min_se_s or self._interval_retries > MAX_INTERVAL_RETRIES:
            return False
        self._min_se_s = min_se_s
        return True

    def _awaits_answer(self, dialog: Dialog) -> bool:
        """The INVITE is an offer too, until an answer to it is known (RFC 3311 §5.2)."""
        unanswered = self.state in (CallState.CALLING, CallState.CANCELLING) and not dialog.exchange.remote
        return unanswered or super()._awaits_answer(dialog)

    def dialog_with(self, remote_tag: str) -> Dialog | None:
        """Until the call is answered, the early dialog of each fork lives (RFC 3261 §12)."""
        if self.state in (CallState.CALLING, CallState.CANCELLING):
            return self._forks.get(remote_tag)
        return super().dialog_with(remote_tag)

    def owns(self, call_id: str) -> bool:
        """Whether the Call-ID is that of our own INVITE."""
        return call_id == self._lines.call_id

    def _on_bye(self, transaction: ServerTransaction, request: Request, now: Instant) -> None:
        """A callee may not BYE before it answered (RFC 3261 §15): its final answer is still awaited."""
        if self.state in (CallState.CALLING, CallState.CANCELLING):
            transaction.respond(481, now)
        else:
            super()._on_bye(transaction, request, now)

    # Giving up

    def hang_up(self, now: Instant) -> None:
        """CANCEL while it rings, BYE when it was answered."""
        if self.state is CallState.CALLING:
            self._cancel(Local.CANCELLED, now)
        elif self.state is CallState.TALKING:
            self._bye(now)

    def _cancel(self, why: Local, now: Instant) -> None:
        self.state = CallState.CANCELLING
        self._cancel_failure = why
        self._due.pop(Due.RING, None)
        if self._provisional:
            self._send_cancel(now)

    def _send_cancel(self, now: Instant) -> None:
        """CANCEL goes hop by hop with the INVITE's own branch, after a provisional answer (RFC 3261 §9.1)."""
        if self._cancel_sent:
            return
        self._cancel_sent = True
        invite = self._invite
        ClientTransaction(self._core, "CANCEL", invite.head, "", b"", invite.flow, self._on_cancel_reply).start(now)
        invite.expire_after_cancel(now)

    def _on_cancel_reply(self, transaction: ClientTransaction, reply: Reply, now: Instant) -> None:
        """Whatever it is, the INVITE's own answer decides."""

    def _on_due(self, due: Due, now: Instant) -> None:
        if due is Due.RING:
            if self.state is CallState.CALLING:
                self._cancel(Local.RING_TIMEOUT, now)
        else:
            super()._on_due(due, now)

    def _fail(self, failure: CallFailure) -> None:
        if self.state is not CallState.ENDED:
            self._forget()
            self._core.effects.append(CallFailed(self.key, failure))
