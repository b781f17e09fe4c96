"""Receipts and times of SMPP, in all the forms that centres use."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fuzzing import fuzz
from tests.unit.wire.smpp.samples import HANDSET, RECEIPT_TEXT, SHORT_CODE

from baitie.wire.smpp.constants import Command, MessageState, Tag
from baitie.wire.smpp.pdu import DataMessage, ShortMessage, SmppError, Tlvs
from baitie.wire.smpp.receipt import (
    MessageIdForm,
    Receipt,
    answer_key,
    is_receipt,
    parse_receipt_untrusted,
    receipt_keys,
    receipt_text,
    receipt_tlvs,
)
from baitie.wire.smpp.receiptbook import ReceiptBook
from baitie.wire.smpp.times import VALIDITY_MAX_S, absolute_time, parse_time_untrusted, relative_time

AT = datetime(2026, 11, 23, 17, 0, 30, 400_000, tzinfo=UTC)
START = datetime(2000, 1, 2, tzinfo=UTC)
CHINA = timezone(timedelta(hours=8))


def deliver(text: bytes, tlvs: Tlvs = ()) -> ShortMessage:
    return ShortMessage(Command.DELIVER_SM, 1, HANDSET, SHORT_CODE, text, esm_class=4, tlvs=tlvs)


def test_a_receipt_is_read_from_its_text() -> None:
    receipt = parse_receipt_untrusted(deliver(RECEIPT_TEXT))
    assert receipt == Receipt(MessageState.DELIVERED, "0a1b", None, "DELIVRD", "000")


def test_a_receipt_is_read_from_its_optional_parameters_alone() -> None:
    tlvs = (
        (Tag.RECEIPTED_MESSAGE_ID, b"0a1b\0"),
        (Tag.MESSAGE_STATE, b"\x05"),
        (Tag.NETWORK_ERROR_CODE, b"\x03\x00\x22"),
    )
    assert parse_receipt_untrusted(deliver(b"", tlvs)) == Receipt(
        MessageState.UNDELIVERABLE, None, "0a1b", None, "3:34"
    )


def test_optional_parameters_win_over_the_text() -> None:
    receipt = parse_receipt_untrusted(deliver(RECEIPT_TEXT, ((Tag.MESSAGE_STATE, b"\x03"),)))
    assert receipt.state is MessageState.EXPIRED


def test_a_receipt_in_a_data_sm_is_read() -> None:
    pdu = DataMessage(
        Command.DATA_SM, 1, HANDSET, SHORT_CODE, esm_class=4, tlvs=receipt_tlvs("7", MessageState.REJECTED)
    )
    assert parse_receipt_untrusted(pdu).state is MessageState.REJECTED


@pytest.mark.parametrize(
    ("stat", "state"),
    [
        ("ENROUTE", MessageState.ENROUTE),
        ("DELIVRD", MessageState.DELIVERED),
        ("delivrd", MessageState.DELIVERED),
        ("EXPIRED", MessageState.EXPIRED),
        ("DELETED", MessageState.DELETED),
        ("UNDELIV", MessageState.UNDELIVERABLE),
        ("ACCEPTD", MessageState.ACCEPTED),
        ("UNKNOWN", MessageState.UNKNOWN),
        ("REJECTD", MessageState.REJECTED),
        ("MK:0012", MessageState.UNKNOWN),
    ],
)
def test_each_word_of_a_receipt_has_its_state(stat: str, state: MessageState) -> None:
    receipt = parse_receipt_untrusted(deliver(f"id:1 stat:{stat} err:001".encode()))
    assert (receipt.state, receipt.stat) == (state, stat)


def test_a_receipt_without_any_id_is_an_error() -> None:
    with pytest.raises(SmppError):
        parse_receipt_untrusted(deliver(b"hello", ((Tag.MESSAGE_STATE, b"\x02"),)))


@pytest.mark.parametrize(
    ("esm_class", "expected"), [(0x00, False), (0x04, True), (0x20, True), (0x40, False), (0x44, True)]
)
def test_esm_class_tells_receipts_from_messages_of_people(esm_class: int, expected: bool) -> None:
    assert is_receipt(esm_class) is expected


@given(st.sampled_from(MessageState), st.integers(0, 2**32).map("{:x}".format), st.booleans())
def test_a_receipt_that_we_write_is_read_again(state: MessageState, message_id: str, has_tlvs: bool) -> None:
    text = receipt_text(message_id, state, AT, AT, "000")
    receipt = parse_receipt_untrusted(deliver(text, receipt_tlvs(message_id, state) if has_tlvs else ()))
    assert (receipt.state, receipt.text_id) == (state, message_id)


@pytest.mark.parametrize(
    ("form", "answered", "written"),
    [
        (MessageIdForm.SAME, "0A1B-x", "0A1B-x"),
        (MessageIdForm.HEX_THEN_DECIMAL, "0a1b", "2587"),
        (MessageIdForm.HEX_THEN_DECIMAL, "0A1B", "0000002587"),
        (MessageIdForm.DECIMAL_THEN_HEX, "2587", "a1b"),
    ],
)
def test_ids_match_in_the_form_of_the_centre(form: MessageIdForm, answered: str, written: str) -> None:
    receipt = parse_receipt_untrusted(deliver(f"id:{written} stat:DELIVRD".encode()))
    assert answer_key(answered, form) in receipt_keys(receipt, form)


def test_a_receipt_matches_its_message_once() -> None:
    book = ReceiptBook(MessageIdForm.SAME, remembered_max=10, early_max=2)
    receipt = Receipt(MessageState.DELIVERED, "a", None)
    assert book.remember("a", "card") is None
    assert book.match(receipt) == "card"
    assert book.match(receipt) is None
    assert book.is_doubled(receipt)


def test_a_receipt_that_overtakes_its_answer_is_kept_for_it() -> None:
    book = ReceiptBook(MessageIdForm.SAME, remembered_max=10, early_max=2)
    receipt = Receipt(MessageState.DELIVERED, "a", "a")
    assert book.match(receipt) is None
    assert book.keep_early(receipt) is None
    assert book.remember("a", "card") == receipt
    assert book.is_doubled(receipt)
    assert book.forget_early() == []


def test_the_book_forgets_the_oldest_beyond_its_bounds() -> None:
    book = ReceiptBook(MessageIdForm.SAME, remembered_max=2, early_max=2)
    for name in "abc":
        book.remember(name, name)
    assert book.match(Receipt(MessageState.DELIVERED, "a", None)) is None
    early = [Receipt(MessageState.DELIVERED, name, None) for name in "xyz"]
    assert [book.keep_early(receipt) for receipt in early] == [None, None, early[0]]


def test_an_id_may_be_used_again_by_the_centre() -> None:
    book = ReceiptBook(MessageIdForm.SAME, remembered_max=10, early_max=2)
    for key in ("first", "second"):
        book.remember("1", key)
        assert book.match(Receipt(MessageState.DELIVERED, "1", None)) == key


@given(st.floats(0.001, VALIDITY_MAX_S))
def test_a_relative_validity_is_the_length_rounded_up(validity_s: float) -> None:
    until = parse_time_untrusted(relative_time(validity_s), AT)
    assert until is not None
    assert validity_s <= (until - AT).total_seconds() < validity_s + 1


def test_a_relative_validity_is_at_most_31_days_and_at_least_a_second() -> None:
    assert relative_time(1e9) == "000030235959000R"
    assert relative_time(0) == "000000000001000R"


@given(
    st.integers(1, 98 * 365 * 86_400 * 10).map(lambda tenths: START + timedelta(seconds=tenths / 10)),
    st.integers(-48, 48).map(lambda quarters: timezone(timedelta(minutes=15 * quarters))),
)
def test_an_absolute_time_comes_back_to_the_tenth_of_a_second(at: datetime, zone: timezone) -> None:
    aware = at.astimezone(zone)
    parsed = parse_time_untrusted(absolute_time(aware), AT)
    assert parsed is not None
    assert timedelta(0) <= aware - parsed < timedelta(seconds=0.1)


def test_an_absolute_time_says_its_offset_in_quarters_of_an_hour() -> None:
    assert absolute_time(AT.astimezone(CHINA)) == "261124010030432+"


@pytest.mark.parametrize("text", ["x", "000000000008000", "000000000008000X", "991399000000000+", "٠" * 15 + "R"])
def test_what_is_no_time_raises(text: str) -> None:
    with pytest.raises(SmppError):
        parse_time_untrusted(text, AT)


def test_no_time_is_none() -> None:
    assert parse_time_untrusted("", AT) is None


def test_hostile_receipts_raise_nothing_but_the_one_error() -> None:
    def parse(data: bytes) -> None:
        cut = len(data) // 2
        tlvs = (
            (Tag.RECEIPTED_MESSAGE_ID, data[:8]),
            (Tag.MESSAGE_STATE, data[8:9]),
            (Tag.NETWORK_ERROR_CODE, data[9:12]),
        )
        for form in MessageIdForm:
            receipt_keys(parse_receipt_untrusted(deliver(data, tlvs)), form)
            receipt_keys(
                parse_receipt_untrusted(replace(deliver(data), tlvs=((Tag.MESSAGE_PAYLOAD, data[cut:]),))), form
            )

    fuzz(parse, SmppError, [RECEIPT_TEXT, b"id:1", b""])


def test_hostile_times_raise_nothing_but_the_one_error() -> None:
    seeds = [b"000000000008000R", b"261124010030432+", b""]
    fuzz(lambda data: parse_time_untrusted(data.decode("latin-1"), AT), SmppError, seeds)
