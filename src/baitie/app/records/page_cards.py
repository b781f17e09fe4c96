"""What is kept so that callees can look up who called: codes on cards, and the facts of campaigns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from baitie.domain.namecard.page_code import PageCode
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId
from baitie.kernel.journal import JsonValue
from baitie.kernel.purpose import Purpose


@dataclass(frozen=True, slots=True)
class CampaignOverview:
    """Campaign facts (任务概况): what a callee may be told of a campaign, and what finds its flow again.

    Kept when a run begins. `card_text` is the card with its slots by name in braces; `card_values` are the slots'
    values that are the same for everybody.
    """

    campaign_id: CampaignId
    name: str
    enterprise: str
    purpose: Purpose
    script_id: str
    script_version: str
    presented_numbers: tuple[str, ...]  # E.164: the enterprise's own
    card_text: str | None = None
    card_language: str | None = None
    card_text_hash: str | None = None  # of the template as it is filed
    card_channel: str | None = None
    page_address: str | None = None  # what a link on the card begins with
    slot_types: Mapping[str, str] = field(default_factory=dict)
    card_values: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, JsonValue]:
        """As plain JSON."""
        return {
            "campaign_id": self.campaign_id,
            "name": self.name,
            "enterprise": self.enterprise,
            "purpose": self.purpose.value,
            "script_id": self.script_id,
            "script_version": self.script_version,
            "presented_numbers": list(self.presented_numbers),
            "card_text": self.card_text,
            "card_language": self.card_language,
            "card_text_hash": self.card_text_hash,
            "card_channel": self.card_channel,
            "page_address": self.page_address,
            "slot_types": dict(self.slot_types),
            "card_values": dict(self.card_values),
        }

    @staticmethod
    def from_json(body: Mapping[str, Any]) -> "CampaignOverview":
        """The inverse of `to_json`."""
        known = {**body, "campaign_id": CampaignId(body["campaign_id"]), "purpose": Purpose(body["purpose"])}
        return CampaignOverview(**{**known, "presented_numbers": tuple(body["presented_numbers"])})


@dataclass(frozen=True, slots=True)
class PageCard:
    """Page card (查验登记): which attempt a code on a card belongs to. The store keeps the code's keyed hash only."""

    code: PageCode
    attempt_id: AttemptId
    callee_id: CalleeId
    made_at: datetime
    expires_at: datetime
