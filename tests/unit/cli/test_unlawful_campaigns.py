"""A campaign that its rules forbid is not started; `check` and `run` say which rule, why, and what helps."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.example_folders import use_card

from baitie.cli.main import run

SALES = "业务介绍：语音机器人即将致电，尾号{order_tail}的会员专享，约半分钟，不便可不接。"
ACCOUNT = "账户服务：语音机器人即将致电，就您尾号{order_tail}的账户事宜，约半分钟。"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The example with a short list of people in China."""
    target = tmp_path / "campaign"
    assert run(["init", str(target)]) == 0
    use_card(target)
    contacts = target / "contacts.csv"
    heading, *rows = contacts.read_text("utf-8-sig").splitlines()
    people = [row for row in rows if re.match(r"1[3-9]\d{9},", row)][:5]
    assert len(people) == 5
    contacts.write_text("\n".join([heading, *people]) + "\n", "utf-8")
    return target


def change(file: Path, pattern: str, replacement: str) -> None:
    text, count = re.subn(pattern, replacement, file.read_text("utf-8"), flags=re.MULTILINE)
    assert count
    file.write_text(text, "utf-8")


def set_purpose(folder: Path, purpose: str, text: str) -> None:
    change(folder / "campaign.toml", '^purpose = "care"', f'purpose = "{purpose}"')
    change(folder / "card.toml", '^purpose = "care"', f'purpose = "{purpose}"')
    change(folder / "card.toml", "^text = .*", f'text = "{text}"')


def forbid_hours(folder: Path) -> None:
    change(folder / "campaign.toml", r'^windows = \["09:00-20:00"\]', 'windows = ["22:30-23:30"]')


def sell_without_consents(folder: Path) -> None:
    set_purpose(folder, "acquisition", SALES)


def sell_over_a_call_centre_line(folder: Path) -> None:
    set_purpose(folder, "acquisition", SALES)
    change(folder / "baitie.toml", "^presented_numbers = .*", 'presented_numbers = ["+8695012345"]')


def collect_from_nobody_knows_whom(folder: Path) -> None:
    set_purpose(folder, "collection", ACCOUNT)


def call_about_tips_on_shares(folder: Path) -> None:
    change(folder / "campaign.toml", '^purpose = "care"', 'purpose = "care"\ntrade = "stock-tips"')


def call_about_loans_without_a_licence(folder: Path) -> None:
    change(folder / "campaign.toml", '^purpose = "care"', 'purpose = "care"\ntrade = "loans"')


CASES = {
    "hours": (forbid_hours, "GATE-NO-CALLABLE-TIME"),
    "consent": (sell_without_consents, "CN-AD-CONSENT"),
    "line": (sell_over_a_call_centre_line, "CN-CC-2020-MARKETING"),
    "trade": (call_about_tips_on_shares, "CN-HOUSE-TRADES"),
    "licence": (call_about_loans_without_a_licence, "CN-HOUSE-TRADE-LICENCE"),
    "role": (collect_from_nobody_knows_whom, "CN-COLLECT-WHO"),
}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("case", CASES)
def test_check_says_which_rule_forbids_the_campaign(
    folder: Path, case: str, lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    break_it, rule = CASES[case]
    break_it(folder)
    assert run(["check", str(folder), "--lang", lang]) != 0
    output = capsys.readouterr().out
    words = {"zh": "不允许本任务呼叫名单上的任何人", "en": "forbids this campaign to call anybody"}
    assert rule in output
    assert words[lang] in output


def test_the_example_itself_may_be_started(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(folder), "--lang", "zh"]) == 0
    assert "检查通过，可以启动" in capsys.readouterr().out


@pytest.mark.parametrize("case", ["hours", "line"])
def test_run_refuses_such_a_campaign_before_anything_is_sent(folder: Path, case: str) -> None:
    break_it, rule = CASES[case]
    break_it(folder)
    command = [sys.executable, "-m", "baitie.cli.main", "run", str(folder), "--lang", "en"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 2, said
    assert rule in said
    assert "forbids this campaign" in said


def test_a_collection_card_that_tells_of_the_debt_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    set_purpose(folder, "collection", "账户服务：您的贷款已逾期，尾号{order_tail}，请尽快还款。")
    assert run(["check", str(folder), "--lang", "en"]) == 2
    said = capsys.readouterr()
    assert "card.toml" in said.out + said.err


def add_somebody_abroad(folder: Path) -> None:
    contacts = folder / "contacts.csv"
    last = contacts.read_text("utf-8").splitlines()[-1]
    contacts.write_text(contacts.read_text("utf-8") + last.replace(last.split(",")[0], "+12015550143") + "\n", "utf-8")


def test_one_person_abroad_does_not_make_a_forbidden_campaign_ready(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_about_tips_on_shares(folder)
    add_somebody_abroad(folder)
    assert run(["check", str(folder), "--lang", "en"]) == 1
    output = capsys.readouterr().out
    assert "Rule CN-HOUSE-TRADES forbids this campaign" in output
    assert "Cannot start" in output


def test_check_names_each_rule_that_forbids_the_campaign_and_not_the_strictest_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_purpose(folder, "acquisition", SALES)
    change(folder / "campaign.toml", '^purpose = "acquisition"', 'purpose = "acquisition"\ntrade = "stock-tips"')
    add_somebody_abroad(folder)
    run(["check", str(folder), "--json"])
    said = [problem["text"] for problem in json.loads(capsys.readouterr().out)["forbidden"]]
    for rule in ("CN-AD-CONSENT", "CN-HOUSE-TRADES"):
        assert any(f"Rule {rule} forbids" in text for text in said)


def test_check_says_that_no_rule_names_a_trade(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(folder / "campaign.toml", '^purpose = "care"', 'purpose = "care"\ntrade = "securities"')
    run(["check", str(folder), "--lang", "en"])
    output = capsys.readouterr().out
    assert 'the rules in use do not know "securities"' in output
    assert "securities-service" in output


def test_a_list_of_nobody_who_may_be_called_is_not_ready(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contacts = folder / "contacts.csv"
    numbers = [line.split(",")[0] for line in contacts.read_text("utf-8").splitlines()[1:]]
    for number in numbers:
        assert run(["optout", "add", number, "--campaign", str(folder)]) == 0
    capsys.readouterr()
    assert run(["check", str(folder), "--lang", "en"]) == 1
    assert "Cannot start: nobody on this list may be called" in capsys.readouterr().out
