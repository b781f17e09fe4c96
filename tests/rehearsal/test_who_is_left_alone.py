"""Whoever talks, waits or is being called is left alone by what goes wrong beside them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from tests.fakes.store import MemoryStore
from tests.rehearsal import test_calls_back as back
from tests.rehearsal.world import CAMPAIGN_ID, World, callee, campaign, fill

from baitie.app.calling.campaign_run import CampaignRun
from baitie.app.calling.progress import RunEnd
from baitie.app.ports.arrivals import ArrivalConfirmed, CallArrived, CallerHeard, InboundGateway, LineKey
from baitie.app.records.batch import Batch
from baitie.domain.consent.requests import CalleeRequest, RequestKind
from baitie.kernel.errors import StoreError
from baitie.kernel.ids import AttemptId, CalleeId
from baitie.kernel.journal import JournalKind
from baitie.kernel.records import AttemptRecord
from baitie.rehearsal.fast.calls import SimulatedCalls


@dataclass
class HangUps:
    """The simulated calls, and when we ended which."""

    inner: SimulatedCalls
    at: list[tuple[float, AttemptId]] = field(default_factory=list)

    def hang_up(self, attempt_id: AttemptId) -> None:
        self.at.append((self.inner.clock.now(), attempt_id))
        self.inner.hang_up(attempt_id)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


@pytest.mark.parametrize("nth", [200, 240])
def test_a_store_that_fails_hangs_up_on_nobody_who_talks(nth: int) -> None:
    failed: list[tuple[float, set[AttemptId]]] = []
    wrapped: list[HangUps] = []

    def wrap(calls: SimulatedCalls) -> Any:
        wrapped.append(HangUps(calls))
        return wrapped[0]

    def on_failure(problem: StoreError) -> None:
        talking = {each for each, call in wrapped[0].inner._calls.items() if call.is_answered}
        failed.append((wrapped[0].inner.clock.now(), talking))

    store = MemoryStore(fail_at_commit=nth, on_failure=on_failure)
    fill(store, 120)
    world = World(store, wrap_calls=wrap)
    assert world.run().end is RunEnd.STORE_FAILED
    ((failed_at, talking),) = failed
    assert talking, "somebody talks when it fails"
    ended = {attempt_id for at, attempt_id in wrapped[0].at if failed_at <= at < failed_at + 0.5}
    assert not ended & talking


def test_a_lead_that_is_being_called_is_not_called_again_before_that_call_is_over() -> None:
    store = MemoryStore()
    fill(store, 1)
    asked: list[str] = []

    def ask(w: World, run: CampaignRun) -> None:
        def during_the_call() -> None:
            (live,) = run._driver.live.values()
            now = w.clock.civil_now()
            request = CalleeRequest(
                "rq_1", callee(0).callee_id, RequestKind.CALL_BACK, now, now.date(), CAMPAIGN_ID,
                live.record.attempt_id, now, now + timedelta(hours=5),
            )  # fmt: skip
            asked.append(live.record.attempt_id)
            store.record_refusal_or_freeze(Batch(requests=[request]))

        w.clock.loop.call_later(8.0, during_the_call)

    World(store, campaign(answering=back.plan()), people=back.nobody_back(), meddle=ask).run()
    ended = {entry.attempt_id: n for n, entry in store.journal() if entry.kind is JournalKind.ATTEMPT_ENDED}
    queued = [n for n, entry in store.journal() if entry.kind is JournalKind.CALL_BACK_QUEUED]
    assert asked
    assert len(queued) <= 1
    assert all(n > ended[asked[0]] for n in queued)
    planned = [n for n, entry in store.journal() if entry.kind is JournalKind.ATTEMPT_PLANNED]
    assert all(n > ended[asked[0]] for n in planned[1:])


@dataclass
class Plays:
    """The simulated callers, and what was played to them."""

    inner: Any
    played: list[LineKey] = field(default_factory=list)

    def play(self, line: LineKey, play_id: int, prompts: Sequence[str]) -> None:
        self.played.append(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def test_a_caller_who_is_hung_up_on_is_played_nothing_more() -> None:
    store = MemoryStore()
    fill(store, 1)
    wrapped: list[Plays] = []
    line, heard = LineKey("x"), list[int]()

    def wrap(callers: Any) -> InboundGateway:
        wrapped.append(Plays(callers))
        return wrapped[0]

    def meddle(w: World, run: CampaignRun) -> None:
        def say(event: Any) -> None:
            answerer = run._inbound.answerer
            assert answerer is not None
            answerer.on_event(event)

        def hear() -> None:
            heard.append(len(wrapped[0].played))
            say(CallerHeard(line, 1, was_stopped=False))
            heard.append(len(wrapped[0].played))

        later = w.clock.loop.call_later
        later(0.5, say, CallArrived(line, "+8613900000001", ("+8657188880000",), False, "main"))
        later(2.0, say, ArrivalConfirmed(line))
        later(3.0, lambda: run.stop(hang_up=True))
        later(3.1, hear)

    World(store, campaign(answering=back.plan()), people=back.nobody_back(), meddle=meddle, wrap_callers=wrap).run()
    assert heard == [1, 1]


class Unreadable(MemoryStore):
    """A store in which nobody who rings can be found any more."""

    def attempts_to(self, callee_id: CalleeId, count_max: int) -> Sequence[AttemptRecord]:
        raise StoreError(cause="database or disk is full")


def test_a_caller_hears_that_nobody_can_answer_where_the_store_cannot_be_read() -> None:
    store = Unreadable()
    fill(store, 1)

    def meddle(w: World, run: CampaignRun) -> None:
        known = callee(0).number.e164()
        arriving = CallArrived(LineKey("x"), known, ("+8657188880000",), False, "main")
        w.clock.loop.call_later(0.5, lambda: w.callers.arrive(arriving))

    world = World(store, campaign(answering=back.plan()), people=back.nobody_back(), meddle=meddle)
    assert world.run().end is RunEnd.STORE_FAILED
    assert world.callers.refused == [503]
    assert store.inbound_calls() == ()
