"""Lists of the desks for people: codes in words, times to the minute and on one clock, numbers masked."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from baitie.cli.main import run
from baitie.cli.register_words import worded
from baitie.cli.shared import ExitCode
from baitie.locale.catalogue import catalogue

NUMBER = "13800001000"
Tell = Callable[..., str]


@pytest.fixture
def told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Tell:
    """Runs a command in Chinese in a campaign folder; gives what it tells people."""
    assert run(["init", str(tmp_path / "c")]) == ExitCode.OK
    capsys.readouterr()

    def tell(*arguments: str) -> str:
        run([*arguments, "--campaign", str(tmp_path / "c"), "--lang", "zh"])
        return capsys.readouterr().out

    return tell


def test_a_ticket_is_told_in_words_with_a_masked_number(told: Tell) -> None:
    told("complaint", "add", NUMBER, "--source", "in_call", "--presented", "+862150000100")
    ticket = json.loads(told("complaint", "list", "--json"))["complaint"][0]["complaint"]
    listed, shown = told("complaint", "list"), told("complaint", "show", ticket)
    assert "通话中" in listed
    assert "待处理" in listed
    assert "号码：138****1000" in shown
    assert "来源：通话中" in shown
    assert "逾期：否" in shown
    for said in (listed, shown, told("complaint", "suspended")):
        assert not re.search(r"open|in_call|False|\bca_|\.\d{6}", said)
        assert re.search(r"\d\d:\d\d\+08:00", said)


def test_the_registers_of_a_callee_are_told_in_words(told: Tell) -> None:
    told("optout", NUMBER)
    told("consent", "add", NUMBER, "--purpose", "acquisition", "--wording", "v1", "--spoken")
    told("preference", "set", NUMBER, "--purpose", "care", "--channel", "voice", "--channel", "message")
    told("freeze", "block", NUMBER, "--reason", "法务要求")
    for asked, words in (
        (("optout", "list"), ("操作员",)),
        (("consent", "list"), ("营销推广", "语音")),
        (("preference", "list"), ("客户关怀", "短信、语音")),
        (("preference", "show", NUMBER), ("客户关怀", "短信、语音")),
        (("freeze", "list"), ("黑名单", "法务要求")),
        (("consent", "show", NUMBER), ("口头 是", "种类 黑名单")),
    ):
        said = told(*asked)
        assert [word for word in words if word not in said] == [], said
        assert not re.search(r"operator|acquisition|voice|\bcare\b|block|\.\d{6}", said), said


def test_a_suspect_and_the_freeze_after_review_are_told_in_words(told: Tell) -> None:
    told("review", "add", NUMBER, "--class", "wrong-person", "--quote", "打错了", "--actor", "chen")
    suspect = json.loads(told("review", "list", "--json"))["review"][0]["suspect"]
    asked = [("review", "show", suspect), ("review", "list"), ("review", "confirm", suspect, "--actor", "li")]
    for said in [*(told(*each) for each in asked), told("freeze", "list"), told("why", NUMBER)]:
        assert not re.search(r"wrong-person|by-hand|\bopen\b|UTC", said), said
    assert "并非本人" in told("freeze", "list")


def test_a_freeze_ends_on_the_same_clock_where_it_is_set_and_where_it_is_listed(told: Tell) -> None:
    set_ = re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d\+08:00", told("freeze", "add", NUMBER, "--days", "3"))
    assert set_ is not None
    assert set_[0] in told("freeze", "list")


def test_a_block_is_said_to_hold_until_it_is_lifted(told: Tell) -> None:
    told("freeze", "block", NUMBER, "--reason", "law")
    said = told("why", NUMBER)
    assert "冻结至人工解除为止" in said
    assert "9999" not in said


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_no_code_stays_as_it_is(lang: str) -> None:
    texts = catalogue("desk", lang)
    assert worded(texts, "actor", "li") == "li"
    assert worded(texts, "reason", "asked for it, twice") == "asked for it, twice"
    assert worded(texts, "at", "2026-03-03 10:00:01.123456+08:00") == "2026-03-03 10:00+08:00"


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("problem", ["complaint-red-line", "carrier-lost"])
def test_a_run_that_paused_itself_says_how_to_go_on(lang: str, problem: str) -> None:
    said = catalogue("cli", lang).text(f"run-problem.{problem}", campaign="orders")
    assert problem in said
    assert "baitie run orders" in said


def test_a_finding_of_a_card_ends_its_clauses_in_the_signs_of_its_language() -> None:
    values = {"place": "text", "code": "sign-length", "text": "签名过长", "remedy": "缩短签名"}
    assert catalogue("namecard", "zh").text("said", **values) == "text  sign-length：签名过长；缩短签名"
