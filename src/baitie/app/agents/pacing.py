"""How many attempts a campaign may begin now: its controller, told how agents and attempts stand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from baitie.app.campaign.agent_plan import AgentPlan
from baitie.app.ports.clock import Clock
from baitie.domain.agents import AgentPool, AgentState
from baitie.domain.dialing.attempt import NO_AGENT
from baitie.domain.dialing.pacing.abandonment import AbandonmentBudget
from baitie.domain.dialing.pacing.controllers import PacingMode, consider, controller_of
from baitie.domain.dialing.pacing.memory import PacingMemory
from baitie.domain.dialing.pacing.state import PacingController, PacingState
from baitie.domain.metrics.facts import is_abandoned, is_answered_by_person
from baitie.kernel.ids import AttemptId, CampaignId
from baitie.kernel.records import AttemptRecord
from baitie.kernel.time import Instant


@dataclass(slots=True)
class BotPace:
    """Pace of the bot (机器人节拍): as many as there are channels."""

    channels_free: Callable[[], int]
    _controller: PacingController = field(default_factory=lambda: controller_of(PacingMode.BOT))

    def places(self, now: Instant) -> int:
        """How many attempts may begin."""
        return self._controller.decide(PacingState(channels_free=self.channels_free()), now)


@dataclass(slots=True)
class AgentPace:
    """Pace of a campaign with agents (坐席节拍): what it learns, what it may still abandon, what it decides.

    An attempt counts from its beginning, its card included: the controller learns the time until an answer from there.
    """

    plan: AgentPlan
    campaign_id: CampaignId
    pool: AgentPool
    channels_free: Callable[[], int]
    budget: AbandonmentBudget
    memory: PacingMemory = field(default_factory=PacingMemory)
    begun: dict[AttemptId, Instant] = field(default_factory=dict)  # neither answered nor ended
    waiting: int = 0
    asked: int = 0  # leads asked for by hand
    _controller: PacingController = field(init=False)
    _look_after_s: float | None = None
    _none_for: tuple[object, ...] | None = None  # for what it last decided to place none though channels were free

    def __post_init__(self) -> None:
        self._controller = controller_of(self.plan.mode)

    def places(self, now: Instant) -> int:
        """How many attempts may begin."""
        pool, campaign_id, channels_free = self.pool, self.campaign_id, self.channels_free()
        idle = pool.idle(campaign_id)
        talking_since = pool.busy_since(campaign_id, AgentState.RINGING, AgentState.TALKING)
        wrapping_up_since = pool.busy_since(campaign_id, AgentState.WRAP_UP)
        ringing_since = list(self.begun.values())
        asked = idle if self.plan.mode is PacingMode.PREVIEW else min(self.asked, idle)
        answers, abandoned = self.budget.answers, self.budget.abandoned
        told = (now, idle, talking_since, wrapping_up_since, ringing_since, self.waiting, asked, answers, abandoned)
        if channels_free > 0 and told == self._none_for:
            return 0
        state = PacingState(
            idle_agents=idle,
            talking_since=talking_since,
            wrapping_up_since=wrapping_up_since,
            ringing_since=ringing_since,
            waiting=self.waiting,
            channels_free=channels_free,
            attempts_asked=asked,
            memory=self.memory,
            budget=self.budget,
        )
        count, self._look_after_s = consider(self._controller, state, now)
        self._none_for = told if count == 0 < channels_free else None
        return count

    def next_look(self, now: Instant) -> Instant | None:
        """When to ask again though nothing happens."""
        if self._look_after_s is None or not self.pool.logged_in(self.campaign_id):
            return None
        return Instant(now + self._look_after_s)

    def carry_in(self, earlier: Sequence[AttemptRecord], clock: Clock) -> None:
        """Count what earlier runs answered and abandoned within the ceiling's window."""
        since = clock.civil_now() - timedelta(seconds=self.plan.ceiling.window_s)
        for attempt in sorted(earlier, key=lambda attempt: attempt.planned_at):
            answered_at, was_abandoned = attempt.answered_at, is_abandoned(attempt)
            if was_abandoned:  # where it was thrown away at once, nothing is known of the answer
                answered_at = answered_at or attempt.ended_at
            # What a crash left open is read here before its recovery is kept.
            was_abandoned = was_abandoned or attempt.failure_cause == NO_AGENT
            if answered_at is not None and answered_at >= since and (was_abandoned or is_answered_by_person(attempt)):
                self.budget.carry_in(1, int(was_abandoned), clock.instant_of(answered_at))

    # What is learnt

    def on_begun(self, attempt_id: AttemptId, now: Instant) -> None:
        """An attempt begins."""
        self.begun[attempt_id] = now

    def on_settled(self, attempt_id: AttemptId, is_answered: bool, now: Instant) -> None:
        """An attempt was answered, or ended otherwise."""
        began_at = self.begun.pop(attempt_id, None)
        if began_at is not None:
            self.memory.on_attempt_ended(now - began_at, is_answered, now)

    def on_served(self, now: Instant) -> None:
        """A person was in time connected to an agent. Told at the end of the talk, when it is known to be a person."""
        self.budget.on_answered(now)

    def on_abandoned(self, now: Instant) -> None:
        """Somebody answered, and no agent came in time. Who it was cannot be known: it counts as a person."""
        self.budget.on_answered(now)
        self.budget.on_abandoned(now)
