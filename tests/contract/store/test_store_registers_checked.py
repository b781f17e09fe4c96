"""The registers' rows against the journal's entries, on every engine that outlives its process."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from tests.contract.store.test_store_registers import CONSENT

from baitie.app.proof.register_mending import compare_registers
from baitie.app.records.batch import Batch
from baitie.app.registers.complaints import complaint_batch
from baitie.app.registers.preferences import wish_facts
from baitie.app.registers.refusals import refusal_batch
from baitie.domain.audit import RegisterState, RegisterSum
from baitie.domain.audit.registers import change_of, consent_said, tagged
from baitie.domain.complaints import Complaint, ComplaintSource
from baitie.domain.consent.register import BarKind, Block, Lift, Preference
from baitie.domain.risk.history import Freeze, RefusalChannel
from baitie.kernel.ids import CalleeId
from baitie.kernel.journal import JournalEntry, JournalKind, JsonValue
from baitie.kernel.time import Window

T = datetime(2026, 3, 3, 2, 0, 0, 5, tzinfo=UTC)
WHO = CalleeId("ca_1")


def said(kind: JournalKind, minute: int, facts: dict[str, JsonValue]) -> JournalEntry:
    return JournalEntry(kind, T + timedelta(minutes=minute), callee_id=WHO, facts={**facts, "actor": "li"})


def fill(store: Any) -> None:
    """Something in every register, and something of each changed again."""
    keep = store.record_refusal_or_freeze
    keep(refusal_batch(WHO, RefusalChannel.OPERATOR, "li", T))
    lift = Lift(WHO, BarKind.REFUSAL, T + timedelta(minutes=1), "li", "agreed")
    keep(Batch(journal=[said(JournalKind.BAR_LIFTED, 1, {"kind": "refusal", "reason": "x"})], lifts=[lift]))
    keep(refusal_batch(WHO, RefusalChannel.KEYPAD, "bot", T + timedelta(minutes=2)))
    at, until = T + timedelta(minutes=3), T + timedelta(days=9)
    frozen = said(JournalKind.CALLEE_FROZEN, 3, {"rule": "r", "until": until.isoformat()})
    keep(Batch(journal=[frozen], freezes=[Freeze(WHO, at, until, "r", "r", "li")]))
    at = T + timedelta(minutes=4)
    keep(Batch(journal=[said(JournalKind.CALLEE_BLOCKED, 4, {"reason": "x"})], blocks=[Block(WHO, at, "x", "li")]))
    before: Preference | None = None
    for minute in (5, 6):
        wish = Preference(WHO, T + timedelta(minutes=minute), "li", (Window(time(minute), time(12)),))
        keep(Batch(journal=[said(JournalKind.PREFERENCE_SET, minute, wish_facts(wish, before))], preferences=[wish]))
        before = wish
    consent = replace(CONSENT, callee_id=WHO)
    told: dict[str, JsonValue] = {"consent": consent.consent_id, **consent_said(consent.to_json())}
    keep(Batch(journal=[said(JournalKind.CONSENT_GRANTED, 7, told)], consents=[consent]))
    gone = replace(consent, withdrawn_at=T + timedelta(minutes=8), withdrawn_by="li")
    keep(Batch(journal=[said(JournalKind.CONSENT_WITHDRAWN, 8, told)], consents=[gone]))
    complaint = Complaint("cm_1", WHO, ComplaintSource.CARRIER, T - timedelta(days=1), T.date(), "house", "li")
    keep(complaint_batch(complaint, T + timedelta(minutes=9), T + timedelta(days=90), "ns_1"))
    closed = complaint.closed(T + timedelta(minutes=10), "li", "answered")
    keep(Batch(journal=[said(JournalKind.COMPLAINT_CLOSED, 10, {"complaint": "cm_1"})], complaints=[closed]))


def test_the_sum_over_the_rows_is_the_sum_over_the_entries(sql_place: Any) -> None:
    store = sql_place.open()
    fill(store)
    stands, told = RegisterSum(store.registers_key()), RegisterSum(store.registers_key())
    events, counts = store.registers_checked(0, stands.add_all)
    for _, entry, _ in events.entries:
        brings, takes = change_of(entry)
        for mark in brings:
            told.add(tagged(mark, None))
        for mark in takes:
            told.take(tagged(mark, None))
    assert stands.hex() == told.hex()
    assert counts == {"refusal": 2, "freeze": 2, "block": 1, "preference": 1, "consent": 1}
    assert store.hash_at(events.seq) == events.hash
    assert store.hash_at(events.seq + 1) is None


def test_rows_and_journal_agree_row_by_row_and_what_is_lost_is_written_anew(sql_place: Any) -> None:
    store = sql_place.open()
    fill(store)
    before = store.standing(WHO)

    def compared() -> Any:
        state = RegisterState()
        for seq, entry in store.register_history():
            state.on_entry(seq, entry)
        return compare_registers(state, store.register_rows())

    assert compared().differences == []
    for table in ("refusals", "freezes", "blocks", "preferences", "consents", "complaints"):
        sql_place.sql(f"DELETE FROM {table}")
    mending = compared()
    assert {one.what for one in mending.differences} == {"missing"}
    store.mend_registers(mending.batch, mending.unlift)
    after = store.standing(WHO)
    assert [(bar.at, bar.channel) for bar in after.refusals] == [(bar.at, bar.channel) for bar in before.refusals]
    assert after.freezes == before.freezes
    assert (after.blocks, after.preference) == (before.blocks, before.preference)
    assert [one.withdrawn_at for one in after.consents] == [one.withdrawn_at for one in before.consents]
    assert [one.received_at for one in after.complaints] == [one.received_at for one in before.complaints]
    sql_place.sql("UPDATE refusals SET lifted_at = at")
    mending = compared()
    assert [one.what for one in mending.differences if one.is_mended] == ["lifted"]
    store.mend_registers(mending.batch, mending.unlift)
    assert store.standing(WHO).refusals
