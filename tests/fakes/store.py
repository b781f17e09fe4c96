"""A store in memory that keeps the same contract as the real ones, crashes on demand and fails where it is told."""

import asyncio
import pickle
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from baitie.adapters.store.chain import ChainVerdict, verify_chain
from baitie.adapters.store.errors import BackupError, ConflictError
from baitie.app.records import Batch, CalleeStanding, CampaignState, Command
from baitie.domain.risk.history import CalleeHistory, Freeze, Refusal
from baitie.kernel.errors import BusyError, StoreError
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId, LeadId
from baitie.kernel.journal import GENESIS_HASH, JournalEntry, canonical_bytes, link_hash
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import AttemptRecord, AttemptState, CalleeRecord, LeadRecord


@dataclass
class MemoryDisk:
    """What survives a crash: everything that was committed."""

    callees: dict[CalleeId, CalleeRecord] = field(default_factory=dict)
    leads: dict[LeadId, LeadRecord] = field(default_factory=dict)
    attempts: dict[AttemptId, AttemptRecord] = field(default_factory=dict)
    histories: dict[CalleeId, CalleeHistory] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    freezes: list[Freeze] = field(default_factory=list)
    journal: list[tuple[int, JournalEntry]] = field(default_factory=list)
    chain: list[tuple[int, str | None, str, str, str]] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    commands_given: int = 0
    owner: str | None = None

    def append(self, entry: JournalEntry) -> None:
        """Chain one entry to the journal."""
        seq = len(self.journal) + 1
        canonical = canonical_bytes(seq, entry)
        before = self.chain[-1][4] if self.chain else GENESIS_HASH
        self.chain.append((seq, entry.campaign_id, canonical.decode(), before, link_hash(before, canonical)))
        self.journal.append((seq, entry))

    def keep(self, batch: Batch) -> None:
        """Apply one batch."""
        for entry in batch.journal:
            self.append(entry)
        for lead in batch.leads:
            self.leads[lead.lead_id] = _progressed(self.leads.get(lead.lead_id, lead), lead)
        self.attempts.update({attempt.attempt_id: attempt for attempt in batch.attempts})
        self.histories.update(batch.histories)
        self.refusals.extend(batch.refusals)
        self.freezes.extend(batch.freezes)


def _progressed(kept: LeadRecord, lead: LeadRecord) -> LeadRecord:
    return replace(
        kept,
        state=lead.state,
        not_before=lead.not_before,
        attempts=lead.attempts,
        last_outcome=lead.last_outcome,
        reason=lead.reason,
    )


def _copy(batch: Batch) -> Batch:
    return Batch(*(list(getattr(batch, name)) for name in Batch.__slots__))


class _Settled:
    def __init__(self, error: StoreError | None) -> None:
        self._error = error

    def __await__(self):
        if self._error is not None:
            raise self._error
        return
        yield


