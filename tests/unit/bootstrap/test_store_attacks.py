"""Attacks on a store by somebody who may write it and has no key: rows of other types, an altered journal, triggers."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.unit.bootstrap.test_anchoring import (
    BLOCKED,
    COMPLAINING,
    FREE,
    FROZEN,
    LIFTED,
    REFUSED,
    WISHING,
    WITHDRAWN,
    T,
    acting,
    callee,
    file_of,
    filled,
    number,
    older_copy,
    put_back,
    sql,
    standing,
    started,
)
from tests.unit.bootstrap.test_anchoring import organisation as organisation

from baitie.adapters.store import SqlStore
from baitie.adapters.store.errors import DamagedProofError
from baitie.app.proof import start_check
from baitie.app.proof.anchors import JournalCutError, RegistryAlteredError
from baitie.app.registers.registers import Registers
from baitie.app.registers.registries import RegistryUnknownError
from baitie.bootstrap import evidence, stores
from baitie.bootstrap.registers import registers_in
from baitie.bootstrap.signing_files import anchor_file_of
from baitie.domain.complaints import ComplaintSource
from baitie.files.organisation_settings import OrganisationSettings
from baitie.kernel.journal import GENESIS_HASH, link_hash

assert filled  # a fixture

LOOSENING = {
    "a refusal's callee as octets": ("UPDATE refusals SET callee_id = CAST(callee_id AS BLOB)", REFUSED),
    "a refusal's time as octets": ("UPDATE refusals SET at = CAST(at AS BLOB)", REFUSED),
    "a block's callee as octets": ("UPDATE blocks SET callee_id = CAST(callee_id AS BLOB)", BLOCKED),
    "a freeze's callee as octets": ("UPDATE freezes SET callee_id = CAST(callee_id AS BLOB)", FROZEN),
    "a freeze's end as octets": ("UPDATE freezes SET frozen_until = CAST(frozen_until AS BLOB)", FROZEN),
    "a wish's callee as octets": ("UPDATE preferences SET callee_id = CAST(callee_id AS BLOB)", WISHING),
    "a lift without a time": ("UPDATE refusals SET lifted_at = ''", REFUSED),
    "a withdrawal that is yet to come": (
        "UPDATE consents SET record = json_set(record, '$.withdrawn_at', '2099-01-01T00:00:00+00:00')",
        WITHDRAWN,
    ),
    "a withdrawal deleted": ("DELETE FROM consents", WITHDRAWN),
    "a withdrawal made nonsense": ("UPDATE consents SET record = '[]'", WITHDRAWN),
    "a complaint of another callee": (f"UPDATE complaints SET callee_id = {callee(FREE)}", COMPLAINING),
    "a complaint's callee as octets": ("UPDATE complaints SET callee_id = CAST(callee_id AS BLOB)", COMPLAINING),
    "a complaint made nonsense": ("UPDATE complaints SET record = 'x'", COMPLAINING),
    "a complaint of another source": (
        "UPDATE complaints SET record = json_set(record, '$.source', 'enterprise')",
        COMPLAINING,
    ),
    "a complaint of another campaign": ("UPDATE complaints SET campaign_id = 'other'", COMPLAINING),
    "a complaint's column made old": (
        "UPDATE complaints SET received_at = '2025-03-01T02:00:00+00:00'",
        COMPLAINING,
    ),
    "refusals and freezes swapped": (
        "INSERT INTO freezes (callee_id, at, frozen_until, reason, rule_id, actor)"
        " SELECT callee_id, at, at, 'x', 'x', 'x' FROM refusals; DELETE FROM refusals",
        REFUSED,
    ),
}


@pytest.mark.parametrize("name", list(LOOSENING))
def test_what_loosens_a_register_is_told_at_the_start_and_holds_again(filled: OrganisationSettings, name: str) -> None:
    statement, whose = LOOSENING[name]
    before = standing(filled, whose)
    sql(filled, *statement.split("; "))
    assert started(filled).is_alarm
    after = standing(filled, whose)
    for part in ("refusals", "blocks", "freezes"):
        held = {(bar.at, getattr(bar, "frozen_until", None)) for bar in getattr(after, part)}
        assert held >= {(bar.at, getattr(bar, "frozen_until", None)) for bar in getattr(before, part)}
    assert after.preference == before.preference
    assert [one.withdrawn_at for one in after.consents] == [one.withdrawn_at for one in before.consents]
    told = [(one.received_at, one.closed_at, one.source) for one in before.complaints]
    assert [(one.received_at, one.closed_at, one.source) for one in after.complaints] == told
    assert not started(filled, 700).is_alarm


LIFTED_WITH_CONSENT = {
    "forged": (
        "INSERT INTO consents SELECT 'cs_forged', {free}, replace(record, consent_id, 'cs_forged') FROM consents"
        " WHERE callee_id = {lifted} LIMIT 1"
    ),
    "moved to somebody else": "UPDATE consents SET callee_id = {free} WHERE callee_id = {lifted}",
    "for another purpose": "UPDATE consents SET record = json_set(record, '$.purpose', 'acquisition')",
    "for another channel": "UPDATE consents SET record = json_set(record, '$.channel', 'message')",
    "without its end": "UPDATE consents SET record = json_set(record, '$.expires_at', NULL)",
    "older than it is": "UPDATE consents SET record = json_set(record, '$.granted_at', '2020-01-01T00:00:00+00:00')",
    "with a proof that nobody gave": "UPDATE consents SET record = json_set(record, '$.evidence', 'form 7')",
    "spoken": "UPDATE consents SET record = json_set(record, '$.is_spoken', json('true'))",
}


@pytest.mark.parametrize("name", list(LIFTED_WITH_CONSENT))
def test_a_consent_that_nobody_gave_so_holds_for_nothing(filled: OrganisationSettings, name: str) -> None:
    from baitie.domain.consent.register import ReachChannel
    from baitie.kernel.purpose import Purpose

    end = T + timedelta(days=30)
    acting(
        filled,
        20,
        lambda d: d.consents.grant(number(d, LIFTED), Purpose.CARE, ReachChannel.VOICE, "v1", expires_at=end),
    )
    assert not started(filled).is_alarm
    before = {one.consent_id: one for one in standing(filled, LIFTED).consents}
    sql(filled, LIFTED_WITH_CONSENT[name].format(free=callee(FREE), lifted=callee(LIFTED)))
    assert started(filled).is_alarm
    at = T + timedelta(minutes=650)
    assert not [one for one in standing(filled, FREE).consents if one.is_valid_at(at)]
    for one in standing(filled, LIFTED).consents:
        was = before[one.consent_id]
        assert (one.purpose, one.channel, one.granted_at, one.expires_at, one.has_evidence, one.is_spoken) == (
            (was.purpose, was.channel, was.granted_at, was.expires_at, was.has_evidence, was.is_spoken)
        )
    assert not started(filled, 700).is_alarm


def entries_about(settings: OrganisationSettings, word: str) -> list[int]:
    with closing(sqlite3.connect(file_of(settings))) as connection:
        found = connection.execute("SELECT seq FROM journal WHERE canonical LIKE ? ORDER BY seq", (f"%{word}%",))
        return [int(row[0]) for row in found]


def rechain(settings: OrganisationSettings, first: int = 1) -> None:
    """Make the hashes follow from the texts again, as anybody can."""
    with closing(sqlite3.connect(file_of(settings))) as connection:
        last = GENESIS_HASH
        rows = connection.execute("SELECT seq, canonical, hash FROM journal ORDER BY seq").fetchall()
        for seq, canonical, own in rows:
            if seq >= first:
                own = link_hash(last, canonical.encode())
                connection.execute("UPDATE journal SET prev_hash = ?, hash = ? WHERE seq = ?", (last, own, seq))
            last = own
        connection.commit()


REFUSAL_GONE = f"DELETE FROM refusals WHERE callee_id = {callee(REFUSED)}"


def altering(settings: OrganisationSettings, statement: str) -> None:
    first = entries_about(settings, "CalleeRefused")[0]
    sql(settings, statement.format(seq=first), REFUSAL_GONE)


JOURNALS = {
    "another kind": (
        "UPDATE journal SET canonical = replace(canonical, 'CalleeRefused', 'CommandReceived') WHERE seq = {seq}"
    ),
    "escaped kind": "UPDATE journal SET canonical = replace(canonical, 'CalleeR', 'Callee\\u0052') WHERE seq = {seq}",
    "another callee": "UPDATE journal SET canonical = replace(canonical, ':\"ca_', ':\"cb_') WHERE seq = {seq}",
    "no JSON": "UPDATE journal SET canonical = '{{' WHERE seq = {seq}",
    "octets": "UPDATE journal SET canonical = CAST(canonical AS BLOB) WHERE seq = {seq}",
    "taken out": "DELETE FROM journal WHERE seq = {seq}",
    "numbered anew": "UPDATE journal SET seq = -seq WHERE seq = {seq}",
}


@pytest.mark.parametrize("name", list(JOURNALS))
def test_an_entry_altered_before_the_anchor_with_its_row_dials_nobody(filled: OrganisationSettings, name: str) -> None:
    altering(filled, JOURNALS[name])
    with pytest.raises(JournalCutError):
        started(filled)


@pytest.mark.parametrize("is_before", [True, False])
def test_an_appended_restore_excuses_nothing_that_was_altered(filled: OrganisationSettings, is_before: bool) -> None:
    if is_before:
        altering(filled, JOURNALS["another kind"])
    else:
        with closing(stores.open_existing_store(filled)) as store:
            late = registers_in(store, filled, "zhang", T + timedelta(minutes=30))
            late.refusals.enter(late.reading(FREE))  # and its process dies before the anchor
        sql(filled, JOURNALS["another kind"].format(seq=entries_about(filled, "CalleeRefused")[-1]))
    with closing(sqlite3.connect(file_of(filled))) as connection:
        seq, last = connection.execute("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
        first = connection.execute("SELECT canonical FROM journal ORDER BY seq LIMIT 1").fetchone()[0]
        body = {**json.loads(first), "kind": "StoreRestored", "facts": {"reason": "x"}}
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        row = seq + 1, None, text, last, link_hash(last, text.encode())
        connection.execute("INSERT INTO journal (seq, campaign_id, canonical, prev_hash, hash) VALUES (?,?,?,?,?)", row)
        connection.commit()
    with pytest.raises(JournalCutError):
        started(filled)


@pytest.mark.parametrize("text", ["{", '{"kind":"CalleeRefused"}', "[]"])
def test_a_last_entry_that_cannot_be_read_is_told_as_damaged(filled: OrganisationSettings, text: str) -> None:
    with closing(sqlite3.connect(file_of(filled))) as connection:
        connection.execute("UPDATE journal SET canonical = ? WHERE seq = (SELECT max(seq) FROM journal)", (text,))
        connection.commit()
    with closing(stores.open_existing_store(filled)) as store, pytest.raises(DamagedProofError, match="entry="):
        store.journal_tail()


@pytest.mark.parametrize("has_anchor", [True, False])
def test_a_journal_chained_anew_without_an_entry_is_told(filled: OrganisationSettings, has_anchor: bool) -> None:
    evidence.make_checkpoint(filled, T + timedelta(minutes=20))
    altering(filled, JOURNALS["another kind"])
    rechain(filled)
    if not has_anchor:
        anchor_file_of(filled).path.unlink()
    with pytest.raises(JournalCutError):
        started(filled)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO journal SELECT seq + 1, campaign_id, canonical, prev_hash, hash FROM journal WHERE seq = {tail}",
        "INSERT INTO journal SELECT seq + 9, campaign_id, canonical, prev_hash, hash FROM journal WHERE seq = {tail}",
        "UPDATE journal SET canonical = replace(canonical, 'CalleeRefused', 'CommandReceived') WHERE seq = {tail}",
        "UPDATE journal SET seq = seq + 5 WHERE seq = {tail}",
    ],
)
def test_entries_since_the_anchor_must_follow_from_it(filled: OrganisationSettings, statement: str) -> None:
    with closing(stores.open_existing_store(filled)) as store:
        late = registers_in(store, filled, "zhang", T + timedelta(minutes=30))
        late.refusals.enter(late.reading(FREE))  # and its process dies before the anchor
    assert not started(filled).is_alarm
    tail = entries_about(filled, "CalleeRefused")[-1]
    sql(filled, statement.format(tail=tail))
    with pytest.raises(JournalCutError):
        started(filled)


def test_after_a_restore_an_altered_journal_is_accepted_and_rows_are_held_against_it(
    filled: OrganisationSettings,
) -> None:
    acting(filled, 30, lambda d: d.refusals.enter(number(d, FREE)))
    late = entries_about(filled, "CalleeRefused")[-1]
    sql(
        filled,
        f"UPDATE journal SET canonical = replace(canonical, 'CalleeRefused', 'CommandReceived') WHERE seq = {late}",
        "DELETE FROM refusals",
    )
    with pytest.raises(JournalCutError):
        started(filled)
    evidence.restore(filled, T + timedelta(minutes=50), "zhang", "attack")
    assert standing(filled, FREE).refusals, "from beside the key"
    assert standing(filled, REFUSED).refusals, "from the journal"
    assert not started(filled).is_alarm
    sql(filled, "DELETE FROM refusals")
    assert started(filled).is_alarm
    assert standing(filled, FREE).refusals
    assert standing(filled, REFUSED).refusals


def test_what_was_said_before_the_anchor_began_is_kept_beside_the_key_too(filled: OrganisationSettings) -> None:
    altering(filled, JOURNALS["another kind"])
    with pytest.raises(JournalCutError):
        started(filled)
    evidence.restore(filled, T + timedelta(minutes=50), "zhang", "attack")
    assert standing(filled, REFUSED).refusals


def test_a_store_replaced_twice_loses_neither_what_was_said_before_nor_after(
    filled: OrganisationSettings, tmp_path: Path
) -> None:
    older_copy(filled, tmp_path / "copy")
    acting(filled, 40, lambda d: d.refusals.enter(number(d, FREE)))
    put_back(filled, tmp_path / "copy")
    evidence.restore(filled, T + timedelta(minutes=41), "zhang", "x")
    acting(filled, 42, lambda d: d.refusals.enter(number(d, FROZEN)))
    acting(filled, 43, lambda d: d.refusals.enter(number(d, WISHING)))
    acting(filled, 44, lambda d: d.freezes.block(number(d, WITHDRAWN), "court"))
    put_back(filled, tmp_path / "copy")
    evidence.restore(filled, T + timedelta(minutes=50), "zhang", "x")
    for whose in (FREE, FROZEN, WISHING):
        assert standing(filled, whose).refusals, whose
    assert standing(filled, WITHDRAWN).blocks


HIDDEN: dict[str, Callable[[], tuple[str, ...]]] = {
    "a trigger": lambda: ("CREATE TRIGGER t AFTER INSERT ON journal BEGIN DELETE FROM refusals; END",),
    "a view in place of a table": lambda: (
        "ALTER TABLE refusals RENAME TO r2",
        "CREATE VIEW refusals AS SELECT * FROM r2 WHERE 0",
    ),
    "rows that come out lifted": lambda: (
        "ALTER TABLE refusals DROP COLUMN lifted_at",
        "ALTER TABLE refusals ADD COLUMN lifted_at TEXT DEFAULT '2026-03-03T09:00:00+00:00'",
    ),
    "rows that are passed over": lambda: (
        "DROP TABLE blocks",
        "CREATE TABLE blocks (block_id INTEGER PRIMARY KEY, callee_id TEXT UNIQUE ON CONFLICT IGNORE, at TEXT,"
        " reason TEXT, actor TEXT, lifted_at TEXT, lifted_by TEXT, lift_reason TEXT)",
    ),
}


@pytest.mark.parametrize("name", list(HIDDEN))
def test_a_store_with_a_hidden_part_is_not_opened(filled: OrganisationSettings, name: str) -> None:
    from baitie.adapters.store.errors import SchemaAlteredError

    sql(filled, *HIDDEN[name]())
    with pytest.raises(SchemaAlteredError):
        started(filled)


def test_a_row_whose_details_cannot_be_read_bars_all_the_same(filled: OrganisationSettings) -> None:
    sql(
        filled,
        "UPDATE refusals SET channel = 'nonsense', evidence = '{'",
        "UPDATE freezes SET reason = '', rule_id = ''",
    )
    assert standing(filled, REFUSED).refusals
    assert standing(filled, FROZEN).freezes


@pytest.mark.parametrize("record", ["{", "[7]", "7", "{}", '{"set_at": 3}', '"x"', "[" * 9000])
@pytest.mark.parametrize("whose", ["preferences", "complaints", "histories", "consents"])
def test_what_cannot_be_read_while_a_run_goes_on_lets_nobody_be_called(
    filled: OrganisationSettings, whose: str, record: str
) -> None:
    with closing(sqlite3.connect(file_of(filled))) as connection:
        own = "history" if whose == "histories" else "record"
        who = {"preferences": WISHING, "complaints": COMPLAINING, "consents": LIFTED}.get(whose, FREE)
        if whose == "histories":
            connection.execute(f"INSERT OR REPLACE INTO histories (callee_id, history) VALUES ({callee(FREE)}, '{{}}')")
        connection.execute(f"UPDATE {whose} SET {own} = ? WHERE callee_id = {callee(who)}", (record,))
        connection.commit()
    found = standing(filled, who)
    if whose == "consents":
        assert found.consents == ()
    else:
        assert found.blocks


def test_a_complaint_that_nobody_entered_is_told_and_stays(filled: OrganisationSettings) -> None:
    with closing(sqlite3.connect(file_of(filled))) as connection:
        connection.row_factory = sqlite3.Row
        row = dict(connection.execute("SELECT * FROM complaints").fetchone())
        row["record"] = row["record"].replace(row["complaint_id"], "cp_x")
        row["complaint_id"] = "cp_x"
        names = ", ".join(row)
        connection.execute(f"INSERT INTO complaints ({names}) VALUES ({', '.join('?' * len(row))})", [*row.values()])
        connection.commit()
    found = started(filled)
    assert [(one.register, one.what, one.key, one.is_mended) for one in found.differences] == [
        ("complaint", "unknown", "cp_x", False)
    ]
    assert len(standing(filled, COMPLAINING).complaints) == 2


def swapped(one: str, other: str) -> tuple[str, ...]:
    """Give two callees each other's number."""
    digest = f"(SELECT number_hmac FROM callees WHERE number = '{one}')"
    return (
        "CREATE TABLE kept AS SELECT * FROM callees",
        f"UPDATE callees SET number_hmac = x'00' WHERE number_hmac = {digest}",
        f"UPDATE callees SET number = '{one}', number_hmac = (SELECT number_hmac FROM kept WHERE number = '{one}')"
        f" WHERE number = '{other}'",
        f"UPDATE callees SET number = '{other}', number_hmac = (SELECT number_hmac FROM kept WHERE number = '{other}')"
        " WHERE number_hmac = x'00'",
        "DROP TABLE kept",
    )


