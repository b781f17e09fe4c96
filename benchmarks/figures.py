"""Figures of benchmarks: value, unit, target, whether it was met, and the peer of the same run; as a table or JSON."""

import argparse
import json
import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `at_least` says on which side of the target is good; `None` stands where nothing was asked or had."""

    name: str
    value: float
    unit: str
    target: float | None = None
    at_least: bool = False
    peer: str | None = None
    peer_value: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the target was reached; `None` without a target."""
        if self.target is None:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target


@dataclass(slots=True)
class Report:
    """The figures of one benchmark run, with the machine and the load offered."""

    name: str
    load: str
    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> str:
        """The form of design.md §4."""
        rows = []
        for figure in self.figures:
            row = asdict(figure) | {"met": figure.met}
            rows.append({key: row[key] for key in ("name", "value", "unit", "target", "met", "peer", "peer_value")})
        whole = {"name": self.name, "machine": machine(), "load": self.load, "figures": rows, "notes": self.notes}
        return json.dumps(whole, ensure_ascii=False, indent=2)

    def print(self) -> None:
        """A table for people."""
        print(f"{self.name}: {self.load}\n{machine()}\n")
        width = max([len(figure.name) for figure in self.figures], default=0)
        for figure in self.figures:
            target = ""
            if figure.target is not None:
                sign = ">=" if figure.at_least else "<="
                target = f"  target {sign} {_shown(figure.target)}: {'met' if figure.met else 'MISSED'}"
            peer = ""
            if figure.peer is not None:
                peer_value = "not measured" if figure.peer_value is None else _shown(figure.peer_value)
                peer = f"  [{figure.peer}: {peer_value}]"
            print(f"  {figure.name:<{width}}  {_shown(figure.value):>10} {figure.unit:<12}{target}{peer}")
        for note in self.notes:
            print(f"  note: {note}")
        print(flush=True)


def machine() -> str:
    """Processor, cores, memory, system and Python, and how busy the machine was over the last minute."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{model}, {os.cpu_count()} cores, {memory_gib:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.2f}"
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie, by nearest rank; NaN of nothing."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def run_and_show(run: Callable[[argparse.Namespace], list[Report]], parser: argparse.ArgumentParser) -> int:
    """Runs a benchmark and prints its reports, as JSON with `--json`. Exit code 1 when a target was missed."""
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    arguments = parser.parse_args()
    reports = run(arguments)
    if arguments.json:
        print(
            "[" + ",\n".join(report.as_json() for report in reports) + "]" if len(reports) > 1 else reports[0].as_json()
        )
    else:
        for report in reports:
            report.print()
    return 1 if any(figure.met is False for report in reports for figure in report.figures) else 0


def _shown(value: float) -> str:
    if value != value:
        return "undefined"
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"
