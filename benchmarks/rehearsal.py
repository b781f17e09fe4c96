"""How fast a day is rehearsed: attempts a minute on one core, a day of 100,000 leads, a forecast of the example."""

import argparse
import os
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from baitie.adapters.store.memory_engine import MemoryEngine
from baitie.bootstrap.folders import read_folder
from baitie.bootstrap.forecasting import forecast
from baitie.bootstrap.rehearsing import read_scenario, stores_on
from baitie.files.organisation_settings import zone_of
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


@dataclass(frozen=True, slots=True)
class Day:
    """What one rehearsed day took: seconds of a core and of the wall, and what its store and its process held."""

    cpu_s: float
    wall_s: float
    attempts: int
    elapsed_s: float  # virtual
    store_octets: int
    memory_octets_max: int  # of the whole process, since it began

    @property
    def per_min(self) -> float:
        """Attempts in a minute of CPU time."""
        return self.attempts / self.cpu_s * 60


def rehearsed(leads: int, agents: int = 0) -> Day:
    """One day of so many people."""
    scenario, engine = many(leads, agents), MemoryEngine()
    cpu_s, wall_s = time.process_time(), time.perf_counter()
    run = rehearse_once(scenario, 1, stores_on(engine))
    cpu_s, wall_s = time.process_time() - cpu_s, time.perf_counter() - wall_s
    attempts, elapsed_s = run.summary.progress.attempts, run.summary.elapsed_s
    run.close()
    return Day(cpu_s, wall_s, attempts, elapsed_s, engine.octets(), _memory_octets_max())


def in_a_process_of_its_own(leads: int, agents: int) -> Day:
    """A day whose memory is its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(rehearsed, leads, agents).result()


def _memory_octets_max() -> int:
    """Of this process alone: what `getrusage` tells also counts the one that began it."""
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


def run(arguments: argparse.Namespace) -> list[Report]:
    """All figures; the longest day only where it is asked for."""
    report = Report("rehearsal", f"fast fidelity, {LEADS} leads, one core; a forecast on two")
    day = rehearsed(LEADS)
    report.figures += [
        Figure("attempts rehearsed", day.per_min, "/min of CPU", 60_000, at_least=True),
        Figure("attempts rehearsed, wall clock", day.attempts / day.wall_s * 60, "/min"),
        Figure("faster than real time", day.elapsed_s / day.wall_s, "x"),
        Figure("store, leads and callees with it", day.store_octets / day.attempts / 1000, "KB an attempt", 4.0),
    ]
    folder = read_folder(EXAMPLE, dict(os.environ))
    begun = time.perf_counter()
    forecast(read_scenario(folder), range(1, SEEDS + 1), (), zone_of(folder.organisation.settings))
    report.figures.append(Figure(f"forecast of the example from {SEEDS} days", time.perf_counter() - begun, "s", 30.0))
    for agents in (AGENTS, 0) if arguments.full else (AGENTS,):
        day = in_a_process_of_its_own(DAY_LEADS, agents)
        who = f"{agents} agents" if agents else "the bot"
        long_day = f"day of {DAY_LEADS:,} leads and {who}"
        report.figures += [
            Figure(f"{long_day} ({day.attempts:,} attempts)", day.cpu_s, "s of CPU", 200.0),
            Figure(f"{long_day}: attempts rehearsed", day.per_min, "/min of CPU"),
            Figure(f"{long_day}: memory", day.memory_octets_max / 2**20, "MiB", 1024.0),
            Figure(f"{long_day}: store", day.store_octets / day.attempts / 1000, "KB an attempt"),
        ]
    report.notes.append("A core that others use too does less in a second of CPU time: caches and clock are shared.")
    return [report]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help=f"also rehearse a day of {DAY_LEADS:,} leads with the bot")
    return run_and_show(run, parser)


if __name__ == "__main__":
    raise SystemExit(main())
