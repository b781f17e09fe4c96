"""How long 100,000 rows take from the bytes of a file to contacts, with numbers normalised and duplicates merged.

Run as `python -m benchmarks.import`. Beside it in the same run: `phonenumbers` alone over the same numbers, which
reads no file, tells no class and finds no duplicates.
"""

import argparse
import gc
import io
import json
import random
import time
import zipfile
from collections.abc import Callable
from functools import partial
from typing import TypeVar
from xml.sax.saxutils import escape

import phonenumbers

from baitie.domain.contacts import ColumnMapping, ImportResult, import_contacts, read_table_untrusted
from benchmarks.figures import Figure, Report, run_and_show

TARGET_S = 15.0
_Made = TypeVar("_Made")

HEADING = ("手机号", "姓名", "订单尾号", "城市")


def rows(count: int, seed: int) -> list[tuple[str, ...]]:
    """Rows as they come: mostly plain mobiles; other spellings, fixed lines, other countries, bad ones, doubles."""
    rng = random.Random(seed)
    made: list[tuple[str, ...]] = []
    for number in range(count):
        tail = f"{rng.randrange(10_000):04d}"
        made.append((_number(rng, made), f"收件人{number}", tail, rng.choice(("上海", "杭州", "成都"))))
    return made


def _number(rng: random.Random, made: list[tuple[str, ...]]) -> str:
    mobile = f"1{rng.choice(('38', '39', '50', '58', '86', '77', '98'))}{rng.randrange(10**8):08d}"
    match rng.randrange(100):
        case 0 | 1 if made:
            return rng.choice(made)[0]
        case 2 | 3:
            return f"+86 {mobile[:3]}-{mobile[3:7]}-{mobile[7:]}"
        case 4 | 5:
            return mobile.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
        case 6:
            return f"{mobile}.0"
        case 7 | 8:
            return f"021-{rng.randrange(2, 9)}{rng.randrange(10**7):07d}"
        case 9:
            return f"+852 9{rng.randrange(10**7):07d}"
        case 10:
            return rng.choice(("", "无", mobile[:-1], "1.38E+10", f"{mobile}/{mobile}", "110", "95588"))
        case _:
            return mobile


def as_csv(table: list[tuple[str, ...]], encoding: str) -> bytes:
    """The rows as CSV."""
    return "\r\n".join(",".join(row) for row in [HEADING, *table]).encode(encoding)


def as_json(table: list[tuple[str, ...]]) -> bytes:
    """The rows as an array of objects."""
    return json.dumps([dict(zip(HEADING, row, strict=True)) for row in table], ensure_ascii=False).encode()


def as_xlsx(table: list[tuple[str, ...]]) -> bytes:
    """The rows as the smallest XLSX that readers accept."""
    sheet = ['<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>']
    for number, row in enumerate([HEADING, *table], start=1):
        cells = (
            f'<c r="{column}{number}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
            for column, cell in zip("ABCD", row, strict=True)
        )
        sheet.append(f'<row r="{number}">{"".join(cells)}</row>')
    sheet.append("</sheetData></worksheet>")
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="{office}">'
            '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr("xl/worksheets/sheet1.xml", "".join(sheet))
    return out.getvalue()


def imported(data: bytes, file_name: str) -> ImportResult:
    """What the whole import makes of a file."""
    table = read_table_untrusted(data, file_name)
    return import_contacts(table, ColumnMapping(required=("订单尾号",)), "CN", "orders", "contract")


def phonenumbers_alone(numbers: list[str]) -> int:
    """How many numbers the library calls valid, each parsed, judged and written as E.164."""
    valid = 0
    for number in numbers:
        try:
            parsed = phonenumbers.parse(number, "CN")
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
            valid += 1
    return valid


def timed(act: Callable[[], _Made]) -> tuple[float, _Made]:
    """How many seconds `act` takes, and what it gives."""
    gc.collect()
    begins = time.perf_counter()
    made = act()
    return time.perf_counter() - begins, made


def run(arguments: argparse.Namespace) -> list[Report]:
    """One file of each kind, and the peer over the same numbers."""
    table = rows(arguments.rows, arguments.seed)
    files = {
        "CSV, UTF-8": as_csv(table, "utf-8"),
        "CSV, GB18030": as_csv(table, "gb18030"),
        "JSON": as_json(table),
        "XLSX": as_xlsx(table),
    }
    imported(as_csv(table[:100], "utf-8"), "warm-up")  # the library's tables are loaded once per process
    peer_s, _ = timed(partial(phonenumbers_alone, [row[0] for row in table]))
    report = Report("import", f"{arguments.rows:,} rows, {len(HEADING)} columns, seed {arguments.seed}")
    results: set[tuple[int, int, int]] = set()
    target_s = TARGET_S * arguments.rows / 100_000
    for name, data in files.items():
        took_s, result = timed(partial(imported, data, name))
        report.figures.append(Figure(name, took_s, "s", target_s, peer="phonenumbers alone", peer_value=peer_s))
        results.add((len(result.accepted), len(result.rejected), len(result.merged)))
    if len(results) != 1:
        raise AssertionError(f"the kinds of file disagree: {results}")
    accepted, rejected, merged = results.pop()
    report.notes.append(f"{accepted:,} accepted, {rejected:,} rejected, {merged:,} merged, the same for all files")
    return [report]


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="benchmarks.import", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    return run_and_show(run, parser)


if __name__ == "__main__":
    raise SystemExit(main())
