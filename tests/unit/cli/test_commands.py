"""Commands: output for people and scripts, languages, exit codes, and what they import."""

import json
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from tests.example_folders import use_card

from baitie.cli.main import COMMANDS, exit_code_of, run
from baitie.cli.shared import ExitCode, table
from baitie.kernel.errors import BaitieError, BusyError, InputError, StoreError, WireError
from baitie.locale.catalogue import LANGUAGES


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAITIE_LANG", "en")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command_shows_examples_and_exit_codes(
    command: str, lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([command, "--lang", lang, "--help"]) == ExitCode.OK
    shown = capsys.readouterr().out
    assert f"baitie {command}" in shown
    assert "  70 " in shown
    assert ("示例" in shown) == (lang == "zh")
    assert "option." not in shown


def test_help_and_its_commands_do_not_import_what_they_do_not_need() -> None:
    heavy = ["pydantic", "sqlalchemy", "phonenumbers", "jinja2", "rich", "asyncio"]
    program = (
        "import sys\nfrom baitie.cli.main import run\nassert run(['--help']) == 0\n"
        f"sys.exit(','.join(name for name in {heavy} if name in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_checking_imports_no_media_loop_and_no_page_templates(campaign: Path) -> None:
    program = (
        f"import sys\nfrom baitie.cli.main import run\nassert run(['check', {str(campaign)!r}]) == 1\n"
        "sys.exit(','.join(name for name in ['jinja2', 'rich', 'uvloop'] if name in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_check_names_bad_rows_and_forbidden_people(campaign: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(campaign)]) == ExitCode.PROBLEMS
    shown = capsys.readouterr().out
    assert "invalid" in shown
    assert "CORE-NUMBER-CLASS" in shown
    assert "13000001000" not in shown


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        (["check"], "rules"),
        (["config"], "settings"),
        (["why", "13000001000", "--campaign"], "decision"),
        (["optout", "13000001000", "--campaign"], "number"),
    ],
)
def test_json_is_one_object_and_nothing_else(
    campaign: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], key: str
) -> None:
    run([*arguments, str(campaign), "--json"])
    assert key in json.loads(capsys.readouterr().out)


def test_a_campaign_that_cannot_be_read_ends_with_2_and_every_problem(
    campaign: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    use_card(campaign)
    (campaign / "card.toml").unlink()
    (campaign / "prompts" / "greeting.pcma").unlink()
    assert run(["check", str(campaign), "--lang", "zh"]) == ExitCode.BAD_INPUT
    said = capsys.readouterr().err
    assert "发现 2 处问题" in said
    assert run(["check", str(campaign), "--json"]) == ExitCode.BAD_INPUT
    body = json.loads(capsys.readouterr().out)
    assert {problem["file"] for problem in body["error"]["problems"]} == {"card.toml", "prompts/greeting.pcma"}


def test_init_refuses_a_folder_that_holds_something(campaign: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", str(campaign)]) == ExitCode.BAD_INPUT
    assert "nothing is overwritten" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["nonsense"], ["check"], ["init", "x", "--example", "none"], ["run", "--bad"]])
