"""One day of the reference world under one pacing controller: agents, attempts and answers as bare events."""

import heapq
import random
from collections import deque
from dataclasses import dataclass
from typing import Final

from baitie.domain.dialing.pacing.abandonment import AbandonmentBudget, AbandonmentCeiling
from baitie.domain.dialing.pacing.controllers import consider
from baitie.domain.dialing.pacing.memory import PacingMemory
from baitie.domain.dialing.pacing.state import PacingController, PacingState
from baitie.kernel.time import Instant
from baitie.rehearsal.pacing.world import AnswerRate, WorldParameters

ANSWERED: Final = 0
FAILED: Final = 1
TALK_ENDED: Final = 2
WRAPPED_UP: Final = 3
PATIENCE_ENDED: Final = 4
CHANGED: Final = 5

ASKED_EVERY_S = 1.0
"""Without an event the controller is asked so often; after an event at the next step."""

PEAK_FROM_ANSWERS = 100


@dataclass(frozen=True, slots=True)
class DayResult:
    """Result of a day (单日结果). Shares are of 1; the first minutes count for abandonment and not for occupancy."""

    occupancy: float
    talk_min_per_agent_h: float
    attempts: int
    answers: int
    abandoned: int
    abandonment: float
    abandonment_peak: float


class PacingDay:
    """A day (模拟工作日) of one campaign. `run` gives the result; an all-knowing rule may see the attributes."""

    def __init__(
        self, parameters: WorldParameters, controller: PacingController, ceiling: AbandonmentCeiling, rng: random.Random
    ) -> None:
        self.parameters = parameters
        self.controller = controller
        self.memory = PacingMemory()
        self.budget = AbandonmentBudget(ceiling, Instant(0.0))
        self.answer_rate = AnswerRate(parameters, rng)
        self.free_at: dict[int, float] = {}
        self._rng = rng
        self._talk_factor = 1.0
        self._idle: deque[int] = deque(range(parameters.agents))
        self._talking: dict[int, float] = {}
        self._wrapping: dict[int, float] = {}
        self._ringing: dict[int, float] = {}
        self._waiting: deque[int] = deque()
        self._agents_wanted = parameters.agents
        self._next_agent = parameters.agents
        self._heap: list[tuple[float, int, int, int]] = []
        self._attempts = 0
        self._scheduled = 0
        self._busy_s = self._talk_s = self._paid_s = 0.0
        self._counted_to_s = 0.0
        self._peak = 0.0

    def run(self) -> DayResult:
        """Plays the whole day."""
        parameters = self.parameters
        for index, change in enumerate(parameters.changes):
            self._at(change.at_s, CHANGED, index)
        steps = int(parameters.hours * 3600 / parameters.step_s)
        ask_at_s = 0.0
        heap = self._heap
        for step in range(steps):
            now_s = step * parameters.step_s
            happened = False
            while heap and heap[0][0] <= now_s:
                at_s, _, kind, key = heapq.heappop(heap)
                self._on(kind, key, at_s)
                happened = True
            if happened or now_s >= ask_at_s:
                ask_at_s = now_s + self._decide(now_s)
        end_s = parameters.hours * 3600
        self._count_to(end_s)
        answers, abandoned = self.budget.answers, self.budget.abandoned
        return DayResult(
            occupancy=self._busy_s / self._paid_s,
            talk_min_per_agent_h=60 * self._talk_s / self._paid_s,
            attempts=self._attempts,
            answers=answers,
            abandoned=abandoned,
            abandonment=abandoned / max(answers, 1),
            abandonment_peak=self._peak,
        )

    def _decide(self, now_s: float) -> float:
        """After how many seconds to decide again though nothing happens."""
        channels = self.parameters.channels_per_agent * max(self._agents_wanted, 1)
        state = PacingState(
            len(self._idle),
            list(self._talking.values()),
            list(self._wrapping.values()),
            list(self._ringing.values()),
            len(self._waiting),
            channels - len(self._ringing) - len(self._waiting) - len(self._talking),
            0,
            self.memory,
            self.budget,
        )
        count, look_after_s = consider(self.controller, state, Instant(now_s))
        for _ in range(count):
            self._place(now_s)
        return look_after_s or ASKED_EVERY_S

    def _place(self, now_s: float) -> None:
        parameters, draw = self.parameters, self._rng.random
        key = self._attempts
        self._attempts += 1
        self._ringing[key] = now_s
        answer_rate = self.answer_rate.at(now_s)
        luck = draw()
        if luck < answer_rate:
            low, high = parameters.early_ring_s if draw() < parameters.early_ring_rate else parameters.late_ring_s
            self._at(now_s + parameters.set_up_s + low + (high - low) * draw(), ANSWERED, key)
            return
        if luck < answer_rate + (1 - answer_rate) * parameters.machine_rate:
            low, high = parameters.machine_ring_s
        elif draw() < parameters.rejected_rate:
            low, high = parameters.rejected_ring_s
        else:
            self._at(now_s + parameters.given_up_after_s, FAILED, key)
            return
        self._at(now_s + parameters.set_up_s + low + (high - low) * draw(), FAILED, key)

    def _on(self, kind: int, key: int, at_s: float) -> None:
        now = Instant(at_s)
        if kind == FAILED:
            self.memory.on_attempt_ended(at_s - self._ringing.pop(key), False, now)
            return
        self._count_to(at_s)
        if kind == ANSWERED:
            self.memory.on_attempt_ended(at_s - self._ringing.pop(key), True, now)
            self.budget.on_answered(now)
            if self.budget.answers == PEAK_FROM_ANSWERS:
                self._note_peak()
            if self._idle:
                self._talk(self._idle.popleft(), at_s)
            else:
                self._waiting.append(key)
                self._at(at_s + self.parameters.agent_within_s, PATIENCE_ENDED, key)
        elif kind == PATIENCE_ENDED:
            if key in self._waiting:
                self._waiting.remove(key)
                self.budget.on_abandoned(now)
                self._note_peak()
        elif kind == TALK_ENDED:
            self.memory.on_talk_ended(at_s - self._talking.pop(key), now)
            self._wrapping[key] = at_s
        elif kind == WRAPPED_UP:
            self.memory.on_wrap_up_ended(at_s - self._wrapping.pop(key), now)
            self._become_free(key, at_s)
        else:
            self._change(key, at_s)

    def _note_peak(self) -> None:
        if self.budget.answers >= PEAK_FROM_ANSWERS:
            self._peak = max(self._peak, self.budget.abandoned / self.budget.answers)

    def _talk(self, agent: int, now_s: float) -> None:
        parameters = self.parameters
        talk_s = self._rng.lognormvariate(0.0, parameters.talk_sigma) * parameters.talk_median_s * self._talk_factor
        wrap_up_s = self._rng.lognormvariate(0.0, parameters.wrap_up_sigma) * parameters.wrap_up_median_s
        self._talking[agent] = now_s
        self.free_at[agent] = now_s + talk_s + wrap_up_s
        self._at(now_s + talk_s, TALK_ENDED, agent)
        self._at(now_s + talk_s + wrap_up_s, WRAPPED_UP, agent)

    def _become_free(self, agent: int, now_s: float) -> None:
        self.free_at.pop(agent, None)
        if self._agents_in() >= self._agents_wanted:
            return
        if self._waiting:
            self._waiting.popleft()
            self._talk(agent, now_s)
        else:
            self._idle.append(agent)

    def _change(self, index: int, now_s: float) -> None:
        change = self.parameters.changes[index]
        if change.answer_rate is not None:
            self.answer_rate.become(change.answer_rate)
        if change.talk_factor is not None:
            self._talk_factor = change.talk_factor
        if change.agents_share is not None:
            self._agents_wanted = round(change.agents_share * self.parameters.agents)
            while self._agents_in() > self._agents_wanted and self._idle:
                self._idle.pop()
            while self._agents_in() < self._agents_wanted:
                self._become_free(self._next_agent, now_s)
                self._next_agent += 1

    def _agents_in(self) -> int:
        return len(self._idle) + len(self._talking) + len(self._wrapping)

    def _count_to(self, now_s: float) -> None:
        """Adds up busy and paid time since the last event, after the warm-up."""
        passed_s = now_s - max(self._counted_to_s, self.parameters.warm_up_s)
        self._counted_to_s = now_s
        if passed_s > 0:
            talking, busy = len(self._talking), len(self._talking) + len(self._wrapping)
            self._talk_s += passed_s * talking
            self._busy_s += passed_s * busy
            self._paid_s += passed_s * (busy + len(self._idle))

    def _at(self, at_s: float, kind: int, key: int) -> None:
        self._scheduled += 1
        heapq.heappush(self._heap, (at_s, self._scheduled, kind, key))
