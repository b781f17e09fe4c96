"""A text becomes a submit_sm of one segment with the right data_coding, or a refusal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fuzzing import fuzz
from tests.unit.wire.smpp.samples import HANDSET, SHORT_CODE

from baitie.kernel.errors import Party
from baitie.wire.smpp.constants import Command, Status, Tag
from baitie.wire.smpp.failure import THROTTLING, failure_of_cause, failure_of_status
from baitie.wire.smpp.message import (
    Dialect,
    MessageRefusal,
    TextMessage,
    compose,
    decode_text_untrusted,
    is_flash,
    octets_of,
    sender_address,
    submit_sm,
)
from baitie.wire.smpp.pdu import Address, DataMessage, ShortMessage

TO = "+8613812345678"
CARD = "【某某保险】将就车险报案回访,约2分钟"


def composed(text: str, flash: bool, dialect: Dialect | None = None, sender: str = "10690001") -> TextMessage:
    message = compose(sender, TO, text, flash, dialect or Dialect())
    assert isinstance(message, TextMessage)
    return message


@pytest.mark.parametrize(
    ("text", "flash", "dialect", "data_coding"),
    [
        (CARD, True, Dialect(), 0x18),
        (CARD, False, Dialect(), 0x08),
        ("Acme calls you", True, Dialect(), 0xF0),
        ("Acme calls you", True, Dialect(gsm7_flash_data_coding=0x10), 0x10),
        ("Acme calls you", False, Dialect(), 0x00),
        ("Acme calls you", True, Dialect(default_alphabet_is_gsm7=False), 0x18),
        (CARD, True, Dialect(ucs2_flash_data_coding=24), 0x18),
    ],
)
def test_data_coding_says_alphabet_and_class(text: str, flash: bool, dialect: Dialect, data_coding: int) -> None:
    message = composed(text, flash, dialect)
    assert message.data_coding == data_coding
    assert is_flash(data_coding) is flash
    assert decode_text_untrusted(message.short_message, data_coding) == text


@pytest.mark.parametrize(
    ("data_coding", "expected"),
    [
        *((coding, True) for coding in (0x10, 0x14, 0x18, 0x30, 0xF0, 0xF4)),
        *((coding, False) for coding in (0x00, 0x08, 0x11, 0x19, 0xC0, 0xF1)),
    ],
)
def test_message_class_zero_is_told_by_data_coding(data_coding: int, expected: bool) -> None:
    assert is_flash(data_coding) is expected


@pytest.mark.parametrize(
    ("sender", "text", "refusal"),
    [
        ("10690001", "客" * 71, MessageRefusal("more-than-one-segment")),
        ("10690001", "a" * 161, MessageRefusal("more-than-one-segment")),
        ("10690001", "a\x01", MessageRefusal("control-character", 1)),
        ("10690001", "", MessageRefusal("empty-text")),
        ("", "hi", MessageRefusal("sender-malformed")),
        ("拜帖", "hi", MessageRefusal("sender-malformed")),
        ("A name too long", "hi", MessageRefusal("sender-malformed")),
        ("1" * 21, "hi", MessageRefusal("sender-malformed")),
    ],
)
def test_what_no_single_message_can_carry_is_refused(sender: str, text: str, refusal: MessageRefusal) -> None:
    assert compose(sender, TO, text, True, Dialect()) == refusal
    assert failure_of_cause(refusal.cause).party is Party.ENTERPRISE


def test_seven_bit_text_of_160_sent_as_ucs2_is_more_than_one_segment() -> None:
    dialect = Dialect(default_alphabet_is_gsm7=False)
    assert compose("10690001", TO, "a" * 71, True, dialect) == MessageRefusal("more-than-one-segment")


@given(st.text(max_size=200), st.booleans())
def test_every_text_is_composed_within_140_octets_on_the_air_or_refused(text: str, flash: bool) -> None:
    message = compose("10690001", TO, text, flash, Dialect())
    if isinstance(message, TextMessage):
        on_air_octets = len(message.short_message) * (7 / 8 if message.data_coding in (0x00, 0xF0) else 1)
        assert on_air_octets <= 140


@pytest.mark.parametrize(
    ("sender", "address"),
    [
        ("10690001", Address(0, 1, "10690001")),
        ("+8613800000000", Address(1, 1, "8613800000000")),
        ("ACME", Address(5, 0, "ACME")),
    ],
)
def test_the_sender_has_the_type_of_its_form(sender: str, address: Address) -> None:
    assert sender_address(sender) == address


def test_a_submit_asks_for_a_receipt_and_carries_its_validity() -> None:
    pdu = submit_sm(composed(CARD, True, Dialect(asks_display=True)), 7, "000000000008000R")
    assert (pdu.registered_delivery, pdu.validity_period) == (1, "000000000008000R")
    assert pdu.destination == Address(1, 1, "8613812345678")
    assert pdu.tlvs == ((Tag.DEST_ADDR_SUBUNIT, b"\x01"),)


def test_a_user_data_header_is_no_text() -> None:
    pdu = ShortMessage(Command.DELIVER_SM, 1, HANDSET, SHORT_CODE, b"\x05\x00\x03\x01\x02\x01R", esm_class=0x40)
    assert octets_of(pdu) == b"R"


def test_text_in_message_payload_is_found() -> None:
    pdu = DataMessage(Command.DATA_SM, 1, HANDSET, SHORT_CODE, tlvs=((Tag.MESSAGE_PAYLOAD, b"R"),))
    assert octets_of(pdu) == b"R"


@pytest.mark.parametrize(
    ("octets", "data_coding", "text"),
    [
        (b"R", 0x00, "R"),
        (b"\x00", 0x00, "@"),
        (b"\xe9", 0x03, "é"),
        ("退订".encode("utf-16-be"), 0x08, "退订"),
        ("退订".encode("gb18030"), 0x0F, "退订"),
        (b"R\xff", 0x00, "Rÿ"),
        (b"\xd8", 0x08, "Ø"),
    ],
)
def test_a_reply_is_read_whatever_its_coding_and_never_lost(octets: bytes, data_coding: int, text: str) -> None:
    assert decode_text_untrusted(octets, data_coding) == text


def test_no_octets_make_a_reply_unreadable() -> None:
    def decode(data: bytes) -> None:
        decode_text_untrusted(data[1:], data[0] if data else 0)

    class NoError(Exception):
        pass

    fuzz(decode, NoError, [b"\x00hello", b"\x08" + "退订".encode("utf-16-be"), b"\x0f\xcd\xcb"])


@pytest.mark.parametrize(
    ("status", "cause", "party", "may_resubmit"),
    [
        (0x01, "message-too-long", Party.PLATFORM, False),
        (0x02, "command-malformed", Party.PLATFORM, False),
        (0x03, "command-unknown-to-centre", Party.PLATFORM, False),
        (0x04, "not-bound-for-sending", Party.PLATFORM, True),
        (0x05, "already-bound", Party.PLATFORM, True),
        (0x06, "priority-invalid", Party.PLATFORM, False),
        (0x07, "receipt-request-invalid", Party.PLATFORM, False),
        (0x08, "centre-system-error", Party.CARRIER, True),
        (0x0A, "sender-not-allowed", Party.ENTERPRISE, False),
        (0x0B, "callee-number-invalid", Party.CALLEE, False),
        (0x0C, "message-id-invalid", Party.PLATFORM, False),
        (0x0D, "bind-refused", Party.CARRIER, True),
        (0x0E, "password-wrong", Party.ENTERPRISE, False),
        (0x0F, "system-id-unknown", Party.ENTERPRISE, False),
        (0x14, "centre-queue-full", Party.CARRIER, True),
        (0x15, "service-type-invalid", Party.ENTERPRISE, False),
        (0x43, "esm-class-invalid", Party.PLATFORM, False),
        (0x45, "submit-failed", Party.CARRIER, True),
        (0x48, "sender-not-allowed", Party.ENTERPRISE, False),
        (0x49, "sender-not-allowed", Party.ENTERPRISE, False),
        (0x50, "callee-number-invalid", Party.PLATFORM, False),
        (0x51, "callee-number-invalid", Party.PLATFORM, False),
        (0x58, "throttled", Party.CARRIER, True),
        (0x61, "schedule-invalid", Party.PLATFORM, False),
        (0x62, "validity-invalid", Party.PLATFORM, False),
        (0x64, "centre-temporary-error", Party.CARRIER, True),
        (0x65, "centre-permanent-error", Party.CARRIER, False),
        (0x66, "centre-rejected", Party.CARRIER, False),
        (0xC0, "optional-parameter-refused", Party.PLATFORM, False),
        (0xC2, "optional-parameter-refused", Party.PLATFORM, False),
        (0xC3, "optional-parameter-missing", Party.PLATFORM, False),
        (0xFE, "delivery-failed", Party.CARRIER, True),
        (0xFF, "centre-unknown-error", Party.CARRIER, False),
        (0x400, "centre-vendor-error", Party.CARRIER, False),
        (0x4FF, "centre-vendor-error", Party.CARRIER, False),
        (0x12345, "status-unknown", Party.UNKNOWN, False),
    ],
)
def test_each_status_has_cause_party_and_whether_to_submit_again(
    status: int, cause: str, party: Party, may_resubmit: bool
) -> None:
    failure = failure_of_status(status)
    assert (failure.cause, failure.party, failure.may_resubmit) == (cause, party, may_resubmit)
    assert failure.command_status == status


def test_throttling_may_be_submitted_again() -> None:
    assert {Status.ESME_RTHROTTLED, Status.ESME_RMSGQFUL} == THROTTLING
    assert all(failure_of_status(status).may_resubmit for status in THROTTLING)
