"""The media of one call: what to do with each datagram, and which one to send every 20 ms.

Updated in place, for speed: two hundred calls mean twenty thousand of these steps a second. It still does no I/O and
reads no clock; results are returned. `now` is the monotonic instant in seconds.

For the same reason a step does what cannot wait, and puts by the rest: packets that come in order (`OrderlyRun`) and
the frames that we send. `_settle` works through them, before anything is decided or told that depends on them.
"""

from collections import OrderedDict
from collections.abc import Sequence

from baitie.kernel.time import Instant
from baitie.kernel.undefined import Undefined
from baitie.wire.dtmf import DtmfError, KeyReceiver, KeySender
from baitie.wire.g711 import Codec, alaw_to_ulaw, ulaw_to_alaw
from baitie.wire.rtp.events import KeyPressed, MediaEvent, MediaLost, MediaStarted, MediaSummary, PlayFinished
from baitie.wire.rtp.latch import Address, SourceLatch
from baitie.wire.rtp.packet import FRAME_PACKET, HEADER, TIMESTAMP, VERSION_BITS, RtpError, parse_rtp_untrusted
from baitie.wire.rtp.player import PromptPlayer
from baitie.wire.rtp.playout import PlayoutBuffer
from baitie.wire.rtp.reception import MIN_SEQUENTIAL, Arrival, Reception
from baitie.wire.rtp.reports import RtcpReporter
from baitie.wire.rtp.run import RUN_PACKETS_MAX, OrderlyRun
from baitie.wire.rtp.timeline import Timeline
from baitie.wire.rtp.track import StereoTrack
from baitie.wire.sdp import Direction, MediaAgreement

FRAME_SAMPLES = 160
FRAME_S = 0.02
MEDIA_LOST_AFTER_S = 5.0
NO_EVENTS: tuple[MediaEvent, ...] = ()
_PCMA_PT, _PCMU_PT = Codec.PCMA.payload_type, Codec.PCMU.payload_type
_MARKER = 0x80
RETURN_SILENCE_S = 0.2  # before a source that was replaced is taken back: two that alternate must not take turns
KEY_SOURCES_MAX = 8  # telephone events often have an SSRC of their own beside the audio's, some one for each press
_UNSPECIFIED = ("0.0.0.0", "::")  # how older peers hold a call: no address at all
_COMFORT_NOISE_PT = 13  # RFC 3389: sent in pauses, sometimes unasked; a sign of life that we leave silent


