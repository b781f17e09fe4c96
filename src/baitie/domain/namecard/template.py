"""The template of a name card: its sign, its text with slots, and how long it may become."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from baitie.domain.namecard.dimensions import CalleeSegment, Cell, Industry
from baitie.kernel.disclosure import Disclosure
from baitie.kernel.errors import InputError
from baitie.kernel.journal import JsonValue
from baitie.kernel.purpose import Purpose
from baitie.kernel.sms_text import GSM7_UNITS_SINGLE, UCS2_UNITS_SINGLE, SmsEncoding, SmsMeasure, measure

SLOTS_MAX = 10
"""Slots in one template: what vendors' template reviews allow."""

SLOT_UNITS_MAX = 35
"""Units of one slot: what vendors' template reviews allow."""


class CardFault(StrEnum):
    """Fault (模板错误) for which a file is no template at all."""

    NOT_TOML = "not-toml"
    TOO_LARGE = "too-large"
    KEY_MISSING = "key-missing"
    KEY_UNKNOWN = "key-unknown"
    WRONG_TYPE = "wrong-type"
    NOT_ONE_OF = "not-one-of"
    OUT_OF_RANGE = "out-of-range"
    BRACE_UNPAIRED = "brace-unpaired"
    SLOT_NAME_INVALID = "slot-name-invalid"
    SLOT_UNKNOWN = "slot-unknown"
    TOO_MANY_SLOTS = "too-many-slots"
    CONTROL_CHARACTER = "control-character"


class CardTemplateError(InputError):
    """This name card template cannot be read. Mend the named field of the named file.

    `details` hold `fault` (a `CardFault`), `file`, `field`, and what was found or expected there; `others` are the
    further faults of the same file, and `readable` the template where sign, text, slots and purpose are without fault.
    """

    code = "card-template-invalid"

    def __init__(self, fault: CardFault, file: str, field: str, **details: str | int) -> None:
        self.fault = fault
        self.others: tuple[CardTemplateError, ...] = ()
        self.readable: NameCardTemplate | None = None
        super().__init__(None, fault=fault.value, file=file, field=field, **details)


class CardChannel(StrEnum):
    """Channel (通道) of a name card."""

    FLASH = "flash"  # class 0: shown at once, not stored
    SMS = "sms"


class SlotType(StrEnum):
    """Type (变量类型) of the values that a slot takes. There is none for amounts: a lock screen shows no money."""

    TEXT = "text"
    DIGITS = "digits"
    PHONE_TAIL = "phone_tail"  # the last four digits of a number
    TIME = "time"
    MINUTES = "minutes"  # how long the call takes
    CODE = "code"  # of the callee's page; the system fills it
    LINK = "link"  # to the callee's page of this card; the system fills it


DISCREET_TYPES = frozenset({SlotType.PHONE_TAIL, SlotType.TIME, SlotType.MINUTES, SlotType.CODE, SlotType.LINK})
"""What these hold says nothing to whoever does not know the matter."""


@dataclass(frozen=True, slots=True)
class SlotSpec:
    """Slot (变量) of a template: its values have at most `units_max` units, as the card's encoding counts them."""

    name: str
    type: SlotType
    units_max: int


@dataclass(frozen=True, slots=True)
class SlotPlace:
    """Place (变量位置) in a text where a slot's value goes."""

    name: str


CardPart: TypeAlias = str | SlotPlace


@dataclass(frozen=True, slots=True)
class NameCardTemplate:
    """Name card template (名片模板): an approved text with slots. `parts` are the text behind the sign."""

    template_id: str
    version: int
    purpose: Purpose
    channel: CardChannel
    language: str  # BCP 47, such as zh-CN
    encoding: SmsEncoding
    sign: str
    parts: tuple[CardPart, ...]
    slots: Mapping[str, SlotSpec]
    industry: Industry = Industry.ANY
    segment: CalleeSegment = CalleeSegment.ANY
    disclosure: Disclosure | None = None  # None: not declared
    emphasises: tuple[str, ...] = ()  # codes of `cards/stress.toml`

    @property
    def cell(self) -> Cell:
        """The cell of the matrix that the template is written for."""
        return Cell(self.purpose, self.industry, self.segment, self.language)

    @property
    def framed_sign(self) -> str:
        """The sign as the card shows it: 【sign】 in Chinese; elsewhere [sign], which stays within GSM-7."""
        return f"【{self.sign}】" if self.language.startswith("zh") else f"[{self.sign}] "

    @property
    def text(self) -> str:
        """The whole text with its slots by name in braces."""
        return self.with_slots(lambda name: f"{{{name}}}")

    def with_slots(self, value_of: Callable[[str], str]) -> str:
        """The whole text with every slot replaced by what `value_of` gives for its name."""
        return self.framed_sign + self.body(value_of)

    def body(self, value_of: Callable[[str], str]) -> str:
        """As `with_slots`, without the sign, which is verified for itself."""
        return "".join(part if isinstance(part, str) else value_of(part.name) for part in self.parts)


@dataclass(frozen=True, slots=True)
class WorstCase:
    """Longest form (最长情形) of a card: every slot at its maximum. `offenders` are fixed characters beyond GSM-7."""

    encoding: SmsEncoding
    units: int
    units_max: int
    offenders: tuple[tuple[str, int], ...]

    @property
    def fits(self) -> bool:
        """Whether the card travels as one message whatever the values."""
        return self.units <= self.units_max


def worst_case(template: NameCardTemplate) -> WorstCase:
    """How long a card may become. Units add up, because no value may hold half a character."""
    fixed = template.with_slots(lambda _: "")
    by_slots = sum(template.slots[part.name].units_max for part in template.parts if not isinstance(part, str))
    found = measure(fixed)
    offenders = found.offenders if isinstance(found, SmsMeasure) else ()
    units_max = UCS2_UNITS_SINGLE if template.encoding is SmsEncoding.UCS2 else GSM7_UNITS_SINGLE
    return WorstCase(template.encoding, units_of(fixed, template.encoding) + by_slots, units_max, offenders)


def units_of(text: str, encoding: SmsEncoding) -> int:
    """Units of `text` in a given encoding; where GSM-7 lacks a character, units of UCS-2."""
    if encoding is SmsEncoding.GSM7:
        found = measure(text)
        if isinstance(found, SmsMeasure):
            return found.units
    return len(text) if text.isascii() else len(text) + sum([char > "\uffff" for char in text])


def sent_facts(template: NameCardTemplate) -> dict[str, JsonValue]:
    """Everything that decides which bytes a card of this template may have: what a filing of it declares."""
    return {
        "template_id": template.template_id,
        "version": template.version,
        "purpose": template.purpose.value,
        "channel": template.channel.value,
        "language": template.language,
        "encoding": template.encoding.value,
        "sign": template.sign,
        "text": template.text,
        "slots": {
            part.name: {"type": template.slots[part.name].type.value, "units_max": template.slots[part.name].units_max}
            for part in template.parts
            if not isinstance(part, str)
        },
    }
