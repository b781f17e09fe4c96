"""From the file of a template to the template, or one error with every field that is at fault."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from functools import partial
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
FAULTS_MAX = 50
"""So many faults of a file are told at once."""

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")
_VERSION_MAX = 1_000_000
_SLOT_NAME_CHARS_MAX = 32
_PLACE = re.compile(r"\{([^{}]*)\}")
_FIXED_UNITS = {SlotType.PHONE_TAIL: 4, SlotType.MINUTES: 2, SlotType.CODE: 13}
_USUAL_UNITS = {SlotType.TIME: 16, SlotType.LINK: SLOT_UNITS_MAX}

_BESIDE_THE_TEXT = frozenset(("template_id", "version", "encoding", "emphasises", "segment"))
"""Fields without which what the card says can be judged all the same."""

_Choice = TypeVar("_Choice", bound=StrEnum)
_Value = TypeVar("_Value")


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
    """The template that a mapping describes. What it says is judged by `lint`.

    Raises `CardTemplateError` with every fault of the mapping: the first one, which bears the `others`.
    """
    fields = _Fields(mapping, file_name)
    fields.check_keys(_REQUIRED, _OPTIONAL)
    template_id = fields.tried(lambda: _shaped(fields, "template_id", _ID, "a-z 0-9 -, order-followup"), "")
    language = fields.tried(lambda: _shaped(fields, "language", _LANGUAGE, "BCP 47, zh-CN", "zh-CN"), "zh-CN")
    sign = fields.tried(lambda: fields.text("sign", chars_max=TEXT_CHARS_MAX), "")
    text = fields.tried(lambda: fields.text("text", chars_max=TEXT_CHARS_MAX), "")
    slots = _slots(fields)
    template = NameCardTemplate(
        template_id,
        fields.tried(lambda: fields.whole_number("version", 1, _VERSION_MAX), 1),
        fields.tried(lambda: fields.choice("purpose", Purpose), Purpose.CARE),
        fields.tried(lambda: fields.choice("channel", CardChannel, CardChannel.FLASH), CardChannel.FLASH),
        language,
        SmsEncoding.UCS2,
        sign,
        _parts(text, slots, fields),
        slots,
        fields.tried(lambda: fields.choice("industry", Industry, Industry.ANY), Industry.ANY),
        fields.tried(lambda: fields.choice("segment", CalleeSegment, CalleeSegment.ANY), CalleeSegment.ANY),
        fields.tried(lambda: fields.choice("disclosure", Disclosure) if "disclosure" in mapping else None, None),
        fields.tried(lambda: fields.words("emphasises", EMPHASES_MAX), ()),
    )
    template = fields.tried(lambda: _with_encoding(template, fields), template)
    if fields.faults:
        first, *others = fields.faults
        first.others = tuple(others)
        is_readable = all(str(fault.details["field"]) in _BESIDE_THE_TEXT for fault in fields.faults)
        first.readable = template if is_readable else None
        raise first
    return template


def _shaped(fields: "_Fields", key: str, shape: re.Pattern[str], example: str, usual: str | None = None) -> str:
    text = fields.text(key, usual, chars_max=63)
    if not shape.fullmatch(text):
        raise fields.error(CardFault.OUT_OF_RANGE, key, expected=example)
    return text


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


_NO_SLOTS: Mapping[str, Any] = {}


def _slots(fields: "_Fields") -> dict[str, SlotSpec]:
    """The slots that are described, those with a fault as well: the text may name them."""
    tables: Mapping[str, Any] = fields.tried(lambda: fields.table("slots"), _NO_SLOTS)
    if len(tables) > SLOTS_MAX:
        fields.note(fields.error(CardFault.TOO_MANY_SLOTS, "slots", found=len(tables), expected=SLOTS_MAX))
    return {
        name: fields.tried(partial(_slot, fields, name, value), SlotSpec(name, SlotType.TEXT, 1))
        for name, value in tables.items()
    }


def _slot(fields: "_Fields", name: str, value: Any) -> SlotSpec:
    place = f"slots.{name}"
    if not name.isidentifier() or len(name) > _SLOT_NAME_CHARS_MAX:
        raise fields.error(CardFault.SLOT_NAME_INVALID, place)
    if not isinstance(value, Mapping):
        raise fields.error(CardFault.WRONG_TYPE, place, expected="table")
    slot = fields.within(value, f"{place}.")
    slot.check_keys((), ("type", "units_max"))
    slot_type = slot.tried(lambda: slot.choice("type", SlotType, SlotType.TEXT), SlotType.TEXT)
    fixed = _FIXED_UNITS.get(slot_type)
    usual = fixed or _USUAL_UNITS.get(slot_type)
    units_max = slot.tried(lambda: slot.whole_number("units_max", fixed or 1, fixed or SLOT_UNITS_MAX, usual), 1)
    return SlotSpec(name, slot_type, units_max)


def _parts(text: str, slots: Mapping[str, SlotSpec], fields: "_Fields") -> tuple[CardPart, ...]:
    parts: list[CardPart] = []
    end = 0
    for place in _PLACE.finditer(text):
        parts.append(text[end : place.start()])
        if place[1] not in slots:
            fields.note(fields.error(CardFault.SLOT_UNKNOWN, "text", found=place[1], expected=", ".join(slots)))
        parts.append(SlotPlace(place[1]))
        end = place.end()
    parts.append(text[end:])
    for part in parts:
        if isinstance(part, str) and ("{" in part or "}" in part):
            fields.note(fields.error(CardFault.BRACE_UNPAIRED, "text", found=part))
    if sum(isinstance(part, SlotPlace) for part in parts) > SLOTS_MAX:
        fields.note(fields.error(CardFault.TOO_MANY_SLOTS, "text", expected=SLOTS_MAX))
    return tuple(part for part in parts if part)


class _Fields:
    """Typed access to a mapping from a file; every complaint names file and field, and all are gathered in `faults`."""

    def __init__(self, mapping: Mapping[str, Any], file_name: str, prefix: str = "") -> None:
        self.file_name = file_name
        self.faults: list[CardTemplateError] = []
        self._mapping = mapping
        self._prefix = prefix

    def within(self, mapping: Mapping[str, Any], prefix: str) -> "_Fields":
        """The fields of a table within this one; its faults are faults of both."""
        inner = _Fields(mapping, self.file_name, prefix)
        inner.faults = self.faults
        return inner

    def note(self, fault: CardTemplateError) -> None:
        """Keep a fault. Of a field that is missing, nothing else is told; nothing is told twice."""
        if len(self.faults) >= FAULTS_MAX:
            return
        place = fault.details["field"]
        missing = (each for each in self.faults if each.fault is CardFault.KEY_MISSING)
        if all(each.details["field"] != place for each in missing) and all(
            each.details != fault.details for each in self.faults
        ):
            self.faults.append(fault)

    def tried(self, read: Callable[[], _Value], instead: _Value) -> _Value:
        """What `read` gives; where it finds a fault, that is kept, and something stands in its place."""
        try:
            return read()
        except CardTemplateError as fault:
            self.note(fault)
            return instead

    def error(self, fault: CardFault, field: str, **details: str | int) -> CardTemplateError:
        return CardTemplateError(fault, self.file_name, self._prefix + field, **details)

    def check_keys(self, required: tuple[str, ...], optional: tuple[str, ...]) -> None:
        for key in required:
            if key not in self._mapping:
                self.note(self.error(CardFault.KEY_MISSING, key))
        for key in self._mapping:
            if key not in required and key not in optional:
                self.note(self.error(CardFault.KEY_UNKNOWN, key, expected=", ".join(required + optional)))

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
