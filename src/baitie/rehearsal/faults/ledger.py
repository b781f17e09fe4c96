"""What many days with faults came to, and how one that broke a promise is written down so that it can be repeated."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from baitie.kernel.errors import InputError
from baitie.rehearsal.faults.faulted_day import FaultedDay
from baitie.rehearsal.fidelity import FidelityName
from baitie.rehearsal.invariants import Violation

VIOLATIONS_WRITTEN_MAX = 10
"""The first tell what happened; the rest mostly follows from them."""


class FailingSeedError(InputError):
    """This is not a file of a failing seed. Give one that `baitie rehearse --faults` wrote."""

    code = "failing-seed-invalid"


@dataclass(slots=True)
class Ledger:
    """Ledger (故障演练总账) of rehearsed days with faults."""

    days: int = 0
    attempts: int = 0
    lives: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    violations: Counter[str] = field(default_factory=Counter)
    failing: list[FaultedDay] = field(default_factory=list)

    def add(self, day: FaultedDay) -> None:
        """Count one day."""
        self.days += 1
        self.attempts += day.attempts
        self.lives += day.lives
        self.faults.update(fault.outage.value for fault in day.faults if fault.at_s <= day.ends_at_s)
        self.faults.update(day.mishaps)
        self.violations.update(violation.invariant.value for violation in day.violations)
        if day.violations:
            self.failing.append(day)

    def to_json(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "days": self.days,
            "attempts": self.attempts,
            "lives": self.lives,
            "faults": dict(sorted(self.faults.items())),
            "violations": dict(sorted(self.violations.items())),
            "failing_seeds": [day.seed for day in self.failing],
        }


@dataclass(frozen=True, slots=True)
class FailingSeed:
    """Failing seed (失败种子): all that a day is repeated from, and what it broke. Names no person."""

    campaign: str  # its folder, as it was given
    leads: int
    start: datetime
    seed: int
    plan: Mapping[str, Any]  # the table of the plan's file
    violations: tuple[Violation, ...] = ()
    fidelity: FidelityName = FidelityName.FAST

    def to_json(self) -> dict[str, Any]:
        """What stands in its file."""
        first = self.violations[:VIOLATIONS_WRITTEN_MAX]
        return {
            "campaign": self.campaign,
            "leads": self.leads,
            "start": self.start.isoformat(),
            "seed": self.seed,
            "fidelity": self.fidelity.value,
            "plan": dict(self.plan),
            "violations": [
                {"invariant": each.invariant.value, "at_s": round(each.at_s, 3), "detail": each.detail}
                for each in first
            ],
        }


def parse_failing_seed(found: Any, file: str) -> FailingSeed:
    """The failing seed of a parsed file; what it broke is not read. Raises `FailingSeedError`."""
    try:
        start = datetime.fromisoformat(found["start"])
        campaign, leads, seed, plan = (found[name] for name in ("campaign", "leads", "seed", "plan"))
        fidelity = FidelityName(found.get("fidelity", FidelityName.FAST))
    except (KeyError, TypeError, ValueError):
        raise FailingSeedError(file=file) from None
    is_whole = isinstance(campaign, str) and _are_counts(leads, seed) and isinstance(plan, dict)
    if not is_whole or start.tzinfo is None:
        raise FailingSeedError(file=file)
    return FailingSeed(campaign, leads, start, seed, plan, fidelity=fidelity)


def _are_counts(*found: Any) -> bool:
    return all(type(each) is int and each >= 0 for each in found)


def first_of_each(violations: Sequence[Violation]) -> list[Violation]:
    """The first violation of each invariant."""
    found: dict[str, Violation] = {}
    for violation in violations:
        found.setdefault(violation.invariant.value, violation)
    return list(found.values())
