"""Units of SMPP 3.4 become values and the same bytes again; malformed ones raise one error."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fuzzing import fuzz, mutate
from tests.unit.wire.smpp.samples import HANDSET, PDUS, SHORT_CODE, any_pdu

from baitie.wire.smpp.codec import TLVS_MAX, PduStream, encode_pdu, parse_pdu_untrusted
from baitie.wire.smpp.constants import PDU_OCTETS_MAX, Command
from baitie.wire.smpp.pdu import Address, Bind, MessageResp, Pdu, ShortMessage, SmppError, SmppFieldError, tlv

# What smpplib 2.2.4 writes for a class 0 message in UCS-2 with a validity of 8 s.
FOREIGN_SUBMIT = bytes.fromhex(
    "0000004a0000000400000000000000020005003130363930303031000101383631333831323334353637380000000000"
    "30303030303030303030303830303052000100180004674e4e8c"
)


@pytest.mark.parametrize("pdu", PDUS, ids=lambda pdu: f"{pdu.command:#x}-{pdu.status:#x}")
def test_each_unit_comes_back_as_value_and_as_bytes(pdu: Pdu) -> None:
    data = encode_pdu(pdu)
    assert parse_pdu_untrusted(data) == pdu
    assert encode_pdu(parse_pdu_untrusted(data)) == data


@given(any_pdu)
def test_any_unit_comes_back_as_value_and_as_bytes(pdu: Pdu) -> None:
    data = encode_pdu(pdu)
    assert parse_pdu_untrusted(data) == pdu
    assert encode_pdu(parse_pdu_untrusted(data)) == data


@given(st.binary(max_size=300), st.integers(0, 2**32 - 1), st.sampled_from(PDUS))
def test_whatever_parses_gives_the_same_bytes_again(body: bytes, sequence: int, pdu: Pdu) -> None:
    header = (16 + len(body)).to_bytes(4, "big") + int(pdu.command).to_bytes(4, "big") + bytes(4)
    data = header + sequence.to_bytes(4, "big") + body
    try:
        parsed = parse_pdu_untrusted(data)
    except SmppError:
        return
    assert encode_pdu(parsed) == data


@pytest.mark.parametrize("pdu", PDUS, ids=lambda pdu: f"{pdu.command:#x}-{pdu.status:#x}")
def test_every_truncation_of_every_unit_raises_the_one_error_or_is_a_unit_itself(pdu: Pdu) -> None:
    whole = encode_pdu(pdu)
    for size in range(len(whole)):
        with pytest.raises(SmppError):
            parse_pdu_untrusted(whole[:size])
        cut = size.to_bytes(4, "big") + whole[4:size]  # a length that fits, and a body that ends too early
        try:
            parsed = parse_pdu_untrusted(cut)
        except SmppError:
            continue
        assert encode_pdu(parsed) == cut


@pytest.mark.parametrize("pdu", [pdu for pdu in PDUS if isinstance(pdu, ShortMessage)])
def test_a_message_cut_anywhere_before_its_optional_parameters_is_no_message(pdu: ShortMessage) -> None:
    whole = encode_pdu(pdu)
    mandatory = len(whole) - sum(4 + len(value) for _, value in pdu.tlvs)
    for size in range(16, mandatory):
        with pytest.raises(SmppError) as caught:
            parse_pdu_untrusted(size.to_bytes(4, "big") + whole[4:size])
        assert caught.value.details["sequence"] == pdu.sequence


def test_a_flash_message_of_another_encoder_is_read_field_by_field() -> None:
    pdu = parse_pdu_untrusted(FOREIGN_SUBMIT)
    assert pdu == ShortMessage(
        Command.SUBMIT_SM,
        2,
        Address(5, 0, "10690001"),
        HANDSET,
        "李二".encode("utf-16-be"),
        data_coding=0x18,
        registered_delivery=1,
        validity_period="000000000008000R",
    )
    assert encode_pdu(pdu) == FOREIGN_SUBMIT


def test_the_password_is_not_shown() -> None:
    assert "secret" not in repr(Bind(Command.BIND_TRANSCEIVER, 1, "baitie", "secret"))


@pytest.mark.parametrize(
    "pdu",
    [
        Bind(Command.BIND_TRANSCEIVER, 1, "a" * 16, "secret"),
        Bind(Command.BIND_TRANSCEIVER, 1, "baitie", "123456789"),
        Bind(Command.BIND_TRANSCEIVER, 1, "拜帖", "secret"),
        MessageResp(Command.SUBMIT_SM_RESP, 1, 0, "a\0b"),
        ShortMessage(Command.SUBMIT_SM, 1, SHORT_CODE, HANDSET, bytes(256)),
    ],
)
def test_a_value_that_does_not_fit_its_field_is_an_error_of_input(pdu: Pdu) -> None:
    with pytest.raises(SmppFieldError):
        encode_pdu(pdu)


def test_the_count_of_optional_parameters_is_bounded() -> None:
    tlvs = tuple((0x1400, b"") for _ in range(TLVS_MAX + 1))
    with pytest.raises(SmppError):
        parse_pdu_untrusted(encode_pdu(MessageResp(Command.SUBMIT_SM_RESP, 1, 0, "", tlvs)))


def test_an_absent_optional_parameter_is_none() -> None:
    assert tlv((), 0x1E) is None


@given(st.lists(any_pdu, max_size=8), st.randoms(use_true_random=False))
def test_a_stream_in_any_pieces_gives_the_same_units(pdus: list[Pdu], rng: random.Random) -> None:
    data = b"".join(encode_pdu(pdu) for pdu in pdus)
    stream, frames, start = PduStream(), [], 0
    while start < len(data):
        size = rng.randint(1, 60)
        frames += stream.feed_untrusted(data[start : start + size])
        start += size
    assert [parse_pdu_untrusted(frame) for frame in frames] == pdus
    assert stream.fault is None


@pytest.mark.parametrize("length", [0, 15, PDU_OCTETS_MAX + 1, 0xFFFFFFFF])
def test_an_impossible_length_ends_the_stream_after_the_units_before_it(length: int) -> None:
    stream, good = PduStream(), encode_pdu(PDUS[0])
    assert stream.feed_untrusted(good + length.to_bytes(4, "big") + good) == [good]
    assert stream.fault is not None
    assert stream.feed_untrusted(good) == []


def test_hostile_units_raise_nothing_but_the_one_error() -> None:
    def parse(data: bytes) -> None:
        parse_pdu_untrusted(data)
        with_length = len(data).to_bytes(4, "big") + data[4:]
        assert encode_pdu(parse_pdu_untrusted(with_length)) == with_length

    def parse_framed(data: bytes) -> None:
        parse(max(len(data), 16).to_bytes(4, "big") + data[4:].ljust(12, b"\0"))

    fuzz(parse_framed, SmppError, [encode_pdu(pdu) for pdu in PDUS])


def test_a_hostile_stream_holds_no_more_than_one_unit_and_never_raises() -> None:
    rng = random.Random(7)
    seeds = [encode_pdu(pdu) for pdu in PDUS]
    for _ in range(500):
        stream = PduStream()
        for _ in range(5):
            for frame in stream.feed_untrusted(mutate(rng, seeds)):
                assert 16 <= len(frame) <= PDU_OCTETS_MAX
