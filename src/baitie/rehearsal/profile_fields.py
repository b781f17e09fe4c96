"""Tables of a profile to values: every field is asked for, none is unknown, and every number is one."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from math import inf
from typing import TYPE_CHECKING, Any, TypeVar

from baitie.kernel.errors import InputError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

P = TypeVar("P", bound="DataclassInstance")

TEXTS = frozenset({"kind", "name", "prefixes"})
"""Fields that hold words, and are checked by whoever reads them."""

_MANY: Mapping[str, type] = {
    "steps": tuple,
    "rate_by_hour": tuple,
    "weekday_odds": tuple,
    "segment_odds": Mapping,
    "rates": Mapping,
}
_SHARES = {"rate_by_hour", "rates", "share"}


class ProfileError(InputError):
    """The profile of simulated people cannot be used. Mend the field that the message names."""

    code = "profile-invalid"


def table_of(data: Mapping[str, Any], name: str, file: str) -> Mapping[str, Any]:
    """The table of this name. Raises ProfileError where there is none."""
    table = data.get(name)
    if not isinstance(table, Mapping):
        raise ProfileError(f"{file}: needs a table [{name}].")
    return table


def build(kind: type[P], table: Mapping[str, Any], name: str, file: str, shares: frozenset[str] = frozenset()) -> P:
    """The value of a table in which every field stands. `shares` are fields that are shares without saying so."""
    known = {field.name for field in fields(kind)}
    for unknown in sorted(set(table) - known):
        raise ProfileError(f"{file}: [{name}] has an unknown field {unknown!r}; known: {', '.join(sorted(known))}.")
    for missing in sorted(known - set(table)):
        raise ProfileError(f"{file}: [{name}] lacks {missing}.")
    for field, value in table.items():
        if field not in TEXTS:
            _check(field, value, f"{file}: [{name}] {field}", is_share=field in _SHARES | shares)
    return kind(**table)


def build_over(default: P, data: Mapping[str, Any], name: str, file: str) -> P:
    """The value of a table that may be left out, as may each of its fields: the default then holds."""
    said = table_of(data, name, file) if name in data else {}
    return build(type(default), {**asdict(default), **said}, name, file)


def _check(field: str, value: Any, where: str, *, is_share: bool) -> None:
    holder = _MANY.get(field)
    if holder is not None and not isinstance(value, holder):
        raise ProfileError(f"{where} = {value!r} does not hold a number for each.")
    for part in [value] if holder is None else value.values() if isinstance(value, Mapping) else value:
        if isinstance(part, bool) or not isinstance(part, int | float) or not 0 <= part < inf:
            raise ProfileError(f"{where} = {part!r} is not a number of 0 or more.")
        if (field.endswith("_rate") or is_share) and part > 1:
            raise ProfileError(f"{where} = {part}; a share lies between 0 and 1.")
