"""Short-message text as the network counts and carries it: GSM 03.38 septets and UCS-2 (3GPP TS 23.038 §6.2)."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from baitie.kernel.errors import Party, WireError


class SmsEncoding(StrEnum):
    """Encoding (编码) of a short message: seven-bit GSM alphabet, or two octets a unit."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


class SmsTextError(WireError):
    """These octets are not text of the encoding that they claim. The message was not read further."""

    code = "sms-text-malformed"
    party = Party.CARRIER


GSM7_UNITS_SINGLE = 160  # septets in 140 octets
GSM7_UNITS_CONCATENATED = 153  # less seven septets for a six-octet user data header
UCS2_UNITS_SINGLE = 70
UCS2_UNITS_CONCATENATED = 67
MESSAGE_OCTETS_MAX = 64 * 1024  # more than any SMPP field holds

_ESCAPE = 0x1B
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_ALLOWED_CONTROLS = frozenset("\n\r")
_TO_SEPTETS: dict[str, bytes] = {
    **{char: bytes((septet,)) for septet, char in enumerate(_BASIC) if septet != _ESCAPE},
    **{char: bytes((_ESCAPE, septet)) for septet, char in _EXTENSION.items() if char != "\f"},
}


@dataclass(frozen=True, slots=True)
class SmsMeasure:
    """Length (短信长度) of a text as the network counts it.

    `units` are septets for GSM-7 and UTF-16 units for UCS-2; `units_max` is what `segments` segments hold;
    `offenders` are the characters, with their place in the text, that force UCS-2.
    """

    encoding: SmsEncoding
    units: int
    units_max: int
    segments: int
    offenders: tuple[tuple[str, int], ...] = ()

    @property
    def fits_one_segment(self) -> bool:
        """Whether the text travels as one short message, as a flash message must."""
        return self.segments == 1


@dataclass(frozen=True, slots=True)
class TextRefusal:
    """Text that no short message may carry (拒绝文本): `reason` in kebab-case, the character and its place."""

    reason: str
    char: str
    index: int


def check(text: str) -> TextRefusal | None:
    """Refuse control characters and broken surrogates, naming the first; line ends are allowed.

    Control characters make some handsets blink or cut the text; a lone surrogate is no character.
    """
    if text.isprintable():
        return None
    for index, char in enumerate(text):
        code = ord(char)
        if (code < 0x20 and char not in _ALLOWED_CONTROLS) or 0x7F <= code <= 0x9F:
            return TextRefusal("control-character", char, index)
        if 0xD800 <= code <= 0xDFFF:
            return TextRefusal("lone-surrogate", char, index)
    return None


def measure(text: str) -> SmsMeasure | TextRefusal:
    """How many units and segments the network counts for `text`, and which characters force UCS-2.

    A character is never divided between two segments: neither an escape pair nor a surrogate pair.
    """
    refusal = check(text)
    if refusal is not None:
        return refusal
    offenders = tuple([(char, index) for index, char in enumerate(text) if char not in _TO_SEPTETS])
    if offenders:
        widths = [1] * len(text) if max(text) <= "\uffff" else [2 if char > "\uffff" else 1 for char in text]
        return _measured(SmsEncoding.UCS2, widths, UCS2_UNITS_SINGLE, UCS2_UNITS_CONCATENATED, offenders)
    widths = [len(_TO_SEPTETS[char]) for char in text]
    return _measured(SmsEncoding.GSM7, widths, GSM7_UNITS_SINGLE, GSM7_UNITS_CONCATENATED, ())


def _measured(
    encoding: SmsEncoding, widths: list[int], single: int, concatenated: int, offenders: tuple[tuple[str, int], ...]
) -> SmsMeasure:
    units = sum(widths)
    if units <= single:
        return SmsMeasure(encoding, units, single, 1, offenders)
    segments, used = 1, 0
    for width in widths:
        if used + width > concatenated:
            segments, used = segments + 1, 0
        used += width
    return SmsMeasure(encoding, units, segments * concatenated, segments, offenders)


def encode_gsm7(text: str) -> bytes | TextRefusal:
    """`text` as unpacked septets, one an octet, as SMPP carries them; refuses what the alphabet lacks."""
    refusal = check(text)
    if refusal is not None:
        return refusal
    try:
        return b"".join([_TO_SEPTETS[char] for char in text])
    except KeyError:
        index = next(place for place, char in enumerate(text) if char not in _TO_SEPTETS)
        return TextRefusal("not-in-gsm7", text[index], index)


