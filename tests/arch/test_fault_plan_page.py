"""The page on fault plans describes every kind of outage, mishap and event."""

from enum import StrEnum
from pathlib import Path

import pytest

from baitie.rehearsal.faults.plan import EventClass, Mishap, Outage
from baitie.rehearsal.invariants import Invariant

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("kind", [*Outage, *Mishap, *EventClass], ids=lambda kind: kind.value)
def test_every_kind_of_a_fault_plan_is_described(kind: StrEnum) -> None:
    assert f"| `{kind.value}` |" in (DOCS / "reference" / "fault-plans.md").read_text("utf-8")


@pytest.mark.parametrize("invariant", Invariant, ids=lambda invariant: invariant.value)
def test_every_promise_is_described(invariant: Invariant) -> None:
    assert f"`{invariant.value}`" in (DOCS / "how-to" / "rehearse-with-faults.md").read_text("utf-8")
