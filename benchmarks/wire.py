"""How fast days of wire fidelity go by with 50 calls up all the time: without audio, and with every RTP packet."""

import argparse
import os
import time
from dataclasses import dataclass, field, replace

from baitie.bootstrap.campaign_files import read_folder
from baitie.bootstrap.rehearsing import memory_stores
from baitie.bootstrap.wire_days import WireFidelity
from baitie.rehearsal.rehearse import Meddling, Stage, rehearse_once
from baitie.rehearsal.scenario import Scenario
from baitie.rehearsal.wire.impairments import Impairments
from benchmarks.figures import Figure, Report, run_and_show
from benchmarks.rehearsal import EXAMPLE, many

CALLS = 50
LEADS, LEADS_WITH_AUDIO = 2_000, 250
LOSSY = Impairments(lost_rate=0.05, doubled_rate=0.05, held_back_rate=0.05)
MARK_EVERY_S = 0.25


@dataclass(slots=True)
class Watch:
    """Sees how many calls the carrier has, and takes both clocks between the first and last time that it has all."""

    calls: set[object] = field(default_factory=set)
    answered: set[object] = field(default_factory=set)
    marks: list[tuple[float, float, float, int, int]] = field(default_factory=list)  # virtual, CPU, wall, up, answered

    def note(self, what: dict[str, object]) -> None:
        """What the carrier saw."""
        attempt = what.get("attempt")
        if what["kind"] == "invite":
            self.calls.add(attempt)
        elif what["kind"] == "answered":
            self.answered.add(attempt)
        elif what["kind"] == "over":
            self.calls.discard(attempt)
            self.answered.discard(attempt)

    def begin(self, stage: Stage) -> None:
        """Take marks from here on, for as long as there are calls."""
        self._mark(stage)

    def _mark(self, stage: Stage) -> None:
        loop = stage.clock.loop
        self.marks.append((loop.time(), time.process_time(), time.perf_counter(), len(self.calls), len(self.answered)))
        if self.calls or len(self.marks) < 100:
            loop.call_later(MARK_EVERY_S, self._mark, stage)

    def busy(self) -> list[tuple[float, float, float, int, int]]:
        """The marks while the calls were nearly all up: new ones wait for their card, which takes a moment."""
        full = [place for place, mark in enumerate(self.marks) if mark[3] >= 0.9 * CALLS]
        return self.marks[full[0] : full[-1] + 1]


def crowded(leads: int, way: Impairments) -> Scenario:
    """So many leads, and as many calls at once as are allowed, as soon as they are."""
    base = many(leads)
    trunk = replace(base.campaign.trunk, attempts_per_s=1000.0, calls_in_flight_max=CALLS)
    return replace(
        base,
        campaign=replace(base.campaign, trunk=trunk),
        profile=replace(base.profile, network=way),
    )


def rehearsed(name: str, leads: int, carries_audio: bool, target: float | None, way: Impairments) -> list[Figure]:
    """Figures of one day, while all calls were up."""
    watch = Watch()
    wire = WireFidelity(read_folder(EXAMPLE, dict(os.environ)).prompts, carries_audio, watch.note)
    rehearse_once(crowded(leads, way), 1, memory_stores(), Meddling(on_begin=watch.begin), wire).close()
    marks = watch.busy()
    (begun_s, cpu_s, wall_s, _, _), (ended_s, cpu_end_s, wall_end_s, _, _) = marks[0], marks[-1]
    virtual_s, cpu_s, wall_s = ended_s - begun_s, cpu_end_s - cpu_s, wall_end_s - wall_s
    figures = [
        Figure(f"{name}: faster than real time, of CPU", virtual_s / cpu_s, "x", target, at_least=True),
        Figure(f"{name}: faster than real time, wall clock", virtual_s / wall_s, "x"),
        Figure(f"{name}: calls up; answered", sum(mark[3] for mark in marks) / len(marks), "on average"),
        Figure(f"{name}: of these answered", sum(mark[4] for mark in marks) / len(marks), "on average"),
        Figure(f"{name}: virtual time", virtual_s, "s"),
    ]
    assert wire.network is not None
    return [*figures, Figure(f"{name}: datagrams", wire.network.datagrams_sent, "")]


def run(arguments: argparse.Namespace) -> list[Report]:
    """All figures."""
    report = Report("wire", f"wire fidelity, {CALLS} calls at once, one core, SQLite in memory")
    report.figures += rehearsed("SIP and SMPP", LEADS, False, 100.0, Impairments())
    report.figures += rehearsed("5 % lost, doubled, held back", LEADS // 4, False, None, LOSSY)
    report.figures += rehearsed("every RTP packet", LEADS_WITH_AUDIO, True, 8.0, Impairments())
    return [report]


def main() -> int:
    return run_and_show(run, argparse.ArgumentParser(description=__doc__))


if __name__ == "__main__":
    raise SystemExit(main())
