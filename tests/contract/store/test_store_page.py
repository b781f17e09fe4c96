"""Codes of the callee's page, who called, and what callees ask for: the same with every store."""

import asyncio
import os
import random
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.contract.store.samples import CAMPAIGN, NOON, attempt, callee, entry, lead

from baitie.adapters.store import SqlStore
from baitie.app.calling.persistence import BatchCommitter
from baitie.app.records.batch import Batch
from baitie.app.records.page_cards import CampaignOverview, PageCard
from baitie.app.registers.callers import who_called, who_called_number
from baitie.domain.consent.requests import CalleeRequest, RequestKind
from baitie.domain.namecard.page_code import PageCode, make_page_code
from baitie.kernel.ids import AttemptId, CalleeId
from baitie.kernel.journal import JournalKind
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.purpose import Purpose

ROOT = Path(__file__).parents[3]
CODE = make_page_code(random.Random(1).getrandbits)
OTHER = make_page_code(random.Random(2).getrandbits)
FACTS = CampaignOverview(
    CAMPAIGN,
    "回访",
    "云杉",
    Purpose.CARE,
    "s",
    "3",
    ("+862155550100",),
    card_text="【云杉】{x}",
    card_values={"x": "y"},
)


def card(n: int, code: PageCode = CODE, days: int = 90) -> PageCard:
    return PageCard(code, AttemptId(f"at_{n:06}"), CalleeId(f"ce_{n}"), NOON, NOON + timedelta(days=days))


def sent(n: int, code: PageCode = CODE) -> Batch:
    return Batch(
        journal=[entry(n, JournalKind.CARD_SUBMITTED)],
        attempts=[attempt(n)],
        page_cards=[card(n, code)],
        campaigns=[FACTS],
    )


def request(name: str, day: int = 1) -> CalleeRequest:
    return CalleeRequest(
        name, CalleeId("ce_1"), RequestKind.CALL_BACK, NOON, date(2026, 3, day), wanted_from=NOON, facts={"part": "am"}
    )


@pytest.fixture
def store(place: Any) -> Any:
    opened = place.open()
    opened.import_leads(CAMPAIGN, [callee(1), callee(2)], [lead(1), lead(2)], entry(0))
    return opened


def commit(store: Any, *batches: Batch) -> None:
    async def all_of_them() -> None:
        for batch in batches:
            await store.commit(batch)

    asyncio.run(all_of_them())


def test_a_code_opens_the_file_of_its_card_and_of_no_other(store: Any) -> None:
    commit(store, sent(1), sent(2, OTHER))
    file = store.card_file(CODE)
    assert file.caller.attempt == attempt(1)
    assert file.caller.lead.name == "王1"
    assert file.caller.campaign == FACTS
    assert file.callee == callee(1)
    assert file.attempts == (attempt(1),)
    assert file.expires_at == NOON + timedelta(days=90)
    assert (file.entry.kind, file.entry.attempt_id) == (JournalKind.CARD_SUBMITTED, "at_000001")
    assert dict(store.journal())[file.entry_seq] == file.entry
    assert store.card_file(OTHER).callee == callee(2)
    assert store.card_file(make_page_code(random.Random(3).getrandbits)) is None


def test_a_code_is_kept_as_a_keyed_hash_only(sql_place: Any) -> None:
    store = sql_place.open()
    store.import_leads(CAMPAIGN, [callee(1)], [lead(1)], entry(0))
    commit(store, sent(1))
    if sql_place.name == "postgresql":
        pytest.skip("what lies in the server's files is not looked at")
    store.close()
    written = b"".join(path.read_bytes() for path in sql_place.folder.iterdir())
    assert CODE.text().encode() not in written
    assert CODE.text().lower().encode() not in written


def test_expired_codes_are_dropped_and_others_stay(store: Any) -> None:
    commit(store, sent(1), Batch(page_cards=[card(2, OTHER, days=91)], attempts=[attempt(2)]))
    assert store.drop_expired_codes(NOON + timedelta(days=90)) == 1
    assert store.card_file(CODE) is None
    assert store.card_file(OTHER) is not None


def test_who_called_is_the_newest_attempt_that_was_seen(store: Any) -> None:
    commit(store, sent(1))
    found = who_called_number(store, callee(1).number)
    assert found is not None
    assert (found.attempt, found.campaign) == (attempt(1), FACTS)
    assert found.lead is not None
    assert who_called(store, CalleeId("ce_1"), PhoneNumber("+862155550100")) == found
    assert who_called(store, CalleeId("ce_1"), PhoneNumber("+862155550199")) is None
    assert who_called(store, CalleeId("ce_2")) is None
    assert who_called_number(store, PhoneNumber("+8613999999999")) is None


