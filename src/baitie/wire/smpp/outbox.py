"""Messages that wait to be sent: order, expiry, and the rule for throttling."""

import heapq
from dataclasses import dataclass
from typing import Final

from baitie.kernel.time import Instant
from baitie.wire.smpp.message import TextMessage
from baitie.wire.smpp.settings import ClientSettings

_BURST_S: Final = 0.1  # how far we may run ahead of the agreed pace, so that a coarse timer does not slow us


@dataclass(slots=True)
class Queued:
    """One message on its way: its ticket is its place in the order."""

    ticket: int
    key: str
    message: TextMessage
    expires_at: Instant
    throttled_times: int = 0


class Outbox:
    """Queue of messages (发件队列) in the order of submission. A throttled message takes its old place again."""

    def __init__(self, settings: ClientSettings) -> None:
        self._settings = settings
        self._waiting: dict[int, Queued] = {}
        self._order: list[int] = []  # heap of tickets; those no longer waiting are skipped
        self._expiry: list[tuple[float, int]] = []  # heap
        self._window = settings.window_max
        self._paused_until = 0.0
        self._pause_s = settings.throttle_pause_first_s
        self._due_at = 0.0  # when the next message would be due at exactly the agreed pace
        self._paced_until = 0.0

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def is_full(self) -> bool:
        """Whether no further message may be put in."""
        return len(self._waiting) >= self._settings.queue_max

    @property
    def window(self) -> int:
        """How many messages may be without answer at one time, as throttling has left it."""
        return self._window

    def put(self, queued: Queued) -> None:
        """Let the message wait in the place of its ticket."""
        self._waiting[queued.ticket] = queued
        heapq.heappush(self._order, queued.ticket)
        heapq.heappush(self._expiry, (queued.expires_at, queued.ticket))

    def take(self, now: Instant) -> Queued | None:
        """The first message that may be sent at `now`, if any."""
        if not self._waiting or now < self._paused_until or now < self._paced_until:
            return None
        while True:
            queued = self._waiting.pop(heapq.heappop(self._order), None)
            if queued is not None:
                self._keep_pace(now)
                return queued

    def expired(self, now: Instant) -> list[Queued]:
        """Take out what has waited beyond its validity."""
        out: list[Queued] = []
        while self._expiry and self._expiry[0][0] <= now:
            queued = self._waiting.pop(heapq.heappop(self._expiry)[1], None)
            if queued is not None:
                out.append(queued)
        if len(self._expiry) > 2 * len(self._waiting) + self._settings.queue_max:
            self._expiry = [(queued.expires_at, queued.ticket) for queued in self._waiting.values()]
            heapq.heapify(self._expiry)
        return out

    def clear(self) -> list[Queued]:
        """Take out everything, in order."""
        out = [self._waiting[ticket] for ticket in sorted(self._waiting)]
        self._waiting.clear()
        self._order.clear()
        self._expiry.clear()
        return out

    def next_deadline(self, can_send: bool) -> Instant | None:
        """When the next message expires, or may be sent if only a pause or the pace holds it back."""
        if not self._waiting:
            return None
        at = self._expiry[0][0]
        if can_send:
            at = min(at, max(self._paused_until, self._paced_until))
        return Instant(at)

    def on_throttled(self, now: Instant) -> None:
        """Pause and narrow the window; answers of the same round count once."""
        if now < self._paused_until:
            return
        self._paused_until = now + self._pause_s
        self._pause_s = min(self._pause_s * 2, self._settings.throttle_pause_max_s)
        self._window = max(1, self._window // 2)

    def on_accepted(self) -> None:
        """Widen the window by one and forget the pause."""
        self._window = min(self._window + 1, self._settings.window_max)
        self._pause_s = self._settings.throttle_pause_first_s

    def _keep_pace(self, now: Instant) -> None:
        per_s = self._settings.submits_per_s
        if per_s is not None:
            self._due_at = max(self._due_at, now) + 1 / per_s
            self._paced_until = self._due_at - _BURST_S
