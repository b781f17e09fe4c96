"""Rehearsed days: the same seed gives the same journal, and nothing but this thread takes part."""

import os
import threading
from pathlib import Path

import pytest

from baitie.app.calling.progress import RunEnd
from baitie.bootstrap.folders import read_folder
from baitie.bootstrap.rehearsing import imported, memory_stores, read_scenario
from baitie.kernel.outcome import Outcome
from baitie.rehearsal.rehearse import FaultHooks, Rehearsal, RehearsedRun, Stage, rehearse_once
from baitie.rehearsal.scenario import Scenario
from baitie.rehearsal.virtual_time import SimulatedCrash

EXAMPLE = Path(__file__).parents[2] / "examples" / "order-followup"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return read_scenario(read_folder(EXAMPLE, dict(os.environ)))


def rehearsed(scenario: Scenario, seed: int) -> RehearsedRun:
    return rehearse_once(scenario, seed, memory_stores())


def journal_text(run: RehearsedRun) -> list[str]:
    return [repr(row) for row in run.store.journal()]


def test_the_same_seed_gives_the_same_journal_byte_for_byte_and_another_seed_another(scenario: Scenario) -> None:
    first, again, other = (rehearsed(scenario, seed) for seed in (1, 1, 2))
    assert journal_text(first) == journal_text(again)
    assert first.journal_hash() == again.journal_hash() != other.journal_hash()
    assert len(journal_text(first)) > len(scenario.leads)


def test_a_day_on_a_copy_of_imported_leads_is_the_same_day(scenario: Scenario) -> None:
    copied = rehearse_once(scenario, 1, memory_stores(imported(scenario)))
    assert copied.journal_hash() == rehearsed(scenario, 1).journal_hash()


def test_no_thread_but_the_caller_s_takes_part(scenario: Scenario) -> None:
    before, during = threading.enumerate(), list[list[threading.Thread]]()

    def look(stage: Stage) -> None:
        for after_s in range(0, 100, 5):
            stage.clock.loop.call_at(after_s, lambda: during.append(threading.enumerate()))

    rehearse_once(scenario, 1, memory_stores(), FaultHooks(on_begin=look)).close()
    assert len(during) > 10
    assert all(threads == before for threads in during)


def test_the_folder_is_left_as_it_was(scenario: Scenario) -> None:
    before = {file: file.stat().st_mtime_ns for file in EXAMPLE.rglob("*")}
    read_scenario(read_folder(EXAMPLE, dict(os.environ)))
    rehearsed(scenario, 3).close()
    assert {file: file.stat().st_mtime_ns for file in EXAMPLE.rglob("*")} == before


def test_a_crash_ends_one_life_and_the_next_goes_on_from_what_was_committed(scenario: Scenario) -> None:
    crash_at_s = 20.0

    def crash() -> None:
        raise SimulatedCrash

    def on_begin(stage: Stage) -> None:
        if stage.life == 1:
            stage.clock.loop.call_at(crash_at_s, crash)

    rehearsal = Rehearsal(scenario, 1, memory_stores(), FaultHooks(on_begin=on_begin))
    with pytest.raises(SimulatedCrash):
        rehearsal.live()
    rehearsal.wait(5.0)
    run = rehearsal.live()
    assert run.stage.life == 2
    assert run.summary.end in (RunEnd.FINISHED, RunEnd.WAITING)
    facts = run.facts()
    assert all(attempt.outcome is not None for attempt in facts.attempts)
    assert Outcome.UNKNOWN in {attempt.outcome for attempt in facts.attempts}, "some were in flight at the crash"
