"""The promises to callees and to the enterprise, stated apart from the rules that are meant to keep them."""

from dataclasses import dataclass
from datetime import time
from enum import StrEnum


class Invariant(StrEnum):
    """Invariant (不变量): something that must hold on every day."""

    HOURS = "hours"  # nobody is called outside the allowed hours
    CAPS = "caps"  # nobody is rung or reached more often than promised
    REFUSED = "refused"  # nobody who said no is called again
    COMPLAINED = "complained"  # nobody whose complaint was entered is called, and no number complained of is shown
    FORGOTTEN = "forgotten"  # every refusal that was heard is kept
    VERDICT = "verdict"  # no call without an allowing verdict of that instant
    CARD = "card"  # the card goes first, or the ring waits as the campaign says
    AT_ONCE = "at-once"  # one call to a callee at a time
    TWICE = "twice"  # one INVITE an attempt; a call of unknown fate is not repeated
    LEASES = "leases"  # every lease comes back
    OUTCOMES = "outcomes"  # every attempt has one outcome, journalled once
    BOOKS = "books"  # leads = finished + refused + waiting
    CHAIN = "chain"  # the journal is whole
    ABANDONED = "abandoned"  # abandoned calls within the cap
    STANDS = "stands"  # the dialler raises nothing that nobody takes


@dataclass(frozen=True, slots=True)
class Promise:
    """Promise (承诺) to every callee. Hours are on the wall clock of the callee; caps over all campaigns."""

    hours_from: time = time(8)
    hours_until: time = time(21)
    attempts_max_per_day: int = 2
    contacts_max_per_30_days: int = 3
    abandoned_max_share: float = 0.03
    answers_min: int = 100  # of people, before the share of the abandoned is judged


@dataclass(frozen=True, slots=True)
class Violation:
    """Violation (违约): which invariant was broken, when on the virtual clock, and by what. Names no person."""

    invariant: Invariant
    at_s: float
    detail: str
