"""Answering beside a run: who calls us is not called meanwhile, and who was served is not called again for it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from baitie.app.calling.attempt_driver import AttemptDriver
from baitie.app.calling.attempt_end import CALLEE_CALLED
from baitie.app.calling.persistence import BatchCommitter
from baitie.app.calling.progress import Progress
from baitie.app.ports.arrivals import AnsweringStore, InboundGateway
from baitie.app.ports.clock import Clock
from baitie.app.records.batch import Batch
from baitie.app.registers.refusals import REFUSED
from baitie.domain.dialing.queue import LeadQueue
from baitie.domain.inbound.call import InboundOutcome
from baitie.domain.inbound.record import InboundRecord
from baitie.kernel.errors import StoreError
from baitie.kernel.ids import CalleeId, CampaignId, InboundId
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.outcome import EndedBy
from baitie.kernel.records import LeadRecord, LeadState

CALLED_BACK = "callee-called-back"
"""Why a lead is finished: its callee called us and heard the script."""


@dataclass(frozen=True, slots=True)
class InboundPorts:
    """Ports of answering (接听端口): the outside, as answering needs it."""

    gateway: InboundGateway
    store: AnsweringStore


@dataclass(slots=True)
class CampaignHost:
    """Keeps run and callers apart (呼入与外呼的协调). Fulfils `Host`."""

    campaign_id: CampaignId
    clock: Clock
    committer: BatchCommitter
    driver: AttemptDriver
    store: AnsweringStore
    in_flight: Counter[CalleeId]
    queue: LeadQueue
    request_run: Callable[[], None]
    progress: Progress
    look_at_requests: Callable[[], None]
    held: dict[InboundId, LeadRecord] = field(default_factory=dict)  # leads whose callee is on the line

    def on_caller(self, record: InboundRecord) -> None:
        """This callee is on the line: what is on its way to them is stopped, and their lead waits outside the queue."""
        if record.callee_id is None:
            return
        self.in_flight[record.callee_id] += 1
        self.driver.stop_callee(record.callee_id, CALLEE_CALLED)
        lead = waiting_lead(self.store, self.committer, record) if record.campaign_id == self.campaign_id else None
        if lead is not None and self.queue.drop(lead.lead_id):
            self.held[record.inbound_id] = lead

    def on_caller_gone(self, record: InboundRecord, *, is_served: bool) -> None:
        """The call has ended and its lease is back: the lead is finished, or waits on."""
        if record.callee_id is not None:
            self.in_flight[record.callee_id] -= 1
            if self.in_flight[record.callee_id] <= 0:
                del self.in_flight[record.callee_id]
        lead = self.held.pop(record.inbound_id, None)
        if lead is not None and is_served:
            self.progress.leads_closed += 1
            self.committer.commit(finished(lead, record, self.clock.civil_now()))
        elif lead is not None:
            self.queue.add(lead, self.clock.civil_now())
            self.look_at_requests()  # the caller may have asked for another hour: the lead must not go before it
        self.request_run()

    def on_refused(self, callee_id: CalleeId) -> None:
        """What is on its way to them is stopped at once; the gate knows when it is kept."""
        self.progress.note_refusal(callee_id, None)
        self.driver.stop_callee(callee_id, REFUSED)


@dataclass(slots=True)
class Alone:
    """Answering where nothing is dialled (单独接听). Fulfils `Host`."""

    clock: Clock
    committer: BatchCommitter
    store: AnsweringStore

    def on_caller(self, record: InboundRecord) -> None:
        """Nobody calls them meanwhile: this process owns the store."""

    def on_caller_gone(self, record: InboundRecord, *, is_served: bool) -> None:
        """The next run is not to call them for what they have heard."""
        lead = waiting_lead(self.store, self.committer, record) if is_served else None
        if lead is not None:
            self.committer.commit(finished(lead, record, self.clock.civil_now()))

    def on_refused(self, callee_id: CalleeId) -> None:
        """The store tells those who dial."""


def waiting_lead(store: AnsweringStore, committer: BatchCommitter, record: InboundRecord) -> LeadRecord | None:
    """The lead of the attempt that was returned, if it still waits."""
    if record.attempt_id is None:
        return None
    try:
        found = store.caller_of(record.attempt_id)
    except StoreError as error:
        committer.fail(error)
        return None
    lead = None if found is None else found.lead
    return lead if lead is not None and lead.state is LeadState.WAITING else None


def finished(lead: LeadRecord, record: InboundRecord, civil_now: datetime) -> Batch:
    """The lead needs no further attempt."""
    closed = replace(lead, state=LeadState.FINISHED, reason=CALLED_BACK, not_before=None)
    entry = JournalEntry(
        JournalKind.LEAD_CLOSED,
        civil_now,
        lead.campaign_id,
        lead.lead_id,
        record.attempt_id,
        lead.callee_id,
        {"reason": CALLED_BACK, "inbound_id": record.inbound_id},
    )
    return Batch(leads=[closed], journal=[entry])


def after_crash(record: InboundRecord, civil_now: datetime) -> InboundRecord:
    """A call found without an end: what was said in it cannot be known."""
    outcome = InboundOutcome.FAILED if record.answered_at is None else InboundOutcome.UNKNOWN
    return replace(record, ended_at=civil_now, outcome=outcome, cause="crash", ended_by=EndedBy.NOBODY)
