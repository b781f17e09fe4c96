"""How much a presented number has been used, and what came of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Protocol

from baitie.app.campaign.campaign import PresentedNumber
from baitie.domain.complaints import Complaint
from baitie.domain.numberpool import SCORED_DAYS, NumberUse
from baitie.kernel.outcome import Outcome


def is_taken(outcome: Outcome | None) -> bool:
    """Whether a person answered a call that showed the number."""
    return outcome is not None and outcome.traits.is_by_person


class NumberStore(Protocol):
    """What the use of numbers needs of a store (号码用量来源)."""

    def attempts_showing(
        self, number: str, since: datetime
    ) -> tuple[datetime | None, Sequence[tuple[datetime, Outcome | None]]]:
        """When a number was first shown, and when since a time, in order, with what came of it; two indexed reads."""
        ...

    def complaints(self) -> Sequence[Complaint]: ...


class DayOf(Protocol):
    """Day of a time (当地日期), where the numbers' day begins."""

    def __call__(self, at: datetime, /) -> date: ...


def use_of(store: NumberStore, shown: PresentedNumber, day_of: DayOf, civil_now: datetime) -> NumberUse:
    """How a number has been used over the last days, over all campaigns of the store."""
    today = day_of(civil_now)
    since = civil_now - timedelta(days=SCORED_DAYS + 1)  # a day more, for the zone's midnight lies within one
    first_at, attempts = store.attempts_showing(shown.number.e164(), since)
    use = NumberUse(first_used_on=None if first_at is None else day_of(first_at))
    for at, outcome in attempts:
        use = use.counted(at, day_of(at), is_taken(outcome), shown.terms.rest_s)
    received = [c.received_at for c in store.complaints() if c.presented == shown.number.e164()]
    scored_from = today - timedelta(days=SCORED_DAYS)
    return replace(use, complaints=sum(day_of(at) > scored_from for at in received))
