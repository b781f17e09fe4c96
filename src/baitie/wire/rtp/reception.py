"""What arrives from one source: sequence numbers (RFC 3550 A.1), loss (A.3), interarrival jitter (A.8)."""

from enum import Enum

from baitie.kernel.undefined import Undefined

CLOCK_HZ = 8000
DROPOUT_MAX = 3000  # a jump forward up to here is loss: one minute of frames
MISORDER_MAX = 100
MIN_SEQUENTIAL = 2  # packets in a row that an unannounced source must show
_WINDOW = (1 << 128) - 1
_SEQUENCES = 1 << 16


class Arrival(Enum):
    """What a packet's sequence number says of it."""

    IN_ORDER = "in-order"
    LATE = "late"
    DUPLICATE = "duplicate"
    UNPROVEN = "unproven"  # of a source still to be trusted, or a jump that needs a second packet


class Reception:
    """Reception statistics (接收统计) of one source. Starts with its first packet."""

    __slots__ = (
        "_bad_sequence",
        "_expected_before",
        "_expected_prior",
        "_first",
        "_highest",
        "_probation",
        "_received_prior",
        "_transit",
        "_window",
        "duplicates",
        "jitter",
        "received",
        "ssrc",
    )

    def __init__(self, ssrc: int, sequence: int, probation: int = 0) -> None:
        self.ssrc = ssrc
        self.received = 0
        self.duplicates = 0
        self.jitter = 0.0  # in samples
        self._probation = probation
        self._transit: float | None = None
        self._expected_before = 0
        self._expected_prior = 0
        self._received_prior = 0
        self._begin(sequence)

    def _begin(self, sequence: int) -> None:
        self._highest = sequence - 1  # extended by its cycles: never wraps
        self._first = sequence
        self._bad_sequence = -1
        self._window = 0  # bit n: the packet n before the highest has arrived

    def on_packet(self, sequence: int) -> Arrival:
        """Count a packet of this source."""
        ahead = (sequence - self._highest) & 0xFFFF
        if self._probation:
            return self._prove(sequence, ahead)
        if ahead == 1:
            self._highest += 1
            self._window = (self._window << 1 | 1) & _WINDOW
            self.received += 1
            return Arrival.IN_ORDER
        if 0 < ahead < DROPOUT_MAX:
            self._highest += ahead
            self._window = (self._window << ahead | 1) & _WINDOW
            self.received += 1
            return Arrival.IN_ORDER
        behind = -ahead & 0xFFFF
        if behind <= MISORDER_MAX:
            return self._earlier(behind)
        if sequence == self._bad_sequence:  # two in a row: the source began anew
            self._expected_before = self.expected
            self._begin((self._highest & ~0xFFFF) + _SEQUENCES + sequence)
            return self.on_packet(sequence)
        self._bad_sequence = (sequence + 1) & 0xFFFF
        return Arrival.UNPROVEN

    def is_far(self, sequence: int) -> bool:
        """Whether it neither goes on from what came nor is one of the last: `on_packet` would want a second one."""
        ahead = (sequence - self._highest) & 0xFFFF
        return ahead >= DROPOUT_MAX and -ahead & 0xFFFF > MISORDER_MAX

    def on_packets_in_order(self, count: int) -> None:
        """Count that many packets that followed the highest one."""
        self._highest += count
        self._window = (self._window << count | (1 << count) - 1) & _WINDOW
        self.received += count

    def _prove(self, sequence: int, ahead: int) -> Arrival:
        if ahead != 1:
            self._probation = MIN_SEQUENTIAL
            self._highest = sequence - 1
        self._probation -= 1
        if self._probation:
            self._highest += 1
            return Arrival.UNPROVEN
        self._begin(sequence)
        return self.on_packet(sequence)

    def _earlier(self, behind: int) -> Arrival:
        bit = 1 << behind
        if self._window & bit:
            self.duplicates += 1
            return Arrival.DUPLICATE
        if self._highest - behind < self._first:
            self._first = self._highest - behind  # sent before the first that we saw
        self._window |= bit
        self.received += 1
        return Arrival.LATE

    def on_audio(self, timestamp: int, arrived: float) -> None:
        """Take the packet into the jitter estimate; `arrived` in samples of our clock."""
        transit = arrived - timestamp
        if self._transit is not None:
            difference = abs(transit - self._transit)
            if difference < CLOCK_HZ:  # a jump of a second or more is a new time line, no jitter
                self.jitter += (difference - self.jitter) / 16
        self._transit = transit

    @property
    def highest_sequence(self) -> int:
        """Extended highest sequence number, for report blocks: 32 bits."""
        return self._highest & 0xFFFFFFFF

    @property
    def expected(self) -> int:
        """Packets that the sequence numbers say were sent."""
        return self._expected_before + self._highest - self._first + 1

    @property
    def lost(self) -> int:
        """Packets sent and not arrived."""
        return max(0, self.expected - self.received)

    @property
    def jitter_ms(self) -> float | Undefined:
        """Interarrival jitter in ms; not known before the second packet."""
        return Undefined("too-few-packets") if self.received < 2 else self.jitter * 1000 / CLOCK_HZ

    def take_loss_fraction(self) -> int:
        """Fraction lost since the last asking, in 256ths, for report blocks (A.3)."""
        expected, received = self.expected - self._expected_prior, self.received - self._received_prior
        self._expected_prior, self._received_prior = self.expected, self.received
        return max(0, min(255, (expected - received) * 256 // expected)) if expected > 0 else 0
