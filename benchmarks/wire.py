"""How fast days of wire fidelity go by with 50 calls up all the time: without audio, and with every RTP packet.

Two loads: calls of the example's bot, 15 s long with ringing, so that three new ones begin every second; and talks with
agents, of minutes.
"""

import argparse
import gc
import os
import time
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from statistics import mean, median
from typing import NamedTuple
from zoneinfo import ZoneInfo

from baitie.bootstrap.folders import read_folder
from baitie.bootstrap.rehearsing import memory_stores, read_scenario
from baitie.bootstrap.wire_days import WireFidelity
from baitie.files.campaign_folder import CampaignFolder
from baitie.files.what_if import WhatIf
from baitie.rehearsal.crowd import with_leads
from baitie.rehearsal.rehearse import FaultHooks, Stage, rehearse_once
from baitie.rehearsal.scenario import Scenario
from baitie.rehearsal.wire.impairments import QUIET_WAY, Impairments
from benchmarks.figures import Figure, Report, run_and_show
from benchmarks.rehearsal import EXAMPLE, many

TEAM = Path(__file__).parents[1] / "tests" / "rehearsal" / "ten-agents"
TEN_IN_THE_MORNING = datetime(2026, 3, 3, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
AGENTS = 65  # more than calls, so that all 50 are always wanted
CALLS, NEARLY_ALL = 50, 45
LEADS = {"bot": 1_500, "agents": 500}
LEADS_WITH_AUDIO = {"bot": 250, "agents": 160}
LOSSY = Impairments(lost_rate=0.05, doubled_rate=0.05, held_back_rate=0.05)
MARK_EVERY_S = 0.25
STRETCH_MARKS = 80  # 20 virtual seconds
MARKS_MIN = 2_400  # ten minutes: by then agents have logged in


class Mark(NamedTuple):
    """Both clocks, and what the carrier had at that time."""

    virtual_s: float
    cpu_s: float
    wall_s: float
    invites: int
    up: int
    answered: int


@dataclass(slots=True)
class Watch:
    """Sees what the carrier has, and marks both clocks all the time."""

    invites: int = 0
    calls: set[object] = field(default_factory=set)
    answered: set[object] = field(default_factory=set)
    marks: list[Mark] = field(default_factory=list)

    def note(self, what: dict[str, object]) -> None:
        """What the carrier saw."""
        attempt = what.get("attempt")
        if what["kind"] == "invite":
            self.invites += 1
            self.calls.add(attempt)
        elif what["kind"] == "answered":
            self.answered.add(attempt)
        elif what["kind"] == "over":
            self.calls.discard(attempt)
            self.answered.discard(attempt)

    def mark(self, stage: Stage) -> None:
        """Mark now and from now on, for as long as there are calls."""
        loop = stage.clock.loop
        clocks = loop.time(), time.process_time(), time.perf_counter()
        self.marks.append(Mark(*clocks, self.invites, len(self.calls), len(self.answered)))
        if self.calls or len(self.marks) < MARKS_MIN:
            loop.call_later(MARK_EVERY_S, self.mark, stage)

    def busy(self) -> list[Mark]:
        """From the first to the last mark at which nearly all calls were up."""
        full = [place for place, mark in enumerate(self.marks) if mark.up >= NEARLY_ALL]
        return self.marks[full[0] : full[-1] + 1]


def stretches(marks: list[Mark]) -> list[float]:
    """Virtual seconds by seconds of CPU, stretch by stretch: others on the machine disturb some of them."""
    pairs = zip(marks[::STRETCH_MARKS], marks[STRETCH_MARKS::STRETCH_MARKS], strict=False)
    return [(after.virtual_s - before.virtual_s) / (after.cpu_s - before.cpu_s) for before, after in pairs]


def load_of(name: str, leads: int, way: Impairments) -> tuple[CampaignFolder, Scenario]:
    """So many leads, and as many calls at once as are allowed."""
    folder = read_folder(EXAMPLE if name == "bot" else TEAM, dict(os.environ))
    if name == "bot":
        base = many(leads)
        trunk = replace(base.campaign.trunk, attempts_per_s=1000.0, calls_in_flight_max=CALLS)
        scenario = replace(base, campaign=replace(base.campaign, trunk=trunk))
    else:
        base = with_leads(read_scenario(folder, TEN_IN_THE_MORNING), leads)
        scenario = WhatIf(f"agents={AGENTS},capacity={CALLS},pace=20").apply(base)
    return folder, replace(scenario, profile=replace(scenario.profile, network=way))


def rehearsed(name: str, leads: int, carries_audio: bool, target: float | None, way: Impairments) -> list[Figure]:
    """Figures of one day, while nearly all calls were up."""
    folder, scenario = load_of(name, leads, way)
    watch = Watch()
    gc.collect()
    gc.freeze()  # as the processes of a forecast do
    wire = WireFidelity(folder.prompts, carries_audio, watch.note)
    rehearse_once(scenario, 1, memory_stores(), FaultHooks(on_begin=watch.mark), wire).close()
    marks = watch.busy()
    begun, ended = marks[0], marks[-1]
    virtual_s, cpu_s = ended.virtual_s - begun.virtual_s, ended.cpu_s - begun.cpu_s
    shown = f"{name}, {'every RTP packet' if carries_audio else 'SIP and SMPP'}{'' if way.is_quiet else ', lossy'}"
    return [
        Figure(f"{shown}: real time by CPU, median stretch", median(stretches(marks)), "x", target, at_least=True),
        Figure(f"{shown}: real time by CPU, all of it", virtual_s / cpu_s, "x"),
        Figure(f"{shown}: real time by the wall clock", virtual_s / (ended.wall_s - begun.wall_s), "x"),
        Figure(f"{shown}: CPU an attempt", cpu_s / (ended.invites - begun.invites) * 1000, "ms"),
        Figure(f"{shown}: calls up", mean(mark.up for mark in marks), "mean"),
        Figure(f"{shown}: of these answered", mean(mark.answered for mark in marks), "mean"),
        Figure(f"{shown}: for", virtual_s, "virtual s"),
    ]


def run(arguments: argparse.Namespace) -> list[Report]:
    """All figures."""
    report = Report("wire", f"wire fidelity, {CALLS} calls at once, one core, SQLite in memory")
    for name in ("bot", "agents"):
        report.figures += rehearsed(name, LEADS[name], False, 100.0, QUIET_WAY)
        report.figures += rehearsed(name, LEADS_WITH_AUDIO[name], True, 8.0, QUIET_WAY)
    report.figures += rehearsed("bot", LEADS["bot"] // 3, False, None, LOSSY)
    report.notes.append("Lossy: 5 % of all datagrams lost, 5 % doubled, 5 % held back, each way.")
    report.notes.append("A core that others use too does less in a second of CPU time: caches and clock are shared.")
    return [report]


def main() -> int:
    return run_and_show(run, argparse.ArgumentParser(description=__doc__))


if __name__ == "__main__":
    raise SystemExit(main())
