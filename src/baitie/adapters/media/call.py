"""What the engine holds per call: the session, its two sockets, its recording."""

from pathlib import Path
from socket import socket

from baitie.adapters.media.writer import Recording, RecordingWriter
from baitie.kernel.time import Instant
from baitie.wire.rtp import RtpSession


class MediaCall:
    """Resources of one call's media."""

    __slots__ = ("recording", "rtcp", "rtp", "send", "session", "ticks")

    CHORES_EVERY_TICKS = 50  # one second: give blocks to the writer
    _REPORT_EVERY_TICKS = 250  # RTCP every 5 s
    _EARLY_PACKETS_MAX = 512  # more than a socket's buffer holds

    def __init__(self, session: RtpSession, rtp: socket, rtcp: socket) -> None:
        self.session = session
        self.rtp = rtp
        self.rtcp = rtcp
        self.send = rtp.sendto
        self.recording: Recording | None = None
        self.ticks = session.ssrc % self._REPORT_EVERY_TICKS  # so that the chores of all calls fall apart

    def drop_early_packets(self) -> None:
        """Forget what came before the call was connected: it would seem to arrive now, all at once."""
        for _ in range(self._EARLY_PACKETS_MAX):
            try:
                self.rtp.recvfrom(2048)
            except OSError:
                return

    def do_chores(self, now: Instant, writer: RecordingWriter) -> None:
        """Once a second: pass on recorded blocks; every fifth time, report."""
        track = self.session.track
        if track is not None and self.recording is not None:
            for block in track.take_blocks():
                writer.append(self.recording, block)
        if not self.ticks % self._REPORT_EVERY_TICKS:
            self.send_report(now)

    def send_report(self, now: Instant, is_last: bool = False) -> None:
        """Send RTCP where it is wanted."""
        destination = self.session.rtcp_destination
        if destination is not None:
            try:
                self.rtcp.sendto(self.session.report(now, is_last), destination)
            except OSError:
                return  # reports are advice; the next one tells the same

    async def finish_recording(self, writer: RecordingWriter) -> Path | None:
        """Write what is left and complete the file."""
        if self.recording is None:
            return None
        if self.session.track is not None:
            for block in self.session.track.take_rest():
                writer.append(self.recording, block)
        return await writer.complete(self.recording)
