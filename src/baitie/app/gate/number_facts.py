"""Facts about one number outside a run: what `why` and `check` ask the gate with."""

from collections.abc import Sequence
from datetime import datetime

from baitie.app.campaign.campaign import Campaign
from baitie.app.gate.call_facts import AskedCall, call_facts
from baitie.app.gate.list_facts import ListFacts
from baitie.app.ports.clock import ZoneTable
from baitie.app.records.standing import CalleeStanding
from baitie.domain.risk.facts import CallFacts
from baitie.domain.risk.history import CalleeHistory
from baitie.domain.risk.standing import ShareFact
from baitie.kernel.ids import CalleeId
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.purpose import NumberClass
from baitie.kernel.records import CalleeRecord, LeadRecord

NOBODY_YET = CalleeId("unknown")
"""Stands for callees that the store does not know."""

NO_STANDING = CalleeStanding(CalleeHistory())


def facts_about(
    campaign: Campaign,
    zones: ZoneTable,
    number: PhoneNumber,
    number_class: NumberClass,
    region: str | None,
    zone_names: tuple[str, ...],
    civil_now: datetime,
    standing: CalleeStanding = NO_STANDING,
    shares: Sequence[ShareFact] = (),
    list_facts: ListFacts | None = None,
    lead: LeadRecord | None = None,
) -> CallFacts:
    """What the gate is told of a number that no attempt is in progress to; `lead` tells its series and segment."""
    callee = CalleeRecord(NOBODY_YET, number, number_class, region, zone_names)
    call = AskedCall(campaign, callee, zones, civil_now, standing, lead=lead, shares=shares, lists=list_facts)
    return call_facts(call)
