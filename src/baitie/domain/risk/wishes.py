"""The kinds of rule that follow the callee's own wishes, and that weigh how often somebody was disturbed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp2, log2

from baitie.domain.risk.checks import ZONE_UNKNOWN, Building, Check, RuleKind, Spoken
from baitie.domain.risk.facts import CallFacts, Moment
from baitie.domain.risk.history import PastAttempt
from baitie.domain.risk.standing import PreferenceFact
from baitie.domain.risk.table_reader import TableReader
from baitie.kernel.time import Window

FATIGUE_POINTS_MAX = 1000
HALF_LIFE_MAX_H = 24 * 366

FATIGUE_SEARCH_DAYS = 3660
"""Beyond this a score that halves in at most a year has nothing left to fall from."""

_SECOND = timedelta(seconds=1)
_HOUR_S = 3600.0


class PreferenceCheck:
    """Keeps strictly to what the callee wishes (许可式外呼): kinds of call, channel, language, hours on the own clock.

    Wishes of hours of somebody whose zone is not known, and of a language where that of the call is not: by the fail
    direction.
    """

    only_relaxes = False
    is_same_daily = True
    __slots__ = ("_fail_closed",)

    def __init__(self, fail_closed: bool) -> None:
        self._fail_closed = fail_closed

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        wish = facts.preference
        if wish is None:
            return True
        if not wish.accepts_voice or (wish.purposes is not None and facts.purpose not in wish.purposes):
            return False
        if not self._is_understood(wish, facts):
            return False
        if not wish.windows:
            return True
        if not moment.walls:
            return not self._fail_closed
        return all(_is_within(wish.windows, wall) for wall in moment.walls)

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        wish = facts.preference
        if wish is None or not wish.accepts_voice or (wish.purposes is not None and facts.purpose not in wish.purposes):
            return None
        if not self._is_understood(wish, facts):
            return None
        openings = tuple([window.opens_from for window in wish.windows])
        return moment.next_boundary(openings, lambda wall: not _is_within(wish.windows, wall))

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        wish = facts.preference
        if wish is None:
            return "no-preference", {}
        if not wish.accepts_voice:
            return "preference-channel", {}
        if not self._is_understood(wish, facts):
            return "preference-language", {"language": wish.language, "offered": facts.language or "?"}
        if not wish.windows or (wish.purposes is not None and facts.purpose not in wish.purposes):
            return "preference-purpose", {"purpose": facts.purpose.value}
        if not moment.walls:
            return "zone-unknown", {}
        wall = next((wall for wall in moment.walls if not _is_within(wish.windows, wall)), moment.walls[0])
        shown = ", ".join(f"{w.opens_from:%H:%M}-{w.closes_until:%H:%M}" for w in wish.windows)
        return "preference-hours", {
            "local_time": wall.time().isoformat("seconds"),
            "zone": str(wall.tzinfo),
            "windows": shown,
        }

    def _is_understood(self, wish: PreferenceFact, facts: CallFacts) -> bool:
        """Whether the call is in the wished language; a wish without a region takes any region's."""
        if wish.language is None:
            return True
        if facts.language is None:
            return not self._fail_closed
        offered, wished = facts.language.casefold(), wish.language.casefold()
        return offered == wished or offered.startswith(wished + "-")


@dataclass(frozen=True, slots=True)
class FatigueWeights:
    """Weights (权重) of what tires people, in points, and after how many hours half of each is forgotten."""

    answered: int
    rejected: int
    short: int
    unanswered: int
    card: int
    call_half_life_h: int
    card_half_life_h: int


