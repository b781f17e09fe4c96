"""A call gateway without a network: the population says what each call meets."""

from collections import deque
from collections.abc import Callable, MutableSequence, Sequence
from dataclasses import dataclass, field
from functools import partial

from baitie.app.ports.calls import (
    CallAnswered,
    CallEnded,
    CallEvent,
    CallFailed,
    CallRinging,
    KeyPressed,
    PlaceCall,
    PlayFinished,
)
from baitie.app.ports.clock import Clock, TimerHandle
from baitie.kernel.errors import Party
from baitie.kernel.ids import AttemptId
from baitie.kernel.outcome import CallFailure, EndedBy, Outcome
from baitie.kernel.time import Instant
from baitie.rehearsal.people import ANSWERS, MACHINES, RINGS_NOT, CallPlan, Reaction
from baitie.rehearsal.population import Population

FAILURES: dict[Reaction, CallFailure] = {
    Reaction.BUSY: CallFailure("callee-busy", Party.CALLEE, True, Outcome.BUSY, 486),
    Reaction.REJECTED: CallFailure("callee-rejected", Party.CALLEE, True, Outcome.REJECTED, 603),
    Reaction.POWERED_OFF: CallFailure("callee-powered-off", Party.CALLEE, True, Outcome.POWERED_OFF, 480),
    Reaction.UNALLOCATED: CallFailure("number-unallocated", Party.ENTERPRISE, False, Outcome.UNALLOCATED, 404),
    Reaction.UNREACHABLE: CallFailure("callee-unreachable", Party.CARRIER, True, Outcome.UNREACHABLE, 480),
    Reaction.NO_ANSWER: CallFailure("ring-timeout", Party.CALLEE, True, Outcome.NO_ANSWER, 408),
    Reaction.CONGESTED: CallFailure("carrier-congested", Party.CARRIER, True, Outcome.FAILED, 503),
    Reaction.NUMBER_BARRED: CallFailure("forbidden-by-carrier", Party.ENTERPRISE, False, Outcome.FAILED, 403),
}
CANCELLED = CallFailure("cancelled", Party.ENTERPRISE, True, Outcome.NO_ANSWER, 487)


@dataclass(slots=True)
class _Call:
    plan: CallPlan
    order: PlaceCall
    is_answered: bool = False
    timers: list[TimerHandle] = field(default_factory=list)
    plays: deque[tuple[int, float]] = field(default_factory=deque)  # id and length of what is played, and waits
    play_timer: TimerHandle | None = None
    silence_timer: TimerHandle | None = None


