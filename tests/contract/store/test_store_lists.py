"""What every store keeps of the lists beside the callees: suspects, suspended numbers, qualifications, registries."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.contract.store.samples import NOON, attempt, ended

from baitie.app.records.batch import Batch
from baitie.domain.complaints import NumberSuspension
from baitie.domain.registries import Qualification
from baitie.domain.review import Suspect, SuspectState
from baitie.kernel.ids import CalleeId, CampaignId
from baitie.kernel.outcome import Outcome
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import AttemptRecord

TEN = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
SUSPECT = Suspect(
    "sp_1", CalleeId("ca_1"), "wrong-person", "打错", TEN, "keywords 1", quote="你打错了", attempt_id="at_1"
)
LISTED, FREE = PhoneNumber("+12015550100"), PhoneNumber("+12015550199")


def test_a_suspect_keeps_its_newest_state_and_loses_its_quote_when_the_callee_is_forgotten(place: Any) -> None:
    store = place.open()
    store.record_refusal_or_freeze(Batch(suspects=[SUSPECT, replace(SUSPECT, suspect_id="sp_2")]))
    assert list(store.suspects()) == [SUSPECT, replace(SUSPECT, suspect_id="sp_2")]
    dismissed = SUSPECT.decided(SuspectState.DISMISSED, TEN, "li", "he was joking")
    store.record_refusal_or_freeze(Batch(suspects=[dismissed]))
    assert list(store.suspects(SuspectState.DISMISSED)) == [dismissed]
    assert [suspect.suspect_id for suspect in store.suspects(SuspectState.OPEN)] == ["sp_2"]
    store.record_refusal_or_freeze(Batch(forgotten=[CalleeId("ca_1")]))
    assert [suspect.quote for suspect in store.suspects()] == ["", ""]


def test_a_number_is_suspended_until_its_last_suspension_is_lifted(place: Any) -> None:
    store = place.open()
    one = NumberSuspension("ns_1", "+862150000100", TEN, "complaint", "li", "cm_1")
    other = replace(one, suspension_id="ns_2")
    store.record_refusal_or_freeze(Batch(suspensions=[one, other]))
    assert store.suspended_numbers() == {"+862150000100"}
    store.record_refusal_or_freeze(Batch(suspensions=[one.lifted(TEN, "wang", "sorted out")]))
    assert store.suspended_numbers() == {"+862150000100"}
    store.record_refusal_or_freeze(Batch(suspensions=[other.lifted(TEN, "wang", "sorted out")]))
    assert store.suspended_numbers() == frozenset()
    assert [suspension.lifted_by for suspension in store.suspensions()] == ["wang", "wang"]


def test_when_a_number_was_first_shown_and_what_came_of_it_since_is_told_over_all_campaigns(place: Any) -> None:
    store = place.open()
    elsewhere = replace(ended(3), campaign_id=CampaignId("cp_other"), invite_sent_at=NOON - timedelta(days=30))
    rung = replace(ended(2), invite_sent_at=NOON + timedelta(seconds=5), outcome=Outcome.NO_ANSWER)
    other = replace(attempt(4), presented_number=PhoneNumber("+862155550199"))
    planned = replace(attempt(5), invite_sent_at=None)
    asyncio.run(keep(store, [rung, attempt(1), elsewhere, other, planned]))
    assert store.attempts_showing("+862155550100", NOON) == (
        NOON - timedelta(days=30),
        ((NOON + timedelta(seconds=1), None), (NOON + timedelta(seconds=5), Outcome.NO_ANSWER)),
    )
    assert store.attempts_showing("+862155550000", NOON) == (None, ())


async def keep(store: Any, attempts: list[AttemptRecord]) -> None:
    await store.commit(Batch(attempts=attempts))


def test_a_qualification_stays_on_file_after_it_ended(place: Any) -> None:
    store = place.open()
    held = Qualification("qu_1", "finance-licence", "J-7", "NFRA", date(2025, 1, 1), date(2027, 1, 1), TEN, "li")
    store.record_refusal_or_freeze(Batch(qualifications=[held]))
    ended = held.ended(TEN, "li", "withdrawn")
    store.record_refusal_or_freeze(Batch(qualifications=[ended]))
    assert list(store.qualifications()) == [ended]


def test_a_registry_names_exactly_its_numbers_and_a_newer_copy_replaces_it(place: Any) -> None:
    store = place.open()

    def take(*numbers: str | None) -> None:
        store.import_registry("us-national-dnc", numbers, as_of=date(2026, 3, 1), at=TEN, actor="li", source="f")

    assert list(store.registries_about(LISTED)) == []
    take(LISTED.e164(), LISTED.e164(), None, "+12015550101")
    (registry,) = store.registries()
    assert (registry.numbers, registry.rejected, registry.as_of) == (2, 1, date(2026, 3, 1))
    assert [is_listed for _, is_listed in store.registries_about(LISTED)] == [True]
    assert [is_listed for _, is_listed in store.registries_about(FREE)] == [False]
    take(FREE.e164())
    assert [is_listed for _, is_listed in store.registries_about(LISTED)] == [False]
    assert [is_listed for _, is_listed in store.registries_about(FREE)] == [True]
    assert store.drop_registry("us-national-dnc")
    assert not store.drop_registry("us-national-dnc")
    assert list(store.registries_about(FREE)) == []


def test_many_numbers_are_all_found_again_and_no_others(place: Any) -> None:
    store = place.open()
    numbers = [f"+1201{line:07}" for line in range(0, 20_000, 2)]
    store.import_registry("big", numbers, as_of=date(2026, 3, 1), at=TEN, actor="li", source="f")
    named: Callable[[int], bool] = lambda line: store.registries_about(PhoneNumber(f"+1201{line:07}"))[0][1]  # noqa: E731
    assert all(named(line) for line in range(0, 20_000, 100))
    assert not any(named(line) for line in range(1, 20_000, 100))
