"""Words that cards may not use, by class, as data (`rules/card-words.toml`)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from baitie.domain.namecard.characters import folded, spoken
from baitie.domain.namecard.dimensions import Industry
from baitie.domain.namecard.purposes import PurposeWords, parse_purpose_words
from baitie.kernel.errors import InputError
from baitie.kernel.purpose import Purpose

_ROLE = re.compile("(?:快递|速运|速递|物流|小哥|客服|配送|金融|骑手|外卖|账户|账号|安全|支付|裹裹|速運)$")
"""What follows a brand where its people or services are named: 顺丰快递, 淘宝客服."""

_MENTIONING = "由 经 通过 委托 交给 存入 您的 您在 您 与 和 在 到 放 从 至 用 发 转 經 與 從 發 轉 閣下的 閣下在"
_MENTIONED = re.compile(f"(?:{'|'.join(_MENTIONING.split())})$")
"""Before a brand that is spoken of and does not speak itself."""

_RUN = re.compile(r"[a-z0-9]+")


class Severity(StrEnum):
    """Severity (严重程度) of a finding: an error forbids the card's use."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Forms:
    """Forms (检索形式) of one text in which words are looked for."""

    folded: str  # without width, case, spaces and marks
    spoken: str  # words kept apart
    clauses: str  # folded clause by clause, with a comma between them
    runs: frozenset[str]  # of letters and digits in `spoken`


def forms_of(text: str) -> Forms:
    """All forms of a text."""
    heard = spoken(text)
    clauses = "".join([char if char.isalnum() else "，" if char in _CLAUSE_MARKS else "" for char in heard])
    return Forms(clauses.replace("，", ""), heard, clauses, frozenset(_RUN.findall(heard)))


_CLAUSE_MARKS = frozenset("，。；！？：、,;!?:")


class CardWordsError(InputError):
    """This list of card words cannot be read. Mend the named field of the named file."""

    code = "card-words-invalid"


@dataclass(frozen=True, slots=True)
class WordClass:
    """Class of words (词类) that cards may not use, or only with care, for the given purposes and industries.

    `innocent` are phrases in which such a word means something else; they are taken out before it is looked for.
    Shapes are patterns of what no list ends: a class at school, a name of an illness, a department before 门诊.
    """

    code: str
    severity: Severity
    purposes: frozenset[Purpose]
    industries: frozenset[Industry]
    words: tuple[str, ...]
    innocent: tuple[str, ...]
    source: str
    han: re.Pattern[str] | None  # looked for in the folded text
    latin: re.Pattern[str] | None  # looked for as whole words
    latin_runs: frozenset[str]  # the first run of letters and digits of each of those words
    han_shape: re.Pattern[str] | None = None  # looked for within each clause
    latin_shape: re.Pattern[str] | None = None  # looked for in the spoken text
    is_brand: bool = False  # names of other houses: whoever bears one in its sign may speak under it

    def holds_for(self, purpose: Purpose, industry: Industry) -> bool:
        """Whether cards for this purpose in this industry are searched for these words."""
        return purpose in self.purposes and industry in self.industries

    def is_own(self, word: str, sign: str) -> bool:
        """Whether a found name is that of the house itself: its sign bears it, whatever its people are called."""
        return self.is_brand and bool(sign) and _ROLE.sub("", folded(word)) in folded(sign)

    def without_innocent(self, text: str) -> str:
        """`text` with a mark in the place of each innocent phrase."""
        for phrase in self.innocent:
            text = text.replace(phrase, "·")
        return text

    def found_in(self, forms: Forms) -> str | None:
        """The first word of this class, also where it was hidden by width, spaces or marks; else a shape of it."""
        if (word := self._told(self.han, forms.folded)) is not None:
            return word
        # where the text shares no run of letters with the words, none of them stands in it whole
        if self.latin is not None and not self.latin_runs.isdisjoint(forms.runs):
            match = self.latin.search(forms.spoken)
            if match is not None:
                return match[0]
        return self.shape_in(forms)

    def shape_in(self, forms: Forms) -> str | None:
        """What has the shape of this class; each clause is looked at alone."""
        if (word := self._told(self.han_shape, forms.clauses)) is not None:
            return word
        match = self.latin_shape.search(forms.spoken) if self.latin_shape is not None else None
        return None if match is None else match[0]

    def _told(self, pattern: re.Pattern[str] | None, text: str) -> str | None:
        """What the pattern finds outside innocent phrases, and for a brand where it is not only spoken of. Hardly any
        card has anything of the kind, so that is looked for first."""
        if pattern is None or pattern.search(text) is None:
            return None
        text = self.without_innocent(text)
        found = (
            match
            for match in pattern.finditer(text)
            if not (self.is_brand and _MENTIONED.search(text, 0, match.start()))
        )
        match = next(found, None)
        return None if match is None else match[0]


