"""Cards are counted by channel one by one, and before the ring by the one definition of that rate."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from baitie.domain.metrics import CampaignFacts, campaign_figures
from baitie.domain.metrics.channels import by_channel
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId, LeadId
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.outcome import Outcome
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import AttemptRecord, AttemptState
from baitie.kernel.undefined import Undefined

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


def attempt(name: str, channel: str | None, lead_ms: int | None, *, has_rung: bool = True) -> AttemptRecord:
    return AttemptRecord(
        AttemptId(name),
        LeadId("l"),
        CampaignId("c"),
        CalleeId("p"),
        PhoneNumber("+862150001234"),
        "main",
        AttemptState.ENDED,
        NOON,
        card_submitted_at=None if channel is None else NOON,
        card_receipt_ms=lead_ms,
        card_lead_ms=lead_ms,
        rang_at=NOON + timedelta(seconds=9) if has_rung else None,
        outcome=Outcome.ANSWERED,
        card_channel=channel,
    )


def said(name: str, *kinds: JournalKind, channel: str) -> list[JournalEntry]:
    return [JournalEntry(kind, NOON, attempt_id=name, facts={"channel": channel}) for kind in kinds]


SUBMITTED, DELIVERED, LATE = JournalKind.CARD_SUBMITTED, JournalKind.CARD_DELIVERED, JournalKind.CARD_LATE
FACTS = CampaignFacts(
    (),
    [attempt("a1", "flash", 400), attempt("a2", "flash", None), attempt("a3", "sms", 900), attempt("a4", None, None)],
    [
        *said("a1", SUBMITTED, DELIVERED, channel="flash"),
        *said("a2", SUBMITTED, LATE, channel="flash"),
        *said("a3", SUBMITTED, JournalKind.CARD_REFUSED, channel="flash"),
        *said("a3", SUBMITTED, DELIVERED, channel="sms"),
    ],
)


def test_each_card_counts_for_its_own_channel() -> None:
    flash, sms = by_channel(FACTS)
    assert (flash.channel, flash.trunk, flash.submitted, flash.delivered) == ("flash", "main", 3, 1)
    assert (flash.refused, flash.late, flash.undelivered) == (1, 1, 0)
    assert (sms.channel, sms.submitted, sms.delivered) == ("sms", 1, 1)


def test_before_the_ring_is_told_over_the_attempts_whose_card_counted_there() -> None:
    flash, sms = by_channel(FACTS)
    assert (flash.before_ring.value, flash.before_ring.counted, flash.before_ring.among) == (0.5, 1, 2)
    assert (sms.before_ring.value, sms.receipt_ms.value) == (1.0, 900)


def test_channel_whose_calls_never_rang_has_no_such_rate() -> None:
    facts = CampaignFacts((), [attempt("a1", "sms", 400, has_rung=False)], said("a1", SUBMITTED, channel="sms"))
    assert isinstance(by_channel(facts)[0].before_ring.value, Undefined)


def test_figures_as_json_have_the_channels() -> None:
    body = campaign_figures(FACTS, lambda _: UTC).to_json()["channels"]
    assert isinstance(body, list)
    first = body[0]
    assert isinstance(first, dict)
    rate = first["card_before_ring_rate"]
    assert isinstance(rate, dict)
    assert (first["channel"], rate["counted"], rate["among"]) == ("flash", 1, 2)


def test_a_card_of_which_the_centre_had_no_word_at_first_is_no_undelivered_one() -> None:
    doubt, failed = (
        JournalEntry(JournalKind.CARD_UNDELIVERED, NOON, attempt_id=name, facts={"channel": "sms", "state": state})
        for name, state in (("a1", "unknown"), ("a2", "undeliverable"))
    )
    facts = CampaignFacts(
        (),
        [attempt("a1", "sms", 400), attempt("a2", "sms", None), attempt("a3", "sms", None)],
        [
            *(entry for name in ("a1", "a2", "a3") for entry in said(name, SUBMITTED, channel="sms")),
            doubt,
            failed,
            replace(doubt, attempt_id="a3"),
            *said("a1", DELIVERED, channel="sms"),
        ],
    )
    (sms,) = by_channel(facts)
    assert (sms.submitted, sms.delivered, sms.undelivered) == (3, 1, 2)
