"""Offers calls with sippy on its own event loop.

Its transaction manager compares the transport's name case-sensitively and fails on a Contact with `transport=UDP`,
which RFC 3261 allows and SIPp sends; the name is put into lower case here so that it can take part at all.
"""

from __future__ import annotations

import socket
import time

from sippy.CCEvents import CCEventConnect, CCEventDisconnect, CCEventFail, CCEventTry
from sippy.Core.EventDispatcher import ED2
from sippy.MsgBody import MsgBody
from sippy.SipConf import SipConf
from sippy.SipTransactionManager import SipTransactionManager
from sippy.SipURL import SipURL
from sippy.Time.Timeout import Timeout
from sippy.UA import UA
from tally import Order, Tally, order_from_arguments

SETTLE_S = 1.0
GIVE_UP_S = 20.0
OFFER = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
)


class NoLog:
    """Takes what sippy would log and drops it."""

    def write(self, *_: object, **__: object) -> None: ...


def lower_transport(url: SipURL) -> tuple[tuple[str, int], str]:
    return url.getAddr(), str(url.transport or SipConf.default_transport).lower()


class Caller:
    """Places the ordered calls from a timer of sippy's loop and hangs each up when it is answered."""

    def __init__(self, order: Order) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        SipConf.my_address, SipConf.my_port = "127.0.0.1", port
        self.order = order
        self.config = {"_sip_address": "127.0.0.1", "_sip_port": port, "_sip_logger": NoLog()}
        self.config["_sip_tm"] = SipTransactionManager(self.config, lambda request, transaction: None)
        self.tally = Tally()
        self.open: dict[UA, float] = {}
        self.timer = Timeout(self.tick, 0.005, -1)

    def tick(self) -> None:
        now = time.monotonic()
        due = min(self.order.calls, int((now - self.tally.started_at) * self.order.calls_per_s) + 1)
        while self.tally.placed < due:
            self.place()
        ended = self.tally.placed == self.order.calls and not self.open
        late = now > self.tally.started_at + self.order.calls / self.order.calls_per_s + GIVE_UP_S
        if ended or late:
            self.timer.cancel()
            self.tally.failed += len(self.open)
            Timeout(self.finish, SETTLE_S)

    def place(self) -> None:
        address = (self.order.host, self.order.port)
        agent = UA(self.config, event_cb=self.take_event, nh_address=address)
        self.open[agent] = time.monotonic()
        self.tally.placed += 1
        agent.recvEvent(CCEventTry((None, "caller", "callee", MsgBody(OFFER), None, None)))

    def take_event(self, event: object, agent: UA) -> None:
        if agent not in self.open:
            return
        if isinstance(event, CCEventConnect):
            self.tally.take_answer(time.monotonic() - self.open.pop(agent))
            # Not at once: this runs inside the handling of the 200, before its ACK has left.
            Timeout(agent.recvEvent, 0.0, 1, CCEventDisconnect())
        elif isinstance(event, CCEventFail | CCEventDisconnect):
            del self.open[agent]
            self.tally.failed += 1

    def finish(self) -> None:
        self.tally.say()
        ED2.breakLoop()


if __name__ == "__main__":
    SipURL.getTAddr = lower_transport
    Caller(order_from_arguments())
    ED2.loop()
