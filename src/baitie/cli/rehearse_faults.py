"""`baitie rehearse --faults`: days on which things go wrong, judged by what must hold on every day."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from baitie.bootstrap.fault_days import fault_days, read_failing_seed, read_plan, write_failing_seed
from baitie.bootstrap.folders import read_folder
from baitie.bootstrap.rehearsing import read_scenario
from baitie.bootstrap.wire_days import fidelity_of
from baitie.cli.shared import ExitCode, Shell, table
from baitie.files.campaign_folder import CampaignFolder
from baitie.locale.catalogue import catalogue
from baitie.rehearsal.crowd import with_leads
from baitie.rehearsal.faults import parse_fault_plan
from baitie.rehearsal.faults.faulted_day import FaultedDay
from baitie.rehearsal.faults.ledger import FailingSeed, Ledger, first_of_each
from baitie.rehearsal.fidelity import FidelityName
from baitie.rehearsal.scenario import Scenario

FAILING_FOLDER = Path("failing-seeds")
FAILING_SHOWN_MAX = 5


def break_days(
    shell: Shell,
    folder: CampaignFolder,
    campaign: Path,
    scenario: Scenario,
    plan_name: str,
    seeds: Sequence[int],
    failing_folder: Path | None,
    fidelity: FidelityName,
    on_day: Callable[[], None],
) -> int:
    """Rehearse the days, write down each that broke a promise, and say what came of them."""
    words = catalogue("faults", shell.lang)
    plan_table = read_plan(plan_name)
    way = fidelity_of(fidelity, folder.prompts)
    ledger, files = Ledger(), list[Path]()
    for day in fault_days(scenario, parse_fault_plan(plan_table, plan_name), seeds, way):
        ledger.add(day)
        on_day()
        if day.violations:
            kept = FailingSeed(
                str(campaign), len(scenario.leads), scenario.civil_start, day.seed, plan_table, day.violations, fidelity
            )
            files.append(write_failing_seed(failing_folder or FAILING_FOLDER, kept))
    _show(shell, ledger, len(scenario.leads))
    commands = [f"baitie rehearse {campaign} --repeat {file}" for file in files]
    for day, command in list(zip(ledger.failing, commands, strict=True))[:FAILING_SHOWN_MAX]:
        _show_failing(shell, day)
        shell.line("  " + words.text("repeat", command=command))
    if len(files) > FAILING_SHOWN_MAX:
        shell.line(words.text("more", count=len(files) - FAILING_SHOWN_MAX, folder=files[0].parent))
    shell.give({**ledger.to_json(), "files": [str(file) for file in files], "repeat": commands})
    return ExitCode.PROBLEMS if ledger.failing else ExitCode.OK


def repeat_day(shell: Shell, campaign: Path, file: Path) -> int:
    """Rehearse the day of a failing seed again, and tell every violation of it."""
    failing = read_failing_seed(file)
    folder = read_folder(campaign, shell.environ)
    scenario = with_leads(read_scenario(folder, failing.start), failing.leads)
    way = fidelity_of(failing.fidelity, folder.prompts)
    ledger = Ledger()
    (day,) = fault_days(scenario, parse_fault_plan(failing.plan, file.name), [failing.seed], way)
    ledger.add(day)
    _show(shell, ledger, failing.leads)
    for violation in day.violations:
        shell.line(f"  {violation.at_s:12.3f} s  {violation.invariant.value:<10} {violation.detail}")
    body: dict[str, Any] = {**ledger.to_json(), "journal": day.journal_hash, "ends": day.end}
    body["broken"] = [{"invariant": v.invariant.value, "at_s": v.at_s, "detail": v.detail} for v in day.violations]
    shell.give(body)
    return ExitCode.PROBLEMS if day.violations else ExitCode.OK


def _show(shell: Shell, ledger: Ledger, leads: int) -> None:
    words = catalogue("faults", shell.lang)
    shell.line(words.text("title", days=ledger.days, leads=leads))
    rows = [("attempts", ledger.attempts), ("lives", ledger.lives)]
    shell.line(table([(words.text(f"figure.{name}"), f"{count:,}") for name, count in rows]))
    shell.line(words.text("heading.faults"))
    shell.line(table([(words.text(f"fault.{kind}"), f"{count:,}") for kind, count in sorted(ledger.faults.items())]))
    shell.line()
    if not ledger.violations:
        shell.line(words.text("kept"))
        return
    shell.line(words.text("heading.broken", days=len(ledger.failing)))
    broken = sorted(ledger.violations.items())
    shell.line(table([(words.text(f"invariant.{name}"), f"{count:,}") for name, count in broken]))


def _show_failing(shell: Shell, day: FaultedDay) -> None:
    words = catalogue("faults", shell.lang)
    shell.line(words.text("seed", seed=day.seed))
    for violation in first_of_each(day.violations):
        shell.line(
            f"  {violation.at_s:.3f} s  {words.text(f'invariant.{violation.invariant.value}')}: {violation.detail}"
        )
