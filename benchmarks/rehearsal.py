"""How fast a day is rehearsed: attempts a minute on one core, a day of 100,000 leads, a forecast of the example."""

import argparse
import os
import resource
import time
from dataclasses import replace
from pathlib import Path

from baitie.bootstrap.campaign_files import read_folder
from baitie.bootstrap.forecasting import forecast
from baitie.bootstrap.rehearsing import memory_stores, read_scenario
from baitie.bootstrap.settings import zone_of
from baitie.kernel.ids import AgentId, CalleeId, LeadId
from baitie.kernel.phone import PhoneNumber
from baitie.rehearsal.rehearse import rehearse_once
from baitie.rehearsal.scenario import Scenario
from benchmarks.figures import Figure, Report, run_and_show

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "order-followup"
WITH_AGENTS = ROOT / "tests" / "rehearsal" / "ten-agents"
AGENTS = 50
LEADS, DAY_LEADS = 5_000, 100_000
ATTEMPTS_PER_S = 10.0  # 36,000 an hour: a day of 100,000 leads and their second attempts fits between nine and six
SEEDS = 50


def many(leads: int, agents: int = 0) -> Scenario:
    """The example's campaign for so many people, in real civil time and without a budget; with agents or the bot."""
    base = read_scenario(read_folder(WITH_AGENTS if agents else EXAMPLE, dict(os.environ)))
    callee, lead, campaign = base.callees[0], base.leads[0], base.campaign
    callees = [
        replace(callee, callee_id=CalleeId(f"ca_{n:08d}"), number=PhoneNumber(f"+86138{n:08d}")) for n in range(leads)
    ]
    shown = [replace(number, calls_in_flight_max=2000) for number in campaign.presented_numbers]
    roster = tuple(AgentId(f"agent-{n}") for n in range(agents))
    return replace(
        base,
        callees=tuple(callees),
        leads=tuple(
            replace(lead, lead_id=LeadId(f"le_{n:08d}"), callee_id=callees[n].callee_id, row=n + 2)
            for n in range(leads)
        ),
        campaign=replace(
            campaign,
            attempts_max_per_day=None,
            trunk=replace(campaign.trunk, attempts_per_s=ATTEMPTS_PER_S, calls_in_flight_max=2000),
            presented_numbers=tuple(shown),
            agents=None if campaign.agents is None else replace(campaign.agents, roster=roster),
        ),
        civil_speed=1.0,
    )


def rehearsed(scenario: Scenario) -> tuple[float, float, int, float]:
    """Seconds of the core, seconds of the wall, attempts, and virtual seconds of one day."""
    cpu, wall = time.process_time(), time.perf_counter()
    run = rehearse_once(scenario, 1, memory_stores())
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    attempts, elapsed_s = run.summary.progress.attempts, run.summary.elapsed_s
    run.close()
    return cpu, wall, attempts, elapsed_s


def run(arguments: argparse.Namespace) -> list[Report]:
    """All figures; the long day only where it is asked for."""
    report = Report("rehearsal", f"fast fidelity, {LEADS} leads, one core; a forecast on two")
    cpu_s, wall_s, attempts, elapsed_s = rehearsed(many(LEADS))
    report.figures += [
        Figure("attempts rehearsed", attempts / cpu_s * 60, "/min of CPU", 60_000, at_least=True),
        Figure("attempts rehearsed, wall clock", attempts / wall_s * 60, "/min"),
        Figure("faster than real time", elapsed_s / wall_s, "x"),
    ]
    folder = read_folder(EXAMPLE, dict(os.environ))
    begun = time.perf_counter()
    forecast(read_scenario(folder), range(1, SEEDS + 1), (), zone_of(folder.organisation.settings))
    report.figures.append(Figure(f"forecast of the example from {SEEDS} days", time.perf_counter() - begun, "s", 30.0))
    for agents in (AGENTS, 0) if arguments.full else ():
        cpu_s, wall_s, attempts, _ = rehearsed(many(DAY_LEADS, agents))
        who = f"{agents} agents" if agents else "the bot"
        report.figures += [
            Figure(f"day of {DAY_LEADS:,} leads and {who} ({attempts:,} attempts)", cpu_s, "s of CPU", 200.0),
            Figure("highest memory so far", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MiB", 1024.0),
        ]
    report.notes.append("A core that others use too does less in a second of CPU time: caches and clock are shared.")
    return [report]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--full",
        action="store_true",
        help=f"also rehearse a day of {DAY_LEADS:,} leads, with {AGENTS} agents and with the bot",
    )
    return run_and_show(run, parser)


if __name__ == "__main__":
    raise SystemExit(main())
