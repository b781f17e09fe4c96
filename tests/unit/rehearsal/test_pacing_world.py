"""Days of the reference world: they repeat by seed, and no world makes predictive pacing pass its ceiling."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baitie.domain.dialing.pacing.abandonment import AbandonmentBudget, AbandonmentCeiling
from baitie.domain.dialing.pacing.controllers import PacingMode, controller_of
from baitie.kernel.time import Instant
from baitie.rehearsal.pacing.day import DayResult, PacingDay
from baitie.rehearsal.pacing.world import Change, WorldParameters


def day(world: WorldParameters, seed: int, mode: PacingMode = PacingMode.PREDICTIVE) -> DayResult:
    return PacingDay(world, controller_of(mode), AbandonmentCeiling(), random.Random(seed)).run()


def test_the_same_seed_gives_the_same_day_and_another_seed_another() -> None:
    world = WorldParameters(hours=1.0)
    assert day(world, 7) == day(world, 7)
    assert day(world, 7) != day(world, 8)


def test_nobody_is_abandoned_where_each_attempt_has_its_agent() -> None:
    result = day(WorldParameters(hours=2.0), 1, PacingMode.PROGRESSIVE)
    assert result.abandoned == 0
    assert result.answers > 300


@pytest.mark.parametrize("agents", [3, 5])
def test_few_agents_are_busier_than_with_progressive_pacing_by_four_points(agents: int) -> None:
    world = WorldParameters(agents=agents, answer_rate=0.15)
    predictive = day(world, 21)
    assert predictive.occupancy >= day(world, 21, PacingMode.PROGRESSIVE).occupancy + 0.04
    assert predictive.abandonment <= 0.03


class WatchedBudget(AbandonmentBudget):
    """A budget that notes how it stood after each abandoned call."""

    def __init__(self, ceiling: AbandonmentCeiling) -> None:
        super().__init__(ceiling, Instant(0.0))
        self.noted: list[tuple[int, int]] = []  # answers, and calls left

    def on_abandoned(self, now: Instant) -> None:
        super().on_abandoned(now)
        self.noted.append((self.answers, self.remaining(now)))


def watched(world: WorldParameters, seed: int) -> list[tuple[int, int]]:
    ceiling = AbandonmentCeiling()
    played = PacingDay(world, controller_of(PacingMode.PREDICTIVE), ceiling, random.Random(seed))
    played.budget = budget = WatchedBudget(ceiling)
    played.run()
    return budget.noted


@pytest.mark.parametrize("agents", [3, 10, 30])
@pytest.mark.parametrize("answer_rate", [0.15, 0.4])
def test_on_calm_days_the_budget_is_never_overdrawn_and_nobody_abandoned_at_first(
    agents: int, answer_rate: float
) -> None:
    world = WorldParameters(agents=agents, answer_rate=answer_rate, hours=3.0 if agents < 30 else 1.0)
    noted = watched(world, 31)
    assert all(remaining >= 0 for _, remaining in noted)
    assert all(answers >= AbandonmentCeiling().answers_min for answers, _ in noted)
    assert noted


changes = st.lists(
    st.builds(
        Change,
        st.floats(600.0, 3_600.0),
        st.one_of(st.none(), st.floats(0.05, 0.6)),
        st.one_of(st.none(), st.floats(0.4, 2.5)),
        st.one_of(st.none(), st.floats(0.5, 1.5)),
    ),
    max_size=2,
).map(tuple)
worlds = st.builds(
    WorldParameters,
    agents=st.integers(3, 25),
    answer_rate=st.floats(0.08, 0.6),
    hours=st.just(1.2),
    early_ring_rate=st.floats(0.0, 1.0),
    rejected_rate=st.floats(0.0, 0.8),
    machine_rate=st.floats(0.0, 0.4),
    talk_median_s=st.floats(25.0, 200.0),
    talk_sigma=st.floats(0.3, 1.1),
    wrap_up_median_s=st.floats(1.0, 40.0),
    noise_logit=st.floats(0.0, 0.4),
    changes=changes,
)

OVER_MAX = 2
"""Attempts that ring while the world changes at a stroke cannot be called back: so many may be too many at the end."""


@settings(max_examples=6, deadline=None, derandomize=True)
@given(worlds, st.integers(0, 10_000))
def test_the_ceiling_holds_in_a_broad_family_of_worlds(world: WorldParameters, seed: int) -> None:
    result = day(world, seed)
    assert result.abandoned <= AbandonmentCeiling().allowed(result.answers) + OVER_MAX * bool(world.changes)
