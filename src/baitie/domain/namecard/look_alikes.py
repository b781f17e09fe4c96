"""Words in hiding (形近音近): read through width, marks, traditional forms, similar letters and homophones."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from baitie.domain.namecard.characters import spoken
from baitie.domain.namecard.words import CardWordsError

HOMOPHONE_CHARS_SURE = 3
"""From so many characters on, a word that sounds the same is hardly by chance; shorter ones must share a character."""

_TOKEN = re.compile(r"[a-z]+|[^\W\d_a-z]", re.UNICODE)
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")


@dataclass(frozen=True, slots=True)
class Sighting:
    """Sighting (疑似词): what stands in the text, and the listed word that it looks or sounds like."""

    seen: str
    word: str
    is_sure: bool


@dataclass(frozen=True)
class LookAlikes:
    """Look-alikes (形近音近表): readings without tones, traditional forms, letters of other alphabets."""

    syllables: Mapping[str, frozenset[str]] = field(default_factory=dict)  # character -> readings
    simplified: Mapping[str, str] = field(default_factory=dict)
    letters: Mapping[str, str] = field(default_factory=dict)
    innocent: tuple[str, ...] = ()

    @cached_property
    def _fold(self) -> dict[int, str]:
        return {ord(old): simple for old, simple in self.simplified.items()}

    @cached_property
    def _letters(self) -> dict[int, str]:
        return {ord(sign): letter for sign, letter in self.letters.items()}

    def plain(self, text: str) -> str:
        """`text` in simplified characters, without width, case, accents and invisible marks."""
        wide = unicodedata.normalize("NFKD", spoken(text))
        return "".join(char for char in wide if not unicodedata.combining(char)).translate(self._fold)

    def sighting_of(self, words: Sequence[str], text: str) -> Sighting | None:
        """The first of `words` that `text` hides. Whoever finds words as they are written need not ask for those."""
        plain = self.plain(text)
        for innocent in self.innocent:
            plain = plain.replace(innocent, " ")
        tokens = _TOKEN.findall(plain)
        bare = "".join(char for char in plain if char.isalnum())
        read = plain.translate(self._letters)
        heard = self._heard(tokens)
        for word in words:
            found = self._latin(word, read) if word.isascii() else self._han(word, tokens, heard, bare)
            if found is not None:
                return found
        return None

    def _latin(self, word: str, read: str) -> Sighting | None:
        letters = [re.escape(char) for char in self.plain(word).translate(self._letters) if not char.isspace()]
        between = r"[\W_]{0,2}" if len(letters) > 3 else ""
        found = re.search(rf"(?<![a-z]){between.join(letters)}(?![a-z])", read)
        return Sighting(found[0], word, True) if found else None

    def _heard(self, tokens: Sequence[str]) -> Mapping[str, list[int]]:
        """Where each token and each of its readings stands; Latin runs under "", as they may spell anything."""
        places: dict[str, list[int]] = {}
        for place, token in enumerate(tokens):
            for key in {token, *self._sounds(token), *([""] if token.isascii() else ())}:
                places.setdefault(key, []).append(place)
        return places

    def _han(self, word: str, tokens: Sequence[str], heard: Mapping[str, list[int]], bare: str) -> Sighting | None:
        plain = "".join(char for char in self.plain(word) if char.isalnum())
        if plain in bare:
            return Sighting(plain, word, True)
        chars = _TOKEN.findall(plain)
        if len(chars) < 2:
            return None  # one syllable alone sounds like anything
        firsts = (chars[0], "", *self._sounds(chars[0]))
        for begin in sorted({place for first in firsts for place in heard.get(first, ())}):
            for end in self._ends(tokens, begin, chars, 0):
                seen = tokens[begin:end]
                is_spelt = any(len(token) > 1 for token in seen) and not any(len(char) > 1 for char in chars)
                is_sure = len(chars) >= HOMOPHONE_CHARS_SURE or is_spelt
                if is_sure or any(token in chars for token in seen):
                    return Sighting("".join(seen), word, is_sure)
        return None

    def _ends(self, tokens: Sequence[str], at: int, chars: Sequence[str], done: int) -> Iterator[int]:
        """Where a reading of `chars` from `done` on may end that begins at token `at`."""
        if done == len(chars):
            yield at
        elif at < len(tokens):
            token, char = tokens[at], chars[done]
            if token == char or self._sounds(token) & self._sounds(char):
                yield from self._ends(tokens, at + 1, chars, done + 1)
            elif token.isascii():
                for until in range(done + 1, len(chars) + 1):
                    if token in self._spellings(chars[done:until]):
                        yield from self._ends(tokens, at + 1, chars, until)

    def _sounds(self, token: str) -> frozenset[str]:
        return self.syllables.get(token, frozenset())

    def _spellings(self, chars: Sequence[str]) -> set[str]:
        """The Latin spellings of some characters, joined."""
        spelt = {""}
        for char in chars:
            readings = self._sounds(char) or ({char} if char.isascii() else frozenset())
            spelt = {before + reading for before in spelt for reading in readings}
        return spelt


NO_LOOK_ALIKES = LookAlikes()


def parse_look_alikes(table: Mapping[str, Any], file_name: str) -> LookAlikes:
    """The table that a file holds. Raises `CardWordsError`."""
    readings: dict[str, set[str]] = {}
    try:
        for syllable, chars in table["syllables"].items():
            for char in str(chars):
                readings.setdefault(char, set()).add(str(syllable))
        simplified = {_one(old): _one(simple) for old, simple in table["simplified"].items()}
        letters = {_one(sign): _one(letter) for sign, letter in table["letters"].items()}
        innocent = tuple(str(word) for word in table["innocent"]["words"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CardWordsError(file=file_name, found=f"{type(error).__name__}: {error}") from error
    return LookAlikes({char: frozenset(found) for char, found in readings.items()}, simplified, letters, innocent)


def _one(char: Any) -> str:
    if not isinstance(char, str) or len(char) != 1:
        raise ValueError(f"{char!r} is not one character")
    return char


def foreign_script(text: str, language: str) -> str | None:
    """The first Han character that is not of the language's script: traditional in zh-CN, simplified in zh-HK.

    A character is traditional where Big5 has it and GB 2312 has not, simplified the other way round; rare characters
    of names are in neither and belong to both.
    """
    own, other = {"zh-CN": ("gb2312", "big5"), "zh-HK": ("big5hkscs", "gb2312")}.get(language, ("", ""))
    if not own:
        return None
    for char in text:
        if _HAN.match(char) and char not in _STANDARD and not _is_in(own, char) and _is_in(other, char):
            return char
    return None


_STANDARD = frozenset("喆堃甯昇淼犇晞")
"""Of the standard list of 2013 (通用规范汉字表), not of GB 2312, and usual in names."""


def _is_in(charset: str, char: str) -> bool:
    try:
        char.encode(charset)
    except UnicodeEncodeError:
        return False
    return True
