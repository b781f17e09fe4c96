"""Chances within the next seconds: that an agent of some age becomes free, that an attempt of some age is answered."""

from dataclasses import dataclass

from baitie.domain.dialing.pacing.answering import AGE_MAX_S, AnswerMemory
from baitie.domain.dialing.pacing.durations import BINS, EDGES_S, bin_of

ANSWER_QUANTILES = (0.08, 0.25, 0.42, 0.58, 0.75, 0.92)
"""A further attempt is judged at these quantiles of the seconds until people answer, each as likely as the other."""

GRACE_S = 2
"""An agent who becomes free so soon after the answer still takes the call in time."""


@dataclass(frozen=True, slots=True)
class OutlookTables:
    """Outlook tables (预测表): chances within each horizon, by age."""

    horizons_s: tuple[int, ...]
    free_from_talk: tuple[tuple[float, ...], ...]
    """By age bin of the talk: the chance of being idle again by each horizon and the grace after it."""
    free_from_wrap_up: tuple[tuple[float, ...], ...]
    answered: tuple[tuple[float, ...], ...]
    """By whole second of an attempt's age: the chance that a person answers within each horizon from now."""
    answer_rate: float
    answer_rate_high: float


def tables_of(answering: AnswerMemory, talk_hazards: list[float], wrap_up_hazards: list[float]) -> OutlookTables:
    """The tables of what has been learnt so far."""
    horizons_s = tuple(max(1, age_s) for age_s in answering.answer_ages_s(ANSWER_QUANTILES))
    graces_s = tuple(horizon_s + GRACE_S for horizon_s in horizons_s)
    longest_s = graces_s[-1]
    wrap_up_steps = [_per_second(wrap_up_hazards, edge, longest_s) for edge in _AGES_S]
    after_talk = _chances(wrap_up_steps[0])
    free_from_wrap_up = tuple(tuple(_chances(steps)[grace] for grace in graces_s) for steps in wrap_up_steps)
    free_from_talk = tuple(
        _free_after_both(_per_second(talk_hazards, edge, longest_s), after_talk, graces_s) for edge in _AGES_S
    )
    rate = answering.answer_rate
    error = (rate * (1 - rate) / (len(answering) + 1)) ** 0.5
    return OutlookTables(
        horizons_s,
        free_from_talk,
        free_from_wrap_up,
        _answered_within(answering, horizons_s),
        rate,
        min(1.0, rate + 2 * error),
    )


_AGES_S = tuple((lower + upper) / 2 for lower, upper in zip(EDGES_S, (*EDGES_S[1:], EDGES_S[-1] + 200), strict=True))
assert len(_AGES_S) == BINS


def _per_second(hazards: list[float], age_s: float, seconds: int) -> list[float]:
    """The chance of an end in each of the next seconds, given that it still lasts then."""
    return [min(hazards[bin_of(age_s + second + 0.5)], 1.0) for second in range(seconds)]


def _chances(steps: list[float]) -> list[float]:
    """Chance of an end within 0, 1, 2 … seconds."""
    lasts, chances = 1.0, [0.0]
    for step in steps:
        lasts *= 1.0 - step
        chances.append(1.0 - lasts)
    return chances


def _free_after_both(talk_steps: list[float], after_talk: list[float], graces_s: tuple[int, ...]) -> tuple[float, ...]:
    """Chance that the talk and the wrap-up after it both end within each horizon."""
    lasts, ends = 1.0, []
    for step in talk_steps:
        ends.append(lasts * step)
        lasts *= 1.0 - step
    return tuple(sum(ends[second] * after_talk[grace - second - 1] for second in range(grace)) for grace in graces_s)


def _answered_within(answering: AnswerMemory, horizons_s: tuple[int, ...]) -> tuple[tuple[float, ...], ...]:
    answer_steps, failure_steps = answering.hazards()
    rows: list[tuple[float, ...]] = []
    within = [0.0] * (AGE_MAX_S + 1)
    by_seconds = [within]
    for _ in range(horizons_s[-1]):
        later = [*within[1:], within[-1]]
        within = [
            answer + (1.0 - answer - failure) * rest
            for answer, failure, rest in zip(answer_steps, failure_steps, later, strict=True)
        ]
        by_seconds.append(within)
    for age_s in range(AGE_MAX_S + 1):
        rows.append(tuple(by_seconds[horizon][age_s] for horizon in horizons_s))
    return tuple(rows)
