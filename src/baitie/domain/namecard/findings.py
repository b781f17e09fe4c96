"""Findings about a template: their codes, how bad they are, where, and the values that explain them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from baitie.domain.namecard.words import Severity

INSTEAD = "instead"
"""The value of a finding that holds a whole card that would pass, made from sign, purpose and text."""


class FindingCode(StrEnum):
    """Finding (检查结果) about a template."""

    SIGN_LENGTH = "sign-length"
    SIGN_SYMBOL = "sign-symbol"
    SIGN_NEUTRAL = "sign-neutral"
    SIGN_UNVERIFIED = "sign-unverified"
    SIGN_SCRIPT = "sign-script"
    SIGN_AUTHORITY = "sign-authority"
    SIGN_OFFICE = "sign-office"
    TEXT_SCRIPT = "text-script"
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
    DISCLOSURE_TOO_WIDE = "disclosure-too-wide"
    SLOT_BEYOND_DISCLOSURE = "slot-beyond-disclosure"
    COLLECTION_SAYS_MORE = "collection-says-more"
    PURPOSE_NOT_STATED = "purpose-not-stated"
    WORD_FORBIDDEN = "word-forbidden"
    WORD_RISKY = "word-risky"
    WORD_HIDDEN = "word-hidden"
    WORD_SOUNDS_ALIKE = "word-sounds-alike"
    OFFER_UNDATED = "offer-undated"
    REFUSAL_UNTOLD = "refusal-untold"
    OVERLOADED = "overloaded"


_ABOUT_WORDS = frozenset(
    {
        FindingCode.SIGN_LENGTH,
        FindingCode.SIGN_AUTHORITY,
        FindingCode.CHARACTER_FORBIDDEN,
        FindingCode.TEXT_ONLY_SLOTS,
        FindingCode.LINK_ON_FLASH,
        FindingCode.AMOUNT_SHOWN,
        FindingCode.COLLECTION_SAYS_MORE,
        FindingCode.PURPOSE_NOT_STATED,
        FindingCode.WORD_FORBIDDEN,
        FindingCode.WORD_HIDDEN,
        FindingCode.OFFER_UNDATED,
    }
)


@dataclass(frozen=True, slots=True)
class CardFinding:
    """Finding (检查结果): what, how bad, where, and the values that its text names."""

    code: FindingCode
    severity: Severity
    place: str  # sign, text or slots.NAME
    values: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def is_about_words(self) -> bool:
        """Whether it forbids the template for what sign or text say, so that another text would mend it."""
        return self.severity is Severity.ERROR and self.code in _ABOUT_WORDS


def error(code: FindingCode, place: str, **values: str | int) -> CardFinding:
    """A finding that forbids the use of the template."""
    return CardFinding(code, Severity.ERROR, place, values)


def warning(code: FindingCode, place: str, **values: str | int) -> CardFinding:
    """A finding that wants a second look."""
    return CardFinding(code, Severity.WARNING, place, values)
