"""Filings move by the table only, makers never check, and nothing is sent that is not approved byte for byte."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fuzzing import fuzz

from baitie.domain.filing import (
    TRANSITIONS,
    FiledDocument,
    FiledSubject,
    FilingAct,
    FilingEvent,
    FilingReason,
    FilingRefusal,
    FilingRefusalCode,
    FilingRegister,
    FilingRegisterError,
    FilingSheetError,
    FilingState,
    RealNameTier,
    Sending,
    brand,
    event_line,
    filing_id_for,
    fold,
    may_send,
    presented_number,
    read_answers,
    read_register_untrusted,
    script,
    sheet_rows,
    template,
    with_event,
)
from baitie.kernel.journal import GENESIS_HASH, JsonValue
from baitie.kernel.purpose import NumberClass, Purpose

AT = datetime(2026, 3, 3, 10, tzinfo=UTC)
NUMBER = "+862150000100"
CARD_FACTS: dict[str, JsonValue] = {
    "template_id": "care-ecommerce-zh",
    "version": 1,
    "purpose": "care",
    "sign": "云杉优选",
    "text": "【云杉优选】即将来电回访尾号{order_tail}的订单",
    "slots": {"order_tail": {"type": "phone_tail", "units_max": 4}},
}
CARD = template(CARD_FACTS)
BRAND = brand("云杉优选", "云杉优选商城", RealNameTier.TRADEMARK, [FiledDocument("licence", "0" * 64)])
OWN_NUMBER = presented_number(NUMBER, NumberClass.FIXED, "云杉优选商城", [Purpose.CARE])
SENDING = Sending(CARD.content_hash, {"order_tail": "1542"}, NUMBER, Purpose.CARE, "default", "flash")


def after(register: FilingRegister, *events: FilingEvent) -> FilingRegister:
    for event in events:
        found = with_event(register, event)
        assert isinstance(found, FilingRegister), found
        register = found
    return register


def events_of(subject: FiledSubject, channel: str = "flash", until: datetime | None = None) -> list[FilingEvent]:
    """From draft to approval."""
    filing_id = filing_id_for(FilingRegister(), subject, "default", channel)
    return [
        FilingEvent(FilingAct.ADD, filing_id, "ann", AT, subject, "default", channel),
        FilingEvent(FilingAct.SUBMIT, filing_id, "ann", AT),
        FilingEvent(FilingAct.APPROVE, filing_id, "bo", AT, reference="R-1", valid_until=until),
    ]


def approved(until: datetime | None = None) -> FilingRegister:
    return after(
        FilingRegister(), *events_of(CARD, until=until), *events_of(BRAND, "any"), *events_of(OWN_NUMBER, "voice")
    )


def card_filing_id() -> str:
    return filing_id_for(FilingRegister(), CARD, "default", "flash")


def test_what_is_approved_byte_for_byte_may_be_sent_and_names_the_filings_it_rests_upon() -> None:
    verdict = may_send(approved(), SENDING, AT)
    assert verdict.may_send
    assert len(verdict.filing_ids) == 3


acts = st.sampled_from([act for act in FilingAct if act is not FilingAct.ADD])


@settings(max_examples=300)
@given(st.lists(st.tuples(acts, st.sampled_from(["ann", "bo", ""]), st.sampled_from(["", "E7"])), max_size=8))
def test_only_transitions_of_the_table_ever_happen(steps: list[tuple[FilingAct, str, str]]) -> None:
    register = after(FilingRegister(), events_of(CARD)[0])
    filing_id = card_filing_id()
    for act, actor, code in steps:
        before = register.filings[filing_id]
        event = FilingEvent(act, filing_id, actor, AT, reference="R", refusal_code=code)
        found = with_event(register, event)
        if isinstance(found, FilingRefusal):
            continue
        register = found
        assert TRANSITIONS[before.state, act] is register.filings[filing_id].state
        assert register.filings[filing_id].subject == before.subject
        if act is FilingAct.APPROVE:
            assert actor not in (before.maker, before.submitter)


def test_whoever_made_or_submitted_a_filing_does_not_record_its_approval() -> None:
    add, submit, approve = events_of(CARD)
    register = after(FilingRegister(), add, replace(submit, actor="cy"))
    for actor in ("ann", "cy"):
        found = with_event(register, replace(approve, actor=actor))
        assert isinstance(found, FilingRefusal)
        assert found.code is FilingRefusalCode.MAKER_IS_CHECKER


changes = st.one_of(
    st.tuples(st.just("text"), st.text(max_size=30)),
    st.tuples(st.just("sign"), st.text(max_size=8)),
    st.tuples(st.just("version"), st.integers(2, 9)),
    st.tuples(st.just("slots"), st.dictionaries(st.text(max_size=5), st.just({"type": "text", "units_max": 4}))),
)


@given(changes)
def test_an_approved_version_whose_bytes_changed_is_never_sent(change: tuple[str, JsonValue]) -> None:
    key, value = change
    changed = template({**CARD_FACTS, key: value})
    verdict = may_send(approved(), replace(SENDING, text_hash=changed.content_hash), AT)
    if CARD_FACTS[key] != value:
        assert verdict.reasons == (FilingReason.TEXT_NOT_FILED,)


def test_a_version_that_was_submitted_cannot_be_filed_with_other_bytes_under_the_same_number() -> None:
    changed = template({**CARD_FACTS, "text": "别的话"})
    found = with_event(approved(), replace(events_of(changed)[0], actor="ann"))
    assert isinstance(found, FilingRefusal)
    assert found.code is FilingRefusalCode.VERSION_CHANGED
    raised = template({**CARD_FACTS, "text": "别的话", "version": 2})
    assert isinstance(with_event(approved(), events_of(raised)[0]), FilingRegister)


def test_expiry_stops_use_at_that_instant() -> None:
    until = AT + timedelta(days=1)
    register = approved(until)
    assert may_send(register, SENDING, until - timedelta(microseconds=1)).may_send
    assert may_send(register, SENDING, until).reasons == (FilingReason.TEXT_EXPIRED,)


@pytest.mark.parametrize("subject", [CARD, BRAND, OWN_NUMBER], ids=lambda subject: subject.kind.value)
def test_revocation_of_text_brand_or_number_stops_use_at_once(subject: FiledSubject) -> None:
    register = approved()
    (filing,) = register.by_hash[subject.content_hash]
    register = after(register, FilingEvent(FilingAct.REVOKE, filing.filing_id, "ann", AT, refusal_code="withdrawn"))
    assert not may_send(register, SENDING, AT).may_send


@pytest.mark.parametrize(
    ("sending", "reason"),
    [
        (replace(SENDING, carrier="other"), FilingReason.TEXT_NOT_FILED),
        (replace(SENDING, channel="sms"), FilingReason.TEXT_NOT_FILED),
        (replace(SENDING, purpose=Purpose.ACQUISITION), FilingReason.TEXT_OTHER_PURPOSE),
        (replace(SENDING, purpose=Purpose.ACQUISITION), FilingReason.NUMBER_OTHER_PURPOSE),
        (replace(SENDING, number="+862150000199"), FilingReason.NUMBER_NOT_FILED),
        (replace(SENDING, slots={}), FilingReason.SLOT_MISSING),
        (replace(SENDING, slots={"order_tail": "15421"}), FilingReason.SLOT_TOO_LONG),
        (replace(SENDING, slots={"order_tail": "1542", "more": "1"}), FilingReason.SLOT_UNKNOWN),
    ],
)
def test_each_way_of_leaving_what_was_approved_has_its_reason(sending: Sending, reason: FilingReason) -> None:
    assert reason in may_send(approved(), sending, AT).reasons


@pytest.mark.parametrize(
    ("steps", "reason"), [(1, FilingReason.TEXT_NOT_APPROVED), (2, FilingReason.TEXT_NOT_APPROVED)]
)
def test_a_draft_and_a_submission_are_no_approval(steps: int, reason: FilingReason) -> None:
    register = after(FilingRegister(), *events_of(CARD)[:steps], *events_of(BRAND, "any"), *events_of(OWN_NUMBER))
    assert may_send(register, SENDING, AT).reasons == (reason,)


def test_an_unverified_brand_stands_on_no_card() -> None:
    unproved = brand("云杉优选", "云杉优选商城", RealNameTier.NONE)
    register = after(FilingRegister(), *events_of(CARD), *events_of(unproved), *events_of(OWN_NUMBER))
    assert may_send(register, SENDING, AT).reasons == (FilingReason.BRAND_NOT_VERIFIED,)


def test_after_a_refusal_the_same_bytes_may_be_filed_again_under_another_id() -> None:
    add, submit, _ = events_of(CARD)
    refuse = FilingEvent(FilingAct.REFUSE, add.filing_id, "bo", AT, refusal_code="E7")
    register = after(FilingRegister(), add, submit, refuse)
    again = filing_id_for(register, CARD, "default", "flash")
    assert again != add.filing_id
    assert isinstance(with_event(register, replace(add, filing_id=again)), FilingRegister)
    twice = with_event(after(FilingRegister(), add), replace(add, filing_id="fl_other"))
    assert isinstance(twice, FilingRefusal)


def lines_of(events: list[FilingEvent]) -> bytes:
    data, previous = b"", GENESIS_HASH
    for event in events:
        data += event_line(event, previous)
        previous = read_register_untrusted(data, "f").last_hash
    return data


EVENTS = [*events_of(CARD, until=AT + timedelta(days=9)), *events_of(BRAND), *events_of(script("s", "1", "0" * 64))]


def test_a_register_reads_back_as_it_was_written() -> None:
    assert read_register_untrusted(lines_of(EVENTS), "f").register.filings == after(FilingRegister(), *EVENTS).filings


@settings(max_examples=100)
@given(st.lists(st.tuples(st.sampled_from(EVENTS), acts, st.sampled_from(["ann", "bo"])), max_size=12))
def test_folding_a_file_gives_what_one_event_after_the_other_gives(
    steps: list[tuple[FilingEvent, FilingAct, str]],
) -> None:
    register, kept = FilingRegister(), list[FilingEvent]()
    for event, act, actor in steps:
        for each in (event, FilingEvent(act, event.filing_id, actor, AT, reference="R", refusal_code="E")):
            found = with_event(register, each)
            if isinstance(found, FilingRegister):
                register, kept = found, [*kept, each]
    folded = fold(kept)
    assert isinstance(folded, FilingRegister)
    assert folded.filings == register.filings


def test_half_a_last_line_was_never_kept() -> None:
    data = lines_of(EVENTS)
    for cut in range(1, 40):
        assert read_register_untrusted(data[:-cut], "f").lines == len(EVENTS) - 1


@pytest.mark.parametrize("old", [b'"ann"', "云杉优选".encode(), b"approve", b'"version":1'])
def test_a_changed_past_does_not_read(old: bytes) -> None:
    data = lines_of(EVENTS)
    assert old in data
    with pytest.raises(FilingRegisterError):
        read_register_untrusted(data.replace(old, b'"bob"' if old == b'"ann"' else b"refuse", 1), "f")
    lines = data.splitlines(keepends=True)
    with pytest.raises(FilingRegisterError):
        read_register_untrusted(b"".join(lines[:1] + lines[2:]), "f")


def test_fuzz_reading_a_register_raises_one_error_only() -> None:
    fuzz(lambda data: read_register_untrusted(data, "f"), FilingRegisterError, [lines_of(EVENTS), b"{}\n"])


def test_a_sheet_takes_every_filing_out_and_the_answers_in() -> None:
    register = after(FilingRegister(), *events_of(CARD)[:2])
    rows = sheet_rows(register.filings.values(), AT)
    assert len(rows) == 2
    answered = dict(zip(rows[0], rows[1], strict=True)) | {
        "answer": "通过", "reference": "B-9", "valid_until": "2027-03-03T00:00:00+08:00",
    }  # fmt: skip
    (answer,) = read_answers(rows[0], [(2, [answered[name] for name in rows[0]])])
    event = FilingEvent(answer.act, answer.filing_id, "bo", AT, reference="B-9", valid_until=answer.valid_until)
    assert after(register, event).filings[answer.filing_id].state is FilingState.APPROVED


def test_a_cell_that_a_spreadsheet_would_compute_is_made_inert() -> None:
    formula = template({**CARD_FACTS, "text": "=1+1"})
    row = dict(zip(*sheet_rows(after(FilingRegister(), events_of(formula)[0]).filings.values(), AT), strict=True))
    assert row["text"] == "'=1+1"


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        (["filing_id"], [""]),
        (["filing_id", "answer"], ["fl_1", "perhaps"]),
        (["filing_id", "answer", "valid_until"], ["fl_1", "approve", "tomorrow"]),
        (["filing_id", "answer", "valid_until"], ["fl_1", "approve", "2027-03-03"]),
    ],
)
def test_a_broken_sheet_is_refused(header: list[str], cells: list[str]) -> None:
    with pytest.raises(FilingSheetError):
        read_answers(header, [(2, cells)])


@pytest.mark.parametrize(
    ("word", "act"),
    [
        ("approve", FilingAct.APPROVE),
        ("Approved", FilingAct.APPROVE),
        ("通过", FilingAct.APPROVE),
        ("refuse", FilingAct.REFUSE),
        ("REFUSED", FilingAct.REFUSE),
        ("驳回", FilingAct.REFUSE),
    ],
)
def test_an_answer_is_read_in_the_words_that_carriers_use(word: str, act: FilingAct) -> None:
    (answer,) = read_answers(["filing_id", "answer"], [(2, ["fl_1", word])])
    assert answer.act is act


def test_an_answer_in_other_words_is_refused_with_those_that_are_meant() -> None:
    with pytest.raises(FilingSheetError) as refused:
        read_answers(["filing_id", "answer"], [(2, ["fl_1", "perhaps"])])
    assert all(word in str(refused.value.details["expected"]) for word in ("approve", "refuse", "通过", "驳回"))


def test_an_act_without_a_name_a_code_or_a_reference_is_refused() -> None:
    add, submit, approve = events_of(CARD)
    register = after(FilingRegister(), add, submit)
    cases = {
        FilingRefusalCode.ACTOR_MISSING: replace(approve, actor=" "),
        FilingRefusalCode.REFERENCE_MISSING: replace(approve, reference=""),
        FilingRefusalCode.CODE_MISSING: FilingEvent(FilingAct.REFUSE, add.filing_id, "bo", AT),
        FilingRefusalCode.FILING_UNKNOWN: replace(approve, filing_id="fl_none"),
        FilingRefusalCode.ENDS_BEFORE_IT_BEGINS: replace(approve, valid_until=AT),
        FilingRefusalCode.NOT_ALLOWED_NOW: submit,
    }
    for code, event in cases.items():
        found = with_event(register, event)
        assert isinstance(found, FilingRefusal)
        assert found.code is code


def test_every_final_state_is_left_by_no_act() -> None:
    final = {state for state in FilingState if state.is_final}
    assert final == {FilingState.REFUSED, FilingState.EXPIRED, FilingState.REVOKED}
