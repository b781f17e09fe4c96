"""What a media session tells its owner, and the figures at its end."""

from dataclasses import dataclass
from typing import TypeAlias

from baitie.kernel.time import Instant
from baitie.kernel.undefined import Undefined


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """The peer pressed a key: one of `0-9*#A-D`, once per press."""

    call_key: str
    key: str


@dataclass(frozen=True, slots=True)
class PlayFinished:
    """A play order came to its end, or was stopped."""

    call_key: str
    play_id: int
    was_stopped: bool


@dataclass(frozen=True, slots=True)
class MediaStarted:
    """The first packet of the peer arrived."""

    call_key: str
    at: Instant


@dataclass(frozen=True, slots=True)
class MediaLost:
    """The peer ought to send and has been silent for `silent_ms`. Said once until packets come again."""

    call_key: str
    silent_ms: int


@dataclass(frozen=True, slots=True)
class RecordingFailed:
    """The recording of this call broke off (`reason` in kebab-case); the call goes on. What was written stays."""

    call_key: str
    reason: str


@dataclass(frozen=True, slots=True)
class MediaFailed:
    """This call has no media any more: the media process died or refused it. Final: nothing follows for this call."""

    call_key: str
    reason: str


MediaEvent: TypeAlias = KeyPressed | PlayFinished | MediaStarted | MediaLost | RecordingFailed | MediaFailed


@dataclass(frozen=True, slots=True)
class MediaSummary:
    """Figures of one call's media (媒体统计). `remote_lost_packets` is what the peer reported of ours by RTCP."""

    call_key: str
    packets_sent: int
    packets_received: int
    packets_lost: int
    packets_duplicated: int
    packets_refused: int  # from strangers, malformed, or of an unknown payload type
    jitter_ms: float | Undefined
    remote_lost_packets: int | Undefined
    first_packet_at: Instant | None
    recording: str | None
    recorded_ms: int
