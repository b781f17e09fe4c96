"""A list that most people on would get no card from is refused before it is imported; `check` names the rows."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.example_folders import use_card

from baitie.cli.main import run

INSURANCE = 'library = { language = "zh-CN", industry = "insurance" }\nvalues = { minutes = "1" }\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "campaign"
    assert run(["init", str(target)]) == 0
    use_card(target, INSURANCE)  # its slot `product` has no value anywhere
    return target


@pytest.mark.parametrize(("lang", "words"), [("en", "would get no card"), ("zh", "无法生成来电名片")])
def test_check_refuses_a_campaign_that_most_people_get_no_card_from(
    folder: Path, lang: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", str(folder), "--lang", lang]) == 1
    said = capsys.readouterr().out
    assert words in said.split("campaign.toml card:")[1]
    assert "product" in said
    assert {"en": "Cannot start", "zh": "无法启动"}[lang] in said


def test_run_refuses_it_before_the_list_is_in_the_store(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = [sys.executable, "-m", "baitie.cli.main", "run", str(folder), "--lang", "en"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "would get no card" in done.stdout + done.stderr
    text = (folder / "campaign.toml").read_text("utf-8")
    (folder / "campaign.toml").write_text(text.replace('"1"', '"1", product = "家财险", policy_tail = "1234"'), "utf-8")
    capsys.readouterr()
    run(["check", str(folder), "--json"])
    assert json.loads(capsys.readouterr().out)["forbidden"] == []


def test_check_names_the_rows_that_get_no_card(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["check", str(folder), "--json"])
    (refusal,) = json.loads(capsys.readouterr().out)["card_refusals"]
    assert refusal["slot"] == "product"
    assert len(refusal["rows"]) == refusal["count"] > 20
    run(["check", str(folder), "--lang", "en"])
    few = next(line for line in capsys.readouterr().out.splitlines() if line.strip().startswith("rows "))
    run(["check", str(folder), "--lang", "en", "--rows"])
    every = next(line for line in capsys.readouterr().out.splitlines() if line.strip().startswith("rows "))
    assert few.endswith(" …")
    assert every.count(",") == refusal["count"] - 1