def test_bad_usage_ends_with_2(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == ExitCode.BAD_INPUT


@pytest.mark.parametrize(
    ("arguments", "chinese", "english"),
    [
        (["nonsense"], "没有命令 nonsense。", "There is no command nonsense."),
        (["check"], "缺少 CAMPAIGN。", "CAMPAIGN is missing."),
        (["run", "--bad"], "没有选项 --bad。", "There is no option --bad."),
        (["why", "1", "--at", "x"], "--at 的值无法使用", "The value of --at cannot be used"),
        (["report", "a", "b"], "命令写法有误", "This command line cannot be used"),
    ],
)
def test_bad_usage_is_said_in_both_languages_with_the_way_to_its_help(
    arguments: list[str], chinese: str, english: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for lang, sentence in (("zh", chinese), ("en", english)):
        assert run([*arguments, "--lang", lang]) == ExitCode.BAD_INPUT
        said = capsys.readouterr().err
        assert sentence in said
        assert "--help`" in said


@pytest.mark.parametrize("command", [["report"], ["stop"]])
def test_before_the_first_run_there_is_nothing_to_report_or_stop(campaign: Path, command: list[str]) -> None:
    assert run([*command, str(campaign)]) == ExitCode.BAD_INPUT


def test_a_refusal_is_explained_in_both_languages(campaign: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["why", "13000001000", "--campaign", str(campaign), "--at", "2026-03-03T23:00:00+08:00"]
    assert run([*asked, "--lang", "zh"]) == ExitCode.OK
    chinese = capsys.readouterr().out
    assert run([*asked, "--lang", "en"]) == ExitCode.OK
    english = capsys.readouterr().out
    for shown in (chinese, english):
        assert "ADVICE-QUIET-HOURS" in shown
        assert "2026-03-04 09:00" in shown
    assert "出处" in chinese
    assert "Source" in english


def test_rules_that_lost_are_named_behind_one_colon(campaign: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["optout", "13000001000", "--campaign", str(campaign)])
    capsys.readouterr()
    asked = ["why", "13000001000", "--campaign", str(campaign), "--at", "2026-03-03T23:00:00+08:00"]
    for lang, said in (("zh", "另有较轻的规则（已从严处理）：CORE-"), ("en", "Lower-precedence rules: CORE-")):
        assert run([*asked, "--lang", lang]) == ExitCode.OK
        assert said in capsys.readouterr().out


def test_config_shows_where_a_value_comes_from(
    campaign: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BAITIE_DIALING__RING_TIMEOUT_S", "21")
    assert run(["config", str(campaign), "--changed"]) == ExitCode.OK
    shown = capsys.readouterr().out
    assert "dialing.ring_timeout_s = 21 s" in shown
    assert "BAITIE_DIALING__RING_TIMEOUT_S" in shown
    assert "message_centre.port" not in shown


def test_a_backup_is_a_whole_store(campaign: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["optout", "13000001000", "--campaign", str(campaign)])
    assert run(["backup", str(tmp_path / "copy.sqlite3"), "--campaign", str(campaign)]) == ExitCode.OK
    assert (tmp_path / "copy.sqlite3").stat().st_size > 0


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BusyError(), ExitCode.STORE),
        (StoreError(), ExitCode.STORE),
        (InputError(), ExitCode.BAD_INPUT),
        (WireError(), ExitCode.CARRIER),
        (BaitieError(), ExitCode.INTERNAL),
    ],
)
def test_errors_have_their_exit_codes(error: BaitieError, code: ExitCode) -> None:
    assert exit_code_of(error) == code


def test_a_file_that_cannot_be_written_is_bad_input_and_a_slip_of_ours_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert run(["init", str(tmp_path / "file" / "c")]) == ExitCode.BAD_INPUT
    capsys.readouterr()
    monkeypatch.setattr("baitie.files.examples.example_names", lambda: 1 / 0)
    assert run(["init", str(tmp_path / "d"), "--json"]) == ExitCode.INTERNAL
    shown = capsys.readouterr()
    assert "ZeroDivisionError" in json.loads(shown.out)["error"]["message"]


@pytest.mark.parametrize("at", ["tomorrow", "0001-01-01T00:00:00", "9999-12-31T23:59:59", "1999-12-31", ""])
def test_a_time_that_no_calendar_covers_is_bad_usage(
    campaign: Path, at: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["why", "13000001000", "--campaign", str(campaign), "--at", at]
    assert run(asked) == ExitCode.BAD_INPUT
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("garbage", [b"no data base at all" * 100, bytes(range(256)) * 40])
def test_a_file_that_is_no_store_is_named_and_not_taken_for_a_full_disk(
    campaign: Path, garbage: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (campaign / "baitie.sqlite3").write_bytes(garbage)
    for lang, said in (("zh", "不是拜帖的数据库"), ("en", "other than a Baitie store")):
        assert run(["why", "13000001000", "--campaign", str(campaign), "--lang", lang]) == ExitCode.BAD_INPUT
        assert said in capsys.readouterr().err


def test_a_special_cause_is_shown_beside_the_sentence_of_its_error(
    campaign: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["optout", "13000001000", "--campaign", str(campaign)])
    (campaign / "baitie.key").write_text("00")
    assert run(["why", "13000001000", "--campaign", str(campaign), "--lang", "zh"]) == ExitCode.BAD_INPUT
    said = capsys.readouterr().err
    assert "密钥文件不属于这个数据库" in said
    assert "64 hexadecimal digits" in said


def test_a_card_that_cannot_be_made_is_explained_without_an_open_brace(
    campaign: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    heading = (campaign / "contacts.csv").read_text("utf-8-sig").splitlines()[0]
    (campaign / "contacts.csv").write_text(f"{heading}\n13800001174,甲,一二三四,乙,2026-02-20,new\n", "utf-8")
    assert run(["check", str(campaign), "--lang", "zh"]) == ExitCode.PROBLEMS
    lines = [line for line in capsys.readouterr().out.splitlines() if "无法生成来电名片" in line]
    assert lines
    assert "{" not in "".join(lines)


def test_columns_line_up_where_characters_are_wide() -> None:
    assert table([("号", "x"), ("ab", "y")], indent="") == "号  x\nab  y"


def test_nothing_in_a_contact_file_acts_on_the_terminal(campaign: Path, capsys: pytest.CaptureFixture[str]) -> None:
    escape = "\x1b]0;owned\x07\x1b[8m\x9b2J\u202e"
    contacts = campaign / "contacts.csv"
    first, *rows = contacts.read_text("utf-8").splitlines()
    contacts.write_text("\n".join([f"{first},note{escape}", *rows, f"{escape}1380,{escape}", "=cmd|x,y"]), "utf-8")
    run(["check", str(campaign), "--rows"])
    run(["check", str(campaign), "--json"])
    contacts.write_text(f"no{escape}number\n1\n", "utf-8")
    run(["check", str(campaign)])
    shown = capsys.readouterr()
    for text in (shown.out, shown.err):
        assert not [char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs") and char != "\n"]
    assert "\\x1b" in shown.err


def test_merged_rows_and_second_numbers_are_named(campaign: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contacts = campaign / "contacts.csv"
    first, one, *_ = contacts.read_text("utf-8").splitlines()
    number = next(cell for cell in one.split(",") if cell.replace("+", "").isdigit() and len(cell) > 9)
    contacts.write_text("\n".join([first, one, one, one.replace(number, f"{number}/13900001234")]), "utf-8")
    run(["check", str(campaign), "--json", "--lang", "en"])
    body = json.loads(capsys.readouterr().out)
    assert [(row["row"], row["into_row"]) for row in body["merged_rows"]] == [(3, 2), (4, 2)]
    run(["check", str(campaign), "--lang", "en"])
    assert "row 3 is the number of row 2 again" in capsys.readouterr().out


def test_wishes_about_hours_and_rows_above_the_heading_are_named(
    campaign: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    contacts = campaign / "contacts.csv"
    first, one, *_ = contacts.read_text("utf-8-sig").splitlines()
    contacts.write_text(f"回访名单\n{first},备注\n{one},午休勿扰\n", "utf-8")
    run(["check", str(campaign), "--json", "--lang", "en"])
    body = json.loads(capsys.readouterr().out)
    assert (body["rows_above"], body["accepted"], body["hours_wishes"]) == ([1], 1, [{"row": 3, "wish": "午休勿扰"}])
    run(["check", str(campaign), "--lang", "en"])
    said = capsys.readouterr().out
    assert "wishes certain hours: 午休勿扰" in said
    assert "baitie preference set" in said


def test_why_a_number_cannot_be_read_is_said_in_words(campaign: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, words in (("138****5678", "hidden the middle"), ("17012349999-1234", "extension")):
        assert run(["why", number, "--campaign", str(campaign)]) == ExitCode.BAD_INPUT
        assert words in capsys.readouterr().err
