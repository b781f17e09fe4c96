"""Who simulated people are, what keeps them from speaking, and what their carrier bears."""

import random
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baitie.kernel.time import Instant
from baitie.rehearsal.carrier_habits import BEARS_ALL, CarrierHabits, CarrierProfile, Refusal
from baitie.rehearsal.people import ANSWERS, CallPlan, Reaction, chance_for
from baitie.rehearsal.population import Population
from baitie.rehearsal.profile import Profile, ProfileError, parse_profile
from baitie.rehearsal.traits import (
    EVEN_TEMPERED,
    NO_ASSISTANTS,
    NO_FATIGUE,
    NO_MEETINGS,
    AssistantProfile,
    FatigueProfile,
    MeetingProfile,
    Trait,
    fatigue_odds,
    is_working_hour,
    temperament_of,
)

FILE = Path(__file__).parents[3] / "src" / "baitie" / "rehearsal" / "profiles" / "cn-callback.toml"
TABLE = tomllib.loads(FILE.read_text("utf-8"))
SHIPPED = parse_profile(TABLE, FILE.name)
PLAIN = replace(
    SHIPPED, traits=(), fatigue=NO_FATIGUE, meetings=NO_MEETINGS, assistants=NO_ASSISTANTS, carrier=BEARS_ALL
)
NOON, SUNDAY_NOON = 12, 6 * 24 + 12
DAY_S = 86_400.0


def numbers(count: int) -> list[str]:
    return [f"+86138{n:08d}" for n in range(count)]


def first_calls(profile: Profile, count: int = 2000, hour_of_week: int = NOON, presented: str = "") -> list[CallPlan]:
    people = Population(profile, 7)
    return [people.on_call(number, hour_of_week, Instant(0.0), presented) for number in numbers(count)]


def answered(plans: list[CallPlan]) -> int:
    return sum(plan.reaction is Reaction.ANSWER for plan in plans)


# Traits


def test_a_trait_belongs_to_its_share_of_the_people_and_no_kind_twice() -> None:
    young, old = Trait("age", "young", 0.3, answer_odds=3.0), Trait("age", "old", 0.2, answer_odds=5.0)
    met = Counter(
        temperament_of((young, old), number, chance_for(1, number, "person", 1)).answer_odds for number in numbers(5000)
    )
    assert met[3.0] / 5000 == pytest.approx(0.3, abs=0.02)
    assert met[5.0] / 5000 == pytest.approx(0.2, abs=0.02)
    assert set(met) == {1.0, 3.0, 5.0}


def test_traits_of_two_kinds_multiply_and_a_prefix_keeps_one_to_its_region() -> None:
    traits = (
        Trait("age", "all", 1.0, answer_odds=2.0),
        Trait("dialect", "cantonese", 1.0, ("+8620",), answer_odds=0.5, patience_factor=0.9),
    )
    in_guangzhou = temperament_of(traits, "+862012345678", random.Random(1))
    in_peking = temperament_of(traits, "+861012345678", random.Random(1))
    assert (in_guangzhou.answer_odds, in_guangzhou.patience_factor) == (1.0, 0.9)
    assert (in_peking.answer_odds, in_peking.patience_factor) == (2.0, 1.0)


def test_people_of_a_trait_answer_more_often_and_remain_who_they_are() -> None:
    eager = replace(PLAIN, traits=(Trait("age", "eager", 1.0, answer_odds=4.0),))
    assert answered(first_calls(eager)) > 1.5 * answered(first_calls(PLAIN))
    people = Population(replace(PLAIN, traits=(Trait("age", "some", 0.5, answer_odds=4.0),)), 7)
    before = [people.who(number) for number in numbers(50)]
    assert before == [people.who(number) for number in numbers(50)]
    assert len(set(before)) == 2