NUMBERS_MOVED: dict[str, tuple[str, ...]] = {
    "swapped with somebody else's": swapped(REFUSED, FREE),
    "looked up by nothing": (f"UPDATE callees SET number_hmac = x'00' WHERE number = '{REFUSED}'",),
    "looked up by text": (f"UPDATE callees SET number_hmac = CAST(number_hmac AS TEXT) WHERE number = '{REFUSED}'",),
    "of another callee": (f"UPDATE callees SET callee_id = 'ca_other' WHERE number = '{REFUSED}'",),
    "of a callee in octets": (f"UPDATE callees SET callee_id = CAST(callee_id AS BLOB) WHERE number = '{REFUSED}'",),
    "deleted": (f"DELETE FROM callees WHERE number = '{REFUSED}'",),
}


@pytest.mark.parametrize("name", list(NUMBERS_MOVED))
def test_a_number_that_was_moved_away_from_its_refusal_is_refused_all_the_same(
    filled: OrganisationSettings, name: str
) -> None:
    sql(filled, *NUMBERS_MOVED[name])
    assert started(filled).is_alarm
    assert standing(filled, REFUSED).refusals
    assert not started(filled, 700).is_alarm
    acting(filled, 710, lambda d: d.refusals.enter(number(d, FREE)))
    assert standing(filled, FREE).refusals, "who had nothing registered can still be found"


