"""Rule packs as data: reading one rule from its table, with errors that name pack, rule and field."""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, TypeVar

from baitie.domain.risk.checks import Check
from baitie.domain.risk.verdict import Knowledge, RuleEvidence, RuleStatus
from baitie.kernel.errors import InputError
from baitie.kernel.purpose import Purpose

ANYWHERE = "*"
PACK_CHARS_MAX = 1_000_000
RULES_PER_PACK_MAX = 500

_Value = TypeVar("_Value")
_EnumValue = TypeVar("_EnumValue", bound=StrEnum)


class RulePackError(InputError):
    """A rule pack cannot be used as it is. Mend the field that is named, or leave the pack out of the settings."""

    code = "rule-pack-invalid"


class Force(StrEnum):
    """Force (效力) of a rule: it stops the call, or only says what it thinks."""

    BLOCK = "block"
    ADVISE = "advise"


class FailDirection(StrEnum):
    """What a rule does where it cannot know (失效方向): `closed` refuses, `open` stays silent."""

    CLOSED = "closed"
    OPEN = "open"


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """Rule (规则): one sentence of law, standard, practice, advice or house policy, compiled.

    `effective_from` is the first local date on which it holds, `effective_until` the first on which it no longer
    does; `None` means always. `cases` are its own examples, as they stand in the pack.
    """

    rule_id: str
    pack: str
    kind: str
    jurisdiction: str  # ISO 3166-1 alpha-2, or ANYWHERE
    purposes: frozenset[Purpose]
    effective_from: date | None
    effective_until: date | None
    force: Force
    fail_direction: FailDirection
    status: RuleStatus
    source: str
    evidence: RuleEvidence
    remedies: tuple[str, ...]
    cases: tuple[Mapping[str, Any], ...]
    check: Check

    def is_dated_for(self, day: date) -> bool:
        """Whether the rule is in force on a local date."""
        return (self.effective_from or date.min) <= day < (self.effective_until or date.max)


class TableReader:
    """Table reader (字段读取): takes typed fields out of one TOML table; `done` refuses what nobody took."""

    def __init__(self, table: Mapping[str, Any], pack: str, rule: str, prefix: str = "") -> None:
        self._table = dict(table)
        self._prefix = prefix
        self.pack = pack
        self.rule = rule

    def error(self, problem: str, field: str, remedy: str) -> RulePackError:
        """An error that names this pack and rule."""
        return RulePackError(f"{problem} {remedy}", pack=self.pack, rule=self.rule, field=self._prefix + field)

    def optional(self, field: str, kind: type[_Value]) -> _Value | None:
        """The value of a field that may be absent."""
        value = self._table.pop(field, None)
        if value is None:
            return None
        # In Python true is an int and a date-time is a date; in a rule they are mistakes.
        if (
            not isinstance(value, kind)
            or (kind is int and isinstance(value, bool))
            or (kind is date and isinstance(value, datetime))
        ):
            found = type(value).__name__
            raise self.error(f"This field holds {found}, not {kind.__name__}.", field, f"Write {_EXAMPLES[kind]}.")
        return value

    def need(self, field: str, kind: type[_Value]) -> _Value:
        """The value of a field that must be there."""
        value = self.optional(field, kind)
        if value is None:
            raise self.error("This field is missing.", field, f"Write {field} = {_EXAMPLES[kind]}.")
        return value

    def text(self, field: str) -> str:
        """Text that is not empty."""
        value = self.need(field, str).strip()
        if not value:
            raise self.error("This text is empty.", field, "Write what it is.")
        return value

    def count(self, field: str, least: int, most: int) -> int:
        """A whole number within bounds."""
        value = self.need(field, int)
        if not least <= value <= most:
            raise self.error(f"{value} is out of bounds.", field, f"Write a number from {least} to {most}.")
        return value

    def choice(self, field: str, kind: type[_EnumValue]) -> _EnumValue:
        """One word of an enumeration."""
        return self._word(field, self.text(field), kind)

    def choice_or_none(self, field: str, kind: type[_EnumValue]) -> _EnumValue | None:
        """One word of an enumeration; `None` where the field is absent."""
        value = self.optional(field, str)
        return None if value is None else self._word(field, value, kind)

    def count_or_none(self, field: str, least: int, most: int) -> int | None:
        """A whole number within bounds; `None` where the field is absent."""
        return self.count(field, least, most) if field in self._table else None

    def words(self, field: str, kind: type[_EnumValue]) -> frozenset[_EnumValue] | None:
        """Words of an enumeration; `None` where the field is absent."""
        value = self.optional(field, list)
        if value is None:
            return None
        if not value:
            raise self.error("This list is empty.", field, "Name at least one, or leave the field out.")
        return frozenset(self._word(field, word, kind) for word in value)

    def texts(self, field: str) -> tuple[str, ...]:
        """A list of texts; empty where the field is absent."""
        return self.values(field, str)

    def values(self, field: str, kind: type[_Value]) -> tuple[_Value, ...]:
        """A list of values of one kind; empty where the field is absent."""
        value = self.optional(field, list) or []
        if not all(type(entry) is kind for entry in value):
            problem = f"This list holds something else than {kind.__name__}."
            raise self.error(problem, field, f"Write such as [{_EXAMPLES[kind]}].")
        return tuple(value)

    def tables(self, field: str) -> tuple[Mapping[str, Any], ...]:
        """A list of tables; empty where the field is absent."""
        value = self.optional(field, list) or []
        if not all(isinstance(entry, dict) for entry in value):
            raise self.error("This list holds something else than tables.", field, f"Write [[rule.{field}]] tables.")
        return tuple(value)

    def has(self, field: str) -> bool:
        """Whether the field is there."""
        return field in self._table

    def rows(self, field: str) -> tuple["TableReader", ...]:
        """The tables of a list, to be read field by field."""
        return tuple(
            TableReader(table, self.pack, self.rule, f"{self._prefix}{field}.") for table in self.tables(field)
        )

    def row(self, field: str) -> "TableReader | None":
        """A table within this one, to be read field by field; `None` where the field is absent."""
        table = self.optional(field, dict)
        return None if table is None else TableReader(table, self.pack, self.rule, f"{self._prefix}{field}.")

    def number(self, field: str) -> float | None:
        """A number that is not negative; `None` where the field is absent."""
        value = self._table.pop(field, None)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
            raise self.error(f"{value!r} is no number of this field.", field, "Write a number from 0 on, such as 3.")
        return value

    def done(self) -> None:
        """Refuse fields that no rule of this kind knows: a misspelt cap must not be silently absent."""
        for field in self._table:
            raise self.error("No rule of this kind has this field.", str(field), "Mend its spelling or remove it.")

    def _word(self, field: str, word: Any, kind: type[_EnumValue]) -> _EnumValue:
        if not isinstance(word, str) or word not in set(kind):
            raise self.error(f"{word!r} is not known here.", field, f"Write one of: {', '.join(kind)}.")
        return kind(word)


