"""What a campaign says of dialling: limits of one attempt, and when a lead is tried again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from baitie.kernel.outcome import Outcome, RetryRule
from baitie.kernel.records import LeadRecord


class OnLateCard(StrEnum):
    """What to do when the card's receipt does not come in time (名片未送达时).

    `next_channel` hands the card in again over the campaign's next channel, at once where the one before refused it.
    """

    RING_ANYWAY = "ring_anyway"
    NEXT_CHANNEL = "next_channel"
    GIVE_UP = "give_up"


DEFAULT_RETRIES: Mapping[Outcome, RetryRule] = MappingProxyType(
    {outcome: outcome.traits.retry for outcome in Outcome if outcome.traits.retry is not None}
)
"""Outcomes that are not listed end the lead."""


@dataclass(frozen=True, slots=True)
class DialingPolicy:
    """Dialling policy (外呼策略) of a campaign. Lengths of one attempt are monotonic, waits between attempts civil."""

    ring_timeout_s: float = 30.0
    setup_timeout_s: float = 15.0  # from the INVITE to the first sign of ringing
    call_max_s: float = 300.0  # absolute limit on the length of a call
    attempts_max: int = 3
    retries: Mapping[Outcome, RetryRule] = field(default_factory=lambda: DEFAULT_RETRIES)
    receipt_wait_s: float = 5.0
    ring_after_receipt_s: float = 3.0  # from the receipt to the trunk's permit: time to read; none without a receipt
    on_late_card: OnLateCard = OnLateCard.RING_ANYWAY
    after_last_channel: OnLateCard = OnLateCard.RING_ANYWAY  # where no channel is left; never `next_channel`
    short_call_max_s: float = 15.0
    voicemail_ring_min_s: float = 20.0  # answered as late as that and nobody pressed a key: taken for a mailbox
    busy_after_ringing: Outcome = Outcome.REJECTED  # or BUSY, where the trunk announces a busy line that way

    def retry_at(self, lead: LeadRecord, outcome: Outcome, at: datetime) -> datetime | None:
        """When the lead may be tried again after its `lead.attempts`-th attempt ended so; None means never."""
        rule = self.retries.get(outcome)
        if rule is None or lead.attempts >= min(rule.attempts_max, self.attempts_max):
            return None
        return at + timedelta(seconds=rule.wait_s)
