"""TOML files into checked settings: environment laid over, every error with its line, all reported together."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from baitie.bootstrap.problems import Problem, SettingsError

SETTINGS_FILE_OCTETS_MAX = 1024 * 1024
"""No settings file is larger; a contact list given by mistake is refused before it is parsed."""

ENV_PREFIX = "BAITIE_"
ENV_JOINT = "__"

SettingsT = TypeVar("SettingsT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Loaded(Generic[SettingsT]):
    """Settings as read (已读设置), with the place from which each came."""

    settings: SettingsT
    file: Path | None
    in_file: frozenset[str]  # dotted places
    in_env: Mapping[str, str]  # dotted place -> variable

    def source(self, place: str) -> str:
        """`env`, `file` or `default`."""
        if place in self.in_env:
            return "env"
        return "file" if place in self.in_file else "default"


def read_toml(path: Path) -> tuple[dict[str, Any], str]:
    """The file's table and its text. Raises `SettingsError`."""
    try:
        if path.stat().st_size > SETTINGS_FILE_OCTETS_MAX:
            raise _whole(path, "file-too-large", octets_max=SETTINGS_FILE_OCTETS_MAX)
        text = path.read_text("utf-8-sig")
        return tomllib.loads(text), text
    except FileNotFoundError:
        raise _whole(path, "file-missing") from None
    except UnicodeDecodeError as error:
        raise _whole(path, "file-not-utf8", octet=error.start) from error
    except OSError as error:
        raise _whole(path, "file-unreadable", reason=error.strerror or "?") from error
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        problem = Problem(path.name, "", "toml-syntax", int(line[1]) if line else None, {"reason": str(error)})
        raise SettingsError([problem]) from error


def load(
    model: type[SettingsT], path: Path, environ: Mapping[str, str], *, foreign_sections: Iterable[str] = ()
) -> Loaded[SettingsT]:
    """The settings of one file with the environment laid over.

    `foreign_sections` are sections of the other settings file: variables that name them are not for this one.
    Raises `SettingsError` with every problem of the file.
    """
    table, text = read_toml(path)
    in_file = frozenset(_places(table))
    in_env: dict[str, str] = {}
    problems: list[Problem] = []
    for variable in sorted(environ):
        if not variable.startswith(ENV_PREFIX) or ENV_JOINT not in variable:
            continue
        parts = variable.removeprefix(ENV_PREFIX).lower().split(ENV_JOINT)
        if parts[0] in foreign_sections:
            continue
        if parts[0] not in model.model_fields:
            hint = _close(parts[0], [*model.model_fields, *foreign_sections])
            problems.append(Problem(variable, "", "unknown-variable", None, {"suggestion": hint}))
        else:
            _lay(table, parts, environ[variable])
            in_env[".".join(parts)] = variable
    try:
        settings = model.model_validate(table, context={"base": path.parent.resolve()})
    except ValidationError as error:
        problems += [_problem(model, item, path.name, text, in_env) for item in error.errors(include_url=False)]
    if problems:
        raise SettingsError(problems)
    return Loaded(settings, path, in_file, in_env)


def _whole(path: Path, code: str, **details: Any) -> SettingsError:
    return SettingsError([Problem(path.name, "", code, None, {"path": str(path), **details})])


def _lay(table: dict[str, Any], parts: list[str], value: str) -> None:
    for part in parts[:-1]:
        below = table.setdefault(part, {})
        if not isinstance(below, dict):
            below = table[part] = {}
        table = below
    table[parts[-1]] = value


def _places(table: Mapping[str, Any], prefix: str = "") -> Iterable[str]:
    for key, value in table.items():
        yield f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from _places(value, f"{prefix}{key}.")


def _problem(model: type[BaseModel], error: ErrorDetails, file: str, text: str, in_env: Mapping[str, str]) -> Problem:
    location = [str(part) for part in error["loc"]]
    place = ".".join(location)
    details: dict[str, Any] = {"value": _shown(location, error.get("input")), **error.get("ctx", {})}
    code = _CODES.get(error["type"], error["type"] if error["type"] in _OWN_CODES else "other")
    details.pop("error", None)
    if code == "unknown-setting":
        details["suggestion"] = _close(location[-1], known_keys(model, location[:-1]))
    elif code == "out-of-range":
        details["bounds"] = " ".join(f"{_SIGNS[key]} {details[key]}" for key in _SIGNS if key in details)
    elif code == "not-one-of":
        details["expected"] = str(details["expected"]).replace("'", "").replace(" or ", ", ")
        details["suggestion"] = _close(str(error.get("input")), str(details["expected"]).split(", "))
    elif code == "wrong-type":
        details["kind"] = error["type"].partition("_")[0]
    elif code in {"other", "too-long", "bad-pattern"}:
        details["reason"] = error["msg"]
    variable = in_env.get(place)
    if variable:
        return Problem(variable, place, code, None, details)
    return Problem(file, place, code, line_of(text, location), details)


def _close(word: str, known: Iterable[str]) -> str | None:
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def known_keys(model: type[BaseModel], location: list[str]) -> list[str]:
    """The setting names that may stand in the table at `location`."""
    from baitie.bootstrap.describe import model_within

    within: type[BaseModel] | None = model
    skip = False
    for part in location:
        if skip or within is None:  # the free name of a table such as [trunks.main]
            skip = False
            continue
        field = within.model_fields.get(part)
        within, skip = model_within(field.annotation) if field else (None, False)
    return list(within.model_fields) if within else []


def line_of(text: str, location: list[str]) -> int | None:
    """The line of the file on which the setting, or the nearest table around it, stands."""
    found, table = None, ""
    for number, line in enumerate(text.splitlines(), 1):
        heading = re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line)
        if heading:
            table = heading[1].replace(" ", "").replace('"', "")
            if ".".join(location).startswith(table) and found is None:
                found = number
        key = re.match(r"\s*[\"']?([^\"'=#\s]+)[\"']?\s*=", line)
        if (
            key
            and [*filter(None, table.split(".")), *key[1].split(".")]
            == location[: table.count(".") + 2 if table else 1]
        ):
            return number
    return found


def _shown(location: list[str], value: Any) -> str:
    if any("password" in part or part == "url" for part in location):
        return "********"
    shown = repr(value) if not isinstance(value, str) else f'"{value}"'
    return shown if len(shown) <= 80 else f"{shown[:77]}..."


_SIGNS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
_CODES = {
    "missing": "missing",
    "extra_forbidden": "unknown-setting",
    "literal_error": "not-one-of",
    "enum": "not-one-of",
    "greater_than_equal": "out-of-range",
    "greater_than": "out-of-range",
    "less_than_equal": "out-of-range",
    "less_than": "out-of-range",
    "finite_number": "wrong-type",
    "string_too_long": "too-long",
    "string_too_short": "empty",
    "too_short": "empty",
    "string_pattern_mismatch": "bad-pattern",
    **dict.fromkeys(
        [
            "int_parsing", "int_type", "int_from_float", "float_parsing", "float_type", "bool_parsing", "bool_type",
            "string_type", "list_type", "dict_type", "model_type", "model_attributes_type", "datetime_parsing",
            "datetime_type", "datetime_from_date_parsing", "timezone_aware", "path_type",
        ],
        "wrong-type",
    ),
}  # fmt: skip
_OWN_CODES = {
    "number-invalid",
    "window-invalid",
    "one-of-two",
    "region-invalid",
    "zone-invalid",
    "end-before-start",
    "trunk-missing",
}
