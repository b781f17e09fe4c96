"""Requests from outside: to which transaction, call or answer each belongs (RFC 3261 §8.2, §12.2.2, §17.2.3)."""

from typing import Final

from baitie.kernel.time import Instant
from baitie.wire.sip import session_timer
from baitie.wire.sip.body import SDP_KINDS, refusal_untrusted, sdp_untrusted
from baitie.wire.sip.core import ACCEPT, ALLOW, SUPPORTED, Core, render_response
from baitie.wire.sip.effects import Flow, RequestReceived
from baitie.wire.sip.errors import SipParseError
from baitie.wire.sip.headers import lenient_params, option_tags, parse_cseq_untrusted, reason_of, tag_of
from baitie.wire.sip.incoming import IncomingCall
from baitie.wire.sip.message import Request
from baitie.wire.sip.server_transaction import ReplyHead, ServerTransaction, request_key
from baitie.wire.sip.talking import KNOWN_METHODS

_UNDERSTOOD: Final = frozenset({"100rel", "timer"})


class Reception:
    """Takes every request that comes in."""

    __slots__ = ("_core",)

    def __init__(self, core: Core) -> None:
        self._core = core

    def take(self, request: Request, source: Flow, now: Instant) -> None:
        """One request. Raises `SipParseError` when it cannot even be answered."""
        method = request.method
        if method == "ACK":
            self._take_ack(request, now)
            return
        key = request_key(request, method)
        known = self._core.server.get(key)
        if known is not None:
            known.repeat()
            return
        try:
            self._take_fresh(request, key, source, now)
        except SipParseError:
            # A request whose answer can be addressed gets 400; RFC 3261 §21.4.1.
            self._refuse(request, source, 400)
            raise

    def _take_fresh(self, request: Request, key: str, source: Flow, now: Instant) -> None:
        core = self._core
        method = request.method
        if request.version != "SIP/2.0":
            self._refuse(request, source, 505)
            return
        if parse_cseq_untrusted(request.first("cseq")).method != method:
            raise SipParseError("CSeq names another method.")
        if len(core.server) >= core.settings.max_transactions:
            core.counts.refused_for_capacity += 1
            self._refuse(request, source, 503, f"Retry-After: {1 + core.rng.getrandbits(3)}\r\n")
            return
        to_tag = tag_of(request.first("to"))
        if method == "CANCEL":
            self._take_cancel(request, key, source, now)
        elif to_tag:
            self._take_inside(request, key, to_tag, source, now)
        else:
            self._take_outside(request, key, source, now)

    def _refuse(self, request: Request, source: Flow, status: int, extra: str = "") -> None:
        """An answer without a transaction, always with the same tag for the same request (RFC 3261 §8.2.7)."""
        try:
            reply = ReplyHead(request, source, "" if _has_tag(request) else "stateless")
        except SipParseError:
            return
        self._core.send(render_response(status, "", reply.lines(status), extra, b""), reply.flow)

    def _take_ack(self, request: Request, now: Instant) -> None:
        core = self._core
        transaction = core.server.get(request_key(request, "INVITE"))
        if transaction is not None and transaction.status >= 300:
            transaction.acknowledged(now)
            return
        call = core.calls.get(tag_of(request.first("to")))
        if call is None or call.dialog is None or call.dialog.call_id != request.first("call-id"):
            core.counts.strays += 1
            return
        call.on_ack(parse_cseq_untrusted(request.first("cseq")).number, sdp_untrusted(request), now)

    def _take_cancel(self, request: Request, key: str, source: Flow, now: Instant) -> None:
        core = self._core
        invite = core.server.get(request_key(request, "INVITE"))
        tag = core.tag() if invite is None else invite.to_tag
        reply = ReplyHead(request, source, "" if _has_tag(request) else tag)
        transaction = ServerTransaction(core, key, "", request, reply, now)
        if invite is None:
            transaction.respond(481, now)
            return
        transaction.respond(200, now)
        call = core.calls.get(invite.call_key)
        if isinstance(call, IncomingCall):
            call.on_cancel(reason_of(request), now)

    def _take_inside(self, request: Request, key: str, to_tag: str, source: Flow, now: Instant) -> None:
        core = self._core
        from_tag = tag_of(request.first("from"))
        reply = ReplyHead(request, source, "")
        transaction = ServerTransaction(core, key, "", request, reply, now)
        call = core.calls.get(to_tag)
        dialog = None if call is None else call.dialog_with(from_tag)
        if call is None or dialog is None or dialog.call_id != request.first("call-id"):
            transaction.respond(481, now)
            return
        if self._bad_extension(transaction, request, now):
            return
        transaction.call_key = call.key
        try:
            call.on_request(transaction, dialog, now)
        except SipParseError:
            transaction.respond(400, now)
            core.counts.parse_errors += 1

    def _take_outside(self, request: Request, key: str, source: Flow, now: Instant) -> None:
        core = self._core
        from_tag = tag_of(request.first("from"))
        call_id = request.first("call-id")
        merge_key = f"{call_id} {from_tag} {request.first('cseq')}"
        merged = merge_key in core.merged
        own = core.calls.get(from_tag)
        looped = own is not None and own.owns(call_id)
        if merged or looped:
            self._refuse(request, source, 482)
            return
        reply = ReplyHead(request, source, core.tag())
        transaction = ServerTransaction(core, key, merge_key, request, reply, now)
        try:
            self._dispatch(transaction, request, source, now, key)
        except SipParseError:
            transaction.respond(400, now)
            core.counts.parse_errors += 1

    def _dispatch(self, transaction: ServerTransaction, request: Request, source: Flow, now: Instant, key: str) -> None:
        core = self._core
        method = request.method
        settings = core.settings
        if method == "OPTIONS" and method not in settings.extra_methods:
            lines = f"Allow: {ALLOW}\r\nAccept: {ACCEPT}\r\nSupported: {SUPPORTED}\r\n"
            transaction.respond(200, now, lines)
        elif method != "INVITE" and method not in settings.extra_methods:
            if method in ("BYE", "PRACK", "UPDATE", "INFO"):
                transaction.respond(481, now)
            else:
                transaction.respond(405 if method in KNOWN_METHODS else 501, now, f"Allow: {ALLOW}\r\n")
        elif self._bad_extension(transaction, request, now) or self._unauthenticated(transaction, request, now):
            return
        elif method == "INVITE":
            self._take_invite(transaction, request, source, now)
        else:
            core.effects.append(RequestReceived(key, request, source))

    def _bad_extension(self, transaction: ServerTransaction, request: Request, now: Instant) -> bool:
        if "require" not in request.headers:
            return False
        unknown = option_tags(request.every("require")) - _UNDERSTOOD
        if unknown:
            transaction.respond(420, now, f"Unsupported: {', '.join(sorted(unknown))}\r\n")
        return bool(unknown)

    def _unauthenticated(self, transaction: ServerTransaction, request: Request, now: Instant) -> bool:
        challenger = self._core.settings.challenger
        if challenger is None:
            return False
        verdict = challenger.check_untrusted(request.every("authorization"), request.method, now)
        if verdict != "ok":
            transaction.respond(401, now, challenger.challenge_lines(now, stale=verdict == "stale"))
        return verdict != "ok"

    def _take_invite(self, transaction: ServerTransaction, request: Request, source: Flow, now: Instant) -> None:
        core = self._core
        scheme = request.uri.partition(":")[0].lower()
        if scheme not in ("sip", "sips", "tel"):
            transaction.respond(416, now)
            return
        status = refusal_untrusted(request, SDP_KINDS)
        if status:
            transaction.respond(status, now, f"Accept: {ACCEPT}\r\nAccept-Encoding: identity\r\n")
            return
        if len(core.calls) >= core.settings.max_calls:
            core.counts.refused_for_capacity += 1
            transaction.respond(503, now, f"Retry-After: {1 + core.rng.getrandbits(3)}\r\n")
            return
        timer = session_timer.from_request(request, core.settings.min_session_expires_s)
        if isinstance(timer, session_timer.TooSmall):
            transaction.respond(422, now, f"Min-SE: {timer.min_se_s}\r\n")
            return
        IncomingCall(core, transaction, request, source, timer)


def _has_tag(request: Request) -> bool:
    """Whether To carries a tag, so that ours may not be added; where To cannot be read, what looks like one counts."""
    to = request.first("to")
    try:
        return bool(tag_of(to))
    except SipParseError:
        return "tag" in lenient_params(to)
