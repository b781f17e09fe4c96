"""Files that would fill the memory are refused before anything is built from them; honest ones of any size are read."""

import json

import pytest

from baitie.domain.contacts import ContactFileError, FileFault, read_table_untrusted
from baitie.domain.contacts.bounds import TEXT_BYTES_MAX

from .workbooks import inline_rows, shared_rows, workbook

HEADING = inline_rows(["手机号"])


def rich(octets: int) -> str:
    return "<si>" + ("<r><t>" + "A" * 30_000 + "</t></r>") * (octets // 30_000) + "</si>"


@pytest.mark.parametrize("type_attribute", ['t="s"', "t='s'", 't = "s"', 's="0" t="s"'])
@pytest.mark.parametrize(("octets", "rows"), [(1_000_000, 60), (1_000_000, 300), (32_000, 1_800)])
def test_a_shared_text_that_many_cells_refer_to_is_refused(octets: int, rows: int, type_attribute: str) -> None:
    shared = rich(octets) if octets > TEXT_BYTES_MAX else f"<si><t>{'A' * octets}</t></si>"
    data = workbook([("a", "visible", HEADING + shared_rows(rows, 10, type_attribute))], shared)
    assert len(data) < 100_000
    with pytest.raises(ContactFileError) as caught:
        read_table_untrusted(data, "x.xlsx")
    assert caught.value.fault is FileFault.TOO_LARGE


def test_a_long_text_that_one_cell_uses_does_not_forbid_a_list() -> None:
    shared = f"<si><t>{'A' * 32_000}</t></si><si><t>ok</t></si>"
    rows = shared_rows(6_000, 3, index=1).replace('<row r="1">', '<row r="1" x="">', 1)
    heading = '<row r="1"><c r="A1" t="inlineStr"><is><t>手机号</t></is></c><c r="B1" t="s"><v>0</v></c></row>'
    data = workbook([("a", "visible", heading + rows.split("</row>", 1)[1])], shared)
    assert len(read_table_untrusted(data, "x.xlsx").rows) == 5_999


def test_one_endless_text_is_refused_and_a_picture_is_not() -> None:
    endless = '<row r="1"><c r="A1" t="inlineStr"><is><t>' + "A" * 5_000_000 + "</t></is></c></row>"
    with pytest.raises(ContactFileError) as caught:
        read_table_untrusted(workbook([("a", "visible", endless)]), "x.xlsx")
    assert caught.value.fault is FileFault.TOO_LARGE
    picture = {"xl/media/image1.png": b"\x89PNG" + b"\0" * 3_000_000}
    sheets = [("a", "visible", inline_rows(["手机号"], ["13800138000"]))]
    assert read_table_untrusted(workbook(sheets, more=picture), "x.xlsx").rows[0].cells == ("13800138000",)


def test_objects_with_few_fields_each_cannot_span_a_grid() -> None:
    wide = json.dumps([{f"c{n}": 1 for n in range(190)}])[1:-1]
    data = ("[" + '{"a":1},' * 200_000 + wide + "]").encode()
    with pytest.raises(ContactFileError) as caught:
        read_table_untrusted(data, "x.json")
    assert caught.value.fault is FileFault.TOO_LARGE


def test_the_first_visible_sheet_is_read_and_the_hidden_ones_are_named() -> None:
    old, new = inline_rows(["手机号"], ["13800000001"]), inline_rows(["手机号"], ["13800000002"])
    for state in ("hidden", "veryHidden"):
        table = read_table_untrusted(workbook([("去年", state, old), ("今年 & 明年", "visible", new)]), "x.xlsx")
        assert (table.sheet, table.sheets_passed) == ("今年 & 明年", ("去年",))
        assert [row.cells for row in table.rows] == [("13800000002",)]
    with pytest.raises(ContactFileError) as caught:
        read_table_untrusted(workbook([("去年", "hidden", old)]), "x.xlsx")
    assert caught.value.fault is FileFault.SHEETS_HIDDEN


def test_rows_that_a_filter_hides_are_counted_in_the_sheet_that_is_read() -> None:
    numbers = [["手机号"], *([f"1380000000{n}"] for n in range(6))]
    shown, filtered = inline_rows(*numbers), inline_rows(*numbers, hidden=(3, 4, 7))
    assert read_table_untrusted(workbook([("a", "visible", filtered), ("b", "visible", shown)]), "x").rows_hidden == (
        3,
        4,
        7,
    )
    assert read_table_untrusted(workbook([("a", "hidden", filtered), ("b", "visible", shown)]), "x").rows_hidden == ()


def test_cells_that_do_not_say_where_they_stand_are_counted() -> None:
    rows = ("<row>" + "<c><v>1</v></c>" * 190 + "</row>") * 180_000
    with pytest.raises(ContactFileError) as caught:
        read_table_untrusted(workbook([("a", "visible", rows)]), "x.xlsx")
    assert caught.value.fault is FileFault.TOO_LARGE


def test_a_small_file_does_not_unpack_to_hundreds_of_times_its_size() -> None:
    sheets = [("a", "visible", inline_rows(["手机号"], ["13800138000"]))]
    with pytest.raises(ContactFileError) as caught:
        read_table_untrusted(workbook(sheets, more={"xl/media/image1.png": b"\0" * 300_000_000}), "x.xlsx")
    assert caught.value.fault is FileFault.TOO_LARGE


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"a":1}\n' * 2_100_000, FileFault.TOO_MANY_ROWS),
        ("[" + "{}," * 2_100_000 + "{}]", FileFault.TOO_MANY_ROWS),
        ("[" + "1," * 30_000_001 + "1]", FileFault.TOO_LARGE),
        ('[{"' + "a" * 1_000_000 + '":1,"phone":"13800138000"}]', FileFault.TOO_LARGE),
    ],
)
def test_json_that_would_fill_the_memory_is_refused_before_it_is_built(text: str, fault: FileFault) -> None:
    with pytest.raises(ContactFileError) as caught:
        read_table_untrusted(text.encode(), "x.json")
    assert caught.value.fault is fault
    assert len(str(caught.value.details)) < 1_000


@pytest.mark.parametrize(
    "line", ['{"phone":"13800138000","phone":"13900139000"}', '{" phone":"13800138000","phone ":"13900139000"}']
)
def test_a_field_that_an_object_has_twice_is_never_taken_for_either(line: str) -> None:
    for text, row in ((line, 1), ('{"phone":"13700137000"}\n' + line, 2), (f"[{line}]", 1)):
        with pytest.raises(ContactFileError) as caught:
            read_table_untrusted(text.encode(), "x.json")
        assert (caught.value.fault, caught.value.details["row"]) == (FileFault.COLUMN_DOUBLED, row)
        assert "phone" in str(caught.value.details["field"])


def test_halves_of_characters_are_lost_ones() -> None:
    table = read_table_untrusted(b'{"phone":"13800138000","name":"\\ud800x\\ud83d\\ude00"}', "x.json")
    assert table.rows[0].cells == ("13800138000", "\ufffdx\U0001f600")
