"""The story of one call, told from entries and records that a real store holds."""

import hashlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from baitie.adapters.signing.es256 import Es256Signer
from baitie.adapters.store import SqlStore
from baitie.app.calling.attempt_end import attempt_entry
from baitie.app.ports.signing import CardSigning, card_key_id
from baitie.app.proof import attempt_trace
from baitie.app.proof.card_signatures import sign_card
from baitie.app.records.batch import Batch
from baitie.app.records.sent_card import SentCard
from baitie.bootstrap import evidence, trace_words
from baitie.bootstrap.evidence import make_checkpoint
from baitie.bootstrap.stores import open_store
from baitie.files.examples import copy_example
from baitie.files.organisation_settings import OrganisationSettings
from baitie.files.settings_files import load_organisation
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId, CardId, LeadId
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.outcome import EndedBy, Evidence, Outcome
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.purpose import NumberClass
from baitie.kernel.records import AttemptRecord, AttemptState, CalleeRecord, LeadRecord

TEN = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
NUMBER = PhoneNumber("+8613000001234")
CAMPAIGN = CampaignId("order-followup")
VERDICT = {
    "decision": "allow",
    "at": TEN.isoformat(),
    "until": None,
    "findings": [],
    "passed": ["CORE-REFUSAL", "CN-CORE-QUIET"],
    "rules": "6b2c1fa41940" + "0" * 52,
}


