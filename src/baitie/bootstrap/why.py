"""Why one number may or may not be called now: what `baitie why` shows."""

from dataclasses import dataclass
from datetime import datetime

from baitie.adapters.store import SqlStore
from baitie.app.gate.complaint_red_line import complaint_shares
from baitie.app.gate.list_facts import ListFacts
from baitie.app.gate.number_facts import NO_STANDING, facts_about
from baitie.app.registers.policy import number_read, of_one_person
from baitie.bootstrap.civil_time import civil_now_of
from baitie.bootstrap.stores import open_store, store_exists
from baitie.domain.risk.explain import Explanation, explain
from baitie.domain.risk.standing import ShareFact
from baitie.files.campaign_folder import CampaignFolder
from baitie.files.rule_files import packs_left_out
from baitie.files.zones import zones
from baitie.kernel.ids import CalleeId, CampaignId
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import LeadRecord


@dataclass(frozen=True, slots=True)
class NumberExplanation:
    """Number explanation (号码说明): why one number may or may not be called now."""

    number: PhoneNumber
    is_known: bool  # whether the store has this callee
    attempts_past: int
    civil_now: datetime
    explanation: Explanation
    region: str | None
    has_own_rules: bool  # whether any pack in use has rules of the number's region
    packs_left_out: tuple[str, ...]  # shipped, and with rules for where the number is
    lacks_lead: bool = False  # the campaign tells series or segments by its leads, and none of this number is known


def explain_number(folder: CampaignFolder, written: str, at: datetime | None) -> NumberExplanation:
    """What each rule says of calling this number for this campaign, at a civil time or now."""
    settings = folder.organisation.settings
    reading = of_one_person(number_read(written, settings.enterprise.default_region))
    standing, is_known, lead = NO_STANDING, False, None
    shares: tuple[ShareFact, ...] = ()
    campaign = folder.campaign
    store = open_store(settings) if store_exists(settings) else None
    try:
        civil_now = at or civil_now_of(settings, store, folder.settings.settings.loopback)
        if store is not None:
            callee_id = store.callee_ids([reading.number]).get(reading.number)
            if callee_id is not None:
                standing, is_known = store.standing(callee_id), True
                lead = _lead_of(store, campaign.campaign_id, callee_id)
            shares = complaint_shares(campaign, store, civil_now)
        facts = facts_about(
            folder.campaign,
            zones,
            reading.number,
            reading.number_class,
            reading.region,
            reading.zone_names,
            civil_now,
            standing,
            shares,
            ListFacts(campaign, store),
            lead,
        )
    finally:
        if store is not None:
            store.close()
    return NumberExplanation(
        reading.number,
        is_known,
        len(standing.history.attempts),
        civil_now,
        explain(folder.campaign.rules, facts),
        reading.region,
        folder.campaign.rules.has_rules_of(reading.region),
        packs_left_out(campaign.rules, [reading.region]),
        lacks_lead=lead is None and campaign.series is not None,
    )


def _lead_of(store: SqlStore, campaign_id: CampaignId, callee_id: CalleeId) -> LeadRecord | None:
    """The lead of this callee in the campaign: it tells the series and the segment that the gate is told in a run."""
    state = store.campaign_state(campaign_id)
    leads = () if state is None else state.leads
    return next((lead for lead in leads if lead.callee_id == callee_id), None)
