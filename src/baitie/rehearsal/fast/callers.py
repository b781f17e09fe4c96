"""People who return missed calls, without a network: an inbound gateway over the population."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from baitie.app.ports.arrivals import (
    ArrivalConfirmed,
    ArrivalEnded,
    ArrivalEvent,
    CallArrived,
    CallerHeard,
    CallerPressed,
    LineKey,
)
from baitie.app.ports.calls import PlaceCall
from baitie.app.ports.clock import Clock, TimerHandle
from baitie.kernel.outcome import EndedBy
from baitie.kernel.time import Instant
from baitie.rehearsal.people import CallBackPlan, CallPlan
from baitie.rehearsal.population import Population

ANSWER_LATENCY_S = 0.05
"""From our answer to its acknowledgement."""

HANG_UP_LATENCY_S = 0.02


@dataclass(slots=True)
class _Line:
    plan: CallBackPlan
    is_answered: bool = False
    timers: list[TimerHandle] = field(default_factory=list)
    plays: deque[tuple[int, float]] = field(default_factory=deque)
    play_timer: TimerHandle | None = None


@dataclass(slots=True)
class SimulatedCallers:
    """Inbound gateway (模拟回拨者) over the population. Give `on_call_over` to the gateway of outgoing calls."""

    clock: Clock
    population: Population
    prompt_s: Callable[[str], float]
    arrived: int = 0
    refused: list[int] = field(default_factory=list)  # SIP statuses
    _listener: Callable[[ArrivalEvent], None] | None = None
    _lines: dict[LineKey, _Line] = field(default_factory=dict)

    def listen(self, on_event: Callable[[ArrivalEvent], None] | None) -> None:
        self._listener = on_event

    def on_call_over(self, order: PlaceCall, plan: CallPlan) -> None:
        """A call to somebody is over, and they may ring back."""
        back = self.population.on_call_over(order.to.e164(), plan, order.attempt_id)
        if back is not None:
            arrives_at = Instant(self.clock.now() + back.after_s)
            self.clock.call_at(arrives_at, partial(self._arrive, order, back))

    def ring(self, line: LineKey) -> None:
        """The caller hears it."""

    def answer(self, line: LineKey, recording: Path | None) -> None:
        call = self._lines.get(line)
        if call is not None and not call.is_answered:
            call.is_answered = True
            self._later(call, ANSWER_LATENCY_S, self._confirm, line, call)

    def refuse(self, line: LineKey, sip_status: int) -> None:
        self.refused.append(sip_status)
        self._end_later(line, EndedBy.US)

    def hang_up(self, line: LineKey) -> None:
        self._end_later(line, EndedBy.US)

    def play(self, line: LineKey, play_id: int, prompts: Sequence[str]) -> None:
        call = self._lines.get(line)
        if call is None:
            return
        call.plays.append((play_id, sum(self.prompt_s(prompt) for prompt in prompts)))
        if len(call.plays) == 1:
            self._play_next(line, call)

    def stop_playing(self, line: LineKey) -> None:
        call = self._lines.get(line)
        if call is None:
            return
        if call.play_timer is not None:
            call.play_timer.cancel()
        stopped, call.plays = call.plays, deque()
        for play_id, _ in stopped:
            self._later(call, 0.0, self._tell, line, CallerHeard(line, play_id, was_stopped=True))

    def arrive(self, call: CallArrived) -> None:
        """Somebody calls of whom nothing else is planned."""
        if self._listener is not None:
            self._listener(call)

    def _arrive(self, order: PlaceCall, plan: CallBackPlan) -> None:
        self.arrived += 1
        if self._listener is None:
            return
        line = LineKey(f"line-{self.arrived}")
        self._lines[line] = _Line(plan)
        caller = "" if plan.is_withheld else order.to.e164()
        dialled = (order.presented_number.e164(),)
        self._listener(CallArrived(line, caller, dialled, plan.is_withheld, order.trunk))

    def _confirm(self, line: LineKey, call: _Line) -> None:
        for after_s, key in call.plan.then.keys:
            self._later(call, after_s, self._tell, line, CallerPressed(line, key))
        if call.plan.then.hang_up_after_s is not None:
            self._later(call, call.plan.then.hang_up_after_s, self._finish, line, EndedBy.CALLEE)
        self._tell(line, ArrivalConfirmed(line))

    def _play_next(self, line: LineKey, call: _Line) -> None:
        ends_at = Instant(self.clock.now() + call.plays[0][1])
        call.play_timer = self.clock.call_at(ends_at, partial(self._played, line, call))

    def _played(self, line: LineKey, call: _Line) -> None:
        play_id, _ = call.plays.popleft()
        if call.plays:
            self._play_next(line, call)
        self._tell(line, CallerHeard(line, play_id, was_stopped=False))

    def _end_later(self, line: LineKey, by: EndedBy) -> None:
        call = self._lines.get(line)
        if call is not None:
            self._drop_timers(call)
            self._later(call, HANG_UP_LATENCY_S, self._finish, line, by)

    def _finish(self, line: LineKey, by: EndedBy) -> None:
        call = self._lines.pop(line, None)
        if call is not None:
            self._drop_timers(call)
            if self._listener is not None:
                self._listener(ArrivalEnded(line, by))

    def _tell(self, line: LineKey, event: ArrivalEvent) -> None:
        if line in self._lines and self._listener is not None:
            self._listener(event)

    def _later(self, call: _Line, after_s: float, action: Callable[..., None], *arguments: object) -> None:
        when = Instant(self.clock.now() + after_s)
        call.timers.append(self.clock.call_at(when, partial(action, *arguments)))

    def _drop_timers(self, call: _Line) -> None:
        for timer in call.timers:
            timer.cancel()
        call.timers.clear()
        if call.play_timer is not None:
            call.play_timer.cancel()
