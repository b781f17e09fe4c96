"""`baitie review`, `registry`, `qualification`, `preference` and `complaint lift`: what they keep, ask and refuse."""

import json
from pathlib import Path
from typing import Any

import pytest

from baitie.cli.main import run
from baitie.cli.shared import ExitCode

NUMBER = "13800001000"


@pytest.fixture
def transcripts(tmp_path: Path) -> Path:
    file = tmp_path / "transcripts.csv"
    file.write_text(
        "number,call,speaker,text\n"
        f"{NUMBER},1,bot,您好,您是不是没兴趣\n"
        f"{NUMBER},1,callee,你打错了吧\n"
        "13800001001,2,callee,以后别再打电话来了\n"
        "13800001002,3,callee,我没说不想听\n"
        "13800001003,4,parrot,打错\n"
        "12,5,callee,打错\n".replace("您好,您", "您好您"),
        "utf-8",
    )
    return file


def test_transcripts_make_suspects_and_refusals_and_freeze_nobody(told: Any, transcripts: Path) -> None:
    code, done = told("review", "add", "--file", str(transcripts))
    assert code == ExitCode.PROBLEMS
    assert (done["transcripts"], done["optouts"]) == (3, 1)
    assert [one["class"] for one in done["suspects"]] == ["wrong-person"]
    assert [(row["row"], row["column"]) for row in done["rejected"]] == [(6, "speaker"), (7, "number")]
    assert told("freeze", "list")[1]["freeze"] == []
    (refused,) = told("optout", "list")[1]["optout"]
    assert (refused["number"], refused["channel"]) == ("138****1001", "voice")
    again = told("review", "add", "--file", str(transcripts))[1]
    assert (again["suspects"], again["optouts"]) == ([], 0), "a file that is read twice says nothing else"


def test_another_person_confirms_and_only_then_the_callee_is_frozen(told: Any) -> None:
    suspect = told("review", "add", NUMBER, "--class", "wrong-person", "--actor", "li")[1]["suspect"]
    assert told("review", "confirm", suspect, "--actor", "li")[1]["objection"] == "actor-is-finder"
    assert told("review", "confirm", suspect, "--actor", "Machine")[1]["objection"] == "actor-is-machine"
    assert told("freeze", "list")[1]["freeze"] == []
    code, done = told("review", "confirm", suspect[-6:], "--actor", "wang")
    assert (code, done["state"], done["objection"]) == (0, "confirmed", None)
    (frozen,) = told("freeze", "list")[1]["freeze"]
    assert (frozen["reason"], frozen["actor"]) == ("wrong-person", "wang")
    assert told("review", "dismiss", suspect, "--reason", "x", "--actor", "wu")[1]["objection"] == "decided-already"
    assert told("why", NUMBER)[1]["decision"] == "delay"
    assert told("freeze", "lift", NUMBER, "--reason", "it was his wife", "--actor", "wu")[0] == 0


def test_a_dismissed_suspect_is_not_frozen_and_stays_on_record(told: Any, tmp_path: Path) -> None:
    suspect = told("review", "add", NUMBER, "--class", "abusive", "--actor", "li")[1]["suspect"]
    assert told("review", "dismiss", suspect, "--reason", "a joke", "--actor", "wang")[1]["state"] == "dismissed"
    assert told("freeze", "list")[1]["freeze"] == []
    shown = told("review", "show", suspect)[1]
    assert (shown["decided_by"], shown["reason"], shown["number"]) == ("wang", "a joke", "138****1000")
    assert told("review", "list", "--state", "open")[1]["review"] == []
    assert told("review", "export", str(tmp_path / "out.csv"))[1]["rows"] == 1
    assert told("review", "add", NUMBER, "--class", "gossip")[0] == ExitCode.BAD_INPUT
    assert told("review", "show", "nobody")[0] == ExitCode.BAD_INPUT


def test_a_registry_is_asked_by_its_newest_copy(told: Any, tmp_path: Path) -> None:
    file = tmp_path / "dnc.txt"
    file.write_text("area,number\n201,5550100\r\n(202) 555-0101\n+1 203 555 0102\n\n", "utf-8")
    take = ("registry", "import", "us-national-dnc", str(file), "--region", "US", "--as-of")
    _, copy = told(*take, "2026-03-01")
    assert (copy["numbers"], copy["rejected"]) == (3, 1)
    for number in ("+12015550100", "+12025550101", "+12035550102"):
        assert told("registry", "check", number)[1]["registries"][0]["is_listed"]
    assert not told("registry", "check", "+12015550199")[1]["registries"][0]["is_listed"]
    file.write_text("2015550199\n", "utf-8")
    told(*take, "2026-03-02")
    assert told("registry", "check", "+12015550199")[1]["registries"][0]["is_listed"]
    assert not told("registry", "check", "+12015550100")[1]["registries"][0]["is_listed"]
    assert told("registry", "list")[1]["registries"][0]["as_of"] == "2026-03-02"
    assert told("registry", "drop", "us-national-dnc", "--reason", "x")[0] == 0
    assert told("registry", "drop", "us-national-dnc", "--reason", "x")[0] == ExitCode.BAD_INPUT


