"""Rule packs from their files: those in the package, and those of the enterprise."""

import tomllib
from importlib import resources
from pathlib import Path

from baitie.bootstrap.problems import Problem, SettingsError
from baitie.bootstrap.settings import RuleSettings
from baitie.domain.namecard import CardWords, parse_words
from baitie.domain.risk.calendar_files import parse_calendar_untrusted
from baitie.domain.risk.explain import Catalogue
from baitie.domain.risk.rulebook import RuleBook, load_rulebook
from baitie.domain.risk.rulepack import RulePackError, parse_pack_untrusted
from baitie.domain.risk.workdays import CalendarYear, OfficialCalendar, calendars_of
from baitie.rules import CALENDARS, DEFAULT_PACKS, SHIPPED_PACKS

PACK_FILES_MAX = 200
"""More packs than that in a folder are not rule packs."""


CARD_WORDS_FILE = "card-words.toml"


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
    wanted = settings.packs or default_packs()
    texts = {name: text for name, text in shipped.items() if name in wanted}
    if settings.folder is not None:
        texts.update(own_packs(settings.folder))
    try:
        packs = [parse_pack_untrusted(name, text) for name, text in texts.items()]
        return load_rulebook(packs, read_calendars())
    except RulePackError as error:
        raise SettingsError([Problem("rules", "", "rules-invalid", None, {"reason": str(error)})]) from error


def own_packs(folder: Path) -> dict[str, str]:
    """Name and TOML text of every pack in the organisation's folder. Raises `SettingsError` where there is none."""
    files = sorted(folder.glob("*.toml"))[:PACK_FILES_MAX]
    if not files:
        raise SettingsError([Problem("baitie.toml", "rules.folder", "file-missing", None, {"path": str(folder)})])
    return {file.stem: file.read_text("utf-8") for file in files}
