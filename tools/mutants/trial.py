"""One mutant tried: the tests that run its line, the quickest first, until one of them fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tools.mutants.reach import Reach
from tools.mutants.sites import Mutant

COPIED = (
    "src",
    "tests",
    "tools",
    "examples",
    "docs",
    "benchmarks",
    "pyproject.toml",
    "Makefile",
    "README.md",
    "CHANGELOG.md",
)
TESTS_MAX = 400
BUDGET_S = 90.0
"""A mutant is tried with so many tests at the most, and with no more than these would have taken so long."""
START_S = 60.0
SLOWER = 6.0
"""Whoever takes this much longer than the tests did before goes round for ever, and is noticed."""


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    UNREACHED = "unreached"  # no test runs its line


@dataclass(frozen=True, slots=True)
class Tried:
    """A mutant and its fate; of a killed one the test that noticed."""

    mutant: Mutant
    fate: Fate
    noticed_by: str = ""


class Bench:
    """A copy of the tree in which mutants are tried one after the other."""

    def __init__(self, root: Path, place: Path, reach: Reach) -> None:
        self._place, self._reach = place, reach
        shutil.rmtree(place, ignore_errors=True)
        for name in COPIED:
            if (root / name).is_dir():
                shutil.copytree(root / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
            elif (root / name).exists():
                place.mkdir(parents=True, exist_ok=True)
                shutil.copy2(root / name, place / name)

    def try_one(self, mutant: Mutant) -> Tried:
        """Plant, run, take it out again."""
        chosen, budget_s = self._chosen(mutant)
        if not chosen:
            return Tried(mutant, Fate.UNREACHED)
        file = self._place / mutant.path
        source = file.read_text("utf-8")
        file.write_text(mutant.apply_to(source), "utf-8")
        try:
            return self._run(mutant, chosen, START_S + SLOWER * budget_s)
        finally:
            file.write_text(source, "utf-8")

    def _chosen(self, mutant: Mutant) -> tuple[list[str], float]:
        chosen: list[str] = []
        spent_s = 0.0
        for test in self._reach.of(mutant.path.as_posix(), mutant.line)[:TESTS_MAX]:
            if chosen and spent_s + self._reach.cost_s(test) > BUDGET_S:
                break
            chosen.append(test)
            spent_s += self._reach.cost_s(test)
        return chosen, spent_s

    def _run(self, mutant: Mutant, chosen: list[str], within_s: float) -> Tried:
        (self._place / "chosen.txt").write_text("\n".join(chosen), "utf-8")
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-x",
            "-q",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:randomly",
            "@chosen.txt",
        ]
        environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(self._place / "src")}
        try:
            done = subprocess.run(
                command, cwd=self._place, env=environment, timeout=within_s, capture_output=True, text=True, check=False
            )
        except subprocess.TimeoutExpired:
            return Tried(mutant, Fate.KILLED, "goes on for ever")
        if done.returncode == 0:
            return Tried(mutant, Fate.SURVIVED)
        lines = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        return Tried(mutant, Fate.KILLED, lines[0][:160] if lines else "the tests could not begin")
