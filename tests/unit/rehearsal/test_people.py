"""Simulated people: what they do follows the profile, and depends on seed, number and turn only."""

import random
import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baitie.kernel.time import Instant
from baitie.rehearsal.people import MessageFate, Reaction, chance_for, plan_call, plan_message
from baitie.rehearsal.population import CARD_REMEMBERED_S, Population
from baitie.rehearsal.profile import SHARES, Profile, ProfileError, parse_profile

FILE = Path(__file__).parents[3] / "src/baitie/rehearsal/profiles/cn-callback.toml"
DATA = tomllib.loads(FILE.read_text("utf-8"))
PROFILE = parse_profile(DATA, FILE.name)
PEOPLE = 8000
NOON = 12
# Five standard deviations of a share near one half, among so many: wrong once in two million runs, and seeded besides.
TOLERANCE = 5 * (0.25 / PEOPLE) ** 0.5


def reactions(profile: Profile, segment: str = "", hour: int = NOON, *, has_card: bool = False) -> Counter[Reaction]:
    rngs = (random.Random(seed) for seed in range(PEOPLE))
    return Counter(plan_call(profile, segment, hour, has_card, rng).reaction for rng in rngs)


def share(odds: float) -> float:
    return odds / (1 + odds)


@pytest.mark.parametrize("hour", [3, 9, 12, 19])
def test_share_of_answers_is_that_of_the_hour(hour: int) -> None:
    found = reactions(PROFILE, hour=hour)[Reaction.ANSWER] / PEOPLE
    assert abs(found - PROFILE.answer.rate_by_hour[hour]) < TOLERANCE


def test_card_and_segment_multiply_the_odds_of_an_answer() -> None:
    rate = PROFILE.answer.rate_by_hour[NOON]
    expected = share(rate / (1 - rate) * PROFILE.answer.card_odds * PROFILE.answer.segment_odds["silent"])
    found = reactions(PROFILE, "silent", has_card=True)[Reaction.ANSWER] / PEOPLE
    assert abs(found - expected) < TOLERANCE


def test_shares_of_those_who_do_not_answer_are_those_of_the_profile() -> None:
    found = reactions(PROFILE)
    unanswered = PEOPLE - found[Reaction.ANSWER]
    for name in SHARES:
        assert abs(found[Reaction(name)] / unanswered - getattr(PROFILE.not_answered, name)) < TOLERANCE


def test_keys_are_pressed_in_the_shares_of_the_profile() -> None:
    always = replace(PROFILE, answer=replace(PROFILE.answer, rate_by_hour=(0.9999,) * 24))
    plans = [plan_call(always, "", NOON, False, random.Random(seed)) for seed in range(PEOPLE)]
    early = PROFILE.answer.early_hang_up_rate
    pressed = Counter(key for plan in plans for _, key in plan.keys)
    for key, rate in PROFILE.keys.rates.items():
        assert abs(pressed[key] / PEOPLE - rate * (1 - early)) < TOLERANCE
    assert all(plan.hang_up_after_s is not None for plan in plans if plan.reaction is Reaction.ANSWER)
    assert all(at < (plan.hang_up_after_s or 0.0) for plan in plans for at, _ in plan.keys)


def test_fates_of_messages_are_those_of_the_profile() -> None:
    plans = [plan_message(PROFILE.messages, random.Random(seed)) for seed in range(PEOPLE)]
    fates = Counter(plan.fate for plan in plans)
    rates = PROFILE.messages
    assert abs(fates[MessageFate.REFUSED] / PEOPLE - rates.refused_rate) < TOLERANCE
    assert abs(fates[MessageFate.THROTTLED] / PEOPLE - rates.throttled_rate) < TOLERANCE
    assert abs(fates[MessageFate.UNDELIVERED] / PEOPLE - rates.undelivered_rate) < TOLERANCE
    assert abs(fates[MessageFate.NO_RECEIPT] / PEOPLE - rates.lost_receipt_rate) < TOLERANCE
    assert abs(sum(plan.is_doubled for plan in plans) / PEOPLE - rates.doubled_receipt_rate) < TOLERANCE
    assert all(plan.arrives for plan in plans if plan.fate is MessageFate.DELIVERED)


NUMBERS = st.lists(st.integers(0, 20).map(lambda n: f"+86138{n:08d}"), min_size=1, max_size=30)


@given(NUMBERS, st.randoms(use_true_random=False), st.integers(0, 99))
def test_same_seed_plans_the_same_in_whatever_order_people_are_called(
    numbers: list[str], shuffler: random.Random, seed: int
) -> None:
    def plans(order: list[str]) -> dict[str, list[Any]]:
        people, found = Population(PROFILE, seed), dict[str, list[Any]]()
        for number in order:
            found.setdefault(number, []).append(people.on_call(number, NOON, Instant(0.0)))
            found[number].append(people.on_message(number))
        return found

    mixed = list(numbers)
    shuffler.shuffle(mixed)
    assert plans(numbers) == plans(mixed)


def test_seed_number_kind_and_turn_each_change_the_chance() -> None:
    drawn = {chance_for(*args).random() for args in [(1, "a", "c", 1), (2, "a", "c", 1), (1, "b", "c", 1)]}
    drawn |= {chance_for(1, "a", "m", 1).random(), chance_for(1, "a", "c", 2).random()}
    assert len(drawn) == 5


@pytest.mark.parametrize(("age_s", "counts"), [(0.0, True), (CARD_REMEMBERED_S, True), (CARD_REMEMBERED_S + 1, False)])
def test_card_counts_for_the_next_call_while_it_is_remembered(age_s: float, counts: bool) -> None:
    certain = replace(PROFILE, answer=replace(PROFILE.answer, rate_by_hour=(1e-9,) * 24, card_odds=1e15))
    people = Population(certain, 1)
    people.show_card("+8613800000001", Instant(0.0))
    first = people.on_call("+8613800000001", NOON, Instant(age_s))
    second = people.on_call("+8613800000001", NOON, Instant(age_s))
    assert (first.reaction is Reaction.ANSWER) == counts
    assert second.reaction is not Reaction.ANSWER, "a card speaks for one call"


@pytest.mark.parametrize(
    ("table", "field", "value", "words"),
    [
        ("answer", "rate_by_hour", [0.5] * 23, ["rate_by_hour", "24"]),
        ("answer", "early_hang_up_rate", 1.5, ["[answer]", "early_hang_up_rate"]),
        ("answer", "ring_median_s", "3", ["[answer]", "ring_median_s"]),
        ("answer", "nonsense", 1, ["[answer]", "nonsense"]),
        ("not_answered", "busy", 0.9, ["[not_answered]", "shares"]),
        ("keys", "1", 0.99, ["[keys]", "more than 1"]),
        ("messages", "receipt_median_s", None, ["[messages]", "receipt_median_s"]),
    ],
)
def test_profile_fault_is_named_by_file_table_and_field(
    table: str, field: str, value: object, words: list[str]
) -> None:
    data = {**DATA, table: {key: kept for key, kept in DATA[table].items() if key != field}}
    if value is not None:
        data[table][field] = value
    with pytest.raises(ProfileError) as raised:
        parse_profile(data, "people.toml")
    assert "people.toml" in str(raised.value)
    for word in words:
        assert word in str(raised.value)


def test_profile_without_a_table_says_which() -> None:
    with pytest.raises(ProfileError, match="messages"):
        parse_profile({key: DATA[key] for key in DATA if key != "messages"}, "people.toml")
