"""From the file of a template to the template, or one error that names the field."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar

from baitie.domain.namecard.dimensions import CalleeSegment, Industry
from baitie.domain.namecard.template import (
    SLOT_UNITS_MAX,
    SLOTS_MAX,
    CardChannel,
    CardFault,
    CardPart,
    CardTemplateError,
    NameCardTemplate,
    SlotPlace,
    SlotSpec,
    SlotType,
)
from baitie.kernel.disclosure import Disclosure
from baitie.kernel.purpose import Purpose
from baitie.kernel.sms_text import SmsEncoding, SmsMeasure, TextRefusal, check, measure

TEMPLATE_BYTES_MAX = 64 * 1024
TEXT_CHARS_MAX = 500
"""Far above one message: longer texts are no slip of a few characters."""

_REQUIRED = ("template_id", "version", "purpose", "sign", "text")
_OPTIONAL = ("channel", "language", "encoding", "slots", "industry", "segment", "disclosure", "emphasises")
EMPHASES_MAX = 5
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")
_VERSION_MAX = 1_000_000
_SLOT_NAME_CHARS_MAX = 32
_PLACE = re.compile(r"\{([^{}]*)\}")
_FIXED_UNITS = {SlotType.PHONE_TAIL: 4, SlotType.MINUTES: 2, SlotType.CODE: 13}
_USUAL_UNITS = {SlotType.TIME: 16, SlotType.LINK: SLOT_UNITS_MAX}

_Choice = TypeVar("_Choice", bound=StrEnum)


def read_template_untrusted(data: bytes, file_name: str) -> NameCardTemplate:
    """The template in the bytes of a TOML file. Raises `CardTemplateError`."""
    if len(data) > TEMPLATE_BYTES_MAX:
        raise CardTemplateError(CardFault.TOO_LARGE, file_name, "", octets=len(data), octets_max=TEMPLATE_BYTES_MAX)
    try:
        mapping = tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise CardTemplateError(CardFault.NOT_TOML, file_name, "", found=str(error)) from error
    return parse_template(mapping, file_name)


def parse_template(mapping: Mapping[str, Any], file_name: str) -> NameCardTemplate:
    """The template that a mapping describes. What it says is judged by `lint`. Raises `CardTemplateError`."""
    fields = _Fields(mapping, file_name)
    fields.check_keys(_REQUIRED, _OPTIONAL)
    template_id = fields.text("template_id", chars_max=63)
    if not _ID.fullmatch(template_id):
        raise fields.error(CardFault.OUT_OF_RANGE, "template_id", expected=_ID.pattern)
    language = fields.text("language", "zh-CN", chars_max=20)
    if not _LANGUAGE.fullmatch(language):
        raise fields.error(CardFault.OUT_OF_RANGE, "language", expected="BCP 47")
    sign = fields.text("sign", chars_max=TEXT_CHARS_MAX)
    text = fields.text("text", chars_max=TEXT_CHARS_MAX)
    slots = _slots(fields)
    parts = _parts(text, slots, fields)
    template = NameCardTemplate(
        template_id,
        fields.whole_number("version", 1, _VERSION_MAX),
        fields.choice("purpose", Purpose),
        fields.choice("channel", CardChannel, CardChannel.FLASH),
        language,
        SmsEncoding.UCS2,
        sign,
        parts,
        slots,
        fields.choice("industry", Industry, Industry.ANY),
        fields.choice("segment", CalleeSegment, CalleeSegment.ANY),
        fields.choice("disclosure", Disclosure) if "disclosure" in mapping else None,
        fields.words("emphasises", EMPHASES_MAX),
    )
    return _with_encoding(template, fields)


def with_sign(template: NameCardTemplate, sign: str) -> NameCardTemplate:
    """A template of the library under an enterprise's sign, in the encoding that both need."""
    signed = replace(template, sign=sign)
    return replace(signed, encoding=_own_encoding(signed))


def _with_encoding(template: NameCardTemplate, fields: "_Fields") -> NameCardTemplate:
    """As the file says; else GSM-7 where the fixed text allows it, and values must then stay within it too."""
    return replace(template, encoding=fields.choice("encoding", SmsEncoding, _own_encoding(template)))


def _own_encoding(template: NameCardTemplate) -> SmsEncoding:
    found = measure(template.with_slots(lambda _: ""))
    return found.encoding if isinstance(found, SmsMeasure) else SmsEncoding.UCS2


