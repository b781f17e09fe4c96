"""Trunk registration (中继注册): REGISTER, challenges, refreshes, 423, further tries after failures (RFC 3261 §10).

idle -> registering -> registered -> registering ...
registering -> waiting (failed; doubling pauses) -> registering
"""

from math import inf
from typing import Final

from baitie.kernel.time import Instant
from baitie.wire.sip.auth import Asked, DigestClient, Verdict
from baitie.wire.sip.client_transaction import ClientTransaction, Reply, Silence
from baitie.wire.sip.core import Core, RequestHead
from baitie.wire.sip.effects import Flow, Registered, RegistrationFailed, TrunkKey, Unregistered
from baitie.wire.sip.errors import SipParseError
from baitie.wire.sip.failures import Local, from_local, from_status
from baitie.wire.sip.headers import (
    first_of,
    parse_address_untrusted,
    parse_seconds_untrusted,
    parse_via_untrusted,
    presentable,
    reason_of,
    split_list,
)
from baitie.wire.sip.message import Response
from baitie.wire.sip.settings import RegisterRequest
from baitie.wire.sip.timers import Timed
from baitie.wire.sip.uri import is_same_uri, parse_uri_untrusted

FIRST_PAUSE_S: Final = 30.0
MAX_PAUSE_S: Final = 1800.0
"""RFC 5626 §4.5: pauses double from 30 s up to half an hour."""
MAX_TRIES_AT_ONCE: Final = 8
"""REGISTER requests that one refresh may take: challenges and 423 included."""
MAX_EXPIRES_S: Final = 86_400
MAX_CONTACTS_READ: Final = 64
"""Bindings of an answer that are looked through for our own."""


