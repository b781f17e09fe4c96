"""How a presented number has been used: today, in a row, and over the last days with answers and complaints."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from baitie.kernel.fast_replace import fast_replace

SCORED_DAYS = 7
"""Answers and complaints of so many days make the score, today included."""

PRIOR_ATTEMPTS = 20
"""The score begins as if so many attempts had been made: few attempts say little."""

PRIOR_ANSWERED = 6.0
"""Of them answered: 30 %, a house figure between what lists of strangers and of the enterprise's own callees give."""

COMPLAINT_COST = 10.0
"""One complaint weighs as much as so many answers: a house figure that no measurement supports yet."""


@dataclass(frozen=True, slots=True)
class DayUse:
    """Day's use (单日用量) of a number: attempts whose INVITE left, and those of them that a person answered."""

    day: date
    attempts: int
    answered: int = 0


@dataclass(frozen=True, slots=True)
class NumberUse:
    """Number use (号码用量): what its limits and its score are reckoned from.

    `in_progress` are attempts planned and not over: each counts as if made, since its INVITE may leave any moment.
    `in_a_row` are those without a pause of the number's `rest_s`, the last of them at `last_at`.
    """

    first_used_on: date | None = None
    days: tuple[DayUse, ...] = ()  # the newest last, at most `SCORED_DAYS`
    in_progress: int = 0
    in_a_row: int = 0
    last_at: datetime | None = None
    complaints: int = 0  # over the same days

    def on(self, day: date) -> DayUse:
        """Its use on one day."""
        return next((use for use in self.days if use.day == day), DayUse(day, 0))

    def attempts_today(self, today: date) -> int:
        """Attempts that count against today's limits, those in progress included."""
        return self.on(today).attempts + self.in_progress

    def in_a_row_at(self, at: datetime, rest_s: float) -> int:
        """Attempts in a row as they stand at a time: a pause of `rest_s` ends the row."""
        if self.last_at is None or (at - self.last_at).total_seconds() >= rest_s:
            return 0
        return self.in_a_row

    def counted(self, at: datetime, day: date, is_answered: bool, rest_s: float) -> "NumberUse":
        """As it is after one more attempt. Late news of an earlier attempt never shortens the row."""
        old = self.on(day)
        one = DayUse(day, old.attempts + 1, old.answered + is_answered)
        days = sorted((*(use for use in self.days if use.day != day), one), key=lambda use: use.day)
        return fast_replace(
            self,
            first_used_on=day if self.first_used_on is None else min(day, self.first_used_on),
            days=tuple(days[-SCORED_DAYS:]),
            in_a_row=self.in_a_row_at(at, rest_s) + 1,
            last_at=at if self.last_at is None else max(at, self.last_at),
        )

    def begun(self) -> "NumberUse":
        """With one more attempt in progress."""
        return fast_replace(self, in_progress=self.in_progress + 1)

    def over(self) -> "NumberUse":
        """With one attempt in progress less."""
        return fast_replace(self, in_progress=max(0, self.in_progress - 1))


def _scored(use: NumberUse, today: date) -> Sequence[DayUse]:
    return [day for day in use.days if today - timedelta(days=SCORED_DAYS) < day.day <= today]


def score(use: NumberUse, today: date) -> float:
    """Score (号码评分) of a number, higher is better: its share of answers over the last days with a prior, less what
    its complaints cost. It orders numbers of equal use, and tells people which number needs repair."""
    days = _scored(use, today)
    attempts, answered = sum(day.attempts for day in days), sum(day.answered for day in days)
    return (answered + PRIOR_ANSWERED - COMPLAINT_COST * use.complaints) / (attempts + PRIOR_ATTEMPTS)
