"""What predictive pacing learns while it runs: who answers, how long agents are busy, and how daring it may be."""

import math
from collections.abc import Sequence

from baitie.domain.dialing.pacing.abandonment import AbandonmentBudget
from baitie.domain.dialing.pacing.answering import AnswerMemory
from baitie.domain.dialing.pacing.durations import DurationMemory
from baitie.domain.dialing.pacing.outlook import OutlookTables, tables_of
from baitie.kernel.time import Instant

TALK_FALLBACK_S = 240.0
WRAP_UP_FALLBACK_S = 60.0
"""Longer than calls of campaigns usually are: nobody is expected to become free too early while nothing is known."""

TABLES_KEPT_S = 5.0

RISK_FIRST = 0.05
RISK_MIN = 0.001
RISK_MAX = 0.5
GAIN = 0.1
SLACK_WANTED = 6.0
CATCH_UP_ANSWERS = 300.0


class PacingMemory:
    """Pacing memory (节拍记忆): one campaign's answers and durations, told event by event; forgets by itself.

    Tell it each attempt that was answered by a person or ended otherwise, each talk and wrap-up that ended, and
    each answered call's fate: an agent in time, or abandoned.
    """

    __slots__ = ("_tables", "_tables_at", "answering", "risk_max", "talks", "wrap_ups")

    def __init__(self) -> None:
        self.answering = AnswerMemory()
        self.talks = DurationMemory(TALK_FALLBACK_S)
        self.wrap_ups = DurationMemory(WRAP_UP_FALLBACK_S)
        self.risk_max = RISK_FIRST
        """The greatest chance of finding no agent at which one more attempt is still placed; it steers itself."""
        self._tables: OutlookTables | None = None
        self._tables_at = float("-inf")

    def on_attempt_ended(self, took_s: float, is_human_answer: bool) -> None:
        """An attempt was answered by a person, or ended otherwise (a mailbox too), `took_s` after it was placed."""
        self.answering.observe(took_s, is_human_answer)

    def on_talk_ended(self, talk_s: float, now: Instant) -> None:
        """An agent's talk has ended; the wrap-up begins."""
        self.talks.observe(talk_s, now)

    def on_wrap_up_ended(self, wrap_up_s: float, now: Instant) -> None:
        """An agent's wrap-up has ended; 0 s where there is none."""
        self.wrap_ups.observe(wrap_up_s, now)

    def tables(self, talking_since: Sequence[float], wrapping_up_since: Sequence[float], now: Instant) -> OutlookTables:
        """Chances by age, computed anew when they are older than some seconds."""
        if self._tables is None or now - self._tables_at >= TABLES_KEPT_S or now < self._tables_at:
            self._tables = tables_of(
                self.answering,
                self.talks.hazards(talking_since, now),
                self.wrap_ups.hazards(wrapping_up_since, now),
            )
            self._tables_at = float(now)
        return self._tables

    def on_call_served(self, budget: AbandonmentBudget) -> None:
        """An agent took an answered call in time; `budget` has counted the answer."""
        share = budget.ceiling.max_per_10000 / 10_000
        slack = share * budget.answers - budget.abandoned
        wanted = share + (slack - SLACK_WANTED) / CATCH_UP_ANSWERS
        wanted = min(max(wanted, 0.3 * share), 2.0 * share)
        self.risk_max = min(self.risk_max * math.exp(GAIN * wanted), RISK_MAX)

    def on_call_abandoned(self, budget: AbandonmentBudget) -> None:
        """An answered call found no agent in time; `budget` has counted it."""
        self.risk_max = max(self.risk_max * math.exp(-GAIN), RISK_MIN)
