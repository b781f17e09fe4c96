"""How many attempts to place: bounds, order and determinism of every controller."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baitie.domain.dialing.pacing.abandonment import AbandonmentBudget, AbandonmentCeiling
from baitie.domain.dialing.pacing.answering import AGE_MAX_S
from baitie.domain.dialing.pacing.controllers import PacingMode, controller_of
from baitie.domain.dialing.pacing.durations import EDGES_S, bin_of
from baitie.domain.dialing.pacing.memory import PacingMemory
from baitie.domain.dialing.pacing.predictive import LAST_CALL, PLACED_AT_ONCE_MAX, RISK_MAX, by_age, risk_max
from baitie.domain.dialing.pacing.state import PacingState
from baitie.kernel.time import Instant

NOW = Instant(10_000.0)
PREDICTIVE = controller_of(PacingMode.PREDICTIVE)
PROGRESSIVE = controller_of(PacingMode.PROGRESSIVE)


def learnt(answers_of_ten: int = 3, talk_s: float = 90.0) -> PacingMemory:
    """A memory of four hundred attempts and of their talks."""
    memory = PacingMemory()
    for number in range(400):
        at = Instant(5_000.0 + 10 * number)
        is_answer = number % 10 < answers_of_ten
        memory.on_attempt_ended(8.0 + number % 7 if is_answer else 30.0, is_answer, at)
        if is_answer:
            memory.on_talk_ended(talk_s * (0.2 + (number % 17) / 8), at)
            memory.on_wrap_up_ended(10.0 + number % 15, at)
    return memory


def budget(answers: int = 1_000, abandoned: int = 10) -> AbandonmentBudget:
    kept = AbandonmentBudget(AbandonmentCeiling(), Instant(0.0))
    kept.carry_in(answers, abandoned, Instant(0.0))
    return kept


ages = st.floats(0.0, 700.0)
starts = st.lists(ages.map(lambda age_s: NOW - age_s), max_size=25).map(tuple)
states = st.builds(
    PacingState,
    idle_agents=st.integers(0, 30),
    talking_since=starts,
    wrapping_up_since=starts,
    ringing_since=st.lists(st.floats(0.0, 40.0).map(lambda age_s: NOW - age_s), max_size=40).map(tuple),
    waiting=st.integers(0, 5),
    channels_free=st.integers(0, 500),
    attempts_asked=st.integers(0, 40),
    memory=st.sampled_from([None, learnt(), learnt(1, 300.0), learnt(8, 20.0), PacingMemory()]),
    budget=st.builds(budget, st.integers(40, 3_000), st.integers(0, 40)),
)


@given(states, st.sampled_from(PacingMode))
def test_never_places_fewer_than_none_or_more_than_the_free_channels(state: PacingState, mode: PacingMode) -> None:
    assert 0 <= controller_of(mode).decide(state, NOW) <= state.channels_free


@given(states, st.sampled_from(PacingMode))
def test_deciding_changes_nothing_and_repeats_itself(state: PacingState, mode: PacingMode) -> None:
    first = controller_of(mode).decide(state, NOW)
    assert state.budget is not None
    counted = (state.budget.answers, state.budget.abandoned)
    assert controller_of(mode).decide(state, NOW) == first
    assert (state.budget.answers, state.budget.abandoned) == counted


@given(states)
def test_predictive_places_at_least_what_progressive_does(state: PacingState) -> None:
    assert PREDICTIVE.decide(state, NOW) >= min(PROGRESSIVE.decide(state, NOW), PLACED_AT_ONCE_MAX)


@given(states, st.integers(0, 3))
def test_without_budget_predictive_is_progressive(state: PacingState, too_many: int) -> None:
    spent = replace(state, budget=budget(1_000, 30 + too_many))
    few_answers = replace(state, budget=budget(49, 0))
    assert PREDICTIVE.decide(spent, NOW) == min(PROGRESSIVE.decide(state, NOW), PLACED_AT_ONCE_MAX)
    assert PREDICTIVE.decide(few_answers, NOW) == min(PROGRESSIVE.decide(state, NOW), PLACED_AT_ONCE_MAX)


@settings(max_examples=60)
@given(states, st.integers(1, 20))
def test_more_budget_never_places_fewer(state: PacingState, more: int) -> None:
    rich, poor = replace(state, budget=budget(2_000, 40)), replace(state, budget=budget(2_000, 40 + more))
    assert PREDICTIVE.decide(rich, NOW) >= PREDICTIVE.decide(poor, NOW)


@settings(max_examples=60)
@given(states)
def test_a_waiting_callee_never_makes_it_place_more(state: PacingState) -> None:
    more = replace(state, waiting=state.waiting + 1)
    assert PREDICTIVE.decide(more, NOW) <= PREDICTIVE.decide(state, NOW)
    assert PROGRESSIVE.decide(more, NOW) <= PROGRESSIVE.decide(state, NOW)


@settings(max_examples=60)
@given(states)
def test_placing_what_it_said_leaves_nothing_more_to_place(state: PacingState) -> None:
    placed = PREDICTIVE.decide(state, NOW)
    after = replace(
        state, ringing_since=(*state.ringing_since, *[NOW] * placed), channels_free=state.channels_free - placed
    )
    assert placed == PLACED_AT_ONCE_MAX or PREDICTIVE.decide(after, NOW) == 0


@given(st.integers(0, 500), st.floats(-5.0, 100.0), st.floats(0.0, 20.0))
def test_less_budget_never_means_more_risk_and_the_last_call_none(agents: int, slack: float, less: float) -> None:
    assert 0.0 <= risk_max(agents, slack - less) <= risk_max(agents, slack) <= RISK_MAX
    assert risk_max(agents, min(slack, LAST_CALL)) == 0.0


@given(st.lists(ages, max_size=60))
def test_counting_by_age_loses_nobody_and_mistakes_nobody(lasting_s: list[float]) -> None:
    begun = [NOW - age_s for age_s in lasting_s]
    counted = dict(by_age(begun, NOW, EDGES_S))
    assert sum(counted.values()) == len(begun)
    assert counted == {
        age_bin: many for age_bin in range(len(EDGES_S)) if (many := sum(bin_of(NOW - at) == age_bin for at in begun))
    }


@given(st.sampled_from([learnt(), learnt(1, 300.0), learnt(8, 20.0), PacingMemory()]), starts)
def test_chances_are_chances_and_grow_with_the_horizon(memory: PacingMemory, talking: tuple[float, ...]) -> None:
    tables = memory.tables(talking, (), (), NOW)
    width = len(tables.horizons_s)
    for row in (
        *(tables.free_from_talk(age_bin) for age_bin in range(len(EDGES_S))),
        *(tables.free_from_wrap_up(age_bin) for age_bin in range(len(EDGES_S))),
        *(tables.answered(age_s) for age_s in range(AGE_MAX_S + 1)),
    ):
        chances = row[:width]
        assert all(0.0 <= chance <= 1.0 for chance in chances)
        assert list(chances) == sorted(chances)


@given(states)
def test_asked_controllers_place_what_agents_asked_for(state: PacingState) -> None:
    for mode in (PacingMode.MANUAL, PacingMode.PREVIEW):
        assert controller_of(mode).decide(state, NOW) == min(state.attempts_asked, state.channels_free)


def test_bot_takes_every_free_channel() -> None:
    assert controller_of(PacingMode.BOT).decide(PacingState(channels_free=7), NOW) == 7


def test_progressive_counts_ringing_attempts_and_waiting_callees() -> None:
    state = PacingState(idle_agents=5, ringing_since=(NOW, NOW), waiting=1, channels_free=10)
    assert PROGRESSIVE.decide(state, NOW) == 2


@pytest.mark.parametrize("age_s", [5.0, 30.0])
def test_agents_about_to_finish_let_it_place_ahead(age_s: float) -> None:
    wrapping = PacingState(wrapping_up_since=(NOW - 20.0,) * 10, channels_free=50, memory=learnt(), budget=budget())
    talking = replace(wrapping, wrapping_up_since=(), talking_since=(NOW - age_s,) * 10)
    assert PREDICTIVE.decide(wrapping, NOW) > PREDICTIVE.decide(talking, NOW)


def test_fewer_people_who_answer_mean_more_attempts() -> None:
    state = PacingState(idle_agents=2, talking_since=(NOW - 60.0,) * 8, channels_free=50, budget=budget())
    placed = [PREDICTIVE.decide(replace(state, memory=learnt(of_ten)), NOW) for of_ten in (1, 3, 6, 9)]
    assert placed == sorted(placed, reverse=True)
    assert placed[0] > placed[-1]


def test_with_no_memory_of_anything_few_attempts_are_placed_ahead() -> None:
    state = PacingState(talking_since=(NOW - 60.0,) * 10, channels_free=50, memory=PacingMemory(), budget=budget())
    assert PREDICTIVE.decide(state, NOW) <= 1
