"""What is kept of each card that was handed in: over which channel, what became of it, and its proof."""

from dataclasses import dataclass
from datetime import datetime

from baitie.kernel.ids import AttemptId, CalleeId, CampaignId, CardId


@dataclass(frozen=True, slots=True)
class SentCard:
    """Sent card (已发名片): one submission over one channel, with its proof. Erasable: the token names the callee.

    `token` and `public_key` are None where nothing was signed; `outcome` is None until it is settled.
    """

    card_id: CardId
    attempt_id: AttemptId
    campaign_id: CampaignId
    callee_id: CalleeId
    channel: str
    submitted_at: datetime
    outcome: str | None = None
    receipt_ms: int | None = None
    token: str | None = None
    public_key: bytes | None = None