def record(name: str = "at_1kjrq8krg04smvpnqekzs", **changes: object) -> AttemptRecord:
    made = AttemptRecord(
        attempt_id=AttemptId(name),
        lead_id=LeadId("ld_1"),
        campaign_id=CAMPAIGN,
        callee_id=CalleeId("ca_1"),
        presented_number=PhoneNumber("+862150000100"),
        trunk="loopback",
        state=AttemptState.ENDED,
        planned_at=TEN,
        invite_sent_at=TEN,
        ended_at=TEN + timedelta(minutes=1),
        outcome=Outcome.ANSWERED,
        evidence=Evidence(sip_status=200, ring_ms=3000, talk_ms=2000, ended_by=EndedBy.CALLEE),
        recording="a.wav",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy_example("order-followup", tmp_path / "c")
    return tmp_path / "c"


@pytest.fixture
def organisation(folder: Path) -> OrganisationSettings:
    return load_organisation(folder / "baitie.toml", {}).settings


@pytest.fixture
def store(organisation: OrganisationSettings) -> Iterator[SqlStore]:
    with closing(open_store(organisation)) as store:
        lead = LeadRecord(LeadId("ld_1"), CAMPAIGN, CalleeId("ca_1"), 2, "王小明", {"tail": "9999"}, "订单", "购物合同")
        callee = CalleeRecord(CalleeId("ca_1"), NUMBER, NumberClass.MOBILE, "CN", ("Asia/Shanghai",))
        imported = JournalEntry(JournalKind.CONTACTS_IMPORTED, TEN, CAMPAIGN, facts={"leads": 1})
        store.import_leads(CAMPAIGN, [callee], [lead], imported)
        yield store


async def keep(store: SqlStore, one: AttemptRecord, *steps: tuple[JournalKind, dict[str, Any]]) -> None:
    entries = [attempt_entry(one, kind, TEN + timedelta(seconds=n), facts) for n, (kind, facts) in enumerate(steps)]
    await store.commit(Batch(attempts=[one], journal=entries))


def run(store: SqlStore, one: AttemptRecord, *steps: tuple[JournalKind, dict[str, Any]]) -> None:
    import asyncio

    asyncio.run(keep(store, one, *steps))


WHOLE: tuple[tuple[JournalKind, dict[str, Any]], ...] = (
    (JournalKind.ATTEMPT_PLANNED, {"verdict": VERDICT}),
    (
        JournalKind.CARD_SUBMITTED,
        {"text_hash": "ab" * 32, "template": "order-followup", "version": 3, "reviewer": "李"},
    ),
    (JournalKind.CARD_ACCEPTED, {"message_id": "m1"}),
    (JournalKind.CARD_DELIVERED, {"receipt_ms": 250}),
    (JournalKind.INVITE_SENT, {"card": "delivered", "trunk": "loopback"}),
    (JournalKind.RING_ALLOWED, {"verdict": VERDICT}),
    (JournalKind.CALL_RANG, {"card_lead_ms": 90}),
    (JournalKind.CALL_ANSWERED, {}),
    (JournalKind.ANSWER_COLLECTED, {"received": "yes"}),
    (JournalKind.CALLEE_REFUSED, {"channel": "keypad"}),
    (JournalKind.ATTEMPT_ENDED, {"outcome": "answered", "talk_ms": 2000}),
    (JournalKind.CALLEE_FROZEN, {"rule": "HOUSE-SHORT", "until": "2026-04-01"}),
    (JournalKind.LEAD_CLOSED, {"reason": "callee-refused"}),
)


def kinds(found: attempt_trace.Trace) -> list[str]:
    return [step.kind for step in found.steps]


def test_the_story_is_told_in_order_from_the_numbers_origin_to_the_proof(
    store: SqlStore, organisation: OrganisationSettings, folder: Path
) -> None:
    run(store, record(), *WHOLE)
    make_checkpoint(organisation, TEN)
    found = evidence.trace(organisation, record().attempt_id, folder, {})
    expected = [kind.value for kind, _ in WHOLE]
    expected.insert(expected.index("CardSubmitted"), "not-reviewed")
    expected.insert(expected.index("CardSubmitted") + 1, "card-not-signed")
    assert kinds(found) == ["origin", *expected, "counted", "recording", "signed"]
    assert found.steps[0].facts == {"source": "订单", "legal_basis": "购物合同", "row": 2}
    assert found.steps[-3].facts == {"as": ["attempt", "contact", "short"]}
    assert found.steps[-2].facts == {"file": "a.wav", "is_there": False}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_numbers_are_masked_and_names_and_slots_are_not_in_it(
    store: SqlStore, organisation: OrganisationSettings, folder: Path, lang: str
) -> None:
    run(store, record(), *WHOLE)
    found = evidence.trace(organisation, "nqekzs", folder, {})
    texts = trace_words.TraceTexts(lang, found.zone)
    said = "\n".join(line for step in found.steps for line in texts.lines(step))
    assert found.callee == "130****1234"
    for personal in ("13000001234", "王小明", "9999"):
        assert personal not in said + repr(found)
    assert "李" in said  # facts that no sentence has a place for are told as well
    assert ("版本 3" if lang == "zh" else "version 3") in said
    assert "trace." not in said


def test_the_token_of_a_signed_card_which_holds_the_number_in_clear_is_told_by_its_digest_and_key_only(
    store: SqlStore, organisation: OrganisationSettings, folder: Path
) -> None:
    signer = Es256Signer(ec.derive_private_key(12345, ec.SECP256R1()))
    token = sign_card(CardSigning(signer, "https://example.com/c.pem", "Demo"), "hi", "106900000000", NUMBER, TEN)
    of = record()
    card = SentCard(
        CardId(f"{of.attempt_id}.flash"), of.attempt_id, CAMPAIGN, of.callee_id, "flash", TEN,
        token=token, public_key=signer.public_key,
    )  # fmt: skip
    store.record_refusal_or_freeze(Batch(card_submissions=[card]))
    run(store, of, *WHOLE)
    found = evidence.trace(organisation, of.attempt_id, folder, {})
    signed = next(step for step in found.steps if step.kind == "card-signed")
    assert signed.facts == {
        "channel": "flash",
        "key": card_key_id(signer.public_key),
        "token_hash": hashlib.sha256(token.encode()).hexdigest(),
    }
    told = "\n".join(line for step in found.steps for line in trace_words.TraceTexts("en", found.zone).lines(step))
    for part in (token, *token.split("."), NUMBER.e164().lstrip("+")):
        assert part not in told + repr(found)


def test_a_signed_call_stays_signed_though_entries_about_it_are_written_later(
    store: SqlStore, organisation: OrganisationSettings, folder: Path
) -> None:
    run(store, record(), *WHOLE)
    make_checkpoint(organisation, TEN)
    later = attempt_entry(record(), JournalKind.PAGE_CODE_ISSUED, TEN + timedelta(days=1), {"actor": "li"})
    store.record_refusal_or_freeze(Batch(journal=[later]))
    found = evidence.trace(organisation, record().attempt_id, folder, {})
    assert kinds(found)[-2:] == ["signed", "later-not-signed"]
    (seq,) = [step.seq for step in found.steps if step.kind == JournalKind.PAGE_CODE_ISSUED]
    assert found.steps[-1].facts == {"entries": [seq]}
    make_checkpoint(organisation, TEN)
    assert kinds(evidence.trace(organisation, record().attempt_id, folder, {}))[-1] == "signed"


def test_an_abbreviated_id_must_fit_one_attempt(
    store: SqlStore, organisation: OrganisationSettings, folder: Path
) -> None:
    run(store, record("at_aa1"))
    run(store, record("at_ab1"))
    assert evidence.trace(organisation, "AT_AA", folder, {}).attempt.attempt_id == "at_aa1"
    assert evidence.trace(organisation, "b1", folder, {}).attempt.attempt_id == "at_ab1"
    with pytest.raises(attempt_trace.AttemptAmbiguousError, match="at_aa1, at_ab1"):
        evidence.trace(organisation, "at_a", folder, {})
    for part in ("zz", "", " "):
        with pytest.raises(attempt_trace.AttemptUnknownError):
            evidence.trace(organisation, part, folder, {})


def test_a_number_finds_the_newest_call_to_it_and_a_strange_one_finds_none(
    store: SqlStore, organisation: OrganisationSettings, folder: Path
) -> None:
    run(store, record("at_aa1"), *WHOLE[:1])
    run(store, record("at_ab1", planned_at=TEN + timedelta(hours=1)), *WHOLE[:1])
    for written in ("+86 130 0000 1234", "13000001234"):
        assert evidence.trace(organisation, written, folder, {}).attempt.attempt_id == "at_ab1"
    with pytest.raises(attempt_trace.AttemptUnknownError):
        evidence.trace(organisation, "13000009999", folder, {})


def test_another_attempt_to_the_same_person_is_not_in_it_but_a_later_refusal_is(
    store: SqlStore, organisation: OrganisationSettings, folder: Path
) -> None:
    run(store, record("at_aa1"), *WHOLE[:1])
    run(store, record("at_ab1"), *WHOLE[:1], WHOLE[4])
    refused = JournalEntry(JournalKind.CALLEE_REFUSED, TEN, callee_id="ca_1", facts={"channel": "operator"})
    store.record_refusal_or_freeze(Batch(journal=[refused]))
    found = evidence.trace(organisation, "at_aa1", folder, {})
    assert kinds(found) == ["origin", "AttemptPlanned", "CalleeRefused", "counted", "recording", "not-signed"]


def test_an_attempt_whose_invite_never_left_is_said_not_to_count(
    store: SqlStore, organisation: OrganisationSettings, folder: Path
) -> None:
    run(store, record(invite_sent_at=None, outcome=Outcome.CANCELLED, recording=None), *WHOLE[:1])
    assert kinds(evidence.trace(organisation, "at_", folder, {}))[-2:] == ["not-counted", "not-signed"]


def test_an_answer_whose_value_stands_with_the_attempt_is_told_until_it_is_erased(
    store: SqlStore, organisation: OrganisationSettings, folder: Path
) -> None:
    collected = (JournalKind.ANSWER_COLLECTED, {"answer": "received"})
    run(store, record("at_aa1", answers={"received": "yes"}), collected)
    run(store, record("at_ab1", answers={}), collected)
    for part, value in (("aa1", "yes"), ("ab1", "–")):
        assert evidence.trace(organisation, part, folder, {}).steps[1].facts == {"received": value}


def test_a_verdict_of_another_version_is_told_as_it_stands(
    store: SqlStore, organisation: OrganisationSettings, folder: Path
) -> None:
    run(store, record(), (JournalKind.ATTEMPT_PLANNED, {"verdict": {"decision": "allow", "rules": "abc"}}))
    found = evidence.trace(organisation, "at_", folder, {})
    assert "decision=allow, rules=abc" in trace_words.TraceTexts("en", found.zone).lines(found.steps[1])


def test_a_story_in_chinese_has_no_code_where_there_is_a_word(
    store: SqlStore, organisation: OrganisationSettings, folder: Path
) -> None:
    ended = (JournalKind.ATTEMPT_ENDED, {"outcome": "answered", "ended_by": "us", "ring_ms": 3000})
    closed = (JournalKind.LEAD_CLOSED, {"reason": "answered"})
    run(store, record(), *WHOLE[:10], ended, closed, (JournalKind.PAGE_CODE_ISSUED, {"actor": "bot"}))
    found = evidence.trace(organisation, "at_", folder, {})
    texts = trace_words.TraceTexts("zh", found.zone)
    told = "\n".join(texts.lines(step)[0] for step in found.steps)
    for word in ("delivered", "keypad", "answered", "ended_by", "ring_ms", "PageCodeIssued", "bot", "=", " ("):
        assert word not in told
    for said in ("名片：已先送达", "挂断方：我方，振铃毫秒数：3000", "该客户不再呼叫：接通", "途径：按键"):
        assert said in told


def test_every_journal_event_has_words_in_the_story_or_is_told_by_its_name(
    store: SqlStore, organisation: OrganisationSettings, folder: Path
) -> None:
    run(store, record(), *[(kind, {"x": 1}) for kind in JournalKind])
    found = evidence.trace(organisation, "at_", folder, {})
    for lang in ("zh", "en"):
        texts = trace_words.TraceTexts(lang, found.zone)
        assert all(texts.lines(step)[0].strip() for step in found.steps)
