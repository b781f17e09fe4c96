"""`baitie numbers`: how each number stands, and that a flagged one is out of use until a named person says why not."""

import json
from pathlib import Path
from typing import Any

import pytest

from baitie.bootstrap.folders import read_folder
from baitie.cli.main import run
from baitie.cli.shared import ExitCode


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    monkeypatch.setenv("BAITIE_LANG", "zh")
    assert run(["init", str(tmp_path / "c")]) == ExitCode.OK
    capsys.readouterr()
    return tmp_path / "c"


@pytest.fixture
def told(folder: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def tell(*arguments: str) -> tuple[int, Any]:
        code = run([*arguments, "--campaign", str(folder), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return tell


def numbers_of(folder: Path) -> list[str]:
    return [shown.number.e164() for shown in read_folder(folder, {}).campaign.presented_numbers]


def test_a_flagged_number_is_out_of_use_until_it_is_unflagged_with_a_reason(told: Any, folder: Path) -> None:
    number = numbers_of(folder)[0]
    assert told("numbers", "show", number)[1]["state"] == ["in-use"]
    assert told("numbers", "flag", number, "--reason", "marked", "--actor", "li") == (
        0,
        {"number": number, "was_flagged": False},
    )
    assert told("numbers", "flag", number, "--reason", "marked")[1]["was_flagged"]
    assert told("numbers", "list")[1]["numbers"][0]["state"] == ["flagged"]
    assert told("complaint", "lift", number, "--reason", "x")[1]["objection"] == "not-suspended"
    assert told("numbers", "unflag", number, "--reason", " ")[1]["objection"] == "reason-missing"
    assert told("numbers", "unflag", number, "--reason", "appeal accepted", "--actor", "wang")[0] == 0
    assert told("numbers", "show", number)[1]["state"] == ["in-use"]


def test_a_complaint_s_suspension_is_not_ended_by_unflagging(told: Any, folder: Path) -> None:
    number = numbers_of(folder)[0]
    told("complaint", "add", "13800001000", "--source", "12321", "--presented", number)
    told("numbers", "flag", number, "--reason", "marked")
    shown = told("numbers", "show", number)[1]
    assert (shown["state"], shown["complaints"]) == (["flagged", "suspended"], 1)
    assert told("numbers", "unflag", number, "--reason", "mended")[0] == 0
    assert told("numbers", "show", number)[1]["state"] == ["suspended"]


def test_terms_and_facts_of_a_number_come_from_its_section(told: Any, folder: Path) -> None:
    number = numbers_of(folder)[0]
    with (folder / "baitie.toml").open("a", encoding="utf-8") as file:
        file.write(
            f"\n[numbers.{number[1:]}]\nattempts_max_per_day = 300\nwarm_up_attempts_per_day = 50\n"
            'rest_after_attempts = 40\nregion = "CN"\ncertification = "实名认证至 2027-01"\ndisplay = "无标记"\n'
        )
    terms = read_folder(folder, {}).campaign.presented_numbers[0].terms
    assert (terms.attempts_max_per_day, terms.warm_up_attempts_per_day, terms.rest_after_attempts) == (300, 50, 40)
    shown = told("numbers", "show", number)[1]
    assert (shown["attempts_max_today"], shown["certification"]) == (50, "实名认证至 2027-01")


def test_a_section_of_a_number_that_is_not_ours_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (folder / "baitie.toml").open("a", encoding="utf-8") as file:
        file.write("\n[numbers.8613800001000]\nattempts_max_per_day = 3\n")
    assert run(["check", str(folder)]) == ExitCode.BAD_INPUT
    assert run(["numbers", "show", "+8613800001000", "--campaign", str(folder)]) == ExitCode.BAD_INPUT


def test_the_list_is_told_in_words(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["numbers", "list", "--campaign", str(folder)]) == ExitCode.OK
    assert "可用" in capsys.readouterr().out
