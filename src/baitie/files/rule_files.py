"""Rule packs from their files: those in the package, and those of the enterprise."""

import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from baitie.domain.namecard import CardWords, parse_words
from baitie.domain.risk.calendar_files import parse_calendar_untrusted
from baitie.domain.risk.checks import ANYWHERE
from baitie.domain.risk.explain import Catalogue
from baitie.domain.risk.rulebook import RuleBook, load_rulebook
from baitie.domain.risk.rulepack import PACK_CHARS_MAX, parse_pack_untrusted
from baitie.domain.risk.table_reader import RulePackError
from baitie.domain.risk.territories import jurisdictions_of
from baitie.domain.risk.workdays import CalendarYear, OfficialCalendar, calendars_of
from baitie.files.bounded_files import read_within
from baitie.files.organisation_settings import RuleSettings
from baitie.files.problems import Problem, SettingsError
from baitie.files.validation import closest
from baitie.rules import CALENDARS, CORE_PACK, DEFAULT_PACKS, SHIPPED_PACKS

PACK_FILES_MAX = 200
"""More packs than that in a folder are not rule packs."""

PACK_FILE_OCTETS_MAX = 4 * PACK_CHARS_MAX

CARD_WORDS_FILE = "card-words.toml"


@cache
def read_card_words() -> CardWords:
    """The words that cards may not use, as shipped."""
    file = resources.files("baitie").joinpath("rules", CARD_WORDS_FILE)
    return parse_words(tomllib.loads(file.read_text("utf-8")), CARD_WORDS_FILE)


def verdict_texts(lang: str) -> Catalogue:
    """What verdicts say to people in a language."""
    file = resources.files("baitie").joinpath("rules", f"messages.{lang}.toml")
    return Catalogue(tomllib.loads(file.read_text("utf-8")))


def shipped_packs() -> dict[str, str]:
    """Name and TOML text of every pack in the package; what holds everywhere comes first."""
    folder = resources.files("baitie").joinpath("rules")
    return {name.removesuffix(".toml"): folder.joinpath(name).read_text("utf-8") for name in SHIPPED_PACKS}


def default_packs() -> tuple[str, ...]:
    """Names of the packs that are asked where the settings name none."""
    return tuple(name.removesuffix(".toml") for name in DEFAULT_PACKS)


def read_calendar_years() -> list[CalendarYear]:
    """Each year of an official calendar in the package."""
    folder = resources.files("baitie").joinpath("rules", "calendars")
    return [parse_calendar_untrusted(name, folder.joinpath(name).read_text("utf-8")) for name in CALENDARS]


def read_calendars() -> dict[str, OfficialCalendar]:
    """The official calendar of each country in the package."""
    return calendars_of(read_calendar_years())


def read_rulebook(settings: RuleSettings) -> RuleBook:
    """The rule book that the settings name. Raises `SettingsError`."""
    shipped = shipped_packs()
    unknown = [name for name in settings.packs if name not in shipped]
    if unknown:
        known = ", ".join(shipped)
        raise SettingsError(
            [Problem("baitie.toml", "rules.packs", "pack-unknown", None, {"value": n, "known": known}) for n in unknown]
        )
    wanted = wanted_packs(settings)
    texts = {name: text for name, text in shipped.items() if name in wanted}
    if settings.folder is not None:
        texts.update(own_packs(settings.folder, wanted))
    try:
        packs = {name: parse_pack_untrusted(name, text) for name, text in texts.items()}
        rules = load_rulebook(list(packs.values()), read_calendars(), frozenset(settings.blocking))
        _check_blocking(rules, settings.blocking)
        for name, table in packs.items():
            refuse_unknown_remedies(name, table)
        return rules
    except RulePackError as error:
        raise SettingsError([_problem_of(error, texts)]) from error


def _problem_of(error: RulePackError, texts: Mapping[str, str]) -> Problem:
    """The problem with the file of the pack that an error names, be it by its file or by its own name."""
    pack = str(error.details.get("pack", ""))
    inside = (name for name, text in texts.items() if pack.strip().casefold() in _names_of(name, text))
    name = pack if pack in texts else next(inside, "")
    place = ".".join(str(error.details[part]) for part in ("rule", "field") if error.details.get(part))
    return Problem(f"{name}.toml" if name else "rules", place, "rules-invalid", None, {"reason": error.message})


def wanted_packs(settings: RuleSettings) -> tuple[str, ...]:
    """Names of the shipped packs that are asked: those that the settings name, and `core` whatever they name."""
    wanted = settings.packs or default_packs()
    return (*(() if CORE_PACK in wanted else (CORE_PACK,)), *wanted)


