"""What time it is: real on trunks; on the loopback carrier the journal's, going on from it and never back."""

import asyncio
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from baitie.app.records.journal import JournalTail
from baitie.app.registers.policy import number_read
from baitie.bootstrap.assemble import clock_of
from baitie.bootstrap.checking import check_campaign
from baitie.bootstrap.civil_time import STEP, GoingCivilClock, civil_now_of, loopback_of
from baitie.bootstrap.environment import real_now
from baitie.bootstrap.folders import read_folder
from baitie.bootstrap.registers import open_registers
from baitie.bootstrap.rehearsing import default_start
from baitie.bootstrap.stores import open_store
from baitie.bootstrap.why import explain_number
from baitie.domain.complaints import ComplaintSource
from baitie.files.campaign_folder import CampaignFolder
from baitie.files.campaign_settings import LoopbackSettings, civil_start_of
from baitie.files.examples import copy_example
from baitie.files.organisation_settings import zone_of

REAL = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
RUN_AT = datetime(2026, 3, 2, 3, 30, tzinfo=UTC)
SOMEBODY = "13000001000"


@dataclass
class Journal:
    """A store of which only the newest entry matters."""

    at: datetime | None = None

    def journal_tail(self) -> JournalTail | None:
        return None if self.at is None else JournalTail(1, "", self.at)


@pytest.fixture
def folder(tmp_path: Path) -> CampaignFolder:
    copy_example("order-followup", tmp_path / "c")
    return read_folder(tmp_path / "c", {})


def on(kind: str) -> Any:
    return SimpleNamespace(
        carrier=SimpleNamespace(kind=kind), enterprise=SimpleNamespace(zone="Asia/Shanghai", default_region="CN")
    )


def test_on_real_trunks_it_is_real_time_whatever_the_journal_says() -> None:
    assert civil_now_of(on("trunks"), Journal(RUN_AT), clock=lambda: REAL) == REAL


def test_on_the_loopback_carrier_time_goes_on_from_the_newest_entry() -> None:
    assert civil_now_of(on("loopback"), Journal(RUN_AT), clock=lambda: REAL) == RUN_AT + STEP


def test_before_the_first_entry_it_is_when_the_first_run_begins() -> None:
    begin = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    for store in (None, Journal()):
        assert civil_now_of(on("loopback"), store, LoopbackSettings(civil_start=begin), lambda: REAL) == begin
        assert civil_now_of(on("loopback"), store, clock=lambda: REAL).date() == REAL.date()


def test_a_folder_without_a_campaign_has_the_default_start(tmp_path: Path) -> None:
    assert loopback_of(tmp_path, {}) == LoopbackSettings()


def test_the_clock_of_a_page_takes_up_later_entries_and_never_goes_back() -> None:
    journal, passed_s = Journal(), [0.0]
    clock = GoingCivilClock(on("loopback"), journal, lambda: passed_s[0])
    journal.at = RUN_AT
    clock.look()
    assert clock() == RUN_AT + STEP
    passed_s[0] = 90.0
    clock.look()
    assert clock() == RUN_AT + STEP + timedelta(seconds=90)
    journal.at = RUN_AT + timedelta(hours=1)
    clock.look()
    assert clock() == journal.at + STEP
    journal.at = RUN_AT
    clock.look()
    assert clock() == RUN_AT + timedelta(hours=1) + STEP


def test_acts_at_desks_come_after_the_journal_and_questions_after_the_acts(folder: CampaignFolder) -> None:
    settings = folder.organisation.settings
    somebody = number_read(SOMEBODY, settings.enterprise.default_region)
    with open_registers(settings, "tester", RUN_AT) as opened:
        opened.refusals.enter(somebody)
    with open_registers(settings, "tester") as opened:
        assert opened.now == RUN_AT + STEP
        complaint = opened.complaints.open(somebody, ComplaintSource.ENTERPRISE)
        assert not complaint.is_overdue_on(opened.now.date())
    for now in (explain_number(folder, SOMEBODY, None).civil_now, check_campaign(folder, "en").civil_now):
        assert now == RUN_AT + 2 * STEP


def test_the_list_of_numbers_counts_the_days_up_to_the_journal_s(folder: CampaignFolder) -> None:
    settings = folder.organisation.settings
    shown = settings.enterprise.presented_numbers[0].e164()
    with open_registers(settings, "tester", RUN_AT) as opened:
        opened.complaints.open(
            number_read(SOMEBODY, settings.enterprise.default_region), ComplaintSource.ENTERPRISE, presented=shown
        )
    with open_registers(settings, "tester") as opened:
        assert opened.numbers.rows()[0]["complaints"] == 1


def test_a_run_begins_after_acts_at_desks(folder: CampaignFolder) -> None:
    settings = folder.organisation.settings
    acted_at = civil_start_of(folder.settings.settings.loopback, real_now(), zone_of(settings)) + timedelta(hours=3)
    with open_registers(settings, "tester", acted_at) as opened:
        opened.refusals.enter(number_read(SOMEBODY, settings.enterprise.default_region))

    async def begin() -> datetime:
        with closing(open_store(settings)) as store:
            return clock_of(folder, store).civil_now()

    assert asyncio.run(begin()) == acted_at + STEP


@pytest.mark.parametrize(("now", "day"), [("2026-11-23T20:00", 24), ("2026-11-23T02:00", 23), ("2026-11-23T15:59", 23)])
def test_ten_in_the_morning_is_ten_of_the_enterprise_and_today_is_its_today(now: str, day: int) -> None:
    real = datetime.fromisoformat(now).replace(tzinfo=UTC)
    begin = civil_now_of(on("loopback"), None, clock=lambda: real)
    assert begin == datetime(2026, 11, day, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_a_new_folder_begins_today_and_is_rehearsed_tomorrow(tmp_path: Path) -> None:
    copy_example("order-followup", tmp_path / "c", begins_today=True)
    found = read_folder(tmp_path / "c", {})
    assert found.settings.settings.loopback.civil_start is None
    start = default_start(found, datetime(2026, 11, 23, 20, tzinfo=UTC))  # the 24th in Shanghai
    assert start == datetime(2026, 11, 25, 8, tzinfo=ZoneInfo("Asia/Shanghai"))
