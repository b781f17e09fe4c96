"""The fewest that suffice are found, wherever the search begins, and with few looks."""

from hypothesis import given
from hypothesis import strategies as st

from baitie.bootstrap.capacity_plan import fewest_sufficient

COUNTS = st.integers(1, 600)


@given(least=COUNTS, start=COUNTS, most=COUNTS)
def test_the_least_count_is_found_from_every_start(least: int, start: int, most: int) -> None:
    looked: list[int] = []

    def suffices(count: int) -> bool:
        looked.append(count)
        return count >= least

    found = fewest_sufficient(suffices, start, most)
    assert found == (least if least <= most else None)
    assert all(1 <= count <= most for count in looked)
    assert len(looked) <= 22


def test_a_start_that_is_one_too_many_needs_few_looks() -> None:
    looked: list[int] = []
    assert fewest_sufficient(lambda count: not looked.append(count) and count >= 7, 8, 300) == 7  # type: ignore[func-returns-value]
    assert len(set(looked)) <= 5
