"""Requests from outside: to which transaction, call or answer each belongs (RFC 3261 §8.2, §12.2.2, §17.2.3).

What needs no state gets none: every answer outside calls, other than to an INVITE that is offered, is made from the
request alone, with the same tag each time (RFC 3261 §8.2.7).
"""

from baitie.kernel.time import Instant
from baitie.wire.sip import session_timer
from baitie.wire.sip.allowance import Allowance
from baitie.wire.sip.body import sdp_untrusted
from baitie.wire.sip.core import Core, render_response
from baitie.wire.sip.effects import Flow, RequestReceived
from baitie.wire.sip.errors import SipParseError
from baitie.wire.sip.headers import lenient_params, parse_cseq_untrusted, reason_of, tag_of
from baitie.wire.sip.incoming import IncomingCall
from baitie.wire.sip.judging import Answer, bad_extension_untrusted, malformed_untrusted, outside_untrusted
from baitie.wire.sip.message import Request
from baitie.wire.sip.salvage import salvaged_untrusted
from baitie.wire.sip.server_transaction import ReplyHead, ServerTransaction, request_key

FORBIDDEN = Answer(403)
GONE = Answer(481)


class Reception:
    """Takes every request that comes in."""

    __slots__ = ("_core", "_strangers")

    def __init__(self, core: Core) -> None:
        self._core = core
        self._strangers = Allowance(core.settings.stranger_answers_per_s)

    def take(self, request: Request, source: Flow, now: Instant) -> None:
        """One request. Raises `SipParseError` for an ACK that cannot be read."""
        method = request.method
        if method == "ACK":
            self._take_ack(request, now)
            return
        try:
            key = request_key(request, method)
        except SipParseError:
            self._core.counts.parse_errors += 1
            self._answer(request, source, Answer(400), now)
            return
        known = self._core.server.get(key)
        if known is not None:
            known.repeat()
            return
        fault = malformed_untrusted(request)
        if fault is not None:
            self._core.counts.parse_errors += 1
            self._answer(request, source, fault, now)
        elif method == "CANCEL":
            self._take_cancel(request, key, source, now)
        elif to_tag := tag_of(request.first("to")):
            self._take_inside(request, key, to_tag, source, now)
        elif self._is_stranger(source):
            self._answer(request, source, FORBIDDEN, now)
        else:
            self._take_outside(request, key, source, now)

    def refuse_untrusted(self, data: bytes, source: Flow, now: Instant) -> None:
        """Bytes that are no message: a request in them that names a way back is answered once. Raises nothing."""
        salvaged = salvaged_untrusted(data)
        if salvaged is not None:
            request, status = salvaged
            self._answer(request, source, Answer(status), now)

    def _is_stranger(self, source: Flow) -> bool:
        known = self._core.settings.known_hosts
        return known is not None and source.host.removeprefix("::ffff:") not in known

    def _answer(self, request: Request, source: Flow, answer: Answer, now: Instant) -> None:
        """An answer of which nothing is kept. Strangers together get only so many a second."""
        core = self._core
        if self._is_stranger(source):
            core.counts.strangers += 1
            if not self._strangers.take(now):
                return
        try:
            tag = "" if _has_tag(request) else core.tag_for(*(request.first(name) for name in _IDENTITY))
            reply = ReplyHead(request, source, tag)
        except SipParseError:
            return
        core.send(render_response(answer.status, "", reply.lines(answer.status), answer.lines, b""), reply.flow)

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
        invite = None if self._is_stranger(source) else core.server.get(request_key(request, "INVITE"))
        if invite is None:
            self._answer(request, source, GONE, now)
            return
        reply = ReplyHead(request, source, "" if _has_tag(request) else invite.to_tag)
        ServerTransaction(core, key, "", request, reply, now).respond(200, now)
        call = core.calls.get(invite.call_key)
        if isinstance(call, IncomingCall):
            call.on_cancel(reason_of(request), now)

    def _take_inside(self, request: Request, key: str, to_tag: str, source: Flow, now: Instant) -> None:
        """Within a call: who knows its Call-ID and both tags is no stranger to it, whatever the address."""
        core = self._core
        call = core.calls.get(to_tag)
        dialog = None if call is None else call.dialog_with(tag_of(request.first("from")))
        if call is None or dialog is None or dialog.call_id != request.first("call-id"):
            self._answer(request, source, GONE, now)
            return
        if self._is_full(request, source, now):
            return
        transaction = ServerTransaction(core, key, "", request, ReplyHead(request, source, ""), now)
        refused = bad_extension_untrusted(request)
        if refused is not None:
            transaction.respond(refused.status, now, refused.lines)
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
        own = core.calls.get(from_tag)
        if merge_key in core.merged or (own is not None and own.owns(call_id)):
            self._answer(request, source, Answer(482), now)
            return
        answer = outside_untrusted(request, core.settings.extra_methods) or self._unauthenticated(request, now)
        if answer is not None:
            self._answer(request, source, answer, now)
        elif self._is_full(request, source, now):
            return
        elif request.method == "INVITE":
            self._take_invite(request, key, merge_key, source, now)
        else:
            ServerTransaction(core, key, merge_key, request, ReplyHead(request, source, core.tag()), now)
            core.effects.append(RequestReceived(key, request, source))

    def _is_full(self, request: Request, source: Flow, now: Instant) -> bool:
        """503 when no more can be kept (RFC 3261 §21.5.4)."""
        core, settings = self._core, self._core.settings
        opens_call = request.method == "INVITE" and not tag_of(request.first("to"))
        is_full = len(core.server) >= settings.max_transactions or (
            opens_call and len(core.calls) >= settings.max_calls
        )
        if is_full:
            core.counts.refused_for_capacity += 1
            self._answer(request, source, Answer(503, f"Retry-After: {1 + core.rng.getrandbits(3)}\r\n"), now)
        return is_full

    def _unauthenticated(self, request: Request, now: Instant) -> Answer | None:
        challenger = self._core.settings.challenger
        if challenger is None:
            return None
        verdict = challenger.check_untrusted(request.every("authorization"), request.method, now)
        return None if verdict == "ok" else Answer(401, challenger.challenge_lines(now, stale=verdict == "stale"))

    def _take_invite(self, request: Request, key: str, merge_key: str, source: Flow, now: Instant) -> None:
        core = self._core
        try:
            timer = session_timer.from_request(request, core.settings.min_session_expires_s)
        except SipParseError:
            core.counts.parse_errors += 1
            self._answer(request, source, Answer(400), now)
            return
        if isinstance(timer, session_timer.TooSmall):
            self._answer(request, source, Answer(422, f"Min-SE: {timer.min_se_s}\r\n"), now)
            return
        transaction = ServerTransaction(core, key, merge_key, request, ReplyHead(request, source, core.tag()), now)
        try:
            IncomingCall(core, transaction, request, source, timer)
        except SipParseError:
            transaction.respond(400, now)
            core.counts.parse_errors += 1


_IDENTITY = ("via", "from", "call-id", "cseq")


def _has_tag(request: Request) -> bool:
    """Whether To carries a tag, so that ours may not be added; where To cannot be read, what looks like one counts."""
    to = request.first("to")
    try:
        return bool(tag_of(to))
    except SipParseError:
        return "tag" in lenient_params(to)
