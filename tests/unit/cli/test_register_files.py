"""Files of registers: no refusal, withdrawal or wish is lost by how a cell is written, and nothing is wiped out by one
that is blank."""

from pathlib import Path
from typing import Any

import pytest

from baitie.cli.shared import ExitCode

GIVEN = "13800001001,care,voice,v1,2026-03-01 10:00"
HEAD = "number,purpose,channel,wording,granted_at,withdrawn_at\n"


def taken(told: Any, register: str, file: Path, text: str) -> tuple[int, dict[str, Any]]:
    file.write_text(text, "utf-8")
    code, body = told(register, "import", str(file))
    return code, body


@pytest.mark.parametrize("channel", ["电话", "短信", "sms", "Phone", "hotline", "否", "keypad", ""])
def test_a_refusal_counts_whatever_its_channel_is_called(told: Any, tmp_path: Path, channel: str) -> None:
    code, body = taken(told, "optout", tmp_path / "in.csv", f"number,channel\n13800001001,{channel}\n")
    assert (code, body["accepted"]) == (ExitCode.OK, 1)
    (row,) = told("optout", "list")[1]["optout"]
    assert row["channel"] == ("keypad" if channel == "keypad" else "operator")


@pytest.mark.parametrize("withdrawn", ["2026-03-02", "2026/13/45", "已撤回", "yes", "是", "yesterday", "2026年3月2日"])
@pytest.mark.parametrize("is_known", [False, True])
def test_a_withdrawal_counts_whatever_stands_for_its_time(
    told: Any, tmp_path: Path, withdrawn: str, is_known: bool
) -> None:
    file = tmp_path / "in.csv"
    if is_known:
        assert taken(told, "consent", file, f"{HEAD}{GIVEN},\n")[1]["accepted"] == 1
    code, body = taken(told, "consent", file, f"{HEAD}{GIVEN},{withdrawn}\n")
    assert (code, body["accepted"]) == (ExitCode.OK, 1)
    (row,) = told("consent", "show", "13800001001")[1]["consent"]
    assert row["withdrawn_at"]
    assert taken(told, "consent", file, f"{HEAD}{GIVEN},{withdrawn}\n")[1]["known"] == 1


@pytest.mark.parametrize("withdrawn", ["", "-", "否", "no", "N/A"])
def test_a_consent_that_nobody_withdrew_stands(told: Any, tmp_path: Path, withdrawn: str) -> None:
    taken(told, "consent", tmp_path / "in.csv", f"{HEAD}{GIVEN},{withdrawn}\n")
    (row,) = told("consent", "show", "13800001001")[1]["consent"]
    assert not row["withdrawn_at"]


def test_the_end_of_an_older_consent_is_not_that_of_a_newer(told: Any, tmp_path: Path) -> None:
    newer = "13800001001,care,voice,v2,2026-03-02 10:00"
    taken(told, "consent", tmp_path / "in.csv", f"{HEAD}{newer},\n{GIVEN},2026-03-01 12:00\n")
    rows = {row["wording"]: row["withdrawn_at"] for row in told("consent", "show", "13800001001")[1]["consent"]}
    assert rows["v1"]
    assert not rows["v2"]


@pytest.mark.parametrize(
    ("header", "row", "column"),
    [
        ("windows,purposes", ",", "windows"),
        ("purposes", "", "purposes"),
        ("purposes", "gossip", "purposes"),
        ("windows,channels", "09:00-12:00,pigeon", "channels"),
        ("language", "中文", "language"),
        ("windows", "morning", "windows"),
    ],
)
def test_a_row_that_says_no_wish_leaves_the_earlier_one_and_names_its_column(
    told: Any, tmp_path: Path, header: str, row: str, column: str
) -> None:
    told("preference", "set", "13800001001", "--window", "19:00-20:30", "--purpose", "care")
    code, body = taken(told, "preference", tmp_path / "in.csv", f"number,{header}\n13800001001,{row}\n")
    assert code == ExitCode.PROBLEMS
    assert [bad["column"] for bad in body["rejected"]] == [column]
    (kept,) = told("preference", "list")[1]["preference"]
    assert (kept["windows"], kept["purposes"]) == ("19:00-20:30", "care")


