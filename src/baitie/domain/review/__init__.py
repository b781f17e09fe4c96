"""Review of invalid customers: suspects found in what callees said, confirmed or dismissed by people."""

from baitie.domain.review.keywords import (
    KeywordClass,
    SuspectFinding,
    SuspectWords,
    SuspectWordsError,
    classify,
    parse_suspect_words,
)
from baitie.domain.review.suspect import ReviewObjection, Suspect, SuspectState, objection_to_decision
from baitie.domain.review.transcript import Speaker, Transcript, Utterance

__all__ = [
    "KeywordClass",
    "ReviewObjection",
    "Speaker",
    "Suspect",
    "SuspectFinding",
    "SuspectState",
    "SuspectWords",
    "SuspectWordsError",
    "Transcript",
    "Utterance",
    "classify",
    "objection_to_decision",
    "parse_suspect_words",
]
