"""Words that cards may not use, by class, as data (`rules/card-words.toml`)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from baitie.domain.namecard.characters import folded, spoken
from baitie.kernel.errors import InputError
from baitie.kernel.purpose import Purpose

_RUN = re.compile(r"[a-z0-9]+")


class Severity(StrEnum):
    """Severity (严重程度) of a finding: an error forbids the card's use."""

    ERROR = "error"
    WARNING = "warning"


class CardWordsError(InputError):
    """This list of card words cannot be read. Mend the named field of the named file."""

    code = "card-words-invalid"


@dataclass(frozen=True, slots=True)
class WordClass:
    """Class of words (词类) that cards may not use, or only with care, for the given purposes."""

    code: str
    severity: Severity
    purposes: frozenset[Purpose]
    words: tuple[str, ...]
    source: str
    han: re.Pattern[str] | None  # looked for in the folded text
    latin: re.Pattern[str] | None  # looked for as whole words
    latin_runs: frozenset[str]  # the first run of letters and digits of each of those words

    def found_in(self, folded_text: str, spoken_text: str, runs: frozenset[str]) -> str | None:
        """The first word of this class, also where it was hidden by width, spaces or marks.

        `runs` are those of the spoken text: where it shares none with the words, none of them stands in it whole.
        """
        if self.han is not None and (match := self.han.search(folded_text)):
            return match[0]
        if self.latin is None or self.latin_runs.isdisjoint(runs):
            return None
        match = self.latin.search(spoken_text)
        return None if match is None else match[0]


@dataclass(frozen=True, slots=True)
class CardWords:
    """Card words (名片词表): classes of banned words, signs that name nobody, and words that state each purpose."""

    classes: tuple[WordClass, ...] = ()
    neutral_signs: frozenset[str] = frozenset()
    purpose_words: Mapping[Purpose, tuple[str, ...]] | None = None

    def found(self, text: str, purpose: Purpose) -> list[tuple[WordClass, str]]:
        """The classes that speak of `text` for `purpose`, each with its first word."""
        spoken_text = spoken(text)
        forms = folded(text), spoken_text, frozenset(_RUN.findall(spoken_text))
        spoke = ((kind, kind.found_in(*forms)) for kind in self.classes if purpose in kind.purposes)
        return [(kind, word) for kind, word in spoke if word is not None]


NO_WORDS = CardWords()


def parse_words(mapping: Mapping[str, Any], file_name: str) -> CardWords:
    """The lists that a mapping holds, as TOML gives it. Raises `CardWordsError`."""
    try:
        classes = tuple(_word_class(entry) for entry in mapping["class"])
        signs = frozenset(folded(str(sign)) for sign in mapping["neutral_signs"])
        stated = {Purpose(key): tuple(str(word) for word in words) for key, words in mapping["purpose_words"].items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CardWordsError(file=file_name, found=f"{type(error).__name__}: {error}") from error
    return CardWords(classes, signs, stated)


def _word_class(entry: Mapping[str, Any]) -> WordClass:
    words = tuple(str(word) for word in entry["words"])
    han = [re.escape(folded(word)) for word in words if not word.isascii()]
    latin = [spoken(word) for word in words if word.isascii()]
    return WordClass(
        code=str(entry["code"]),
        severity=Severity(entry["severity"]),
        purposes=frozenset(Purpose(name) for name in entry.get("purposes", list(Purpose))),
        words=words,
        source=str(entry["source"]),
        han=re.compile("|".join(han)) if han else None,
        latin=re.compile(rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, latin))})(?![a-z0-9])") if latin else None,
        latin_runs=frozenset(_first_run(word) for word in latin),
    )


def _first_run(word: str) -> str:
    """Raises ValueError where there is nothing to look for as a word."""
    match = _RUN.search(word)
    if match is None:
        raise ValueError(f"no letter or digit in {word!r}")
    return match[0]
