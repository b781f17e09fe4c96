"""Random batches, refusals, imports, crashes and reopenings leave every store in the state of a simple model."""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.contract.store import samples
from tests.fakes.store import MemoryStore

from baitie.adapters.store import SqlStore
from baitie.app.records.batch import Batch
from baitie.app.records.commands import Command, CommandKind
from baitie.domain.risk.history import CalleeHistory
from baitie.kernel.ids import AttemptId, CalleeId, LeadId
from baitie.kernel.journal import JournalEntry
from baitie.kernel.records import AttemptRecord, AttemptState, LeadRecord, LeadState

PEOPLE = 6

people = st.integers(0, PEOPLE - 1)
entries = st.builds(samples.entry, st.integers(0, 10**6))
leads = st.builds(
    lambda n, state, tried: samples.lead(n, state=state, attempts=tried), people, st.sampled_from(LeadState), people
)
attempts = st.builds(samples.attempt, people, st.sampled_from(AttemptState)) | st.builds(samples.ended, people)
histories = st.builds(lambda n, length: (CalleeId(f"ce_{n}"), samples.history(n, length)), people, people)
batches = st.builds(
    Batch,
    journal=st.lists(entries, max_size=3),
    leads=st.lists(leads, max_size=2),
    attempts=st.lists(attempts, max_size=2),
    histories=st.lists(histories, max_size=2),
    refusals=st.lists(st.builds(samples.refusal, people), max_size=1),
    freezes=st.lists(st.builds(samples.freeze, people), max_size=1),
)


class Model:
    """What a store must hold, in the plainest form."""

    def __init__(self) -> None:
        self.journal: list[JournalEntry] = []
        self.leads: dict[LeadId, LeadRecord] = {}
        self.attempts: dict[AttemptId, AttemptRecord] = {}
        self.histories: dict[CalleeId, CalleeHistory] = {}
        self.refused = [0] * PEOPLE
        self.frozen = [0] * PEOPLE
        self.commands: list[CommandKind] = []

    def keep(self, batch: Batch) -> None:
        self.journal += batch.journal
        self.leads |= {lead.lead_id: lead for lead in batch.leads}
        self.attempts |= {attempt.attempt_id: attempt for attempt in batch.attempts}
        self.histories |= dict(batch.histories)
        for n in range(PEOPLE):
            self.refused[n] += sum(refusal == samples.refusal(n) for refusal in batch.refusals)
            self.frozen[n] += sum(freeze == samples.freeze(n) for freeze in batch.freezes)


class StoreMachine(RuleBasedStateMachine):
    """One store against the model."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="baitie-stateful-"))
        self.model = Model()
        self.loop = asyncio.new_event_loop()
        self.store: Any = None

    @initialize(kind=st.sampled_from(["memory", "inline", "threaded"]))
    def open(self, kind: str) -> None:
        self.kind = kind
        self.store = MemoryStore() if kind == "memory" else self._sql()
        self.store.acquire_ownership("machine")

    def _sql(self) -> SqlStore:
        return SqlStore(self.folder / "store.db", self.folder / "key", inline=self.kind == "inline", is_durable=False)

    @rule(several=st.lists(batches, min_size=1, max_size=4))
    def commit(self, several: list[Batch]) -> None:
        async def run() -> None:
            await asyncio.gather(*[self.store.commit(batch) for batch in several])

        self.loop.run_until_complete(run())
        for batch in several:
            self.model.keep(batch)

    @rule(person=people, entry=entries)
    def refuse(self, person: int, entry: JournalEntry) -> None:
        batch = Batch([entry], refusals=[samples.refusal(person)], freezes=[samples.freeze(person)])
        self.store.record_refusal_or_freeze(batch)
        self.model.keep(batch)

    @rule(kind=st.sampled_from(CommandKind))
    def give_command(self, kind: CommandKind) -> None:
        self.store.give_command(Command(0, kind, "operator", samples.NOON))
        self.model.commands.append(kind)

    @rule()
    def take_commands(self) -> None:
        assert [command.kind for command in self.store.take_commands()] == self.model.commands
        self.model.commands.clear()

    @rule()
    def close_and_open(self) -> None:
        self.store.close()
        self.store = MemoryStore(self.store.disk) if self.kind == "memory" else self._sql()
        self.store.acquire_ownership("machine")

    @rule()
    def crash_and_open(self) -> None:
        self.store.abandon()
        self.store = MemoryStore(self.store.disk) if self.kind == "memory" else self._sql()
        self.store.acquire_ownership("machine")

    @invariant()
    def the_store_holds_what_the_model_holds(self) -> None:
        if self.store is None:
            return
        assert [entry for _, entry in self.store.journal()] == self.model.journal
        assert {a.attempt_id: a for a in self.store.attempts(samples.CAMPAIGN)} == self.model.attempts
        state = self.store.campaign_state(samples.CAMPAIGN)
        leads = () if state is None else state.leads
        assert {lead.lead_id: lead for lead in leads} == self.model.leads
        for n in range(PEOPLE):
            standing = self.store.standing(CalleeId(f"ce_{n}"))
            assert standing.history == self.model.histories.get(CalleeId(f"ce_{n}"), CalleeHistory())
            assert standing.refusals == (samples.refusal(n),) * self.model.refused[n]
            assert standing.freezes == (samples.freeze(n),) * self.model.frozen[n]
        assert self.store.verify_chain().is_whole

    def teardown(self) -> None:
        if self.store is not None:
            self.store.close()
        self.loop.close()
        shutil.rmtree(self.folder)


StoreMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=12, deadline=None)
TestRandomHistories = StoreMachine.TestCase
