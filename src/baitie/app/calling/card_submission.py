"""A card over its channels: names, what is kept when it leaves, and what became of it. Pure: values in, values out."""

from datetime import datetime

from baitie.app.calling.live_attempt import LiveAttempt
from baitie.app.campaign.campaign import CardRoute
from baitie.app.ports.signing import CardSigning, card_key_id
from baitie.app.proof.card_signatures import proof_facts, sign_card
from baitie.app.records.sent_card import SentCard
from baitie.domain.dialing.attempt import CardOutcome
from baitie.domain.namecard.rendering import RenderedCard
from baitie.kernel.fast_replace import fast_replace
from baitie.kernel.ids import AttemptId, CardId
from baitie.kernel.journal import JsonValue


def card_id_of(attempt_id: AttemptId, place: int) -> CardId:
    """The name of the attempt's card over the channel at this place, counted from 0."""
    return CardId(attempt_id if place == 0 else f"{attempt_id}.{place}")


def attempt_of_card(card_id: CardId) -> AttemptId:
    """The attempt that a card belongs to."""
    return AttemptId(card_id.partition(".")[0])


def prepare_card(live: LiveAttempt, route: CardRoute, at: datetime, signing: CardSigning | None) -> SentCard:
    """What is kept of a card that is about to leave, signed where the run signs.

    A sender that is no number cannot be signed for; then the presented number stands in its place, which calls next.
    """
    record, card = live.record, live.card
    assert card is not None
    sender = route.sender if route.sender.isascii() and route.sender.isdigit() else record.presented_number.e164()
    return SentCard(
        card_id=card_id_of(record.attempt_id, live.machine.channel),
        attempt_id=record.attempt_id,
        campaign_id=record.campaign_id,
        callee_id=record.callee_id,
        channel=route.name,
        submitted_at=at,
        token=None if signing is None else sign_card(signing, card.text, sender, live.callee.number, at),
        public_key=None if signing is None else signing.signer.public_key,
    )


def submitted_facts(card: RenderedCard, sent: SentCard) -> dict[str, JsonValue]:
    """What the journal says of a card that is about to leave."""
    facts: dict[str, JsonValue] = {
        "text_hash": card.text_hash,
        "template": card.template_id,
        "version": card.version,
        "channel": sent.channel,
    }
    if sent.token is not None and sent.public_key is not None:
        facts |= proof_facts(sent.token, card_key_id(sent.public_key))
    return facts


def to_keep(sent: SentCard) -> list[SentCard]:
    """What the store keeps of a submission: those with a proof. Of all others the journal says enough, and rehearsals,
    which sign nothing, spare two rows an attempt."""
    return [] if sent.token is None else [sent]


def outcome_rows(live: LiveAttempt, place: int, outcome: CardOutcome, receipt_ms: int | None = None) -> list[SentCard]:
    """What is kept of the card at this place once its outcome is known; nothing where it was delivered before."""
    card_id = card_id_of(live.record.attempt_id, place)
    handed = live.cards.get(card_id)
    if handed is None or handed.sent.outcome == CardOutcome.DELIVERED.value:
        return []
    sent = fast_replace(handed.sent, outcome=outcome.value, receipt_ms=receipt_ms)
    live.cards[card_id] = fast_replace(handed, sent=sent)
    return to_keep(sent)