def encode_ucs2(text: str) -> bytes | TextRefusal:
    """`text` as big-endian UTF-16, which is what handsets make of UCS-2."""
    refusal = check(text)
    return text.encode("utf-16-be") if refusal is None else refusal


def encode(text: str) -> tuple[SmsEncoding, bytes] | TextRefusal:
    """`text` in the narrowest encoding that holds it."""
    septets = encode_gsm7(text)
    if isinstance(septets, bytes):
        return SmsEncoding.GSM7, septets
    units = encode_ucs2(text)
    return (SmsEncoding.UCS2, units) if isinstance(units, bytes) else units


def decode_gsm7_untrusted(data: bytes) -> str:
    """Text of unpacked septets. An unknown escape is shown as its basic character, as TS 23.038 §6.2.1.1 asks.

    Raises `SmsTextError` for octets above 0x7F or a text that is too long.
    """
    if len(data) > MESSAGE_OCTETS_MAX:
        raise SmsTextError(octets=len(data), octets_max=MESSAGE_OCTETS_MAX)
    out: list[str] = []
    escaped = False
    for index, octet in enumerate(data):
        if octet > 0x7F:
            raise SmsTextError(octet=octet, index=index)
        if escaped:
            out.append(_EXTENSION.get(octet, " " if octet == _ESCAPE else _BASIC[octet]))
            escaped = False
        elif octet == _ESCAPE:
            escaped = True
        else:
            out.append(_BASIC[octet])
    if escaped:
        out.append(" ")
    return "".join(out)


def decode_ucs2_untrusted(data: bytes) -> str:
    """Text of big-endian UTF-16 units. Raises `SmsTextError` for odd lengths, broken pairs or too long a text."""
    if len(data) > MESSAGE_OCTETS_MAX:
        raise SmsTextError(octets=len(data), octets_max=MESSAGE_OCTETS_MAX)
    try:
        return data.decode("utf-16-be")
    except UnicodeDecodeError as error:
        raise SmsTextError(index=error.start) from error


_COMMON_ROWS = (
    *range(1, 2),
    *range(3, 6),
    *range(16, 56),
)  # of GB 2312: signs, full width, kana, the 3,755 common characters
_LONE_AFTER_ALL = "一"


def is_ordinary_text(text: str) -> bool:
    """Whether every character is one that people write every day: the GSM alphabet, common Chinese, signs, emoji.

    Octets that are read in a coding that they were not written in hardly ever are. A character whose low octet is zero
    may be a Latin letter in the other order of octets, so only 一 counts among them.
    """
    return bool(text) and all(_weight(char) == 1.0 for char in text)


def legibility(text: str) -> float:
    """How much a text looks like one, 0 to 1: the mean over its characters of how often people write such a one."""
    return sum(map(_weight, text)) / len(text) if text else 0.0


def has_impossible(text: str) -> bool:
    """Whether a character is one that nobody writes: a control, of private use, unassigned, U+FFFD for what was cut."""
    return any(_weight(char) == 0.0 for char in text)


@lru_cache(maxsize=8192)
def _weight(char: str) -> float:
    if char in _TO_SEPTETS:
        return 1.0
    code, category = ord(char), unicodedata.category(char)
    if category in ("Cc", "Co", "Cn", "Cs") or char == "\ufffd":
        return 0.0
    if code <= 0xFF:
        return 0.5 if category.startswith("L") else 0.1
    if category == "Cf" or 0xFE00 <= code <= 0xFE0F:  # invisible marks, and those that make an emoji of a sign
        return 1.0
    if code > 0x1F000:
        return 1.0 if category in ("So", "Sk") else 0.1
    row = _row_of(char, "gb2312", 0xA0)
    if row in _COMMON_ROWS:
        return 1.0 if code & 0xFF or char == _LONE_AFTER_ALL else 0.9
    return 0.8 if row or 0xA4 <= _row_of(char, "big5", 0) <= 0xC6 else 0.1


def _row_of(char: str, codec: str, base: int) -> int:
    try:
        octets = char.encode(codec)
    except UnicodeEncodeError:
        return 0
    return octets[0] - base if len(octets) == 2 else 0
