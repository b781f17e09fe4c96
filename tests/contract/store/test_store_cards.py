"""What every store keeps of cards that were handed in: each submission and its proof, until the callee is forgotten."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.contract.store.samples import CAMPAIGN, NOON, callee, entry, lead

from baitie.app.records.batch import Batch
from baitie.app.records.sent_card import SentCard
from baitie.kernel.ids import AttemptId, CalleeId, CardId


def sent(n: int, channel: str = "flash", later_s: float = 0.0) -> SentCard:
    return SentCard(
        CardId(f"at_{n:06}.{channel}"),
        AttemptId(f"at_{n:06}"),
        CAMPAIGN,
        CalleeId(f"ce_{n}"),
        channel,
        NOON + timedelta(seconds=later_s),
        token="a.b.c",
        public_key=b"\x04" + bytes(64),
    )


@pytest.fixture
def store(place: Any) -> Any:
    opened = place.open()
    opened.import_leads(CAMPAIGN, [callee(1), callee(2)], [lead(1), lead(2)], entry(0))
    return opened


def test_submissions_of_an_attempt_come_back_in_their_order_and_no_others(store: Any) -> None:
    store.record_refusal_or_freeze(Batch(card_submissions=[sent(1, "sms", 3), sent(1), sent(2)]))
    assert store.sent_cards(AttemptId("at_000001")) == (sent(1), sent(1, "sms", 3))
    assert store.sent_cards(AttemptId("at_000009")) == ()


def test_what_became_of_a_card_stands_over_what_was_kept_at_its_submission(store: Any) -> None:
    store.record_refusal_or_freeze(Batch(card_submissions=[sent(1)]))
    settled = replace(sent(1), outcome="delivered", receipt_ms=1234)
    store.record_refusal_or_freeze(Batch(card_submissions=[settled]))
    assert store.sent_cards(AttemptId("at_000001")) == (settled,)


def test_proof_of_a_card_is_destroyed_with_its_callee_and_the_fact_of_it_stays(store: Any) -> None:
    store.record_refusal_or_freeze(Batch(card_submissions=[sent(1), sent(2)]))
    store.record_refusal_or_freeze(Batch(forgotten=[CalleeId("ce_1")]))
    assert store.sent_cards(AttemptId("at_000001")) == (replace(sent(1), token=None),)
    assert store.sent_cards(AttemptId("at_000002")) == (sent(2),)
