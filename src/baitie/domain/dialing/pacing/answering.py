"""Who answers and when, learnt from the last attempts: by a person, after how many seconds, or not at all."""

from collections import deque

ATTEMPTS_KEPT_MAX = 300
"""A short memory: a share of answers that jumps is forgotten within minutes."""
AGE_MAX_S = 60
"""Ages are counted in whole seconds up to here; older attempts are in the last bin."""
_BINS = AGE_MAX_S + 1

FALLBACK_ATTEMPTS = 6.0
FALLBACK_ANSWER_RATE = 0.5
"""Before anything is known, half of all people answer, which places few attempts for each agent."""
FALLBACK_ANSWERS_PER_S = 0.04
"""The same for an age that no attempt has reached yet."""


class AnswerMemory:
    """Memory of answers (接听记忆): what became of the last `kept_max` attempts, and how long after placing."""

    __slots__ = ("_answers", "_failures", "_kept", "_kept_max", "answers_kept")

    def __init__(self, kept_max: int = ATTEMPTS_KEPT_MAX) -> None:
        assert kept_max > 0
        self._kept_max = kept_max
        self._kept: deque[tuple[int, bool]] = deque()
        self._answers = [0] * _BINS
        self._failures = [0] * _BINS
        self.answers_kept = 0

    def __len__(self) -> int:
        return len(self._kept)

    def observe(self, took_s: float, is_human_answer: bool) -> None:
        """An attempt was answered by a person, or ended otherwise, `took_s` after it was placed."""
        age_s = min(max(int(took_s), 0), AGE_MAX_S)
        self._kept.append((age_s, is_human_answer))
        self._count(age_s, is_human_answer, 1)
        if len(self._kept) > self._kept_max:
            self._count(*self._kept.popleft(), -1)

    @property
    def answer_rate(self) -> float:
        """Share of the kept attempts that a person answered, drawn to the fallback while few are known."""
        return (self.answers_kept + FALLBACK_ANSWER_RATE * FALLBACK_ATTEMPTS) / (len(self._kept) + FALLBACK_ATTEMPTS)

    def hazards(self) -> tuple[list[float], list[float]]:
        """For each second of age: the chance that a person answers in it, and that the attempt ends in it."""
        answering, failing = [0.0] * _BINS, [0.0] * _BINS
        at_risk = FALLBACK_ATTEMPTS
        for age_s in range(AGE_MAX_S, -1, -1):
            answers, failures = self._answers[age_s], self._failures[age_s]
            at_risk += answers + failures
            answering[age_s] = (answers + FALLBACK_ANSWERS_PER_S * FALLBACK_ATTEMPTS) / at_risk
            failing[age_s] = failures / at_risk
        return answering, failing

    def answer_ages_s(self, quantiles: tuple[float, ...]) -> list[int]:
        """After how many seconds people answer, at these quantiles, ascending; 10 s while nobody has."""
        if not self.answers_kept:
            return [10] * len(quantiles)
        ages, counted, wanted = [], 0, list(quantiles)
        for age_s, answers in enumerate(self._answers):
            counted += answers
            while wanted and counted >= wanted[0] * self.answers_kept:
                ages.append(age_s)
                wanted.pop(0)
        return ages

    def _count(self, age_s: int, is_human_answer: bool, sign: int) -> None:
        if is_human_answer:
            self._answers[age_s] += sign
            self.answers_kept += sign
        else:
            self._failures[age_s] += sign
