"""Proof of cards: each card is signed before it leaves, and is proved genuine for as long as it is kept.

The proof has three links: the token is over text, callee and time (RFC 9475); its signature is by the key whose short
name the journal has; and the journal is under signed checkpoints. So nobody can add a card later, not even we.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from baitie.app.ports.signing import CardSigning, card_key_id
from baitie.app.records.sent_card import SentCard
from baitie.kernel.journal import JournalEntry, JsonValue
from baitie.kernel.phone import PhoneNumber
from baitie.wire.passport import (
    MSG,
    Passport,
    RichCallData,
    VerifyEs256,
    canonical_number,
    message_digest,
    verify_message,
)


@dataclass(frozen=True, slots=True)
class CardProof:
    """What is proved of a card (名片查验): without `faults` it is genuine. `signed_at` is what the token says."""

    faults: tuple[str, ...]
    key_id: str | None = None
    signed_at: datetime | None = None

    @property
    def is_genuine(self) -> bool:
        """Whether every link of the proof holds."""
        return not self.faults


NOT_SIGNED = "not-signed"
NOT_IN_JOURNAL = "not-in-journal"


def token_hash(token: str) -> str:
    """What the journal has of a token: its SHA-256 in hex."""
    return hashlib.sha256(token.encode("ascii")).hexdigest()


def sign_card(signing: CardSigning, text: str, sender: str, callee: PhoneNumber, at: datetime) -> str:
    """The token of a card that is about to leave. `sender` is the address that the handset shows, in digits.

    Raises `PassportArgumentError` where the address is no number.
    """
    passport = Passport(
        ppt=MSG,
        x5u=signing.certificate_url,
        orig=canonical_number(sender),
        dest=(canonical_number(callee.e164()),),
        iat=int(at.timestamp()),
        rcd=RichCallData(signing.name),
        msgi=message_digest(text),
    )
    return passport.signed(signing.signer.sign)


def proof_facts(token: str, key_id: str) -> dict[str, JsonValue]:
    """What the journal's entry about a submitted card says of its proof."""
    return {"token_hash": token_hash(token), "card_key": key_id}


def prove_card(
    card: SentCard, text: str, callee: PhoneNumber, entry: JournalEntry | None, verify: VerifyEs256
) -> CardProof:
    """Whether this text went to this callee as a card of ours. `entry` is the journal's about its submission.

    The checkpoints over the journal are not looked at here: `baitie audit verify` and the page's own sight do that.
    """
    if card.token is None or card.public_key is None:
        return CardProof((NOT_SIGNED,))
    verdict = verify_message(card.token, [card.public_key], verify, text=text, callee=callee.e164())
    faults = [fault.value for fault in verdict.faults]
    key_id = card_key_id(card.public_key)
    kept = {} if entry is None else entry.facts
    if kept.get("token_hash") != token_hash(card.token) or kept.get("card_key") != key_id:
        faults.append(NOT_IN_JOURNAL)
    signed_at = None if verdict.passport is None else datetime.fromtimestamp(verdict.passport.iat, UTC)
    return CardProof(tuple(faults), key_id, signed_at)
