"""A store in memory that keeps the same contract as the real ones, crashes on demand and fails where it is told."""

import asyncio
import pickle
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from baitie.adapters.store.audit import MATCHES_MAX
from baitie.adapters.store.chain import ChainVerdict, journal_row_of, verify_chain
from baitie.adapters.store.errors import BackupError, ConflictError
from baitie.app.records.batch import Batch
from baitie.app.records.callers import ATTEMPTS_SHOWN_MAX, CallerFound
from baitie.app.records.card_file import CardFile
from baitie.app.records.commands import Command
from baitie.app.records.journal import AttemptFile, JournalTail
from baitie.app.records.page_cards import CampaignOverview, PageCard
from baitie.app.records.sent_card import SentCard
from baitie.app.records.standing import CARDS_KEPT_MAX, CalleeStanding, CampaignState
from baitie.domain.audit import Checkpoint, JournalRow, SigningKey
from baitie.domain.complaints import Complaint, NumberSuspension
from baitie.domain.consent.register import BarKind, Block, Consent, Preference
from baitie.domain.consent.requests import CalleeRequest, RequestKind
from baitie.domain.inbound.record import InboundRecord
from baitie.domain.namecard.page_code import PageCode
from baitie.domain.registries import DoNotCallRegistry, Qualification
from baitie.domain.review import Suspect, SuspectState
from baitie.domain.risk.history import CalleeHistory, Freeze, Refusal
from baitie.kernel.errors import BusyError, StoreError
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId, CardId, LeadId
from baitie.kernel.journal import BARS, GENESIS_HASH, JournalEntry, JournalKind, canonical_bytes, link_hash
from baitie.kernel.outcome import Outcome
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
    consents: dict[str, Consent] = field(default_factory=dict)
    preferences: dict[CalleeId, Preference] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    complaints: dict[str, Complaint] = field(default_factory=dict)
    cards_sent: list[tuple[CalleeId, datetime]] = field(default_factory=list)
    page_cards: dict[PageCode, PageCard] = field(default_factory=dict)
    card_submissions: dict[CardId, SentCard] = field(default_factory=dict)
    campaigns: dict[CampaignId, CampaignOverview] = field(default_factory=dict)
    requests: dict[str, CalleeRequest] = field(default_factory=dict)
    inbound: dict[str, InboundRecord] = field(default_factory=dict)
    suspects: dict[str, Suspect] = field(default_factory=dict)
    suspensions: dict[str, NumberSuspension] = field(default_factory=dict)
    qualifications: dict[str, Qualification] = field(default_factory=dict)
    registries: dict[str, tuple[DoNotCallRegistry, frozenset[str]]] = field(default_factory=dict)
    journal: list[tuple[int, JournalEntry]] = field(default_factory=list)
    chain: list[tuple[int, str | None, str, str, str]] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    commands_given: int = 0
    checkpoints: list[Checkpoint] = field(default_factory=list)
    signing_keys: list[SigningKey] = field(default_factory=list)
    owner: str | None = None
    changes: int = 0
    listeners: list[Callable[[], None]] = field(default_factory=list)

    def changed(self) -> None:
        """Something was written that a run must heed."""
        self.changes += 1
        for listener in list(self.listeners):
            listener()

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
        self.cards_sent.extend(batch.cards_sent)
        self.blocks.extend(batch.blocks)
        self.consents.update({consent.consent_id: consent for consent in batch.consents})
        self.preferences.update({wish.callee_id: wish for wish in batch.preferences})
        self.card_submissions.update({card.card_id: card for card in batch.card_submissions})
        self.complaints.update({complaint.complaint_id: complaint for complaint in batch.complaints})
        self.page_cards.update({card.code: card for card in batch.page_cards})
        self.campaigns.update({facts.campaign_id: facts for facts in batch.campaigns})
        self.requests.update({request.request_id: request for request in batch.requests})
        self.inbound.update({record.inbound_id: record for record in batch.inbound})
        self.suspects.update({suspect.suspect_id: suspect for suspect in batch.suspects})
        self.suspensions.update({one.suspension_id: one for one in batch.suspensions})
        self.qualifications.update({one.qualification_id: one for one in batch.qualifications})
        for callee_id in batch.forgotten:
            self.forget(callee_id)
        for lift in batch.lifts:
            of_kind: dict[BarKind, list[Any]] = {
                BarKind.REFUSAL: self.refusals,
                BarKind.FREEZE: self.freezes,
                BarKind.BLOCK: self.blocks,
            }
            bars = of_kind[lift.kind]
            bars[:] = [bar for bar in bars if bar.callee_id != lift.callee_id]

    def forget(self, callee_id: CalleeId) -> None:
        """Destroy what names a callee."""
        for lead in [lead for lead in self.leads.values() if lead.callee_id == callee_id]:
            self.leads[lead.lead_id] = replace(lead, name="", slots={}, segment="")
        for attempt in [attempt for attempt in self.attempts.values() if attempt.callee_id == callee_id]:
            self.attempts[attempt.attempt_id] = replace(attempt, answers={})
        self.card_submissions = {
            card_id: replace(card, token=None) if card.callee_id == callee_id else card
            for card_id, card in self.card_submissions.items()
        }
        for inbound in [inbound for inbound in self.inbound.values() if inbound.callee_id == callee_id]:
            self.inbound[inbound.inbound_id] = replace(inbound, answers={})
        self.page_cards = {code: card for code, card in self.page_cards.items() if card.callee_id != callee_id}
        for suspect in [suspect for suspect in self.suspects.values() if suspect.callee_id == callee_id]:
            self.suspects[suspect.suspect_id] = replace(suspect, quote="")


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
    """Fulfils `RunStore`. A batch is committed in the loop's next turn, or at once where no loop runs
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
        self._listeners: list[Callable[[], None]] = []

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
        for listener in self._listeners:
            self.disk.listeners.remove(listener)
        self._listeners.clear()
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
                if batch.is_act():
                    self.disk.changed()
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
        disk.changed()

    def record_refusal_or_freeze(self, batch: Batch) -> None:
        assert not any((batch.leads, batch.attempts, batch.histories))
        disk = self._turn()
        disk.keep(batch)
        disk.changed()

    def give_command(self, command: Command) -> None:
        disk = self._turn()
        disk.commands_given += 1
        disk.commands.append(replace(command, command_id=disk.commands_given))
        disk.changed()

    def take_commands(self) -> Sequence[Command]:
        taken, self.disk.commands = tuple(self.disk.commands), []
        return taken

    # --- changes ---

    def changes(self) -> int:
        return self.disk.changes

    def on_change(self, listener: Callable[[], None]) -> bool:
        self.disk.listeners.append(listener)
        self._listeners.append(listener)
        return True

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
            tuple(sorted((c for c in self.disk.consents.values() if c.callee_id == callee_id), key=_by_grant)),
            self.disk.preferences.get(callee_id),
            tuple(sorted((b for b in self.disk.blocks if b.callee_id == callee_id), key=lambda block: block.at)),
            tuple(complaint for complaint in self.complaints() if complaint.callee_id == callee_id),
            tuple(sorted(at for name, at in self.disk.cards_sent if name == callee_id)[-CARDS_KEPT_MAX:]),
        )

    def callees_of(self, campaign_id: CampaignId, count_max: int) -> Sequence[CalleeRecord]:
        state = self.campaign_state(campaign_id)
        return () if state is None else [state.callees[lead.callee_id] for lead in state.leads[:count_max]]

    def complaint_share(self, campaign_id: CampaignId, since: datetime) -> tuple[int, int]:
        mine = (c for c in self.disk.complaints.values() if c.campaign_id == campaign_id)
        placed = (a.invite_sent_at for a in self.attempts(campaign_id) if a.invite_sent_at is not None)
        return sum(c.received_at >= since for c in mine), sum(at >= since for at in placed)

    def attempts_showing(
        self, number: str, since: datetime
    ) -> tuple[datetime | None, Sequence[tuple[datetime, Outcome | None]]]:
        of_number = (a for a in self.disk.attempts.values() if a.presented_number.e164() == number)
        placed = sorted((a.invite_sent_at, a.outcome) for a in of_number if a.invite_sent_at is not None)
        return (placed[0][0] if placed else None), tuple(one for one in placed if one[0] >= since)

    def complaints(self) -> Sequence[Complaint]:
        return tuple(sorted(self.disk.complaints.values(), key=lambda c: (c.received_at, c.complaint_id)))

    def barred_callees(self) -> Sequence[CalleeRecord]:
        disk = self.disk
        registers: list[Any] = [disk.refusals, disk.freezes, disk.blocks]
        registers += [disk.consents.values(), disk.preferences.values(), disk.complaints.values()]
        names = {record.callee_id for register in registers for record in register}
        return tuple(sorted((c for c in disk.callees.values() if c.callee_id in names), key=lambda c: c.callee_id))

    def callees_barred_after(self, seq: int | None) -> tuple[int, frozenset[CalleeId]]:
        rows = [] if seq is None else self.disk.journal[seq:]
        barred = {entry.callee_id for _, entry in rows if entry.kind in BARS and entry.callee_id is not None}
        return len(self.disk.journal), frozenset(CalleeId(name) for name in barred)

    def suspects(self, state: SuspectState | None = None) -> Sequence[Suspect]:
        found = sorted(self._turn().suspects.values(), key=lambda suspect: suspect.suspect_id)
        return tuple(suspect for suspect in found if state in (None, suspect.state))

    def suspected_callees(self) -> Sequence[CalleeRecord]:
        names = {suspect.callee_id for suspect in self.disk.suspects.values()}
        return tuple(sorted((c for c in self.disk.callees.values() if c.callee_id in names), key=lambda c: c.callee_id))

    def suspended_numbers(self) -> frozenset[str]:
        return frozenset(one.number for one in self.disk.suspensions.values() if one.is_active)

    def suspensions(self) -> Sequence[NumberSuspension]:
        return tuple(sorted(self._turn().suspensions.values(), key=lambda one: one.suspension_id))

    def qualifications(self) -> Sequence[Qualification]:
        return tuple(sorted(self.disk.qualifications.values(), key=lambda one: one.qualification_id))

    def registries(self) -> Sequence[DoNotCallRegistry]:
        return tuple(self.disk.registries[name][0] for name in sorted(self.disk.registries))

    def registries_about(self, number: PhoneNumber) -> Sequence[tuple[DoNotCallRegistry, bool]]:
        return tuple((registry, number.e164() in named) for registry, named in self.disk.registries.values())

    def import_registry(
        self,
        name: str,
        numbers: Iterable[str | None],
        *,
        as_of: date,
        at: datetime,
        actor: str,
        source: str,
        told: Callable[[DoNotCallRegistry, DoNotCallRegistry | None], JournalEntry] | None = None,
    ) -> DoNotCallRegistry:
        lines = list(numbers)
        named = frozenset(number for number in lines if number is not None)
        disk = self._turn()
        generation = max((copy.generation for copy, _ in disk.registries.values()), default=0) + 1
        copy = DoNotCallRegistry(name, as_of, at, actor, source, len(named), lines.count(None), generation)
        before = disk.registries.get(name)
        disk.registries[name] = (copy, named)
        if told is not None:
            disk.append(told(copy, None if before is None else before[0]))
        disk.changed()
        return copy

    def drop_registry(self, name: str, told: Callable[[DoNotCallRegistry | None], JournalEntry] | None = None) -> bool:
        disk = self._turn()
        dropped = disk.registries.pop(name, None)
        if dropped is not None and told is not None:
            disk.append(told(dropped[0]))
        disk.changed()
        return dropped is not None

    def attempts_to(self, callee_id: CalleeId, count_max: int) -> Sequence[AttemptRecord]:
        found = [attempt for attempt in self._turn().attempts.values() if attempt.callee_id == callee_id]
        return tuple(sorted(found, key=lambda attempt: attempt.attempt_id, reverse=True)[:count_max])

    def sent_cards(self, attempt_id: AttemptId) -> Sequence[SentCard]:
        found = (card for card in self._turn().card_submissions.values() if card.attempt_id == attempt_id)
        return tuple(sorted(found, key=lambda card: (card.submitted_at, card.card_id)))

    def caller_of(self, attempt_id: AttemptId) -> CallerFound | None:
        disk = self._turn()
        attempt = disk.attempts.get(attempt_id)
        if attempt is None:
            return None
        return CallerFound(attempt, disk.leads.get(attempt.lead_id), disk.campaigns.get(attempt.campaign_id))

    def campaign_facts(self, campaign_id: CampaignId) -> CampaignOverview | None:
        return self._turn().campaigns.get(campaign_id)

    def card_file(self, code: PageCode) -> CardFile | None:
        disk = self._turn()
        card = disk.page_cards.get(code)
        caller = None if card is None else self.caller_of(card.attempt_id)
        callee = None if card is None else disk.callees.get(card.callee_id)
        if card is None or caller is None or callee is None:
            return None
        about = [
            (seq, entry)
            for seq, entry in disk.journal
            if entry.attempt_id == card.attempt_id and entry.kind is JournalKind.CARD_SUBMITTED
        ]
        seq, entry = about[-1] if about else (None, None)
        attempts = tuple(self.attempts_to(card.callee_id, ATTEMPTS_SHOWN_MAX))
        sent = tuple(self.sent_cards(card.attempt_id))
        return CardFile(caller, callee, self.standing(card.callee_id), attempts, card.expires_at, seq, entry, sent)

    def inbound_calls(
        self, campaign_id: CampaignId | None = None, *, open_only: bool = False
    ) -> Sequence[InboundRecord]:
        found = self._turn().inbound.values()
        kept = [r for r in found if campaign_id in (None, r.campaign_id) and (r.is_open or not open_only)]
        return tuple(sorted(kept, key=lambda record: record.inbound_id))

    def requests(self, kind: RequestKind, *, open_only: bool = True) -> Sequence[CalleeRequest]:
        found = [
            each for each in self._turn().requests.values() if each.kind is kind and (each.is_open or not open_only)
        ]
        return tuple(sorted(found, key=lambda each: (each.due_on, each.request_id)))

    def add_page_code(self, card: PageCard, entry: JournalEntry) -> bool:
        disk = self._turn()
        if not any(each.attempt_id == card.attempt_id for each in disk.page_cards.values()):
            return False
        disk.page_cards[card.code] = card
        disk.append(entry)
        return True

    def callees(self, callee_ids: Iterable[CalleeId]) -> Sequence[CalleeRecord]:
        known = self._turn().callees
        return tuple(known[callee_id] for callee_id in dict.fromkeys(callee_ids) if callee_id in known)

    def drop_expired_codes(self, at: datetime) -> int:
        disk = self._turn()
        kept = {code: card for code, card in disk.page_cards.items() if card.expires_at > at}
        dropped, disk.page_cards = len(disk.page_cards) - len(kept), kept
        return dropped

    def attempts(self, campaign_id: CampaignId) -> Sequence[AttemptRecord]:
        found = (attempt for attempt in self.disk.attempts.values() if attempt.campaign_id == campaign_id)
        return tuple(sorted(found, key=lambda attempt: attempt.attempt_id))

    def journal(self, campaign_id: CampaignId | None = None, after_seq: int = 0) -> Sequence[tuple[int, JournalEntry]]:
        rows = self.disk.journal[after_seq:]
        return tuple(row for row in rows if campaign_id is None or row[1].campaign_id == campaign_id)

    def verify_chain(self) -> ChainVerdict:
        return verify_chain(self.disk.chain)

    # --- proof ---

    def journal_tail(self) -> JournalTail | None:
        if not self.disk.journal:
            return None
        seq, entry = self.disk.journal[-1]
        return JournalTail(seq, self.disk.chain[-1][4], entry.at)

    def journal_rows(self, first_seq: int = 1, last_seq: int | None = None) -> Iterator[JournalRow]:
        until = len(self.disk.chain) if last_seq is None else last_seq
        return (journal_row_of(row) for row in self.disk.chain[first_seq - 1 : until])

    def checkpoints(self) -> Sequence[Checkpoint]:
        return tuple(self.disk.checkpoints)

    def last_checkpoint(self) -> Checkpoint | None:
        return self.disk.checkpoints[-1] if self.disk.checkpoints else None

    def keep_checkpoint(self, checkpoint: Checkpoint) -> None:
        if any(kept.number == checkpoint.number for kept in self._turn().checkpoints):
            raise ConflictError(cause="checkpoint exists")
        self.disk.checkpoints.append(checkpoint)

    def signing_keys(self) -> Sequence[SigningKey]:
        return tuple(self.disk.signing_keys)

    def keep_signing_key(self, key: SigningKey) -> None:
        known = self._turn().signing_keys
        if key.previous_key != (known[-1].public_key if known else None):
            raise ConflictError(cause="another signing key was kept meanwhile")
        known.append(key)

    def attempt_ids_like(self, part: str) -> Sequence[AttemptId]:
        found = sorted(name for name in self.disk.attempts if name.startswith(part) or name.endswith(part))
        return (AttemptId(part),) if part in self.disk.attempts else tuple(found[:MATCHES_MAX])

    def attempt_file(self, attempt_id: AttemptId) -> AttemptFile | None:
        attempt = self.disk.attempts.get(attempt_id)
        if attempt is None:
            return None
        about = tuple(row for row in self.disk.journal if row[1].callee_id == attempt.callee_id)
        return AttemptFile(
            attempt, self.disk.leads.get(attempt.lead_id), self.disk.callees.get(attempt.callee_id), about
        )

    def backup(self, target: Path) -> None:
        if target.exists():
            raise BackupError(file=target.name, cause="exists")
        target.write_bytes(pickle.dumps(replace(self.disk, owner=None, listeners=[])))

    @staticmethod
    def of_backup(target: Path) -> "MemoryStore":
        """The store that a backup holds."""
        return MemoryStore(pickle.loads(target.read_bytes()))


def _by_grant(consent: Consent) -> tuple[datetime, str]:
    return consent.granted_at, consent.consent_id


def _by_row(lead: LeadRecord) -> int:
    return lead.row


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
