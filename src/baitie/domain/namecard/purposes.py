"""Words that state what a card is about, what may stand beside them only, and the sentences that open a card.

A slogan, a plea to answer and a bare announcement of a call say nothing of why somebody calls: they are taken out of
the text before the words of its purpose are looked for.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from baitie.domain.namecard.characters import folded, spoken
from baitie.domain.namecard.dimensions import Industry
from baitie.kernel.purpose import Purpose

CLAUSE = re.compile(r"[^，。；！？：、,;!?]+[，。；！？：、,;!?]*")
"""A clause with the marks that end it."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Opening (开头语): the sentence by which a card for a purpose says why somebody calls, and how it may end."""

    text: str
    ending: str


@dataclass(frozen=True, slots=True)
class PurposeWords:
    """Purpose words (来意词): which words state which purpose, in Chinese and in alphabets that write spaces."""

    han: Mapping[Purpose, re.Pattern[str]]
    latin: Mapping[Purpose, re.Pattern[str]]
    beside_han: re.Pattern[str]
    beside_latin: re.Pattern[str]
    reassurance: re.Pattern[str]
    openings: Mapping[tuple[Purpose, str, Industry], Opening]

    def is_stated(self, text: str, purpose: Purpose) -> bool:
        """Whether the text says what the call is about."""
        return (
            self._han_of(text, purpose)
            or self.latin[purpose].search(self.beside_latin.sub(" ", spoken(text))) is not None
        )

    def says_something(self, clause: str) -> bool:
        """Whether anything is left of a clause without slogans, pleas and announcements."""
        bare = (
            self.beside_han.sub("", folded(clause))
            if not clause.isascii()
            else self.beside_latin.sub("", spoken(clause))
        )
        return any(char.isalnum() for char in bare)

    def reassures(self, clause: str) -> bool:
        """Whether the clause is a reassurance, which does no harm beside a purpose."""
        return self.reassurance.search(folded(clause)) is not None

    def opening(self, purpose: Purpose, language: str, industry: Industry) -> Opening | None:
        """The opening for a purpose in a language; that of the industry goes first."""
        own = self.openings.get((purpose, language, industry))
        return own or self.openings.get((purpose, language, Industry.ANY))

    def _han_of(self, text: str, purpose: Purpose) -> bool:
        return self.han[purpose].search(self.beside_han.sub("·", folded(text))) is not None


def parse_purpose_words(
    table: Mapping[str, Any], beside: Mapping[str, Any], openings: Sequence[Mapping[str, Any]]
) -> PurposeWords:
    """From the tables of the list of card words. Raises what a table of another shape raises."""
    words = {Purpose(key): [str(word) for word in found] for key, found in table.items() if key != "service"}
    service = [str(word) for word in table.get("service", ())]
    for purpose in (Purpose.CARE, Purpose.INFORMATION):
        words[purpose] = [*words[purpose], *service, *words[Purpose.RISK_WARNING], *words[Purpose.SURVEY]]
    return PurposeWords(
        {purpose: _pattern([folded(word) for word in words[purpose] if not word.isascii()]) for purpose in Purpose},
        {purpose: _pattern([spoken(word) for word in words[purpose] if word.isascii()]) for purpose in Purpose},
        _joined(beside.get("han", ())),
        _joined(beside.get("latin", ())),
        _joined(beside.get("reassurance", ())),
        {
            (Purpose(entry["purpose"]), str(entry["language"]), Industry(entry.get("industry", Industry.ANY))): Opening(
                str(entry["text"]), str(entry.get("ending", ""))
            )
            for entry in openings
        },
    )


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))) or r"(?!)")


def _joined(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns) or r"(?!)")
