"""Work over renewed processes: in order, in as many processes as batches, and with every error told."""

import multiprocessing
import os

import pytest

from baitie.bootstrap.renewed_processes import LostProcessError, in_renewed_processes

pytestmark = pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system cannot fork")


def _with_process(number: int) -> tuple[int, int]:
    return number, os.getpid()


def _fail_at_five(number: int) -> int:
    if number == 5:
        raise ValueError("five")
    return number


def _die_at_five(number: int) -> int:
    if number == 5:
        os._exit(9)
    return number


def test_results_come_in_the_order_of_what_was_wanted_and_each_batch_has_its_own_process() -> None:
    results = list(in_renewed_processes(_with_process, range(23), processes=2, wanted_per_process=5))
    assert [number for number, _ in results] == list(range(23))
    by_batch = [{process for _, process in results[first : first + 5]} for first in range(0, 23, 5)]
    assert all(len(processes) == 1 for processes in by_batch)
    assert len(set.union(*by_batch)) == 5
    assert os.getpid() not in set.union(*by_batch)


def test_an_error_is_raised_here_after_what_came_before_it() -> None:
    results = in_renewed_processes(_fail_at_five, range(8), processes=2, wanted_per_process=4)
    seen: list[int] = []
    with pytest.raises(ValueError, match="five"):
        seen.extend(next(results) for _ in range(8))
    assert set(seen) <= {0, 1, 2, 3, 4}


def test_a_process_that_dies_is_an_error_and_not_a_wait_for_ever() -> None:
    with pytest.raises(LostProcessError, match="9"):
        list(in_renewed_processes(_die_at_five, range(8), processes=2, wanted_per_process=4))


def test_who_takes_no_more_leaves_no_process_behind() -> None:
    results = in_renewed_processes(_with_process, range(100), processes=2, wanted_per_process=50)
    _, process = next(results)
    results.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
