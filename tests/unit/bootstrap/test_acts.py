"""Acts on the store from outside a run: import, opt-out, stop, explanations, run log."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from baitie.app.records.commands import CommandKind
from baitie.app.registers.policy import NumberUnreadableError, number_read
from baitie.bootstrap.checking import check_campaign
from baitie.bootstrap.commanding import stop_everything
from baitie.bootstrap.folders import read_folder
from baitie.bootstrap.importing import AllRejectedError, import_once
from baitie.bootstrap.registers import open_registers
from baitie.bootstrap.run_log import RUN_LOG, RunLog
from baitie.bootstrap.stores import NoStoreError, open_store
from baitie.bootstrap.why import explain_number
from baitie.domain.risk.verdict import Decision
from baitie.files.campaign_folder import CampaignFolder
from baitie.files.examples import copy_example
from baitie.kernel.journal import JournalKind

MORNING = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
SOMEBODY = "13000001000"


@pytest.fixture
def folder(tmp_path: Path) -> CampaignFolder:
    copy_example("order-followup", tmp_path / "c")
    return read_folder(tmp_path / "c", {})


def test_contacts_are_imported_once_with_their_rejected_rows_beside_them(folder: CampaignFolder) -> None:
    store = open_store(folder.organisation.settings)
    try:
        imported = import_once(folder, store, random.Random(1), MORNING, "zh")
        again = import_once(folder, store, random.Random(1), MORNING, "zh")
        state = store.campaign_state(folder.campaign.campaign_id)
        kinds = [entry.kind for _, entry in store.journal(folder.campaign.campaign_id)]
    finally:
        store.close()
    assert imported is not None
    assert again is None
    assert state is not None
    assert len(state.leads) == imported.leads == imported.rows - imported.rejected - imported.merged
    assert kinds == [JournalKind.CONTACTS_IMPORTED]
    rejected = (folder.folder / "rejected.csv").read_text("utf-8-sig").splitlines()
    assert len(rejected) == imported.rejected + 1
    assert rejected[0].startswith("行号,字段,原因,处理办法,手机号")


def test_a_list_without_one_usable_row_is_an_error_and_is_read_again_when_it_was_mended(
    folder: CampaignFolder,
) -> None:
    list_file = folder.folder / "contacts.csv"
    good = list_file.read_text("utf-8-sig")
    list_file.write_text("\n".join([good.splitlines()[0], "110x,甲,1234,乙,2026-02-20,new"]), "utf-8")
    store = open_store(folder.organisation.settings)
    try:
        with pytest.raises(AllRejectedError):
            import_once(folder, store, random.Random(1), MORNING, "zh")
        rejected = folder.folder / "rejected.csv"
        assert len(rejected.read_text("utf-8-sig").splitlines()) == 2
        assert rejected.stat().st_mode & 0o077 == 0
        assert store.campaign_state(folder.campaign.campaign_id) is None
        list_file.write_text(good, "utf-8")
        assert import_once(folder, store, random.Random(1), MORNING, "zh") is not None
    finally:
        store.close()


def test_an_opt_out_of_somebody_unknown_is_kept_and_refuses_the_call(folder: CampaignFolder) -> None:
    settings = folder.organisation.settings
    before = explain_number(folder, SOMEBODY, MORNING)
    assert before.explanation.verdict.decision is Decision.ALLOW
    reading = number_read(SOMEBODY, settings.enterprise.default_region)
    with open_registers(settings, "tester", MORNING) as opened:
        assert opened.refusals.enter(reading)
        assert not opened.refusals.enter(reading)
    after = explain_number(folder, "+86 130 0000 1000", MORNING)
    assert after.explanation.verdict.decision is Decision.DENY
    assert after.explanation.rows[0].finding.rule_id == "CORE-REFUSAL"


def test_an_opt_out_before_the_import_holds_for_the_imported_lead(folder: CampaignFolder) -> None:
    settings = folder.organisation.settings
    with open_registers(settings, "tester", MORNING) as opened:
        opened.refusals.enter(number_read(SOMEBODY, settings.enterprise.default_region))
    result = check_campaign(folder, "en")
    assert [rule.count for rule in result.rules if rule.rule_id == "CORE-REFUSAL"] == [1]


def test_a_check_writes_nothing(folder: CampaignFolder) -> None:
    before = sorted(folder.folder.rglob("*"))
    result = check_campaign(folder, "zh")
    assert sorted(folder.folder.rglob("*")) == before
    assert result.allowed + sum(rule.count for rule in result.rules) == len(result.contacts.result.accepted)
    assert not any(SOMEBODY[3:7] in example for rule in result.rules for example in rule.examples)


def test_outside_the_hours_the_answer_names_the_time_from_which_a_call_is_allowed(folder: CampaignFolder) -> None:
    answer = explain_number(folder, SOMEBODY, MORNING + timedelta(hours=13))  # 23:00 in China
    assert answer.explanation.verdict.decision is Decision.DELAY
    assert answer.explanation.until is not None
    assert answer.explanation.until.isoformat() == "2026-03-04T09:00:00+08:00"


def test_a_text_that_is_no_number_is_refused(folder: CampaignFolder) -> None:
    with pytest.raises(NumberUnreadableError):
        explain_number(folder, "call me", MORNING)


def test_a_stop_is_left_in_the_store_with_who_gave_it(folder: CampaignFolder) -> None:
    settings = folder.organisation.settings
    with pytest.raises(NoStoreError):
        stop_everything(settings, "tester", MORNING, hang_up=False)
    store = open_store(settings)
    try:
        store.acquire_ownership("the dialler")
        assert stop_everything(settings, "tester", MORNING, hang_up=True)
        (command,) = store.take_commands()
    finally:
        store.close()
    assert (command.kind, command.actor) == (CommandKind.STOP_NOW, "tester")


def test_a_stop_says_so_where_no_dialler_runs_and_leaves_no_command(folder: CampaignFolder) -> None:
    settings = folder.organisation.settings
    open_store(settings).close()
    assert not stop_everything(settings, "tester", MORNING, hang_up=False)
    store = open_store(settings)
    try:
        assert list(store.take_commands()) == []
    finally:
        store.close()


def test_a_run_that_was_cut_off_stays_without_an_end(tmp_path: Path) -> None:
    log = RunLog(tmp_path)
    log.note_begin(MORNING, MORNING)
    log.note_begin(MORNING + timedelta(hours=1), MORNING)
    log.note_end(MORNING + timedelta(hours=2), MORNING, "finished")
    with (tmp_path / RUN_LOG).open("a") as out:
        out.write('{"begin": tr')
    first, second = log.runs()
    assert (first.end, first.real_until) == ("unknown", None)
    assert (second.end, second.real_until) == ("finished", MORNING + timedelta(hours=2))
