"""Keys as named telephone events in RTP (RFC 4733): reading presses and sending them."""

from baitie.wire.dtmf.event import KEYS, DtmfError, TelephoneEvent, parse_event_untrusted
from baitie.wire.dtmf.receiver import KeyReceiver
from baitie.wire.dtmf.sender import KeyPacket, KeySender
from baitie.wire.dtmf.two_ways import KeyWay, TwoWayKeys

__all__ = [
    "KEYS",
    "DtmfError",
    "KeyPacket",
    "KeyReceiver",
    "KeySender",
    "KeyWay",
    "TelephoneEvent",
    "TwoWayKeys",
    "parse_event_untrusted",
]
