"""Every setting with its place, unit, default and meaning: what `baitie config` and the reference page print."""

import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic_core import PydanticUndefined

from baitie.files.fields import model_within, window_text
from baitie.files.toml_files import ENV_JOINT, ENV_PREFIX, Loaded
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.time import Window
from baitie.locale.catalogue import Catalogue

FREE_NAME = "<name>"
"""Stands for the name that the enterprise gives a table, as in `trunks.<name>.host`."""

_UNITS = (("_per_s", "1/s"), ("_per_day", "1/d"), ("_ms", "ms"), ("_s", "s"))


@dataclass(frozen=True, slots=True)
class SettingDescription:
    """One setting (设置项) as documented."""

    place: str
    kind: str
    unit: str
    default: str | None  # None where it must be given
    bounds: str

    @property
    def text_key(self) -> str:
        """Its key in the `settings` catalogue."""
        return self.place.replace(f".{FREE_NAME}", "")

    @property
    def variable(self) -> str:
        """The environment variable that overrides it."""
        return ENV_PREFIX + self.place.replace(FREE_NAME, "NAME").replace(".", ENV_JOINT).upper()


@dataclass(frozen=True, slots=True)
class SettingInForce:
    """One setting as it is in force (生效值)."""

    place: str
    value: str
    unit: str
    default: str | None
    source: str  # env, file or default
    variable: str | None
    meaning: str


def unit_of(name: str) -> str:
    """The unit that the last part of a name says, or nothing for plain counts and texts."""
    return next((unit for suffix, unit in _UNITS if name.endswith(suffix)), "")


def describe(model: type[BaseModel], prefix: str = "") -> Iterator[SettingDescription]:
    """Every setting under a model, in the order of the file."""
    for name, field in model.model_fields.items():
        within, is_named = model_within(field.annotation)
        place = f"{prefix}{name}"
        if within is not None:
            yield from describe(within, f"{place}.{FREE_NAME}." if is_named else f"{place}.")
            continue
        default = None if field.default is PydanticUndefined else shown(field.default)
        bounds = " ".join(f"{sign} {_bound(meta, attribute)}" for meta in field.metadata for attribute, sign in _SIGNS
                          if hasattr(meta, attribute))  # fmt: skip
        yield SettingDescription(place, kind_of(field.annotation), unit_of(name), default, bounds)


def in_force(loaded: Loaded[Any], texts: Catalogue) -> Iterator[SettingInForce]:
    """Every setting of a loaded file with its value, default, source and meaning."""
    described = {d.place: d for d in describe(type(loaded.settings))}
    for place, general, value in _values(loaded.settings):
        about = described[general]
        yield SettingInForce(
            place, shown(value), about.unit, about.default, loaded.source(place), loaded.in_env.get(place),
            texts.text(about.text_key),
        )  # fmt: skip


def kind_of(annotation: Any) -> str:
    """A type as people read it: `number`, `text`, `yes/no`, `one of a, b`."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return kind_of(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return kind_of(next(a for a in arguments if a is not type(None)))
    if origin is typing.Literal:
        return "one of " + ", ".join(map(str, arguments))
    if origin is list:
        return f"list of {kind_of(arguments[0])}"
    if origin is dict:
        return "table"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return "one of " + ", ".join(str(member.value) for member in annotation)
    return _KINDS.get(annotation, "text")


def shown(value: Any) -> str:
    """A value as it stands in a file; secrets hidden, numbers masked."""
    if value is None:
        return "—"
    if isinstance(value, SecretStr):
        return "********"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Window):
        return window_text(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, list):
        return "[" + ", ".join(map(shown, value)) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{shown(key)}: {shown(item)}" for key, item in value.items()) + "}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _values(model: BaseModel, place: str = "", general: str = "") -> Iterator[tuple[str, str, Any]]:
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        within, is_named = model_within(field.annotation)
        if within is None:
            yield f"{place}{name}", f"{general}{name}", value
        elif is_named:
            for key, item in value.items():
                yield from _values(item, f"{place}{name}.{shown(key)}.", f"{general}{name}.{FREE_NAME}.")
        else:
            yield from _values(value, f"{place}{name}.", f"{general}{name}.")


def _bound(meta: Any, attribute: str) -> str:
    found = getattr(meta, attribute)
    return found.date().isoformat() if isinstance(found, datetime) else f"{found:g}"


_SIGNS = (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<"))
_KINDS: dict[Any, str] = {
    int: "whole number",
    float: "number",
    bool: "true or false",
    Path: "path",
    PhoneNumber: "telephone number",
    Window: "window",
    datetime: "date and time with zone",
}