class RtpSession:
    """Media session (媒体会话) of one call. Before `connect` it drops what comes and sends nothing.

    `ssrc`, `first_sequence` and `first_timestamp` ought to be random (RFC 3550 §5.1). With `is_recording` the track
    gathers both ways; with `is_listening` `hear` gives the peer's audio as a steady stream.
    """

    __slots__ = (
        "_agreement",
        "_begun_at",
        "_event_pts",
        "_first_sequence",
        "_heard_at",
        "_is_lost",
        "_is_pressing",
        "_key_sources",
        "_keys_out",
        "_left_ssrc",
        "_may_send",
        "_past",
        "_playout",
        "_position",
        "_pt",
        "_pt_law",
        "_pt_next",
        "_rival",
        "_run",
        "_sequence",
        "_started_at",
        "_timeline",
        "_to_wire",
        "_track",
        "_unrecorded",
        "call_key",
        "connected_at",
        "destination",
        "latch",
        "player",
        "reception",
        "refused",
        "reports",
        "ssrc",
        "timestamp",
    )

    def __init__(
        self,
        call_key: str,
        ssrc: int,
        first_sequence: int,
        first_timestamp: int,
        is_recording: bool = False,
        is_listening: bool = False,
    ) -> None:
        self.call_key = call_key
        self.ssrc = ssrc
        self.timestamp = first_timestamp & 0xFFFFFFFF  # of the next packet: our media clock
        self._first_sequence = first_sequence & 0xFFFF
        self.connected_at: Instant | None = None  # where the media clock begins
        self.destination: Address = ("", 0)  # where packets go, once connected
        self.latch: SourceLatch | None = None
        self.reception: Reception | None = None
        self.player = PromptPlayer()
        self.reports = RtcpReporter(ssrc)
        self._track = StereoTrack() if is_recording else None
        self._unrecorded: list[bytes] = []  # the frames sent up to `_position` that are not on the track yet
        self._playout = PlayoutBuffer() if is_listening else None
        self._agreement: MediaAgreement | None = None
        self._run = OrderlyRun()
        self._sequence = self._first_sequence  # of the next packet, and its cycles: never wraps
        self._key_sources: OrderedDict[int, KeyReceiver] = OrderedDict()  # by SSRC
        self._keys_out = KeySender()
        self._timeline = Timeline()
        self._position = 0  # on the track, of the next frame we send
        self._begun_at = Instant(0.0)  # as connected_at, once connected
        self._started_at: Instant | None = None
        self._heard_at = 0.0
        self._is_lost = False
        self._is_pressing = False  # whether `_keys_out` is to be asked
        self._may_send = False
        self._pt = _PCMA_PT
        self._pt_next = _PCMA_PT | _MARKER  # of the next audio packet: marked where it begins a talkspurt
        self._to_wire = False  # whether our A-law has to become mu-law
        self._pt_law = {_PCMA_PT: Codec.PCMA, _PCMU_PT: Codec.PCMU}
        self._event_pts: tuple[int, ...] = ()
        self.refused = 0  # datagrams of no use, or of nobody whom we listen to
        self._left_ssrc: int | None = None  # of the source before the present one
        self._rival: Reception | None = None  # another SSRC from the same address, not proven yet
        self._past = [0, 0, 0]  # received, lost, duplicates of sources that are gone

    def connect(self, agreement: MediaAgreement, now: Instant) -> None:
        """Use what SDP agreed on; again after each re-INVITE. The recording begins with the first call of this."""
        self._settle()
        self._run.expect_nothing()
        if self.connected_at is None:
            self.connected_at = self._begun_at = now
            self._heard_at = now
        if self.latch is None:
            self.latch = SourceLatch((agreement.remote_ip, agreement.remote_port))
        elif agreement.remote_ip not in _UNSPECIFIED:
            self.latch.announce((agreement.remote_ip, agreement.remote_port))
        self.latch.is_held = agreement.direction is not Direction.SENDRECV
        self.destination = self.latch.followed or self.latch.announced
        if self._agreement is None or not self._agreement.direction.may_receive:
            self._heard_at = now  # nothing was due before
        self._agreement = agreement
        self._may_send = agreement.direction.may_send
        self._pt = agreement.payload_type
        self._to_wire = agreement.codec is Codec.PCMU
        self._pt_law = {_PCMA_PT: Codec.PCMA, _PCMU_PT: Codec.PCMU, agreement.payload_type: agreement.codec}
        # What was agreed before stays good for keys that are on their way (RFC 3264 §8.3.2), unless it is audio now.
        event_pts = (agreement.local_telephone_event_pt, agreement.telephone_event_pt, *self._event_pts)
        known = [number for number in dict.fromkeys(event_pts) if number is not None]
        self._event_pts = tuple(number for number in known if number not in self._pt_law)
        self._pt_next = self._pt | _MARKER

    # --- receiving -------------------------------------------------------------------------------------------------

    def on_packet_untrusted(self, data: bytes, source: Address, now: Instant) -> Sequence[MediaEvent]:
        """Take one datagram of the RTP port. Raises nothing: what is no use is counted as refused."""
        if self._run.takes_untrusted(data, source, now):
            return NO_EVENTS
        latch = self.latch
        if latch is None:
            return NO_EVENTS
        if latch.only is not None and source != latch.only:
            self.refused += 1  # as cheaply as can be: a flood must not take the time of the call's own packets
            return NO_EVENTS
        self._settle()
        if len(data) >= 12 and data[0] == VERSION_BITS:
            _, second, sequence, timestamp, ssrc = HEADER.unpack_from(data)
            payload_type, payload = second & 0x7F, data[12:]
        else:
            try:
                parsed = parse_rtp_untrusted(data)
            except RtpError:
                self.refused += 1
                return NO_EVENTS
            payload_type, _, sequence, timestamp, ssrc, payload = parsed[:6]
        law = self._pt_law.get(payload_type)
        if law is None and payload_type not in self._event_pts and payload_type != _COMFORT_NOISE_PT:
            self.refused += 1
            return NO_EVENTS
        if not latch.accepts(source, ssrc, sequence, now):
            self.refused += 1
            return NO_EVENTS
        if source != self.destination:
            self.destination = source
            self._run.expect_nothing()
        reception = self.reception
        is_event = payload_type in self._event_pts
        if is_event and reception is not None and (reception.ssrc != ssrc or reception.is_far(sequence)):
            self._heard_at = now  # an SSRC or a numbering of their own: the audio's source stays what it is
            self._is_lost = False
            self._past[0] += 1
            return self._on_key_packet(ssrc, sequence, timestamp, payload, NO_EVENTS)
        if reception is not None and reception.ssrc == ssrc:
            self._rival = None  # who speaks on is not replaced
        elif ssrc == self._left_ssrc and now - self._heard_at <= RETURN_SILENCE_S:
            self.refused += 1
            return NO_EVENTS
        else:
            reception = self._newcomer(ssrc, sequence)
        arrival = reception.on_packet(sequence)
        if arrival is Arrival.UNPROVEN:
            return NO_EVENTS
        if reception is not self.reception:
            self._change_source(reception)
        self._heard_at = now
        self._is_lost = False
        events: Sequence[MediaEvent] = NO_EVENTS
        if self._started_at is None:
            self._started_at = now
            events = (MediaStarted(self.call_key, now),)
        if arrival is Arrival.IN_ORDER:
            self._run.expect(sequence + 1, payload_type, law, ssrc, source)
        if law is None:
            is_noise = payload_type == _COMFORT_NOISE_PT
            return events if is_noise else self._on_key_packet(ssrc, sequence, timestamp, payload, events)
        if arrival is not Arrival.DUPLICATE:
            self._on_audio(law, timestamp, payload, now, reception)
        return events

    def _settle(self) -> None:
        """Work through all that was put by."""
        run, reception, latch = self._run, self.reception, self.latch
        if run.packets and reception is not None and latch is not None:
            latch.on_followed(run.arrivals[-1], len(run.packets))
            reception.on_packets_in_order(len(run.packets))
            self._heard_at = run.arrivals[-1]
            for data, arrived in zip(run.packets, run.arrivals, strict=True):
                self._on_audio(run.law, TIMESTAMP.unpack_from(data)[0], data[HEADER.size :], arrived, reception)
            run.clear()
            self._rival = None
        self._record_sent()

    def _record_sent(self) -> None:
        frames = self._unrecorded
        if frames and self._track is not None:
            self._track.put_right(self._position - len(frames) * FRAME_SAMPLES, b"".join(frames))
            frames.clear()

    def _on_audio(self, law: Codec, timestamp: int, payload: bytes, now: Instant, reception: Reception) -> None:
        elapsed = (now - self._begun_at) * 8000
        reception.on_audio(timestamp, elapsed)
        if self._track is None and self._playout is None:
            return
        audio = payload if law is Codec.PCMA else ulaw_to_alaw(payload)
        if self._track is not None:
            self._track.put_left(self._timeline.position(timestamp, int(elapsed)), audio)
        if self._playout is not None:
            self._playout.put(timestamp, audio)

    def _on_key_packet(
        self, ssrc: int, sequence: int, timestamp: int, payload: bytes, events: Sequence[MediaEvent]
    ) -> Sequence[MediaEvent]:
        receiver = self._key_sources.get(ssrc)
        if receiver is None:
            if len(self._key_sources) >= KEY_SOURCES_MAX:
                self._key_sources.popitem(last=False)
            receiver = self._key_sources[ssrc] = KeyReceiver()
        try:
            key = receiver.on_packet_untrusted(timestamp, payload, sequence)
        except DtmfError:
            self.refused += 1
            return events
        return events if key is None else (*events, KeyPressed(self.call_key, key))

    def _newcomer(self, ssrc: int, sequence: int) -> Reception:
        """The first source has been let in by the latch; one that would replace it must show packets in a row."""
        if self.reception is None:
            return Reception(ssrc, sequence)
        if self._rival is None or self._rival.ssrc != ssrc:
            self._rival = Reception(ssrc, sequence, probation=MIN_SEQUENTIAL)
        return self._rival

    def _change_source(self, after: Reception) -> None:
        before, self.reception, self._rival = self.reception, after, None
        if before is not None:
            self._past[0] += before.received
            self._past[1] += before.lost
            self._past[2] += before.duplicates
            self._left_ssrc = before.ssrc
            self._timeline = Timeline()

    def hear(self) -> bytes:
        """The next 20 ms of the peer's audio, A-law, losses concealed. To be asked once per tick, if listening."""
        assert self._playout is not None, "the session was made without is_listening"
        self._settle()
        return self._playout.take()

    # --- sending ---------------------------------------------------------------------------------------------------

    def play(self, play_id: int, prompts: Sequence[bytes]) -> Sequence[MediaEvent]:
        """Queue prompts (A-law) behind what already waits. With too many waiting the order counts as stopped."""
        if self.player.play(play_id, prompts):
            return NO_EVENTS
        return (PlayFinished(self.call_key, play_id, was_stopped=True),)

    def stop_playing(self) -> Sequence[MediaEvent]:
        """Be silent at once; every order that was dropped is reported."""
        return tuple(PlayFinished(self.call_key, play_id, was_stopped=True) for play_id in self.player.stop())

    def send_keys(self, keys: str) -> bool:
        """Press keys as telephone events; False where the peer takes none or too many wait."""
        agreement = self._agreement
        if agreement is None or agreement.telephone_event_pt is None or not self._keys_out.press(keys):
            return False
        self._is_pressing = True
        return True

    def skip_frames(self, count: int) -> None:
        """Let the media clock go on without frames: the owner was late by so many, and will not send them."""
        self._record_sent()
        self.timestamp = self.timestamp + count * FRAME_SAMPLES & 0xFFFFFFFF
        self._position += count * FRAME_SAMPLES

    def on_tick(self, now: Instant) -> tuple[bytes | None, Sequence[MediaEvent]]:
        """The packet of this 20 ms and what happened by it. Nothing is sent, and prompts wait, while we are held."""
        events: Sequence[MediaEvent] = NO_EVENTS
        if now - self._heard_at > MEDIA_LOST_AFTER_S and not self._is_lost:
            events = self._on_silence(now)
        if not self._position:
            self._position = max(0, int((now - self._begun_at) * 8000))
        if not self._may_send:
            self._pt_next = self._pt | _MARKER
            self.skip_frames(1)
            return None, events
        if self._is_pressing and (packet := self._key_packet()) is not None:
            return packet, events
        timestamp = self.timestamp
        self.timestamp = timestamp + FRAME_SAMPLES & 0xFFFFFFFF
        self._position += FRAME_SAMPLES
        player = self.player
        frame = player.next_frame()
        if player.finished is not None:
            events = (*events, PlayFinished(self.call_key, player.finished, was_stopped=False))
        if self._track is not None:
            self._unrecorded.append(frame)
            if len(self._unrecorded) >= RUN_PACKETS_MAX:
                self._record_sent()
        payload_type = self._pt_next
        if payload_type & _MARKER:
            self._pt_next = self._pt
        sequence = self._sequence
        self._sequence = sequence + 1
        payload = alaw_to_ulaw(frame) if self._to_wire else frame
        return FRAME_PACKET.pack(VERSION_BITS, payload_type, sequence & 0xFFFF, timestamp, self.ssrc, payload), events

    def _key_packet(self) -> bytes | None:
        key = self._keys_out.on_tick(self.timestamp)
        self._is_pressing = not self._keys_out.is_idle
        event_pt = None if self._agreement is None else self._agreement.telephone_event_pt
        if key is None or event_pt is None:
            return None
        self.skip_frames(1)
        second = event_pt | key.marker << 7
        sequence = self._sequence
        self._sequence = sequence + 1
        return HEADER.pack(VERSION_BITS, second, sequence & 0xFFFF, key.timestamp, self.ssrc) + key.payload

    def _on_silence(self, now: Instant) -> Sequence[MediaEvent]:
        self._settle()
        if self._agreement is None or not self._agreement.direction.may_receive:
            self._heard_at = now
        if now - self._heard_at <= MEDIA_LOST_AFTER_S:
            return NO_EVENTS
        self._run.expect_nothing()  # the next packet is an event
        self._is_lost = True
        return (MediaLost(self.call_key, int((now - self._heard_at) * 1000)),)

    # --- reports ---------------------------------------------------------------------------------------------------

    @property
    def track(self) -> StereoTrack | None:
        """The recording, complete up to the present moment."""
        self._settle()
        return self._track

    @property
    def packets_sent(self) -> int:
        """Packets made so far."""
        return self._sequence - self._first_sequence

    @property
    def direction(self) -> Direction:
        """The direction agreed on, ours."""
        return Direction.INACTIVE if self._agreement is None else self._agreement.direction

    @property
    def rtcp_destination(self) -> Address | None:
        """Where reports go: the announced RTCP port, or beside the followed source."""
        if self.latch is None or self._agreement is None or not self._agreement.direction.may_send:
            return None
        if self.latch.followed in (None, self.latch.announced):
            return (self._agreement.remote_ip, self._agreement.remote_rtcp_port)
        host, port = self.destination
        return (host, min(port + 1, 65535))

    def report(self, now: Instant, is_last: bool = False) -> bytes:
        """The RTCP datagram for the peer; the last one says goodbye."""
        self._settle()
        return self.reports.compose(self.reception, self.packets_sent, self.timestamp, now, is_last)

    def on_rtcp_untrusted(self, data: bytes, source: Address, now: Instant) -> None:
        """Take one datagram of the RTCP port. Raises nothing. Only the host we speak with is listened to."""
        if self.latch is None or source[0] not in (self.destination[0], self.latch.announced[0]):
            self.refused += 1
            return
        try:
            self.reports.on_datagram_untrusted(data, now)
        except RtpError:
            self.refused += 1

    def summary(self, recording: str | None = None) -> MediaSummary:
        """The figures so far."""
        self._settle()
        reception = self.reception
        received, lost, duplicates = self._past
        if reception is not None:
            received, lost = received + reception.received, lost + reception.lost
            duplicates += reception.duplicates
        return MediaSummary(
            call_key=self.call_key,
            packets_sent=self.packets_sent,
            packets_received=received,
            packets_lost=lost,
            packets_duplicated=duplicates,
            packets_refused=self.refused,
            jitter_ms=Undefined("no-packets") if reception is None else reception.jitter_ms,
            remote_lost_packets=self.reports.remote_lost_packets,
            first_packet_at=self._started_at,
            recording=recording,
            recorded_ms=0 if self._track is None else self._track.recorded_ms,
        )
