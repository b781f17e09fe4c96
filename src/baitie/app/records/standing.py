"""What the store knows of one callee, and of one campaign."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from baitie.domain.complaints import Complaint
from baitie.domain.consent.register import Block, Consent, Preference
from baitie.domain.risk.history import CalleeHistory, Freeze, Refusal
from baitie.kernel.ids import CalleeId, CampaignId
from baitie.kernel.records import AttemptRecord, CalleeRecord, LeadRecord

CARDS_KEPT_MAX = 32
"""So many cards sent to one callee are looked at: more than any half-life leaves weight to."""


@dataclass(frozen=True, slots=True)
class CalleeStanding:
    """Standing (现状) of a callee over all campaigns: what the gate must know, kept ready without a scan."""

    history: CalleeHistory
    refusals: tuple[Refusal, ...] = ()
    freezes: tuple[Freeze, ...] = ()  # of these and of blocks only what nobody lifted
    consents: tuple[Consent, ...] = ()
    preference: Preference | None = None
    blocks: tuple[Block, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    cards_sent: tuple[datetime, ...] = ()  # the newest of them


@dataclass(frozen=True, slots=True)
class CampaignState:
    """Campaign state (任务状态) as the store has it: what a run starts or resumes from."""

    campaign_id: CampaignId
    leads: tuple[LeadRecord, ...]
    callees: Mapping[CalleeId, CalleeRecord]
    open_attempts: tuple[AttemptRecord, ...]
    last_civil_at: datetime | None  # of the newest journal entry of this campaign
    altered: frozenset[CalleeId] = frozenset()  # whose number is not the one that they are looked up by
