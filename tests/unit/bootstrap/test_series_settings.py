"""Series of a campaign folder: from its settings to what the gate is told, also by `check`."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from baitie.bootstrap.checking import check_campaign, everybody_of
from baitie.bootstrap.folders import read_folder
from baitie.bootstrap.stores import open_store
from baitie.bootstrap.why import explain_number
from baitie.domain.risk.standing import SeriesBasis, SeriesFact
from baitie.files.campaign_folder import read_contacts
from baitie.files.examples import copy_example
from baitie.files.problems import SettingsError
from baitie.kernel.ids import CalleeId, LeadId
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.purpose import NumberClass
from baitie.kernel.records import CalleeRecord, LeadRecord

NOW = datetime(2026, 3, 3, 2, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy_example("order-followup", tmp_path / "c")
    return tmp_path / "c"


def add(file: Path, text: str) -> None:
    with file.open("a", encoding="utf-8") as opened:
        opened.write(text)


def told(folder: Path) -> list[SeriesFact | None]:
    read = read_folder(folder, {})
    return [facts.series for _, facts in everybody_of(read, read_contacts(read), None, NOW)]


def test_check_tells_the_gate_the_series_that_a_column_names(folder: Path) -> None:
    add(folder / "campaign.toml", '\n[series]\nslot = "order_tail"\nbasis = "agreed"\n')
    found = told(folder)
    named = [series for series in found if series is not None]
    assert len(named) > len(found) // 2
    assert {series.basis for series in named} == {SeriesBasis.AGREED}


def test_check_refuses_a_slot_that_no_row_fills(folder: Path) -> None:
    add(folder / "campaign.toml", '\n[series]\nslot = "order_no"\n')
    assert "series-empty" in {problem.code for problem in check_campaign(read_folder(folder, {}), "en").forbidden}


def test_without_the_setting_no_call_is_part_of_a_series(folder: Path) -> None:
    assert set(told(folder)) == {None}


@pytest.mark.parametrize("purpose", ["acquisition", "collection", "survey", "risk_warning"])
def test_an_offer_or_a_debt_is_no_series(folder: Path, purpose: str) -> None:
    add(folder / "campaign.toml", '\n[series]\nslot = "订单尾号"\n')
    file = folder / "campaign.toml"
    file.write_text(file.read_text("utf-8").replace('purpose = "care"', f'purpose = "{purpose}"'), "utf-8")
    with pytest.raises(SettingsError) as caught:
        read_folder(folder, {})
    assert "series-purpose" in {problem.code for problem in caught.value.problems}


def test_rules_that_advise_block_where_the_enterprise_says_so(folder: Path) -> None:
    file = folder / "baitie.toml"
    before = read_folder(folder, {}).campaign.rules
    add(file, '\n[rules]\nblocking = ["ADVICE-LUNCH"]\n')
    rules = read_folder(folder, {}).campaign.rules
    (lunch,) = [rule for rule in rules.rules if rule.rule_id == "ADVICE-LUNCH"]
    assert lunch.force.value == "block"
    assert rules.digest != before.digest
    file.write_text(file.read_text("utf-8").replace("ADVICE-LUNCH", "ADVICE-LUNHC"), "utf-8")
    with pytest.raises(SettingsError) as caught:
        read_folder(folder, {})
    assert {problem.code for problem in caught.value.problems} == {"rule-unknown"}


def test_why_judges_with_the_series_of_the_lead_and_says_where_there_is_none(folder: Path) -> None:
    add(folder / "campaign.toml", '\n[series]\nslot = "order_tail"\nbasis = "ordered"\n')
    read = read_folder(folder, {})
    assert explain_number(read, "13800001000", NOW).lacks_lead
    campaign_id = read.campaign.campaign_id
    callee = CalleeRecord(CalleeId("ca_1"), PhoneNumber("+8613800001000"), NumberClass.MOBILE, "CN", ("Asia/Shanghai",))
    lead = LeadRecord(LeadId("le_1"), campaign_id, callee.callee_id, 2, "", {"order_tail": "0371"}, "", "")
    store = open_store(read.organisation.settings)
    store.import_leads(campaign_id, [callee], [lead], JournalEntry(JournalKind.CONTACTS_IMPORTED, NOW, campaign_id))
    store.close()
    answer = explain_number(read, "13800001000", NOW)
    assert answer.is_known
    assert not answer.lacks_lead
