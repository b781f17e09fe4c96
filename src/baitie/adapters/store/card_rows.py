"""Submissions of cards to rows and back."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from baitie.app.records.sent_card import SentCard
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId, CardId


def sent_card_row(card: SentCard) -> tuple[Any, ...]:
    """A submission of a card, in the order of the columns."""
    return (
        card.card_id,
        card.attempt_id,
        card.campaign_id,
        card.callee_id,
        card.channel,
        card.submitted_at.astimezone(UTC).isoformat(),
        card.outcome,
        card.receipt_ms,
        card.token,
        card.public_key,
    )


def sent_card_of(row: Sequence[Any]) -> SentCard:
    """The inverse of `sent_card_row`."""
    return SentCard(
        card_id=CardId(row[0]),
        attempt_id=AttemptId(row[1]),
        campaign_id=CampaignId(row[2]),
        callee_id=CalleeId(row[3]),
        channel=row[4],
        submitted_at=datetime.fromisoformat(row[5]),
        outcome=row[6],
        receipt_ms=row[7],
        token=row[8],
        public_key=None if row[9] is None else bytes(row[9]),
    )
