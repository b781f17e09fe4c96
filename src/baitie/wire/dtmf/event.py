"""The payload of a telephone-event packet (RFC 4733 §2.3): four octets."""

import struct
from typing import NamedTuple

from baitie.kernel.errors import WireError

KEYS = "0123456789*#ABCD"  # the event code of a key is its place here (RFC 4733 table 3)
DURATION_MAX = 0xFFFF  # samples; a longer press goes on in a further segment
_LAYOUT = struct.Struct("!BBH")


class DtmfError(WireError):
    """A telephone-event payload does not follow RFC 4733. It is dropped; the press has other packets."""

    code = "dtmf-malformed"


class TelephoneEvent(NamedTuple):
    """One report of a press (按键事件). `volume_dbm0` is 0 to 63 below zero, `duration_samples` counts from its
    segment's begin."""

    code: int
    is_end: bool
    volume_dbm0: int
    duration_samples: int

    def serialise(self) -> bytes:
        """The four octets."""
        return _LAYOUT.pack(self.code, self.is_end << 7 | self.volume_dbm0, self.duration_samples)


def parse_event_untrusted(payload: bytes) -> TelephoneEvent:
    """Read a telephone-event payload; further reports in the same packet are passed over. Raises DtmfError only."""
    if len(payload) < _LAYOUT.size:
        raise DtmfError(bytes=len(payload))
    code, flags, duration = _LAYOUT.unpack_from(payload)
    return TelephoneEvent(code, flags >= 0x80, flags & 0x3F, duration)
