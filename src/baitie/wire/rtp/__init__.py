"""RTP and RTCP for telephone audio (RFC 3550, 3551, 4961): packets, reception, and the media session of one call."""

from baitie.wire.rtp.events import (
    KeyPressed,
    MediaEvent,
    MediaFailed,
    MediaLost,
    MediaStarted,
    MediaSummary,
    PlayFinished,
    RecordingFailed,
)
from baitie.wire.rtp.packet import RtpError, RtpPacket, parse_rtp_untrusted
from baitie.wire.rtp.rtcp import parse_rtcp_untrusted, serialise_rtcp
from baitie.wire.rtp.session import FRAME_S, FRAME_SAMPLES, RtpSession

__all__ = [
    "FRAME_S",
    "FRAME_SAMPLES",
    "KeyPressed",
    "MediaEvent",
    "MediaFailed",
    "MediaLost",
    "MediaStarted",
    "MediaSummary",
    "PlayFinished",
    "RecordingFailed",
    "RtpError",
    "RtpPacket",
    "RtpSession",
    "parse_rtcp_untrusted",
    "parse_rtp_untrusted",
    "serialise_rtcp",
]
