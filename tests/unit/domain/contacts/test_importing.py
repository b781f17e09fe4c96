"""Every row of a table becomes a contact, a part of an earlier one, or a rejected row with its reason."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baitie.domain.contacts import (
    ColumnMapping,
    ContactFileError,
    FileFault,
    ImportResult,
    RejectHeadings,
    RejectReason,
    RejectText,
    import_contacts,
    read_table_untrusted,
    rejected_csv,
)
from baitie.domain.contacts.headings import USUAL_NAMES
from baitie.domain.contacts.table import Table, TableRow
from baitie.kernel.purpose import NumberClass
from baitie.locale.catalogue import LANGUAGES, catalogue

DOCS = Path(__file__).parents[4] / "docs" / "reference" / "contacts.md"


def imported(text: str, mapping: ColumnMapping | None = None, **given_for_all: str) -> ImportResult:
    facts = {"source": "订单", "legal_basis": "合同", **given_for_all}
    table = read_table_untrusted(text.encode(), "a.csv")
    return import_contacts(table, mapping or ColumnMapping(), "CN", facts["source"], facts["legal_basis"])


def test_spaces_of_another_kind_within_a_name_become_plain_ones() -> None:
    (contact,) = imported("手机号,姓名\n13800138000,Li\u00a0Lei Wang\u3000\n").accepted
    assert contact.name == "Li Lei Wang"


@pytest.mark.parametrize(
    "heading", ["手机号,姓名", "联系电话,客户姓名", "Phone Number,Full Name", "mobile,name", "手机号（必填）,姓 名"]
)
def test_usual_column_names_are_recognised(heading: str) -> None:
    contact = imported(f"{heading}\n13812345678,张三\n").accepted[0]
    assert (contact.number.e164(), contact.name, dict(contact.slots)) == ("+8613812345678", "张三", {})


def test_other_columns_are_slots_under_their_own_name_unless_the_campaign_maps_them() -> None:
    text = "手机号,订单尾号,备注\n13812345678,0371,x\n"
    assert imported(text).accepted[0].slots == {"订单尾号": "0371", "备注": "x"}
    mapped = imported(text, ColumnMapping(slots={"order_tail": "订单尾号"}))
    assert mapped.accepted[0].slots == {"order_tail": "0371"}


def test_the_campaigns_mapping_wins_over_usual_names() -> None:
    contact = imported("手机号,备用\n13812345678,13912345678\n", ColumnMapping(number="备用")).accepted[0]
    assert contact.number.e164() == "+8613912345678"


def test_source_and_legal_basis_are_the_rows_own_else_those_given() -> None:
    result = imported("手机号,来源,合法性基础\n13812345678,官网,同意\n13912345678,,\n")
    assert [(c.source, c.legal_basis) for c in result.accepted] == [("官网", "同意"), ("订单", "合同")]


def test_a_row_without_source_or_legal_basis_is_rejected() -> None:
    text = "手机号\n13812345678\n"
    assert imported(text, source=" ").rejected[0].reason is RejectReason.SOURCE_MISSING
    assert imported(text, legal_basis="").rejected[0].reason is RejectReason.LEGAL_BASIS_MISSING


def test_emergency_and_short_numbers_are_accepted_with_their_class_for_the_gate_to_refuse() -> None:
    result = imported("手机号\n110\n95588\n10086\n12345\n")
    assert [c.number_class for c in result.accepted] == [NumberClass.EMERGENCY, *[NumberClass.SHORT] * 3]
    assert not result.rejected


def test_a_rejected_row_names_row_field_reason_and_hides_the_value() -> None:
    (bad,) = imported("姓名,手机号\n张三,13812345678\n李四,1381234567\n").rejected
    assert (bad.row, bad.field, bad.reason, bad.value) == (3, "手机号", RejectReason.NUMBER_TOO_SHORT, "13******67")
    assert "1381234567" not in repr(bad)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("13812345678,张三,5,extra", RejectReason.TOO_MANY_CELLS),
        ("13812345678,张三,high", RejectReason.PRIORITY_INVALID),
        ("13812345678,张三,99999", RejectReason.PRIORITY_INVALID),
        ("13812345678,,1", RejectReason.VALUE_MISSING),
        (f"13812345678,{'长' * 501},1", RejectReason.CELL_TOO_LONG),
        ("13812345678,张\x07三,1", RejectReason.CONTROL_CHARACTER),
    ],
)
def test_each_fault_of_a_row_has_its_reason(row: str, reason: RejectReason) -> None:
    result = imported(f"手机号,姓名,优先级\n{row}\n", ColumnMapping(required=("name",)))
    assert [bad.reason for bad in result.rejected] == [reason]


def test_of_rows_with_one_number_the_first_wins_and_takes_what_it_lacks() -> None:
    result = imported("手机号,姓名,尾号,优先级\n13812345678,张三,,1\n+86 138 1234 5678,张叁,0371,7\n")
    (contact,), (merged,) = result.accepted, result.merged
    assert (contact.row, contact.name, contact.slots, contact.priority) == (2, "张三", {"尾号": "0371"}, 7)
    assert (merged.row, merged.into_row, merged.filled, merged.kept) == (3, 2, ("尾号",), ("name",))


@pytest.mark.parametrize(
    ("mapping", "fault"),
    [
        (ColumnMapping(number="电话"), FileFault.COLUMN_UNKNOWN),
        (ColumnMapping(slots={"x": "没有"}), FileFault.COLUMN_UNKNOWN),
        (ColumnMapping(required=("没有",)), FileFault.COLUMN_UNKNOWN),
    ],
)
def test_a_mapped_column_that_is_not_there_is_named(mapping: ColumnMapping, fault: FileFault) -> None:
    with pytest.raises(ContactFileError) as caught:
        imported("手机号,姓名\n1,x\n", mapping)
    assert (caught.value.fault, caught.value.details["row"]) == (fault, 1)


def test_a_file_without_a_number_column_or_with_an_unknown_region_is_refused() -> None:
    with pytest.raises(ContactFileError) as caught:
        imported("姓名\n张三\n")
    assert caught.value.fault is FileFault.NUMBER_COLUMN_MISSING
    with pytest.raises(ContactFileError) as caught:
        import_contacts(read_table_untrusted(b"phone\n1\n", "a"), ColumnMapping(), "XX", "s", "b")
    assert caught.value.fault is FileFault.REGION_UNKNOWN


_numbers = st.sampled_from(["13812345678", "+86 13812345678", "13912345678", "110", "", "abc", "1,2", "021-62345678"])
_cells = st.sampled_from(["", "张三", "李四", "x" * 501, "\x07", " 王五 "])


@settings(max_examples=200)
@given(st.lists(st.tuples(_numbers, _cells, _cells), min_size=1, max_size=12))
def test_every_row_stands_in_exactly_one_of_accepted_rejected_merged(rows: list[tuple[str, str, str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["手机号", "姓名", "备注"], ("110", "", ""), *rows])
    table = read_table_untrusted(out.getvalue().encode(), "a.csv")
    result = import_contacts(table, ColumnMapping(), "CN", "s", "b")
    places = [c.row for c in result.accepted] + [b.row for b in result.rejected] + [m.row for m in result.merged]
    assert sorted(places) == [row.row for row in table.rows]
    assert len({contact.number for contact in result.accepted}) == len(result.accepted)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_and_fault_has_a_text_and_a_remedy(lang: str) -> None:
    keys = catalogue("contacts", lang).keys()
    wanted = {f"reject.{reason}.{part}" for reason in RejectReason for part in ("text", "remedy")}
    wanted |= {f"file.{fault}.{part}" for fault in FileFault for part in ("text", "remedy")}
    wanted |= {f"headings.{name}" for name in RejectHeadings._fields}
    assert keys == wanted


def test_the_reference_page_holds_every_reason_fault_and_usual_name() -> None:
    texts, page = catalogue("contacts", "en"), DOCS.read_text("utf-8")
    keys = {
        **{f"reject.{reason}": reason for reason in RejectReason},
        **{f"file.{fault}": fault for fault in FileFault},
    }
    for key, code in keys.items():
        assert f"| `{code}` | {texts.text(f'{key}.text')} | {texts.text(f'{key}.remedy')} |" in page
    for field, names in USUAL_NAMES.items():
        assert f"| `{field}` | {'、'.join(names)} |" in page


def test_the_file_of_rejected_rows_holds_the_reasons_and_the_cells_as_they_stood() -> None:
    table = read_table_untrusted('手机号,姓名\n1381234567,"张,三"\n'.encode(), "a.csv")
    result = import_contacts(table, ColumnMapping(), "CN", "s", "b")
    texts = {reason: RejectText(f"text of {reason}", "remedy") for reason in RejectReason}
    text = rejected_csv(table, result.rejected, texts, RejectHeadings("行号", "字段", "原因", "办法"))
    assert list(csv.reader(io.StringIO(text))) == [
        ["行号", "字段", "原因", "办法", "手机号", "姓名"],
        ["2", "手机号", "text of number-too-short", "remedy", "1381234567", "张,三"],
    ]


@pytest.mark.parametrize(
    "written", ["17012349999-1234", "17012349999转1234", "17012349999,1234", "虚拟号17012349999转1234"]
)
def test_two_buyers_behind_one_virtual_number_are_neither_merged_nor_called_without_their_extension(
    written: str,
) -> None:
    rows = (TableRow(2, (written,)), TableRow(3, (written.replace("1234", "5678"),)))
    result = import_contacts(Table("a.csv", 1, ("手机号",), rows), ColumnMapping(), "CN", "shop", "contract")
    assert (result.accepted, result.merged) == ((), ())
    assert [bad.reason for bad in result.rejected] == [RejectReason.EXTENSION_NOT_DIALLED] * 2


def test_what_may_be_an_extension_is_not_left_out_of_a_call() -> None:
    cells = ("17012349999/1234", "021-62345678/79", "13812345678/13912345678", "110/13712345678")
    rows = tuple(TableRow(n, (cell,)) for n, cell in enumerate(cells, 2))
    result = import_contacts(Table("a.csv", 1, ("手机号",), rows), ColumnMapping(), "CN", "shop", "contract")
    assert [(bad.row, bad.reason) for bad in result.rejected] == [(2, RejectReason.SEVERAL_NUMBERS)]
    assert [(one.number.e164(), one.also_in_cell) for one in result.accepted] == [
        ("+862162345678", ("…",)),
        ("+8613812345678", ("139****5678",)),
        ("+8613712345678", ("110",)),
    ]


@pytest.mark.parametrize(
    "cell",
    [
        *("勿打13812345678", "13812345678（不要打）", "13812345678 请勿拨打", "13812345678拒接", "13812345678[黑名单]"),
        *(
            "13812345678 DNC",
            "13812345678 (do not call)",
            "13812345678 don’t call",
            "13812345678（空号）",
            "13812345678 wrong number",
        ),
        *(
            "13812345678;13912345678（勿打）",
            "13812345678【已停机】",
            "１３８１２３４５６７８（不要再打电话）",
            "13812345678 拒絕來電",
        ),
    ],
)
def test_a_note_that_says_not_to_call_is_obeyed_in_every_row_of_that_number(cell: str) -> None:
    rows = (TableRow(2, ("13812345678",)), TableRow(3, (cell,)), TableRow(4, ("+86 13812345678",)))
    result = import_contacts(Table("a.csv", 1, ("手机号",), rows), ColumnMapping(), "CN", "shop", "contract")
    assert (result.accepted, result.merged) == ((), ())
    assert [(bad.row, bad.reason) for bad in result.rejected] == [(n, RejectReason.CALL_FORBIDDEN) for n in (2, 3, 4)]


@pytest.mark.parametrize(
    ("heading", "cell", "is_called"),
    [
        *(
            ("DoNotCall", "1", False),
            ("Do Not Call", "TRUE", False),
            ("do_not_call", "false", True),
            ("DNC", "No", True),
        ),
        *(("拒绝来电", "是", False), ("是否黑名单", "否", True), ("黑名单", "", True), ("免打扰", "√", False)),
        *(
            ("备注", "客户要求勿打", False),
            ("备注", "电话打不通", True),
            ("备注", "不接受来电", False),
            ("标签", "VIP;禁呼", False),
        ),
        *(("Notes", "Please don't call again", False), ("Notes", "call after 10", True), ("备注", "打折客户", True)),
        *(("备注", "别墅客户", True), ("备注", "投诉处理中", True), ("商品", "勿打扰门牌", True)),
    ],
)
def test_a_column_or_remark_that_says_not_to_call_is_obeyed(heading: str, cell: str, is_called: bool) -> None:
    result = imported(f"手机号,{heading}\n13812345678,{cell}\n")
    assert bool(result.accepted) is is_called
    assert [(bad.field, bad.reason) for bad in result.rejected] == (
        [] if is_called else [(heading, RejectReason.CALL_FORBIDDEN)]
    )


def test_a_plain_note_beside_a_number_forbids_nothing() -> None:
    for cell in (
        "13812345678（微信同号）",
        "张三13812345678",
        "13812345678（先生）",
        "打给13812345678",
        "13812345678（3楼）",
    ):
        assert [one.number.e164() for one in imported(f"手机号\n{cell}\n").accepted] == ["+8613812345678"], cell


@pytest.mark.parametrize(
    ("written", "priority"),
    [("5", 5), ("5.0", 5), ("+7", 7), ("-3", -3), ("", 0), ("1_0", None), ("5.5", None), ("1e2", None), ("高", None)],
)
def test_a_priority_is_a_whole_number_however_a_program_writes_it(written: str, priority: int | None) -> None:
    table = read_table_untrusted(f"手机号,优先级\n13812345678,{written}\n13912345678,\n".encode(), "list.csv")
    result = import_contacts(table, ColumnMapping(), "CN", "订单", "合同")
    found = {one.row: one.priority for one in result.accepted}
    assert found == ({3: 0} if priority is None else {2: priority, 3: 0})
    assert [bad.reason.value for bad in result.rejected] == (["priority-invalid"] if priority is None else [])
