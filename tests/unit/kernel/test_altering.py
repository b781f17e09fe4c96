"""`altered` gives what `dataclasses.replace` gives."""

from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from datetime import UTC, datetime

import pytest

from baitie.kernel.fast_replace import fast_replace
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId, LeadId
from baitie.kernel.outcome import Outcome
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import AttemptRecord, AttemptState

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
RECORD = AttemptRecord(
    AttemptId("at-1"),
    LeadId("le-1"),
    CampaignId("c"),
    CalleeId("ca-1"),
    PhoneNumber("+8613800138000"),
    "trunk",
    AttemptState.PLANNED,
    NOW,
)


def test_altered_is_what_replace_gives() -> None:
    changes = {"state": AttemptState.ENDED, "ended_at": NOW, "outcome": Outcome.BUSY}
    assert fast_replace(RECORD, **changes) == replace(RECORD, **changes)  # type: ignore[arg-type]
    assert fast_replace(RECORD) == RECORD


def test_the_value_itself_stays_as_it_was() -> None:
    before = {each.name: getattr(RECORD, each.name) for each in fields(RECORD)}
    copy = fast_replace(RECORD, trunk="other")
    assert copy.trunk == "other"
    assert before == {each.name: getattr(RECORD, each.name) for each in fields(RECORD)}
    with pytest.raises(FrozenInstanceError):
        copy.trunk = "third"  # type: ignore[misc]


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(TypeError, match="no field"):
        fast_replace(RECORD, colour="red")  # type: ignore[call-arg]


def test_a_value_that_works_something_out_is_refused() -> None:
    @dataclass(frozen=True, slots=True)
    class Sum:
        a: int
        b: int
        total: int = field(init=False)

        def __post_init__(self) -> None:
            object.__setattr__(self, "total", self.a + self.b)

    with pytest.raises(AssertionError):
        fast_replace(Sum(1, 2), a=3)
