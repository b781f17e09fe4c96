"""Whether cards can be made for the people on a list, before any of them becomes a lead."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from baitie.app.campaign.campaign import Campaign
from baitie.domain.contacts import Contact
from baitie.domain.namecard import CardRefusal, CardRefusalCode, RenderedCard, render
from baitie.files.problems import Problem, SettingsError
from baitie.locale.catalogue import catalogue

CARDLESS_SHARE_MAX = 0.5
"""Where a larger share of a list gets no card, the campaign or the list is at fault, and nobody is called."""


def card_for(campaign: Campaign, contact: Contact) -> RenderedCard | CardRefusal | None:
    """The card that this person would get, or what speaks against it; None where the campaign sends none, or where the
    number receives none."""
    if campaign.card is None or not contact.number_class.receives_messages:
        return None
    values = campaign.card_values(contact.slots, contact.name)
    return render(campaign.card.template, values, campaign.card.words)


def refusal_text(code: str, values: Mapping[str, str | int], lang: str, part: str = "text") -> str:
    """What a refusal to make a card says, or its `remedy`. Values that are not known leave an ellipsis."""
    said = catalogue("namecard", lang).text_or(f"refusal.{code}.{part}", code)
    return re.sub(r"\{([a-z_]+)\}", lambda name: str(values.get(name[1], "…")), said)


def cardless_problems(campaign: Campaign, contacts: Sequence[Contact], lang: str) -> list[Problem]:
    """One problem for each reason why most of these people would get no card; none where most get theirs."""
    found: dict[tuple[str, str], CardRefusal] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for contact in contacts:
        card = card_for(campaign, contact)
        if isinstance(card, CardRefusal):
            key = card.code.value, card.slot
            counts[key] += 1
            found.setdefault(key, card)
    if counts.total() <= CARDLESS_SHARE_MAX * len(contacts):
        return []
    return [
        Problem(
            "campaign.toml",
            "card",
            "cardless-slot" if code == CardRefusalCode.SLOT_MISSING else "cardless",
            None,
            {
                "count": count,
                "all": len(contacts),
                "text": refusal_text(code, {"slot": slot, **found[code, slot].values}, lang),
                "remedy": refusal_text(code, {}, lang, "remedy"),
                "slot": slot,
            },
        )
        for (code, slot), count in counts.most_common()
    ]


def refuse_cardless(campaign: Campaign, contacts: Sequence[Contact], lang: str) -> None:
    """Raises `SettingsError` where most of a list would get no card, before the list is in the store."""
    problems = cardless_problems(campaign, contacts, lang)
    if problems:
        raise SettingsError(problems)
