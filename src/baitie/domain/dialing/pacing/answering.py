"""Who answers and when, learnt from the last attempts: by a person, after how many seconds, or not at all."""

import math
from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, islice

ATTEMPTS_KEPT_MIN = 500
"""A short memory: a share of answers that wanders is followed. What jumps is not left to it, see `JUMP_SPREADS`."""
ATTEMPTS_KEPT_S = 600.0
ATTEMPTS_KEPT_MAX = 4000
"""Of a large team more attempts are kept, up to this age: 500 would be a minute's, and mostly noise."""

RECENT_ATTEMPTS = 100
JUMP_SPREADS = 3.5
"""When the last attempts got so many spreads more or fewer answers than expected, what was before is forgotten."""

AGE_MAX_S = 120
"""Ages are counted in whole seconds up to here; older attempts are in the last bin."""
AGES_S = range(AGE_MAX_S + 1)
_BINS = len(AGES_S)

FALLBACK_ATTEMPTS = 6.0
FALLBACK_ANSWERS_PER_S = 0.04
"""At an age that few attempts have reached, people answer as often as these: few attempts are placed at first."""


@dataclass(frozen=True, slots=True)
class AnswerHazards:
    """Answer hazards (接听风险率): for each second of an attempt's age, the chance that it ends in it."""

    answered: list[float]
    """By a person."""
    failed: list[float]
    """Otherwise: no answer, busy, rejected, a mailbox."""
    answer_rate: float
    """Share of all attempts that a person answers, by these chances."""
    spread: float
    """Standard error of that share."""
    ages_s: list[float]
    """Share of the answers that have come by each second of age, ascending to 1."""

    def quantiles_s(self, quantiles: tuple[float, ...]) -> tuple[int, ...]:
        """After how many seconds people answer, at these quantiles."""
        return tuple(min(bisect_left(self.ages_s, quantile), AGE_MAX_S) + 1 for quantile in quantiles)


@dataclass(slots=True)
class _Attempt:
    placed_at: float
    ended_at: float
    is_human_answer: bool


class AnswerMemory:
    """Memory of answers (接听记忆): what became of the last attempts, and how long after placing.

    Attempts that still ring count as far as they have got, and everything is cut to the same stretch of time:
    people who answer do so sooner than others are given up, and a burst of attempts shall not look like many answers.
    """

    __slots__ = ("_answers", "_ends", "_kept", "_known_from", "_longest_s")

    def __init__(self) -> None:
        self._kept: deque[_Attempt] = deque()
        self._known_from = float("-inf")
        self._longest_s = 0.0
        self._answers = [0] * _BINS
        self._ends = [0] * _BINS

    def __len__(self) -> int:
        return len(self._kept)

    def observe(self, took_s: float, is_human_answer: bool, now: float) -> None:
        """An attempt was answered by a person, or ended otherwise, at `now`, `took_s` after it was placed."""
        self._kept.append(_Attempt(now - took_s, now, is_human_answer))
        self._longest_s = max(self._longest_s, took_s)
        self._count(self._kept[-1], 1)
        oldest = self._kept[0].ended_at
        while len(self._kept) > ATTEMPTS_KEPT_MIN and (
            len(self._kept) > ATTEMPTS_KEPT_MAX or oldest < now - ATTEMPTS_KEPT_S
        ):
            self._drop_oldest()
            oldest = self._kept[0].ended_at

    def hazards(self, ringing_since: Sequence[float], now: float) -> AnswerHazards:
        """The chances by age; forgets what was before a jump."""
        hazards = self._estimate(ringing_since, now)
        if len(self._kept) >= 2 * RECENT_ATTEMPTS and self._has_jumped(hazards, ringing_since, now):
            while len(self._kept) > RECENT_ATTEMPTS:
                self._drop_oldest()
            hazards = self._estimate(ringing_since, now)
        return hazards

    def _estimate(self, ringing_since: Sequence[float], now: float) -> AnswerHazards:
        ends = self._ends.copy()
        known_from = self._known_from
        for since in ringing_since:
            ends[_bin_of(now - since)] += 1
            if since < known_from:
                ends[_bin_of(known_from - since)] -= 1
        for attempt in self._kept:
            if attempt.placed_at < known_from:
                ends[_bin_of(known_from - attempt.placed_at)] -= 1
            elif attempt.ended_at > known_from + self._longest_s:
                break
        reached = list(accumulate(reversed(ends)))
        reached.reverse()
        fallback = FALLBACK_ANSWERS_PER_S * FALLBACK_ATTEMPTS
        answered, failed, answer_shares = [], [], []
        lasts = 1.0
        for answers, all_ends, count in zip(self._answers, self._ends, reached, strict=True):
            risk = (count if count > 0 else 0) + FALLBACK_ATTEMPTS
            answers_now = (answers + fallback) / risk
            if answers_now > 1.0:
                answers_now = 1.0
            failures_now = (all_ends - answers) / risk
            if failures_now > 1.0 - answers_now:
                failures_now = 1.0 - answers_now
            answered.append(answers_now)
            failed.append(failures_now)
            answer_shares.append(lasts * answers_now)
            lasts *= 1.0 - answers_now - failures_now
        rate = sum(answer_shares)
        spread = (rate * (1.0 - rate) / (len(self._kept) + 1)) ** 0.5
        return AnswerHazards(answered, failed, rate, spread, [share / rate for share in accumulate(answer_shares)])

    def _has_jumped(self, hazards: AnswerHazards, ringing_since: Sequence[float], now: float) -> bool:
        """Whether the answers among the recent attempts are far from what the chances by age foretold."""
        foretold = [0.0, *accumulate(hazards.answered)]
        recent = list(islice(reversed(self._kept), RECENT_ATTEMPTS))
        begun = recent[-1].ended_at
        ages = [(since, now) for since in ringing_since]
        ages += [(attempt.placed_at, attempt.ended_at) for attempt in recent]
        expected = 0.0
        for placed_at, ended_at in ages:
            expected += foretold[min(int(ended_at - placed_at), AGE_MAX_S) + 1]
            if begun > placed_at:
                expected -= foretold[min(int(begun - placed_at), AGE_MAX_S)]
        answers = sum([attempt.is_human_answer for attempt in recent])
        return abs(answers - expected) > JUMP_SPREADS * math.sqrt(max(expected, 1.0))

    def _drop_oldest(self) -> None:
        oldest = self._kept.popleft()
        self._known_from = oldest.ended_at
        self._count(oldest, -1)

    def _count(self, attempt: _Attempt, sign: int) -> None:
        age_s = _bin_of(attempt.ended_at - attempt.placed_at)
        self._ends[age_s] += sign
        if attempt.is_human_answer:
            self._answers[age_s] += sign


def _bin_of(age_s: float) -> int:
    return min(max(int(age_s), 0), AGE_MAX_S)