class FatigueCheck:
    """Counts how tired of us somebody is (打扰度): points for calls and cards, which halve with time.

    The score is the sum over all events of `weight · 2^(-age / half-life)`. A rejected call counts as rejected, a
    short one as short, any other answered one as answered, the rest as unanswered. Events after the moment that is
    asked about do not count yet. With `except_series` a call of a series is not held to it, but counts for others.
    """

    only_relaxes = True
    is_same_daily = False
    __slots__ = ("_call_points_max", "_except_series", "_points_max", "_weights")

    def __init__(self, weights: FatigueWeights, points_max: int, except_series: bool = False) -> None:
        self._except_series = except_series
        self._weights = weights
        self._points_max = points_max
        self._call_points_max = max(weights.answered, weights.rejected, weights.short, weights.unanswered)

    def points(self, facts: CallFacts, moment: Moment) -> float:
        """The score at a moment of these facts."""
        return sum(self._points_of_kinds(facts, moment))

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        # Most callees were disturbed so seldom that no calculation is needed.
        most = len(facts.history.attempts) * self._call_points_max + len(facts.cards_sent) * self._weights.card
        if most <= self._points_max:
            return True
        contacts = len([attempt for attempt in facts.history.attempts if attempt.is_contact])
        most -= (len(facts.history.attempts) - contacts) * (self._call_points_max - self._weights.unanswered)
        if most <= self._points_max:
            return True
        if self._except_series and facts.series is not None and facts.series_key is not None:
            return True
        return self.points(facts, moment) <= self._points_max

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        """The first whole second from now at which the score has fallen far enough."""
        calls, cards = self._points_of_kinds(facts, moment)
        call_half_life_s = self._weights.call_half_life_h * _HOUR_S
        card_half_life_s = self._weights.card_half_life_h * _HOUR_S

        def is_rested_after(seconds: int) -> bool:
            left = calls * exp2(-seconds / call_half_life_s) + cards * exp2(-seconds / card_half_life_s)
            return left <= self._points_max

        if not is_rested_after(FATIGUE_SEARCH_DAYS * 86_400):
            return None
        # With one half-life alone the answer would be this many of them; with two it lies between their answers.
        halvings = log2(max((calls + cards) / self._points_max, 1.0))
        shorter_s, longer_s = sorted((call_half_life_s, card_half_life_s))
        least, most = max(int(shorter_s * halvings) - 1, 0), int(longer_s * halvings) + 1
        while most - least > 1:
            middle = (least + most) // 2
            if is_rested_after(middle):
                most = middle
            else:
                least = middle
        return moment.at + most * _SECOND

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        return "fatigue", {
            "points": f"{self.points(facts, moment):.1f}",
            "points_max": self._points_max,
            "calls": len(facts.history.attempts),
            "cards": len(facts.cards_sent),
        }

    def _points_of_kinds(self, facts: CallFacts, moment: Moment) -> tuple[float, float]:
        """The points for calls and those for cards; counted once for all thresholds of the same weights."""
        points = moment.points.get(self._weights)
        if points is None:
            points = moment.points[self._weights] = self._counted(facts, moment.at)
        return points

    def _counted(self, facts: CallFacts, at: datetime) -> tuple[float, float]:
        """Each kind halves with its own half-life."""
        weights = self._weights
        calls = cards = 0.0
        for attempt in facts.history.attempts:
            age_h = (at - attempt.at).total_seconds() / _HOUR_S
            if age_h >= 0:
                calls += self._weight_of(attempt) * exp2(-age_h / weights.call_half_life_h)
        for sent_at in facts.cards_sent:
            age_h = (at - sent_at).total_seconds() / _HOUR_S
            if age_h >= 0:
                cards += weights.card * exp2(-age_h / weights.card_half_life_h)
        return calls, cards

    def _weight_of(self, attempt: PastAttempt) -> int:
        if attempt.is_rejected:
            return self._weights.rejected
        if attempt.is_short:
            return self._weights.short
        return self._weights.answered if attempt.is_contact else self._weights.unanswered


def _is_within(windows: tuple[Window, ...], wall: datetime) -> bool:
    shown = wall.time()
    return any(window.contains(shown) for window in windows)


def _fatigue(reader: TableReader, building: Building) -> Check:
    def points(kind: str) -> int:
        return reader.count(f"{kind}_points", 0, FATIGUE_POINTS_MAX)

    weights = FatigueWeights(
        answered=points("answered"),
        rejected=points("rejected"),
        short=points("short"),
        unanswered=points("unanswered"),
        card=points("card"),
        call_half_life_h=reader.count("call_half_life_h", 1, HALF_LIFE_MAX_H),
        card_half_life_h=reader.count("card_half_life_h", 1, HALF_LIFE_MAX_H),
    )
    points_max = reader.count("points_max", 1, FATIGUE_POINTS_MAX)
    return FatigueCheck(weights, points_max, reader.optional("except_series", bool) or False)


KINDS: Mapping[str, RuleKind] = {
    "preference": RuleKind(
        lambda reader, building: PreferenceCheck(building.is_closed),
        {
            **ZONE_UNKNOWN,
            "no-preference": frozenset(),
            "preference-channel": frozenset(),
            "preference-language": frozenset({"language", "offered"}),
            "preference-purpose": frozenset({"purpose"}),
            "preference-hours": frozenset({"local_time", "zone", "windows"}),
        },
    ),
    "fatigue": RuleKind(_fatigue, {"fatigue": frozenset({"points", "points_max", "calls", "cards"})}),
}
