"""Contact files of every kind become one shape of table; broken ones name the place and nothing else is raised."""

import io
import json
import zipfile
from collections.abc import Callable

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fuzzing import fuzz

from baitie.domain.contacts import ContactFileError, FileFault, Table, read_table_untrusted
from baitie.domain.contacts.bounds import COLUMNS_MAX

HEADING = ("手机号", "姓名")


def xlsx(*rows: list[object], last: tuple[int, int] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    if last is not None:
        sheet.cell(*last, "x")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_csv_is_read_whatever_its_encoding_delimiter_and_line_ends(
    encoding: str, delimiter: str, line_end: str
) -> None:
    lines = [delimiter.join(HEADING), delimiter.join(("13812345678", "张𠮷三"))]
    table = read_table_untrusted(line_end.join(lines).encode(encoding), "a.csv")
    assert table == Table("a.csv", 1, HEADING, (((2, ("13812345678", "张𠮷三"))),))  # type: ignore[arg-type]


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    text = '手机号,地址\n\n1,"甲\n乙"\n,,\n2,丙\n'
    table = read_table_untrusted(text.encode(), "a.csv")
    assert [(row.row, row.cells) for row in table.rows] == [(3, ("1", "甲\n乙")), (5, ("2", "丙"))]


def test_a_line_that_names_the_delimiter_is_obeyed_and_counted() -> None:
    table = read_table_untrusted("sep=;\n手机号;备注\n1;a,b,c,d\n".encode(), "a.csv")
    assert (table.header_row, table.header, table.rows[0].row) == (2, ("手机号", "备注"), 3)


def test_xlsx_numbers_dates_and_blank_rows_are_read_as_people_see_them() -> None:
    data = xlsx(["手机号", "姓名", "金额"], [13812345678, "张三", 1.5], [], [1.38e10, "李四", True])
    table = read_table_untrusted(data, "a.xlsx")
    assert [(row.row, row.cells) for row in table.rows] == [
        (2, ("13812345678", "张三", "1.5")),
        (4, ("13800000000", "李四", "true")),
    ]


def test_json_is_an_array_or_an_object_a_line_and_numbers_keep_their_digits() -> None:
    objects = [{"手机号": 13812345678, "姓名": "张三"}, {"手机号": "2", "城市": None}]
    array = read_table_untrusted(json.dumps(objects).encode(), "a.json")
    lines = read_table_untrusted("\n".join(map(json.dumps, objects)).encode(), "a.jsonl")
    assert array == lines._replace(file_name="a.json")
    assert array.header == ("手机号", "姓名", "城市")
    assert array.rows[0].cells == ("13812345678", "张三", "")


MALFORMED: list[tuple[Callable[[], bytes], FileFault, int | None]] = [
    (lambda: b"", FileFault.EMPTY, None),
    (lambda: b"\xef\xbb\xbf \n", FileFault.EMPTY, None),
    (lambda: b"phone\n", FileFault.NO_ROWS, 1),
    (lambda: b'phone\n1\n"2', FileFault.CSV_MALFORMED, 3),
    (lambda: b'phone\n"1"2\n', FileFault.CSV_MALFORMED, 2),
    (lambda: b"phone\n1\n\xff\xff\n", FileFault.ENCODING_UNKNOWN, 3),
    (lambda: b"phone\n\x001\n", FileFault.NOT_TEXT, 2),
    (lambda: b"phone,phone\n1,2\n", FileFault.COLUMN_DOUBLED, 1),
    (lambda: b",".join(b"c%d" % n for n in range(COLUMNS_MAX + 1)) + b"\n1\n", FileFault.TOO_MANY_COLUMNS, 1),
    (lambda: b'[{"phone": 1},', FileFault.JSON_MALFORMED, 1),
    (lambda: b'{"phone": 1}\n{"phone"\n', FileFault.JSON_MALFORMED, 2),
    (lambda: b"[1]", FileFault.JSON_NOT_OBJECTS, 1),
    (lambda: b"[" * 100_000, FileFault.JSON_MALFORMED, 1),
    (lambda: b'[{"phone": [1]}]', FileFault.JSON_NESTED, 1),
    (lambda: b"PK\x03\x04 no archive", FileFault.XLSX_MALFORMED, None),
    (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1", FileFault.FORMAT_UNSUPPORTED, None),
    (lambda: xlsx(["phone"], [1], last=(1_048_576, 1)), FileFault.TOO_MANY_ROWS, None),
    (lambda: xlsx(["phone"], [1], last=(1, 16_384)), FileFault.TOO_MANY_COLUMNS, None),
    (lambda: xlsx(["phone"], [1], last=(900_000, 150)), FileFault.TOO_LARGE, None),
]


@pytest.mark.parametrize(("make", "fault", "row"), MALFORMED)
def test_each_fault_of_a_file_is_named_with_file_and_row(
    make: Callable[[], bytes], fault: FileFault, row: int | None
) -> None:
    with pytest.raises(ContactFileError) as caught:
        read_table_untrusted(make(), "broken.csv")
    assert caught.value.fault is fault
    assert caught.value.details["file"] == "broken.csv"
    assert caught.value.details.get("row") == row


def test_every_truncation_of_an_xlsx_is_refused_or_read() -> None:
    data = xlsx(["手机号", "姓名"], ["13812345678", "张三"])
    for length in range(0, len(data), 7):
        with pytest.raises(ContactFileError):
            read_table_untrusted(data[:length], "a.xlsx")


def stored_xlsx(*replacements: tuple[str, str]) -> bytes:
    """An XLSX without compression, so that mutations reach the XML inside, with texts and names of parts replaced."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx(["phone"], [1.5], ["x"]))) as packed,
        zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as plain,
    ):
        for part in packed.namelist():
            name, text = part, packed.read(part).decode()
            for was, becomes in replacements:
                name, text = name.replace(was, becomes), text.replace(was, becomes)
            plain.writestr(name, text)
    return out.getvalue()


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ('<c r="A3"', '<c r="XFD1048576"'),
        ('<c r="A3"', "<c r = 'A99999999999999999999'"),
        ('<c r="A3"', '<c r="ZZZZZZZZZZ3"'),
        ('<row r="3"', '<row r="4294967295"'),
    ],
)
def test_a_cell_far_away_is_refused_before_a_grid_is_laid_out(was: str, becomes: str) -> None:
    with pytest.raises(ContactFileError) as caught:
        read_table_untrusted(stored_xlsx((was, becomes)), "a.xlsx")
    assert caught.value.fault in (FileFault.TOO_MANY_ROWS, FileFault.TOO_MANY_COLUMNS, FileFault.TOO_LARGE)


def test_a_sheet_under_another_name_is_measured_too() -> None:
    renamed = ("sheet1.xml", "other1.bin")
    assert [row.cells for row in read_table_untrusted(stored_xlsx(renamed), "a.xlsx").rows] == [("1.5",), ("x",)]
    with pytest.raises(ContactFileError) as caught:
        read_table_untrusted(stored_xlsx(renamed, ('<c r="A3"', '<c r="Z9999999"')), "a.xlsx")
    assert caught.value.fault is FileFault.TOO_MANY_ROWS


def test_fuzzed_files_raise_one_error_class() -> None:
    seeds = [
        "手机号,姓名\n13812345678,张三\n".encode(),
        '手机号;姓名\r\n"1";"张""三"\r\n'.encode("gb18030"),
        b"\xff\xfe" + "手机号\n1\n".encode("utf-16-le"),
        b'[{"phone": 1, "a": null}, {"phone": "2", "b": 1.5e3}]',
        b'{"phone": 1}\n{"phone": "2"}\n',
        xlsx(["phone"], [13812345678.0], ["x"]),
        stored_xlsx(),
    ]
    fuzz(lambda data: read_table_untrusted(data, "f"), ContactFileError, seeds)


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=4), max_size=6))
def test_any_cells_that_are_written_as_csv_are_read_back(rows: list[list[str]]) -> None:
    import csv

    kept = [["".join(char for char in cell if char not in "\x00\r\n") for cell in row] for row in rows]
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([["甲", "乙", "丙", "丁"], *kept])
    expected = [tuple(row) for row in kept if any(cell.strip() for cell in row)]
    if expected:
        table = read_table_untrusted(out.getvalue().encode(), "a.csv")
        assert [row.cells for row in table.rows] == expected
