"""Reading typed fields out of the tables of a rule pack, with errors that name pack, rule and field."""

import math
import re
from collections.abc import Mapping
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, TypeVar

from baitie.kernel.errors import InputError

ASK_AGAIN_MAX_S = 86_400
_NAME = re.compile(r"[a-z][a-z0-9-]{1,47}")
_Value = TypeVar("_Value")
_EnumValue = TypeVar("_EnumValue", bound=StrEnum)


class RulePackError(InputError):
    """A rule pack cannot be used as it is. Mend the field that is named, or leave the pack out of the settings."""

    code = "rule-pack-invalid"


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

    def name_of(self, field: str, word: str) -> str:
        """A word in small letters that names something."""
        if not _NAME.fullmatch(word):
            raise self.error(f"{word!r} is no name.", field, "Write small letters, figures and hyphens.")
        return word

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
