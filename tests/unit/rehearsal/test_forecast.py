"""Forecasts: ranges cover what they say, agents' time is counted by state, and variants change what they name."""

import math
import random
from dataclasses import replace
from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rehearsal.world import campaign, profile, zones

from baitie.files.what_if import WhatIf, WhatIfError
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.time import Window
from baitie.kernel.undefined import Undefined
from baitie.rehearsal.forecast import Range, agent_figures, range_of
from baitie.rehearsal.scenario import Scenario

AT = datetime(2026, 3, 3, 2, tzinfo=UTC)


def scenario() -> Scenario:
    imported = JournalEntry(JournalKind.CONTACTS_IMPORTED, AT)
    return Scenario(campaign(), (), (), imported, profile(), {}, zones, AT)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=200))
def test_a_range_lies_within_the_days_seen_and_holds_its_median(values: list[float]) -> None:
    found = range_of(values)
    assert isinstance(found, Range)
    assert min(values) <= found.low <= found.median <= found.high <= max(values)


@pytest.mark.parametrize("days", [19, 20, 50, 60, 100])
def test_enough_days_reach_the_coverage_and_no_narrower_range_does(days: int) -> None:
    found = range_of(list(range(days)))
    assert isinstance(found, Range)
    assert found.coverage >= 0.9
    narrower = found.coverage - 2 / (days + 1)
    assert narrower < 0.9
    assert found.coverage == pytest.approx((found.high - found.low) / (days + 1) + 0, abs=1e-9)


def test_a_further_day_falls_into_the_range_as_often_as_it_says() -> None:
    rng, held, trials = random.Random(1), 0, 4000
    for _ in range(trials):
        found = range_of([rng.gauss(0, 1) for _ in range(50)])
        assert isinstance(found, Range)
        held += found.holds(rng.gauss(0, 1))
    coverage = 47 / 51
    assert abs(held / trials - coverage) < 4 * math.sqrt(coverage * (1 - coverage) / trials)


def test_few_days_say_that_their_range_covers_less_and_none_gives_none() -> None:
    few = range_of([1.0, 2.0, 3.0])
    assert isinstance(few, Range)
    assert few.coverage == pytest.approx(0.5)
    assert range_of([]) == Undefined("no-days")


def test_occupancy_counts_talk_and_wrap_up_of_the_time_at_work_and_no_breaks() -> None:
    spent = (("ready", 1000), ("talking", 2000), ("wrap_up", 1000), ("away", 9000), ("offline", 0))
    entries = [
        JournalEntry(JournalKind.AGENT_STATE_CHANGED, AT, facts={"before": state, "lasted_ms": ms})
        for state, ms in spent
    ]
    assert agent_figures(entries) == {"occupancy": 0.75, "talk_min_per_agent_h": 30.0}
    assert agent_figures([]) == {}


def test_a_variant_changes_what_it_names_and_nothing_else() -> None:
    base = scenario()
    changed = WhatIf("hours=09:00-12:00+14:00-18:00, card=off,capacity=7,pace=2.5").apply(base)
    assert changed.campaign.windows == (Window(time(9), time(12)), Window(time(14), time(18)))
    assert changed.campaign.card is None
    assert changed.campaign.trunk.calls_in_flight_max == 7
    assert changed.campaign.trunk.attempts_per_s == 2.5
    assert {number.calls_in_flight_max for number in changed.campaign.presented_numbers} == {7}
    same = replace(
        changed.campaign,
        windows=base.campaign.windows,
        card=base.campaign.card,
        trunk=base.campaign.trunk,
        presented_numbers=base.campaign.presented_numbers,
    )
    assert replace(changed, campaign=same) == base


@pytest.mark.parametrize(
    "text",
    ["", "agents", "speed=2", "card=on", "capacity=0", "capacity=many", "hours=9", "hours=25:00-26:00", "pace=-1",
     "agents=5", "card=off,,"],
)  # fmt: skip
def test_a_variant_that_cannot_be_read_teaches_how_to_write_one(text: str) -> None:
    with pytest.raises(WhatIfError):
        WhatIf(text).apply(scenario())
