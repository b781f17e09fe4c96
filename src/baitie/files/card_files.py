"""The library of name cards and its word lists from the package, and the check of one template with all of them."""

import difflib
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from baitie.domain.namecard import (
    CardFinding,
    CardLibrary,
    CardTemplateError,
    Cell,
    LookAlikes,
    NameCardTemplate,
    NoTemplate,
    Severity,
    choose,
    lint,
    parse_look_alikes,
    parse_stress,
    parse_templates,
    read_template_untrusted,
    with_sign,
)
from baitie.domain.namecard.library import anything
from baitie.files.bounded_files import read_within
from baitie.files.campaign_settings import CAMPAIGN_FILE, LibraryCardSettings
from baitie.files.problems import Problem, SettingsError
from baitie.files.rule_files import read_card_words
from baitie.files.toml_files import SETTINGS_FILE_OCTETS_MAX, read_toml
from baitie.files.validation import line_of
from baitie.kernel.purpose import Purpose

STRESS_FILE = "stress.toml"
LOOK_ALIKES_FILE = "look-alikes.toml"


@cache
def read_library() -> CardLibrary:
    """The library as shipped, in the order of purposes by name."""
    folder = resources.files("baitie").joinpath("cards")
    names = sorted(f.name for f in folder.iterdir() if f.name.endswith(".toml"))
    files = [name for name in names if name not in (STRESS_FILE, LOOK_ALIKES_FILE)]
    templates = [template for name in files for template in parse_templates(_text(name), name)]
    return CardLibrary(tuple(templates), parse_stress(tomllib.loads(_text(STRESS_FILE)), STRESS_FILE))


@cache
def read_look_alikes() -> LookAlikes:
    """How listed words are hidden, as shipped."""
    return parse_look_alikes(tomllib.loads(_text(LOOK_ALIKES_FILE)), LOOK_ALIKES_FILE)


def lint_fully(template: NameCardTemplate, verified_sign: str) -> tuple[CardFinding, ...]:
    """Every finding about a template, as when it is filed or changed."""
    return lint(template, verified_sign, read_card_words(), read_look_alikes())


@dataclass(frozen=True, slots=True)
class CardCase:
    """Card case (名片实例): a template under a sign, and the values of one call."""

    template: NameCardTemplate
    values: dict[str, str]


def read_template_file(file: Path) -> NameCardTemplate:
    """The template in a file of the enterprise. Raises `SettingsError` with everything that is wrong with it."""
    data = b""
    try:
        data = read_within(file, SETTINGS_FILE_OCTETS_MAX)
        return read_template_untrusted(data, file.name)
    except FileNotFoundError:
        raise SettingsError([Problem(file.name, "", "file-missing", None, {"path": str(file)})]) from None
    except OSError as error:
        details = {"reason": error.strerror or "?"}
        raise SettingsError([Problem(file.name, "", "file-unreadable", None, details)]) from error
    except CardTemplateError as error:
        raise SettingsError(problems_of(error, file.name, data.decode("utf-8", "replace"))) from error


def problems_of(error: CardTemplateError, file_name: str, text: str) -> list[Problem]:
    """What a template's faults say of its file, whose text is `text`; and what its card must not say, where that can
    be told already: who mends the one need not come back for the other."""
    problems = []
    for fault in (error, *error.others):
        details = {key: value for key, value in fault.details.items() if key in ("found", "expected")}
        place = str(fault.details.get("field", ""))
        line = line_of(text, place.split(".")) if place else None
        problems.append(Problem(file_name, place, f"namecard:fault.{fault.fault.value}", line, details))
    if error.readable is not None:
        findings = lint_fully(error.readable, error.readable.sign)
        problems += finding_problems([one for one in findings if one.severity is Severity.ERROR], file_name)
    return problems


def read_case(file: Path) -> CardCase:
    """A case file: `library` (the id of a template) and `sign`, or a whole template; and `[values]`.

    Raises `SettingsError`.
    """
    table, text = read_toml(file)
    values = table.pop("values", {})
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise SettingsError([Problem(file.name, "values", "card-values", None, {})])
    if "library" in table:
        return CardCase(_from_library(table, file.name), values)
    template = read_template_file(file) if not values else _own(table, file.name, text)
    return CardCase(template, values)


def _own(table: dict[str, Any], file_name: str, text: str) -> NameCardTemplate:
    from baitie.domain.namecard import parse_template

    try:
        return parse_template(table, file_name)
    except CardTemplateError as error:
        raise SettingsError(problems_of(error, file_name, text)) from error


def _from_library(table: dict[str, Any], file_name: str) -> NameCardTemplate:
    template, sign = card_by_id(str(table["library"]), file_name, "library"), table.get("sign")
    if not isinstance(sign, str) or not sign:
        raise SettingsError([Problem(file_name, "sign", "missing", None, {})])
    return with_sign(template, sign)


def card_of_library(
    settings: LibraryCardSettings,
    purpose: Purpose,
    sign: str,
    why_unusable: Callable[[NameCardTemplate], str] = anything,
) -> NameCardTemplate:
    """The card that a campaign names, under the enterprise's sign; of a cell the most specific usable one.

    Raises `SettingsError`.
    """
    if settings.id is not None:
        return with_sign(card_by_id(settings.id, CAMPAIGN_FILE, "card.library.id"), sign)
    wanted = Cell(purpose, settings.industry, settings.segment, settings.language or "")
    found = choose(read_library(), wanted, lambda template: why_unusable(with_sign(template, sign)))
    if isinstance(found, NoTemplate):
        passed_over = ", ".join(f"{cell}: {reason}" for cell, reason in found.fallbacks)
        details = {"cell": str(wanted), "reason": found.detail or passed_over or found.reason.value}
        raise SettingsError([Problem(CAMPAIGN_FILE, "card.library", "card-none", None, details)])
    return with_sign(found.template, sign)


def card_by_id(template_id: str, file_name: str = "", place: str = "") -> NameCardTemplate:
    """The template of the library with this id, without a sign. Raises `SettingsError`."""
    found = read_library().find(template_id)
    if found is None:
        ids = [template.template_id for template in read_library().templates]
        close = difflib.get_close_matches(template_id, ids, n=1, cutoff=0.4)
        details = {"value": template_id, "suggestion": close[0] if close else None}
        raise SettingsError([Problem(file_name, place, "card-unknown", None, details)])
    return found


def finding_problems(findings: Sequence[CardFinding], file_name: str) -> list[Problem]:
    """Findings as problems of a file."""
    return [
        Problem(file_name, finding.place, f"namecard:finding.{finding.code.value}", None, dict(finding.values))
        for finding in findings
    ]


def _text(name: str) -> str:
    return resources.files("baitie").joinpath("cards", name).read_text("utf-8")