@dataclass(slots=True)
class SimulatedCalls:
    """Call gateway (模拟呼叫) over people. `prompt_s` gives a prompt's length; `hour_of_week` that of the callee."""

    clock: Clock
    population: Population
    prompt_s: Callable[[str], float]
    hour_of_week: Callable[[str], int]
    silence_borne_s: Callable[[AttemptId], float] | None = None  # how long a callee bears silence; None: without end
    placed: MutableSequence[PlaceCall] = field(default_factory=list)  # as many as it takes up
    on_over: Callable[[PlaceCall, CallPlan], None] = field(default=lambda order, plan: None)
    is_callee_simulated_here: bool = True
    _listener: Callable[[CallEvent], None] = field(default=lambda event: None)
    _calls: dict[AttemptId, _Call] = field(default_factory=dict)

    def listen(self, on_event: Callable[[CallEvent], None]) -> None:
        self._listener = on_event

    async def start(self) -> None:
        """Nothing to start."""

    async def close(self) -> None:
        """End what is left."""
        for attempt_id, call in list(self._calls.items()):
            ended = CallEnded(attempt_id, EndedBy.US) if call.is_answered else CallFailed(attempt_id, CANCELLED)
            self._finish(attempt_id, ended)

    def place(self, order: PlaceCall) -> None:
        now, number = self.clock.now(), order.to.e164()
        self.placed.append(order)
        plan = self.population.on_call(number, self.hour_of_week(number), now, order.presented_number.e164())
        call = self._calls[order.attempt_id] = _Call(plan, order)
        if plan.reaction in RINGS_NOT:
            self._later(call, plan.setup_s, self._fail, order.attempt_id, FAILURES[plan.reaction])
            return
        self._later(call, plan.setup_s, self._ring, order.attempt_id)
        if plan.reaction in ANSWERS:
            self._later(call, plan.setup_s + plan.ring_s, self._answer, order.attempt_id)
        else:
            self._later(call, plan.setup_s + plan.ring_s, self._fail, order.attempt_id, FAILURES[plan.reaction])

    def cancel(self, attempt_id: AttemptId) -> None:
        call = self._calls.get(attempt_id)
        if call is not None and not call.is_answered:
            self._drop_timers(call)
            self._later(call, 0.02, self._fail, attempt_id, CANCELLED)

    def hang_up(self, attempt_id: AttemptId) -> None:
        call = self._calls.get(attempt_id)
        if call is not None:
            self._drop_timers(call)
            self._later(call, 0.02, self._finish, attempt_id, CallEnded(attempt_id, EndedBy.US))

    def play(self, attempt_id: AttemptId, play_id: int, prompts: Sequence[str]) -> None:
        call = self._calls.get(attempt_id)
        if call is None:
            return
        self._end_silence(call)
        call.plays.append((play_id, sum(self.prompt_s(prompt) for prompt in prompts)))
        if len(call.plays) == 1:
            self._play_next(attempt_id, call)

    # Agents on the line

    def join(self, attempt_id: AttemptId) -> bool:
        """An agent is on the line: from here on the two of them decide when it ends. False where it has ended."""
        call = self._calls.get(attempt_id)
        if call is None or not call.is_answered:
            return False
        self._drop_timers(call)
        return True

    def end_by_callee(self, attempt_id: AttemptId) -> None:
        """The callee hangs up."""
        self._finish(attempt_id, CallEnded(attempt_id, EndedBy.CALLEE))

    def is_machine(self, attempt_id: AttemptId) -> bool:
        """Whether a mailbox or an assistant answered."""
        call = self._calls.get(attempt_id)
        return call is not None and call.plan.reaction in MACHINES

    def _end_silence(self, call: _Call) -> None:
        if call.silence_timer is not None:
            call.silence_timer.cancel()
            call.silence_timer = None

    def stop_playing(self, attempt_id: AttemptId) -> None:
        call = self._calls.get(attempt_id)
        if call is None or not call.plays:
            return
        if call.play_timer is not None:
            call.play_timer.cancel()
        stopped, call.plays = call.plays, deque()
        for play_id, _ in stopped:
            self._later(call, 0.0, self._report, attempt_id, PlayFinished(attempt_id, play_id, was_stopped=True))

    def _play_next(self, attempt_id: AttemptId, call: _Call) -> None:
        ends_at = Instant(self.clock.now() + call.plays[0][1])
        call.play_timer = self.clock.call_at(ends_at, partial(self._played, attempt_id, call))

    def _played(self, attempt_id: AttemptId, call: _Call) -> None:
        play_id, _ = call.plays.popleft()
        if call.plays:
            self._play_next(attempt_id, call)
        self._listener(PlayFinished(attempt_id, play_id, was_stopped=False))

    def _later(self, call: _Call, after_s: float, action: Callable[..., None], *arguments: object) -> None:
        when = Instant(self.clock.now() + after_s)
        call.timers.append(self.clock.call_at(when, partial(action, *arguments)))

    def _drop_timers(self, call: _Call) -> None:
        for timer in call.timers:
            timer.cancel()
        call.timers.clear()
        self._end_silence(call)
        if call.play_timer is not None:
            call.play_timer.cancel()

    def _ring(self, attempt_id: AttemptId) -> None:
        self._listener(CallRinging(attempt_id, 180, early_media=False))

    def _answer(self, attempt_id: AttemptId) -> None:
        call = self._calls[attempt_id]
        call.is_answered = True
        for after_s, key in call.plan.keys:
            self._later(call, after_s, self._press, attempt_id, key)
        if call.plan.hang_up_after_s is not None:
            ended = CallEnded(attempt_id, EndedBy.CALLEE)
            self._later(call, call.plan.hang_up_after_s, self._finish, attempt_id, ended)
        if self.silence_borne_s is not None and call.plan.reaction is Reaction.ANSWER:
            gives_up_at = Instant(self.clock.now() + self.silence_borne_s(attempt_id))
            call.silence_timer = self.clock.call_at(gives_up_at, partial(self.end_by_callee, attempt_id))
        self._listener(CallAnswered(attempt_id))

    def _press(self, attempt_id: AttemptId, key: str) -> None:
        self._report(attempt_id, KeyPressed(attempt_id, key))

    def _report(self, attempt_id: AttemptId, event: CallEvent) -> None:
        if attempt_id in self._calls:
            self._listener(event)

    def _fail(self, attempt_id: AttemptId, failure: CallFailure) -> None:
        self._finish(attempt_id, CallFailed(attempt_id, failure))

    def _finish(self, attempt_id: AttemptId, event: CallEvent) -> None:
        call = self._calls.pop(attempt_id, None)
        if call is not None:
            self._drop_timers(call)
            self.on_over(call.order, call.plan)
            self._listener(event)
