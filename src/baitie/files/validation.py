"""From the validator's errors to problems: each with its line, the value, its bounds, and the nearest known name."""

import difflib
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from baitie.files.fields import model_within
from baitie.files.problems import Problem


def problem_of(model: type[BaseModel], error: ErrorDetails, file: str, text: str, in_env: Mapping[str, str]) -> Problem:
    """The problem that one error means. `text` is that of the file, `in_env` the places that the environment gave."""
    location = [str(part) for part in error["loc"] if part != "[key]"]
    place = ".".join(location)
    details: dict[str, Any] = {"value": _shown(location, error.get("input")), **error.get("ctx", {})}
    code = _CODES.get(error["type"], error["type"] if error["type"] in _OWN_CODES else "other")
    details.pop("error", None)
    if code == "unknown-setting":
        details["suggestion"] = closest(location[-1], known_keys(model, location[:-1]))
    elif code == "out-of-range":
        details["bounds"] = " ".join(f"{_SIGNS[key]} {details[key]}" for key in _SIGNS if key in details)
    elif code == "not-one-of":
        details["expected"] = str(details["expected"]).replace("'", "").replace(" or ", ", ")
        details["suggestion"] = closest(str(error.get("input")), str(details["expected"]).split(", "))
    elif code == "wrong-type":
        details["kind"] = error["type"].partition("_")[0]
    elif code == "too-long" and details.get("field_type") == "List":
        code = "too-many"
    elif code == "bad-pattern" and (example := _EXAMPLES.get(location[-1] if location[0] != "numbers" else "numbers")):
        code, details["example"] = "bad-form", example
    elif code == "other":
        details["reason"] = error["msg"]
    variable = in_env.get(place) or (_laid_below(place, in_env) if code in _OF_ONE_VALUE else None)
    if variable:
        return Problem(variable, place, code, None, details)
    return Problem(file, place, code, line_of(text, location), details)


def _laid_below(place: str, in_env: Mapping[str, str]) -> str | None:
    """The variable that made a table of what should be a value, or a name that is none."""
    return next((variable for laid, variable in in_env.items() if laid.startswith(f"{place}.")), None)


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def known_keys(model: type[BaseModel], location: list[str]) -> list[str]:
    """The setting names that may stand in the table at `location`."""
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
    nearest, depth, wanted = None, 0, tuple(location)
    for number, place, is_heading in _places_of(text):
        if place != wanted[: len(place)]:
            continue
        if not is_heading:
            return number
        if len(place) > depth:
            nearest, depth = number, len(place)
    return nearest


@lru_cache(maxsize=4)  # a file's problems are told one after the other
def _places_of(text: str) -> list[tuple[int, tuple[str, ...], bool]]:
    """The lines that begin a table or a setting: number, dotted place, and whether it is a table's heading."""
    places: list[tuple[int, tuple[str, ...], bool]] = []
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        heading = _HEADING.match(line)
        if heading:
            table = tuple(heading[1].replace(" ", "").replace('"', "").split("."))
            places.append((number, table, True))
            continue
        key = _KEY.match(line)
        if key:
            places.append((number, (*table, *key[1].split(".")), False))
    return places


def _shown(location: list[str], value: Any) -> str:
    if any("password" in part or part == "url" for part in location):
        return "********"
    shown = repr(value) if not isinstance(value, str) else f'"{value}"'
    return shown if len(shown) <= 80 else f"{shown[:77]}..."


_HEADING = re.compile(r"\s*\[+\s*([^\]]+?)\s*\]+")
_KEY = re.compile(r"\s*[\"']?([^\"'=#\s]+)[\"']?\s*=")
_SIGNS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
_EXAMPLES = {
    "numbers": "862150000100",
    "address": "https://card.example.com/",
    **dict.fromkeys(("website", "certificate_url", "logo_url", "card_url", "url"), "https://www.example.com/path"),
    "proxy": "http://proxy.example.com:3128",
    **dict.fromkeys(("submit_path", "receipts_path", "callback_path"), "/receipts"),
    "sender": "10690000",
    "country_code": "86",
}
"""What a setting looks like, by its name, where it is no name in small letters."""

_OF_ONE_VALUE = ("wrong-type", "not-one-of", "bad-pattern", "bad-form", "control-character")

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
    "too_long": "too-long",
    "string_unicode": "not-text",
    "int_parsing_size": "wrong-type",
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
    "needs-other",
    "name-unknown",
    "region-invalid",
    "zone-invalid",
    "end-before-start",
    "trunk-missing",
    "trunk-name-taken",
    "control-character",
    "database-invalid",
    "bad-form",
}