def test_what_is_no_list_of_numbers_leaves_the_copy_before_in_use(told: Any, tmp_path: Path) -> None:
    file = tmp_path / "f.txt"
    file.write_text("2015550100\n", "utf-8")
    take = ("registry", "import", "us-national-dnc", str(file), "--region", "US", "--as-of", "2026-03-01")
    assert told(*take)[0] == 0
    file.write_text("hello\nworld\n2015550100\n", "utf-8")
    assert told(*take)[0] == ExitCode.BAD_INPUT
    assert told("registry", "check", "+12015550100")[1]["registries"][0]["is_listed"]
    assert told("registry", "import", "US DNC", str(file), "--as-of", "2026-03-01")[0] == ExitCode.BAD_INPUT


def test_qualifications_are_filed_ended_and_known_when_they_are_imported_again(told: Any, tmp_path: Path) -> None:
    file = tmp_path / "q.csv"
    file.write_text(
        "kind,licence,valid_from,valid_until\ncall-centre-licence,B2-1,2024-01-01,2099-01-01\nX,1,2024-01-01,\n"
    )
    assert told("qualification", "import", str(file)) == (1, {"accepted": 1, "known": 0, "rejected": 1})
    (held,) = told("qualification", "list")[1]["qualifications"]
    assert held["state"] == "valid"
    out = tmp_path / "out.csv"
    told("qualification", "export", str(out))
    assert told("qualification", "import", str(out))[1]["known"] == 1
    assert told("qualification", "end", held["qualification"], "--reason", "withdrawn", "--actor", "li")[0] == 0
    assert told("qualification", "list")[1]["qualifications"][0]["state"] == "ended"


def test_preferences_are_set_listed_and_known_when_they_are_imported_again(told: Any, tmp_path: Path) -> None:
    told("preference", "set", NUMBER, "--window", "19:00-20:30", "--purpose", "care", "--language", "zh-CN")
    (row,) = told("preference", "list")[1]["preference"]
    assert (row["windows"], row["purposes"], row["language"]) == ("19:00-20:30", "care", "zh-CN")
    out = tmp_path / "out.csv"
    told("preference", "export", str(out))
    assert told("preference", "import", str(out)) == (0, {"accepted": 0, "known": 1, "rejected": []})
    assert told("preference", "show", NUMBER)[1]["preference"][0]["windows"] == "19:00-20:30"
    out.write_text("number,windows\n13800001001,late\n", "utf-8")
    assert told("preference", "import", str(out))[0] == ExitCode.PROBLEMS
    assert run(["preference", "set", NUMBER, "--language", "Klingon!"]) == ExitCode.BAD_INPUT


def test_a_complaint_suspends_the_number_until_a_named_person_lifts_it(told: Any) -> None:
    opened = told("complaint", "add", NUMBER, "--source", "carrier", "--presented", "02150000100")[1]
    (held,) = told("complaint", "show", opened["complaint"])[1]["suspensions"]
    assert (held["number"], held["complaint_id"]) == ("+862150000100", opened["complaint"])
    lift = ("complaint", "lift", "02150000100", "--reason", "script mended", "--actor", "wang")
    assert told(*lift)[1]["objection"] == "complaint-open"
    told("complaint", "close", opened["complaint"], "--resolution", "apologised")
    assert told(*lift) == (0, {"number": "02150000100", "is_lifted": True, "objection": None})
    assert told("complaint", "suspended")[1]["suspended"] == []
    shown = told("complaint", "show", opened["complaint"])[1]["suspensions"][0]
    assert (shown["lifted_by"], shown["lift_reason"]) == ("wang", "script mended")
    assert told(*lift)[1]["objection"] == "not-suspended"


def test_lines_left_out_of_a_registry_end_with_1_and_are_named(
    campaign: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "cn.txt"
    file.write_text("手机号\n13800138000\n+86 (0)21 6234 5678\n138****5678\n", "utf-8")
    take = ["registry", "import", "cn-reject-list", str(file), "--as-of", "2026-03-01", "--campaign", str(campaign)]
    monkeypatch.setenv("BAITIE_LANG", "zh")
    assert run(take) == ExitCode.PROBLEMS
    shown = capsys.readouterr().out
    assert "第 4 行" in shown
    assert "隐去" in shown
    assert run([*take, "--json"]) == ExitCode.PROBLEMS
    body = json.loads(capsys.readouterr().out)
    assert (body["numbers"], body["left_out"], body["left_out_count"]) == (
        2,
        [{"line": 4, "reason": "number-masked"}],
        1,
    )
