"""Media of calls on real sockets: RTP, prompts, keys, recordings, in the caller's loop or in a process of its own."""

from baitie.adapters.media.engine import MediaEngine
from baitie.adapters.media.errors import MediaError, MediaOverloadedError, MediaProcessError, MediaProtocolError
from baitie.adapters.media.plane import MediaPlane
from baitie.adapters.media.process import MediaProcess
from baitie.adapters.media.recording import RecordingError, repair_recording, repair_recordings
from baitie.wire.g711.prompts import PromptError, load_prompt_untrusted

__all__ = [
    "MediaEngine",
    "MediaError",
    "MediaOverloadedError",
    "MediaPlane",
    "MediaProcess",
    "MediaProcessError",
    "MediaProtocolError",
    "PromptError",
    "RecordingError",
    "load_prompt_untrusted",
    "repair_recording",
    "repair_recordings",
]
