"""A call back is made within the hours that its callee named, or let go with nothing of it left."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from baitie.app.calling.progress import Progress
from baitie.app.inbound.call_backs import HOURS_PASSED, CallBacks
from baitie.domain.consent.requests import CalleeRequest, RequestKind
from baitie.domain.dialing.queue import LeadQueue
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId, LeadId
from baitie.kernel.journal import JournalKind
from baitie.kernel.records import LeadRecord, LeadState

T = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
CAMPAIGN, CALLEE, LEAD = CampaignId("c"), CalleeId("ca_1"), LeadId("le_1")
REQUEST = CalleeRequest(
    "rq_1", CALLEE, RequestKind.CALL_BACK, T, T.date(), CAMPAIGN, AttemptId("at_1"), T, T + timedelta(hours=1)
)


class Desk:
    """A store with one request, a clock that is set by hand, and what was committed."""

    def __init__(self) -> None:
        self.now = T
        self.batches: list[Any] = []
        self.lead = LeadRecord(LEAD, CAMPAIGN, CALLEE, 1, "", {}, "", "", "", 0, state=LeadState.FINISHED)

    def civil_now(self) -> datetime:
        return self.now

    def requests(self, kind: RequestKind) -> list[CalleeRequest]:
        return [REQUEST]

    def caller_of(self, attempt_id: AttemptId) -> Any:
        return SimpleNamespace(lead=self.lead)

    def commit(self, batch: Any) -> None:
        self.batches.append(batch)


def call_backs(desk: Desk, is_live: bool = False) -> CallBacks:
    found: Any = desk
    return CallBacks(
        CAMPAIGN, found, found, found, LeadQueue(), {}, lambda _: is_live, lambda _: True, lambda: None, Progress()
    )


def test_a_request_whose_hours_pass_leaves_neither_lead_nor_wish() -> None:
    desk = Desk()
    made = call_backs(desk)
    made.look()
    assert made.wishes == {CALLEE: REQUEST}
    assert len(made.queue) == 1
    desk.now = T + timedelta(hours=1)
    made.let_go_late()
    assert made.wishes == {}
    assert len(made.queue) == 0
    assert not made.must_look
    (batch,) = desk.batches[1:]
    assert [(lead.state, lead.reason) for lead in batch.leads] == [(LeadState.FINISHED, HOURS_PASSED)]
    assert [entry.kind for entry in batch.journal] == [JournalKind.LEAD_CLOSED]
    made.look()
    assert len(desk.batches) == 2, "nothing more is done for it"


@pytest.mark.parametrize("after", [timedelta(minutes=59), timedelta(hours=2)])
def test_a_request_is_kept_until_its_hours_pass_and_not_taken_afterwards(after: timedelta) -> None:
    desk = Desk()
    made = call_backs(desk)
    desk.now = T + after
    made.look()
    assert len(made.queue) == (after < timedelta(hours=1))
