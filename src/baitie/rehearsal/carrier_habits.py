"""What a simulated carrier bears (运营商限制): calls at a time, a second and of one number; and whom it labels."""

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

DAY_S = 86_400.0
HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class CarrierProfile:
    """Carrier (运营商). Counts of 0 are no limit. By default it bears everything, and labels nobody."""

    in_flight_max_calls: float = 0.0  # more at a time are refused as congestion
    setups_max_per_s: float = 0.0
    number_max_per_day: float = 0.0  # calls of one presented number within 24 h; more are refused
    label_after_per_day: float = 0.0  # calls of one presented number within 24 h; each more may bring a label
    label_rate: float = 0.01
    label_odds: float = 0.4  # factor on the odds of an answer under a label
    label_lasts_h: float = 336.0


BEARS_ALL = CarrierProfile()


class Refusal(StrEnum):
    """Why the carrier takes a call no further (拒接原因)."""

    CONGESTED = "congested"
    NUMBER_BARRED = "number_barred"


@dataclass(slots=True)
class CarrierHabits:
    """Habits (运营商习性) of one carrier over a day: what is under way, and what each presented number did.

    `chance_of` gives the source of chance for the n-th call of a number.
    """

    profile: CarrierProfile
    chance_of: Callable[[str, int], random.Random]
    _bears_all: bool = field(init=False)
    _in_flight: int = 0
    _last_second: deque[float] = field(default_factory=deque)
    _calls_of: dict[str, deque[float]] = field(default_factory=dict)
    _count_of: dict[str, int] = field(default_factory=dict)
    _labelled_until: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._bears_all = self.profile == BEARS_ALL

    def refuses(self, presented: str, now_s: float) -> Refusal | None:
        """A call comes in: why it goes no further, or None, and it is under way until `over`."""
        profile = self.profile
        if self._bears_all:
            return None
        if self._is_congested(now_s):
            return Refusal.CONGESTED
        of_number = self._calls_of.setdefault(presented, deque())
        while of_number and now_s - of_number[0] >= DAY_S:
            of_number.popleft()
        if profile.number_max_per_day and len(of_number) >= profile.number_max_per_day:
            return Refusal.NUMBER_BARRED
        of_number.append(now_s)
        self._in_flight += 1
        count = self._count_of[presented] = self._count_of.get(presented, 0) + 1
        is_busy = profile.label_after_per_day and len(of_number) > profile.label_after_per_day
        if is_busy and self.chance_of(presented, count).random() < profile.label_rate:
            self._labelled_until[presented] = now_s + profile.label_lasts_h * HOUR_S
        return None

    def label_odds(self, presented: str, now_s: float) -> float:
        """Factor on the odds of an answer to this number."""
        return self.profile.label_odds if now_s < self._labelled_until.get(presented, 0.0) else 1.0

    def over(self) -> None:
        """A call that was under way has ended."""
        if self._in_flight:
            self._in_flight -= 1

    def all_over(self) -> None:
        """Whoever placed the calls is gone, and they with him."""
        self._in_flight = 0

    def _is_congested(self, now_s: float) -> bool:
        profile, recent = self.profile, self._last_second
        if profile.in_flight_max_calls and self._in_flight >= profile.in_flight_max_calls:
            return True
        if profile.setups_max_per_s:
            while recent and now_s - recent[0] >= 1.0:
                recent.popleft()
            if len(recent) >= profile.setups_max_per_s:
                return True
            recent.append(now_s)
        return False
