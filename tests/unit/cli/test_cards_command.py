"""`baitie cards`: the library for people and scripts, case cards, and a campaign that takes its card from there."""

import json
from pathlib import Path

import pytest
from tests.example_folders import use_card

from baitie.bootstrap.folders import read_folder
from baitie.cli.main import run
from baitie.cli.shared import ExitCode
from baitie.domain.namecard import CalleeSegment, Industry, NoTemplateReason, RenderedCard, render
from baitie.files.card_files import lint_fully, read_case, read_library
from baitie.files.problems import SettingsError
from baitie.kernel.disclosure import Disclosure
from baitie.kernel.purpose import Purpose
from baitie.locale.catalogue import LANGUAGES, catalogue

CASES = sorted((Path(__file__).parents[3] / "examples" / "cards").glob("*.toml"))


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAITIE_LANG", "en")


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    body = json.loads(capsys.readouterr().out)
    assert isinstance(body, dict)
    return body


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_case_card_is_made_and_has_no_findings(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = read_case(file)
    assert isinstance(render(case.template, case.values), RenderedCard)
    assert lint_fully(case.template, case.template.sign) == ()
    assert run(["cards", "show", str(file), "--json"]) == ExitCode.OK
    assert str(told(capsys)["rendered"]).startswith(("【", "["))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_dimension_has_a_name(lang: str) -> None:
    kinds = {"purpose": Purpose, "industry": Industry, "segment": CalleeSegment, "disclosure": Disclosure}
    wanted = {f"{kind}.{each.value}" for kind, values in kinds.items() for each in values}
    reasons = {*NoTemplateReason, *(bar.reason for bar in read_library().stress.barred)}
    assert catalogue("cards", lang).keys() == wanted | {f"no-card.{reason}" for reason in reasons}


def test_the_list_is_narrowed_down_by_its_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cards", "list", "--purpose", "collection", "--json"]) == ExitCode.OK
    cards = told(capsys)["cards"]
    assert isinstance(cards, list)
    assert {card["purpose"] for card in cards} == {"collection"}
    assert all(card["disclosure"] == "identity" and not card["slots"] for card in cards)


def test_coverage_counts_every_cell_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cards", "coverage", "--all", "--json"]) == ExitCode.OK
    body = told(capsys)
    cells = body["cells"]
    assert isinstance(cells, list)
    assert body["exact"] + body["by_fallback"] + body["none"] == len(cells)  # type: ignore[operator]


def test_cells_without_an_approved_card_are_counted_apart_from_those_that_must_have_none(
    campaign: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["cards", "coverage", "--filed", str(campaign), "--json"]) == ExitCode.OK
    body = told(capsys)
    assert (body["exact"], body["by_fallback"]) == (0, 0)
    assert run(["cards", "coverage", "--filed", str(campaign)]) == ExitCode.OK
    *rows, covered, unfiled = capsys.readouterr().out.splitlines()
    assert len(rows) == body["barred"] == 57
    assert covered.endswith("57 must have none")
    assert unfiled.startswith(f"{len(body['cells']) - 57} more have no card yet")  # type: ignore[arg-type]
    assert not [row for row in rows if "no-marketing" in row]


def test_an_offending_template_ends_with_problems_and_names_code_place_and_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "card.toml"
    file.write_text(
        'template_id = "x"\nversion = 1\npurpose = "care"\nsign = "云杉优选"\ntext = "回访，请加维信"\n', "utf-8"
    )
    assert run(["cards", "lint", str(file), "--sign", "云杉优选", "--json"]) == ExitCode.PROBLEMS
    (found,) = told(capsys)["files"][0]["findings"]  # type: ignore[index]
    assert (found["code"], found["severity"], found["place"]) == ("word-hidden", "error", "text")
    assert found["remedy"]


def test_an_unknown_card_is_answered_with_the_nearest_id(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cards", "show", "care-insurance"]) == ExitCode.BAD_INPUT
    assert "care-insurance-zh" in capsys.readouterr().err


def test_a_campaign_takes_the_most_specific_card_of_its_cell(campaign: Path) -> None:
    use_card(campaign, 'values = { minutes = "2" }\nlibrary = { industry = "ecommerce", language = "zh-CN" }\n')
    plan = read_folder(campaign, {}).campaign
    assert plan.card is not None
    assert plan.card.template.template_id == "care-ecommerce-zh"
    assert plan.card.template.sign == "云杉优选"
    card = render(plan.card.template, plan.card_values({"order_tail": "1542"}, "郑兰"), plan.card.words)
    assert isinstance(card, RenderedCard)
    assert card.text.startswith("【云杉优选】即将致电回访：尾号1542的订单是否顺利，约2分钟。不方便可不接。查验码")


def test_a_campaign_for_a_cell_that_must_have_no_card_cannot_be_read(campaign: Path) -> None:
    use_card(campaign, 'library = { segment = "complaining", language = "zh-CN" }\n')
    settings = (campaign / "campaign.toml").read_text("utf-8").replace('purpose = "care"', 'purpose = "acquisition"')
    (campaign / "campaign.toml").write_text(settings, "utf-8")
    with pytest.raises(SettingsError, match="no-marketing-to-complaining"):
        read_folder(campaign, {})


FAULTY = """template_id = "售后回访"
version = 0
purpose = "care"
sign = "云杉优选"
text = "回访，请加维信，尾号{tail}"

[slots.tail]
type = "phone_tail"
"""


@pytest.mark.parametrize("values", ["", '\n[values]\ntail = "1234"\n'])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_all_that_is_wrong_with_a_card_file_is_told_at_once_with_line_and_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: str, values: str
) -> None:
    file = tmp_path / "card.toml"
    file.write_text(FAULTY + values, "utf-8")
    assert run(["cards", "lint", str(file), "--sign", "云杉优选", "--lang", lang]) == ExitCode.BAD_INPUT
    told_of = capsys.readouterr().err
    texts = catalogue("namecard", lang)
    for place, fault in (("1 template_id", "out-of-range"), ("2 version", "out-of-range")):
        (line,) = (line for line in told_of.splitlines() if f"card.toml:{place}" in line)
        assert texts.text(f"fault.{fault}.remedy") in line
    assert "order-followup" in told_of
    (line,) = (line for line in told_of.splitlines() if "card.toml text" in line)
    assert texts.text("finding.word-hidden.text").partition("{")[0] in line


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_campaign_is_told_of_every_fault_of_its_card_beside_those_of_its_settings(
    campaign: Path, capsys: pytest.CaptureFixture[str], lang: str
) -> None:
    use_card(campaign, 'file = "card.toml"\n')
    (campaign / "card.toml").write_text(FAULTY.replace("tail}", "end}"), "utf-8")
    settings = campaign / "campaign.toml"
    settings.write_text(settings.read_text("utf-8").replace("attempts_max = 2", "attempts_max = 0", 1), "utf-8")
    assert run(["check", str(campaign), "--lang", lang]) == ExitCode.BAD_INPUT
    told_of = capsys.readouterr().err
    for place in ("card.toml:1 template_id", "card.toml:2 version", "card.toml:5 text", "dialing.attempts_max"):
        assert place in told_of
