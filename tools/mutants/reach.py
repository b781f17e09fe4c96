"""Which tests run which line, and how long each takes: asked once of all quick tests, and kept in a folder."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from coverage import CoverageData

SUITES = ("tests/unit", "tests/contract", "tests/rehearsal", "tests/web", "tests/arch")
"""Tests that speak with independent programs are left out: they would take minutes for each mutant."""
SELECTED = "not slow and not peers"


@dataclass
class Reach:
    """Tests by file and line, the quickest first.

    What stands outside of functions runs when it is imported, which is no test's doing. Its tests are those that run
    any line of its file, and those of the test files that import it.
    """

    tree: Path = Path()
    tests: dict[tuple[str, int], list[str]] = field(default_factory=dict)
    took_s: dict[str, float] = field(default_factory=dict)
    at_import: dict[str, list[str]] = field(default_factory=dict)

    def cost_s(self, test: str) -> float:
        """How long a test took, by its node id."""
        file, _, name = test.partition(".py::")
        return self.took_s.get(f"{file.replace('/', '.')}.{name.replace('::', '.')}", 1.0)

    def of(self, path: str, line: int) -> list[str]:
        """The tests that run this line; none where nobody does."""
        found = self.tests.get((path, line), [])
        if not found:
            if path not in self.at_import:
                self.at_import[path] = self._importing(path)
            found = self.at_import[path] if is_outside_functions(self.tree / path, line) else []
        return found

    def _importing(self, path: str) -> list[str]:
        found = {test for (file, _), tests in self.tests.items() if file == path for test in tests}
        package, _, module = path.removeprefix("src/").removesuffix(".py").replace("/", ".").rpartition(".")
        says = re.compile(
            rf"from {re.escape(package)}\.{module} import|from {re.escape(package)} import [^\n]*\b{module}\b"
        )
        files = set(self._saying(says, SUITES))
        found |= {test for tests in self.tests.values() for test in tests if test.partition("::")[0] in files}
        if not found:  # no test names it: whoever tests those that import it
            files = set(self._saying(says, ("src",)))
            found = {test for (file, _), tests in self.tests.items() if file in files for test in tests}
        return sorted(found, key=lambda test: (self.cost_s(test), test))

    def _saying(self, says: re.Pattern[str], folders: Sequence[str]) -> Iterator[str]:
        for folder in folders:
            for file in (self.tree / folder).rglob("*.py"):
                if says.search(file.read_text("utf-8")):
                    yield file.relative_to(self.tree).as_posix()


def is_outside_functions(file: Path, line: int) -> bool:
    """Whether a line runs when its module is imported."""
    tree = ast.parse(file.read_text("utf-8"))
    inner = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda))
    return not any(node.lineno < line <= (node.end_lineno or line) for node in inner)


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
    reach = Reach(tree)
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
