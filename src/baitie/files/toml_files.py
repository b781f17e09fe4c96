"""TOML files into checked settings: environment laid over, every error with its line, all reported together."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from baitie.files.bounded_files import read_within
from baitie.files.problems import Problem, SettingsError
from baitie.files.validation import closest, known_keys, problem_of

SETTINGS_FILE_OCTETS_MAX = 1024 * 1024
"""No settings file is larger; a contact list given by mistake is refused before it is parsed."""

PROBLEMS_MAX = 100
"""So many problems of a file are told at once; the rest is counted."""

NAME_SHOWN_CHARS_MAX = 40

_DEEP_KEY = re.compile(r"(?<![A-Za-z0-9_-])(?:[A-Za-z0-9_-]++[ \t]*+\.[ \t]*+){33}")
"""Keys of more parts than any setting has; thousands of them take the parser minutes. Looked for where a word
begins and without going back: a megabyte of one word takes no hours."""

_LINE_LOOKED_AT_CHARS = 400

_BARE_FOREIGN_KEY = re.compile(r"""\s*([^\s"'=\[\]{}#,]*[^\x00-\x7f"'=\[\]{}#,][^"'=\[\]{}#,]*)=""")
_BARE_FOREIGN_INSIDE = re.compile(r"""[\[{,]\s*([^\s"'=\[\]{}#,]*[^\x00-\x7f"'=\[\]{}#,][^"'=\[\]{}#,]*)[\]=]""")

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
        data = read_within(path, SETTINGS_FILE_OCTETS_MAX)
        if len(data) > SETTINGS_FILE_OCTETS_MAX:
            raise _whole(path, "file-too-large", octets_max=SETTINGS_FILE_OCTETS_MAX)
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
        deep = _DEEP_KEY.search(text)
        if deep is not None:
            raise _whole(path, "toml-too-deep", line=text.count("\n", 0, deep.start()) + 1)
        return tomllib.loads(text), text
    except FileNotFoundError:
        raise _whole(path, "file-missing") from None
    except UnicodeDecodeError as error:
        raise _whole(path, "file-not-utf8", octet=error.start) from error
    except OSError as error:
        raise _whole(path, "file-unreadable", reason=error.strerror or "?") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([_syntax_problem(path, text, str(error))]) from error
    except RecursionError as error:
        raise _whole(path, "toml-too-deep") from error
    except ValueError as error:  # a number of more digits than the machine reads
        raise _whole(path, "toml-number-too-long") from error


def _syntax_problem(path: Path, text: str, reason: str) -> Problem:
    """What is wrong with the TOML; a name that only lacks its quotes gets that as remedy."""
    found = re.search(r"line (\d+)", reason)
    line = int(found[1]) if found else None
    lines = text.split("\n")
    written = lines[line - 1][:_LINE_LOOKED_AT_CHARS] if line is not None and line <= len(lines) else ""
    bare = _BARE_FOREIGN_KEY.match(written) or _BARE_FOREIGN_INSIDE.search(written)
    if bare is not None:
        return Problem(path.name, "", "toml-key-quotes", line, {"name": bare[1].strip()[:NAME_SHOWN_CHARS_MAX]})
    return Problem(path.name, "", "toml-syntax", line, {"reason": reason})


def load(
    model: type[SettingsT],
    path: Path,
    environ: Mapping[str, str],
    *,
    foreign_sections: Iterable[str] = (),
    region_of: Callable[[Mapping[str, Any]], str] | None = None,
) -> Loaded[SettingsT]:
    """The settings of one file with the environment laid over.

    `region_of` gives, of the file's table, the region in which numbers without a country code are read.

    `foreign_sections` are sections of the other settings file: variables that name them are not for this one.
    Raises `SettingsError` with every problem of the file.
    """
    table, text = read_toml(path)
    in_file = frozenset(_places(table))
    in_env: dict[str, str] = {}
    problems: list[Problem] = []
    for variable in sorted(environ):
        if not variable.startswith(ENV_PREFIX) or ENV_JOINT not in variable:
            if (wanted := _variable_meant(model, variable)) is not None:
                problems.append(Problem(variable, "", "variable-passed-by", None, {"wanted": wanted}))
            continue
        parts = variable.removeprefix(ENV_PREFIX).lower().split(ENV_JOINT)
        if parts[0] in foreign_sections:
            continue
        if parts[0] not in model.model_fields:
            hint = closest(parts[0], [*model.model_fields, *foreign_sections])
            problems.append(Problem(variable, "", "unknown-variable", None, {"suggestion": hint}))
        else:
            _lay(table, parts, environ[variable])
            in_env[".".join(parts)] = variable
    try:
        region = None if region_of is None else partial(region_of, table)
        settings = model.model_validate(table, context={"base": path.parent.resolve(), "region_of": region})
    except ValidationError as error:
        errors = error.errors(include_url=False)
        problems += [problem_of(model, item, path.name, text, in_env) for item in errors[:PROBLEMS_MAX]]
        if len(errors) > PROBLEMS_MAX:
            problems.append(Problem(path.name, "", "more-problems", None, {"more": len(errors) - PROBLEMS_MAX}))
    if problems:
        raise SettingsError(problems)
    return Loaded(settings, path, in_file, in_env)


def _whole(path: Path, code: str, **details: Any) -> SettingsError:
    return SettingsError([Problem(path.name, "", code, None, {"path": str(path), **details})])


def _variable_meant(model: type[BaseModel], variable: str) -> str | None:
    """The variable of one of these settings for which another was surely meant: in capitals, with both underscores."""
    if not variable.upper().startswith(ENV_PREFIX):
        return None
    name = variable[len(ENV_PREFIX) :].lower()
    for section in model.model_fields:
        if name == section or name.startswith(f"{section}{ENV_JOINT}"):
            rest = name.removeprefix(section).removeprefix(ENV_JOINT) or "…"
        elif name.removeprefix(f"{section}_") in known_keys(model, [section]) and name.startswith(f"{section}_"):
            rest = name.removeprefix(f"{section}_")
        else:
            continue
        return f"{ENV_PREFIX}{section}{ENV_JOINT}{rest}".upper()
    return None


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
