"""Who called: an attempt with its lead and its campaign."""

from dataclasses import dataclass

from baitie.app.records.page_cards import CampaignOverview
from baitie.kernel.records import AttemptRecord, LeadRecord

ATTEMPTS_SHOWN_MAX = 20
"""The newest attempts to one callee that are looked at: more than any cap allows in a month."""


@dataclass(frozen=True, slots=True)
class CallerFound:
    """Caller found (来电溯源): the attempt that a callee means, its lead and its campaign.

    Lead and campaign are None where they were erased, or where no run has told its facts.
    """

    attempt: AttemptRecord
    lead: LeadRecord | None
    campaign: CampaignOverview | None
