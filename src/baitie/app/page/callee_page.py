"""What the callee's page knows of one card, and what its callee may do there."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from baitie.app.ports.page_store import PageStore
from baitie.app.proof.card_signatures import CardProof, prove_card
from baitie.app.records.card_file import CardFile
from baitie.app.records.page_cards import CampaignOverview
from baitie.domain.consent.register import Preference
from baitie.domain.namecard.page_code import PageCode, link_of
from baitie.kernel.journal import JournalKind
from baitie.wire.passport import VerifyEs256


class Sealing(StrEnum):
    """Sealing (签章状态): how far the organisation's signature vouches for what the page says."""

    SEALED = "sealed"  # in the journal, under a signed checkpoint, and the chain up to there is whole
    RECORDED = "recorded"  # in the journal, not under a checkpoint yet
    UNCHECKED = "unchecked"  # the check of the journal has not come so far yet
    BROKEN = "broken"  # the journal contradicts itself: nothing here can be relied upon
    MISSING = "missing"  # the journal has no entry about this card


class VerificationState(Protocol):
    """What is known of the journal's soundness (审计日志核验), without reading it at each view."""

    @property
    def checked_until_seq(self) -> int: ...
    @property
    def sealed_until_seq(self) -> int: ...
    @property
    def sealed_at(self) -> datetime | None: ...
    @property
    def key_id(self) -> str | None: ...
    @property
    def is_broken(self) -> bool: ...


class BrandState(StrEnum):
    """State (企业状态) of the enterprise's sign in the filing register, as a saved card must show it."""

    APPROVED = "approved"
    NOT_KEPT = "not_kept"  # no register of filings is kept here
    NOT_FILED = "not_filed"
    EXPIRED = "expired"
    REVOKED = "revoked"


BrandAsked = Callable[[CampaignOverview, datetime], BrandState]
"""What the filing register says of a campaign's sign and card now."""


@dataclass(frozen=True, slots=True)
class CardLookup:
    """What the callee sees (查验结果) of one card."""

    file: CardFile
    sealing: Sealing
    sealed_at: datetime | None
    key_id: str | None
    brand: BrandState
    card_text: str | None  # only where it is, byte for byte, what the journal says was sent
    proof: CardProof | None = None  # None where the text cannot be put together, or nothing was signed


@dataclass(frozen=True, slots=True)
class CallBackWish:
    """Call-back wish (预约回电): when the callee would like to be called."""

    wanted_from: datetime
    wanted_until: datetime


@dataclass(frozen=True, slots=True)
class Ticket:
    """Ticket (投诉回执): what a callee is told of a complaint: its number, and the day by which it is answered."""

    number: str
    due_on: date


class PageActions(Protocol):
    """Page actions (查验页操作) of a callee. Each act is durable on return, and holds before the next INVITE."""

    def stop_calling(self, file: CardFile, at: datetime) -> None: ...
    def wish(self, file: CardFile, preference: Preference, at: datetime) -> None: ...
    def complain(self, file: CardFile, about: str, at: datetime) -> Ticket: ...

    def call_back(self, file: CardFile, wish: CallBackWish, at: datetime) -> date: ...
    def forget(self, file: CardFile, at: datetime) -> date:
        """Gives the day by which what cannot be destroyed at once is destroyed."""
        ...


@dataclass(frozen=True, slots=True)
class CalleePage:
    """The callee's page (被叫查验页) as use cases: looks a code up, and says how far what it tells is proved."""

    store: PageStore
    journal: VerificationState
    brand_asked: BrandAsked
    verify: VerifyEs256

    def look(self, code: PageCode, at: datetime) -> CardLookup | None:
        """What the callee may see; None for codes that are unknown, and in the same way for those that expired."""
        file = self.store.card_file(code)
        if file is None or at >= file.expires_at:
            return None
        campaign, text = file.caller.campaign, _sent_text(file, code)
        proof = None if text is None else self._proof(file, text)
        return CardLookup(
            file=file,
            sealing=self._sealing(file) if proof is None or proof.is_genuine else Sealing.BROKEN,
            sealed_at=self.journal.sealed_at,
            key_id=self.journal.key_id,
            brand=BrandState.NOT_KEPT if campaign is None else self.brand_asked(campaign, at),
            card_text=text,
            proof=proof,
        )

    def _proof(self, file: CardFile, text: str) -> CardProof | None:
        """Whether the card's own signature holds over the text, the callee and the time (RFC 9475)."""
        card = next((each for each in file.sent_cards if each.token is not None), None)
        return None if card is None else prove_card(card, text, file.callee.number, file.entry, self.verify)

    def _sealing(self, file: CardFile) -> Sealing:
        seq, entry = file.entry_seq, file.entry
        if seq is None or entry is None or entry.kind is not JournalKind.CARD_SUBMITTED:
            return Sealing.MISSING
        if self.journal.is_broken or entry.facts.get("text_hash") != file.caller.attempt.card_text_hash:
            return Sealing.BROKEN
        if seq <= self.journal.sealed_until_seq:
            return Sealing.SEALED
        return Sealing.RECORDED if seq <= self.journal.checked_until_seq else Sealing.UNCHECKED


def _sent_text(file: CardFile, code: PageCode) -> str | None:
    """The card's text, put together again; None where its hash is not the one that was kept before it was sent."""
    campaign, lead, attempt = file.caller.campaign, file.caller.lead, file.caller.attempt
    if campaign is None or campaign.card_text is None or lead is None:
        return None
    values = {"enterprise": campaign.enterprise, "name": lead.name, **campaign.card_values, **lead.slots}
    text = campaign.card_text
    of_page = {"code": code.text(), "link": link_of(campaign.page_address or "", code)}
    for name, kind in campaign.slot_types.items():
        text = text.replace(f"{{{name}}}", of_page.get(kind, values.get(name, "").strip()))
    digest = hashlib.sha256(text.encode()).hexdigest()
    return text if digest == attempt.card_text_hash else None