class MemoryStore:
    """Fulfils `baitie.app.ports.Store`. A batch is committed in the loop's next turn, or at once where no loop runs
    or `is_inline`. `fail_at_commit=n` lets the n-th batch handed to `commit` meet a full disk (counted from 1)."""

    def __init__(
        self,
        disk: MemoryDisk | None = None,
        *,
        is_inline: bool = False,
        fail_at_commit: int | None = None,
        on_failure: Callable[[StoreError], None] | None = None,
    ) -> None:
        self.disk = disk if disk is not None else MemoryDisk()
        self.commits = 0
        self.failure: StoreError | None = None
        self._is_inline = is_inline
        self._fail_at_commit = fail_at_commit
        self._on_failure = on_failure
        self._pending: list[tuple[Batch, asyncio.Future[None] | None]] = []
        self._is_owner = False
        self._is_gone = False

    # --- ownership and life ---

    def acquire_ownership(self, owner: str) -> None:
        if self.disk.owner is not None and not self._is_owner:
            raise BusyError(owner=self.disk.owner)
        self.disk.owner, self._is_owner = owner, True

    def close(self) -> None:
        if not self._is_gone:
            self._flush()
            self.abandon()

    def abandon(self) -> None:
        self._is_gone = True
        self.failure = self.failure or StoreError(cause="the store is closed")
        self._pending.clear()
        if self._is_owner:
            self.disk.owner, self._is_owner = None, False

    def crash(self) -> "MemoryStore":
        """Die as by kill -9, losing what is not committed, and give the store that opens afterwards."""
        self.abandon()
        return MemoryStore(self.disk, is_inline=self._is_inline, on_failure=self._on_failure)

    # --- writes ---

    def commit(self, batch: Batch) -> Awaitable[None]:
        for entry in batch.journal:
            canonical_bytes(0, entry)  # what cannot be written down fails at its caller
        loop = _running_loop()
        if self._is_inline or loop is None:
            self._pending.append((_copy(batch), None))
            self._flush()
            return _Settled(self.failure)
        future: asyncio.Future[None] = loop.create_future()
        future.add_done_callback(lambda done: None if done.cancelled() else done.exception())
        if not self._pending:
            loop.call_soon(self._flush)
        self._pending.append((_copy(batch), future))
        return future

    def _flush(self) -> None:
        waiting, self._pending = self._pending, []
        for batch, future in waiting:
            self.commits += 1
            if self.failure is None and self.commits == self._fail_at_commit:
                self.failure = StoreError(cause="database or disk is full")
                if self._on_failure is not None:
                    self._on_failure(self.failure)
            if self.failure is None:
                self.disk.keep(batch)
            if future is not None and not future.done():
                if self.failure is None:
                    future.set_result(None)
                else:
                    future.set_exception(self.failure)

    def _turn(self) -> MemoryDisk:
        self._flush()
        if self.failure is not None:
            raise self.failure
        return self.disk

    def import_leads(
        self, campaign_id: CampaignId, callees: Sequence[CalleeRecord], leads: Sequence[LeadRecord], entry: JournalEntry
    ) -> None:
        disk = self._turn()
        ids = {callee.number: callee.callee_id for callee in disk.callees.values()}
        for callee in callees:
            if ids.setdefault(callee.number, callee.callee_id) != callee.callee_id:
                raise ConflictError(cause="number known under another id")
        names = [lead.lead_id for lead in leads]
        if len(set(names)) < len(names) or not disk.leads.keys().isdisjoint(names):
            raise ConflictError(cause="lead exists")
        for callee in callees:
            kept = disk.callees.get(callee.callee_id, callee)
            disk.callees[callee.callee_id] = replace(callee, number=kept.number)
        disk.leads.update({lead.lead_id: lead for lead in leads})
        disk.append(entry)

    def record_refusal_or_freeze(self, batch: Batch) -> None:
        assert not batch.leads + batch.attempts + batch.histories
        self._turn().keep(batch)

    def give_command(self, command: Command) -> None:
        disk = self._turn()
        disk.commands_given += 1
        disk.commands.append(replace(command, command_id=disk.commands_given))

    def take_commands(self) -> Sequence[Command]:
        taken, self.disk.commands = tuple(self.disk.commands), []
        return taken

    # --- reads ---

    def callee_ids(self, numbers: Sequence[PhoneNumber]) -> dict[PhoneNumber, CalleeId]:
        known = {callee.number: callee.callee_id for callee in self.disk.callees.values()}
        return {number: known[number] for number in numbers if number in known}

    def campaign_state(self, campaign_id: CampaignId) -> CampaignState | None:
        leads = tuple(sorted((x for x in self.disk.leads.values() if x.campaign_id == campaign_id), key=_by_row))
        journal = self.journal(campaign_id)
        if not leads and not journal:
            return None
        people = {lead.callee_id for lead in leads}
        last: datetime | None = journal[-1][1].at if journal else None
        return CampaignState(
            campaign_id=campaign_id,
            leads=leads,
            callees={key: callee for key, callee in self.disk.callees.items() if key in people},
            open_attempts=tuple(a for a in self.attempts(campaign_id) if a.state is not AttemptState.ENDED),
            last_civil_at=last,
        )

    def standing(self, callee_id: CalleeId) -> CalleeStanding:
        refusals = [refusal for refusal in self.disk.refusals if refusal.callee_id == callee_id]
        freezes = [freeze for freeze in self.disk.freezes if freeze.callee_id == callee_id]
        return CalleeStanding(
            self.disk.histories.get(callee_id, CalleeHistory()),
            tuple(sorted(refusals, key=lambda refusal: refusal.at)),
            tuple(sorted(freezes, key=lambda freeze: freeze.at)),
        )

    def attempts(self, campaign_id: CampaignId) -> Sequence[AttemptRecord]:
        found = (attempt for attempt in self.disk.attempts.values() if attempt.campaign_id == campaign_id)
        return tuple(sorted(found, key=lambda attempt: attempt.attempt_id))

    def journal(self, campaign_id: CampaignId | None = None, after_seq: int = 0) -> Sequence[tuple[int, JournalEntry]]:
        rows = self.disk.journal[after_seq:]
        return tuple(row for row in rows if campaign_id is None or row[1].campaign_id == campaign_id)

    def verify_chain(self) -> ChainVerdict:
        return verify_chain(self.disk.chain)

    def backup(self, target: Path) -> None:
        if target.exists():
            raise BackupError(file=target.name, cause="exists")
        target.write_bytes(pickle.dumps(replace(self.disk, owner=None)))

    @staticmethod
    def of_backup(target: Path) -> "MemoryStore":
        """The store that a backup holds."""
        return MemoryStore(pickle.loads(target.read_bytes()))


def _by_row(lead: LeadRecord) -> int:
    return lead.row


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
