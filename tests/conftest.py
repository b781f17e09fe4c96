"""Hypothesis without deadlines; names, at the end of a run, the peers whose absence skipped tests."""

from collections import Counter

import pytest
from hypothesis import settings
from tests.peers.peers import ABSENT

# Examples are short, but two workers and real peers share the machine: slowness is no finding of these tests.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        _, found, peer = reason.partition(ABSENT)
        if found:
            reasons[peer.strip()] += 1
    if reasons:
        terminalreporter.section("absent peers", sep="-")
        for peer, count in sorted(reasons.items()):
            terminalreporter.write_line(f"{peer}: {count} test{'s' if count > 1 else ''} skipped")