@dataclass(frozen=True, slots=True)
class CardWords:
    """Card words (名片词表): classes of banned words, signs that name nobody, and what states a purpose.

    `signs_of` are parts of signs by which an industry is known that the template does not name; `authorities` parts
    of the names of authorities that nobody else may bear, and `offices` those that an unnamed industry may.
    """

    classes: tuple[WordClass, ...] = ()
    neutral_signs: frozenset[str] = frozenset()
    stating: PurposeWords | None = None
    signs_of: tuple[tuple[Industry, re.Pattern[str]], ...] = ()
    authorities: re.Pattern[str] | None = None
    offices: re.Pattern[str] | None = None
    _chosen: dict[tuple[Purpose, Industry], tuple[WordClass, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def found(
        self, text: str, purpose: Purpose, industry: Industry = Industry.ANY, sign: str = ""
    ) -> list[tuple[WordClass, str]]:
        """The classes that speak of `text` for `purpose`, each with its first word; names in the sign are its own."""
        forms = forms_of(text)
        found = []
        for kind in self._holding(purpose, industry):
            word = kind.found_in(forms)
            if word is not None and not kind.is_own(word, sign):
                found.append((kind, word))
        return found

    def _holding(self, purpose: Purpose, industry: Industry) -> tuple[WordClass, ...]:
        """The classes for such cards, chosen once: every card of a campaign is of one purpose and industry."""
        known = self._chosen.get((purpose, industry))
        if known is None:
            known = self._chosen[purpose, industry] = tuple(
                [kind for kind in self.classes if kind.holds_for(purpose, industry)]
            )
        return known

    def industry_of(self, sign: str, declared: Industry) -> Industry:
        """The declared industry; where none is, the one that the sign gives away."""
        if declared is not Industry.ANY:
            return declared
        return next((industry for industry, shown in self.signs_of if shown.search(sign)), declared)


NO_WORDS = CardWords()


def parse_words(mapping: Mapping[str, Any], file_name: str) -> CardWords:
    """The lists that a mapping holds, as TOML gives it. Raises `CardWordsError`."""
    try:
        classes = tuple(_word_class(entry) for entry in mapping["class"])
        signs = frozenset(folded(str(sign)) for sign in mapping["neutral_signs"])
        return CardWords(
            classes,
            signs,
            parse_purpose_words(mapping),
            tuple((Industry(key), _any_of(parts)) for key, parts in mapping.get("signs_of", {}).items()),
            _any_of(mapping["authorities"]) if "authorities" in mapping else None,
            _any_of(mapping["offices"]) if "offices" in mapping else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError, re.error) as error:
        raise CardWordsError(file=file_name, found=f"{type(error).__name__}: {error}") from error


def _any_of(parts: Sequence[str]) -> re.Pattern[str]:
    """Finds any of the parts; one that is a number only as the whole number."""
    return re.compile("|".join(rf"(?<!\d){part}(?!\d)" if part.isdigit() else re.escape(part) for part in parts))


def _word_class(entry: Mapping[str, Any]) -> WordClass:
    words = tuple(str(word) for word in entry["words"])
    shapes = [str(shape) for shape in entry.get("shapes", ())]
    is_brand = bool(entry.get("is_brand", False))
    han = [re.escape(folded(word)) for word in words if not word.isascii()]
    latin = [spoken(word) for word in words if word.isascii()]
    return WordClass(
        code=str(entry["code"]),
        severity=Severity(entry["severity"]),
        purposes=frozenset(Purpose(name) for name in entry.get("purposes", list(Purpose))),
        industries=_industries(entry),
        words=words,
        innocent=tuple(str(phrase) for phrase in entry.get("innocent", ())),
        source=str(entry["source"]),
        han=re.compile("|".join(han)) if han else None,
        latin=re.compile(rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, latin))})(?![a-z0-9])") if latin else None,
        latin_runs=frozenset(_first_run(word) for word in latin),
        han_shape=_shape([shape for shape in shapes if not shape.isascii()]),
        latin_shape=_shape([shape for shape in shapes if shape.isascii()]),
        is_brand=is_brand,
    )


def _shape(shapes: Sequence[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(shapes)) if shapes else None


def _industries(entry: Mapping[str, Any]) -> frozenset[Industry]:
    named = frozenset(Industry(name) for name in entry.get("industries", list(Industry)))
    return named - frozenset(Industry(name) for name in entry.get("industries_except", ()))


def _first_run(word: str) -> str:
    """Raises ValueError where there is nothing to look for as a word."""
    match = _RUN.search(word)
    if match is None:
        raise ValueError(f"no letter or digit in {word!r}")
    return match[0]
