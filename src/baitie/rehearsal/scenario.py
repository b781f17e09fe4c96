"""Scenario: everything that a rehearsed day starts from. Seeds differ in chance alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from baitie.app.calling.run_ground import CarrierKind, RunGround
from baitie.app.campaign.campaign import Campaign
from baitie.app.ports.clock import ZoneTable
from baitie.kernel.journal import JournalEntry
from baitie.kernel.records import CalleeRecord, LeadRecord
from baitie.rehearsal.listening import HeardFlow
from baitie.rehearsal.profile import Profile


@dataclass(frozen=True, slots=True)
class Scenario:
    """Scenario (演练场景): a campaign with its people, and when its day begins."""

    campaign: Campaign
    callees: tuple[CalleeRecord, ...]
    leads: tuple[LeadRecord, ...]
    imported: JournalEntry  # the journal's first entry: what brought the leads
    profile: Profile
    prompt_s: Mapping[str, float]  # length of each prompt
    zones: ZoneTable
    civil_start: datetime
    civil_speed: float = 1.0  # as the loopback carrier's clock; 1 for real days

    def ground(self) -> RunGround:
        """What its run stands on."""
        return RunGround(CarrierKind.REHEARSAL, self.civil_start, self.civil_speed)

    @property
    def flow(self) -> HeardFlow:
        """What callees hear."""
        return HeardFlow(self.campaign.script, self.prompt_s)

    def segments(self) -> dict[str, str]:
        """Segment by number in E.164, so that simulated people can differ by it."""
        numbers = {callee.callee_id: callee.number.e164() for callee in self.callees}
        return {numbers[lead.callee_id]: lead.segment for lead in self.leads}
