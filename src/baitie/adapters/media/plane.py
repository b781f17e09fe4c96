"""What callers of media rely on, wherever it runs. `MediaEngine` (in the loop) and `MediaProcess` fulfil it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from baitie.wire.rtp import MediaEvent, MediaSummary
from baitie.wire.sdp import MediaAgreement


class MediaPlane(Protocol):
    """Media plane (媒体面). Life of a call: `open`, `connect` once or more, `play` and others at will, `close`.

    Orders for a call that is not open (any more) are passed over: it may have ended a moment ago.
    """

    def listen(self, on_event: Callable[[MediaEvent], None]) -> None:
        """Where events go, in the loop's thread. Set before `start`."""
        ...

    async def start(self) -> None: ...
    async def stop(self) -> None:
        """Close every call, complete the recordings, give up the sockets."""
        ...

    async def load_prompts(self, prompts: Mapping[str, Path]) -> None:
        """Read prompt files under names, once. Raises PromptError with the file and the remedy."""
        ...

    async def open(self, call_key: str, recording: Path | None = None) -> int:
        """Take a port for RTP (even; RTCP the next one) and give its number, for SDP. Raises MediaError."""
        ...

    def connect(self, call_key: str, agreement: MediaAgreement) -> None:
        """Send and receive as agreed; again after a re-INVITE. The recording begins with the first."""
        ...

    def play(self, call_key: str, play_id: int, prompts: Sequence[str]) -> None:
        """Play loaded prompts behind what waits; ends in one PlayFinished. Raises PromptError for an unknown name."""
        ...

    def stop_playing(self, call_key: str) -> None: ...
    def send_keys(self, call_key: str, keys: str) -> None: ...
    async def close(self, call_key: str) -> MediaSummary | None:
        """End the call's media, complete its recording. None: not open, or its figures died with the process."""
        ...


def tell(on_event: Callable[[MediaEvent], None], event: MediaEvent) -> None:
    """Hand over an event. A listener that raises is reported to the loop: it must not end the media of all calls."""
    try:
        on_event(event)
    except Exception as error:
        context = {"message": "a listener to media events failed", "exception": error}
        asyncio.get_running_loop().call_exception_handler(context)
