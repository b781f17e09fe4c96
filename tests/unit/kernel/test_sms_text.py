"""Short-message text is counted and carried as 3GPP TS 23.038 says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fuzzing import fuzz

from baitie.kernel.sms_text import (
    SmsEncoding,
    SmsMeasure,
    SmsTextError,
    TextRefusal,
    decode_gsm7_untrusted,
    decode_ucs2_untrusted,
    encode,
    encode_gsm7,
    encode_ucs2,
    is_ordinary_text,
    legibility,
    measure,
)

GSM7_ONE_UNIT = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_TWO_UNITS = "^{}\\[~]|€"
gsm7_texts = st.text(st.sampled_from(GSM7_ONE_UNIT + GSM7_TWO_UNITS), max_size=400)
printable_texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=400)


def measured(text: str) -> SmsMeasure:
    size = measure(text)
    assert isinstance(size, SmsMeasure)
    return size


def test_the_default_alphabet_has_127_characters_besides_the_escape() -> None:
    assert len(set(GSM7_ONE_UNIT)) == 127
    assert {measured(char).encoding for char in GSM7_ONE_UNIT} == {SmsEncoding.GSM7}


@pytest.mark.parametrize("char", GSM7_ONE_UNIT)
def test_a_character_of_the_default_alphabet_counts_one_unit(char: str) -> None:
    assert measured(char).units == 1


@pytest.mark.parametrize(
    ("char", "septets"),
    [
        *(("^", "1b14"), ("{", "1b28"), ("}", "1b29"), ("\\", "1b2f"), ("[", "1b3c")),
        *(("~", "1b3d"), ("]", "1b3e"), ("|", "1b40"), ("€", "1b65")),
    ],
)
def test_a_character_of_the_extension_table_counts_two_units(char: str, septets: str) -> None:
    assert measured(char).units == 2
    assert encode_gsm7(char) == bytes.fromhex(septets)


@pytest.mark.parametrize(
    ("text", "units", "segments", "units_max"),
    [
        ("", 0, 1, 160),
        ("a" * 160, 160, 1, 160),
        ("a" * 161, 161, 2, 306),
        ("a" * 306, 306, 2, 306),
        ("a" * 307, 307, 3, 459),
        ("€" * 80, 160, 1, 160),
        ("a" + "€" * 80, 161, 2, 306),
        ("客" * 70, 70, 1, 70),
        ("客" * 71, 71, 2, 134),
        ("客" * 134, 134, 2, 134),
        ("客" * 135, 135, 3, 201),
        ("𠮷" * 35, 70, 1, 70),
        ("𠮷" * 36, 72, 2, 134),
    ],
)
def test_units_and_segments_are_those_of_the_network(text: str, units: int, segments: int, units_max: int) -> None:
    size = measured(text)
    assert (size.units, size.segments, size.units_max) == (units, segments, units_max)
    assert size.fits_one_segment == (segments == 1)


def test_no_pair_is_divided_between_two_segments() -> None:
    # An escape pair that begins in the last septet of the first segment moves whole into the second.
    assert measured("a" * 152 + "€" + "a" * 151).segments == 2
    assert measured("a" * 152 + "€" + "a" * 152).segments == 3
    assert measured("客" * 66 + "𠮷" + "客" * 66).segments == 3


@pytest.mark.parametrize(
    ("text", "offenders"),
    [("One moment…", (("…", 10),)), ("it’s", (("’", 2),)), ("ç", (("ç", 0),)), ("ok", ())],
)
def test_the_measure_names_the_characters_that_force_ucs2(text: str, offenders: tuple[tuple[str, int], ...]) -> None:
    assert measured(text).offenders == offenders


@pytest.mark.parametrize("char", ["\x00", "\x01", "\t", "\x0c", "\x1b", "\x7f", "\x85", "\x9f"])
def test_control_characters_are_refused_with_their_place(char: str) -> None:
    refusal = TextRefusal("control-character", char, 2)
    assert measure(f"ab{char}c") == refusal
    assert encode_gsm7(f"ab{char}c") == refusal
    assert encode_ucs2(f"ab{char}c") == refusal
    assert encode(f"ab{char}c") == refusal


def test_a_lone_surrogate_is_refused() -> None:
    assert measure("a\ud842") == TextRefusal("lone-surrogate", "\ud842", 1)


def test_what_the_seven_bit_alphabet_lacks_is_refused_by_it() -> None:
    assert encode_gsm7("a客") == TextRefusal("not-in-gsm7", "客", 1)


@given(gsm7_texts)
def test_seven_bit_text_comes_back_as_it_was(text: str) -> None:
    septets = encode_gsm7(text)
    assert isinstance(septets, bytes)
    assert decode_gsm7_untrusted(septets) == text
    assert len(septets) == measured(text).units


@given(printable_texts)
def test_ucs2_text_comes_back_as_it_was(text: str) -> None:
    octets = encode_ucs2(text)
    assert isinstance(octets, bytes)
    assert decode_ucs2_untrusted(octets) == text


@given(printable_texts)
def test_the_narrowest_encoding_has_as_many_units_as_the_measure_says(text: str) -> None:
    encoded = encode(text)
    assert not isinstance(encoded, TextRefusal)
    encoding, octets = encoded
    size = measured(text)
    assert (encoding, len(octets)) == (size.encoding, size.units * (1 if encoding is SmsEncoding.GSM7 else 2))
    assert (size.offenders == ()) == (encoding is SmsEncoding.GSM7)


@given(printable_texts)
def test_segments_hold_the_units(text: str) -> None:
    size = measured(text)
    assert size.units <= size.units_max
    assert size.segments >= 1


def test_an_unknown_escape_shows_the_basic_character() -> None:
    assert decode_gsm7_untrusted(b"\x1b\x41") == "A"
    assert decode_gsm7_untrusted(b"a\x1b") == "a "


@pytest.mark.parametrize("octets", [b"\x80", b"a\xff", bytes(70_000)])
def test_octets_that_are_no_septets_raise(octets: bytes) -> None:
    with pytest.raises(SmsTextError):
        decode_gsm7_untrusted(octets)


@pytest.mark.parametrize("octets", [b"\x00", b"\xd8\x42", b"\xdf\xb7\x00\x41", bytes(70_000)])
def test_octets_that_are_no_utf16_units_raise(octets: bytes) -> None:
    with pytest.raises(SmsTextError):
        decode_ucs2_untrusted(octets)


@pytest.mark.parametrize("decode", [decode_gsm7_untrusted, decode_ucs2_untrusted])
def test_hostile_octets_raise_nothing_but_the_one_error(decode: object) -> None:
    assert callable(decode)
    seeds = [b"hello \x1b\x65", "【某某】来电𠮷".encode("utf-16-be"), b""]
    fuzz(decode, SmsTextError, seeds)


@pytest.mark.parametrize("text", ["OK", "好的，谢谢！", "né", "收到👌🏻", "一", "ＴＤ", "\u200bTD", "9点～", "はい"])
def test_what_people_write_every_day_is_ordinary_text(text: str) -> None:
    assert is_ordinary_text(text)
    assert legibility(text) == 1.0


@pytest.mark.parametrize(
    "text", ["", "\x90ꊋ", "退\ufffd", "ÍË¶©", "a\0b", "呄", "\ue980", "\ud800", "刀", "请退訂", "n¨¦"]
)
def test_octets_in_a_coding_that_is_not_theirs_give_no_ordinary_text(text: str) -> None:
    assert not is_ordinary_text(text)
    assert legibility(text) < 1.0


def test_a_text_is_the_more_legible_the_more_of_it_people_write() -> None:
    assert 0.0 == legibility("\ue980\ufffd") < legibility("ÍË¶©") < legibility("請退訂") < legibility("请退订")
