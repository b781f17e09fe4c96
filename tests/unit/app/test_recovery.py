"""A run begins where the last one was cut off: what was open is closed honestly, what waited waits on."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.fakes.store import MemoryStore
from tests.rehearsal.world import CAMPAIGN_ID, TEN_IN_SHANGHAI, callee, campaign, fill, lead, zones

from baitie.app.calling.attempt_end import close_unknown
from baitie.app.calling.recovery import recover
from baitie.app.gate.gate import Gate
from baitie.app.records.batch import Batch
from baitie.app.records.standing import CampaignState
from baitie.domain.dialing.attempt import NO_AGENT
from baitie.domain.dialing.queue import LeadQueue
from baitie.kernel.ids import AttemptId
from baitie.kernel.journal import JournalKind
from baitie.kernel.outcome import Outcome
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import AttemptRecord, AttemptState, LeadState
from baitie.kernel.time import Instant

CRASHED_AT = TEN_IN_SHANGHAI
NOW = CRASHED_AT + timedelta(minutes=5)
OPEN = [AttemptState.PLANNED, AttemptState.CARD_SUBMITTED, AttemptState.INVITE_SENT, AttemptState.ANSWERED]


class StoppedClock:
    """Stands still."""

    def now(self) -> Instant:
        return Instant(0.0)

    def civil_now(self):
        return NOW


def open_attempt(state: AttemptState) -> AttemptRecord:
    """An attempt that a crash left in this state."""
    has_left = state in (AttemptState.INVITE_SENT, AttemptState.ANSWERED)
    return AttemptRecord(
        AttemptId("at_open"),
        lead(0).lead_id,
        CAMPAIGN_ID,
        callee(0).callee_id,
        PhoneNumber("+8657188880000"),
        "main",
        state,
        CRASHED_AT,
        invite_sent_at=CRASHED_AT if has_left else None,
    )


def recovered(state: AttemptState) -> tuple[Batch, LeadQueue, CampaignState]:
    """What is done about a crash with one attempt in this state, of three leads."""
    store = MemoryStore(is_inline=True)
    fill(store, 3)
    record = open_attempt(state)
    store.disk.keep(Batch(attempts=[record], leads=[replace(lead(0), state=LeadState.IN_PROGRESS)]))
    found = store.campaign_state(CAMPAIGN_ID)
    assert found is not None
    gate = Gate(campaign(), store, StoppedClock(), zones, lambda callee_id: 0)  # type: ignore[arg-type]
    batch, queue = recover(campaign(), found, gate)
    return batch, queue, found


@pytest.mark.parametrize("state", OPEN[:2])
def test_attempt_whose_invite_cannot_have_left_is_cancelled_and_its_lead_waits(state: AttemptState) -> None:
    batch, queue, _ = recovered(state)
    (ended,) = batch.attempts
    assert (ended.outcome, ended.failure_cause, ended.ended_at) == (Outcome.CANCELLED, "crash", NOW)
    assert not batch.histories
    assert len(queue) == 3


@pytest.mark.parametrize("state", OPEN[2:])
def test_attempt_whose_invite_may_have_left_is_unknown_counted_and_never_repeated(state: AttemptState) -> None:
    batch, queue, _ = recovered(state)
    (ended,), (closed,) = batch.attempts, batch.leads
    assert ended.outcome is Outcome.UNKNOWN
    assert (closed.state, closed.reason) == (LeadState.FINISHED, "unknown-after-crash")
    ((callee_id, history),) = batch.histories
    assert callee_id == callee(0).callee_id
    assert [past.is_contact for past in history.attempts] == [True]
    assert len(queue) == 2


@pytest.mark.parametrize("state", OPEN)
def test_journal_says_of_each_open_attempt_that_a_crash_ended_it(state: AttemptState) -> None:
    batch, _, _ = recovered(state)
    endings = [entry for entry in batch.journal if entry.kind is JournalKind.ATTEMPT_ENDED]
    assert [(entry.attempt_id, entry.facts["cause"]) for entry in endings] == [("at_open", "crash")]


def test_what_no_agent_took_before_the_crash_is_abandoned_and_never_repeated() -> None:
    record = replace(open_attempt(AttemptState.ANSWERED), answered_at=CRASHED_AT, failure_cause=NO_AGENT)
    ended, closed = close_unknown(record, lead(0), NOW)
    assert (ended.outcome, ended.failure_cause, ended.evidence.note) == (Outcome.ABANDONED, NO_AGENT, "crash")
    assert (closed.state, closed.reason) == (LeadState.FINISHED, "abandoned")


def test_recovering_twice_changes_nothing_more() -> None:
    for state in random.Random(1).sample(OPEN, 4):
        batch, _, found = recovered(state)
        store = MemoryStore(is_inline=True)
        fill(store, 3)
        store.disk.keep(batch)
        again = store.campaign_state(CAMPAIGN_ID)
        assert again is not None
        assert not again.open_attempts
        assert found.open_attempts


def test_lead_in_progress_without_an_attempt_waits_again() -> None:
    store = MemoryStore(is_inline=True)
    fill(store, 1)
    store.disk.keep(Batch(leads=[replace(lead(0), state=LeadState.IN_PROGRESS)]))
    found = store.campaign_state(CAMPAIGN_ID)
    assert found is not None
    gate = Gate(campaign(), store, StoppedClock(), zones, lambda callee_id: 0)  # type: ignore[arg-type]
    batch, queue = recover(campaign(), found, gate)
    assert not batch.attempts
    taken = queue.take(NOW)
    assert taken is not None
    assert taken.state is LeadState.WAITING
