"""Days with faults of one scenario over many seeds, shared out over processes that are renewed."""

import json
from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from baitie.adapters.store.memory_engine import MemoryEngine
from baitie.bootstrap.rehearsing import imported, memory_stores, without_warnings
from baitie.bootstrap.renewed_processes import in_renewed_processes, processes_for
from baitie.files.bounded_files import read_within
from baitie.files.problems import Problem, SettingsError
from baitie.files.toml_files import read_toml
from baitie.rehearsal.faults import FaultPlan, parse_fault_plan
from baitie.rehearsal.faults.faulted_day import FaultedDay, faulted_day
from baitie.rehearsal.faults.ledger import FailingSeed, FailingSeedError, parse_failing_seed
from baitie.rehearsal.fidelity import Fidelity
from baitie.rehearsal.rehearse import FAST
from baitie.rehearsal.scenario import Scenario

DAYS_PER_PROCESS = 10
"""Lives that crashed stay in memory until their process ends, so that no `finally` of theirs runs: 50 MB a day of 2,000
leads."""

PLAN_NAMES = ("all", "none")
FAILING_SEED_OCTETS_MAX = 1024 * 1024

_of_this_process: tuple[Scenario, FaultPlan, Fidelity] | None = None  # inherited: a rule book cannot be sent
_imported: MemoryEngine | None = None
"""What each day begins with: the leads, imported once. Made in the process that uses it."""


def read_plan(name: str) -> dict[str, Any]:
    """The table of a shipped fault plan, or of a file. Raises `SettingsError` or `FaultPlanError`."""
    if name in PLAN_NAMES:
        shipped = resources.files("baitie.rehearsal.faults") / "plans" / f"{name}.toml"
        with resources.as_file(shipped) as file:
            return read_toml(file)[0]
    table, _ = read_toml(Path(name))
    parse_fault_plan(table, Path(name).name)
    return table


def fault_days(
    scenario: Scenario, plan: FaultPlan, seeds: Sequence[int], fidelity: Fidelity = FAST
) -> Iterator[FaultedDay]:
    """One day for each seed, in the order of the seeds."""
    global _of_this_process, _imported
    _of_this_process, _imported = (scenario, plan, fidelity), None
    processes = processes_for(len(seeds))
    if processes < 2:
        yield from map(_day, seeds)
        return
    yield from in_renewed_processes(_day, seeds, processes, DAYS_PER_PROCESS)


def _day(seed: int) -> FaultedDay:
    global _imported
    assert _of_this_process is not None
    scenario, plan, fidelity = _of_this_process
    if _imported is None:
        _imported = imported(scenario)
    with without_warnings():
        return faulted_day(scenario, plan, seed, memory_stores(_imported), fidelity=fidelity)


def write_failing_seed(folder: Path, failing: FailingSeed) -> Path:
    """Write a failing seed into a file of its own in the folder, which is made where it is not there."""
    file = folder / f"{failing.seed}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(failing.to_json(), ensure_ascii=False, indent=2) + "\n", "utf-8")
    except OSError as error:
        problem = Problem(file.name, "", "file-unreadable", None, {"reason": error.strerror or "?"})
        raise SettingsError([problem]) from error
    return file


def read_failing_seed(file: Path) -> FailingSeed:
    """The failing seed of a file. Raises `SettingsError` or `FailingSeedError`."""
    try:
        data = read_within(file, FAILING_SEED_OCTETS_MAX)
    except OSError as error:
        problem = Problem(file.name, "", "file-unreadable", None, {"reason": error.strerror or "?"})
        raise SettingsError([problem]) from error
    try:
        return parse_failing_seed(json.loads(data[:FAILING_SEED_OCTETS_MAX]), file.name)
    except (ValueError, RecursionError):
        raise FailingSeedError(file=file.name) from None
