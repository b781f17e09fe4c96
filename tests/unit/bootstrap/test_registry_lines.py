"""Lists of refused numbers: every spelling that contact lists have, and every line left out by place and reason."""

import pytest

from baitie.app.registers.registries import LEFT_OUT_NAMED_MAX, RegistryReading
from baitie.domain.contacts import NumberReading, RejectReason, read_number
from baitie.domain.registries import RegistryFileError, RegistryFileFault
from baitie.files.registry_lines import numbers_of


def taken(text: str | bytes, country: str = "CN") -> tuple[list[str], list[tuple[int, str]]]:
    reading = RegistryReading()
    octets = text.encode() if isinstance(text, str) else text
    numbers = [number for number in numbers_of([octets], country, reading) if number is not None]
    return numbers, [(one.line, one.reason.value) for one in reading.left_out]


SPELLINGS = [
    *("+86 (0)21 6234 5678", "+8602162345678", "021-62345678", "(021)62345678*8001", "tel:+86-21-6234-5678"),
    *(
        "+86 0138 0013 8000",
        "＋８６１３８００１３８０００",
        "13800138000.0",
        "tel:+8613800138000",
        "138-0013-8000",
        "联系电话：13800138000",
    ),
    *(
        "13800138000、",
        "8613800138000",
        "0086 138 0013 8000",
        "13800138000（微信同号）",
        '"13800138000"',
        "１３８００１３８０００",
    ),
    *("+44 (0)20 7946 0018", "+12025550143", "+1 (202) 555-0143", "1.3800138000E+10"),
    *("13800138000,张三", "13800138000;x"),
]


@pytest.mark.parametrize("line", SPELLINGS)
def test_a_line_is_the_number_that_the_contact_importer_reads(line: str) -> None:
    cell = line.partition(",")[0].partition(";")[0].strip('"')
    reading = read_number(cell, "CN")
    assert isinstance(reading, NumberReading)
    assert taken(line + "\n") == ([reading.number.e164()], [])


@pytest.mark.parametrize(
    "line", ["2025550143", "202,5550143", '"202";"5550143"', "(202) 555-0143", "1-202-555-0143", "12025550143"]
)
def test_lines_of_the_american_registry(line: str) -> None:
    assert taken(line + "\r\n", "US") == (["+12025550143"], [])


def test_a_fraction_behind_too_few_digits_makes_no_other_number() -> None:
    assert taken("202555014.0\n", "US") == ([], [(1, "number-too-short")]) or not taken("202555014.0\n", "US")[0]
    assert taken("1380013800.0\n")[0] == []


def test_what_is_left_out_is_named_by_line_and_reason_and_a_heading_is_not() -> None:
    numbers, left_out = taken("number\n13800138000\n\n138****5678\n12345678901234567890\nhello\n+8613800138001\n")
    assert numbers == ["+8613800138000", "+8613800138001"]
    assert left_out == [
        (4, RejectReason.NUMBER_MASKED),
        (5, RejectReason.NUMBER_TOO_LONG),
        (6, RejectReason.NUMBER_HAS_LETTERS),
    ]


def test_all_numbers_of_a_line_are_refused_and_what_looks_like_one_more_is_named() -> None:
    assert taken("13800138000/13900139000\n") == (["+8613800138000", "+8613900139000"], [])
    assert taken("021-62345678/79\n") == (["+862162345678"], [(1, "several-numbers")])


