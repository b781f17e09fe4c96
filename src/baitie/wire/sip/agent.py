"""The user agent: bytes, wishes and time in; bytes and events out. One object per local endpoint."""

from typing import cast

from baitie.kernel.time import Instant
from baitie.wire.sip.auth import Credentials, RandomBits
from baitie.wire.sip.client_transaction import Silence, response_key
from baitie.wire.sip.core import Core, Counts
from baitie.wire.sip.effects import CallFailed, CallKey, Effect, Flow, TrunkKey
from baitie.wire.sip.errors import SipParseError
from baitie.wire.sip.failures import Local, from_local
from baitie.wire.sip.headers import checked_headers, checked_text
from baitie.wire.sip.incoming import IncomingCall
from baitie.wire.sip.keep_alive import KeepAlive
from baitie.wire.sip.message import Request, Response, parse_message_untrusted
from baitie.wire.sip.outgoing import OutgoingCall
from baitie.wire.sip.reception import Reception
from baitie.wire.sip.registration import Registration
from baitie.wire.sip.salvage import mended_answer_untrusted
from baitie.wire.sip.settings import InviteRequest, RegisterRequest, UserAgentSettings
from baitie.wire.sip.talking import TalkingCall
from baitie.wire.sip.uri import checked

MIN_MESSAGE_BYTES = 32
"""A shorter datagram is a keep-alive of some kind, never a message."""


