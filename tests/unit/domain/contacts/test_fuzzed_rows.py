"""Each reader of rows, reached without the guess at the kind of file: hostile bytes raise one error class."""

import io
import json
import zipfile

import openpyxl
from tests.fuzzing import fuzz

from baitie.domain.contacts import ContactFileError
from baitie.domain.contacts.sheet_parts import look_through_untrusted
from baitie.domain.contacts.sheets import xlsx_rows_untrusted
from baitie.domain.contacts.texts import csv_rows_untrusted, json_rows_untrusted


def sheet(compression: int) -> bytes:
    """An XLSX; stored without compression, so that mutations reach the XML inside, or deflated."""
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (["手机号", "姓名"], [13812345678, "张三"], [1.5, True]):
        book.active.append(row)
    packed, out = io.BytesIO(), io.BytesIO()
    book.save(packed)
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(out, "w", compression) as target:
        for part in source.namelist():
            target.writestr(part, source.read(part))
    return out.getvalue()


def test_fuzzed_csv_raises_contact_file_error_only() -> None:
    seeds = [
        "手机号,姓名\n13812345678,张三\n".encode(),
        'sep=;\r\n手机号;姓名\r\n"1";"张""三\n四"\r\n'.encode("gb18030"),
        "手机号\t姓名\n1\t𠮷\n".encode("utf-16"),
    ]
    fuzz(lambda data: csv_rows_untrusted(data, "f"), ContactFileError, seeds)


def test_fuzzed_json_raises_contact_file_error_only() -> None:
    rows = [{"手机号": "1", "a": None, "b": True, "c": 1.5e3}, {"手机号": 13812345678, "d": -0.0}]
    seeds = [json.dumps(rows).encode(), "\n".join(map(json.dumps, rows)).encode(), b"[" * 500, b'{"a":NaN}']
    fuzz(lambda data: json_rows_untrusted(data, "f"), ContactFileError, seeds)


def test_fuzzed_sheets_raise_contact_file_error_only() -> None:
    seeds = [sheet(zipfile.ZIP_STORED), sheet(zipfile.ZIP_DEFLATED)]
    fuzz(lambda data: xlsx_rows_untrusted(data, "f"), ContactFileError, seeds)


def look_through(data: bytes) -> None:
    """The octets as every part that is looked at."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in (
            "xl/workbook.xml",
            "xl/_rels/workbook.xml.rels",
            "xl/sharedStrings.xml",
            "xl/worksheets/sheet1.xml",
        ):
            archive.writestr(name, data)
    with zipfile.ZipFile(packed) as archive:
        look_through_untrusted(archive, "f", len(data)).rows_hidden_in("a")


def test_fuzzed_parts_raise_contact_file_error_only() -> None:
    seeds = [
        b'<sheets><sheet name="a" r:id="rId1"/></sheets><Relationship Id="rId1" Target="worksheets/sheet1.xml"/>',
        b'<sst><si><t>x</t></si><x:si/></sst><row r="3" hidden="1"><c r="A3" t="s"><v>0</v></c></row>',
    ]
    fuzz(look_through, ContactFileError, seeds)
