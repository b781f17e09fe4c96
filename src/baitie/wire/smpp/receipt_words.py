"""The words for a message's state in receipts: those of SMPP v3.4 Appendix B, and what centres and vendors write."""

import re
from typing import Final

from baitie.wire.smpp.constants import MessageState

_STATES: Final = {
    "ENROUTE": MessageState.ENROUTE,
    "DELIVRD": MessageState.DELIVERED,
    "EXPIRED": MessageState.EXPIRED,
    "DELETED": MessageState.DELETED,
    "UNDELIV": MessageState.UNDELIVERABLE,
    "ACCEPTD": MessageState.ACCEPTED,
    "UNKNOWN": MessageState.UNKNOWN,
    "REJECTD": MessageState.REJECTED,
}
NAMES: Final = {state: name for name, state in _STATES.items()}
"""How Appendix B writes each state."""

# Appendix B abbreviates to seven letters; many centres write the words out, and some have words of their own.
_OTHER_WORDS: Final = {
    "DELIVERED": MessageState.DELIVERED,
    "DELIVERD": MessageState.DELIVERED,
    "DELIVRED": MessageState.DELIVERED,
    "SCHEDULED": MessageState.ENROUTE,
    "SCHEDLD": MessageState.ENROUTE,
    "BUFFERED": MessageState.ENROUTE,
    "BUFFRED": MessageState.ENROUTE,
    "BUFFERD": MessageState.ENROUTE,
    "QUEUED": MessageState.ENROUTE,
    "PENDING": MessageState.ENROUTE,
    "TRANSIT": MessageState.ENROUTE,
    "RETRY": MessageState.ENROUTE,
    "SUBMITTED": MessageState.ENROUTE,
    "SUBMITD": MessageState.ENROUTE,
    "SENT": MessageState.ENROUTE,
    "CANCELLED": MessageState.DELETED,
    "CANCELED": MessageState.DELETED,
    "FAILED": MessageState.UNDELIVERABLE,
    "SKIPPED": MessageState.UNDELIVERABLE,
    "SUCCESS": MessageState.DELIVERED,
    "DELIVEREDTOHANDSET": MessageState.DELIVERED,
    "FAIL": MessageState.UNDELIVERABLE,
    "NOTDELIVERED": MessageState.UNDELIVERABLE,
    "UNKNOWNSUBSCRIBER": MessageState.UNDELIVERABLE,
    "ABSENTSUBSCRIBER": MessageState.UNDELIVERABLE,
    "NOROUTE": MessageState.UNDELIVERABLE,
    "BLACK": MessageState.UNDELIVERABLE,
    "BLACKLIST": MessageState.UNDELIVERABLE,
}
_FAILURE_CODE: Final = re.compile(r"[A-Z]{2}:[0-9A-F]{3,5}")
"""What Chinese gateways put in place of the word when a message failed: MA:0001, MK:0010, DB:0141."""
_STEMS: Final = {
    "UNDELIV": MessageState.UNDELIVERABLE,
    "REJECT": MessageState.REJECTED,
    "ACCEPT": MessageState.ACCEPTED,
    "EXPIR": MessageState.EXPIRED,
    "DELET": MessageState.DELETED,
    "ENROUT": MessageState.ENROUTE,
}
"""How words begin that can be nothing else. DELIV is not among them: DELIVERY_FAILED begins so too."""
_ABBREVIATIONS: Final = frozenset({"DELIVRD", "UNDELIV", "ACCEPTD", "REJECTD"})
"""Of Appendix B, and words of no language: beside an id, no person wrote them."""
_NO_LETTER: Final = re.compile(r"[^A-Z]+")


def state_of_word(word: str) -> MessageState:
    """The state that a word stands for, in any case and however long; UNKNOWN for any other."""
    letters = _NO_LETTER.sub("", word.upper())
    state = _STATES.get(letters) or _OTHER_WORDS.get(letters)
    if state is not None:
        return state
    return next((state for stem, state in _STEMS.items() if letters.startswith(stem)), MessageState.UNKNOWN)


def is_failure_code(word: str) -> bool:
    """Whether in place of a word it is a code of the network, as Chinese gateways write failures."""
    return _FAILURE_CODE.fullmatch(word.strip().upper()) is not None


def is_abbreviation(word: str) -> bool:
    """Whether no person writes such a word."""
    return _NO_LETTER.sub("", word.upper()) in _ABBREVIATIONS
