"""`baitie filing`: from a draft to an approval by somebody else, sheets out and in, and campaigns that hold to it."""

import csv
import json
from pathlib import Path

import pytest
from openpyxl import Workbook
from tests.example_folders import use_card

from baitie.bootstrap.folders import read_folder
from baitie.cli.main import run
from baitie.cli.shared import ExitCode
from baitie.domain.filing import FilingReason, FilingRefusalCode, FilingState, SubjectKind
from baitie.locale.catalogue import LANGUAGES, catalogue

NUMBERS = ("+862150000100", "+862150000101")


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAITIE_LANG", "en")


@pytest.fixture
def campaign(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert run(["init", str(tmp_path / "c")]) == ExitCode.OK
    use_card(tmp_path / "c")
    capsys.readouterr()
    return tmp_path / "c"


def act(campaign: Path, *words: str, actor: str = "ann") -> int:
    return run(["filing", *words, "--campaign", str(campaign), "--actor", actor])


def filings(campaign: Path, capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    capsys.readouterr()
    assert run(["filing", "list", "--campaign", str(campaign), "--json"]) == ExitCode.OK
    found = json.loads(capsys.readouterr().out)["filings"]
    assert isinstance(found, list)
    return found


def file_all(campaign: Path) -> None:
    """Everything that the example campaign needs, as drafts."""
    assert act(campaign, "add", "--card", str(campaign / "card.toml")) == ExitCode.OK
    assert act(campaign, "add", "--brand", "云杉优选", "--tier", "trademark") == ExitCode.OK
    for number in NUMBERS:
        assert act(campaign, "add", "--number", number, "--purpose", "care") == ExitCode.OK


def test_a_campaign_starts_only_when_somebody_else_recorded_the_approvals(
    campaign: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BAITIE_FILING__IS_ON", "true")
    assert run(["check", str(campaign)]) == ExitCode.BAD_INPUT
    assert "not filed" in capsys.readouterr().err
    file_all(campaign)
    for filing in filings(campaign, capsys):
        filing_id = str(filing["filing_id"])
        assert act(campaign, "submit", filing_id) == ExitCode.OK
        assert act(campaign, "approve", filing_id, "--reference", "R-1") == ExitCode.PROBLEMS
        assert act(campaign, "approve", filing_id, "--reference", "R-1", actor="bo") == ExitCode.OK
    assert run(["check", str(campaign)]) == ExitCode.PROBLEMS  # rows of the example that are rejected on purpose
    (card,) = [filing for filing in filings(campaign, capsys) if filing["kind"] == "template"]
    assert (card["state"], card["maker"], card["checker"]) == ("approved", "ann", "bo")
    assert act(campaign, "revoke", str(card["filing_id"]), "--code", "wrong-text") == ExitCode.OK
    assert run(["check", str(campaign)]) == ExitCode.BAD_INPUT
    assert "revoked" in capsys.readouterr().err


def test_check_names_the_number_that_is_not_filed_while_another_is(
    campaign: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file_all(campaign)
    for filing in filings(campaign, capsys):
        if NUMBERS[1] in json.dumps(filing):
            continue
        act(campaign, "submit", str(filing["filing_id"]))
        act(campaign, "approve", str(filing["filing_id"]), "--reference", "R", actor="bo")
    capsys.readouterr()
    monkeypatch.setenv("BAITIE_FILING__IS_ON", "true")
    assert run(["check", str(campaign)]) == ExitCode.PROBLEMS
    (said,) = [line for line in capsys.readouterr().out.splitlines() if "cannot be presented" in line]
    assert NUMBERS[1] in said
    assert NUMBERS[0] not in said


def test_a_card_that_changed_after_its_approval_is_not_used(
    campaign: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file_all(campaign)
    for filing in filings(campaign, capsys):
        act(campaign, "submit", str(filing["filing_id"]))
        act(campaign, "approve", str(filing["filing_id"]), "--reference", "R", actor="bo")
    card = campaign / "card.toml"
    card.write_text(card.read_text("utf-8").replace("约半分钟", "约一分钟"), "utf-8")
    monkeypatch.setenv("BAITIE_FILING__IS_ON", "true")
    assert run(["check", str(campaign)]) == ExitCode.BAD_INPUT
    assert "byte for byte" in capsys.readouterr().err


def test_answers_come_back_in_a_spreadsheet_and_a_bad_row_does_not_hold_up_the_others(
    campaign: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file_all(campaign)
    for filing in filings(campaign, capsys):
        act(campaign, "submit", str(filing["filing_id"]))
    sheet = tmp_path / "sheet.csv"
    assert run(["filing", "export", str(sheet), "--campaign", str(campaign)]) == ExitCode.OK
    header, *rows = list(csv.reader(sheet.read_text("utf-8-sig").splitlines()))
    assert "【云杉优选】" in ",".join(rows[0])
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(header)
    for place, row in enumerate(rows):
        told = dict(zip(header, row, strict=True))
        told |= {"answer": "refuse", "refusal_code": "E7"} if place == 0 else {"answer": "approve"}
        told |= {"reference": f"B-{place}"} if place > 1 else {}
        page.append([told[name] for name in header])
    book.save(tmp_path / "answers.xlsx")
    assert act(campaign, "import", str(tmp_path / "answers.xlsx"), actor="bo") == ExitCode.PROBLEMS
    assert "row 3" in capsys.readouterr().out
    states = {str(filing["kind"]): str(filing["state"]) for filing in filings(campaign, capsys)}
    assert states == {"template": "refused", "brand": "submitted", "number": "approved"}


def test_an_offending_card_cannot_be_filed(campaign: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card = campaign / "card.toml"
    card.write_text(card.read_text("utf-8").replace("约半分钟", "请加维信"), "utf-8")
    assert act(campaign, "add", "--card", str(card)) == ExitCode.BAD_INPUT
    assert "in hiding" in capsys.readouterr().err


def test_of_a_cell_the_most_specific_approved_card_is_taken(
    campaign: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    use_card(campaign, 'values = { minutes = "2" }\nlibrary = { industry = "ecommerce", language = "zh-CN" }\n')
    monkeypatch.setenv("BAITIE_FILING__IS_ON", "true")
    assert run(["check", str(campaign)]) == ExitCode.BAD_INPUT
    assert "text-not-filed" in capsys.readouterr().err
    for card in ("care-any-zh", "care-ecommerce-zh"):
        assert act(campaign, "add", "--card", card) == ExitCode.OK
    assert act(campaign, "add", "--brand", "云杉优选", "--tier", "trademark") == ExitCode.OK
    for number in NUMBERS:
        assert act(campaign, "add", "--number", number, "--purpose", "care") == ExitCode.OK
    chosen = []
    for filing in filings(campaign, capsys):
        act(campaign, "submit", str(filing["filing_id"]))
        if filing["name"] != "care-ecommerce-zh":
            act(campaign, "approve", str(filing["filing_id"]), "--reference", "R", actor="bo")
    for _ in range(2):
        plan = read_folder(campaign, {"BAITIE_FILING__IS_ON": "true"}).campaign.card
        assert plan is not None
        chosen.append(plan.template.template_id)
        (specific,) = [each for each in filings(campaign, capsys) if each["name"] == "care-ecommerce-zh"]
        act(campaign, "approve", str(specific["filing_id"]), "--reference", "R", actor="bo")
    assert chosen == ["care-any-zh", "care-ecommerce-zh"]
    capsys.readouterr()
    assert run(["cards", "coverage", "--filed", str(campaign), "--json"]) == ExitCode.OK
    assert json.loads(capsys.readouterr().out)["exact"] == 2


def test_exactly_one_subject_is_filed_at_a_time(campaign: Path) -> None:
    assert act(campaign, "add") == ExitCode.BAD_INPUT
    assert act(campaign, "add", "--card", "care-any-zh", "--brand", "x") == ExitCode.BAD_INPUT


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_state_kind_refusal_and_reason_has_its_text(lang: str) -> None:
    wanted = {f"state.{state.value}" for state in FilingState} | {f"kind.{kind.value}" for kind in SubjectKind}
    wanted |= {f"refusal.{code.value}" for code in FilingRefusalCode}
    wanted |= {f"reason.{reason.value}.{part}" for reason in FilingReason for part in ("text", "remedy")}
    assert catalogue("filing", lang).keys() == wanted
