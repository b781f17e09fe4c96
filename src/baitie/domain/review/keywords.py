"""Which words of a callee make a suspect: keyword classes as data, looked for with care for negation."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from baitie.domain.review.suspect import QUOTE_CHARS_MAX
from baitie.domain.review.transcript import UTTERANCE_CHARS_MAX, UTTERANCES_MAX, Speaker, Transcript
from baitie.kernel.errors import InputError

CLASSES_MAX = 100
WORDS_MAX = 1000
FREEZE_DAYS_MAX = 3660
NEGATION_REACH_CHARS = 3
"""Han characters that may stand between a negation and the word that it takes back: 没有[我]不想听, 不是[说我]…"""

NEGATION_REACH_WORDS = 3
_CLAUSE_ENDS = re.compile(r"[,.!?;:\u3001\u3002\uff0c\uff01\uff1f\uff1b\uff1a\n]+")
_LATIN = re.compile(r"[a-z0-9']+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_CODE = re.compile(r"[a-z][a-z0-9-]{0,31}")


class SuspectWordsError(InputError):
    """This list of suspect words cannot be read. Mend the named field of the named file."""

    code = "suspect-words-invalid"


@dataclass(frozen=True, slots=True)
class KeywordClass:
    """Keyword class (关键词类): words that say the same of a callee, and for how long a confirmed one is frozen."""

    code: str
    source: str
    freeze_days: int
    words: tuple[str, ...]  # Han: parts of a clause; Latin: whole words in their order
    unless: tuple[str, ...] = ()  # phrases that hold one of the words and mean something else


@dataclass(frozen=True, slots=True)
class SuspectWords:
    """Suspect words (疑似词表): the classes, what negates, and what only looks like a negation because it asks."""

    version: str
    classes: tuple[KeywordClass, ...]
    negations: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()

    def of_code(self, code: str) -> KeywordClass | None:
        """The class of this code."""
        return next((known for known in self.classes if known.code == code), None)


@dataclass(frozen=True, slots=True)
class SuspectFinding:
    """What speaks for a suspect (疑似发现): the class, the word, and the clause in which it was said."""

    keyword_class: str
    word: str
    quote: str
    speaker: Speaker


def classify(transcript: Transcript, words: SuspectWords) -> tuple[SuspectFinding, ...]:
    """The first finding of each class in what the callee said, in the order of the classes.

    What agents and bots say is not looked at. Where nobody knows who speaks, everything is, and the finding says so.
    """
    said = [u for u in transcript.utterances[:UTTERANCES_MAX] if u.speaker in (Speaker.CALLEE, Speaker.UNKNOWN)]
    clauses = [(clause, utterance.speaker) for utterance in said for clause in _clauses(utterance.text)]
    found = (_first(kind, clauses, words) for kind in words.classes)
    return tuple([finding for finding in found if finding is not None])


def _first(kind: KeywordClass, clauses: list[tuple[str, Speaker]], words: SuspectWords) -> SuspectFinding | None:
    for clause, speaker in clauses:
        for word in kind.words:
            if any(_is_meant(clause, at, word, kind, words) for at in _places(clause, word)):
                return SuspectFinding(kind.code, word, clause[:QUOTE_CHARS_MAX], speaker)
    return None


def _clauses(text: str) -> list[str]:
    """The clauses of what was said, in one width and case; Han without spaces, Latin words with one between them."""
    shown = unicodedata.normalize("NFKC", text[:UTTERANCE_CHARS_MAX]).casefold().replace("\u2019", "'")
    return [clause for part in _CLAUSE_ENDS.split(shown) if (clause := _closed_up(part))]


def _closed_up(part: str) -> str:
    return re.sub(r"(?<=[\u3400-\u9fff]) | (?=[\u3400-\u9fff])", "", " ".join(part.split()))


def _places(clause: str, word: str) -> Iterator[int]:
    """Where a word stands in a clause; Latin ones not inside of other words."""
    at = clause.find(word)
    while at >= 0:
        if _HAN.search(word) or _stands_alone(clause, at, at + len(word)):
            yield at
        at = clause.find(word, at + 1)


def _stands_alone(clause: str, begin: int, end: int) -> bool:
    before, after = clause[begin - 1 : begin], clause[end : end + 1]
    return not (_LATIN.fullmatch(before) or _LATIN.fullmatch(after))


def _is_meant(clause: str, at: int, word: str, kind: KeywordClass, words: SuspectWords) -> bool:
    for phrase in kind.unless:
        if any(place <= at < place + len(phrase) for place in _places(clause, phrase)):
            return False
    before = clause[:at]
    if _HAN.search(word):
        return not _is_negated_han(before, words)
    return not any(token in words.negations for token in _LATIN.findall(before)[-NEGATION_REACH_WORDS:])


def _is_negated_han(before: str, words: SuspectWords) -> bool:
    """Whether a negation stands shortly before, which is not one half of a question (是不是, 有没有)."""
    for negation in words.negations:
        place = before.rfind(negation)
        if place < 0 or len(before) - place - len(negation) > NEGATION_REACH_CHARS:
            continue
        if not any(_covers(before, question, place) for question in words.questions):
            return True
    return False


def _covers(text: str, question: str, place: int) -> bool:
    at = text.rfind(question)
    return at >= 0 and at <= place < at + len(question)


# From data


def parse_suspect_words(tables: Mapping[str, Any], file_name: str) -> SuspectWords:
    """The words of a TOML file's tables. Raises `SuspectWordsError`."""
    rows = tables.get("class", [])
    if not isinstance(rows, list) or not 1 <= len(rows) <= CLASSES_MAX:
        raise SuspectWordsError(file=file_name, field="class")
    kinds = tuple([_class(row, file_name) for row in rows])
    if len({kind.code for kind in kinds}) < len(kinds):
        raise SuspectWordsError(file=file_name, field="class.code", problem="doubled")
    version = tables.get("version")
    if not isinstance(version, int) or isinstance(version, bool):
        raise SuspectWordsError(file=file_name, field="version")
    negations, questions = (_words(tables, name, file_name) for name in ("negations", "questions"))
    return SuspectWords(str(version), kinds, negations, questions)


def _class(row: Any, file_name: str) -> KeywordClass:
    code = row.get("code") if isinstance(row, Mapping) else None
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise SuspectWordsError(file=file_name, field="class.code")
    source, days = row.get("source"), row.get("freeze_days")
    if not isinstance(source, str) or not source:
        raise SuspectWordsError(file=file_name, field=f"{code}.source")
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= FREEZE_DAYS_MAX:
        raise SuspectWordsError(file=file_name, field=f"{code}.freeze_days")
    words = _words(row, "words", file_name)
    if not words:
        raise SuspectWordsError(file=file_name, field=f"{code}.words")
    return KeywordClass(code, source, days, words, _words(row, "unless", file_name))


def _words(table: Mapping[str, Any], name: str, file_name: str) -> tuple[str, ...]:
    found = table.get(name, [])
    if not isinstance(found, list) or len(found) > WORDS_MAX or not all(isinstance(w, str) and w for w in found):
        raise SuspectWordsError(file=file_name, field=name)
    return tuple([_closed_up(unicodedata.normalize("NFKC", word).casefold()) for word in found])