def test_requests_wait_with_the_most_urgent_first_until_they_are_done(store: Any) -> None:
    store.record_refusal_or_freeze(Batch(requests=[request("rq_1", 9), request("rq_2", 3)]))
    assert [each.request_id for each in store.requests(RequestKind.CALL_BACK)] == ["rq_2", "rq_1"]
    assert store.requests(RequestKind.ERASURE) == ()
    done = request("rq_2", 3).done(NOON, "ops")
    store.record_refusal_or_freeze(Batch(requests=[done]))
    assert store.requests(RequestKind.CALL_BACK) == (request("rq_1", 9),)
    assert store.requests(RequestKind.CALL_BACK, open_only=False) == (done, request("rq_1", 9))
    assert done.done(NOON, "somebody else") == done


def test_who_is_forgotten_has_no_name_no_answers_and_no_code_but_stays_refused(store: Any) -> None:
    answered = replace(attempt(1), answers={"received": "1"})
    commit(store, sent(1), sent(2, OTHER), Batch(attempts=[answered]))
    store.record_refusal_or_freeze(Batch(forgotten=[CalleeId("ce_1")]))
    commit(store, Batch(leads=[lead(1, attempts=2)]))  # a dialler that still has the name does not bring it back
    found = store.caller_of(AttemptId("at_000001"))
    assert (found.lead.name, dict(found.lead.slots), found.lead.segment) == ("", {}, "")
    assert found.attempt.answers == {}
    assert store.card_file(CODE) is None
    assert store.card_file(OTHER) is not None
    assert store.callee_ids([callee(1).number]) == {callee(1).number: "ce_1"}


def test_the_keeper_hands_every_part_of_a_batch_to_the_store(store: Any) -> None:
    async def keep() -> None:
        committer = BatchCommitter(store, on_failure=lambda problem: None)
        committer.commit(sent(1))
        committer.commit(Batch(cards_sent=[(CalleeId("ce_1"), NOON)], requests=[request("rq_1")]))
        await committer.drain()

    asyncio.run(keep())
    assert store.card_file(CODE) is not None
    assert store.standing(CalleeId("ce_1")).cards_sent == (NOON,)
    assert store.requests(RequestKind.CALL_BACK) == (request("rq_1"),)


def test_a_file_that_was_looked_at_does_not_hide_what_others_write_then(place: Any) -> None:
    store, other = place.open(), place.open()
    store.import_leads(CAMPAIGN, [callee(1), callee(2)], [lead(1), lead(2)], entry(0))
    first = sent(1)
    first.journal = [*first.journal, entry(1, JournalKind.INVITE_SENT)]  # behind the entry that is looked for
    commit(store, first)
    assert other.card_file(CODE) is not None
    commit(store, sent(2, OTHER))
    assert other.card_file(OTHER) is not None


def test_a_lost_card_gets_one_more_code_that_opens_the_same_file(store: Any) -> None:
    commit(store, sent(1))
    fresh = make_page_code(random.Random(4).getrandbits)
    assert store.add_page_code(card(1, fresh), entry(1, JournalKind.PAGE_CODE_ISSUED))
    assert store.card_file(fresh) == store.card_file(CODE)
    assert not store.add_page_code(card(2, OTHER), entry(2, JournalKind.PAGE_CODE_ISSUED))
    assert store.card_file(OTHER) is None


def test_callees_are_found_by_their_ids_and_unknown_ones_left_out(store: Any) -> None:
    commit(store, sent(1))
    assert [each.callee_id for each in store.callees([CalleeId("ce_2"), CalleeId("ce_9")])] == ["ce_2"]


COME_AND_GO = """
import sys
from pathlib import Path
from tests.contract.store.samples import CAMPAIGN, callee, entry, lead
from baitie.adapters.store import SqlStore
store = SqlStore(Path(sys.argv[1]), Path(sys.argv[2]), inline=True)
start = int(sys.argv[3])
numbers = range(start, start + 500)
store.import_leads(CAMPAIGN, [callee(n) for n in numbers], [lead(n) for n in numbers], entry(start))
store.close()
"""


def test_two_handles_of_one_process_see_what_another_process_writes_that_comes_and_goes(tmp_path: Path) -> None:
    """SQLite's locks belong to the process: opening the file a second time must not drop those of the first."""
    target, key_file = tmp_path / "store.db", tmp_path / "store.key"
    handles = [SqlStore(target, key_file, inline=True) for _ in range(2)]
    for start in (1, 1000, 2000):
        command = [sys.executable, "-c", COME_AND_GO, str(target), str(key_file), str(start)]
        subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"})
        for handle in handles:
            assert len(handle.callee_ids([callee(n).number for n in range(start, start + 500)])) == 500
    for handle in handles:
        assert handle.verify_chain().is_whole
        handle.close()
