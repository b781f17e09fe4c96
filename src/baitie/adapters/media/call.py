"""What the engine holds per call: the session, its two sockets, its recording."""

from collections.abc import Sequence
from pathlib import Path
from random import Random

from baitie.adapters.datagrams import DatagramSocket
from baitie.adapters.media.writer import Recording, RecordingWriter
from baitie.kernel.time import Instant
from baitie.wire.rtp import MediaEvent, RtpSession

DATAGRAM_BYTES_MAX = 2048  # of a longer one the rest is cut off
REFUSED_IN_A_READ_MAX = 64  # with the rounds of a turn some 50,000 a second; more are left to the socket's buffer
CHORES_EVERY_FRAMES = 25  # half a second
_REPORT_AFTER_CHORES = (5, 15)  # 2.5 to 7.5 s: RFC 3550 §6.2 has 5 s, and chance, so that reports do not fall together


class MediaCall:
    """Resources of one call's media."""

    __slots__ = (
        "_chores_to_report",
        "_receive",
        "_rng",
        "_take",
        "on_tick",
        "recording",
        "rtcp",
        "rtp",
        "send",
        "session",
    )

    _EARLY_PACKETS_MAX = 512  # more than a socket's buffer holds

    def __init__(self, session: RtpSession, rtp: DatagramSocket, rtcp: DatagramSocket, rng: Random) -> None:
        self.session = session
        self.rtp = rtp
        self.rtcp = rtcp
        self.recording: Recording | None = None
        self._rng = rng
        self._chores_to_report = rng.randint(*_REPORT_AFTER_CHORES)
        # Kept, since they are used for every packet:
        self.send = rtp.sendto
        self.on_tick = session.on_tick
        self._receive = rtp.recvfrom
        self._take = session.on_packet_untrusted

    def drop_early_packets(self) -> None:
        """Forget what came before the call was connected: it would seem to arrive now, all at once."""
        for _ in range(self._EARLY_PACKETS_MAX):
            try:
                self.rtp.recvfrom(DATAGRAM_BYTES_MAX)
            except OSError:
                return

    def read_rtp(self, now: Instant) -> Sequence[MediaEvent]:
        """Take one datagram of audio, and those of strangers before it: they cost little, and a flood of them must not
        keep the call's own from being read."""
        session = self.session
        refused = session.refused
        events = self._take_one(now)
        if session.refused == refused:
            return events
        refused_max = refused + REFUSED_IN_A_READ_MAX
        while refused < session.refused <= refused_max:
            refused = session.refused
            events = self._take_one(now)
        return events

    def _take_one(self, now: Instant) -> Sequence[MediaEvent]:
        try:
            data, source = self._receive(DATAGRAM_BYTES_MAX)
        except OSError:  # nothing there after all, or an ICMP error of an earlier send
            return ()
        return self._take(data, source[:2], now)

    def read_rtcp(self, now: Instant) -> Sequence[MediaEvent]:
        """Take one report."""
        try:
            data, source = self.rtcp.recvfrom(DATAGRAM_BYTES_MAX)
        except OSError:
            return ()
        self.session.on_rtcp_untrusted(data, source[:2], now)
        return ()

    def do_chores(self, now: Instant, writer: RecordingWriter) -> None:
        """Twice a second: pass on recorded blocks; when it is time, report."""
        track = self.session.track
        if track is not None and self.recording is not None:
            for block in track.take_blocks():
                writer.append(self.recording, block)
        self._chores_to_report -= 1
        if not self._chores_to_report:
            self._chores_to_report = self._rng.randint(*_REPORT_AFTER_CHORES)
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
