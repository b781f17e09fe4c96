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


MATTER_CHARS_MIN = 3
"""Han characters that are left when who talks and how is taken out: fewer name no matter."""

_OF_SERVICE = frozenset({Purpose.CARE, Purpose.INFORMATION})
_RUN_OF_HAN = re.compile(r"[\u3400-\u9fff]{2,}")
_LATIN_WORD = re.compile(r"[a-z]{2,}")


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
    talking: re.Pattern[str]  # 说明, 商量: a purpose only where the text names a matter besides
    anybody: re.Pattern[str]  # who talks, and the words between: no matter
    account: re.Pattern[str]
    identity_han: re.Pattern[str]
    identity_latin: frozenset[str]
    refusing: re.Pattern[str]

    def is_stated(self, text: str, purpose: Purpose) -> bool:
        """Whether the text says what the call is about."""
        return (
            self._han_of(text, purpose)
            or (purpose in _OF_SERVICE and self._is_talk_of_a_matter(text))
            or (purpose is Purpose.COLLECTION and self._is_of_an_account_only(text))
            or self.latin[purpose].search(self.beside_latin.sub(" ", spoken(text))) is not None
        )

    def beyond_identity(self, text: str) -> str | None:
        """What a text says beyond who calls whom about an account, and how to check that; `None` where nothing."""
        for clause in CLAUSE.findall(text):
            left = self.identity_han.sub("，", self.beside_han.sub("，", folded(clause)))
            if found := _RUN_OF_HAN.search(left):
                return found[0]
        return next((word for word in _LATIN_WORD.findall(spoken(text)) if word not in self.identity_latin), None)

    def tells_refusal(self, text: str) -> bool:
        """Whether the text tells how to refuse such calls for good."""
        return self.refusing.search(spoken(text)) is not None

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

    def _is_of_an_account_only(self, text: str) -> bool:
        return self.account.search(spoken(text)) is not None and self.beyond_identity(text) is None

    def _is_talk_of_a_matter(self, text: str) -> bool:
        bare = self.beside_han.sub("，", "，".join(folded(clause) for clause in CLAUSE.findall(text)))
        if self.talking.search(bare) is None:
            return False
        left = self.anybody.sub("", self.talking.sub("", bare))
        return sum(char.isalpha() and not char.isascii() for char in left) >= MATTER_CHARS_MIN

    def _han_of(self, text: str, purpose: Purpose) -> bool:
        return self.han[purpose].search(self.beside_han.sub("·", folded(text))) is not None


def parse_purpose_words(mapping: Mapping[str, Any]) -> PurposeWords:
    """From the tables of the list of card words. Raises what a table of another shape raises."""
    table, beside = mapping["purpose_words"], mapping.get("beside", {})
    talk, identity = mapping.get("talk", {}), mapping.get("identity", {})
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
            for entry in mapping.get("opening", ())
        },
        _pattern([str(word) for word in talk.get("verbs", ())]),
        _joined(talk.get("anybody", ())),
        re.compile(str(identity.get("about", r"(?!)"))),
        _longest_first([str(word) for word in identity.get("han", ())]),
        frozenset(str(word) for word in identity.get("latin", ())),
        _joined(mapping.get("refusing", {}).get("shapes", ())),
    )


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))) or r"(?!)")


def _longest_first(patterns: Sequence[str]) -> re.Pattern[str]:
    return _joined(sorted(patterns, key=len, reverse=True))


def _joined(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns) or r"(?!)")
