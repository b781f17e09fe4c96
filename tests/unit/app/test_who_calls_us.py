"""What is found of somebody who calls us: by what stands in the store in that instant."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from baitie.app.inbound.finding import find
from baitie.app.records.standing import CalleeStanding
from baitie.domain.risk.history import CalleeHistory, Freeze
from baitie.kernel.ids import CalleeId
from baitie.kernel.phone import PhoneNumber

T = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
CALLEE, OURS, THEIRS = CalleeId("ca_1"), PhoneNumber("+862150000100"), PhoneNumber("+8613800138000")


class FrozenUntil:
    """A store in which one callee is frozen until then."""

    def __init__(self, until: datetime) -> None:
        self.until = until

    def callee_ids(self, numbers: list[PhoneNumber]) -> dict[PhoneNumber, CalleeId]:
        return dict.fromkeys(numbers, CALLEE)

    def standing(self, callee_id: CalleeId) -> CalleeStanding:
        freeze = Freeze(CALLEE, T - timedelta(days=1), self.until, "by-hand", "R", "li")
        return CalleeStanding(CalleeHistory(), freezes=(freeze,))

    def attempts_to(self, callee_id: CalleeId, count: int) -> list[Any]:
        return []


@pytest.mark.parametrize(("until", "is_frozen"), [(T, False), (T + timedelta(seconds=1), True)])
def test_a_freeze_is_over_in_the_instant_in_which_it_ends(until: datetime, is_frozen: bool) -> None:
    store: Any = FrozenUntil(until)
    plan: Any = SimpleNamespace(region="CN", presented_numbers=frozenset({OURS}))
    call: Any = SimpleNamespace(dialled=("02150000100",), caller="13800138000", is_withheld=False)
    found = find(store, plan, call, T)
    assert (found.number, found.callee_id, found.dialled) == (THEIRS, CALLEE, OURS)
    assert found.facts.is_frozen is is_frozen