def _slots(fields: "_Fields") -> dict[str, SlotSpec]:
    tables = fields.table("slots")
    if len(tables) > SLOTS_MAX:
        raise fields.error(CardFault.TOO_MANY_SLOTS, "slots", found=len(tables), expected=SLOTS_MAX)
    slots: dict[str, SlotSpec] = {}
    for name, value in tables.items():
        place = f"slots.{name}"
        if not name.isidentifier() or len(name) > _SLOT_NAME_CHARS_MAX:
            raise fields.error(CardFault.SLOT_NAME_INVALID, place)
        if not isinstance(value, Mapping):
            raise fields.error(CardFault.WRONG_TYPE, place, expected="table")
        slot = _Fields(value, fields.file_name, f"{place}.")
        slot.check_keys((), ("type", "units_max"))
        slot_type = slot.choice("type", SlotType, SlotType.TEXT)
        fixed = _FIXED_UNITS.get(slot_type)
        units_max = slot.whole_number(
            "units_max", fixed or 1, fixed or SLOT_UNITS_MAX, fixed or _USUAL_UNITS.get(slot_type)
        )
        slots[name] = SlotSpec(name, slot_type, units_max)
    return slots


def _parts(text: str, slots: Mapping[str, SlotSpec], fields: "_Fields") -> tuple[CardPart, ...]:
    parts: list[CardPart] = []
    end = 0
    for place in _PLACE.finditer(text):
        parts.append(text[end : place.start()])
        if place[1] not in slots:
            raise fields.error(CardFault.SLOT_UNKNOWN, "text", found=place[1], expected=", ".join(slots))
        parts.append(SlotPlace(place[1]))
        end = place.end()
    parts.append(text[end:])
    for part in parts:
        if isinstance(part, str) and ("{" in part or "}" in part):
            raise fields.error(CardFault.BRACE_UNPAIRED, "text", found=part)
    if sum(isinstance(part, SlotPlace) for part in parts) > SLOTS_MAX:
        raise fields.error(CardFault.TOO_MANY_SLOTS, "text", expected=SLOTS_MAX)
    return tuple(part for part in parts if part)


class _Fields:
    """Typed access to a mapping from a file; every complaint names file and field."""

    def __init__(self, mapping: Mapping[str, Any], file_name: str, prefix: str = "") -> None:
        self.file_name = file_name
        self._mapping = mapping
        self._prefix = prefix

    def error(self, fault: CardFault, field: str, **details: str | int) -> CardTemplateError:
        return CardTemplateError(fault, self.file_name, self._prefix + field, **details)

    def check_keys(self, required: tuple[str, ...], optional: tuple[str, ...]) -> None:
        for key in required:
            if key not in self._mapping:
                raise self.error(CardFault.KEY_MISSING, key)
        for key in self._mapping:
            if key not in required and key not in optional:
                raise self.error(CardFault.KEY_UNKNOWN, key, expected=", ".join(required + optional))

    def text(self, key: str, usual: str | None = None, *, chars_max: int) -> str:
        value = self._mapping.get(key, usual)
        if not isinstance(value, str):
            raise self.error(CardFault.WRONG_TYPE, key, expected="text")
        if not 1 <= len(value) <= chars_max:
            raise self.error(CardFault.OUT_OF_RANGE, key, found=len(value), expected=f"1..{chars_max}")
        refusal = check(value)
        if isinstance(refusal, TextRefusal) or "\n" in value or "\r" in value:
            char = refusal.char if refusal else "\n"
            raise self.error(CardFault.CONTROL_CHARACTER, key, found=f"U+{ord(char):04X}")
        return value

    def whole_number(self, key: str, least: int, most: int, usual: int | None = None) -> int:
        value = self._mapping.get(key, usual)
        if value is None:
            raise self.error(CardFault.KEY_MISSING, key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.error(CardFault.WRONG_TYPE, key, expected="whole number")
        if not least <= value <= most:
            raise self.error(CardFault.OUT_OF_RANGE, key, found=value, expected=f"{least}..{most}")
        return value

    def choice(self, key: str, kind: type[_Choice], usual: _Choice | None = None) -> _Choice:
        value = self._mapping.get(key, usual)
        if not isinstance(value, str):
            raise self.error(CardFault.WRONG_TYPE, key, expected="text")
        try:
            return kind(value)
        except ValueError:
            raise self.error(CardFault.NOT_ONE_OF, key, found=value[:50], expected=", ".join(kind)) from None

    def words(self, key: str, count_max: int) -> tuple[str, ...]:
        value = self._mapping.get(key, [])
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise self.error(CardFault.WRONG_TYPE, key, expected="list of text")
        if len(value) > count_max:
            raise self.error(CardFault.OUT_OF_RANGE, key, found=len(value), expected=f"0..{count_max}")
        return tuple(value)

    def table(self, key: str) -> Mapping[str, Any]:
        value = self._mapping.get(key, {})
        if not isinstance(value, Mapping):
            raise self.error(CardFault.WRONG_TYPE, key, expected="table")
        return value
