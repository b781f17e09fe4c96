"""What predictive pacing learns while it runs: who answers, how long agents are busy, and how daring it may be."""

from collections.abc import Sequence

from baitie.domain.dialing.pacing.answering import AnswerMemory
from baitie.domain.dialing.pacing.durations import DurationMemory
from baitie.domain.dialing.pacing.outlook import OutlookTables
from baitie.kernel.time import Instant

TALK_FALLBACK_S = 240.0
WRAP_UP_FALLBACK_S = 60.0
"""Longer than calls of campaigns usually are: nobody is expected to become free too early while nothing is known."""

TABLES_KEPT_S = 5.0
TABLES_KEPT_MAX_S = 30.0
TABLES_KEPT_EVENTS = 10
TABLES_KEPT_SHARE = 0.02
"""Chances are computed anew after the shorter time and so many events, at least so much of what the memory holds; or
after the longer time."""


class PacingMemory:
    """Pacing memory (节拍记忆): one campaign's answers and durations, told event by event; forgets by itself.

    Tell it each attempt that was answered by a person or ended otherwise, and each talk and wrap-up that ended.
    Answered and abandoned calls are counted by the `AbandonmentBudget` alone.
    """

    __slots__ = ("_events", "_tables", "_tables_at", "answering", "talks", "wrap_ups")

    def __init__(self) -> None:
        self.answering = AnswerMemory()
        self.talks = DurationMemory(TALK_FALLBACK_S)
        self.wrap_ups = DurationMemory(WRAP_UP_FALLBACK_S)
        self._tables: OutlookTables | None = None
        self._tables_at = float("-inf")
        self._events = 0

    def on_attempt_ended(self, took_s: float, is_human_answer: bool, now: Instant) -> None:
        """An attempt was answered by a person or ended otherwise (a mailbox too), `took_s` after its placing."""
        self._events += 1
        self.answering.observe(took_s, is_human_answer, now)

    def on_talk_ended(self, talk_s: float, now: Instant) -> None:
        """An agent's talk has ended; the wrap-up begins."""
        self._events += 1
        self.talks.observe(talk_s, now)

    def on_wrap_up_ended(self, wrap_up_s: float, now: Instant) -> None:
        """An agent's wrap-up has ended; 0 s where there is none."""
        self._events += 1
        self.wrap_ups.observe(wrap_up_s, now)

    def tables(
        self,
        talking_since: Sequence[float],
        wrapping_up_since: Sequence[float],
        ringing_since: Sequence[float],
        now: Instant,
    ) -> OutlookTables:
        """Chances by age, computed anew when they are older than some seconds."""
        age_s = now - self._tables_at
        has_news = self._events >= max(TABLES_KEPT_EVENTS, TABLES_KEPT_SHARE * len(self.answering))
        if self._tables is None or age_s >= (TABLES_KEPT_S if has_news else TABLES_KEPT_MAX_S):
            self._events = 0
            self._tables = OutlookTables(
                self.answering.hazards(ringing_since, now),
                self.talks.hazards(talking_since, now),
                self.wrap_ups.hazards(wrapping_up_since, now),
            )
            self._tables_at = float(now)
        return self._tables
