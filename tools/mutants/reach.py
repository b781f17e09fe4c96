"""Which tests run which line, and how long each takes: asked once of all quick tests, and kept in a folder."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from coverage import CoverageData

SUITES = ("tests/unit", "tests/contract", "tests/rehearsal", "tests/web")
"""Tests that speak with independent programs are left out: they would take minutes for each mutant."""
SELECTED = "not slow and not peers"


@dataclass
class Reach:
    """Tests by file and line, the quickest first."""

    tests: dict[tuple[str, int], list[str]] = field(default_factory=dict)
    took_s: dict[str, float] = field(default_factory=dict)

    def cost_s(self, test: str) -> float:
        """How long a test took, by its node id."""
        file, _, name = test.partition(".py::")
        return self.took_s.get(f"{file.replace('/', '.')}.{name.replace('::', '.')}", 1.0)

    def of(self, path: str, line: int) -> list[str]:
        """The tests that run this line; none where nobody does."""
        return self.tests.get((path, line), [])


def measure(tree: Path, kept: Path) -> None:
    """Run the tests once with coverage by test. The figures lie in `kept` afterwards."""
    command = [
        sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", "-m", SELECTED, *SUITES,
        "--cov=src/baitie", "--cov-context=test", "--cov-report=", f"--junitxml={kept / 'tests.xml'}", "--timeout=1200",
    ]  # fmt: skip
    environment = os.environ | {"COVERAGE_FILE": str(kept / "coverage")}
    done = subprocess.run(command, cwd=tree, env=environment, check=False)
    if done.returncode:
        raise SystemExit("mutants: the tests must pass before they are tried on mutants")


def read(tree: Path, kept: Path) -> Reach:
    """What `measure` found."""
    reach = Reach()
    for case in ElementTree.parse(kept / "tests.xml").getroot().iter("testcase"):
        reach.took_s[f"{case.get('classname')}.{case.get('name')}"] = float(case.get("time") or 0.0)
    data = CoverageData(str(kept / "coverage"))
    data.read()
    found: dict[tuple[str, int], set[str]] = defaultdict(set)
    for file in data.measured_files():
        name = Path(file).relative_to(tree).as_posix()
        for line, contexts in data.contexts_by_lineno(file).items():
            found[name, line] |= {context.partition("|")[0] for context in contexts if context}
    reach.tests = {place: sorted(tests, key=lambda test: (reach.cost_s(test), test)) for place, tests in found.items()}
    return reach
