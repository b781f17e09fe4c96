"""The contract of every store for calls that came in: kept, found open after a crash, erased with the person."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.contract.store.samples import CAMPAIGN, NOON

from baitie.app.records.batch import Batch
from baitie.domain.inbound.call import InboundOutcome
from baitie.domain.inbound.decision import CallerKind, Treatment
from baitie.domain.inbound.record import InboundRecord
from baitie.kernel.ids import AttemptId, CalleeId, InboundId, LeadId
from baitie.kernel.outcome import EndedBy

ARRIVED = InboundRecord(
    InboundId("in_1"),
    NOON,
    CallerKind.CALLEE,
    Treatment.SCRIPT,
    "call-returned",
    "+8657188880000",
    "main",
    CalleeId("ce_1"),
    AttemptId("at_000001"),
    LeadId("ld_1"),
    CAMPAIGN,
    "bot",
    "s",
    "1",
)
ENDED = replace(
    ARRIVED,
    answered_at=NOON + timedelta(seconds=2),
    ended_at=NOON + timedelta(seconds=30),
    outcome=InboundOutcome.ANSWERED,
    ended_by=EndedBy.CALLEE,
    talk_ms=28_000,
    answers={"received": "yes"},
    recording="in_1.wav",
)
STRANGER = InboundRecord(
    InboundId("in_2"), NOON, CallerKind.WITHHELD, Treatment.GREETING, "number-withheld", None, "main"
)


def keep(store: Any, *batches: Batch) -> None:
    """Commit them in order."""

    async def main() -> None:
        for batch in batches:
            await store.commit(batch)

    asyncio.run(main())


def test_newest_state_of_each_call_is_kept_and_found_by_campaign(place: Any) -> None:
    store = place.open()
    keep(store, Batch(inbound=[STRANGER, ARRIVED]))
    assert store.inbound_calls(open_only=True) == (ARRIVED, STRANGER)
    keep(store, Batch(inbound=[ENDED]))
    assert store.inbound_calls(CAMPAIGN) == (ENDED,)
    assert store.inbound_calls() == (ENDED, STRANGER)
    assert place.open().inbound_calls(open_only=True) == (STRANGER,)


def test_answers_are_destroyed_with_what_names_their_person(place: Any) -> None:
    store = place.open()
    keep(store, Batch(inbound=[ENDED]), Batch(forgotten=[CalleeId("ce_1")]))
    assert store.inbound_calls() == (replace(ENDED, answers={}),)
