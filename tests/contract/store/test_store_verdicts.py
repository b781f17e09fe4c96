"""A verdict is written once and referred to by digest; whoever reads entries gets them as they were handed in."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.contract.store import samples
from tests.contract.store.conftest import StoreUnderTest

from baitie.adapters.store.verdicts import VERDICTS_KNOWN_MAX, VerdictReferrer
from baitie.app.records.batch import Batch
from baitie.domain.audit import AuditScope, verdict_digest, verify_audit
from baitie.kernel.ids import AttemptId
from baitie.kernel.journal import JournalEntry, JournalKind, JsonValue

TEN = datetime(2026, 3, 3, 10, tzinfo=UTC)
CAMPAIGN = "cp_verdicts"


def entry(n: int, passed: tuple[str, ...] = ("CORE-REFUSAL",), *, is_early: bool = False) -> JournalEntry:
    """A verdict of the n-th second, with an advice that tells the wall clock where it is early."""
    at = TEN + timedelta(seconds=n)
    told: JsonValue = {"local_time": f"18:00:{n:02}", "zone": "Asia/Shanghai"}
    findings: list[JsonValue] = [
        {"rule": "ADVICE-ATTEMPTS-DAY", "says": "advise", "values": {"count": 2}},
        {"rule": "ADVICE-WORK-MORNING", "says": "advise", "values": told},
    ]
    verdict: dict[str, JsonValue] = {
        "at": at.isoformat(),
        "decision": "allow",
        "findings": findings if is_early else [],
        "passed": list(passed),
    }
    facts: dict[str, JsonValue] = {"verdict": verdict, "verdict_facts": {"at": at.isoformat(), "callee": f"ca_{n}"}}
    return JournalEntry(JournalKind.RING_ALLOWED, at, CAMPAIGN, f"le_{n}", f"at_{n}", f"ca_{n}", facts)


def keep(store: Any, *entries: JournalEntry) -> None:
    async def kept() -> None:
        for one in entries:
            await store.commit(Batch(journal=[one]))

    asyncio.run(kept())


def raw(store: Any) -> list[dict[str, Any]]:
    return [json.loads(row.canonical)["facts"] for row in store.journal_rows()]


def read(store: Any, after_seq: int = 0) -> list[JournalEntry]:
    return [found for _, found in store.journal(after_seq=after_seq)]


def test_an_equal_verdict_of_another_instant_is_written_once(sql_place: StoreUnderTest) -> None:
    store = sql_place.open()
    kept = [entry(0), entry(1), entry(2, is_early=True), entry(3, is_early=True), entry(4, ("OTHER",)), entry(5)]
    keep(store, *kept)
    rows = raw(store)
    assert ["verdict" in facts for facts in rows] == [True, False, True, False, True, False]
    assert rows[0]["verdict_digest"] == rows[1]["verdict_digest"] == rows[5]["verdict_digest"]
    assert all(verdict_digest(f["verdict"]) == f["verdict_digest"] for f in rows if "verdict" in f)
    assert [facts["verdict_facts"]["callee"] for facts in rows] == [f"ca_{n}" for n in range(6)]
    assert read(store) == kept


def test_entries_read_from_the_middle_have_verdicts_that_stand_before(sql_place: StoreUnderTest) -> None:
    store = sql_place.open()
    kept = [entry(n, is_early=n % 2 == 0) for n in range(6)]
    keep(store, *kept)
    assert read(store, after_seq=3) == kept[3:]


def test_whoever_opens_the_store_anew_writes_a_verdict_once_more(sql_place: StoreUnderTest) -> None:
    first = sql_place.open()
    keep(first, entry(0), entry(1))
    first.close()
    store = sql_place.open()
    keep(store, entry(2), entry(3))
    assert ["verdict" in facts for facts in raw(store)] == [True, False, True, False]
    assert read(store) == [entry(n) for n in range(4)]
    verdict = verify_audit(AuditScope(keys=()), store.journal_rows(), lambda *_: False)
    assert [finding.fault.value for finding in verdict.findings if "verdict" in finding.fault.value] == []


def test_a_batch_that_cannot_be_written_down_takes_no_verdict_with_it(sql_place: StoreUnderTest) -> None:
    store = sql_place.open()
    unwritable = replace(entry(0), facts={"what": object()})  # type: ignore[dict-item]

    async def fail() -> None:
        with pytest.raises(TypeError):
            store.commit(Batch(journal=[entry(0), unwritable]))

    asyncio.run(fail())
    keep(store, entry(1))
    assert read(store) == [entry(1)]


def test_other_processes_write_their_verdicts_whole(sql_place: StoreUnderTest) -> None:
    store = sql_place.open()
    keep(store, entry(0))
    store.record_refusal_or_freeze(Batch(journal=[entry(1)]))
    assert ["verdict" in facts for facts in raw(store)] == [True, True]
    assert read(store) == [entry(0), entry(1)]


def test_what_cannot_be_put_back_as_it_was_is_written_as_it_is(sql_place: StoreUnderTest) -> None:
    odd: list[dict[str, JsonValue]] = [
        {"verdict": {"decision": "allow", "at": "2026-03-03T10:00:00+00:00"}},
        {"verdict": {"decision": "allow"}, "verdict_facts": {"at": "2026-03-03T10:00:00+00:00"}},
        {"verdict": {"at": "2026-03-03T11:00:00+00:00", "findings": []}, "verdict_facts": {"at": "10"}},
        {"verdict": "allow", "verdict_facts": {}},
        {"verdict_digest": "f" * 64},
    ]
    kept = [replace(entry(n), facts=facts) for n, facts in enumerate(odd)]
    store = sql_place.open()
    keep(store, *kept)
    assert raw(store) == odd
    assert read(store) == kept


def test_the_file_of_an_attempt_has_the_verdicts_that_others_wrote(sql_place: StoreUnderTest) -> None:
    store = sql_place.open()
    first, second = (replace(entry(n), callee_id=f"ce_{n}") for n in (0, 1))

    async def kept() -> None:
        await store.commit(Batch(journal=[first, second], attempts=[samples.ended(1)]))

    asyncio.run(kept())
    found = store.attempt_file(AttemptId("at_000001"))
    assert found is not None
    assert found.journal == ((2, second),)


def test_a_referrer_forgets_rather_than_grow_without_bound() -> None:
    referrer = VerdictReferrer()
    for n in range(VERDICTS_KNOWN_MAX):
        referrer.referring(entry(0, (f"RULE-{n}",)))
    assert "verdict" not in referrer.referring(entry(0, ("RULE-0",))).facts
    referrer.referring(entry(0, ("ONE-MORE",)))
    assert "verdict" in referrer.referring(entry(0, ("RULE-0",))).facts
