"""Trunk registration (中继注册): REGISTER, challenges, refreshes, 423, further tries after failures (RFC 3261 §10).

idle -> registering -> registered -> registering ...
registering -> waiting (failed; doubling pauses) -> registering
"""

from math import inf
from typing import Final

from baitie.kernel.time import Instant
from baitie.wire.sip.auth import DigestClient
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
    split_list,
)
from baitie.wire.sip.message import Response
from baitie.wire.sip.settings import RegisterRequest
from baitie.wire.sip.timers import Timed

FIRST_PAUSE_S: Final = 30.0
MAX_PAUSE_S: Final = 1800.0
"""RFC 5626 §4.5: pauses double from 30 s up to half an hour."""
MAX_TRIES_AT_ONCE: Final = 4
"""REGISTER requests that one refresh may take: challenges and 423 included."""
MAX_EXPIRES_S: Final = 86_400


class Registration(Timed):
    """Keeps one address of record registered at one registrar."""

    __slots__ = (
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
        self._stopping = False
        self._digest = DigestClient(request.credentials, core.rng) if request.credentials is not None else None

    @property
    def flow(self) -> Flow:
        """Where REGISTER goes."""
        return self._request.flow

    def start(self, now: Instant) -> None:
        """The first REGISTER, or a refresh."""
        self._tries = 0
        if self._digest is not None:
            self._digest.renew()
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
        if self._digest is not None:
            extra += self._digest.header_line("REGISTER", head.uri)
        ClientTransaction(core, "REGISTER", head, extra, b"", self._request.flow, self._on_reply).start(now)

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
            name = "www-authenticate" if reply.status == 401 else "proxy-authenticate"
            return self._digest.take_challenge(reply.status, reply.every(name))
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
        """The seconds that the registrar granted our Contact: its parameter, else the Expires header, else our wish."""
        ours = self._contact().strip("<>")
        try:
            for line in reply.every("contact"):
                for element in split_list(line):
                    address = parse_address_untrusted(element)
                    if address.uri == ours and "expires" in address.params:
                        return min(parse_seconds_untrusted(address.params["expires"]), MAX_EXPIRES_S)
            if reply.first("expires"):
                return min(parse_seconds_untrusted(reply.first("expires")), MAX_EXPIRES_S)
        except SipParseError:
            self._core.counts.parse_errors += 1
        return self._expires_s

    def _on_failure(self, reply: Reply, now: Instant) -> None:
        core = self._core
        if isinstance(reply, Silence):
            failure = from_local(
                Local.TRANSPORT_BEFORE_SENDING if reply is Silence.TRANSPORT_BEFORE_SENDING else Local.NO_RESPONSE
            )
        elif reply.status in (401, 407) and self._digest is None:
            failure = from_local(Local.CREDENTIALS, reply.status)
        else:
            failure = from_status(reply.status, presentable(reply.first("reason")) or None)
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
