"""Seeds that once broke a promise are rehearsed again, each from its file."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from baitie.bootstrap.fault_days import read_failing_seed, read_plan, write_failing_seed
from baitie.bootstrap.folders import read_folder
from baitie.bootstrap.rehearsing import memory_stores, read_scenario
from baitie.bootstrap.wire_days import fidelity_of
from baitie.files.problems import SettingsError
from baitie.rehearsal.crowd import with_leads
from baitie.rehearsal.faults import parse_fault_plan
from baitie.rehearsal.faults.faulted_day import faulted_day
from baitie.rehearsal.faults.ledger import FailingSeed, FailingSeedError
from baitie.rehearsal.fidelity import FidelityName
from baitie.rehearsal.invariants import Invariant, Violation

ROOT = Path(__file__).parents[2]
FILES = sorted((Path(__file__).parent / "failing").glob("*.json"))
NONE_YET = pytest.param(None, marks=pytest.mark.skip(reason="no seed has failed so far"))


@pytest.mark.parametrize("file", FILES or [NONE_YET], ids=lambda file: file.stem if file else "none")
def test_seed_that_once_failed_keeps_every_promise(file: Path) -> None:
    failing = read_failing_seed(file)
    folder = read_folder(ROOT / failing.campaign, dict(os.environ))
    scenario = with_leads(read_scenario(folder, failing.start), failing.leads)
    plan, fidelity = parse_fault_plan(failing.plan, file.name), fidelity_of(failing.fidelity, folder.prompts)
    day = faulted_day(scenario, plan, failing.seed, memory_stores(), fidelity=fidelity)
    assert day.violations == ()


def test_failing_seed_is_read_as_it_was_written(tmp_path: Path) -> None:
    violation = Violation(Invariant.TWICE, 12.5, "at_1 was placed twice")
    failing = FailingSeed(
        "c", 20, datetime(2026, 3, 3, 2, tzinfo=UTC), 7, read_plan("all"), (violation,) * 20, FidelityName.WIRE
    )
    file = write_failing_seed(tmp_path / "deep" / "failing", failing)
    found = read_failing_seed(file)
    assert (found.campaign, found.leads, found.start, found.seed) == ("c", 20, failing.start, 7)
    assert found.fidelity is FidelityName.WIRE
    assert parse_fault_plan(found.plan, "f") == parse_fault_plan(failing.plan, "f")
    assert file.read_text("utf-8").count("placed twice") < 20, "the first few tell enough"


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "[" * 100_000, '{"campaign": "c", "leads": true, "start": "2026-03-03", "seed": 1}'],
)
def test_file_that_holds_no_failing_seed_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "1.json"
    file.write_text(text, "utf-8")
    with pytest.raises(FailingSeedError):
        read_failing_seed(file)
    with pytest.raises(SettingsError):
        read_failing_seed(tmp_path / "missing.json")