def test_a_heading_says_in_which_column_the_number_stands() -> None:
    assert taken("姓名,手机号码,备注\n张三,13800138000,x\n李四,,\n")[0] == ["+8613800138000"]
    assert taken("name;phone\nWang;+86 138 0013 8000\n")[0] == ["+8613800138000"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030", "utf-16-le", "utf-16-be"])
def test_numbers_are_read_in_every_encoding_of_such_files(encoding: str) -> None:
    text = "手机号\n联系电话：13800138000\n"
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    assert taken(mark + text.encode(encoding)) == (["+8613800138000"], [])


def test_the_lines_that_are_named_have_a_bound_and_the_count_has_none() -> None:
    reading = RegistryReading()
    assert list(numbers_of([b"x\n" * (LEFT_OUT_NAMED_MAX + 10)], "CN", reading)).count(None) == LEFT_OUT_NAMED_MAX + 10
    assert (len(reading.left_out), reading.left_out_count) == (LEFT_OUT_NAMED_MAX, LEFT_OUT_NAMED_MAX + 9)


@pytest.mark.parametrize(
    "line",
    [
        *(
            "13800138000,13900139000",
            "13800138000;13900139000",
            "13800138000\t13900139000",
            "张三,13800138000,李四,13900139000",
        ),
        *('"13800138000;13900139000","x"', "1,13800138000,139 0013 9000", "2026-12-01,13800138000,+86-139-0013-9000,"),
    ],
)
def test_without_a_heading_the_numbers_of_every_column_are_refused(line: str) -> None:
    assert taken(line + "\n") == (["+8613800138000", "+8613900139000"], [])


def test_every_column_that_a_heading_calls_one_of_numbers_is_read_and_no_other() -> None:
    text = "姓名,手机号,订单号,电话\n张三,13800138000,13700137000,021-62345678\n李四,,13700137000,13900139000\n"
    assert taken(text) == (["+8613800138000", "+862162345678", "+8613900139000"], [])


RANGES = [
    *("13800138000-13800138009", "13800138000~13800138009", "13800138000至13800138009", "13800138000 to 13800138009"),
    *(
        "13800138000--13800138009",
        "13800138000..13800138009",
        "13800138000->13800138009",
        "１３８００１３８０００—１３８００１３８００９",
    ),
    *("138-0013-8000 - 138-0013-8009", "021-62345678-62345680", "13800138000至8009"),
]


@pytest.mark.parametrize("line", RANGES)
def test_a_range_of_numbers_is_left_out_by_name_and_not_for_its_two_ends(line: str) -> None:
    assert taken(f"13900139000\n{line}\n") == (["+8613900139000"], [(2, "number-range")])


def test_what_may_be_the_end_of_a_range_is_named_and_its_number_taken() -> None:
    assert taken("13800138000-8009\n17012345678-1234\n") == (
        ["+8613800138000", "+8617012345678"],
        [(1, "number-range")],
    )


@pytest.mark.parametrize("heading", ["起始号码,终止号码", "号段开始,号段结束", "start,end", "From;To"])
def test_a_list_of_blocks_is_refused_whole(heading: str) -> None:
    with pytest.raises(RegistryFileError) as caught:
        taken(f"{heading}\n13800138000,13800138009\n")
    assert caught.value.fault is RegistryFileFault.RANGES


def test_comments_and_titles_leave_nothing_out_and_a_number_behind_a_sign_is_named() -> None:
    text = "名单\n# 谢绝来电 2026\n// x\n手机号,备注\n13800138000,x\n-- end\n#13900139000\n"
    assert taken(text) == (["+8613800138000"], [(7, "number-invalid")])


@pytest.mark.parametrize(
    ("text", "country", "numbers"),
    [
        ("区号,电话\n010,62345678\n0755,82345678\n", "CN", ["+861062345678", "+8675582345678"]),
        ("021,62345678,2026-01-01\n", "CN", ["+862162345678"]),
        ("0571\t87654321\n", "CN", ["+8657187654321"]),
        ("202,555,0143\n", "US", ["+12025550143"]),
        ("202,555,0143,x\n", "US", ["+12025550143"]),
    ],
)
def test_a_number_in_several_columns_is_one(text: str, country: str, numbers: list[str]) -> None:
    assert taken(text, country) == (numbers, [])


def test_columns_of_further_numbers_are_read_and_bars_divide_columns() -> None:
    assert taken("姓名,手机号1,手机号2\n张三,13800138000,13900139000\n")[0] == ["+8613800138000", "+8613900139000"]
    assert taken("13800138000|2026-01-01\n13900139000|2026-02-01\n") == (["+8613800138000", "+8613900139000"], [])


def test_the_line_ends_of_old_systems_divide_a_file_of_any_length() -> None:
    many = [f"1380013{n:04d}" for n in range(1000)]
    assert taken("\r".join(many)) == ([f"+86{number}" for number in many], [])
