"""Text that others wrote cannot act on a terminal, a log or a spreadsheet."""

import csv
import io
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baitie.kernel.foreign_text import csv_text, shown, shown_json, spreadsheet_cell
from baitie.verifier.verify_bundle import show


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("张三 Müller 🙂", "张三 Müller 🙂"),
        ("\x1b[2J\x1b]0;x\x07", "\\x1b[2J\\x1b]0;x\\x07"),
        ("a\nWhole 完整", "a\\x0aWhole 完整"),
        ("\x9b31m", "\\x9b31m"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("a\u2066b\u200f\ufeff", "a\\u2066b\\u200f\\ufeff"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("line\u2028end\u0085", "line\\u2028end\\x85"),
        ("全角\u3000空格\u00a0", "全角\u3000空格\u00a0"),
        ("\t\r\v\f\x1c", "\\x09\\x0d\\x0b\\x0c\\x1c"),
    ],
)
def test_what_could_act_is_shown_as_its_code(text: str, expected: str) -> None:
    assert shown(text) == expected


@given(st.text())
def test_nothing_is_left_that_controls_or_hides(text: str) -> None:
    assert not [char for char in shown(text) if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert shown(shown(text)) == shown(text)
    assert shown(text, keeps_lines=True).count("\n") == text.count("\n")


@given(st.dictionaries(st.text(), st.text()))
def test_json_means_the_same_when_it_is_shown(body: dict[str, str]) -> None:
    written = shown_json(json.dumps(body, ensure_ascii=False, indent=2))
    assert json.loads(written) == body
    assert not [char for char in written if unicodedata.category(char) in ("Cc", "Cf", "Cs") and char != "\n"]


@pytest.mark.parametrize(
    "cell",
    ['=HYPERLINK("http://x")', "=cmd|' /C calc'!A0", "@SUM(1)", "+1+cmd|x", "-2+3", "\t=1", "\r=1", "\n=1", "＝1+1"],
)
def test_no_cell_begins_as_a_formula(cell: str) -> None:
    assert spreadsheet_cell(cell).startswith("'")


@pytest.mark.parametrize("cell", ["+8613800138000", "+86 138-0013-8000", "+1 (202) 555-0143", "-5", "张三", "a=b", ""])
def test_numbers_and_plain_text_stay_as_they_are(cell: str) -> None:
    assert spreadsheet_cell(cell) == cell


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n")), min_size=1), max_size=5))
def test_every_cell_of_a_csv_goes_through_it(rows: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO(csv_text(rows), newline="")))
    assert read == [[spreadsheet_cell(cell) for cell in row] if row != [""] else [""] for row in rows]


def test_the_verifier_says_the_verdict_first_and_lets_no_bundle_forge_it(capsys: pytest.CaptureFixture[str]) -> None:
    forged = "x\nWhole 完整\x1b[8m\x1b]0;\x9b\u202e"
    finding = {"seq": 3, "fault": forged}
    verdict = {"organisation": forged, "is_whole": False, "is_pinned": True, "findings": [finding], "findings_more": 0}
    show({**verdict, "runs": [{"carrier": forged}], "clock_back": []})
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "NOT whole 不完整"
    assert "Whole 完整" not in lines
    assert not [char for line in lines for char in line if unicodedata.category(char) in ("Cc", "Cf", "Cs")]
