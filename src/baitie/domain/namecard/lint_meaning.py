"""What a card says: disclosure, words and their look-alikes, stated purpose, dates, overload."""

import re
from collections.abc import Iterator

from baitie.domain.namecard.characters import amount_in, link_in
from baitie.domain.namecard.dimensions import disclosure_max
from baitie.domain.namecard.findings import CardFinding, FindingCode, error, warning
from baitie.domain.namecard.look_alikes import LookAlikes
from baitie.domain.namecard.template import DISCREET_TYPES, CardChannel, NameCardTemplate, SlotPlace, SlotType
from baitie.domain.namecard.words import CardWords, Severity, forms_of
from baitie.kernel.disclosure import Disclosure
from baitie.kernel.purpose import Purpose

SLOTS_ADVISED = 4
CLAUSES_ADVISED = 6
"""A card is read in the two or three seconds before the ring: these are what our own templates need at most."""

DEADLINE_CLASS = "deadline"

_CLAUSE_END = re.compile(r"[，。；！？、,;!?]|\.(?:\s|$)")
_DATE = re.compile(r"[0-9]{1,2}月[0-9]{1,2}[日号號]|[0-9]{4}-[0-9]{2}-[0-9]{2}")


def lint_meaning(template: NameCardTemplate, words: CardWords, look_alikes: LookAlikes) -> Iterator[CardFinding]:
    """Findings about what the text says, whatever the values of its slots."""
    text = _filled(template)
    yield from _shown(template, text)
    yield from _disclosure(template)
    said = [*_words(template, words, look_alikes, text)]
    yield from said
    yield from _purpose(template, words, look_alikes, text, is_clean=not any(each.is_about_words for each in said))
    yield from _load(template, text)


def _shown(template: NameCardTemplate, text: str) -> Iterator[CardFinding]:
    """What a lock screen may not show to whoever looks at it."""
    if amount := amount_in(text):
        yield error(FindingCode.AMOUNT_SHOWN, "text", found=amount)
    if link := link_in(text):
        if template.channel is CardChannel.FLASH:
            yield error(FindingCode.LINK_ON_FLASH, "text", found=link)
        else:
            yield warning(FindingCode.LINK, "text", found=link)
    for spec in template.slots.values():
        if spec.type is SlotType.LINK and template.channel is CardChannel.FLASH:
            yield error(FindingCode.LINK_ON_FLASH, f"slots.{spec.name}", found=f"{{{spec.name}}}")


def _disclosure(template: NameCardTemplate) -> Iterator[CardFinding]:
    """A collection card shows identity only; elsewhere the declared disclosure binds, within what is allowed."""
    most = disclosure_max(template.purpose, template.industry)
    declared = template.disclosure or most
    if declared.rank > most.rank:
        facts = {"purpose": template.purpose.value, "industry": template.industry.value}
        yield error(FindingCode.DISCLOSURE_TOO_WIDE, "disclosure", declared=declared.value, most=most.value, **facts)
    allowed = min(declared, most, key=lambda each: each.rank)
    for spec in template.slots.values():
        if spec.type in DISCREET_TYPES:
            continue
        place, facts = f"slots.{spec.name}", {"slot": spec.name, "type": spec.type.value}
        if template.purpose is Purpose.COLLECTION:
            yield error(FindingCode.COLLECTION_SLOT, place, **facts)
        elif allowed is not Disclosure.REFERENCE:
            yield error(FindingCode.SLOT_BEYOND_DISCLOSURE, place, disclosure=allowed.value, **facts)


def _words(template: NameCardTemplate, words: CardWords, look_alikes: LookAlikes, text: str) -> Iterator[CardFinding]:
    industry = words.industry_of(template.sign, template.industry)
    plain = look_alikes.plain(text)
    spoke = {kind.code: (kind, word) for kind, word in words.found(text, template.purpose, industry, template.sign)}
    for kind, word in words.found(plain, template.purpose, industry, look_alikes.plain(template.sign)):
        if kind.is_brand or kind.shape_in(forms_of(plain)) == word:
            spoke.setdefault(kind.code, (kind, word))
    for kind, word in spoke.values():
        code = FindingCode.WORD_FORBIDDEN if kind.severity is Severity.ERROR else FindingCode.WORD_RISKY
        yield CardFinding(code, kind.severity, "text", {"word": word, "class": kind.code, "source": kind.source})
    for kind in words.classes:
        if kind.code in spoke or kind.is_brand or not kind.holds_for(template.purpose, industry):
            continue
        sighting = look_alikes.sighting_of(kind.words, kind.without_innocent(plain))
        if sighting is not None:
            code = FindingCode.WORD_HIDDEN if sighting.is_sure else FindingCode.WORD_SOUNDS_ALIKE
            severity = kind.severity if sighting.is_sure else Severity.WARNING
            facts = {"seen": sighting.seen, "word": sighting.word, "class": kind.code, "source": kind.source}
            yield CardFinding(code, severity, "text", facts)
    if DEADLINE_CLASS in spoke and not _is_dated(template, text):
        yield error(FindingCode.OFFER_UNDATED, "text", word=spoke[DEADLINE_CLASS][1])


def _purpose(
    template: NameCardTemplate, words: CardWords, look_alikes: LookAlikes, text: str, *, is_clean: bool
) -> Iterator[CardFinding]:
    """Whether the text says why somebody calls, in a collection nothing beyond it, and in marketing how to refuse."""
    stating = words.stating
    if stating is None:
        return
    plain = look_alikes.plain(text)
    if not any(stating.is_stated(each, template.purpose) for each in (text, plain)):
        yield error(FindingCode.PURPOSE_NOT_STATED, "text")
    # a list of what tells of a debt never ends; a list of what tells who calls does
    elif template.purpose is Purpose.COLLECTION and is_clean and (beyond := stating.beyond_identity(plain)):
        yield error(FindingCode.COLLECTION_SAYS_MORE, "text", found=beyond)
    if template.purpose is Purpose.ACQUISITION and not stating.tells_refusal(plain):
        yield warning(FindingCode.REFUSAL_UNTOLD, "text")


def _is_dated(template: NameCardTemplate, text: str) -> bool:
    shown = [template.slots[part.name] for part in template.parts if isinstance(part, SlotPlace)]
    return any(spec.type is SlotType.TIME for spec in shown) or _DATE.search(text) is not None


def _load(template: NameCardTemplate, text: str) -> Iterator[CardFinding]:
    slots = len({part.name for part in template.parts if isinstance(part, SlotPlace)})
    clauses = sum(1 for clause in _CLAUSE_END.split(text) if clause and clause.strip())
    if slots > SLOTS_ADVISED or clauses > CLAUSES_ADVISED:
        yield warning(
            FindingCode.OVERLOADED, "text",
            slots=slots, slots_advised=SLOTS_ADVISED, clauses=clauses, clauses_advised=CLAUSES_ADVISED,
        )  # fmt: skip


def _filled(template: NameCardTemplate) -> str:
    """The text behind the sign with a digit in every slot, so that words on both sides do not join to another word.

    Where it names the sign again a mark stands there: the sign is checked for itself.
    """
    return template.body(lambda _: "0").replace(template.sign, "·") if template.sign else template.body(lambda _: "0")
