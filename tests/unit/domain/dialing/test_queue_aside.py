"""Who is better called at another hour stands behind who is ready, and is taken when nobody else is."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.dialing.test_queue_drop import NOW, lead

from baitie.domain.dialing.queue import LeadQueue

LATER = NOW + timedelta(hours=1)


def taken(queue: LeadQueue, at: object = NOW) -> list[int]:
    order = []
    while (found := queue.take(at)) is not None:  # type: ignore[arg-type]
        order.append(found.row)
    return order


def test_who_stands_aside_is_taken_after_all_who_are_ready_whatever_the_priority() -> None:
    queue = LeadQueue()
    queue.set_aside(lead(1, priority=9), 1, LATER)
    queue.add(lead(2), NOW)
    queue.add(lead(3, priority=1), NOW)
    assert taken(queue) == [3, 2, 1]
    assert queue.took_from_aside


def test_among_those_aside_fewer_advices_go_first_then_priority() -> None:
    queue = LeadQueue()
    queue.set_aside(lead(1), 2, LATER)
    queue.set_aside(lead(2), 1, LATER)
    queue.set_aside(lead(3, priority=1), 1, LATER)
    assert taken(queue) == [3, 2, 1]


def test_when_the_better_hour_has_come_priority_counts_again() -> None:
    queue = LeadQueue()
    queue.set_aside(lead(1, priority=9), 1, LATER)
    queue.add(lead(2), NOW)
    assert taken(queue, LATER) == [1, 2]
    assert len(queue) == 0


def test_nobody_waits_in_vain_for_a_better_hour() -> None:
    queue = LeadQueue()
    queue.set_aside(lead(1), 1, LATER)
    assert queue.has_ready(NOW)
    assert queue.count_ready(NOW) == 1
    assert not queue.has_others_ready()


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["add", "aside", "drop"])), max_size=40), st.booleans())
def test_everybody_stands_there_once_and_is_taken_once(steps: list[tuple[int, str]], is_later: bool) -> None:
    queue, held = LeadQueue(), set[int]()
    for number, what in steps:
        if what == "drop":
            assert queue.drop(lead(number).lead_id) == (number in held)
            held.discard(number)
            continue
        held.add(number)
        if what == "add":
            queue.add(lead(number), NOW)
        else:
            queue.set_aside(lead(number), 1, LATER)
    assert len(queue) == len(held)
    assert sorted(taken(queue, LATER if is_later else NOW)) == sorted(held)
