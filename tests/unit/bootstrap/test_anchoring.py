"""The anchor beside the key: attacks on the store are noticed at the next start, and what they took holds again."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from baitie.adapters.signing import AnchorFileError, Ed25519Signer
from baitie.adapters.store import SqlStore
from baitie.app.proof import start_check
from baitie.app.proof.anchors import AnchorForgedError, Anchors, JournalCutError, StartCheck
from baitie.app.records.batch import Batch
from baitie.app.registers.registers import Registers
from baitie.bootstrap import evidence, signing_files, stores
from baitie.bootstrap.registers import open_registers, registers_in
from baitie.domain.complaints import ComplaintSource
from baitie.domain.consent.register import BarKind, Preference, ReachChannel
from baitie.domain.contacts import NumberReading
from baitie.domain.risk.history import RefusalChannel
from baitie.files.organisation_settings import OrganisationSettings, StoreSettings
from baitie.kernel.ids import CalleeId
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.purpose import Purpose
from baitie.kernel.time import Window

T = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
NUMBERS = [f"+861380000100{n}" for n in range(8)]
REFUSED, LIFTED, BLOCKED, FROZEN, WISHING, WITHDRAWN, COMPLAINING, FREE = NUMBERS


@pytest.fixture
def organisation(tmp_path: Path) -> OrganisationSettings:
    enterprise: Any = {"name": "云杉优选商城", "sign": "云杉优选", "presented_numbers": ["+862150000100"]}
    store = StoreSettings(path=tmp_path / "store" / "s.sqlite", key_file=tmp_path / "keys" / "s.key")
    (tmp_path / "store").mkdir()
    (tmp_path / "keys").mkdir()
    return OrganisationSettings(enterprise=enterprise, store=store)


def file_of(settings: OrganisationSettings) -> Path:
    return settings.store.path


def acting(settings: OrganisationSettings, minute: float, act: Callable[[Registers], object]) -> None:
    with open_registers(settings, "zhang", T + timedelta(minutes=minute)) as opened:
        act(opened)


def number(opened: Registers, written: str) -> NumberReading:
    return opened.reading(written)


def started(settings: OrganisationSettings, minute: float = 600) -> StartCheck:
    """As a run begins."""
    with closing(stores.open_existing_store(settings)) as store:
        return keeper(settings, store).begin(T + timedelta(minutes=minute))


def keeper(settings: OrganisationSettings, store: SqlStore) -> Anchors:
    anchors = evidence.open_checkpoint_signer(settings, store, T).anchors
    assert anchors is not None
    return anchors


@pytest.fixture
def filled(organisation: OrganisationSettings) -> OrganisationSettings:
    """A store with something in every register; an anchor was begun before the last of it."""
    acting(organisation, 0, lambda d: d.refusals.enter(number(d, REFUSED)))
    acting(organisation, 1, lambda d: d.refusals.enter(number(d, LIFTED)))
    assert not started(organisation, 2).is_alarm
    acting(
        organisation,
        3,
        lambda d: d.consents.grant(number(d, LIFTED), Purpose.CARE, ReachChannel.VOICE, "ok", evidence="e"),
    )
    acting(organisation, 4, lambda d: d.freezes.lift(number(d, LIFTED), BarKind.REFUSAL, "agreed"))
    acting(organisation, 5, lambda d: d.freezes.block(number(d, BLOCKED), "court"))
    acting(organisation, 6, lambda d: d.freezes.freeze(number(d, FROZEN), 30))
    early, late = Window(time(9), time(11)), Window(time(10), time(12))
    for minute, window in ((7, early), (8, late)):
        wish = Preference(CalleeId(""), T, "", (window,), frozenset({Purpose.CARE}), None, "zh-CN")
        acting(organisation, minute, lambda d, wish=wish: d.preferences.enter(number(d, WISHING), wish))  # type: ignore[misc]
    acting(
        organisation,
        9,
        lambda d: d.consents.grant(number(d, WITHDRAWN), Purpose.CARE, ReachChannel.VOICE, "ok", evidence="e"),
    )
    acting(organisation, 10, lambda d: d.consents.withdraw(number(d, WITHDRAWN), None, None))
    acting(
        organisation,
        11,
        lambda d: d.complaints.open(number(d, COMPLAINING), ComplaintSource.CARRIER, received_at=T - timedelta(days=2)),
    )
    acting(organisation, 12, lambda d: d.callee(number(d, FREE)))
    return organisation


def sql(settings: OrganisationSettings, *statements: str) -> None:
    with closing(sqlite3.connect(file_of(settings))) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def standing(settings: OrganisationSettings, written: str) -> Any:
    with closing(stores.open_existing_store(settings)) as store:
        opened = registers_in(store, settings, "x", T)
        callee_id = opened.known(opened.reading(written).number)
        assert callee_id is not None
        return store.standing(callee_id)


def test_a_store_that_nobody_touched_gives_no_alarm_and_is_not_compared_in_full(
    filled: OrganisationSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> Iterator[object]:
        raise AssertionError("the whole journal was read")

    monkeypatch.setattr(SqlStore, "register_history", never)
    for _ in range(2):
        assert not started(filled).is_alarm


def callee(written: str) -> str:
    return f"(SELECT callee_id FROM callees WHERE number = '{written}')"


ATTACKS: dict[str, tuple[str, str, str, str]] = {
    "refusals deleted": ("DELETE FROM refusals", "refusal", "missing", REFUSED),
    "one refusal deleted": (f"DELETE FROM refusals WHERE callee_id = {callee(REFUSED)}", "refusal", "missing", REFUSED),
    "a refusal moved to somebody else": (
        f"UPDATE refusals SET callee_id = {callee(FREE)} WHERE callee_id = {callee(REFUSED)}",
        "refusal",
        "missing",
        REFUSED,
    ),
    "a lift written into the row": (
        "UPDATE refusals SET lifted_at = '2026-03-03T09:00:00+00:00', lifted_by = 'zhang', lift_reason = 'x'",
        "refusal",
        "lifted",
        REFUSED,
    ),
    "somebody else's lift copied": (
        "UPDATE refusals SET lifted_at = (SELECT lifted_at FROM refusals WHERE lifted_at IS NOT NULL)",
        "refusal",
        "lifted",
        REFUSED,
    ),
    "blocks deleted": ("DELETE FROM blocks", "block", "missing", BLOCKED),
    "freezes ended early": ("UPDATE freezes SET frozen_until = at", "freeze", "missing", FROZEN),
    "wishes deleted": ("DELETE FROM preferences", "preference", "missing", WISHING),
    "wishes widened": (
        "UPDATE preferences SET record = replace(record, '10:00:00', '06:00:00')",
        "preference",
        "altered",
        WISHING,
    ),
    "wishes made nonsense": ("UPDATE preferences SET record = '{'", "preference", "altered", WISHING),
    "a withdrawal taken back": (
        "UPDATE consents SET record = json_set(record, '$.withdrawn_at', NULL)",
        "consent",
        "lifted",
        WITHDRAWN,
    ),
    "complaints deleted": ("DELETE FROM complaints", "complaint", "missing", COMPLAINING),
    "a complaint made old": (
        "UPDATE complaints SET record = replace(record, '2026-03-01', '2025-03-01')",
        "complaint",
        "altered",
        COMPLAINING,
    ),
    "a complaint closed by nobody": (
        "UPDATE complaints SET record = json_set(record, '$.closed_at', '2026-03-03T09:00:00+00:00')",
        "complaint",
        "altered",
        COMPLAINING,
    ),
}


@pytest.mark.parametrize("name", list(ATTACKS))
def test_what_an_attack_took_out_of_a_register_is_named_and_holds_again(
    filled: OrganisationSettings, name: str
) -> None:
    statement, register, what, whose = ATTACKS[name]
    before = standing(filled, whose)
    sql(filled, statement)
    found = started(filled)
    with closing(stores.open_existing_store(filled)) as store:
        named = {(alarm.register, alarm.what, alarm.number) for alarm in start_check.alarms_of(found, store)}
        restored = [entry for _, entry in store.journal() if entry.kind is JournalKind.BAR_RESTORED]
    assert (register, what, PhoneNumber(whose).masked()) in named
    assert any(entry.facts["register"] == register for entry in restored)
    after = standing(filled, whose)
    for part in ("refusals", "blocks", "freezes"):
        held = [(bar.callee_id, bar.at, getattr(bar, "frozen_until", None)) for bar in getattr(after, part)]
        wanted = [(bar.callee_id, bar.at, getattr(bar, "frozen_until", None)) for bar in getattr(before, part)]
        assert all(bar in held for bar in wanted)
    if before.preference is not None:
        assert after.preference == before.preference
    assert [c.withdrawn_at for c in after.consents] == [c.withdrawn_at for c in before.consents]
    assert [(c.received_at, c.closed_at) for c in after.complaints] == [
        (c.received_at, c.closed_at) for c in before.complaints
    ]
    assert not started(filled, 700).is_alarm, "told once"


def test_what_bars_without_a_word_in_the_journal_is_told_and_stays(filled: OrganisationSettings) -> None:
    sql(
        filled,
        "INSERT INTO refusals (callee_id, at, channel, actor)"
        f" VALUES ({callee(FREE)}, '2026-03-03T05:00:00+00:00', 'operator', 'x')",
    )
    found = started(filled)
    assert [(one.register, one.what, one.is_mended) for one in found.differences] == [("refusal", "unknown", False)]
    assert standing(filled, FREE).refusals
    assert not started(filled).is_alarm


def test_lifts_forgotten_people_imports_and_ends_of_freezes_are_no_difference(filled: OrganisationSettings) -> None:
    acting(filled, 20, lambda d: d.requests.forget(number(d, FREE)))
    acting(filled, 21, lambda d: d.requests.forget(number(d, REFUSED)))
    acting(filled, 22, lambda d: d.freezes.lift(number(d, FROZEN), BarKind.FREEZE, "by mistake"))
    acting(filled, 23, lambda d: d.complaints.close(d.store.complaints()[0].complaint_id, "answered"))
    with closing(stores.open_existing_store(filled)) as store:
        entry = JournalEntry(JournalKind.CONTACTS_IMPORTED, T + timedelta(minutes=30), "autumn", facts={"leads": 0})
        people = store.barred_callees()
        store.import_leads("autumn", people, [], entry)  # type: ignore[arg-type]
    assert not started(filled, 60 * 24 * 400).is_alarm


def test_a_process_that_dies_between_store_and_anchor_raises_no_alarm(filled: OrganisationSettings) -> None:
    with closing(stores.open_existing_store(filled)) as store:
        dying = registers_in(store, filled, "zhang", T + timedelta(minutes=30))
        dying.refusals.enter(dying.reading(FREE))  # and no anchor
    assert not started(filled).is_alarm
    assert standing(filled, FREE).refusals


def older_copy(settings: OrganisationSettings, target: Path) -> None:
    with closing(stores.open_existing_store(settings)) as store:
        store.backup(target)


def put_back(settings: OrganisationSettings, copy: Path) -> None:
    for path in file_of(settings).parent.glob(f"{file_of(settings).name}*"):
        path.unlink()
    shutil.copy(copy, file_of(settings))


def test_a_store_from_a_back_up_dials_nobody_until_what_was_said_since_is_entered_again(
    filled: OrganisationSettings, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.sqlite"
    older_copy(filled, copy)
    acting(filled, 40, lambda d: d.refusals.enter(number(d, FREE), RefusalChannel.PAGE))
    acting(filled, 41, lambda d: d.refusals.enter(number(d, "+8613800001009")))  # nobody the copy knows
    acting(filled, 42, lambda d: d.freezes.block(number(d, WISHING), "court"))
    acting(filled, 43, lambda d: d.freezes.lift(number(d, BLOCKED), BarKind.BLOCK, "over"))
    put_back(filled, copy)
    acting(filled, 44, lambda d: d.freezes.freeze(number(d, REFUSED), 3))  # a desk meanwhile covers nothing up
    acting(filled, 45, lambda d: d.freezes.freeze(number(d, REFUSED), 3))
    with pytest.raises(JournalCutError) as caught:
        started(filled)
    assert caught.value.code == "journal-cut"
    done = evidence.restore(filled, T + timedelta(minutes=50), "zhang", "disk failure")
    assert (len(done.entered), len(done.strangers)) == (2, 1), "a refusal and a block; and a stranger's"
    assert standing(filled, BLOCKED).blocks, "what was lifted since stands again: somebody may lift it once more"
    assert standing(filled, FREE).refusals[0].channel is RefusalChannel.PAGE
    assert standing(filled, WISHING).blocks
    assert not started(filled).is_alarm
    with closing(stores.open_existing_store(filled)) as store:
        restored = [entry for _, entry in store.journal() if entry.kind is JournalKind.STORE_RESTORED]
    assert [(entry.facts["reason"], entry.facts["actor"]) for entry in restored] == [("disk failure", "zhang")]
    assert evidence.verify_store(filled).is_whole


def test_a_lift_since_the_back_up_takes_back_what_was_set_since_and_nothing_older(
    filled: OrganisationSettings, tmp_path: Path
) -> None:
    older_copy(filled, tmp_path / "copy")
    acting(filled, 40, lambda d: d.freezes.block(number(d, FREE), "court"))
    acting(filled, 41, lambda d: d.freezes.lift(number(d, FREE), BarKind.BLOCK, "over"))
    put_back(filled, tmp_path / "copy")
    done = evidence.restore(filled, T + timedelta(minutes=50), "zhang", "x")
    assert done.entered == ()
    assert not standing(filled, FREE).blocks
    assert standing(filled, BLOCKED).blocks


@pytest.mark.parametrize("keep", [0, 3])
def test_a_journal_that_was_cut_off_or_emptied_is_told_by_the_anchor(filled: OrganisationSettings, keep: int) -> None:
    sql(filled, f"DELETE FROM journal WHERE seq > {keep}", "DELETE FROM checkpoints")
    with pytest.raises(JournalCutError):
        started(filled)


def test_a_journal_rewritten_to_the_same_length_is_told_by_the_anchor(filled: OrganisationSettings) -> None:
    acting(filled, 30, lambda d: d.freezes.freeze(number(d, FREE), 3))
    sql(filled, "UPDATE journal SET hash = '" + "a" * 64 + "' WHERE seq = (SELECT max(seq) FROM journal)")
    with pytest.raises(JournalCutError):
        started(filled)


def test_without_its_anchor_a_store_is_compared_whole_and_says_so(filled: OrganisationSettings) -> None:
    sql(filled, f"DELETE FROM refusals WHERE callee_id = {callee(REFUSED)}")
    signing_files.anchor_file_of(filled).path.unlink()
    found = started(filled)
    assert found.is_anchor_missing
    assert [(one.register, one.what) for one in found.differences] == [("refusal", "missing")]
    assert standing(filled, REFUSED).refusals
    assert not started(filled).is_alarm


def test_an_anchor_of_another_key_or_of_nonsense_is_refused(filled: OrganisationSettings) -> None:
    file = signing_files.anchor_file_of(filled)
    anchor = file.read()
    assert anchor is not None
    stranger = Ed25519Signer(b"s" * 32)
    file.write(replace(anchor, signature=stranger.sign(anchor.signed_bytes()).hex()))
    with pytest.raises(AnchorForgedError):
        started(filled)
    file.write(replace(anchor, seq=anchor.seq - 1))
    with pytest.raises(AnchorForgedError):
        started(filled)
    for text in ("", "{", "[]", json.dumps({**anchor.to_json(), "registers": "x"}), "[" * 70_000):
        file.path.write_text(text)
        with pytest.raises(AnchorFileError):
            started(filled)


def test_a_fresh_key_takes_the_anchor_over(filled: OrganisationSettings) -> None:
    before = signing_files.anchor_file_of(filled).read()
    evidence.rotate_key(filled, T + timedelta(minutes=30), is_lost=False)
    after = signing_files.anchor_file_of(filled).read()
    assert before is not None
    assert after is not None
    assert before.key_id != after.key_id
    assert not started(filled).is_alarm


def test_large_registers_are_compared_by_counts_first_and_row_by_row_beside_the_run(
    filled: OrganisationSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("baitie.app.proof.anchors.ROWS_AT_START_MAX", 1)
    found = started(filled)
    assert found.rest is not None
    assert not found.is_alarm
    sql(filled, f"DELETE FROM refusals WHERE callee_id = {callee(REFUSED)}")
    assert [one.what for one in started(filled).differences] == ["missing"]
    sql(filled, f"UPDATE refusals SET callee_id = {callee(FREE)} WHERE callee_id = {callee(REFUSED)}")
    with closing(stores.open_existing_store(filled)) as store:
        begun = keeper(filled, store).begin(T + timedelta(days=1))
        assert begun.rest is not None
        rest = begun.rest(T + timedelta(days=1))
    assert {one.what for one in rest.differences} == {"missing", "unknown"}
    assert standing(filled, REFUSED).refusals


def test_files_beside_the_key_are_for_their_owner_alone(filled: OrganisationSettings) -> None:
    file = signing_files.anchor_file_of(filled)
    for path in (file.path, file.bars):
        assert path.stat().st_mode & 0o777 == 0o600
    text = file.bars.read_text("utf-8")
    assert all(written not in text for written in NUMBERS)


def test_a_line_that_a_crash_cut_off_is_passed_over(filled: OrganisationSettings, tmp_path: Path) -> None:
    older_copy(filled, tmp_path / "copy")
    acting(filled, 40, lambda d: d.refusals.enter(number(d, FREE)))
    bars = signing_files.anchor_file_of(filled).bars
    text = bars.read_text("utf-8").splitlines()
    bars.write_text("\n".join([*text, text[-1], '{"seq": 1, "entry": 3}', text[-1][:20]]), "utf-8")
    put_back(filled, tmp_path / "copy")
    assert len(evidence.restore(filled, T + timedelta(minutes=50), "zhang", "x").entered) == 1


def test_a_clock_that_was_set_back_dials_nobody(filled: OrganisationSettings) -> None:
    class Clock:
        def __init__(self, at: datetime) -> None:
            self.at = at

        def civil_now(self) -> datetime:
            return self.at

    with closing(stores.open_existing_store(filled)) as store:
        newest = store.journal_tail()
        assert newest is not None
        anchors = keeper(filled, store)
        early: Any = Clock(newest.at - timedelta(minutes=6))
        with pytest.raises(start_check.ClockSetBackError):
            start_check.hold_against_anchor(anchors, store, early, is_real=True)
        for clock in (Clock(newest.at - timedelta(minutes=4)), Clock(newest.at + timedelta(days=9))):
            start_check.hold_against_anchor(anchors, store, clock, is_real=True)  # type: ignore[arg-type]
        start_check.hold_against_anchor(anchors, store, early, is_real=False)


def test_the_store_of_format_1_is_taken_over_without_an_alarm_and_watched_from_then_on(
    organisation: OrganisationSettings,
) -> None:
    data = Path(__file__).parents[2] / "data" / "journal_1"
    with closing(sqlite3.connect(file_of(organisation))) as connection:
        connection.executescript((data / "store.sql").read_text("utf-8"))
    key_file = organisation.store.key_file
    key_file.write_text((data / "number_key.txt").read_text())
    signing_files.key_file_of(organisation).path.write_text((data / "signing_key.txt").read_text())
    at = datetime(2026, 12, 1, tzinfo=UTC)
    with closing(stores.open_existing_store(organisation)) as store:
        before = [canonical.canonical for canonical in store.journal_rows()]
        assert keeper(organisation, store).begin(at) == StartCheck()
        store.record_refusal_or_freeze(Batch(journal=[JournalEntry(JournalKind.COMMAND_RECEIVED, at)]))
        assert [row.canonical for row in store.journal_rows()][: len(before)] == before
    with open_registers(organisation, "zhang", at) as opened:
        assert opened.refusals.enter(opened.reading("+8613800000000"))
        opened.preferences.enter(opened.reading("+8613800000005"), Preference(CalleeId(""), at, ""))
    evidence.make_checkpoint(organisation, at)
    verdict = evidence.verify_store(organisation)
    assert (verdict.is_whole, dict(verdict.remarks.formats)) == (True, {1: len(before), 2: 3})
    with closing(stores.open_existing_store(organisation)) as store:
        assert not keeper(organisation, store).begin(at).is_alarm
    sql(organisation, "DELETE FROM refusals", "DELETE FROM preferences")
    with closing(stores.open_existing_store(organisation)) as store:
        found = keeper(organisation, store).begin(at)
    assert {(one.register, one.what) for one in found.differences if one.is_mended} == {
        ("refusal", "missing"),
        ("preference", "missing"),
    }
