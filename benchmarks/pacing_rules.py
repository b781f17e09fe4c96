"""Rules beside which pacing is measured: fixed ratios, two public diallers' rules restated, and an all-knowing one.

The restated rules are written anew from descriptions of what the programs do (docs/explanation/pacing.md says from
which); they are not the products, and no code of theirs is used.
"""

import math
from collections import Counter, deque

from baitie.domain.dialing.pacing.abandonment import AbandonmentBudget
from baitie.domain.dialing.pacing.outlook import Moments, moments
from baitie.domain.dialing.pacing.predictive import Outlook, spread_of
from baitie.domain.dialing.pacing.state import PacingState
from baitie.kernel.time import Instant
from baitie.rehearsal.pacing.day import PacingDay
from baitie.rehearsal.pacing.world import WorldParameters


class RatioPacing:
    """So many ringing attempts for each idle agent, whatever happens."""

    def __init__(self, ratio: float) -> None:
        self._ratio = ratio

    def decide(self, state: PacingState, now: Instant) -> int:
        wanted = math.floor(self._ratio * state.idle_agents + 0.5) - len(state.ringing_since) - state.waiting
        return max(0, min(wanted, state.channels_free))


class VicidialLikePacing:
    """VICIdial's ADAPT_AVERAGE as described: a dial level, raised by idle agents, halved while drops exceed 3 %.

    A sample each second, 15 kept; the level changes every 15 s, by drops recounted every 60 s; attempts are placed
    every 2.5 s: level x (ready + in call) less lines in use. Maximum level 3.0, which is its default.
    """

    def __init__(self, level_max: float = 3.0) -> None:
        self._level, self._level_max = 1.0, level_max
        self._samples: deque[int] = deque(maxlen=15)
        self._sampled_at = self._levelled_at = self._counted_at = self._placed_at = 0.0
        self._minute = (0, 0)
        self._drops_too_much = False

    def decide(self, state: PacingState, now: Instant) -> int:
        agents = state.idle_agents + len(state.talking_since) + len(state.wrapping_up_since)
        if now - self._sampled_at >= 1:
            self._sampled_at = now
            self._samples.append(state.idle_agents - state.waiting)
        if now - self._levelled_at >= 15:
            self._levelled_at = now
            difference = sum(self._samples) / max(len(self._samples), 1)
            self._level = min(max(self._level * (1 + difference / max(agents, 1)), 1.0), self._level_max)
            if self._drops_too_much:
                self._level = max(self._level / 2, 1.0)
        if now - self._counted_at >= 60:
            self._counted_at = now
            self._drops_too_much = self._look_at_drops(state)
        if now - self._placed_at < 2.5:
            return 0
        self._placed_at = now
        lines = len(state.ringing_since) + state.waiting + len(state.talking_since)
        wanted = math.floor(self._level * (state.idle_agents + len(state.talking_since)) + 0.5) - lines
        return max(0, min(wanted, state.channels_free))

    def _look_at_drops(self, state: PacingState) -> bool:
        assert state.budget is not None
        answers, dropped = state.budget.answers, state.budget.abandoned
        answers_now, dropped_now = answers - self._minute[0], dropped - self._minute[1]
        self._minute = (answers, dropped)
        too_many_now = answers_now > 20 and dropped_now > 0.5 * answers_now
        return too_many_now or (answers > 50 and dropped > 0.03 * answers)


class IssabelLikePacing:
    """Issabel's predictive mode with overcommit as described: agents free or about to finish, by the answer share.

    Every 3 s. About to finish: 1 - exp(-(elapsed + answer time) / mean) >= 0.97 over at least 10 talks. Overcommit
    divides by the share of answers of the last 30 min, at least 0.20, once 10 calls are known.
    """

    def __init__(self) -> None:
        self._asked_at = float("-inf")
        self._placed = 0
        self._past: deque[tuple[float, int, int]] = deque()
        self._busy: dict[float, None] = {}
        self._ended_s: deque[float] = deque(maxlen=500)

    def decide(self, state: PacingState, now: Instant) -> int:
        assert state.budget is not None
        still = dict.fromkeys(state.talking_since)
        self._ended_s.extend(now - since for since in self._busy if since not in still)
        self._busy = still
        if now - self._asked_at < 3:
            return 0
        self._asked_at = now
        self._past.append((now, self._placed, state.budget.answers))
        while self._past[0][0] < now - 1800:
            self._past.popleft()
        finishing = 0
        if len(self._ended_s) >= 10:
            mean_s = sum(self._ended_s) / len(self._ended_s)
            finishing = sum(1 - math.exp(-(now - since + 12.0) / mean_s) >= 0.97 for since in state.talking_since)
        placed, answers = self._placed - self._past[0][1], state.budget.answers - self._past[0][2]
        share = max(answers / placed, 0.20) if placed >= 10 else 1.0
        free = state.idle_agents + finishing - state.waiting
        wanted = max(0, min(math.floor(free / share + 0.5) - len(state.ringing_since), state.channels_free))
        self._placed += wanted
        return wanted


