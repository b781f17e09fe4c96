"""Callees who asked to be called back: each request becomes the next call of its lead, within the wanted hours."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from baitie.app.calling.persistence import BatchCommitter
from baitie.app.calling.progress import Progress
from baitie.app.ports.arrivals import AnsweringStore
from baitie.app.ports.clock import Clock
from baitie.app.records.batch import Batch
from baitie.domain.consent.requests import CalleeRequest, RequestKind
from baitie.domain.dialing.queue import LeadQueue
from baitie.kernel.errors import StoreError
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId, LeadId
from baitie.kernel.journal import JournalEntry, JournalKind, JsonValue
from baitie.kernel.outcome import Outcome
from baitie.kernel.records import LeadRecord, LeadState

REQUESTS_MAX = 1000
"""So many requests are looked at in one turn, the most urgent first."""

PRIORITY = 1_000_000
"""Whoever asked to be called goes before everybody who did not."""

DIALLER_ACTOR = "dialler"
HOURS_PASSED = "call-back-hours-passed"


@dataclass(slots=True)
class CallBacks:
    """Requests to be called back (回电请求), honoured by a run. The gate is asked as always."""

    campaign_id: CampaignId
    clock: Clock
    committer: BatchCommitter
    store: AnsweringStore
    queue: LeadQueue
    wishes: dict[CalleeId, CalleeRequest]  # those that are being honoured
    is_live: Callable[[LeadId], bool]
    may_call: Callable[[CalleeId], bool]
    request_run: Callable[[], None]
    progress: Progress
    has_put_off: bool = False  # a request that was not taken at the last look, and may be at the next
    _queued: dict[LeadId, CalleeRequest] = field(default_factory=dict)
    _settled: set[str] = field(default_factory=set)  # requests that this run has nothing more to do for

    @property
    def must_look(self) -> bool:
        """Whether time alone may bring something: a lead comes free, or hours pass."""
        return self.has_put_off or bool(self._queued)

    def look(self) -> None:
        """Take what callees have asked for since the last look, and let go of what can no more be done in time."""
        civil_now = self.clock.civil_now()
        try:
            requests = self._open()
            self.has_put_off = len(requests) > REQUESTS_MAX
            for request in sorted(requests[:REQUESTS_MAX], key=lambda request: (request.made_at, request.request_id)):
                if not self._take(request, civil_now):
                    self.has_put_off = True
        except StoreError as error:
            self.committer.fail(error)
        self.let_go_late()

    def let_go_late(self) -> None:
        """Let go of what can no more be done in time."""
        if not self._queued:
            return
        civil_now = self.clock.civil_now()
        for lead_id, request in list(self._queued.items()):
            if request.wanted_until is not None and civil_now >= request.wanted_until:
                self._let_go(lead_id, request, civil_now)

    def on_closed(self, lead: LeadRecord, outcome: Outcome | None) -> None:
        """An attempt of this lead ended. Who was reached has been called back."""
        request = self._queued.get(lead.lead_id)
        if request is None or lead.state is LeadState.WAITING:
            return
        if outcome is not None and outcome.traits.is_served:
            self._close(lead.lead_id, request, "callee-reached", self.clock.civil_now())
        else:
            self._forget(lead.lead_id, request)

    def _open(self) -> Sequence[CalleeRequest]:
        known = {request.request_id for request in self._queued.values()} | self._settled
        return [
            request
            for request in self.store.requests(RequestKind.CALL_BACK)
            if request.campaign_id == self.campaign_id and request.request_id not in known
        ]

    def _take(self, request: CalleeRequest, civil_now: datetime) -> bool:
        """Gives whether nothing more has to be done for it, now at least."""
        found = None if request.attempt_id is None else self.store.caller_of(AttemptId(request.attempt_id))
        lead = None if found is None else found.lead
        is_late = request.wanted_until is not None and civil_now >= request.wanted_until
        if lead is None or is_late or not self.may_call(lead.callee_id):
            self._settled.add(request.request_id)  # somebody has to look: it stays open
            return True
        if lead.state is LeadState.IN_PROGRESS or self.is_live(lead.lead_id):
            return False
        before = self._queued.get(lead.lead_id)
        if before is not None:
            self._close(lead.lead_id, before, "asked-again", civil_now)
        if not self.queue.drop(lead.lead_id):
            self.progress.leads_closed -= 1
        wanted = replace(lead, state=LeadState.WAITING, not_before=request.wanted_from, priority=PRIORITY, reason="")
        self._queued[lead.lead_id] = self.wishes[lead.callee_id] = request
        self.queue.add(wanted, civil_now)
        facts: dict[str, JsonValue] = {
            "request": request.request_id,
            "wanted_from": _iso(request.wanted_from),
            "wanted_until": _iso(request.wanted_until),
        }
        entry = self._entry(JournalKind.CALL_BACK_QUEUED, request, lead.lead_id, civil_now, facts)
        self.committer.commit(Batch(leads=[wanted], journal=[entry]))
        self.request_run()
        return True

    def _let_go(self, lead_id: LeadId, request: CalleeRequest, civil_now: datetime) -> None:
        """Its hours have passed while it waited: nobody is called outside the hours that they named."""
        if self.is_live(lead_id):
            return
        found = None if request.attempt_id is None else self.store.caller_of(AttemptId(request.attempt_id))
        self._forget(lead_id, request)
        if found is None or found.lead is None or not self.queue.drop(lead_id):
            return
        self.progress.leads_closed += 1
        lead = replace(found.lead, state=LeadState.FINISHED, reason=HOURS_PASSED, not_before=None)
        entry = self._entry(JournalKind.LEAD_CLOSED, request, lead_id, civil_now, {"reason": HOURS_PASSED})
        self.committer.commit(Batch(leads=[lead], journal=[entry]))
        self.request_run()

    def _close(self, lead_id: LeadId, request: CalleeRequest, reason: str, now: datetime) -> None:
        self._forget(lead_id, request)
        facts: dict[str, JsonValue] = {"request": request.request_id, "reason": reason}
        entry = self._entry(JournalKind.CALL_BACK_CLOSED, request, lead_id, now, facts)
        self.committer.commit(Batch(requests=[request.done(now, DIALLER_ACTOR)], journal=[entry]))

    def _forget(self, lead_id: LeadId, request: CalleeRequest) -> None:
        self._queued.pop(lead_id, None)
        self.wishes.pop(request.callee_id, None)
        self._settled.add(request.request_id)

    def _entry(
        self, kind: JournalKind, request: CalleeRequest, lead_id: LeadId, at: datetime, facts: dict[str, JsonValue]
    ) -> JournalEntry:
        return JournalEntry(kind, at, self.campaign_id, lead_id, request.attempt_id, request.callee_id, facts)


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
