"""A refusal by message is understood in whatever coding a centre sends it, and an ordinary answer stays one."""

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fuzzing import fuzz
from tests.unit.wire.smpp.samples import HANDSET, SHORT_CODE
from tests.unit.wire.smpp.test_receipts_of_centres import client_with

from baitie.domain.consent.optout import refusal_in
from baitie.kernel.time import Instant
from baitie.wire.smpp.client import SmppClient
from baitie.wire.smpp.codec import encode_pdu
from baitie.wire.smpp.constants import Command, Tag, is_ucs2
from baitie.wire.smpp.events import MessageArrived
from baitie.wire.smpp.parts import JOINED_OCTETS_MAX, MESSAGES_MAX, Part, PartBook, UserData, user_data_untrusted
from baitie.wire.smpp.pdu import ShortMessage, Tlvs
from baitie.wire.smpp.readings import MEND_OCTETS_MAX, likeliest_reading_untrusted, readings_untrusted

CHINESE = ("退订", "請退訂", "取消", "别打了", "别再打电话给我了", "不要再打了！", "我要退订，谢谢")
LETTERS = ("T", "TD", "td", "R", "N", "STOP", "Stop.", "ＴＤ", "unsubscribe")
CODECS = ("utf-16-be", "utf-16-le", "utf-16", "gb18030", "utf-8", "utf-8-sig")
DATA_CODINGS = (0x00, 0x04, 0x08, 0x48, 0x18, 0x0F, 0x03, 0xE0, 0xF0, 0x28, 0x80)
ORDINARY = (
    *(
        "好的",
        "好",
        "不",
        "中",
        "听",
        "也",
        "九点",
        "吧",
        "一",
        "否",
        "可以，下午三点",
        "收到，谢谢",
        "别的时间吧",
        "你是谁？",
    ),
    *(
        "我特别打了折的那款要",
        "要不要打电话给你们？",
        "分别打电话给我和我爱人",
        "谢谢，到时候见👌",
        "请发资料",
        "周一上午10点",
    ),
    *("OK", "ok thanks", "1", "2", "yes", "No problem", "see you at 10", "né", "Really", "Thursday", "sí, mañana"),
)


def told(
    client: SmppClient, octets: bytes, data_coding: int = 0, esm_class: int = 0, tlvs: Tlvs = ()
) -> MessageArrived:
    pdu = ShortMessage(
        Command.DELIVER_SM, 9, HANDSET, SHORT_CODE, octets, data_coding=data_coding, esm_class=esm_class, tlvs=tlvs
    )
    (arrived,) = client.receive_untrusted(encode_pdu(pdu), Instant(1.0))
    assert isinstance(arrived, MessageArrived)
    return arrived


def is_refusal(arrived: MessageArrived) -> bool:
    return refusal_in((arrived.text, *arrived.other_readings)) is not None


def reads(octets: bytes, data_coding: int) -> bool:
    return is_refusal(told(client_with(), octets, data_coding))


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("data_coding", DATA_CODINGS)
def test_a_refusal_is_understood_in_each_coding_under_each_data_coding(codec: str, data_coding: int) -> None:
    for word in CHINESE + LETTERS:
        if (word, codec) == ("N", "utf-16-le") and is_ucs2(data_coding):
            continue  # the same octets are 一, which people do answer
        assert reads(word.encode(codec), data_coding), word


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("data_coding", DATA_CODINGS)
def test_one_octet_too_many_anywhere_loses_no_refusal(codec: str, data_coding: int) -> None:
    for word in ("退订", "别打了", "不要再打"):
        octets = word.encode(codec)
        for index in range(len(octets) + 1):
            for surplus in (b"\0", b" ", b"\xff", b"\x8b"):
                assert reads(octets[:index] + surplus + octets[index:], data_coding), (word, index, surplus)


@pytest.mark.parametrize("surplus", [b"\0", b"\xff", b" "])
def test_one_octet_too_many_behind_a_letter_loses_no_refusal(surplus: bytes) -> None:
    for word, data_coding in itertools.product(("R", "TD", "T", "STOP"), (0x00, 0x03)):
        assert reads(word.encode("ascii") + surplus, data_coding), word
    for word, codec in itertools.product(("R", "TD", "T"), ("utf-16-be", "utf-16-le", "utf-16")):
        assert reads(word.encode(codec) + surplus, 0x08), (word, codec)


@pytest.mark.parametrize("codec", CODECS)
def test_a_character_that_is_cut_loses_no_refusal_before_it(codec: str) -> None:
    octets = "请退订吧".encode(codec)
    for data_coding in (0x00, 0x08):
        assert reads(octets[:-1], data_coding)


def test_a_traditional_refusal_in_big5_is_understood() -> None:
    for data_coding in (0x00, 0x04, 0x08):
        assert reads("請退訂".encode("big5"), data_coding)
        assert reads("不要再打".encode("big5"), data_coding)


