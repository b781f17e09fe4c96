"""Answers calls while no campaign runs: `baitie answer`."""

import asyncio
from functools import partial

from baitie.app.calling.persistence import BatchCommitter
from baitie.app.campaign.answering_plan import AnsweringPlan
from baitie.app.campaign.campaign import Campaign
from baitie.app.campaign.facts import campaign_facts
from baitie.app.inbound.answerer import Answerer
from baitie.app.inbound.campaign_host import Alone, InboundPorts
from baitie.app.inbound.counts import InboundCounts
from baitie.app.ports.clock import Clock, Rng
from baitie.app.records.batch import Batch
from baitie.app.records.commands import CommandKind
from baitie.domain.dialing.leases import LeaseBook
from baitie.kernel.errors import StoreError
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.time import Instant

COMMANDS_POLL_S = 0.5
"""How soon `baitie stop` is seen."""


class AnswerRun:
    """Answering (单独接听) until somebody stops it. Construct, `await run()`; `stop` may be called at any time."""

    def __init__(self, plan: AnsweringPlan, clock: Clock, rng: Rng, inbound: InboundPorts) -> None:
        self._clock = clock
        self._store = inbound.store
        self._committer = BatchCommitter(inbound.store, self._on_store_failed)
        self.leases = LeaseBook({})
        self.problem: StoreError | None = None
        self._stopping = asyncio.Event()
        self.answerer = Answerer(
            plan=plan,
            clock=clock,
            rng=rng,
            store=inbound.store,
            committer=self._committer,
            gateway=inbound.gateway,
            leases=self.leases,
            host=Alone(clock, self._committer, inbound.store),
        )

    @property
    def counts(self) -> InboundCounts:
        """What has come in so far."""
        return self.answerer.counts

    async def run(self, campaigns: tuple[Campaign, ...] = ()) -> InboundCounts:
        """Answer until `stop`, a command, or the failure of the store. What callers may be told is kept first."""
        if campaigns:
            self._committer.commit(Batch(campaigns=[campaign_facts(campaign) for campaign in campaigns]))
        self.answerer.start()
        while not self._stopping.is_set() or self.answerer.live:
            for command in self._store.take_commands() if self.problem is None else ():
                facts = {"command": command.kind.value, "actor": command.actor}
                entry = JournalEntry(JournalKind.COMMAND_RECEIVED, self._clock.civil_now(), facts=dict(facts))
                self._committer.commit(Batch(journal=[entry]))
                self.stop(hang_up=command.kind is CommandKind.STOP_NOW)
            await self._wait_a_moment()
        self.answerer.leave()
        await self._committer.drain()
        return self.counts

    def stop(self, *, hang_up: bool) -> None:
        """Answer nobody more. Calls in progress end by themselves, or with `hang_up` at once."""
        self._stopping.set()
        self.answerer.stop(calls_too=hang_up)

    def _on_store_failed(self, problem: StoreError) -> None:
        self.problem = problem
        self.stop(hang_up=False)

    async def _wait_a_moment(self) -> None:
        waited = asyncio.get_running_loop().create_future()
        timer = self._clock.call_at(Instant(self._clock.now() + COMMANDS_POLL_S), partial(_wake, waited))
        try:
            await waited
        finally:
            timer.cancel()


def _wake(waited: "asyncio.Future[None]") -> None:
    if not waited.done():
        waited.set_result(None)
