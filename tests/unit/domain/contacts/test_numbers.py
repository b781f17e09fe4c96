"""Numbers as people write them become one E.164 number, or a reason."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberType, timezone

from baitie.domain.contacts.numbers import NumberReading, china_mobile, read_number, read_numbers
from baitie.domain.contacts.reasons import RejectReason
from baitie.kernel.purpose import NumberClass

WRITTEN = [
    ("13812345678", "+8613812345678", NumberClass.MOBILE),
    ("+86 138-1234-5678", "+8613812345678", NumberClass.MOBILE),
    ("0086 13812345678", "+8613812345678", NumberClass.MOBILE),
    ("8613812345678", "+8613812345678", NumberClass.MOBILE),
    ("13812345678.0", "+8613812345678", NumberClass.MOBILE),
    ("1.3812345678E+10", "+8613812345678", NumberClass.MOBILE),
    ("１３８１２３４５６７８", "+8613812345678", NumberClass.MOBILE),
    ("\u202a138\u00a01234\u20115678\u202c", "+8613812345678", NumberClass.MOBILE),
    ("'13812345678", "+8613812345678", NumberClass.MOBILE),
    ('="13812345678"', "+8613812345678", NumberClass.MOBILE),
    ("电话：138 1234 5678", "+8613812345678", NumberClass.MOBILE),
    ("021-62345678", "+862162345678", NumberClass.FIXED),
    ("+86 (21) 6234 5678", "+862162345678", NumberClass.FIXED),
    ("4001234567", "+864001234567", NumberClass.OTHER),
    ("8008101234", "+868008101234", NumberClass.TOLL_FREE),
    ("16012345", "+8616012345", NumberClass.PREMIUM),
    ("110", "+86110", NumberClass.EMERGENCY),
    ("+86110", "+86110", NumberClass.EMERGENCY),
    ("86110", "+86110", NumberClass.EMERGENCY),
    ("0086-120", "+86120", NumberClass.EMERGENCY),
    ("１１９", "+86119", NumberClass.EMERGENCY),
    ("95588", "+8695588", NumberClass.SHORT),
    ("95588.0", "+8695588", NumberClass.SHORT),
    ("10086", "+8610086", NumberClass.SHORT),
    ("12345", "+8612345", NumberClass.SHORT),
    ("021-12345", "+862112345", NumberClass.SHORT),
    ("010-95588", "+861095588", NumberClass.SHORT),
    ("+852 9123 4567", "+85291234567", NumberClass.MOBILE),
    ("+44 20 7946 0000", "+442079460000", NumberClass.FIXED),
]


@pytest.mark.parametrize(("written", "e164", "number_class"), WRITTEN)
def test_each_way_of_writing_gives_one_number_and_its_class(written: str, e164: str, number_class: NumberClass) -> None:
    reading = read_number(written, "CN")
    assert isinstance(reading, NumberReading), reading
    assert (reading.number.e164(), reading.number_class) == (e164, number_class)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", RejectReason.NUMBER_MISSING),
        ("  ", RejectReason.NUMBER_MISSING),
        ("-", RejectReason.NUMBER_INVALID),
        ("1.38E+10", RejectReason.NUMBER_DIGITS_LOST),
        ("1.381234568E+10", RejectReason.NUMBER_DIGITS_LOST),
        ("1381234567", RejectReason.NUMBER_TOO_SHORT),
        ("138123456789", RejectReason.NUMBER_TOO_LONG),
        ("62345678", RejectReason.AREA_CODE_MISSING),
        ("1234 17012349999", RejectReason.NUMBER_TOO_LONG),
        ("12345 13812345678", RejectReason.NUMBER_TOO_LONG),
        ("16600000000000000000", RejectReason.NUMBER_TOO_LONG),
        ("16400000000", RejectReason.NUMBER_INVALID),
        ("+999 123 4567", RejectReason.COUNTRY_CODE_UNKNOWN),
        ("无", RejectReason.NUMBER_HAS_LETTERS),
        ("1-800-FLOWERS", RejectReason.NUMBER_HAS_LETTERS),
        ("13812345678,13912345678", RejectReason.SEVERAL_NUMBERS),
        ("13812345678/13912345678", RejectReason.SEVERAL_NUMBERS),
        ("13812345678 13912345678", RejectReason.SEVERAL_NUMBERS),
        ("13812345678、13912345678", RejectReason.SEVERAL_NUMBERS),
        ("13812345678或13912345678", RejectReason.SEVERAL_NUMBERS),
        ("021-62345678/79", RejectReason.SEVERAL_NUMBERS),
        ("9" * 100, RejectReason.NUMBER_TOO_LONG),
        ("+49271588202356176", RejectReason.NUMBER_TOO_LONG),
        ("0049271588202356176", RejectReason.NUMBER_TOO_LONG),
    ],
)
def test_what_is_no_number_has_a_reason(written: str, reason: RejectReason) -> None:
    assert read_number(written, "CN") is reason


@pytest.mark.parametrize("region", ["CN", "DE", "JP", "US", "AT"])
@given(written=st.from_regex(r"(\+|00|0|\+49|0049|\+81|0077)?[0-9]{1,17}", fullmatch=True))
def test_whatever_the_digits_a_cell_is_a_number_or_has_a_reason(region: str, written: str) -> None:
    found = read_number(written, region)
    assert isinstance(found, RejectReason) or len(found.number.e164()) <= 16


@pytest.mark.parametrize("written", ["021-62345678-8001", "021-62345678转8001", "02162345678 ext. 8001"])
def test_an_extension_is_kept_apart_from_the_number(written: str) -> None:
    reading = read_number(written, "CN")
    assert isinstance(reading, NumberReading)
    assert (reading.number.e164(), reading.extension) == ("+862162345678", "8001")


@pytest.mark.parametrize(
    "written",
    [
        *(
            "13812345678、",
            "13812345678;",
            "13812345678,",
            "13812345678。",
            "，13812345678",
            "13812345678；",
            "-13812345678",
        ),
        *("联系电话：13812345678", "手机号码:13812345678", "手机：13812345678", "Tel:13812345678", "TEL. 13812345678"),
        *("手机号码（必填）：13812345678", "Phone number: 13812345678", "电话13812345678", "tel:+86-138-1234-5678"),
        *(
            "13812345678（微信同号）",
            "13812345678 张三",
            "张三：13812345678",
            "13812345678（先生）",
            "13812345678[本人]",
        ),
        *(
            "+86 0138 1234 5678",
            "＋８６１３８１２３４５６７８",
            "(86)13812345678",
            "(+86)13812345678",
            "☎13812345678",
            "13812345678*",
            "138·1234·5678",
            "138–1234–5678",
        ),
    ],
)
def test_everyday_spellings_read_as_the_number(written: str) -> None:
    reading = read_number(written, "CN")
    assert isinstance(reading, NumberReading), reading
    assert (reading.number.e164(), reading.extension) == ("+8613812345678", "")


def test_a_country_code_in_brackets_is_one_where_the_region_reads_no_number() -> None:
    reading = read_number("(852) 9123-4567", "CN")
    assert isinstance(reading, NumberReading)
    assert reading.number.e164() == "+85291234567"


@pytest.mark.parametrize(
    "joint", ["-", "转", " 转 ", ",", ",,", "#", "*", "ext", " ext. ", "x", "转分机", "p", " ", ";ext=", "按", "请按"]
)
def test_an_extension_of_a_virtual_number_is_told_from_it(joint: str) -> None:
    reading = read_number(f"17012349999{joint}1234", "CN")
    assert isinstance(reading, NumberReading), reading
    assert (reading.number.e164(), reading.extension) == ("+8617012349999", "1234")


@pytest.mark.parametrize(
    "written",
    [
        *(
            "虚拟号17012349999转1234",
            "张先生 17012349999 转 1234（外卖）",
            "17012349999(1234)",
            "17012349999 隐私号 1234",
        ),
        *(
            "17012349999接1234",
            "17012349999请拨1234",
            "17012349999后按1234",
            "17012349999 小号1234",
            "17012349999轉1234",
        ),
        *(
            "17012349999分機1234",
            "17012349999內線 1234",
            "17012349999-转-1234",
            "17012349999 poste 1234",
            "17012349999 PIN 1234",
        ),
        *(
            "17012349999（密码1234）",
            "1234转17012349999",
            "分机1234：17012349999",
            "17012349999转一二三四",
        ),
        *(
            "17012349999（接通后请拨1234）",
            "17012349999 王女士 1234",
            "（密码1234）17012349999",
            "17012349999 ext#1234",
        ),
    ],
)
def test_an_extension_among_words_is_never_lost(written: str) -> None:
    reading = read_number(written, "CN")
    assert isinstance(reading, NumberReading), reading
    assert (reading.number.e164(), reading.extension) == ("+8617012349999", "1234")


@pytest.mark.parametrize(
    "written",
    [
        *("17012349999（3号楼）", "17012349999 王女士（2单）", "17012349999（尾号9999）", "17012349999（2026年客户）"),
        *("1201室 17012349999", "17012349999 转人工"),
    ],
)
def test_counts_rooms_years_and_the_numbers_own_end_are_no_extension(written: str) -> None:
    reading = read_number(written, "CN")
    assert isinstance(reading, NumberReading), reading
    assert (reading.number.e164(), reading.extension) == ("+8617012349999", "")


@pytest.mark.parametrize("written", ["021-6234-5678-8001", "(021)62345678*8001", "021-62345678（转8001）"])
def test_an_extension_behind_dashes_stars_and_brackets_is_one(written: str) -> None:
    reading = read_number(written, "CN")
    assert isinstance(reading, NumberReading), reading
    assert (reading.number.e164(), reading.extension) == ("+862162345678", "8001")


def test_an_american_number_with_a_dashed_extension_is_read() -> None:
    reading = read_number("202-555-0143-12", "US")
    assert isinstance(reading, NumberReading)
    assert (reading.number.e164(), reading.extension) == ("+12025550143", "12")


@pytest.mark.parametrize(
    "written",
    [
        "138****5678",
        "138xxxx5678",
        "138 **** 5678",
        "1381234****",
        "138●●●●5678",
        "138----5678",
        "138…5678",
        "138？？？？5678",
    ],
)
def test_a_number_that_a_platform_masked_has_its_own_reason(written: str) -> None:
    assert read_number(written, "CN") is RejectReason.NUMBER_MASKED


@pytest.mark.parametrize("written", ["950131234567", "95013123456789", "+8695013123456789", "95013 1234 5678 901"])
def test_a_virtual_number_of_a_platform_has_its_own_reason(written: str) -> None:
    assert read_number(written, "CN") is RejectReason.NUMBER_VIRTUAL


@pytest.mark.parametrize("written", ["wx13812345678", "13812345678@163.com", "qq_13812345678", "call 911", "3号楼"])
def test_digits_inside_other_names_are_no_number(written: str) -> None:
    assert read_number(written, "CN") is RejectReason.NUMBER_HAS_LETTERS


@pytest.mark.parametrize(
    ("written", "expected", "is_more"),
    [
        ("13812345678/13912345678", ["+8613812345678", "+8613912345678"], False),
        ("13812345678（备用13912345678）", ["+8613812345678", "+8613912345678"], False),
        ("手机13812345678 座机021-62345678", ["+8613812345678", "+862162345678"], False),
        ("021-62345678/79", ["+862162345678"], True),
        ("13812345678、无", ["+8613812345678"], False),
        ("13812345678", ["+8613812345678"], False),
    ],
)
def test_several_numbers_of_a_cell_are_all_read(written: str, expected: list[str], is_more: bool) -> None:
    found = read_numbers(written, "CN")
    assert not isinstance(found, RejectReason)
    assert ([one.number.e164() for one in found[0]], bool(found[1])) == (expected, is_more)


def test_emergency_codes_are_those_of_the_default_region() -> None:
    british, american = read_number("999", "GB"), read_number("911", "US")
    assert isinstance(british, NumberReading)
    assert isinstance(american, NumberReading)
    assert british.number_class is american.number_class is NumberClass.EMERGENCY
    assert (british.number.e164(), american.number.e164()) == ("+44999", "+1911")


def test_zone_and_region_come_from_the_number_and_not_from_the_default() -> None:
    reading = read_number("+1 650 253 0000", "CN")
    assert isinstance(reading, NumberReading)
    assert (reading.region, reading.zone_names) == ("US", ("America/Los_Angeles",))


_digits = st.text("0123456789", min_size=8, max_size=10).map(lambda rest: "1" + rest)
_prefixes = st.sampled_from(["", "+86", "0086", "+86 ", "0086-", " ", "-"])
_eleven = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)


def _spaced(digits: str, joint: str) -> str:
    return f"{digits[:3]}{joint}{digits[3:7]}{joint}{digits[7:]}"


@settings(max_examples=400, deadline=None)
@given(_prefixes, _digits | _eleven, st.sampled_from(["", " ", "-"]), st.sampled_from(["CN", "HK", "US"]))
def test_the_short_way_agrees_with_phonenumbers(prefix: str, digits: str, joint: str, region: str) -> None:
    written = prefix + _spaced(digits, joint)
    quick = china_mobile(written, region)
    if quick is None:
        return
    parsed = phonenumbers.parse(written, region)
    assert phonenumbers.is_valid_number(parsed)
    assert phonenumbers.number_type(parsed) == PhoneNumberType.MOBILE
    assert phonenumbers.region_code_for_number(parsed) == quick.region
    assert timezone.time_zones_for_number(parsed) == quick.zone_names
    assert phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == quick.number.e164()


@settings(max_examples=400, deadline=None)
@given(_eleven | _digits)
def test_the_short_way_misses_no_number_that_phonenumbers_calls_a_mobile(digits: str) -> None:
    assert (china_mobile(digits, "CN") is not None) == _is_china_mobile_to_phonenumbers(digits)


def _is_china_mobile_to_phonenumbers(digits: str) -> bool:
    try:
        parsed = phonenumbers.parse(digits, "CN")
    except phonenumbers.NumberParseException:
        return False
    return (
        parsed.country_code == 86
        and phonenumbers.is_valid_number(parsed)
        and phonenumbers.number_type(parsed) == PhoneNumberType.MOBILE
        and str(parsed.national_number) == digits
    )


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([case[0] for case in WRITTEN]) | st.text("0123456789+-() ./转x,", max_size=24))
def test_a_number_once_read_reads_as_itself(written: str) -> None:
    reading = read_number(written, "CN")
    if isinstance(reading, NumberReading):
        again = read_number(reading.number.e164(), "CN")
        assert isinstance(again, NumberReading)
        assert again == reading._replace(extension="", zone_names=again.zone_names)
        assert again.number_class is reading.number_class


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80), st.sampled_from(["CN", "US", "GB", "HK", "DE"]))
def test_any_text_gives_a_number_or_a_reason(written: str, region: str) -> None:
    assert isinstance(read_number(written, region), NumberReading | RejectReason)