@pytest.mark.parametrize("fill_bits", [0, 1])
def test_packed_septets_are_read(fill_bits: int) -> None:
    def packed(text: str) -> bytes:  # 3GPP TS 23.038 §6.1.2.1
        bits = sum(ord(char) << 7 * index for index, char in enumerate(text)) << fill_bits
        return bits.to_bytes((7 * len(text) + fill_bits + 7) // 8, "little")

    assert reads(packed("STOP"), 0x00)
    assert reads(packed("please unsubscribe me"), 0xF1)
    assert not reads(packed("see you on Tuesday"), 0x00)


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_answer_is_no_refusal(text: str) -> None:
    is_ascii = text.isascii()
    for data_coding in (0x08, 0x48, 0x18):
        assert not reads(text.encode("utf-16-be"), data_coding)
        assert is_ascii or not reads(text.encode("utf-8"), data_coding)
        assert is_ascii or not reads(text.encode("utf-16"), data_coding)
    if is_ascii:
        assert not reads(text.encode("ascii"), 0x00)
        assert not reads(text.encode("ascii"), 0x03)
    else:
        assert not reads(text.encode("gb18030"), 0x0F)
        assert len(text) == 1 or not reads(text.encode("gb18030"), 0x00)
        assert not reads(text.encode("utf-8"), 0x00)


@settings(max_examples=300, deadline=None)
@given(
    st.text(st.characters(codec="gb2312", exclude_categories=["Cc"]), min_size=2, max_size=20),
    st.sampled_from(("utf-16-be", "gb18030", "utf-8")),
)
def test_chance_makes_no_refusal_of_chinese(text: str, codec: str) -> None:
    if refusal_in((text,)) is None:
        assert not reads(text.encode(codec), 0x0F if codec == "gb18030" else 0x08)


@pytest.mark.parametrize(
    ("octets", "data_coding", "text"),
    [
        ("退订".encode("utf-16-le"), 0x08, "退订"),
        ("退订".encode("utf-16"), 0x08, "退订"),
        ("退订".encode("utf-16-be"), 0x48, "退订"),
        ("退订".encode("utf-16-be"), 0xE0, "退订"),
        ("退订".encode("gb18030"), 0x00, "退订"),
        ("退订".encode("gb18030"), 0x04, "退订"),
        ("好的，谢谢".encode(), 0x00, "好的，谢谢"),
        (b"a\0b", 0x03, "ab"),
        ("中".encode("utf-16-be"), 0x08, "中"),
        ("別打了".encode("utf-16-be"), 0x08, "別打了"),
        ("别打了".encode("utf-16-le"), 0x08, "别打了"),
        ("取消".encode("utf-16-be"), 0x00, "取消"),
        ("ＴＤ".encode("utf-16-be"), 0x00, "ＴＤ"),
        ("TD".encode("utf-8-sig"), 0x00, "TD"),
        ("退订".encode("utf-16-be") + b"\0", 0x08, "退订\ufffd"),
        (b"Ol\xe1 amigo", 0x03, "Olá amigo"),
        (b"se\xf1or", 0x00, "señor"),
    ],
)
def test_the_likeliest_reading_comes_first(octets: bytes, data_coding: int, text: str) -> None:
    assert readings_untrusted(octets, data_coding)[0] == text
    assert likeliest_reading_untrusted(octets, data_coding) == text


def test_data_coding_says_ucs2_in_its_groups() -> None:
    yes = (0x08, 0x0B, 0x18, 0x28, 0x48, 0x58, 0x68, 0xE0, 0xEF)
    no = (0x00, 0x04, 0x0C, 0x10, 0x40, 0x44, 0x88, 0xC8, 0xD8, 0xF0, 0xF8)
    assert [is_ucs2(coding) for coding in (*yes, *no)] == [True] * len(yes) + [False] * len(no)


def udh(reference: int, total: int, number: int) -> bytes:
    return bytes((5, 0, 3, reference, total, number))


def long_udh(reference: int, total: int, number: int) -> bytes:
    return bytes((6, 8, 4, reference >> 8, reference & 0xFF, total, number))


@pytest.mark.parametrize("header", [udh, long_udh])
@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1)])
@pytest.mark.parametrize("codec", ["utf-16-be", "gb18030"])
def test_a_refusal_that_is_divided_between_parts_is_understood_in_any_order(
    header: type[object], order: tuple[int, ...], codec: str
) -> None:
    octets = "您好，请以后不要再打电话给我".encode(codec)
    cuts = [octets[:13], octets[13:21], octets[21:]]
    client = client_with()
    found = [
        is_refusal(told(client, header(7, 3, number) + cuts[number - 1], 8, 0x40))  # type: ignore[call-arg,operator]
        for number in order
    ]
    assert found[-1]


def test_parts_by_optional_parameters_are_joined() -> None:
    client = client_with()
    for number, piece in enumerate((b"please do not ca", b"ll me any more"), start=1):
        tlvs = (
            (Tag.SAR_MSG_REF_NUM, b"\x01\x02"),
            (Tag.SAR_TOTAL_SEGMENTS, b"\x02"),
            (Tag.SAR_SEGMENT_SEQNUM, bytes([number])),
        )
        arrived = told(client, piece, 0, 0, tlvs)
    assert arrived.text == "please do not call me any more"
    assert is_refusal(arrived)