_EXAMPLES: Mapping[type, str] = {
    str: '"text"',
    int: "3",
    bool: "true",
    date: "2026-01-31",
    datetime: "2026-01-31T12:00:00",
    time: "21:00:00",
    list: '["word"]',
    dict: "{ ... }",
}


def parse_pack_untrusted(name: str, text: str) -> Mapping[str, Any]:
    """The tables of a pack's TOML text. Raises `RulePackError` with the place of the mistake."""
    if len(text) > PACK_CHARS_MAX:
        raise RulePackError(f"The pack is longer than {PACK_CHARS_MAX} characters. Divide it.", pack=name)
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        raise RulePackError(f"This is not TOML: {error}. Mend that place.", pack=name) from error


def read_evidence(reader: TableReader, status: RuleStatus) -> RuleEvidence:
    """Who knows the rule and how. What nobody read may not call itself law or standard."""
    table = TableReader(reader.need("evidence", dict), reader.pack, reader.rule)
    evidence = RuleEvidence(
        how=table.choice("how", Knowledge),
        by=table.text("by"),
        known_on=table.need("on", date),
        note=table.optional("note", str) or "",
    )
    table.done()
    if evidence.how is Knowledge.MEMORY and status in (RuleStatus.LAW, RuleStatus.STANDARD):
        problem = f"A rule known from memory only is called {status.value}."
        raise reader.error(problem, "evidence.how", 'Read it first, or write status = "advice".')
    return evidence


def read_jurisdiction(reader: TableReader) -> str:
    """Two capital letters, or `*` for everywhere."""
    value = reader.text("jurisdiction")
    if value != ANYWHERE and not (len(value) == 2 and value.isascii() and value.isalpha() and value.isupper()):
        raise reader.error(f"{value!r} is no country code.", "jurisdiction", 'Write "CN", "US" … or "*".')
    return value


def sequence_of_rules(pack: Mapping[str, Any]) -> tuple[str, Sequence[Mapping[str, Any]]]:
    """The name of a pack and its rule tables."""
    reader = TableReader(pack, str(pack.get("pack", "?")), "")
    name = reader.text("pack")
    reader.pack = name
    reader.count("version", 1, 1_000_000)
    reader.text("title")
    rules = reader.tables("rule")
    reader.done()
    if not 1 <= len(rules) <= RULES_PER_PACK_MAX:
        raise reader.error("The pack holds no rule, or too many.", "rule", f"Write 1 to {RULES_PER_PACK_MAX}.")
    return name, rules
