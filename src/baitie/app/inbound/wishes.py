"""What callers say by key: not to be called again, or to be called back when somebody is there."""

from dataclasses import dataclass, replace
from datetime import timedelta

from baitie.app.calling.persistence import BatchCommitter, HeldRefusal
from baitie.app.campaign.answering_plan import AnsweringPlan
from baitie.app.inbound.journal import about
from baitie.app.inbound.live import LiveInbound
from baitie.app.ports.arrivals import AnsweringStore
from baitie.app.ports.clock import Clock, Rng
from baitie.app.records.batch import Batch
from baitie.app.registers.callees import find_or_create_callee
from baitie.app.registers.refusals import refusal_batch
from baitie.domain.consent.requests import CalleeRequest, RequestKind
from baitie.domain.risk.history import RefusalChannel
from baitie.kernel.errors import StoreError
from baitie.kernel.ids import CalleeId, CampaignId, time_ordered
from baitie.kernel.journal import JournalKind, JsonValue
from baitie.kernel.time import local

CALLER_ACTOR = "callee"
"""Who acted: the person who called."""

CALLED_BACK_WITHIN = timedelta(hours=4)
"""How long after the hours begin a call back is still what was promised."""

_NO_CAMPAIGN = CampaignId("by-call")


@dataclass(slots=True)
class Wishes:
    """Keeps what callers wish (回拨者要求)."""

    plan: AnsweringPlan
    clock: Clock
    rng: Rng
    store: AnsweringStore
    committer: BatchCommitter

    def refuse(self, live: LiveInbound) -> CalleeId | None:
        """Keep that the caller wants no calls. None where nobody can tell whose calls: the number is withheld."""
        if live.number is None:
            return None
        now, evidence = self.clock.civil_now(), {"inbound_id": live.record.inbound_id}
        held = HeldRefusal(live.number, None, RefusalChannel.KEYPAD, CALLER_ACTOR, now, {**evidence})
        try:
            callee_id = find_or_create_callee(self.store, self.rng, live.number, now, _NO_CAMPAIGN)
        except StoreError as error:
            self.committer.fail(error)  # nothing is dialled any more
            self.committer.held.append(held)
            return None
        if callee_id is None:
            return None
        batch = refusal_batch(
            callee_id, RefusalChannel.KEYPAD, CALLER_ACTOR, now, evidence={"inbound_id": live.record.inbound_id}
        )
        named = replace(live.record, callee_id=callee_id)
        batch.journal = [about(named, entry.kind, now, dict(entry.facts)) for entry in batch.journal]
        self.committer.keep_refusal(batch, replace(held, callee_id=callee_id))
        return callee_id

    def call_back(self, live: LiveInbound) -> bool:
        """Keep that the caller wants to be called when the hours begin. False where nobody knows whom or what for."""
        record, now = live.record, self.clock.civil_now()
        if record.callee_id is None or record.attempt_id is None or live.has_refused:
            return False
        wanted_from = self.plan.policy.next_open(local(now, self.plan.zone))
        request = CalleeRequest(
            request_id=time_ordered("rq", int(now.timestamp() * 1000), self.rng.getrandbits),
            callee_id=record.callee_id,
            kind=RequestKind.CALL_BACK,
            made_at=now,
            due_on=wanted_from.date(),
            campaign_id=record.campaign_id,
            attempt_id=record.attempt_id,
            wanted_from=wanted_from,
            wanted_until=wanted_from + CALLED_BACK_WITHIN,
            facts={"inbound_id": record.inbound_id},
        )
        facts: dict[str, JsonValue] = {"request": request.request_id, "wanted_from": wanted_from.isoformat()}
        entry = about(record, JournalKind.CALL_BACK_REQUESTED, now, facts)
        self.committer.commit(Batch(requests=[request], journal=[entry]))
        return True