def test_a_lead_whose_number_was_altered_is_left_alone(filled: OrganisationSettings) -> None:
    from baitie.kernel.ids import CampaignId, LeadId
    from baitie.kernel.journal import JournalEntry, JournalKind
    from baitie.kernel.records import LeadRecord

    autumn = CampaignId("autumn")
    with closing(stores.open_existing_store(filled)) as store:
        opened = registers_in(store, filled, "zhang", T)
        free, wishing = opened.known(number(opened, FREE).number), opened.known(number(opened, WISHING).number)
        assert free is not None
        assert wishing is not None
        leads = [LeadRecord(LeadId(f"le_{one}"), autumn, one, 1, "", {}, "", "", "", 0) for one in (free, wishing)]
        entry = JournalEntry(JournalKind.CONTACTS_IMPORTED, T + timedelta(minutes=30), "autumn", facts={"leads": 2})
        store.import_leads(autumn, [], leads, entry)
    sql(filled, f"UPDATE callees SET number = '{REFUSED}0' WHERE number = '{FREE}'")
    with closing(stores.open_existing_store(filled)) as store:
        state = store.campaign_state(autumn)
        assert state is not None
        assert state.altered == {free}


OURS = "+862150000100"
DAY = date(2026, 3, 1)


@pytest.fixture
def listed(filled: OrganisationSettings) -> OrganisationSettings:
    """A number out of use, two qualifications of which one has ended, and a registry in its second copy."""
    acting(filled, 20, lambda d: d.numbers.flag(OURS, "marked"))
    acting(filled, 21, lambda d: d.qualifications.file("call-centre-licence", "J-7", "x", DAY, date(2026, 3, 2)))
    acting(filled, 22, lambda d: d.qualifications.file("finance-licence", "F-1", "x", DAY))
    acting(filled, 23, lambda d: d.qualifications.end(held_id(d, "finance-licence"), "withdrawn"))
    for minute, numbers in ((24, [FREE]), (25, [FREE, WISHING])):
        acting(filled, minute, lambda d, n=numbers: d.registries.take_over("us-national-dnc", n, "f", DAY))  # type: ignore[misc]
    return filled