def packs_left_out(rules: RuleBook, regions: Iterable[str | None]) -> tuple[str, ...]:
    """Shipped default packs that the rule book was not made of though they have rules for one of these regions.

    A pack of the enterprise that bears a shipped one's name takes its place, and leaves the shipped one out.
    None stands for a region that nobody knows: every country's rules are for it.
    """
    asked = {(stamp.name, stamp.digest) for stamp in rules.packs}
    where = frozenset(regions)
    among = {place for region in where for place in ((None,) if region is None else jurisdictions_of(region))}
    if not among:
        return ()
    return tuple(
        name
        for name, stamp, of_regions in _default_stamps()
        if (name, stamp) not in asked and (None in among or ANYWHERE in of_regions or among & of_regions)
    )


@cache
def _default_stamps() -> tuple[tuple[str, str, frozenset[str]], ...]:
    """Name, digest and regions of each default pack."""
    shipped = shipped_packs()
    books = [(name, load_rulebook([parse_pack_untrusted(name, shipped[name])])) for name in default_packs()]
    return tuple([(name, book.packs[0].digest, frozenset(r.jurisdiction for r in book.rules)) for name, book in books])


def _check_blocking(rules: RuleBook, rule_ids: Sequence[str]) -> None:
    unknown = [rule_id for rule_id in rule_ids if rules.rule(rule_id) is None]
    if unknown:
        raise SettingsError(
            [Problem("baitie.toml", "rules.blocking", "rule-unknown", None, {"value": rule_id}) for rule_id in unknown]
        )


def own_packs(folder: Path, beside: Collection[str] = ()) -> dict[str, str]:
    """Name and TOML text of every pack in the organisation's folder; `beside` names the shipped packs in use.

    Raises `SettingsError` where there is none or one cannot be read, where there are too many, where two packs bear
    one name, and where one calls itself `core`: that pack cannot be replaced.
    """
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise SettingsError([Problem("baitie.toml", "rules.folder", "file-missing", None, {"path": str(folder)})])
    if len(files) > PACK_FILES_MAX:
        details: dict[str, Any] = {"found": len(files), "most": PACK_FILES_MAX}
        raise SettingsError([Problem("baitie.toml", "rules.folder", "packs-too-many", None, details)])
    texts = {file.stem: read_pack_text(file) for file in files}
    shipped = {
        name: _names_of(name, text) for name, text in shipped_packs().items() if name in beside and name not in texts
    }
    owners = {each: f"{name}.toml" for name, names in shipped.items() for each in names}
    problems = []
    for name, text in texts.items():
        names = _names_of(name, text)
        taken = next((each for each in sorted(names) if each in owners), None)
        if CORE_PACK in names:
            problems.append(Problem(f"{name}.toml", "pack", "pack-name-taken", None, {"value": CORE_PACK}))
        elif taken is not None:
            details = {"value": taken, "other": owners[taken]}
            problems.append(Problem(f"{name}.toml", "pack", "pack-name-doubled", None, details))
        owners.update(dict.fromkeys(names, f"{name}.toml"))
    if problems:
        raise SettingsError(problems)
    return texts


def read_pack_text(file: Path) -> str:
    """The text of a pack's file. Raises `SettingsError` for what is no file, not UTF-8, or far longer than a pack."""
    try:
        octets = read_within(file, PACK_FILE_OCTETS_MAX)
        if len(octets) > PACK_FILE_OCTETS_MAX:
            details: dict[str, Any] = {"octets_max": PACK_FILE_OCTETS_MAX}
            raise SettingsError([Problem(file.name, "", "file-too-large", None, details)])
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError([Problem(file.name, "", "file-not-utf8", None, {"octet": error.start})]) from error
    except OSError as error:
        details = {"reason": error.strerror or "?"}
        raise SettingsError([Problem(file.name, "", "file-unreadable", None, details)]) from error


def refuse_unknown_remedies(name: str, table: Mapping[str, Any]) -> None:
    """Raises `SettingsError` where a rule names a remedy of which no catalogue has a text: nobody could read it."""
    known = known_remedies()
    problems = [
        Problem(
            f"{name}.toml",
            f"{rule.get('id', '?')}.remedies",
            "name-unknown",
            None,
            {"value": key, "known": ", ".join(known), "suggestion": closest(key, known)},
        )
        for rule in table.get("rule", ())
        for key in rule.get("remedies", ())
        if key not in known
    ]
    if problems:
        raise SettingsError(problems)


@cache
def known_remedies() -> tuple[str, ...]:
    """The keys of `remedies` that the catalogues have a text for."""
    file = resources.files("baitie").joinpath("rules", "messages.en.toml")
    return tuple(sorted(tomllib.loads(file.read_text("utf-8"))["remedy"]))


def _names_of(name: str, text: str) -> set[str]:
    """What a pack is called, by its file and by itself; letters' case and spaces around make no other name."""
    try:
        inside = str(parse_pack_untrusted(name, text).get("pack", ""))
    except RulePackError:  # told with its place when it is read in earnest
        inside = ""
    return {name.strip().casefold(), inside.strip().casefold()}
