"""Lists as systems and spreadsheets export them: titles, two headings, merged cells, errors, lost characters."""

import pytest

from baitie.domain.contacts import (
    ColumnMapping,
    ContactFileError,
    FileFault,
    ImportResult,
    RejectReason,
    Table,
    import_contacts,
    read_table_untrusted,
)
from baitie.domain.contacts.headings import heading_test, is_number_heading

from .workbooks import inline_rows, workbook


def table_of(octets: bytes, number: str | None = None) -> Table:
    return read_table_untrusted(octets, "a.xlsx", is_heading=heading_test(number))


def imported(table: Table, mapping: ColumnMapping | None = None) -> ImportResult:
    return import_contacts(table, mapping or ColumnMapping(), "CN", "s", "b")


@pytest.mark.parametrize(
    ("text", "above", "header"),
    [
        ("2026年客户回访名单\n姓名,手机号\n张三,13812345678\n", (1,), ("姓名", "手机号")),
        (
            "名单,,\n导出时间：2026-12-01 10:00,操作人：李四,\n\n序号,姓名,手机\n1,张三,13812345678\n",
            (1, 2),
            ("序号", "姓名", "手机"),
        ),
        ("咨询电话：010-62345678,\n姓名,电话\n张三,13812345678\n", (1,), ("姓名", "电话")),
        ("2026-12-01,\n姓名,电话\n张三,13812345678\n", (1,), ("姓名", "电话")),
        ("客户信息,,订单\n姓名,手机号,订单号\n张三,13812345678,x\n", (1,), ("姓名", "手机号", "订单号")),
    ],
)
def test_titles_above_the_heading_are_passed_over_and_named(
    text: str, above: tuple[int, ...], header: tuple[str, ...]
) -> None:
    table = table_of(text.encode())
    assert (table.rows_above, table.header) == (above, header)
    assert [one.number.e164() for one in imported(table).accepted] == ["+8613812345678"]


@pytest.mark.parametrize(
    "text", ["张三,13812345678\n姓名,手机号\n李四,13912345678\n", "名单\n13812345678\n手机号\n13912345678\n"]
)
def test_no_row_with_a_number_is_taken_for_a_title(text: str) -> None:
    table = table_of(text.encode())
    assert table.rows_above == ()
    with pytest.raises(ContactFileError) as caught:
        imported(table)
    assert caught.value.fault is FileFault.NUMBER_COLUMN_MISSING


def test_a_campaign_that_names_its_column_looks_for_that_heading_alone() -> None:
    text = "渠道,被叫\n电话,13812345678\n"
    table = table_of(text.encode(), "被叫")
    assert table.rows_above == ()
    assert len(imported(table, ColumnMapping(number="被叫")).accepted) == 1
    titled = table_of("名单\n渠道,呼叫对象\n电话,13812345678\n".encode(), "呼叫对象")
    assert (titled.rows_above, len(imported(titled, ColumnMapping(number="呼叫对象")).accepted)) == ((1,), 1)


def test_a_cell_that_is_merged_downwards_stands_in_each_of_its_rows() -> None:
    rows = inline_rows(
        ["客户", "", "订单", ""],
        ["姓名", "手机号", "编号", "金额"],
        ["张三", "13812345678", "a", "1"],
        ["", "", "b", "2"],
        ["李四", "13912345678", "c", "3"],
    )
    merged = "".join(f'<mergeCell ref="{ref}"/>' for ref in ("A1:B1", "C1:D1", "A3:A4", "B3:B4"))
    table = table_of(_with_merges(rows, merged))
    assert table.rows_above == (1,)
    result = imported(table)
    assert [(one.row, one.name) for one in result.accepted] == [(3, "张三"), (5, "李四")]
    assert [(one.row, one.into_row) for one in result.merged] == [(4, 3)]


def test_a_heading_of_two_rows_ends_where_its_merged_cells_end() -> None:
    rows = inline_rows(["姓名", "手机号", "订单", ""], ["", "", "编号", "金额"], ["张三", "13812345678", "a", "1"])
    table = table_of(_with_merges(rows, '<mergeCell ref="A1:A2"/><mergeCell ref="B1:B2"/><mergeCell ref="C1:D1"/>'))
    assert (table.header, table.rows_above) == (("姓名", "手机号", "编号", "金额"), (1,))
    assert imported(table).accepted[0].slots == {"编号": "a", "金额": "1"}


def _with_merges(rows: str, merged: str) -> bytes:
    return workbook([("名单", "visible", rows)], after=f"<mergeCells>{merged}</mergeCells>")


ERROR = (
    '<row r="{row}"><c r="A{row}" t="inlineStr"><is><t>{name}</t></is></c>'
    '<c r="B{row}" t="e"><f>X</f><v>#REF!</v></c></row>'
)


def test_an_error_of_a_formula_rejects_the_row_where_its_column_is_used_and_is_blank_elsewhere() -> None:
    heading = inline_rows(["姓名", "手机号", "城市"])
    good = inline_rows(["x"], ["王五", "13812345678"]).split("</row>", 1)[1].replace("</row>", "")
    rows = heading + good + '<c r="C2" t="e"><v>#N/A</v></c></row>' + ERROR.format(row=3, name="张三")
    result = imported(table_of(workbook([("名单", "visible", rows)])))
    assert [(one.row, dict(one.slots)) for one in result.accepted] == [(2, {"城市": ""})]
    assert [(one.row, one.field, one.reason) for one in result.rejected] == [(3, "手机号", RejectReason.ERROR_VALUE)]
    mapped = imported(table_of(workbook([("名单", "visible", rows)])), ColumnMapping(slots={"city": "城市"}))
    assert [(one.row, one.field) for one in mapped.rejected] == [(2, "城市"), (3, "手机号")]


