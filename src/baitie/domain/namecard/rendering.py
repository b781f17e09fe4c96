"""From a template and the values of one lead to the text of one card, or to a refusal."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from baitie.domain.namecard.characters import LONG_DIGITS, amount_in, forbidden_char, link_in
from baitie.domain.namecard.template import NameCardTemplate, SlotSpec, SlotType, units_of
from baitie.domain.namecard.words import NO_WORDS, CardWords, Severity
from baitie.kernel.sms_text import SmsEncoding, SmsMeasure, measure


class CardRefusalCode(StrEnum):
    """Why no card can be made of the values (名片无法生成的原因)."""

    SLOT_MISSING = "slot-missing"
    SLOT_WRONG_TYPE = "slot-wrong-type"
    SLOT_TOO_LONG = "slot-too-long"
    SLOT_CHARACTER_FORBIDDEN = "slot-character-forbidden"
    SLOT_NOT_IN_ENCODING = "slot-not-in-encoding"
    SLOT_HAS_NUMBER_OR_LINK = "slot-has-number-or-link"
    WORD_FORBIDDEN = "card-word-forbidden"
    AMOUNT_SHOWN = "card-amount-shown"
    TOO_LONG = "card-too-long"


@dataclass(frozen=True, slots=True)
class RenderedCard:
    """Rendered card (名片成文): the exact text for one callee, and what the network counts.

    `text_hash` is the SHA-256 of the text in UTF-8, in hex: it goes into the journal in the text's place.
    """

    text: str = field(repr=False)  # may hold personal data
    text_hash: str
    encoding: SmsEncoding
    units: int
    template_id: str
    version: int


@dataclass(frozen=True, slots=True)
class CardRefusal:
    """Refusal (名片无法生成) to make a card: which slot, and the values that explain it. Never the value itself."""

    code: CardRefusalCode
    slot: str = ""
    values: Mapping[str, str | int] = field(default_factory=dict)


def reason_without_card(code: CardRefusalCode) -> str:
    """The reason of a lead that waits since no card can be made for it: `card-slot-missing`, `card-amount-shown`."""
    return f"card-{code.value.removeprefix('card-')}"


MINUTES_MAX = 60

_RANDOM_TYPES = frozenset({SlotType.CODE, SlotType.LINK})
_MARK = "·"

_TIME_WORDS = "|".join(
    [
        "[0-9年月日号號时時点點分上下中午晚周週一二三四五六天:：/ -]",
        *("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "am", "pm"),
        *("Jan", "Feb", "Mar", "Apr", "May", "June?", "July?", "Aug", "Sept?", "Oct", "Nov", "Dec"),
    ]
)
_CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{13}")
_PAGE_LINK = re.compile(rf"[a-z0-9.:/-]{{1,60}}/c/{_CODE.pattern}")
_TIME = re.compile(rf"(?=.*[0-9])(?:{_TIME_WORDS})+")


def render(
    template: NameCardTemplate, values: Mapping[str, str], words: CardWords = NO_WORDS
) -> RenderedCard | CardRefusal:
    """The card for one lead. Values that the template does not name are left alone; one that does not fit refuses."""
    filled: dict[str, str] = {}
    for name, spec in template.slots.items():
        value = values.get(name, "").strip()
        refusal = _refusal(spec, value, template.encoding)
        if refusal is not None:
            return refusal
        filled[name] = value
    said = _said(template, filled)
    for kind, word in words.found(said, template.purpose, words.industry_of(template.sign, template.industry)):
        if kind.severity is Severity.ERROR:
            return CardRefusal(CardRefusalCode.WORD_FORBIDDEN, values={"word": word, "class": kind.code})
    if amount_in(said):
        return CardRefusal(CardRefusalCode.AMOUNT_SHOWN)
    text = template.framed_sign + template.body(filled.__getitem__)
    found = measure(text)
    if not isinstance(found, SmsMeasure) or not found.fits_one_segment:
        return CardRefusal(CardRefusalCode.TOO_LONG, values={"units": units_of(text, template.encoding)})
    text_hash = hashlib.sha256(text.encode()).hexdigest()
    return RenderedCard(text, text_hash, found.encoding, found.units, template.template_id, template.version)


def _said(template: NameCardTemplate, filled: Mapping[str, str]) -> str:
    """The text in which words and amounts are looked for: a random code of the page forms none, nor does the sign."""
    body = template.body(lambda name: _MARK if template.slots[name].type in _RANDOM_TYPES else filled[name])
    return body.replace(template.sign, _MARK) if template.sign else body


def _refusal(spec: SlotSpec, value: str, encoding: SmsEncoding) -> CardRefusal | None:
    if not value:
        return CardRefusal(CardRefusalCode.SLOT_MISSING, spec.name)
    forbidden = forbidden_char(value)
    if forbidden is not None:
        code_point = f"U+{ord(forbidden[0]):04X}"
        return CardRefusal(CardRefusalCode.SLOT_CHARACTER_FORBIDDEN, spec.name, {"code_point": code_point})
    if not _is_of_type(value, spec):
        return CardRefusal(CardRefusalCode.SLOT_WRONG_TYPE, spec.name, {"type": spec.type.value})
    if encoding is SmsEncoding.GSM7:
        found = measure(value)
        if not isinstance(found, SmsMeasure) or found.encoding is not SmsEncoding.GSM7:
            return CardRefusal(CardRefusalCode.SLOT_NOT_IN_ENCODING, spec.name, {"encoding": encoding.value})
    units = units_of(value, encoding)
    if units > spec.units_max:
        return CardRefusal(CardRefusalCode.SLOT_TOO_LONG, spec.name, {"units": units, "units_max": spec.units_max})
    if spec.type is SlotType.TEXT and (link_in(value) or LONG_DIGITS.search(value)):
        return CardRefusal(CardRefusalCode.SLOT_HAS_NUMBER_OR_LINK, spec.name)
    return None


def _is_of_type(value: str, spec: SlotSpec) -> bool:
    match spec.type:
        case SlotType.DIGITS:
            return value.isascii() and value.isdigit()
        case SlotType.PHONE_TAIL:
            return value.isascii() and value.isdigit() and len(value) == spec.units_max
        case SlotType.MINUTES:
            return value.isascii() and value.isdigit() and 1 <= int(value) <= MINUTES_MAX
        case SlotType.TIME:
            return _TIME.fullmatch(value) is not None
        case SlotType.CODE:
            return _CODE.fullmatch(value) is not None
        case SlotType.LINK:
            return _PAGE_LINK.fullmatch(value) is not None
        case SlotType.TEXT:
            return True
