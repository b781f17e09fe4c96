"""Chooses the number that an attempt presents.

No number takes over for one that drew complaints: each keeps its own limits, whoever else is out of use, and nothing
here prefers a fresh one. What draws complaints is mended at its cause.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from baitie.domain.numberpool.terms import NumberTerms
from baitie.domain.numberpool.use import NumberUse, score

_UNLIMITED = NumberTerms()
_UNUSED = NumberUse()
_NOTHING: frozenset["NumberBar"] = frozenset()


class NumberBar(StrEnum):
    """Why a number is not presented now (号码不可用原因)."""

    NOT_FILED = "not-filed"
    SUSPENDED = "suspended"
    FLAGGED = "flagged"
    BUSY = "busy"
    DAY_LIMIT = "day-limit"
    WARM_UP = "warm-up"
    RESTING = "resting"


@dataclass(frozen=True, slots=True)
class NumberCandidate:
    """Candidate (候选号码): one number of the campaign as it stands. `is_filed` is true where nothing asks for it."""

    number: str  # E.164
    terms: NumberTerms = _UNLIMITED
    use: NumberUse = _UNUSED
    calls_free: int = 1  # so many more calls may show it at one time
    is_filed: bool = True
    is_suspended: bool = False
    is_flagged: bool = False


def bars(candidate: NumberCandidate, at: datetime, today: date) -> frozenset[NumberBar]:
    """Everything that speaks against presenting it at a time; `today` is that time's date where the number's day
    begins."""
    terms, use = candidate.terms, candidate.use
    against = []
    if not candidate.is_filed:
        against.append(NumberBar.NOT_FILED)
    if candidate.is_suspended:
        against.append(NumberBar.SUSPENDED)
    if candidate.is_flagged:
        against.append(NumberBar.FLAGGED)
    if candidate.calls_free <= 0:
        against.append(NumberBar.BUSY)
    if terms.attempts_max_per_day is not None and use.attempts_today(today) >= terms.attempts_max_per_day:
        against.append(NumberBar.DAY_LIMIT)
    warm_up_max = terms.warm_up_max(use.first_used_on, today)
    if warm_up_max is not None and use.attempts_today(today) >= warm_up_max:
        against.append(NumberBar.WARM_UP)
    if terms.rest_after_attempts is not None:
        in_a_row = use.in_a_row_at(at, terms.rest_s) + use.in_progress
        if in_a_row >= terms.rest_after_attempts:
            against.append(NumberBar.RESTING)
    return frozenset(against) if against else _NOTHING


def choose(candidates: Iterable[NumberCandidate], region: str | None, at: datetime, today: date) -> str | None:
    """The number to present to a callee of this region; `None` where none may be presented now.

    Of the callee's region before others, then the least used today, then the better score, then by digits.
    """

    def order(candidate: NumberCandidate) -> tuple[bool, int, float, str]:
        is_foreign = region is None or candidate.terms.region != region
        return is_foreign, candidate.use.attempts_today(today), -score(candidate.use, today), candidate.number

    usable = [candidate for candidate in candidates if not bars(candidate, at, today)]
    if len(usable) <= 1:
        return usable[0].number if usable else None
    return min(usable, key=order).number


_BY_TIME = frozenset({NumberBar.DAY_LIMIT, NumberBar.WARM_UP, NumberBar.RESTING})


def free_at(candidates: Iterable[NumberCandidate], at: datetime, today: date, tomorrow_at: datetime) -> datetime | None:
    """The earliest time at which a number that only time holds back may be presented again.

    `None` where one is free, or where none will be by the passing of time alone: a call has to end, or somebody to act.
    """
    found = []
    for candidate in candidates:
        against = bars(candidate, at, today)
        if not against:
            return None
        if against <= _BY_TIME and not candidate.use.in_progress:
            ends = [tomorrow_at] if against - {NumberBar.RESTING} else []
            if NumberBar.RESTING in against and candidate.use.last_at is not None:
                ends.append(candidate.use.last_at + timedelta(seconds=candidate.terms.rest_s))
            found.append(max(ends))
    return min(found, default=None)
