"""Rule packs from their files: those in the package, and those of the enterprise."""

import tomllib
from importlib import resources
from pathlib import Path

from baitie.bootstrap.problems import Problem, SettingsError
from baitie.bootstrap.settings import RuleSettings
from baitie.domain.namecard import CardWords, parse_words
from baitie.domain.risk.explain import Catalogue
from baitie.domain.risk.rulebook import RuleBook, load_rulebook
from baitie.domain.risk.rulepack import RulePackError, parse_pack_untrusted

PACK_FILES_MAX = 200
"""More packs than that in a folder are not rule packs."""


CARD_WORDS_FILE = "card-words.toml"
FIRST_PACK = "core"


def read_card_words() -> CardWords:
    """The words that cards may not use, as shipped."""
    file = resources.files("baitie").joinpath("rules", CARD_WORDS_FILE)
    return parse_words(tomllib.loads(file.read_text("utf-8")), CARD_WORDS_FILE)


def verdict_texts(lang: str) -> Catalogue:
    """What verdicts say to people in a language."""
    file = resources.files("baitie").joinpath("rules", f"messages.{lang}.toml")
    return Catalogue(tomllib.loads(file.read_text("utf-8")))


def shipped_packs() -> dict[str, str]:
    """Name and TOML text of every pack in the package."""
    folder = resources.files("baitie").joinpath("rules")
    files = sorted((f for f in folder.iterdir() if _is_pack(f.name)), key=lambda f: f.name)
    packs = {f.name.removesuffix(".toml"): f.read_text("utf-8") for f in files}
    # Of several denials the first speaks for the verdict, and what holds everywhere says it best.
    return dict(sorted(packs.items(), key=lambda item: item[0] != FIRST_PACK))


def _is_pack(name: str) -> bool:
    return name.endswith(".toml") and name != CARD_WORDS_FILE and not name.startswith("messages.")


def read_rulebook(settings: RuleSettings) -> RuleBook:
    """The rule book that the settings name. Raises `SettingsError`."""
    shipped = shipped_packs()
    unknown = [name for name in settings.packs if name not in shipped]
    if unknown:
        known = ", ".join(shipped)
        raise SettingsError(
            [Problem("baitie.toml", "rules.packs", "pack-unknown", None, {"value": n, "known": known}) for n in unknown]
        )
    texts = {name: text for name, text in shipped.items() if not settings.packs or name in settings.packs}
    if settings.folder is not None:
        texts.update(_own_packs(settings.folder))
    try:
        return load_rulebook([parse_pack_untrusted(name, text) for name, text in texts.items()])
    except RulePackError as error:
        raise SettingsError([Problem("rules", "", "rules-invalid", None, {"reason": str(error)})]) from error


def _own_packs(folder: Path) -> dict[str, str]:
    files = sorted(folder.glob("*.toml"))[:PACK_FILES_MAX]
    if not files:
        raise SettingsError([Problem("baitie.toml", "rules.folder", "file-missing", None, {"path": str(folder)})])
    return {file.stem: file.read_text("utf-8") for file in files}
