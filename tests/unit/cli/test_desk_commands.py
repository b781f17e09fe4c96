"""`baitie optout`, `consent`, `freeze` and `complaint`: what they keep, refuse, take in and write out."""

from pathlib import Path
from typing import Any

import pytest

from baitie.cli.shared import ExitCode

NUMBER = "13800001000"


def test_an_optout_is_kept_once_with_its_actor_and_listed_masked(told: Any) -> None:
    assert told("optout", NUMBER, "--actor", "li") == (0, {"number": "138****1000", "was_known": False})
    assert told("optout", "add", NUMBER)[1]["was_known"]
    (row,) = told("optout", "list")[1]["optout"]
    assert (row["number"], row["actor"], row["channel"]) == ("138****1000", "li", "operator")


def test_a_refusal_is_lifted_only_by_a_newer_consent_with_proof(told: Any) -> None:
    told("optout", NUMBER)
    lift = ("freeze", "lift", NUMBER, "--kind", "refusal", "--reason", "asked for it")
    assert told(*lift) == (1, {"number": "138****1000", "is_lifted": False, "objection": "consent-not-newer"})
    told("consent", "add", NUMBER, "--purpose", "care", "--wording", "v1")
    assert told(*lift)[1]["objection"] == "consent-not-newer"
    told("consent", "add", NUMBER, "--purpose", "care", "--wording", "v1", "--evidence", "form 12")
    assert told(*lift)[0] == 0
    assert told("optout", "list")[1]["optout"] == []


def test_a_complaint_freezes_has_a_due_date_and_bars_lifting_until_closed(told: Any) -> None:
    _, opened = told("complaint", "add", NUMBER, "--source", "12321", "--about", "order-followup")
    assert opened["due_rule"]
    (frozen,) = told("freeze", "list")[1]["freeze"]
    assert frozen["reason"] == "complaint"
    lift = ("freeze", "lift", NUMBER, "--reason", "sorted out")
    assert told(*lift)[1]["objection"] == "complaint-open"
    assert told("complaint", "close", opened["complaint"][-5:], "--resolution", "apologised")[0] == 0
    assert told("complaint", "show", opened["complaint"])[1]["state"] == "closed"
    assert told(*lift)[0] == 0
    assert told("complaint", "close", "nothing-like-it", "--resolution", "x")[0] == ExitCode.BAD_INPUT


def test_withdrawing_ends_consents_and_a_second_time_there_is_none(told: Any) -> None:
    told("consent", "add", NUMBER, "--purpose", "care", "--wording", "v1", "--evidence", "form")
    assert len(told("consent", "withdraw", NUMBER)[1]["withdrawn"]) == 1
    assert told("consent", "withdraw", NUMBER)[0] == ExitCode.BAD_INPUT
    assert told("consent", "show", NUMBER)[1]["consent"][0]["withdrawn_at"]


@pytest.mark.parametrize("register", ["optout", "consent", "freeze", "complaint"])
def test_what_is_exported_is_known_when_it_is_imported_again(told: Any, tmp_path: Path, register: str) -> None:
    told("optout", NUMBER)
    told("consent", "add", NUMBER, "--purpose", "care", "--wording", "v1")
    told("freeze", "block", NUMBER, "--reason", "law")
    told("complaint", "add", NUMBER, "--source", "carrier")
    file = tmp_path / "out.csv"
    rows = told(register, "export", str(file))[1]["rows"]
    assert rows >= 1
    assert "+86" + NUMBER in file.read_text("utf-8-sig")
    assert told(register, "import", str(file)) == (0, {"accepted": 0, "known": rows, "rejected": []})


