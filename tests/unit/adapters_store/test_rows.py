"""Records come back from rows as they went in."""

import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from baitie.adapters.store import rows
from baitie.domain.risk.history import CalleeHistory, Freeze, PastAttempt, Refusal, RefusalChannel
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId, LeadId
from baitie.kernel.journal import JOURNAL_FORMAT, JournalEntry, JournalKind, canonical_bytes
from baitie.kernel.outcome import EndedBy, Evidence, Outcome
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.purpose import NumberClass
from baitie.kernel.records import AttemptRecord, AttemptState, CalleeRecord, LeadRecord, LeadState

UNHURRIED = settings(deadline=None)  # the machine may be busy with other tests

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.datetimes(datetime(2000, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC) | zones)  # noqa: DTZ001
numbers = st.integers(1000, 10**15 - 1).map(lambda n: PhoneNumber(f"+{n}"))
ids = texts.map(lambda text: f"x_{text}")
counts = st.integers(0, 2**31 - 1)
slots = st.dictionaries(texts, texts, max_size=4)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)

leads = st.builds(
    LeadRecord,
    ids.map(LeadId),
    ids.map(CampaignId),
    ids.map(CalleeId),
    counts,
    texts,
    slots,
    texts,
    texts,
    texts,
    st.integers(-99, 99),
    st.sampled_from(LeadState),
    st.none() | times,
    counts,
    st.none() | st.sampled_from(Outcome),
    texts,
)
evidences = st.builds(
    Evidence,
    st.none() | counts,
    st.none() | texts,
    st.none() | counts,
    st.booleans(),
    st.none() | counts,
    st.none() | counts,
    st.sampled_from(EndedBy),
    texts,
)
attempts = st.builds(
    AttemptRecord,
    ids.map(AttemptId),
    ids.map(LeadId),
    ids.map(CampaignId),
    ids.map(CalleeId),
    numbers,
    texts,
    st.sampled_from(AttemptState),
    times,
    st.none() | texts,
    st.none() | times,
    st.none() | times,
    st.none() | texts,
    st.none() | counts,
    st.none() | counts,
    st.none() | times,
    st.none() | times,
    st.none() | times,
    st.none() | times,
    st.none() | st.sampled_from(Outcome),
    st.none() | texts,
    evidences,
    slots,
    st.none() | texts,
)
entries = st.builds(
    JournalEntry,
    st.sampled_from(JournalKind),
    times,
    st.none() | ids,
    st.none() | ids,
    st.none() | ids,
    st.none() | ids,
    st.dictionaries(texts, json_values, max_size=4),
)


@UNHURRIED
@given(leads)
def test_a_lead_comes_back_equal(lead: LeadRecord) -> None:
    assert rows.lead_of(rows.lead_row(lead)) == lead


@UNHURRIED
@given(attempts)
def test_a_call_record_comes_back_equal(attempt: AttemptRecord) -> None:
    assert rows.attempt_of(rows.attempt_row(attempt)) == attempt


@UNHURRIED
@given(ids, numbers, st.sampled_from(NumberClass), st.none() | texts, st.lists(texts, max_size=3), st.binary())
def test_a_callee_comes_back_equal(
    callee_id: str, number: PhoneNumber, number_class: NumberClass, region: str | None, names: list[str], mac: bytes
) -> None:
    callee = CalleeRecord(CalleeId(callee_id), number, number_class, region, tuple(names))
    assert rows.callee_of(rows.callee_row(callee, mac)) == callee


@UNHURRIED
@given(st.lists(st.builds(PastAttempt, times, st.booleans(), st.booleans(), st.booleans()), max_size=5))
def test_a_history_comes_back_equal(past: list[PastAttempt]) -> None:
    history = CalleeHistory(tuple(past))
    assert rows.history_of(rows.history_row(CalleeId("ce_1"), history)[1]) == history


@UNHURRIED
@given(times, st.sampled_from(RefusalChannel), texts, st.none() | st.dictionaries(texts, json_values, max_size=3))
def test_a_refusal_comes_back_equal(at: datetime, channel: RefusalChannel, actor: str, evidence: dict | None) -> None:
    refusal = Refusal(CalleeId("ce_1"), at, channel, actor, evidence)
    assert rows.refusal_of(CalleeId("ce_1"), *rows.refusal_row(refusal)[1:]) == refusal


@UNHURRIED
@given(times, times, texts, texts, texts)
def test_a_freeze_comes_back_equal(at: datetime, until: datetime, reason: str, rule_id: str, actor: str) -> None:
    freeze = Freeze(CalleeId("ce_1"), at, until, reason, rule_id, actor)
    assert rows.freeze_of(CalleeId("ce_1"), *rows.freeze_row(freeze)[1:]) == freeze


@UNHURRIED
@given(st.integers(1, 2**53), entries)
def test_an_entry_numbered_late_has_the_same_canonical_bytes(seq: int, entry: JournalEntry) -> None:
    campaign_id, head = rows.unnumbered(entry)
    assert campaign_id == entry.campaign_id
    assert rows.numbered(seq, head) == canonical_bytes(seq, entry)


@UNHURRIED
@given(st.integers(1, 2**53), entries)
def test_the_canonical_bytes_are_json_with_sorted_keys_and_no_white_space(seq: int, entry: JournalEntry) -> None:
    body = {each.name: getattr(entry, each.name) for each in fields(entry)}
    body |= {
        "format": JOURNAL_FORMAT,
        "seq": seq,
        "kind": entry.kind.value,
        "at": entry.at.isoformat(),
        "facts": dict(entry.facts),
    }
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert canonical_bytes(seq, entry) == text.encode()


@UNHURRIED
@given(entries)
def test_an_entry_comes_back_equal_from_its_canonical_text(entry: JournalEntry) -> None:
    assert rows.entry_of(canonical_bytes(1, entry).decode()) == entry


@UNHURRIED
@given(times)
def test_times_are_kept_in_utc_and_sort_as_text(at: datetime) -> None:
    later = at + timedelta(microseconds=1)
    row, later_row = (rows.freeze_row(Freeze(CalleeId("c"), t, t, "", "", "")) for t in (at, later))
    assert row[1].endswith("+00:00")
    assert row[1] < later_row[1]