@pytest.mark.parametrize("cell", ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#name?", "########"])
def test_errors_in_text_files_are_known_by_their_words(cell: str) -> None:
    (bad,) = imported(table_of(f"姓名,手机号\n{cell},13812345678\n".encode())).rejected
    assert (bad.field, bad.reason) == ("姓名", RejectReason.ERROR_VALUE)


@pytest.mark.parametrize("name", ["\ufffd\ufffd", "王\ufffd", "锟斤拷锟斤拷", "??", "？？？"])
def test_a_name_that_lost_its_characters_goes_onto_no_card(name: str) -> None:
    (bad,) = imported(table_of(f"姓名,手机号\n{name},13812345678\n".encode())).rejected
    assert (bad.field, bad.reason) == ("姓名", RejectReason.TEXT_DAMAGED)


NAMES = "name,phone\n王伟,13812345678\n李娜,13912345678\n赵敏强,13712345678\n周杰,13612345678\n吴芳,13512345678\n"


@pytest.mark.parametrize(
    ("written", "read"),
    [("utf-8", "latin-1"), ("utf-8", "cp1252"), ("gb18030", "latin-1"), ("utf-8", "gb18030"), ("gbk", "cp1252")],
)
def test_names_that_an_earlier_program_read_in_a_wrong_encoding_are_refused(written: str, read: str) -> None:
    octets = NAMES.encode(written)
    if read == "cp1252":  # as Windows does: what has no character is a control
        garbled = "".join(bytes([octet]).decode(read, "replace").replace("\ufffd", chr(octet)) for octet in octets)
    else:
        garbled = octets.decode(read, "ignore")
    for data in (
        garbled.encode(),
        workbook([("a", "visible", inline_rows(*(line.split(",") for line in garbled.split())))]),
    ):
        with pytest.raises(ContactFileError) as caught:
            table_of(data)
        assert caught.value.fault is FileFault.TEXT_GARBLED


@pytest.mark.parametrize(
    "names",
    [
        ["Jürgen Größe", "Søren Kjær", "Nguyễn Văn Đức"],
        ["王伟", "欧阳娜娜"],
        ["Zoë Ÿ", "Çağlar İşçi"],
        ["Ünal—“x”"],
        ["Жанна"],
        ["田中ひろし"],
        ["김민수"],
    ],
)
def test_names_of_any_people_are_not_taken_for_garbled(names: list[str]) -> None:
    rows = "".join(f"{name},1381234567{n}\n" for n, name in enumerate(names))
    assert [one.name for one in imported(table_of(f"name,phone\n{rows}".encode())).accepted] == names


@pytest.mark.parametrize(
    "start",
    [
        b"<html><table>",
        b"<?xml version='1.0'?>",
        b"\xef\xbb\xbf<table>",
        b"%PDF-1.4\n",
        b"{\\rtf1",
        b"\x1f\x8b\x08",
        b"SQLite format 3\0",
    ],
)
def test_what_is_no_list_at_all_is_named_so(start: bytes) -> None:
    with pytest.raises(ContactFileError) as caught:
        table_of(start + b"x" * 100)
    assert caught.value.fault is FileFault.FORMAT_UNSUPPORTED


def test_marks_that_nobody_sees_change_no_heading_and_no_last_row() -> None:
    table = table_of("\ufeff\ufeff姓名,手\u200b机号\n张三,13812345678\n\x1a".encode())
    assert table.header == ("姓名", "手机号")
    assert (imported(table).accepted[0].name, len(table.rows)) == ("张三", 1)


def test_bars_may_divide_a_file() -> None:
    assert imported(table_of("姓名|手机号\n张,三|13812345678\n".encode())).accepted[0].name == "张,三"


OURS = [
    "会员手机号",
    "患者手机",
    "家长电话",
    "客户联系电话",
    "手机号1",
    "电话1",
    "Mobile No.",
    "Phone #",
    "Contact Number",
    "手機號碼",
    "收货人手机号码",
    "联系人电话",
    "移动电话",
]
OTHERS = [
    "紧急联系人电话",
    "介绍人电话",
    "客服电话",
    "业务员手机",
    "销售电话",
    "门店电话",
    "医生电话",
    "身份证号码",
    "订单号",
    "电话销售",
    "手机型号",
]


@pytest.mark.parametrize(("heading", "is_known"), [*((one, True) for one in OURS), *((one, False) for one in OTHERS)])
def test_headings_with_the_person_called_in_front_are_known_and_those_with_others_not(
    heading: str, is_known: bool
) -> None:
    assert is_number_heading(heading) is is_known
    table = table_of(f"姓名,{heading}\n张三,13812345678\n".encode())
    if is_known:
        assert imported(table).accepted[0].number.e164() == "+8613812345678"
    else:
        with pytest.raises(ContactFileError):
            imported(table)


def test_the_first_of_several_numbers_of_a_person_and_the_mobile_one_is_taken() -> None:
    def number(text: str) -> str:
        return imported(table_of(text.encode())).accepted[0].number.e164()

    assert number("电话2,电话1\n13900000002,13900000001\n") == "+8613900000001"
    assert number("Phone,Mobile\n010-62345678,13900000001\n") == "+8613900000001"
    assert number("患者姓名,患者电话\n张三,13900000001\n") == "+8613900000001"
    assert imported(table_of("患者姓名,患者电话\n张三,13900000001\n".encode())).accepted[0].name == "张三"