def test_rows_that_cannot_be_taken_are_written_out_with_the_reason(told: Any, tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text(
        "number,purpose,channel,wording,granted_at\n"
        "13800001001,care,voice,v1,2026-03-01 10:00\n"
        "12,care,voice,v1,2026-03-01\n"
        "13800001002,gossip,voice,v1,2026-03-01\n"
        "13800001003,care,voice,v1,yesterday\n"
        "13800001004,care,voice,,2026-03-01\n",
        "utf-8",
    )
    code, body = told("consent", "import", str(file))
    assert code == ExitCode.PROBLEMS
    assert (body["accepted"], [(bad["row"], bad["column"]) for bad in body["rejected"]]) == (
        1,
        [(3, "number"), (4, "purpose"), (5, "granted_at"), (6, "wording")],
    )
    lines = (tmp_path / "in.rejected.csv").read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("row,column,reason,number")
    assert lines[3].endswith("13800001003,care,voice,v1,yesterday")
    file.write_text("name\nx\n", "utf-8")
    assert told("optout", "import", str(file))[1]["error"]["code"] == "desk-column-missing"


@pytest.mark.parametrize(
    ("register", "header", "full"),
    [
        ("optout", "name,number", ",13800001001"),
        ("consent", "number,purpose,channel,wording,granted_at", "13800001001,care,voice,v1,2026-01-01"),
        ("preference", "name,number,language", "x,13800001001,zh"),
        ("freeze", "name,number,until", "x,13800001001,2030-01-01"),
        ("complaint", "name,number,source", "x,13800001001,12321"),
    ],
)
def test_a_short_row_is_named_and_those_behind_it_are_taken(
    told: Any, tmp_path: Path, register: str, header: str, full: str
) -> None:
    file = tmp_path / "in.csv"
    long = full + ",,surplus,cell,cell,cell,x"
    file.write_text(f"{header}\n{full}\nLi\nZhao,\n{long}\n{full.replace('1001', '1002')}\n", "utf-8")
    code, body = told(register, "import", str(file))
    assert (code, body["accepted"]) == (ExitCode.PROBLEMS, 2)
    assert [bad["row"] for bad in body["rejected"]] == [3, 4, 5]
    assert body["rejected"][2]["reason"] == "too-many-cells"


def test_every_number_of_a_cell_is_refused(told: Any, tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text("手机号\n13800001001/13800001002\n联系电话：13800001003\n021-62345678/79\n", "utf-8")
    code, body = told("optout", "import", str(file))
    assert (code, body["accepted"]) == (ExitCode.PROBLEMS, 4)
    assert body["rejected"] == [{"row": 4, "column": "number", "reason": "several-numbers"}]


def test_a_consent_behind_an_extension_does_not_open_the_number_to_everybody(told: Any, tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text("number,purpose,channel,wording,granted_at\n17012349999-1234,care,voice,v1,2026-01-01\n", "utf-8")
    code, body = told("consent", "import", str(file))
    assert (code, body["rejected"][0]["reason"]) == (ExitCode.PROBLEMS, "extension-not-dialled")
    assert told("consent", "add", "17012349999-1234", "--purpose", "care", "--wording", "v1")[0] == ExitCode.BAD_INPUT
    assert told("optout", "17012349999-1234")[0] == 0  # a refusal closes the whole number: nobody else is asked


def test_exports_and_rejected_rows_are_their_owners_alone_and_hold_no_formula(told: Any, tmp_path: Path) -> None:
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    out.write_text("was there, readable", "utf-8")
    out.chmod(0o644)
    file.write_text('number,reason,kind\n13800001001,"=cmd|x",block\n=1+1,@x,block\n', "utf-8")
    told("freeze", "import", str(file))
    told("freeze", "export", str(out))
    for written in (out, tmp_path / "in.rejected.csv"):
        assert written.stat().st_mode & 0o777 == 0o600
        assert not any(
            cell.startswith(("=", "@"))
            for line in written.read_text("utf-8-sig").splitlines()
            for cell in line.split(",")
        )
    assert "+8613800001001" in out.read_text("utf-8-sig")


def test_an_export_with_guarded_cells_is_known_when_it_comes_back(told: Any, tmp_path: Path) -> None:
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text(
        'number,purpose,channel,wording,granted_at,evidence\n13800001001,care,voice,v1,2026-01-01,"=form 12"\n', "utf-8"
    )
    assert told("consent", "import", str(file))[1]["accepted"] == 1
    told("consent", "export", str(out))
    assert "'=form 12" in out.read_text("utf-8-sig")
    assert told("consent", "import", str(out))[1]["known"] == 1
    assert told("consent", "show", "13800001001")[1]["consent"][0]["evidence"] == "=form 12"


def test_every_column_of_numbers_is_refused_and_frozen(told: Any, tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text(
        "姓名,手机号1,手机号2,until\n张,13800001001,13800001002,2030-01-01\n李,,010-62345678,2030-01-01\n", "utf-8"
    )
    for register in ("optout", "freeze"):
        code, body = told(register, "import", str(file))
        assert (code, body["accepted"], body["rejected"]) == (ExitCode.OK, 3, [])
        assert {row["number"] for row in told(register, "list")[1][register]} == {
            "138****1001",
            "138****1002",
            "010****5678",
        }


@pytest.mark.parametrize(
    ("kind", "until", "reason"),
    [
        ("", "2030-01-01", None),
        ("freeze", "2030/1/2", None),
        ("冻结", "2030年1月2日", None),
        ("freeze", "2030/1/2 9:30", None),
        ("BLOCK", "", None),
        ("黑名单", "", None),
        ("freeze", "2030/13/2", "time-unreadable"),
        ("拉黑", "2030-01-01", "word-unknown"),
    ],
)
def test_freezes_and_blocks_in_the_words_and_dates_of_spreadsheets(
    told: Any, tmp_path: Path, kind: str, until: str, reason: str | None
) -> None:
    file = tmp_path / "in.csv"
    file.write_text(f"number,kind,until\n13800001001,{kind},{until}\n", "utf-8")
    code, body = told("freeze", "import", str(file))
    assert [bad["reason"] for bad in body["rejected"]] == ([] if reason is None else [reason])
    assert code == (ExitCode.OK if reason is None else ExitCode.PROBLEMS)


@pytest.mark.parametrize(
    ("windows", "kept"),
    [
        ("9:00-12:00", "09:00-12:00"),
        ("９：００－１２：００", "09:00-12:00"),
        ("9点~12点", "09:00-12:00"),
        ("09:00至12:00", "09:00-12:00"),
        ("09:00-11:00、14:00-16:00", "09:00-11:00, 14:00-16:00"),
        ("09:00-11:00;14:00-16:00", "09:00-11:00, 14:00-16:00"),
        ("24:00-25:00", None),
        ("上午", None),
        ("9-12", None),
        ("09:00-12:00:30", None),
    ],
)
def test_hours_of_a_preference_are_read_as_people_write_them(
    told: Any, tmp_path: Path, windows: str, kept: str | None
) -> None:
    file = tmp_path / "in.csv"
    file.write_text(f'number,windows\n13800001001,"{windows}"\n', "utf-8")
    code, body = told("preference", "import", str(file))
    assert [bad["column"] for bad in body["rejected"]] == ([] if kept else ["windows"])
    assert [row["windows"] for row in told("preference", "list")[1]["preference"]] == ([kept] if kept else [])
    assert code == (ExitCode.OK if kept else ExitCode.PROBLEMS)