class UserAgent:
    """SIP user agent (SIP 用户代理), RFC 3261, client and server.

    After every call of a method, hand the values of `take_effects` on, and call `on_deadline` at `next_deadline`.
    Methods that name a call do nothing when that call is over. After an INVITE left, it is repeated only as the
    RFCs demand: retransmission on UDP, the answer to a digest challenge, a longer session interval (422).
    """

    def __init__(self, settings: UserAgentSettings, rng: RandomBits) -> None:
        self._core = Core(settings, rng)
        self._reception = Reception(self._core)
        self._registrations: dict[TrunkKey, Registration] = {}
        self._keep_alives: dict[Flow, KeepAlive] = {}

    # Bytes and time

    def receive_untrusted(self, data: bytes, flow: Flow, now: Instant) -> None:
        """One datagram, or one message from a `StreamFramer`. Raises nothing: what cannot be read is counted."""
        core = self._core
        core.timers.now = now
        if len(data) < MIN_MESSAGE_BYTES:
            return
        core.counts.messages_received += 1
        try:
            message = _read_untrusted(data)
        except SipParseError:
            core.counts.parse_errors += 1
            self._reception.refuse_untrusted(data, flow, now)
            return
        try:
            if isinstance(message, Request):
                self._reception.take(message, flow, now)
                return
            key = response_key(message)
            transaction = core.client.get(key) if key else None
            if transaction is None:
                core.counts.strays += 1
            else:
                transaction.receive(message, now)
        except SipParseError:
            core.counts.parse_errors += 1

    def refuse_untrusted(self, data: bytes, flow: Flow, now: Instant) -> None:
        """What a stream held when its order was lost: a request in it is answered, once. Raises nothing."""
        self._core.timers.now = now
        self._core.counts.parse_errors += 1
        self._reception.refuse_untrusted(data, flow, now)

    def on_deadline(self, now: Instant) -> None:
        """Does what is due. May be called early or late."""
        self._core.timers.now = now
        self._core.timers.fire(now)

    def next_deadline(self) -> Instant | None:
        """When `on_deadline` is to be called next."""
        return self._core.timers.next_at()

    def take_effects(self) -> list[Effect]:
        """What is to be sent and told, in order; the list is handed over."""
        effects, self._core.effects = self._core.effects, []
        return effects

    def on_transport_failed(self, flow: Flow, sent: bool, now: Instant) -> None:
        """The way to this far end broke; `sent` says whether what was handed over may have left."""
        self._core.timers.now = now
        why = Silence.TRANSPORT_AFTER_SENDING if sent else Silence.TRANSPORT_BEFORE_SENDING
        for transaction in [held for held in self._core.client.values() if held.flow == flow]:
            transaction.fail(why, now)

    # Calls that we place

    def invite(self, request: InviteRequest, now: Instant) -> CallKey:
        """Places a call. Raises `SipArgumentError`. At full capacity nothing is sent and `CallFailed` says so."""
        core = self._core
        core.timers.now = now
        if len(core.calls) >= core.settings.max_calls or len(core.client) >= core.settings.max_transactions:
            core.counts.refused_for_capacity += 1
            key = CallKey(core.tag())
            core.effects.append(CallFailed(key, from_local(Local.CAPACITY)))
            return key
        return OutgoingCall(core, request, now).key

    # Calls that come to us

    def ring(self, call: CallKey, now: Instant, status: int = 180, sdp: bytes = b"", reliable: bool = False) -> None:
        """A provisional answer to an offered call."""
        found = self._core.calls.get(call)
        if isinstance(found, IncomingCall):
            self._core.timers.now = now
            found.ring(status, sdp, reliable, now)

    def answer(self, call: CallKey, sdp: bytes, now: Instant) -> None:
        """Takes an offered call."""
        found = self._core.calls.get(call)
        if isinstance(found, IncomingCall):
            self._core.timers.now = now
            found.answer(sdp, now)

    def reject(
        self, call: CallKey, status: int, now: Instant, reason: str = "", headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        """Refuses an offered call with a final status. Raises `SipArgumentError` for headers that cannot be sent."""
        lines = checked_headers(headers)
        checked_text(reason, "reason")
        found = self._core.calls.get(call)
        if isinstance(found, IncomingCall):
            self._core.timers.now = now
            found.reject(status, reason, lines, now)

    # All calls

    def hang_up(self, call: CallKey, now: Instant) -> None:
        """Ends a call: CANCEL while it rings, BYE when it stands, 480 when it was offered and not answered."""
        found = self._core.calls.get(call)
        if found is not None:
            self._core.timers.now = now
            found.hang_up(now)

    def reinvite(self, call: CallKey, sdp: bytes, now: Instant) -> None:
        """Offers another session description; `MediaAnswered` or `MediaRefused` follows."""
        found = self._core.calls.get(call)
        if found is not None:
            self._core.timers.now = now
            cast(TalkingCall, found).reinvite(sdp, now)

    def accept_media(self, call: CallKey, sdp: bytes, now: Instant) -> None:
        """Answers a `MediaOffered`."""
        found = self._core.calls.get(call)
        if found is not None:
            self._core.timers.now = now
            cast(TalkingCall, found).accept_media(sdp, now)

    def refuse_media(self, call: CallKey, now: Instant, status: int = 488) -> None:
        """Refuses a `MediaOffered`."""
        found = self._core.calls.get(call)
        if found is not None:
            self._core.timers.now = now
            cast(TalkingCall, found).refuse_media(status, now)

    # Trunks

    def register(self, request: RegisterRequest, now: Instant) -> TrunkKey:
        """Registers a trunk and keeps it registered until `unregister`. Raises `SipArgumentError`."""
        self._core.timers.now = now
        checked(request.registrar_uri, "registrar_uri")
        checked(request.address_of_record, "address_of_record")
        registration = Registration(self._core, request)
        self._registrations[registration.key] = registration
        registration.start(now)
        if request.keep_alive_s:
            self.keep_alive(request.flow, request.keep_alive_s, now)
        return registration.key

    def unregister(self, trunk: TrunkKey, now: Instant) -> None:
        """Takes the registration back and stops renewing it."""
        registration = self._registrations.pop(trunk, None)
        if registration is not None:
            self._core.timers.now = now
            registration.stop(now)
            self.stop_keep_alive(registration.flow)

    def keep_alive(
        self, flow: Flow, every_s: float, now: Instant, options_uri: str = "", credentials: Credentials | None = None
    ) -> None:
        """Keeps the way to a trunk open: double line ends, or OPTIONS to `options_uri` with `TrunkReachable` events."""
        self._core.timers.now = now
        self.stop_keep_alive(flow)
        self._keep_alives[flow] = KeepAlive(self._core, flow, every_s, options_uri, now, credentials)

    def stop_keep_alive(self, flow: Flow) -> None:
        """Stops it."""
        kept = self._keep_alives.pop(flow, None)
        if kept is not None:
            kept.stop()

    def respond(
        self, token: str, status: int, now: Instant, headers: tuple[tuple[str, str], ...] = (), body: bytes = b""
    ) -> None:
        """Answers a `RequestReceived`. Raises `SipArgumentError`."""
        lines = checked_headers(headers)
        transaction = self._core.server.get(token)
        if transaction is not None:
            self._core.timers.now = now
            transaction.respond(status, now, lines, body)

    # What it holds

    @property
    def counts(self) -> Counts:
        """Counts since the start."""
        return self._core.counts

    def held(self) -> dict[str, int]:
        """How many calls, transactions and timer entries are held; all zero when nothing is going on."""
        core = self._core
        return {
            "calls": len(core.calls),
            "client_transactions": len(core.client),
            "server_transactions": len(core.server),
            "merge_keys": len(core.merged),
            "timers": len(core.timers),
        }


def _read_untrusted(data: bytes) -> Request | Response:
    """The message, an answer also where its lines are not as they should be. Raises only `SipParseError`."""
    try:
        return parse_message_untrusted(data)
    except SipParseError:
        mended = mended_answer_untrusted(data)
        if not mended:
            raise
        return parse_message_untrusted(mended)
