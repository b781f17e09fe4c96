"""Of two states of one thing in one group the newest is kept, for every part of a batch that has a key."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from tests.contract.store import samples, test_store_cards, test_store_inbound, test_store_lists, test_store_page
from tests.contract.store import test_store_registers as registers
from tests.contract.store.samples import CAMPAIGN, NOON
from tests.contract.store.test_store_contract import commit

from baitie.adapters.store.batch_sql import _PARTS
from baitie.app.records.batch import Batch
from baitie.app.registers.callers import who_called_number
from baitie.domain.consent.requests import RequestKind
from baitie.domain.registries import Qualification
from baitie.domain.review import SuspectState
from baitie.kernel.ids import AttemptId, CalleeId
from baitie.kernel.records import LeadState

CALLEE = CalleeId("ce_1")
SUSPENDED = test_store_lists.NumberSuspension("ns_1", "+862150000100", NOON, "complaint", "li", "cm_1")
HELD = Qualification("qu_1", "finance-licence", "J-7", "NFRA", NOON.date(), NOON.date() + timedelta(400), NOON, "li")


@dataclass(frozen=True)
class Keyed:
    """A part of a batch, two states of one row of it, and how the newest is read back."""

    part: str
    older: Any
    newer: Any
    read: Callable[[Any], Any]
    wanted: Any


def _keyed() -> list[Keyed]:
    lead, ended = samples.lead(1), samples.ended(1)
    request = test_store_page.request("rq_1")
    sent, suspect = test_store_cards.sent(1), replace(test_store_lists.SUSPECT, callee_id=CALLEE)
    older_facts, newer_facts = test_store_page.FACTS, replace(test_store_page.FACTS, enterprise="云杉优选")
    return [
        Keyed(
            "leads", replace(lead, state=LeadState.IN_PROGRESS), replace(lead, state=LeadState.FINISHED),
            lambda store: store.campaign_state(CAMPAIGN).leads[0].state, LeadState.FINISHED,
        ),
        Keyed("attempts", samples.attempt(1), ended, lambda store: store.attempts(CAMPAIGN)[0], ended),
        Keyed(
            "histories", (CALLEE, samples.history(1, 1)), (CALLEE, samples.history(1, 2)),
            lambda store: store.standing(CALLEE).history, samples.history(1, 2),
        ),
        Keyed(
            "consents", registers.CONSENT, replace(registers.CONSENT, wording="2026-02"),
            lambda store: store.standing(CALLEE).consents[0].wording, "2026-02",
        ),
        Keyed(
            "preferences", registers.WISH, replace(registers.WISH, language="en"),
            lambda store: store.standing(CALLEE).preference.language, "en",
        ),
        Keyed(
            "complaints", registers.COMPLAINT, replace(registers.COMPLAINT, actor="wang"),
            lambda store: store.complaints()[0].actor, "wang",
        ),
        Keyed(
            "card_submissions", sent, replace(sent, token="d.e.f"),
            lambda store: store.sent_cards(AttemptId("at_000001"))[0].token, "d.e.f",
        ),
        Keyed("campaigns", older_facts, newer_facts, _enterprise_of_a_caller, "云杉优选"),
        Keyed(
            "inbound", test_store_inbound.ARRIVED, test_store_inbound.ENDED,
            lambda store: store.inbound_calls()[0], test_store_inbound.ENDED,
        ),
        Keyed(
            "requests", request, replace(request, wanted_from=NOON + timedelta(hours=1)),
            lambda store: store.requests(RequestKind.CALL_BACK)[0].wanted_from, NOON + timedelta(hours=1),
        ),
        Keyed(
            "suspects", suspect, suspect.decided(SuspectState.DISMISSED, NOON, "li", "a joke"),
            lambda store: store.suspects()[0].state, SuspectState.DISMISSED,
        ),
        Keyed(
            "suspensions", SUSPENDED, SUSPENDED.lifted(NOON, "wang", "sorted out"),
            lambda store: store.suspensions()[0].lifted_by, "wang",
        ),
        Keyed(
            "qualifications", HELD, replace(HELD, number="J-8"),
            lambda store: store.qualifications()[0].number, "J-8",
        ),
    ]  # fmt: skip


def _enterprise_of_a_caller(store: Any) -> str:
    commit(store, Batch(attempts=[samples.attempt(1)]))
    found = who_called_number(store, samples.callee(1).number)
    assert found is not None
    assert found.campaign is not None
    return str(found.campaign.enterprise)


KEYED = _keyed()


def test_every_part_with_a_key_is_tried() -> None:
    assert {each.part for each in KEYED} == {part for part, _, has_key in _PARTS if has_key}


@pytest.mark.parametrize("keyed", KEYED, ids=lambda each: each.part)
def test_of_two_states_in_one_group_the_newest_is_kept(place: Any, keyed: Keyed) -> None:
    store = place.open()
    store.import_leads(CAMPAIGN, [samples.callee(1)], [samples.lead(1)], samples.entry(0))
    commit(store, Batch(**{keyed.part: [keyed.older, keyed.newer]}))
    assert keyed.read(store) == keyed.wanted
