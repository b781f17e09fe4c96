"""Chances within the next seconds, by age: that a busy agent becomes free, that a ringing attempt is answered."""

from baitie.domain.dialing.pacing.answering import AGE_MAX_S, AnswerHazards
from baitie.domain.dialing.pacing.durations import BINS, EDGES_S, by_second

ANSWER_QUANTILES = (0.08, 0.25, 0.42, 0.58, 0.75, 0.92)
"""A further attempt is judged at these quantiles of the seconds until people answer, each as likely as the other."""
WIDTH = len(ANSWER_QUANTILES)

GRACE_S = 2
"""An agent who becomes free so soon after the answer still takes the call in time."""

ANSWER_RATE_SPREADS = 2.0
"""The reserve reckons with a share of answers so many standard errors above the estimate."""

_AGES_S = tuple(
    int(lower + upper) // 2 for lower, upper in zip(EDGES_S, (*EDGES_S[1:], EDGES_S[-1] + 200), strict=True)
)
assert len(_AGES_S) == BINS

Moments = tuple[float, ...]
"""First three cumulants of an event's indicator at each horizon: all chances, all variances, all third ones."""


class OutlookTables:
    """Outlook tables (预测表): what is expected within each horizon, by age; each age is computed when first asked for.

    `caution`: how many times more answers must be reckoned with, as far as the share of people who answer is unsure.
    """

    __slots__ = (
        "_after_talk",
        "_answered",
        "_answered_by",
        "_free_from_talk",
        "_free_from_wrap_up",
        "_graces_s",
        "_lasts",
        "_talk",
        "_wrap_up",
        "caution",
        "horizons_s",
    )

    def __init__(self, answering: AnswerHazards, talk_hazards: list[float], wrap_up_hazards: list[float]) -> None:
        self.horizons_s = answering.quantiles_s(ANSWER_QUANTILES)
        high = min(1.0, answering.answer_rate + ANSWER_RATE_SPREADS * answering.spread)
        self.caution = high / answering.answer_rate
        self._graces_s = tuple(horizon_s + GRACE_S for horizon_s in self.horizons_s)
        self._talk, self._wrap_up = by_second(talk_hazards), by_second(wrap_up_hazards)
        self._after_talk = _ended_within(self._wrap_up, 0, self._graces_s[-1])
        self._lasts, self._answered_by = _answered_by(answering, self.horizons_s[-1])
        self._free_from_talk: list[Moments | None] = [None] * BINS
        self._free_from_wrap_up: list[Moments | None] = [None] * BINS
        self._answered: list[Moments | None] = [None] * (AGE_MAX_S + 1)

    def free_from_talk(self, age_bin: int) -> Moments:
        """Of a talk in this age bin: idle again by each horizon and the grace after it."""
        known = self._free_from_talk[age_bin]
        if known is None:
            chances = _both_ended_within(self._talk, _AGES_S[age_bin], self._after_talk, self._graces_s)
            known = self._free_from_talk[age_bin] = moments(chances)
        return known

    def free_from_wrap_up(self, age_bin: int) -> Moments:
        """Of a wrap-up in this age bin: idle again by each horizon and the grace after it."""
        known = self._free_from_wrap_up[age_bin]
        if known is None:
            ended = _ended_within(self._wrap_up, _AGES_S[age_bin], self._graces_s[-1])
            known = self._free_from_wrap_up[age_bin] = moments([ended[grace_s] for grace_s in self._graces_s])
        return known

    def answered(self, age_s: int) -> Moments:
        """Of an attempt of this age, at most `AGE_MAX_S`: answered by a person within each horizon from now."""
        known = self._answered[age_s]
        if known is None:
            by, lasts = self._answered_by, self._lasts[age_s]
            chances = [0.0] * WIDTH
            if lasts > 0:
                chances = [min((by[age_s + horizon_s] - by[age_s]) / lasts, 1.0) for horizon_s in self.horizons_s]
            known = self._answered[age_s] = moments(chances)
        return known


def moments(chances: list[float]) -> Moments:
    """Cumulants of events with these chances."""
    variances = [chance * (1.0 - chance) for chance in chances]
    thirds = [variance * (1.0 - 2.0 * chance) for chance, variance in zip(chances, variances, strict=True)]
    return (*chances, *variances, *thirds)


def _ended_within(hazards: list[float], age_s: int, seconds: int) -> list[float]:
    """Chance of an end within 0, 1, 2 … seconds from `age_s` on."""
    lasts, ended = 1.0, [0.0]
    for hazard in hazards[age_s : age_s + seconds]:
        lasts *= 1.0 - hazard
        ended.append(1.0 - lasts)
    return ended


def _both_ended_within(
    talk: list[float], age_s: int, after_talk: list[float], graces_s: tuple[int, ...]
) -> list[float]:
    """Chance that the talk and the wrap-up after it both end within each time."""
    lasts, ends = 1.0, []
    for hazard in talk[age_s : age_s + graces_s[-1]]:
        ends.append(lasts * hazard)
        lasts *= 1.0 - hazard
    return [sum(map(float.__mul__, ends, after_talk[grace_s - 1 :: -1])) for grace_s in graces_s]


def _answered_by(answering: AnswerHazards, beyond_s: int) -> tuple[list[float], list[float]]:
    """By second of an attempt's age: the chance that it still rings, and that a person has answered it before.

    `beyond_s` more seconds stand after the last bin, with the chances of that bin.
    """
    lasts, by = [1.0], [0.0]
    answered = answering.answered + answering.answered[-1:] * beyond_s
    failed = answering.failed + answering.failed[-1:] * beyond_s
    still, answered_by = 1.0, 0.0
    for answers, failures in zip(answered, failed, strict=True):
        answered_by += still * answers
        still *= 1.0 - answers - failures
        lasts.append(still)
        by.append(answered_by)
    return lasts, by
