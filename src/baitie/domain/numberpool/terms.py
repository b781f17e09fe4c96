"""How much one presented number may be used: figures of the house, for no law and no standard names any."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class NumberTerms:
    """Number terms (号码用量约定): limits of one presented number; `None` sets none.

    The number's first day of use carries `warm_up_attempts_per_day` attempts, and each day after as many more. After
    `rest_after_attempts` attempts without a pause of `rest_s` it rests for `rest_s`.
    """

    attempts_max_per_day: int | None = None
    warm_up_attempts_per_day: int | None = None
    rest_after_attempts: int | None = None
    rest_s: float = 3600.0
    region: str | None = None  # ISO 3166-1 alpha-2 of the number

    def warm_up_max(self, first_used_on: date | None, today: date) -> int | None:
        """How many attempts its warm-up (养号) allows today; a number that was never used has its first day."""
        if self.warm_up_attempts_per_day is None:
            return None
        days = 0 if first_used_on is None else max(0, (today - first_used_on).days)
        return self.warm_up_attempts_per_day * (days + 1)