class Registration(Timed):
    """Keeps one address of record registered at one registrar."""

    __slots__ = (
        "_asked",
        "_core",
        "_cseq",
        "_digest",
        "_expires_s",
        "_failures",
        "_head",
        "_request",
        "_stopping",
        "_tries",
        "key",
    )

    def __init__(self, core: Core, request: RegisterRequest) -> None:
        super().__init__()
        self._core = core
        self._request = request
        self.key = TrunkKey(core.tag() + core.tag())
        aor = request.address_of_record
        self._head = RequestHead(
            request.registrar_uri, "", "", f"<{aor}>;tag={core.tag()}", f"<{aor}>", self.key, 0
        )  # fmt: skip
        self._cseq = 0
        self._expires_s = request.expires_s
        self._failures = 0
        self._tries = 0
        self._asked = Asked()
        self._stopping = False
        self._digest = DigestClient(request.credentials, core.rng) if request.credentials is not None else None

    @property
    def flow(self) -> Flow:
        """Where REGISTER goes."""
        return self._request.flow

    def start(self, now: Instant) -> None:
        """The first REGISTER, or a refresh."""
        self._tries = 0
        self._asked = Asked()
        self._send(now)

    def stop(self, now: Instant) -> None:
        """REGISTER with Expires 0."""
        self._stopping = True
        self._expires_s = 0
        self.deadline = inf
        self.start(now)

    def on_deadline(self, now: Instant) -> None:
        """A refresh or another try is due."""
        self.start(now)

    def _send(self, now: Instant) -> None:
        core = self._core
        transport = self._request.flow.transport
        self._tries += 1
        self._cseq += 1
        head = self._head._replace(via=core.via(transport), cseq=self._cseq)
        extra = f"Contact: {self._contact()}\r\nExpires: {self._expires_s}\r\n"
        credentials = "" if self._digest is None else self._digest.header_lines("REGISTER", head.uri)
        flow = self._request.flow
        ClientTransaction(core, "REGISTER", head, extra, b"", flow, self._on_reply, credentials, self._asked).start(now)

    def _contact(self) -> str:
        contact = self._core.contact(self._request.flow.transport)
        user = self._request.contact_user
        return f"<sip:{user}@{contact.partition('@')[2]}" if user else contact

    def _on_reply(self, transaction: ClientTransaction, reply: Reply, now: Instant) -> None:
        if isinstance(reply, Response) and reply.status < 200:
            return
        if transaction.head.cseq != self._cseq:
            return  # an answer to a REGISTER that a later one has overtaken
        if isinstance(reply, Response) and reply.status < 300:
            self._on_success(reply, now)
        elif isinstance(reply, Response) and self._tries < MAX_TRIES_AT_ONCE and self._can_mend(reply):
            self._send(now)
        else:
            self._on_failure(reply, now)

    def _can_mend(self, reply: Response) -> bool:
        if reply.status in (401, 407) and self._digest is not None:
            return self._digest.take_challenge(reply, self._asked) is Verdict.AGAIN
        if reply.status != 423 or self._stopping:
            return False
        try:
            min_expires_s = parse_seconds_untrusted(reply.first("min-expires"))
        except SipParseError:
            return False
        if not self._expires_s < min_expires_s <= MAX_EXPIRES_S:
            return False
        self._expires_s = min_expires_s
        return True

    def _on_success(self, reply: Response, now: Instant) -> None:
        core = self._core
        self._failures = 0
        if self._stopping:
            core.effects.append(Unregistered(self.key))
            return
        if self._learned_address(reply):
            self._send(now)
            return
        granted_s = self._granted_s(reply)
        core.effects.append(Registered(self.key, granted_s))
        core.timers.arm(self, now + max(1.0, granted_s - max(granted_s * 0.1, min(32.0, granted_s / 2))))

    def _learned_address(self, reply: Response) -> bool:
        """Whether the registrar saw us at another address than we show; then that one is shown from here on."""
        seen = public_address(reply) if self._request.learn_public_address else None
        if seen is None or self._tries >= MAX_TRIES_AT_ONCE:
            return False
        transport = self._request.flow.transport
        before = self._core.contact(transport)
        self._core.set_contact(transport, *seen)
        return self._core.contact(transport) != before

    def _granted_s(self, reply: Response) -> int:
        """The seconds granted to our Contact: its parameter, else the Expires header, else our wish (RFC 3261 §10.2.4).

        Where the registrar shows our Contact in a form that is not ours, the shortest of those shown is taken.
        """
        ours = parse_uri_untrusted(self._contact().strip("<>"))
        of_others: list[int] = []
        for element in [piece for line in reply.every("contact") for piece in split_list(line)][:MAX_CONTACTS_READ]:
            try:
                address = parse_address_untrusted(element)
                expires = address.params.get("expires", "")
                granted_s = min(parse_seconds_untrusted(expires), MAX_EXPIRES_S) if expires else None
                is_ours = is_same_uri(parse_uri_untrusted(address.uri), ours)
            except SipParseError:
                self._core.counts.parse_errors += 1
                continue
            if is_ours and granted_s is not None:
                return granted_s
            if is_ours:
                of_others.clear()
                break
            if granted_s is not None:
                of_others.append(granted_s)
        try:
            if reply.first("expires"):
                of_others.append(min(parse_seconds_untrusted(reply.first("expires")), MAX_EXPIRES_S))
        except SipParseError:
            self._core.counts.parse_errors += 1
        return min(of_others, default=self._expires_s)

    def _on_failure(self, reply: Reply, now: Instant) -> None:
        core = self._core
        if isinstance(reply, Silence):
            failure = from_local(
                Local.TRANSPORT_BEFORE_SENDING if reply is Silence.TRANSPORT_BEFORE_SENDING else Local.NO_RESPONSE
            )
        elif reply.status in (401, 407) and self._digest is None:
            failure = from_local(Local.CREDENTIALS, reply.status)
        elif reply.status in (401, 407) and self._digest is not None and not self._digest.can_answer(reply):
            failure = from_local(Local.CHALLENGE, reply.status)
        else:
            failure = from_status(reply.status, reason_of(reply))
        if isinstance(reply, Response):
            failure.details["phrase"] = presentable(reply.reason)
        if self._stopping:
            core.effects.append(Unregistered(self.key))
            return
        pause_s = min(FIRST_PAUSE_S * 2.0**self._failures, MAX_PAUSE_S)
        pause_s *= 0.5 + core.rng.getrandbits(16) / 131_072
        self._failures = min(self._failures + 1, 10)
        core.effects.append(RegistrationFailed(self.key, failure, pause_s))
        core.timers.arm(self, now + pause_s)


def public_address(reply: Response) -> tuple[str, int] | None:
    """Where the registrar saw our request come from: received and rport of the top Via (RFC 3581), if it says."""
    try:
        via = parse_via_untrusted(first_of(reply.first("via")))
    except SipParseError:
        return None
    port = via.params.get("rport", "")
    host = via.params.get("received") or via.host
    return (host, int(port)) if port.isascii() and port.isdigit() and len(port) <= 5 else None
