"""What a campaign's files tell the gate beside the callee: the role of the list, and the class of the numbers shown."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from baitie.app.gate.number_facts import facts_about
from baitie.bootstrap.folders import read_folder
from baitie.domain.risk.standing import CalleeRole, LineClass
from baitie.files.examples import copy_example
from baitie.files.zones import zones
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.purpose import NumberClass

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
SOMEBODY = PhoneNumber("+8613800001000")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy_example("order-followup", tmp_path / "c")
    return tmp_path / "c"


def replace_in(file: Path, old: str, fresh: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, fresh), "utf-8")


def test_the_numbers_of_the_example_are_ordinary_ones(folder: Path) -> None:
    assert read_folder(folder, {}).campaign.line_classes == frozenset({LineClass.OTHER})


def test_one_call_centre_line_among_the_numbers_is_told(folder: Path) -> None:
    replace_in(folder / "baitie.toml", '"+862150000101"', '"+8695117"')
    campaign = read_folder(folder, {}).campaign
    assert campaign.line_classes == frozenset({LineClass.OTHER, LineClass.CALL_CENTRE})


def test_the_role_of_a_list_is_what_its_campaign_says(folder: Path) -> None:
    replace_in(folder / "campaign.toml", "[contacts]", '[contacts]\ncallee_role = "debtor"')
    campaign = read_folder(folder, {}).campaign
    facts = facts_about(campaign, zones, SOMEBODY, NumberClass.MOBILE, "CN", ("Asia/Shanghai",), NOON)
    assert (facts.callee_role, facts.campaign_id) == (CalleeRole.DEBTOR, "order-followup")


def test_a_role_that_nobody_named_is_unknown(folder: Path) -> None:
    assert read_folder(folder, {}).campaign.callee_role is None
