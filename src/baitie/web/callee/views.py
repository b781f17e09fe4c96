"""From what is known of a card to what the page shows: values only, the templates put them into words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from baitie.app.page.callee_page import BrandState, CardLookup, Sealing
from baitie.domain.consent.register import Preference, ReachChannel
from baitie.domain.contacts import written_for
from baitie.domain.namecard.page_code import PageCode
from baitie.domain.namecard.template import SlotType
from baitie.kernel.purpose import Purpose
from baitie.kernel.records import AttemptRecord
from baitie.web.callee.forms import CALL_BACK_DAYS_MAX, Act, DayPart, FormTokens, Grievance
from baitie.web.callee.settings import HTML_LANGUAGES, PageSettings
from baitie.wire.vcard import ContactCard, write_vcard

LAST_CONTACTS_SHOWN = 5

_NO_MATTER = frozenset({SlotType.CODE, SlotType.LINK, SlotType.MINUTES})


@dataclass(frozen=True, slots=True)
class Spoken:
    """The language in which a page answers, and its texts."""

    lang: str
    settings: PageSettings

    def __call__(self, key: str, /, **values: Any) -> str:
        return self.settings.texts[self.lang].text(key, **values)

    def time(self, at: datetime | None) -> str:
        """A civil time on the enterprise's wall clock."""
        return "" if at is None else at.astimezone(self.settings.zone).strftime("%Y-%m-%d %H:%M")

    def zoned(self, at: datetime | None) -> str:
        """A civil time with its clock, as people call it."""
        zone = self.settings.zone_name
        texts = self.settings.texts[self.lang]
        return "" if at is None else self("clock.line", at=self.time(at), zone=texts.text_or(f"clock.{zone}", zone))


def verdict_of(sight: CardLookup) -> str:
    """The key of the sentence at the top of the page: the worst that is known."""
    if sight.brand is BrandState.REVOKED or sight.brand is BrandState.EXPIRED:
        return sight.brand.value
    if sight.sealing in (Sealing.BROKEN, Sealing.MISSING):
        return "unproved"
    return "genuine" if sight.sealing is Sealing.SEALED else "recorded"


def card_values(sight: CardLookup, code: PageCode, tokens: FormTokens, say: Spoken, now: datetime) -> dict[str, Any]:
    """Everything that `card.html.j2` shows."""
    file, settings = sight.file, say.settings
    attempt, lead, campaign = file.caller.attempt, file.caller.lead, file.caller.campaign
    wish = file.standing.preference
    today = now.astimezone(settings.zone).date()
    return {
        "verdict": verdict_of(sight),
        "sealing": sight.sealing.value,
        "sealed_at": say.time(sight.sealed_at),
        "card_text": sight.card_text,
        "is_proved": sight.proof is not None and sight.proof.is_genuine,
        "campaign": campaign,
        "enterprise": settings.enterprise if campaign is None else campaign.enterprise,
        "purpose": None if campaign is None else campaign.purpose.value,
        "number": attempt.presented_number.e164(),
        "number_written": written_for(attempt.presented_number, file.callee.region),
        "matters": matters_of(sight, say),
        "region": file.callee.region,
        "card_at": say.time(attempt.card_submitted_at),
        "card_at_zoned": say.zoned(attempt.card_submitted_at),
        "rang_at": say.time(attempt.rang_at or attempt.invite_sent_at),
        "fate": fate_of(attempt),
        "lead": lead,
        "consents": [
            (consent.purpose.value, say.time(consent.granted_at), consent.withdrawn_at is not None)
            for consent in file.standing.consents
        ],
        "contacts": contacts_of(file.attempts, attempt, say),
        "code": code.text(),
        "code_grouped": code.grouped(),
        "expires_at": say.time(file.expires_at),
        "has_refused": bool(file.standing.refusals),
        "tokens": {act.value: tokens.token(code, act, now) for act in Act},
        "wish": wish_values(wish),
        "purposes": [purpose.value for purpose in Purpose],
        "channels": [channel.value for channel in ReachChannel],
        "parts": [part.value for part in DayPart],
        "grievances": [grievance.value for grievance in Grievance],
        "day_min": today.isoformat(),
        "day_max": (today + timedelta(days=CALL_BACK_DAYS_MAX)).isoformat(),
    }


def matters_of(sight: CardLookup, say: Spoken) -> list[str]:
    """What the card said of the matter: goods, numbers' ends, names, each with the word for it where there is one."""
    campaign, lead = sight.file.caller.campaign, sight.file.caller.lead
    if sight.card_text is None or campaign is None or lead is None:
        return []
    values = {**campaign.card_values, **lead.slots}
    texts, found = say.settings.texts[say.lang], []
    for name, kind in campaign.slot_types.items():
        value = values.get(name, "").strip()
        if value and kind not in _NO_MATTER:
            word = texts.text_or(f"slot.{name}", "" if name.isascii() else name)
            found.append(say("slot.line", name=word, value=value) if word else value)
    return found


def wish_values(wish: Preference | None) -> dict[str, Any]:
    """What the form of wishes begins with: what was wished before, or everything."""
    window = wish.windows[0] if wish is not None and wish.windows else None
    return {
        "from": "" if window is None else window.opens_from.strftime("%H:%M"),
        "until": "" if window is None else window.closes_until.strftime("%H:%M"),
        "purposes": set(Purpose) if wish is None or wish.purposes is None else wish.purposes,
        "channels": set(ReachChannel) if wish is None or wish.channels is None else wish.channels,
        "language": "" if wish is None else wish.language or "",
    }


def fate_of(attempt: AttemptRecord) -> str:
    """What became of the call, as its callee may be told; `pending` while it is under way."""
    if attempt.outcome is None:
        return "pending"
    if attempt.invite_sent_at is None:
        return "not_called"
    traits = attempt.outcome.traits
    if traits.is_answered:
        return "answered"
    return "rejected" if traits.is_rejected else "not_answered"


def contacts_of(attempts: Sequence[AttemptRecord], shown: AttemptRecord, say: Spoken) -> list[tuple[str, str]]:
    """When we called before or after, and what became of it."""
    seen = [each for each in attempts if each.invite_sent_at is not None and each.attempt_id != shown.attempt_id]
    return [(say.time(each.invite_sent_at), fate_of(each)) for each in seen[:LAST_CONTACTS_SHOWN]]


def vcard_of(sight: CardLookup, code: PageCode, say: Spoken, now: datetime) -> bytes:
    """The contact to save. Its link leads back to this page, which says so when the enterprise is revoked."""
    settings, campaign = say.settings, sight.file.caller.campaign
    number = sight.file.caller.attempt.presented_number.e164()
    purpose = say("purpose.unknown") if campaign is None else say(f"purpose.{campaign.purpose.value}")
    logo = settings.logo
    return write_vcard(
        ContactCard(
            name=settings.enterprise if campaign is None else campaign.enterprise,
            uid=f"tel:{number}",
            number=number,
            address=f"{settings.address}c/{code.text()}",
            note=say("vcard.note", purpose=purpose, until=say.time(sight.file.expires_at)),
            language=HTML_LANGUAGES[say.lang],
            revised_at=now,
            logo=None if logo is None else f"{settings.address}pictures/{logo.name}",
        )
    )