class AllKnowingPacing:
    """The oracle: the same marginal rule, told what share of people answers just now and when each agent will be free.

    It reserves nothing and steers to the ceiling. It does not know which attempt will be answered: who knows that
    keeps every agent busy in any world.
    """

    horizons_s = (9.5, 10.4, 11.4, 12.4, 21.7, 24.0)
    """The same quantiles of the seconds until people answer, of the world's own distribution."""
    grace_s = 2.0

    def __init__(self) -> None:
        self.day: PacingDay | None = None
        self._tables: dict[float, list[Moments]] = {}
        self._risk_max = 0.05
        self._seen = (0, 0)

    def decide(self, state: PacingState, now: Instant) -> int:
        day, budget = self.day, state.budget
        assert day is not None
        assert budget is not None
        rate = round(day.answer_rate.at(now), 3)
        if rate not in self._tables:
            self._tables[rate] = self._answered(day.parameters, rate)
        answered = self._tables[rate]
        ready = state.idle_agents - state.waiting
        count = max(0, min(ready - len(state.ringing_since), state.channels_free))
        free = [
            (moments([1.0 if at - now <= horizon_s + self.grace_s else 0.0 for horizon_s in self.horizons_s]), 1)
            for at in day.free_at.values()
        ]
        ages = Counter([min(int(2 * (now - since)), len(answered) - 1) for since in state.ringing_since])
        taken = [(answered[half_s], many) for half_s, many in ages.items()]
        outlook = Outlook(ready, free, [*taken, (answered[0], count)], answered[0], 1.0)
        self._steer(budget, state.idle_agents + len(free))
        while count < state.channels_free and outlook.risk() <= self._risk_max:
            outlook.add()
            count += 1
        return count

    def _steer(self, budget: AbandonmentBudget, agents: int) -> None:
        """Moves the risk so that the whole day's share comes to the ceiling: proportional and integral."""
        answers, abandoned = budget.answers - self._seen[0], budget.abandoned - self._seen[1]
        self._seen = (budget.answers, budget.abandoned)
        share = budget.ceiling.max_per_10000 / 10_000
        slack = share * budget.answers - budget.abandoned
        gain = 0.35 / spread_of(agents)
        self._risk_max *= math.exp(gain * (answers * (share + slack / 1000) - abandoned))
        self._risk_max = min(max(self._risk_max, 0.001), 0.6)

    def _answered(self, world: WorldParameters, rate: float) -> list[Moments]:
        """By half second of age: the chance that a person answers by each horizon from then."""

        def between(low_high_s: tuple[float, float], at_s: float) -> float:
            low_s, high_s = low_high_s
            return min(max((at_s - world.set_up_s - low_s) / (high_s - low_s), 0.0), 1.0)

        def come(at_s: float) -> float:
            early = world.early_ring_rate
            return early * between(world.early_ring_s, at_s) + (1 - early) * between(world.late_ring_s, at_s)

        def gone(at_s: float) -> float:
            rejected = world.rejected_rate
            return rejected * between(world.rejected_ring_s, at_s) + (1 - rejected) * (at_s >= world.given_up_after_s)

        rows = []
        for half_s in range(61):
            age_s = half_s / 2
            still = rate * (1 - come(age_s)) + (1 - rate) * (1 - gone(age_s))
            chances = [rate * (come(age_s + ahead_s) - come(age_s)) for ahead_s in self.horizons_s]
            rows.append(moments([chance / still if still > 0 else 0.0 for chance in chances]))
        return rows