def test_a_file_without_any_column_of_wishes_wipes_out_none(told: Any, tmp_path: Path) -> None:
    told("preference", "set", "13800001001", "--window", "19:00-20:30")
    assert (
        taken(told, "preference", tmp_path / "in.csv", "number,时段\n13800001001,9:00-12:00\n")[0] == ExitCode.BAD_INPUT
    )
    assert told("preference", "list")[1]["preference"][0]["windows"] == "19:00-20:30"


@pytest.mark.parametrize("none", ["none", "无"])
def test_who_wishes_no_purpose_and_no_channel_is_exported_and_read_as_such(
    told: Any, tmp_path: Path, none: str
) -> None:
    head = "number,purposes,channels\n"
    assert taken(told, "preference", tmp_path / "in.csv", f"{head}13800001001,{none},{none}\n")[1]["accepted"] == 1
    out = tmp_path / "out.csv"
    told("preference", "export", str(out))
    assert "none,none" in out.read_text("utf-8-sig")
    assert told("preference", "import", str(out))[1]["known"] == 1
    assert taken(told, "preference", tmp_path / "in.csv", f"{head}13800001001,care,voice\n")[1]["accepted"] == 1


@pytest.mark.parametrize(("windows", "kept"), [("9:00-24:00", "09:00-00:00"), ("20点至24点", "20:00-00:00")])
def test_a_day_ends_at_twenty_four(told: Any, tmp_path: Path, windows: str, kept: str) -> None:
    taken(told, "preference", tmp_path / "in.csv", f"number,windows\n13800001001,{windows}\n")
    assert told("preference", "list")[1]["preference"][0]["windows"] == kept


@pytest.mark.parametrize("until", ["永久", "forever", "长期"])
def test_a_freeze_without_end_is_a_block(told: Any, tmp_path: Path, until: str) -> None:
    assert taken(told, "freeze", tmp_path / "in.csv", f"number,until\n13800001001,{until}\n")[1]["accepted"] == 1
    assert told("freeze", "list")[1]["freeze"][0]["kind"] == "block"


@pytest.mark.parametrize(
    "until", ["9999-12-31", "9999-12-31 23:59:59-12:00", "9999-12-31T23:59:59+14:00", "9999/12/31", "9999-01-01"]
)
def test_the_last_year_of_the_calendar_breaks_no_register(told: Any, tmp_path: Path, until: str) -> None:
    file = tmp_path / "in.csv"
    assert taken(told, "freeze", file, f"number,until\n13800001001,{until}\n")[1]["accepted"] == 1
    assert told("freeze", "list")[1]["freeze"][0]["until"].startswith("9999")
    assert taken(told, "freeze", file, f"number,until\n13800001001,{until}\n")[1]["known"] == 1
    assert told("freeze", "export", str(tmp_path / "out.csv"))[0] == ExitCode.OK


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        ("0001-01-01", "time-unreadable"),
        ("1899-12-31", "time-unreadable"),
        ("9999-12-31", "time-in-future"),
        ("2126-03-01", "time-in-future"),
        ("46000", "time-unreadable"),
    ],
)
def test_a_complaint_of_an_impossible_day_is_named(told: Any, tmp_path: Path, at: str, reason: str) -> None:
    text = f"number,source,received_at\n13800001001,12321,{at}\n"
    code, body = taken(told, "complaint", tmp_path / "in.csv", text)
    assert (code, [bad["reason"] for bad in body["rejected"]]) == (ExitCode.PROBLEMS, [reason])


@pytest.mark.parametrize("first", ["13800001001", "+86 138 0000 1001", "138-0000-1001（张）", "'13800001001"])
def test_the_first_of_a_list_of_bare_numbers_is_refused_like_the_others(told: Any, tmp_path: Path, first: str) -> None:
    code, body = taken(told, "optout", tmp_path / "in.txt", f"{first}\n13800001002\n")
    assert (code, body["accepted"], body["rejected"]) == (ExitCode.OK, 2, [])
    assert {row["number"] for row in told("optout", "list")[1]["optout"]} == {"138****1001", "138****1002"}
