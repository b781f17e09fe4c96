"""What is wrong with a template before it is used: findings with severity, place and the values that explain them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from baitie.domain.namecard.characters import AMOUNT, LINK, folded, forbidden_char, spoken
from baitie.domain.namecard.template import CardChannel, NameCardTemplate, SlotPlace, SlotType, worst_case
from baitie.domain.namecard.words import CardWords, Severity
from baitie.kernel.purpose import Purpose
from baitie.kernel.sms_text import SmsEncoding

SIGN_CHARS_MIN = 2
SIGN_CHARS_MAX = 16
UNITS_ADVISED = 60
"""Of 70: vendors put a few characters of their own into some messages."""

FIXED_CHARS_MIN = 4
"""Letters and digits behind the sign that are the same for everybody: less says nothing that was approved."""

_DISCREET_TYPES = frozenset({SlotType.PHONE_TAIL, SlotType.TIME})


class FindingCode(StrEnum):
    """Finding (检查结果) about a template."""

    SIGN_LENGTH = "sign-length"
    SIGN_SYMBOL = "sign-symbol"
    SIGN_NEUTRAL = "sign-neutral"
    SIGN_UNVERIFIED = "sign-unverified"
    TOO_LONG = "too-long"
    LONG = "long"
    NOT_IN_GSM7 = "not-in-gsm7"
    FORCES_UCS2 = "forces-ucs2"
    CHARACTER_FORBIDDEN = "character-forbidden"
    SLOT_UNUSED = "slot-unused"
    SLOTS_ADJACENT = "slots-adjacent"
    TEXT_ONLY_SLOTS = "text-only-slots"
    LINK_ON_FLASH = "link-on-flash"
    LINK = "link"
    AMOUNT_SHOWN = "amount-shown"
    COLLECTION_SLOT = "collection-slot"
    PURPOSE_NOT_STATED = "purpose-not-stated"
    WORD_FORBIDDEN = "word-forbidden"
    WORD_RISKY = "word-risky"


@dataclass(frozen=True, slots=True)
class CardFinding:
    """Finding (检查结果): what, how bad, where, and the values that its text names."""

    code: FindingCode
    severity: Severity
    place: str  # sign, text or slots.NAME
    values: Mapping[str, str | int] = field(default_factory=dict)


def lint(template: NameCardTemplate, verified_sign: str, words: CardWords) -> tuple[CardFinding, ...]:
    """Findings about a template of the enterprise whose verified brand is `verified_sign`; errors forbid its use."""
    found = [
        *_sign(template, verified_sign, words),
        *_length(template),
        *_characters(template),
        *_slots(template),
        *_disclosure(template),
        *_words(template, words),
    ]
    return tuple(sorted(found, key=lambda finding: finding.severity is Severity.WARNING))


def _error(code: FindingCode, place: str, **values: str | int) -> CardFinding:
    return CardFinding(code, Severity.ERROR, place, values)


def _warning(code: FindingCode, place: str, **values: str | int) -> CardFinding:
    return CardFinding(code, Severity.WARNING, place, values)


def _sign(template: NameCardTemplate, verified_sign: str, words: CardWords) -> Iterator[CardFinding]:
    sign = template.sign
    if not SIGN_CHARS_MIN <= len(sign) <= SIGN_CHARS_MAX:
        yield _error(FindingCode.SIGN_LENGTH, "sign", chars=len(sign), least=SIGN_CHARS_MIN, most=SIGN_CHARS_MAX)
    is_spaced = not template.language.startswith("zh")
    symbol = next((char for char in sign if not (char.isalnum() or (char == " " and is_spaced))), None)
    if symbol is not None or sign != sign.strip():
        yield _error(FindingCode.SIGN_SYMBOL, "sign", char=symbol or " ")
    if folded(sign) in words.neutral_signs:
        yield _error(FindingCode.SIGN_NEUTRAL, "sign", sign=sign)
    if sign != verified_sign:
        yield _error(FindingCode.SIGN_UNVERIFIED, "sign", sign=sign, verified=verified_sign)


def _length(template: NameCardTemplate) -> Iterator[CardFinding]:
    worst = worst_case(template)
    facts: dict[str, str | int] = {
        "units": worst.units,
        "units_max": worst.units_max,
        "encoding": worst.encoding.value,
    }
    char = worst.offenders[0][0] if worst.offenders else ""
    index = template.text.index(char)
    if not worst.fits:
        yield _error(FindingCode.TOO_LONG, "text", **facts, over=worst.units - worst.units_max)
    elif worst.encoding is SmsEncoding.UCS2 and worst.units > UNITS_ADVISED:
        yield _warning(FindingCode.LONG, "text", **facts, advised=UNITS_ADVISED)
    if worst.encoding is SmsEncoding.GSM7 and char:
        yield _error(FindingCode.NOT_IN_GSM7, "text", char=char, index=index)
    elif char and not template.language.startswith("zh"):
        yield _warning(FindingCode.FORCES_UCS2, "text", char=char, index=index, units_max=worst.units_max)


def _characters(template: NameCardTemplate) -> Iterator[CardFinding]:
    for place, text in (("sign", template.sign), *(("text", part) for part in template.parts if isinstance(part, str))):
        found = forbidden_char(text)
        if found is not None:
            yield _error(FindingCode.CHARACTER_FORBIDDEN, place, char=found[0], code_point=f"U+{ord(found[0]):04X}")


def _slots(template: NameCardTemplate) -> Iterator[CardFinding]:
    used = {part.name for part in template.parts if isinstance(part, SlotPlace)}
    for name in template.slots:
        if name not in used:
            yield _warning(FindingCode.SLOT_UNUSED, f"slots.{name}", slot=name)
    for before, after in zip(template.parts, template.parts[1:], strict=False):
        if isinstance(before, SlotPlace) and isinstance(after, SlotPlace):
            yield _error(FindingCode.SLOTS_ADJACENT, "text", before=before.name, after=after.name)
    fixed = sum(char.isalnum() for part in template.parts if isinstance(part, str) for char in part)
    if fixed < FIXED_CHARS_MIN:
        yield _error(FindingCode.TEXT_ONLY_SLOTS, "text", chars=fixed, least=FIXED_CHARS_MIN)


def _disclosure(template: NameCardTemplate) -> Iterator[CardFinding]:
    """What a lock screen may not show to whoever looks at it. A collection card shows identity only."""
    text = _filled(template)
    if amount := AMOUNT.search(text):
        yield _error(FindingCode.AMOUNT_SHOWN, "text", found=amount[0])
    if link := LINK.search(text):
        if template.channel is CardChannel.FLASH:
            yield _error(FindingCode.LINK_ON_FLASH, "text", found=link[0])
        else:
            yield _warning(FindingCode.LINK, "text", found=link[0])
    if template.purpose is Purpose.COLLECTION:
        for spec in template.slots.values():
            if spec.type not in _DISCREET_TYPES:
                yield _error(FindingCode.COLLECTION_SLOT, f"slots.{spec.name}", slot=spec.name, type=spec.type.value)


def _words(template: NameCardTemplate, words: CardWords) -> Iterator[CardFinding]:
    text = _filled(template)
    for kind, word in words.found(text, template.purpose):
        code = FindingCode.WORD_FORBIDDEN if kind.severity is Severity.ERROR else FindingCode.WORD_RISKY
        yield CardFinding(code, kind.severity, "text", {"word": word, "class": kind.code, "source": kind.source})
    stating = (words.purpose_words or {}).get(template.purpose, ())
    if stating and not any(spoken(word) in spoken(text) for word in stating):
        yield _warning(FindingCode.PURPOSE_NOT_STATED, "text", examples="、".join(stating[:4]))


def _filled(template: NameCardTemplate) -> str:
    """The text behind the sign with a digit in every slot, so that words on both sides do not join to another word."""
    return template.body(lambda _: "0")