def test_the_patience_of_a_trait_is_that_of_those_who_press_nothing() -> None:
    impatient = replace(PLAIN, traits=(Trait("age", "impatient", 1.0, patience_factor=0.1),))
    pairs = zip(first_calls(impatient), first_calls(PLAIN), strict=True)
    silent = [
        (short.hang_up_after_s or 0.0, usual.hang_up_after_s or 0.0)
        for short, usual in pairs
        if usual.reaction is Reaction.ANSWER and not usual.keys
    ]
    shortened = [short == pytest.approx(usual * 0.1) for short, usual in silent]
    assert any(shortened)
    assert sum(shortened) + sum(short == usual for short, usual in silent) == len(silent)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"kind": "age", "name": "x"}, "lacks share"),
        ({"kind": "age", "name": "x", "share": 1.2}, "between 0 and 1"),
        ({"kind": "", "name": "x", "share": 0.1}, "kind is no word"),
        ({"kind": "age", "name": "x", "share": 0.1, "prefixes": "+86"}, "prefixes"),
        ({"kind": "age", "name": "x", "share": 0.1, "height": 2}, "unknown field 'height'"),
        ({"kind": "age", "name": "x", "share": 0.9}, "add up to"),
        ("old", "tables"),
    ],
)
def test_a_trait_that_cannot_be_is_named(row: Any, words: str) -> None:
    with pytest.raises(ProfileError, match=words):
        parse_profile({**TABLE, "traits": [*TABLE["traits"], row]}, "p.toml")


# Fatigue


@given(st.lists(st.floats(0.0, 10 * DAY_S), max_size=8), st.floats(0.0, 10 * DAY_S), st.floats(0.1, 1.0))
def test_every_remembered_ring_counts_once_and_no_forgotten_one(
    rang_at: list[float], now_s: float, odds: float
) -> None:
    found = fatigue_odds(FatigueProfile(odds, 24.0), rang_at, now_s)
    assert found == pytest.approx(odds ** sum(now_s - at < DAY_S for at in rang_at))


def test_who_was_rung_answers_less_until_it_is_forgotten() -> None:
    tired = replace(PLAIN, fatigue=FatigueProfile(0.05, 48.0))

    def second_calls(after_s: float) -> int:
        people = Population(tired, 7)
        for number in numbers(2000):
            people.on_call(number, NOON, Instant(0.0))
        return answered([people.on_call(number, NOON, Instant(after_s)) for number in numbers(2000)])

    assert second_calls(3600.0) < 0.4 * second_calls(50 * 3600.0)


# Meetings


def test_meetings_are_met_on_working_days_and_hours_and_by_the_same_person_until_they_end() -> None:
    always = replace(PLAIN, meetings=MeetingProfile(met_rate=1.0, taken_rate=0.0))
    assert {plan.reaction for plan in first_calls(always, 200)} == {Reaction.REJECTED}
    assert answered(first_calls(always, 200, SUNDAY_NOON)) == answered(first_calls(PLAIN, 200, SUNDAY_NOON)) > 0
    sometimes = Population(replace(PLAIN, meetings=MeetingProfile(met_rate=0.5, taken_rate=1.0, says_so_s=2.5)), 7)

    def in_meeting(at_s: float, asked: Iterable[str]) -> set[str]:
        return {one for one in asked if sometimes.on_call(one, NOON, Instant(at_s)).hang_up_after_s == 2.5}

    met = in_meeting(0.0, numbers(200))
    assert 60 < len(met) < 140
    assert in_meeting(1.0, met) == met
    assert len(in_meeting(5 * DAY_S, met)) < len(met), "no meeting lasts for ever"


def test_who_picks_up_in_a_meeting_says_so_and_is_gone() -> None:
    polite = replace(PLAIN, meetings=MeetingProfile(met_rate=1.0, taken_rate=1.0, says_so_s=2.5))
    plans = first_calls(polite, 100)
    assert {(plan.reaction, plan.hang_up_after_s, plan.keys) for plan in plans} == {(Reaction.ANSWER, 2.5, ())}


def test_working_hours_are_nine_to_six_from_monday_to_friday() -> None:
    assert [hour for hour in range(24) if is_working_hour(hour)] == list(range(9, 18))
    assert is_working_hour(4 * 24 + 17)
    assert not any(is_working_hour(hour) for hour in range(5 * 24, 7 * 24))


# Assistants


