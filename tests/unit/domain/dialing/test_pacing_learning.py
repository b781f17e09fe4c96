"""What pacing learns: who answers, how long agents are busy, and what is forgotten when."""

import random

import pytest

from baitie.domain.dialing.pacing.answering import AnswerMemory
from baitie.domain.dialing.pacing.durations import EDGES_S, SHRINKING_ENDS, DurationMemory, bin_of


def test_memoryless_durations_have_the_same_hazard_at_every_age() -> None:
    rng, memory = random.Random(1), DurationMemory(240.0)
    for number in range(300):
        memory.observe(rng.expovariate(1 / 60.0), 100.0 * number)
    hazards = memory.hazards([], 30_000.0)
    for age_s in (45, 55, 70, 90, 110):
        assert abs(hazards[bin_of(age_s)] - 1 / 60) < 0.5 / 60


def test_nobody_is_expected_soon_while_nothing_is_known() -> None:
    hazards = DurationMemory(240.0).hazards([], 0.0)
    assert max(hazards) <= 1 / 200


def test_longer_talks_show_before_they_have_ended() -> None:
    memory = DurationMemory(240.0)
    for number in range(300):
        memory.observe(60.0, 30.0 * number)
    now = 9_000.0
    usual = memory.hazards([now - 30.0] * 20, now)[bin_of(60.0)]
    held = memory.hazards([now - 300.0] * 20, now)[bin_of(60.0)]
    assert held < usual


def test_what_lies_before_the_window_counts_neither_as_end_nor_as_lasting() -> None:
    memory = DurationMemory(240.0, kept_max=10)
    for number in range(200):
        memory.observe(50.0, 5.0 * number)
    hazards = memory.hazards([995.0 - age_s for age_s in range(0, 50, 5)], 995.0)
    assert hazards[bin_of(50.0)] > 5 * hazards[bin_of(20.0)]


def test_bins_cover_every_age() -> None:
    assert [bin_of(edge) for edge in EDGES_S] == list(range(len(EDGES_S)))
    assert bin_of(-1.0) == 0
    assert bin_of(1e9) == len(EDGES_S) - 1


def people(memory: AnswerMemory, rng: random.Random, answer_rate: float, attempts: int, begun: float) -> float:
    """One attempt a second: people answer after 10 s, the others never; told in the order in which they end."""
    ends = []
    for number in range(attempts):
        is_answer = rng.random() < answer_rate
        took_s = 10.0 if is_answer else 30.0
        ends.append((begun + number + took_s, took_s, is_answer))
    for at, took_s, is_answer in sorted(ends):
        memory.observe(took_s, is_answer, at)
    return begun + attempts + 30.0


def test_share_of_answers_is_found() -> None:
    memory = AnswerMemory()
    now = people(memory, random.Random(2), 0.25, 400, 0.0)
    assert abs(memory.hazards([], now).answer_rate - 0.25) < 0.05


def test_a_burst_does_not_look_like_many_answers() -> None:
    memory, now = AnswerMemory(), 12.0
    for _ in range(30):
        memory.observe(10.0, True, now)
    ringing = [0.0] * 170
    hazards = memory.hazards(ringing, now)
    assert hazards.answered[10] < 0.2
    assert sum(hazards.answered[:12]) < 0.25


def test_a_jump_of_the_answer_share_is_noticed_within_a_hundred_attempts() -> None:
    memory, rng = AnswerMemory(), random.Random(3)
    now = people(memory, rng, 0.10, 500, 0.0)
    now = people(memory, rng, 0.45, 100, now)
    assert memory.hazards([], now).answer_rate > 0.33
    assert len(memory) < 200


def test_a_steady_share_is_not_forgotten() -> None:
    memory, rng = AnswerMemory(), random.Random(4)
    now = 0.0
    for _ in range(20):
        now = people(memory, rng, 0.3, 50, now)
        memory.hazards([], now)
    assert len(memory) >= 500


def test_answers_come_when_they_came_before() -> None:
    memory = AnswerMemory()
    now = people(memory, random.Random(5), 0.5, 300, 0.0)
    assert memory.hazards([], now).quantiles_s((0.25, 0.5, 0.75)) == (11, 11, 11)


def test_the_part_of_a_duration_before_the_window_is_cut_off_to_the_second() -> None:
    memory = DurationMemory(10.0, kept_max=1)
    memory.observe(10.0, 10.0)
    memory.observe(15.0, 20.0)  # begun at 5; known from 10 on: its ages 5 to 15 are seen
    overall = (1 + 5.0) / (10.0 + 5.0 * 10.0)
    exposed_s = {0: 0.0, 2: 0.0, 4: 1.0, 6: 2.0, 12: 2.0, 14: 1.0, 16: 0.0}
    hazards = memory.hazards([], 20.0)
    for age_s, seen_s in exposed_s.items():
        ends = 1 if age_s == 14 else 0
        assert hazards[bin_of(age_s)] == pytest.approx((ends + SHRINKING_ENDS) / (seen_s + SHRINKING_ENDS / overall))


def test_of_more_durations_than_are_kept_the_oldest_is_forgotten_and_no_other() -> None:
    memory = DurationMemory(10.0, kept_max=2)
    for number, duration_s in enumerate((500.0, 3.0, 5.0), 1):
        memory.observe(duration_s, 1_000.0 * number)
    fresh = DurationMemory(10.0, kept_max=2)
    fresh.observe(3.0, 2_000.0)
    fresh.observe(5.0, 3_000.0)
    assert len(memory) == 2
    assert memory.hazards([], 3_000.0) == pytest.approx(fresh.hazards([], 3_000.0))
