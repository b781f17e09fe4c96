"""Without a terminal each tenth of the days is said once."""

import pytest

from baitie.cli.rehearse_progress import LINES_MAX, told_in_tenths


@pytest.mark.parametrize("days", [10, 50, 57, 1000])
def test_each_tenth_is_said_once_and_the_last_is_all(days: int) -> None:
    said: list[str] = []
    on_day = told_in_tenths("working", days, said.append)
    for _ in range(days):
        on_day()
    assert len(said) == LINES_MAX
    assert said[-1] == f"working {days}/{days} (100%)"


def test_a_few_days_say_nothing() -> None:
    said: list[str] = []
    on_day = told_in_tenths("working", 3, said.append)
    for _ in range(3):
        on_day()
    assert said == []