def test_assistants_take_calls_that_nobody_takes_and_none_that_somebody_does() -> None:
    screened = replace(PLAIN, assistants=AssistantProfile(taken_rate=1.0, ring_s=3.0, stays_s=11.0))
    with_them, without = first_calls(screened), first_calls(PLAIN)
    for plan, before in zip(with_them, without, strict=True):
        if before.reaction in (Reaction.NO_ANSWER, Reaction.REJECTED):
            assert (plan.reaction, plan.ring_s, plan.hang_up_after_s) == (Reaction.ASSISTANT, 3.0, 11.0)
        else:
            assert plan == before
    assert any(plan.reaction is Reaction.ASSISTANT for plan in with_them)
    assert Reaction.ASSISTANT in ANSWERS


# Carriers


def habits(profile: CarrierProfile) -> CarrierHabits:
    return CarrierHabits(profile, lambda number, nth: chance_for(1, number, "label", nth))


def test_a_carrier_refuses_more_calls_than_it_has_room_for_until_one_is_over() -> None:
    carrier = habits(CarrierProfile(in_flight_max_calls=2))
    assert [carrier.refuses("+8610", 0.0) for _ in range(3)] == [None, None, Refusal.CONGESTED]
    carrier.over()
    assert [carrier.refuses("+8610", 1.0) for _ in range(2)] == [None, Refusal.CONGESTED]
    carrier.all_over()
    assert carrier.refuses("+8610", 2.0) is None


def test_a_carrier_refuses_calls_that_come_too_fast() -> None:
    carrier = habits(CarrierProfile(setups_max_per_s=2))
    assert [carrier.refuses("+8610", at_s) for at_s in (0.0, 0.5, 0.9, 1.01)] == [None, None, Refusal.CONGESTED, None]


def test_a_number_that_called_too_often_in_a_day_is_barred_and_others_are_not() -> None:
    carrier = habits(CarrierProfile(number_max_per_day=2))
    assert [carrier.refuses("+8610", at_s) for at_s in (0.0, 1.0, 2.0)] == [None, None, Refusal.NUMBER_BARRED]
    assert carrier.refuses("+8621", 3.0) is None
    assert carrier.refuses("+8610", DAY_S + 0.5) is None


def test_a_label_comes_after_many_calls_costs_answers_and_wears_off() -> None:
    carrier = habits(CarrierProfile(label_after_per_day=3, label_rate=1.0, label_odds=0.25, label_lasts_h=10.0))
    odds = []
    for at_s in (0.0, 1.0, 2.0, 3.0):
        carrier.refuses("+8610", at_s)
        odds.append(carrier.label_odds("+8610", at_s))
    assert odds == [1.0, 1.0, 1.0, 0.25]
    assert carrier.label_odds("+8621", 3.0) == 1.0
    assert carrier.label_odds("+8610", 3.0 + 36_000.0) == 1.0


def test_people_see_the_label_of_the_number_that_is_shown() -> None:
    labelled = replace(
        PLAIN, carrier=CarrierProfile(label_after_per_day=1, label_rate=1.0, label_odds=0.1, label_lasts_h=24.0)
    )
    assert answered(first_calls(labelled, presented="+8610")) < 0.3 * answered(first_calls(PLAIN, presented="+8610"))


@pytest.mark.parametrize(
    ("carrier", "reaction"),
    [
        (CarrierProfile(in_flight_max_calls=1), Reaction.CONGESTED),
        (CarrierProfile(number_max_per_day=1), Reaction.NUMBER_BARRED),
    ],
)
def test_a_refused_call_is_not_under_way_and_tires_nobody(carrier: CarrierProfile, reaction: Reaction) -> None:
    people = Population(replace(PLAIN, carrier=carrier, fatigue=FatigueProfile(0.5)), 7)
    first = people.on_call("+8613800000001", NOON, Instant(0.0), "+8610")
    refused = people.on_call("+8613800000002", NOON, Instant(1.0), "+8610")
    assert refused.reaction is reaction
    people.on_call_over("+8613800000002", refused)
    assert people.on_call("+8613800000003", NOON, Instant(2.0), "+8610").reaction is reaction
    people.on_call_over("+8613800000001", first)


def test_without_any_of_it_the_population_is_even_tempered() -> None:
    assert Population(PLAIN, 1).who("+8613800000001") is EVEN_TEMPERED
    assert first_calls(PLAIN, 300) == first_calls(replace(PLAIN, carrier=CarrierProfile(label_rate=1.0)), 300)
