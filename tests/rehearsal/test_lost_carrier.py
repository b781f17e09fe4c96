"""A trunk that carries nothing any more stops the run; people who do not answer never do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from tests.fakes.store import MemoryStore
from tests.rehearsal.world import CAMPAIGN_ID, World, fill

from baitie.app.calling.campaign_run import CARRIER_LOST_FAILURES
from baitie.app.calling.progress import RunEnd, RunSummary
from baitie.app.ports.calls import CallEvent, CallFailed, PlaceCall
from baitie.kernel.errors import Party
from baitie.kernel.ids import AttemptId
from baitie.kernel.outcome import CallFailure, Outcome
from baitie.rehearsal.fast.calls import SimulatedCalls

LEADS = 60


@dataclass
class FailingTrunk:
    """A trunk on which call after call comes to `outcomes`, in turn, the last of them for ever; none rings."""

    inner: SimulatedCalls
    outcomes: Sequence[Outcome]
    placed: int = 0

    def listen(self, on_event: Callable[[CallEvent], None]) -> None:
        self._tell = on_event
        self.inner.listen(on_event)

    async def start(self) -> None:
        await self.inner.start()

    async def close(self) -> None:
        await self.inner.close()

    def place(self, order: PlaceCall) -> None:
        outcome = self.outcomes[min(self.placed, len(self.outcomes) - 1)]
        self.placed += 1
        self._tell(CallFailed(order.attempt_id, CallFailure("trunk-broken", Party.CARRIER, True, outcome)))

    def cancel(self, attempt_id: AttemptId) -> None:
        """There is nothing to cancel."""

    def hang_up(self, attempt_id: AttemptId) -> None:
        """There is nobody to hang up on."""

    def play(self, attempt_id: AttemptId, play_id: int, prompts: Sequence[str]) -> None:
        """Nobody hears it."""

    def stop_playing(self, attempt_id: AttemptId) -> None:
        """Nothing plays."""


def run_on(outcomes: Sequence[Outcome]) -> tuple[RunSummary, FailingTrunk, MemoryStore]:
    store = MemoryStore()
    fill(store, LEADS)
    trunks: list[FailingTrunk] = []

    def wrap(calls: SimulatedCalls) -> FailingTrunk:
        trunks.append(FailingTrunk(calls, outcomes))
        return trunks[0]

    return World(store, wrap_calls=wrap).run(), trunks[0], store


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.UNREACHABLE])
def test_so_many_failures_in_a_row_stop_the_run_and_every_attempt_has_its_outcome(outcome: Outcome) -> None:
    summary, trunk, store = run_on([outcome])
    assert (summary.end, summary.progress.problem) == (RunEnd.CARRIER_LOST, "carrier-lost")
    in_flight_at_that_moment = 10
    assert CARRIER_LOST_FAILURES <= trunk.placed <= CARRIER_LOST_FAILURES + in_flight_at_that_moment
    assert all(attempt.outcome for attempt in store.attempts(CAMPAIGN_ID))


@pytest.mark.parametrize("answer", [Outcome.BUSY, Outcome.UNALLOCATED, Outcome.POWERED_OFF])
def test_one_answer_of_the_carrier_begins_the_count_anew(answer: Outcome) -> None:
    nearly = [Outcome.FAILED] * (CARRIER_LOST_FAILURES - 1)
    summary, trunk, _ = run_on([*nearly, answer, *nearly, answer])
    assert summary.end is not RunEnd.CARRIER_LOST
    assert trunk.placed > 2 * CARRIER_LOST_FAILURES


@pytest.mark.parametrize("answer", [Outcome.BUSY, Outcome.NO_ANSWER, Outcome.REJECTED])
def test_people_who_do_not_take_the_call_are_no_lost_carrier(answer: Outcome) -> None:
    summary, trunk, _ = run_on([answer])
    assert summary.end is not RunEnd.CARRIER_LOST
    assert trunk.placed > 2 * CARRIER_LOST_FAILURES
