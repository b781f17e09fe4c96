"""Keep-alives (保活): hold the way through a NAT open, and notice a trunk that went silent (RFC 5626 §3.5)."""

from math import inf

from baitie.kernel.time import Instant
from baitie.wire.sip.auth import Asked, Credentials, DigestClient, Verdict
from baitie.wire.sip.client_transaction import ClientTransaction, Reply, Silence
from baitie.wire.sip.core import Core, RequestHead
from baitie.wire.sip.effects import Flow, TrunkReachable
from baitie.wire.sip.framing import PING
from baitie.wire.sip.timers import Timed
from baitie.wire.sip.uri import checked


class KeepAlive(Timed):
    """Sends something along one way every `every_s`: double line ends, or OPTIONS when a URI is given."""

    __slots__ = (
        "_asked",
        "_call_id",
        "_core",
        "_cseq",
        "_digest",
        "_every_s",
        "_flow",
        "_options_uri",
        "_reachable",
        "_stopped",
    )

    def __init__(
        self, core: Core, flow: Flow, every_s: float, options_uri: str, now: Instant, credentials: Credentials | None
    ) -> None:
        super().__init__()
        self._core = core
        self._flow = flow
        self._every_s = max(every_s, 1.0)
        self._options_uri = checked(options_uri, "options_uri") if options_uri else ""
        self._cseq = 0
        self._digest = None if credentials is None else DigestClient(credentials, core.rng)
        self._asked = Asked()
        self._call_id = core.tag() + core.tag()
        self._reachable: bool | None = None
        self._stopped = False
        core.timers.arm(self, now + (0.0 if options_uri else self._every_s))

    def stop(self) -> None:
        """No more of it."""
        self._stopped = True
        self.deadline = inf

    def on_deadline(self, now: Instant) -> None:
        """The next one is due."""
        core = self._core
        core.timers.arm(self, now + self._every_s)
        if not self._options_uri:
            core.send(PING, self._flow)
            return
        self._asked = Asked()
        self._ask(now)

    def _ask(self, now: Instant) -> None:
        core = self._core
        self._cseq += 1
        user = core.contact(self._flow.transport)
        uri = self._options_uri
        head = RequestHead(
            uri, core.via(self._flow.transport), "", f"{user};tag={core.tag()}", f"<{uri}>", self._call_id, self._cseq
        )
        lines = "" if self._digest is None else self._digest.header_lines("OPTIONS", uri)
        ClientTransaction(core, "OPTIONS", head, "", b"", self._flow, self._on_reply, lines, self._asked).start(now)

    def _on_reply(self, transaction: ClientTransaction, reply: Reply, now: Instant) -> None:
        """Any final answer, even a refusal, shows a living trunk; 503 says it does not take calls.

        A challenge is answered, so that the trunk behind a proxy is heard.
        """
        if not isinstance(reply, Silence):
            if reply.status < 200 or transaction.asked is not self._asked:
                return
            may_answer = reply.status in (401, 407) and not self._stopped
            digest = self._digest if may_answer else None
            if digest is not None and digest.take_challenge(reply, self._asked) is Verdict.AGAIN:
                self._ask(now)
                return
        reachable = not isinstance(reply, Silence) and reply.status not in (408, 503)
        if reachable is not self._reachable and not self._stopped:
            self._reachable = reachable
            self._core.effects.append(TrunkReachable(self._flow, reachable))
