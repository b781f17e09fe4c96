"""Resumes after a crash: what was open is closed honestly, what waited waits on."""

from dataclasses import replace

from baitie.app.calling.attempt_end import attempt_entry, close_unknown, count_attempt
from baitie.app.campaign.campaign import Campaign
from baitie.app.gate.gate import Gate
from baitie.app.records.batch import Batch, merged
from baitie.app.records.standing import CampaignState
from baitie.domain.dialing.queue import LeadQueue
from baitie.domain.risk.facts import GateStage
from baitie.kernel.ids import LeadId
from baitie.kernel.journal import JournalKind
from baitie.kernel.records import LeadRecord, LeadState


def recover(
    campaign: Campaign, state: CampaignState, gate: Gate, queue: LeadQueue | None = None
) -> tuple[Batch, LeadQueue]:
    """The batch that closes every open attempt, and the queue of leads that still wait: the one given, or a new one."""
    civil_now = gate.clock.civil_now()
    leads: dict[LeadId, LeadRecord] = {lead.lead_id: lead for lead in state.leads}
    batches: list[Batch] = []
    for record in state.open_attempts:
        ended, lead = close_unknown(record, leads[record.lead_id], civil_now)
        leads[lead.lead_id] = lead
        outcome = ended.outcome.value if ended.outcome else None
        entry = attempt_entry(ended, JournalKind.ATTEMPT_ENDED, civil_now, {"outcome": outcome, "cause": "crash"})
        batch = Batch(journal=[entry], leads=[lead], attempts=[ended])
        batches.append(batch)
        if ended.invite_sent_at is not None and ended.callee_id in state.callees:
            facts = gate.facts(state.callees[ended.callee_id], GateStage.RING, lead=lead)
            count_attempt(batch, ended, facts, civil_now, campaign.policy, campaign.rules)
    queue = LeadQueue() if queue is None else queue
    for lead in leads.values():
        if lead.callee_id in state.altered or lead.callee_id not in state.callees:
            continue  # whom it would ring is not who was asked about
        if lead.state in (LeadState.WAITING, LeadState.IN_PROGRESS):
            waiting = lead if lead.state is LeadState.WAITING else replace(lead, state=LeadState.WAITING)
            queue.add(waiting, civil_now)
    return merged(batches), queue
