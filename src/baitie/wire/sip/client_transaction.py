"""Client transactions: RFC 3261 §17.1 (timers A, B, D, E, F, K) and the accepted state of RFC 6026 (timer M).

INVITE      calling -> proceeding -> completed (300-699, timer D) | accepted (2xx, timer M)
            calling, proceeding -> lapsed (no final answer in time): late answers still reach the owner
others      trying -> proceeding -> completed (timer K)
"""

from collections.abc import Callable
from enum import Enum, auto
from math import inf

from baitie.kernel.time import Instant
from baitie.wire.sip.auth import Asked
from baitie.wire.sip.core import LARGE_BYTES, Core, RequestHead, render_request
from baitie.wire.sip.effects import Flow
from baitie.wire.sip.headers import branch_of
from baitie.wire.sip.message import Response
from baitie.wire.sip.timers import Timed


class Silence(Enum):
    """A request that got no final answer."""

    NO_RESPONSE = auto()
    TRANSPORT_BEFORE_SENDING = auto()
    TRANSPORT_AFTER_SENDING = auto()


class ClientState(Enum):
    """States of both kinds of client transaction."""

    TRYING = auto()
    PROCEEDING = auto()
    COMPLETED = auto()
    ACCEPTED = auto()
    LAPSED = auto()
    GONE = auto()


Reply = Response | Silence
Handler = Callable[["ClientTransaction", Reply, Instant], None]


class ClientTransaction(Timed):
    """One request on its way. `handler` hears provisional answers, the final one, and for INVITE each further 2xx.

    `credentials` are the header lines that an ACK repeats (RFC 3261 §22.1); `asked` is what the request and those that
    it repeats were challenged for.
    """

    __slots__ = ("_ack", "_core", "_data", "_expires_at", "_interval_s", "_key", "asked", "body", "credentials",
                 "extra", "flow", "handler", "head", "method", "state")  # fmt: skip

    def __init__(
        self, core: Core, method: str, head: RequestHead, extra: str, body: bytes, flow: Flow, handler: Handler,
        credentials: str = "", asked: Asked | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self._core = core
        self.method = method
        self.head = head
        self.extra = extra
        self.body = body
        self.flow = flow
        self.handler = handler
        self.credentials = credentials
        self.asked = asked
        self.state = ClientState.TRYING
        self._data = b""
        self._ack = b""
        self._interval_s = 0.0
        self._expires_at = inf
        self._key = head.via[head.via.rfind("=") + 1 :] + method

    def start(self, now: Instant, data: bytes = b"") -> None:
        """Sends the request; `data` is its bytes if the caller has rendered them already."""
        core = self._core
        settings = core.settings
        self._data = data or render_request(self.method, self.head, self.extra + self.credentials, self.body)
        core.client[self._key] = self
        self._expires_at = now + 64 * settings.t1_s
        if self.flow.transport == "UDP":
            self._interval_s = settings.t1_s
            core.timers.arm(self, now + settings.t1_s)
            if len(self._data) > LARGE_BYTES:
                core.counts.large_by_udp += 1
        else:
            core.timers.arm(self, self._expires_at)
        core.send(self._data, self.flow)

    def receive(self, response: Response, now: Instant) -> None:
        """An answer whose branch and method are those of this transaction."""
        if self.method == "INVITE":
            self._receive_invite(response, now)
            return
        if self.state not in (ClientState.TRYING, ClientState.PROCEEDING):
            self._core.counts.retransmissions_received += 1
        elif response.status < 200:
            self.state = ClientState.PROCEEDING
            self._interval_s = self._core.settings.t2_s
            self.handler(self, response, now)
        else:
            handler = self.handler
            self._complete(now, self._core.settings.t4_s)
            handler(self, response, now)

    def _receive_invite(self, response: Response, now: Instant) -> None:
        state = self.state
        status = response.status
        core = self._core
        waiting = state is ClientState.TRYING or state is ClientState.PROCEEDING
        if status < 200:
            if waiting:
                if state is ClientState.TRYING:
                    self.state = ClientState.PROCEEDING
                    self._expires_at = inf
                    self.deadline = inf
                self.handler(self, response, now)
        elif status < 300:
            if waiting:
                self.state = ClientState.ACCEPTED
                self._data = b""
                self._expires_at = now + 64 * core.settings.t1_s
                core.timers.arm(self, self._expires_at)
            self.handler(self, response, now)
        elif waiting:
            self._complete(now, 64 * core.settings.t1_s)
            self._acknowledge(response)
            self.handler(self, response, now)
        elif state is ClientState.COMPLETED or state is ClientState.LAPSED:
            core.counts.retransmissions_received += 1
            self._acknowledge(response)

    def expire_after_cancel(self, now: Instant) -> None:
        """After a CANCEL the final answer is waited for no longer than 64*T1 (RFC 3261 §9.1)."""
        if self.state is ClientState.PROCEEDING:
            self._expires_at = now + 64 * self._core.settings.t1_s
            self._core.timers.arm(self, self._expires_at)

    def fail(self, why: Silence, now: Instant) -> None:
        """The transport said that the request, or its answer, cannot come through."""
        if self.state is ClientState.TRYING or self.state is ClientState.PROCEEDING:
            self._give_up(why, now)

    def on_deadline(self, now: Instant) -> None:
        """A retransmission is due, or the transaction's time is over."""
        core = self._core
        state = self.state
        if state is not ClientState.TRYING and state is not ClientState.PROCEEDING:
            self._remove()
        elif now >= self._expires_at:
            self._give_up(Silence.NO_RESPONSE, now)
        elif self.method != "INVITE" or state is ClientState.TRYING:
            core.counts.retransmissions_sent += 1
            core.send(self._data, self.flow)
            self._interval_s *= 2
            if self.method != "INVITE" and (self._interval_s > core.settings.t2_s or state is ClientState.PROCEEDING):
                self._interval_s = core.settings.t2_s
            core.timers.arm(self, min(now + self._interval_s, self._expires_at))

    def _give_up(self, why: Silence, now: Instant) -> None:
        handler = self.handler
        if self.method == "INVITE" and why is not Silence.TRANSPORT_BEFORE_SENDING:
            self.state = ClientState.LAPSED
            self._core.timers.arm(self, now + 64 * self._core.settings.t1_s)
        else:
            self._remove()
        self._data = b""
        handler(self, why, now)

    def _complete(self, now: Instant, linger_s: float) -> None:
        self._data = b""
        if self.flow.transport != "UDP" and self.method != "INVITE":
            self._remove()
            return
        self.state = ClientState.COMPLETED
        self._core.timers.arm(self, now + linger_s)

    def _remove(self) -> None:
        self.state = ClientState.GONE
        self.deadline = inf
        self._core.client.pop(self._key, None)
        self.handler = _nobody

    def _acknowledge(self, response: Response) -> None:
        """ACK for a final answer above 299: of this transaction, hop by hop (RFC 3261 §17.1.1.3)."""
        if not self._ack:
            head = self.head._replace(to=response.first("to"))
            self._ack = render_request("ACK", head, self.credentials, b"")
        self._core.send(self._ack, self.flow)


def _nobody(transaction: ClientTransaction, reply: Reply, now: Instant) -> None:
    """Stands in for the owner once a transaction is over, so that neither keeps the other alive."""


def response_key(response: Response) -> str | None:
    """The key of the client transaction that this answer belongs to."""
    vias = response.headers.get("via")
    cseqs = response.headers.get("cseq")
    if not vias or not cseqs:
        return None
    number_and_method = cseqs[0].split()
    return branch_of(vias[0]) + (number_and_method[-1].upper() if number_and_method else "")
