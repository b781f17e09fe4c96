"""SDP for telephone audio: reading descriptions, and the offer/answer exchange for PCMA, PCMU and telephone-event."""

from baitie.wire.sdp.description import (
    Direction,
    MediaDescription,
    SdpError,
    SessionDescription,
    parse_sdp_untrusted,
    serialise,
)
from baitie.wire.sdp.negotiation import LocalMedia, MediaAgreement, MediaRefusal, accept_answer, make_answer, make_offer
from baitie.wire.sdp.talks import MediaTalks

__all__ = [
    "Direction",
    "LocalMedia",
    "MediaAgreement",
    "MediaDescription",
    "MediaRefusal",
    "MediaTalks",
    "SdpError",
    "SessionDescription",
    "accept_answer",
    "make_answer",
    "make_offer",
    "parse_sdp_untrusted",
    "serialise",
]
