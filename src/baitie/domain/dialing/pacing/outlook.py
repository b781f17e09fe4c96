"""Chances within the next seconds, by age: that a busy agent becomes free, that a ringing attempt is answered."""

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class OutlookTables:
    """Outlook tables (预测表): what is expected within each horizon, by age."""

    horizons_s: tuple[int, ...]
    free_from_talk: tuple[Moments, ...]
    """By age bin of the talk: idle again by each horizon and the grace after it."""
    free_from_wrap_up: tuple[Moments, ...]
    answered: tuple[Moments, ...]
    """By whole second of an attempt's age: answered by a person within each horizon from now."""
    caution: float
    """How many times more answers must be reckoned with, as far as the share of people who answer is unsure."""


def tables_of(answering: AnswerHazards, talk_hazards: list[float], wrap_up_hazards: list[float]) -> OutlookTables:
    """The tables of what has been learnt so far."""
    horizons_s = answering.quantiles_s(ANSWER_QUANTILES)
    graces_s = tuple(horizon_s + GRACE_S for horizon_s in horizons_s)
    talk, wrap_up = by_second(talk_hazards), by_second(wrap_up_hazards)
    after_talk = _ended_within(wrap_up, 0, graces_s[-1])
    high = min(1.0, answering.answer_rate + ANSWER_RATE_SPREADS * answering.spread)
    return OutlookTables(
        horizons_s,
        tuple(moments(_both_ended_within(talk, age_s, after_talk, graces_s)) for age_s in _AGES_S),
        tuple(
            moments([ended[grace_s] for grace_s in graces_s])
            for ended in (_ended_within(wrap_up, age_s, graces_s[-1]) for age_s in _AGES_S)
        ),
        _answered_within(answering, horizons_s),
        high / answering.answer_rate,
    )


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


def _answered_within(answering: AnswerHazards, horizons_s: tuple[int, ...]) -> tuple[Moments, ...]:
    answer = answering.answered
    goes_on = [1.0 - answers - failures for answers, failures in zip(answer, answering.failed, strict=True)]
    within = [0.0] * (AGE_MAX_S + 1)
    by_horizon = [within]
    for _ in range(horizons_s[-1]):
        later = [*within[1:], within[-1]]
        within = [now + on * rest for now, on, rest in zip(answer, goes_on, later, strict=True)]
        by_horizon.append(within)
    chosen = [by_horizon[horizon_s] for horizon_s in horizons_s]
    return tuple(moments([column[age_s] for column in chosen]) for age_s in range(AGE_MAX_S + 1))
