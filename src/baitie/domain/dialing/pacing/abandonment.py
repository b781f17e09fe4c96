"""The abandonment budget (呼损预算): how many answered calls may still find no agent, by the law's own counting."""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from baitie.kernel.time import Instant

_TEN_THOUSAND = 10_000
_DAY_S = 86_400.0
SLICES_MAX = 48
"""Of a rolling window so many slices are kept: older answers leave it slice by slice."""


class WindowKind(StrEnum):
    """How the days of a ceiling follow each other (统计窗口类型)."""

    SUCCESSIVE = "successive"  # from the campaign's start, one after the other: TSR
    CALENDAR = "calendar"  # each day on the campaign's calendar
    ROLLING = "rolling"  # the last so many hours at every moment


@dataclass(frozen=True, slots=True)
class AbandonmentCeiling:
    """Abandonment ceiling (呼损上限): at most `max_per_10000` of the answers in a window find no agent in time.

    `answers_min` is the start: with fewer answers in the window nobody may be left without an agent. The rule
    pack gives all of it. Defaults: 16 CFR 310.4(b)(4) (TSR): three per cent of the calls that a person answers, per
    campaign and each successive thirty days. Where the TSR counts two seconds from the completed greeting, the seconds
    are counted from the answer, which is earlier and so never the milder; answers by people only are counted.
    """

    max_per_10000: int = 300
    window_kind: WindowKind = WindowKind.SUCCESSIVE
    window_s: float = 30 * _DAY_S
    agent_within_s: float = 2.0
    answers_min: int = 50

    def __post_init__(self) -> None:
        assert 0 <= self.max_per_10000 <= _TEN_THOUSAND
        assert self.window_s > 0
        assert self.agent_within_s >= 0
        assert self.answers_min >= 0

    def allowed(self, answers: int) -> int:
        """How many of `answers` may have found no agent."""
        return answers * self.max_per_10000 // _TEN_THOUSAND if answers >= self.answers_min else 0

    def earned(self, answers: int) -> float:
        """The same before it is rounded down to whole calls."""
        return answers * self.max_per_10000 / _TEN_THOUSAND if answers >= self.answers_min else 0.0


@dataclass(slots=True)
class _Slice:
    begun_at: float
    answers: int = 0
    abandoned: int = 0


class AbandonmentBudget:
    """Abandonment budget (呼损预算): answers and abandoned calls of one campaign in the ceiling's window.

    `remaining` is what attempts in flight may be reserved against. What happened in the window before this run
    comes from the store by `carry_in`. A rolling window forgets by slices; whatever part of its oldest slice is
    still inside, the budget counts that slice's abandoned calls and not its answers.
    """

    __slots__ = ("_abandoned", "_answers", "_begun_at", "_slice_s", "_slices", "ceiling")

    def __init__(self, ceiling: AbandonmentCeiling, begun_at: Instant) -> None:
        self.ceiling = ceiling
        self._begun_at = float(begun_at)
        self._answers = 0
        self._abandoned = 0
        self._slice_s = ceiling.window_s / SLICES_MAX
        self._slices: deque[_Slice] = deque()

    @property
    def answers(self) -> int:
        """Answers in the window, abandoned ones too, as of the last event."""
        return self._answers

    @property
    def abandoned(self) -> int:
        """Calls in the window that found no agent in time, as of the last event."""
        return self._abandoned

    def carry_in(self, answers: int, abandoned: int, at: Instant) -> None:
        """Count what happened in this window before the run: `answers`, of which `abandoned` found no agent."""
        assert 0 <= abandoned <= answers
        piece = self._slice_at(at)
        piece.answers += answers
        piece.abandoned += abandoned
        self._answers += answers
        self._abandoned += abandoned

    def on_answered(self, now: Instant) -> None:
        """A call that counts was answered: by a person, or by anything, as the ceiling says."""
        self._slice_at(now).answers += 1
        self._answers += 1

    def on_abandoned(self, now: Instant) -> None:
        """An answered call found no agent in time; it was counted as answered before."""
        self._slice_at(now).abandoned += 1
        self._abandoned += 1

    def begin_window(self, now: Instant) -> None:
        """The next calendar day or period begins: everything is counted anew. Whoever knows the calendar calls it."""
        self._slices.clear()
        self._answers = self._abandoned = 0
        self._begun_at = float(now)

    def remaining(self, now: Instant) -> int:
        """How many more calls may be abandoned now; below zero when more were than is allowed."""
        return self.ceiling.allowed(self._answers_counted(now)) - self._abandoned

    def slack(self, now: Instant) -> float:
        """The same with the part of a call that the answers so far have earned; never a whole call more."""
        return self.ceiling.earned(self._answers_counted(now)) - self._abandoned

    def _answers_counted(self, now: Instant) -> int:
        self._forget(now)
        is_rolling = self.ceiling.window_kind is WindowKind.ROLLING
        if is_rolling and self._slices and now - self._slices[0].begun_at > self.ceiling.window_s:
            return self._answers - self._slices[0].answers
        return self._answers

    def _slice_at(self, now: Instant) -> _Slice:
        self._forget(now)
        if not self._slices or now - self._slices[-1].begun_at >= self._slice_s:
            self._slices.append(_Slice(float(now)))
        return self._slices[-1]

    def _forget(self, now: Instant) -> None:
        if self.ceiling.window_kind is not WindowKind.ROLLING:
            if self.ceiling.window_kind is WindowKind.SUCCESSIVE and now - self._begun_at >= self.ceiling.window_s:
                periods = (now - self._begun_at) // self.ceiling.window_s
                begun_at = self._begun_at + periods * self.ceiling.window_s
                self.begin_window(Instant(begun_at))
            return
        while self._slices and now - self._slices[0].begun_at >= self.ceiling.window_s + self._slice_s:
            gone = self._slices.popleft()
            self._answers -= gone.answers
            self._abandoned -= gone.abandoned
