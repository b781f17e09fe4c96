"""`baitie rehearse --faults` from the outside: figures, languages, exit codes, and a failing seed that is repeated."""

import json
import shutil
from pathlib import Path

import pytest

from baitie.cli.main import run
from baitie.locale.catalogue import LANGUAGES, catalogue
from baitie.rehearsal.faults.ledger import Ledger
from baitie.rehearsal.faults.plan import Mishap, Outage
from baitie.rehearsal.invariants import Invariant, Invariants

EXAMPLE = Path(__file__).parents[3] / "examples" / "order-followup"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faults") / "c"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("*.sqlite3*", "*.key", "*.jsonl", "report.*"))
    return folder


def test_days_that_keep_their_promises_are_counted_and_end_with_code_0(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["rehearse", str(folder), "--faults", "all", "--seeds", "2", "--leads", "20"]
    assert run([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["days"], found["failing_seeds"], found["violations"]) == (2, [], {})
    assert found["lives"] > 2
    assert found["attempts"] >= 20
    assert "agent_vanishes" not in found["faults"], "the bot speaks: there is nobody who could"
    assert run([*arguments, "--lang", "zh"]) == 0
    assert "每一天的各项保证都守住了" in capsys.readouterr().out


def test_day_that_breaks_a_promise_is_written_down_and_its_command_repeats_it(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = Invariants.placed

    def strict(self: Invariants, order: object) -> None:
        placed(self, order)  # type: ignore[arg-type]
        self.broken(Invariant.HOURS, "nobody may be called at all")

    monkeypatch.setattr(Invariants, "placed", strict)
    arguments = ["rehearse", str(folder), "--faults", "none", "--seed", "5", "--leads", "10"]
    assert run([*arguments, "--failing", str(tmp_path), "--lang", "en"]) == 1
    said = capsys.readouterr().out
    assert f"baitie rehearse {folder} --repeat {tmp_path / '5.json'}" in said
    assert "called outside the hours" in said
    written = json.loads((tmp_path / "5.json").read_text("utf-8"))
    assert run(["rehearse", str(folder), "--repeat", str(tmp_path / "5.json"), "--json"]) == 1
    again = json.loads(capsys.readouterr().out)
    assert again["broken"][0]["detail"] == written["violations"][0]["detail"]
    assert round(again["broken"][0]["at_s"], 3) == written["violations"][0]["at_s"]


@pytest.mark.parametrize(
    "wrong",
    [
        ["--faults", "no-such-plan.toml"],
        ["--faults", "all", "--what-if", "card=off"],
        ["--failing", "x"],
        ["--repeat", "no-such-seed.json"],
        ["--leads", "0"],
    ],
)
def test_what_cannot_be_done_is_said(folder: Path, wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rehearse", str(folder), *wrong]) == 2
    said = capsys.readouterr()
    assert len(said.out + said.err) > 40


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_fault_and_every_promise_has_its_words(lang: str) -> None:
    words = catalogue("faults", lang)
    assert all(words.text(f"fault.{kind.value}") for kind in (*Outage, *Mishap))
    assert all(words.text(f"invariant.{each.value}") for each in Invariant)
    assert Ledger().to_json()["days"] == 0