def held_id(opened: Registers, kind: str) -> str:
    return next(one.qualification_id for one in opened.store.qualifications() if one.kind == kind)


def lists_of(settings: OrganisationSettings) -> tuple[frozenset[str], list[object]]:
    with closing(stores.open_existing_store(settings)) as store:
        held = [(one.kind, one.valid_from, one.valid_until, one.ended_at is None) for one in store.qualifications()]
        standing: list[object] = [*sorted(one for one in held if one[3])]
        return store.suspended_numbers(), standing


def test_lists_that_nobody_touched_give_no_alarm_and_no_reading_of_the_whole_journal(
    listed: OrganisationSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    acting(listed, 30, lambda d: d.numbers.unflag(OURS, "cleared"))
    acting(listed, 31, lambda d: d.numbers.flag(OURS, "marked again"))
    acting(listed, 32, lambda d: d.registries.take_over("other", [FREE], "f", DAY))
    acting(listed, 33, lambda d: d.registries.drop("other", "by mistake"))
    monkeypatch.setattr(SqlStore, "register_history", lambda _: pytest.fail("the whole journal was read"))
    for minute in (600, 700):
        assert not started(listed, minute).is_alarm


LISTS_ALTERED = {
    "a number put into use": "UPDATE suspensions SET is_active = 0",
    "a number put into use in its record": "UPDATE suspensions SET record = json_set(record, '$.lifted_at', at_text)",
    "a suspension deleted": "DELETE FROM suspensions",
    "a suspension of another number": "UPDATE suspensions SET number = '+862150000199'",
    "a qualification prolonged": "UPDATE qualifications SET record = json_set(record, '$.valid_until', '2099-01-01')",
    "a qualification without an end": "UPDATE qualifications SET record = json_set(record, '$.valid_until', NULL)",
    "a qualification of another kind": "UPDATE qualifications SET record = json_set(record, '$.kind', 'bank-licence')",
    "a qualification taken up again": "UPDATE qualifications SET record = json_set(record, '$.ended_at', NULL)",
    "a qualification that nobody filed": (
        "INSERT INTO qualifications SELECT 'qu_x', replace(record, qualification_id, 'qu_x') FROM qualifications"
        " LIMIT 1"
    ),
    "qualifications deleted": "DELETE FROM qualifications",
    "qualifications made nonsense": "UPDATE qualifications SET record = '{'",
}


@pytest.mark.parametrize("name", list(LISTS_ALTERED))
def test_what_loosens_a_list_is_told_at_the_start_and_holds_again(listed: OrganisationSettings, name: str) -> None:
    before = lists_of(listed)
    sql(listed, LISTS_ALTERED[name].replace("at_text", "'2026-03-03T03:00:00+00:00'"))
    found = started(listed)
    with closing(stores.open_existing_store(listed)) as store:
        assert start_check.alarms_of(found, store)[0].number
    suspended, held = lists_of(listed)
    assert suspended >= before[0]
    assert held == before[1]
    assert not started(listed, 700).is_alarm


REGISTRY_ALTERED = {
    "pages deleted": "DELETE FROM registry_pages",
    "numbers exchanged": "UPDATE registry_pages SET hashes = zeroblob(length(hashes))",
    "pages exchanged": "UPDATE registry_pages SET page = page + 1",
    "its row deleted": "DELETE FROM registries",
    "a copy that is fresher than it is": "UPDATE registries SET record = json_set(record, '$.as_of', '2026-03-03')",
    "its digest taken out": "UPDATE registries SET record = json_set(record, '$.digest', '')",
    "another copy": "UPDATE registries SET generation = 1",
    "another name in the record": "UPDATE registries SET record = json_set(record, '$.name', 'other')",
}


@pytest.mark.parametrize("name", list(REGISTRY_ALTERED))
def test_a_registry_that_is_not_the_one_imported_dials_nobody_until_it_is_imported_again(
    listed: OrganisationSettings, name: str
) -> None:
    sql(listed, REGISTRY_ALTERED[name], "DELETE FROM refusals")
    for _ in range(2):
        with pytest.raises(RegistryAlteredError):
            started(listed)
    assert standing(listed, REFUSED).refusals, "what can be mended is mended"
    acting(listed, 650, lambda d: d.registries.take_over("us-national-dnc", [FREE], "f", DAY))
    started(listed, 660)
    assert not started(listed, 700).is_alarm


@pytest.mark.parametrize("statement", ["UPDATE registries SET generation = 1", "DELETE FROM registries"])
def test_a_registry_that_was_altered_can_be_dropped(listed: OrganisationSettings, statement: str) -> None:
    sql(listed, statement)
    with pytest.raises(RegistryAlteredError):
        started(listed)
    acting(listed, 650, lambda d: d.registries.drop("us-national-dnc", "asked no more"))
    started(listed, 660)
    assert not started(listed, 700).is_alarm
    with pytest.raises(RegistryUnknownError):
        acting(listed, 710, lambda d: d.registries.drop("us-national-dnc", "asked no more"))


def test_the_end_of_a_flag_does_not_end_what_a_complaint_began(listed: OrganisationSettings) -> None:
    acting(listed, 40, lambda d: d.complaints.open(number(d, FREE), ComplaintSource.CARRIER, presented=OURS))
    acting(listed, 41, lambda d: d.numbers.unflag(OURS, "cleared"))
    assert not started(listed).is_alarm
    sql(
        listed,
        "UPDATE suspensions SET is_active = 0, record = json_set(record, '$.lifted_at',"
        " (SELECT json_extract(record, '$.lifted_at') FROM suspensions WHERE is_active = 0)) WHERE is_active = 1",
    )
    assert lists_of(listed)[0] == frozenset()
    assert started(listed, 650).is_alarm
    assert lists_of(listed)[0] == {OURS}
    assert not started(listed, 700).is_alarm


def test_after_a_back_up_numbers_are_out_of_use_again(listed: OrganisationSettings, tmp_path: Path) -> None:
    acting(listed, 40, lambda d: d.numbers.unflag(OURS, "cleared"))
    older_copy(listed, tmp_path / "copy")
    acting(listed, 41, lambda d: d.numbers.flag(OURS, "marked again"))
    put_back(listed, tmp_path / "copy")
    done = evidence.restore(listed, T + timedelta(minutes=50), "zhang", "x")
    assert (len(done.entered), done.strangers) == (1, ())
    assert lists_of(listed)[0] == {OURS}
    assert not started(listed, 700).is_alarm