def test_each_part_is_handed_on_when_it_comes() -> None:
    client = client_with()
    first = told(client, udh(1, 3, 1) + "退订".encode("utf-16-be"), 8, 0x40)
    assert is_refusal(first)
    third = told(client, udh(1, 3, 3) + "谢谢".encode("utf-16-be"), 8, 0x40)
    assert third.text == "谢谢"


@pytest.mark.parametrize(
    ("octets", "esm_class"),
    [
        (udh(1, 2, 1) + "退订".encode("utf-16-be"), 0x00),  # a header that is not marked
        ("退订".encode("utf-16-be"), 0x40),  # a mark without a header
        ("退订".encode("utf-16-le"), 0x40),
        (b"\x00" + "退订".encode("utf-16-be"), 0x40),  # an empty header
        (b"\x04\x24\x02\x01\x02" + "退订".encode("utf-16-be"), 0x40),  # another element
        (b"\x05\x00\x03\x01\x02" + "退订".encode("utf-16-be"), 0x40),  # a header that does not come out even
    ],
)
def test_a_header_that_is_wrong_hides_no_refusal(octets: bytes, esm_class: int) -> None:
    assert is_refusal(told(client_with(), octets, 0x08, esm_class))


@pytest.mark.parametrize("elements", [b"\x24\x01\x01", b"\x25\x01\x01", b"\x05\x04\x0b\x84\x23\xf0"])
@pytest.mark.parametrize(("octets", "data_coding"), [(b"TD", 0), ("TD".encode("utf-16-be"), 8), (b"stop", 0xF1)])
def test_a_header_of_other_elements_that_is_not_marked_hides_no_refusal(
    elements: bytes, octets: bytes, data_coding: int
) -> None:
    assert is_refusal(told(client_with(), bytes((len(elements),)) + elements + octets, data_coding, 0x00))


def test_a_payload_beside_a_text_is_read_too() -> None:
    tlvs = ((Tag.MESSAGE_PAYLOAD, "退订".encode("utf-16-be")),)
    arrived = told(client_with(), b"1", 8, 0, tlvs)
    assert arrived.text == "1"
    assert is_refusal(arrived)


def test_a_reference_that_is_used_again_joins_nothing_old() -> None:
    book = PartBook()
    assert book.join("a", "b", Part(1, 3, 1), b"old") == b"old"
    assert book.join("a", "b", Part(1, 3, 1), b"new") == b"new"
    assert book.join("a", "b", Part(1, 3, 2), b"er") == b"newer"
    assert book.join("c", "b", Part(1, 3, 2), b"else") == b"else"


def test_parts_are_kept_within_bounds() -> None:
    book = PartBook()
    book.join("first", "b", Part(1, 2, 1), b"x")
    for number in range(MESSAGES_MAX):
        book.join(str(number), "b", Part(1, 2, 1), b"x")
    assert book.join("first", "b", Part(1, 2, 2), b"y") == b"y"
    assert book.join("a", "b", Part(1, 2, 1), bytes(JOINED_OCTETS_MAX)) == bytes(JOINED_OCTETS_MAX)
    assert book.join("a", "b", Part(1, 2, 2), b"z") == b"z"


def test_no_octets_are_unreadable_and_readings_are_bounded() -> None:
    class NoError(Exception):
        pass

    def read_all(data: bytes) -> None:
        readings = readings_untrusted(data[1:], data[0] if data else 0)
        assert readings
        assert len(readings) <= 20 + 6 * MEND_OCTETS_MAX
        assert readings[0] == likeliest_reading_untrusted(data[1:], data[0] if data else 0)
        refusal_in(readings)

    seeds = [b"\x00hello", b"\x08" + "退订".encode("utf-16-be"), b"\x0f\xcd\xcb", b"\x00" + "请退订".encode()]
    fuzz(read_all, NoError, seeds, inputs=2_000)


def test_no_user_data_header_upsets_anything() -> None:
    class NoError(Exception):
        pass

    def read_header(data: bytes) -> None:
        for esm_class in (0x00, 0x40):
            pdu = ShortMessage(Command.DELIVER_SM, 1, HANDSET, SHORT_CODE, data[:255], esm_class=esm_class)
            found = user_data_untrusted(pdu)
            assert isinstance(found, UserData)
            assert found.bodies

    seeds = [udh(1, 2, 1) + b"R", long_udh(1, 2, 1) + b"R", b"\x04\x24\x02\x01\x02R", b""]
    fuzz(read_header, NoError, seeds)


def test_a_long_message_is_read_as_far_as_anybody_refuses() -> None:
    rng = random.Random(3)
    long = "".join(rng.choice("今天天气很好我们去公园") for _ in range(1900))
    assert reads((long[:900] + "退订" + long[900:]).encode("utf-16-be")[:250], 8) is False
    tlvs = ((Tag.MESSAGE_PAYLOAD, (long[:900] + "退订" + long[900:]).encode("utf-16-be")),)
    assert is_refusal(told(client_with(), b"", 8, 0, tlvs))
