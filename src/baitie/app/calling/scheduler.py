"""The scheduler of a run: begins attempts when something came free or came due, and sleeps until then."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from baitie.app.agents.agent_calls import AgentCalls
from baitie.app.calling.attempt_driver import AttemptDriver
from baitie.app.calling.planner import Planner
from baitie.app.calling.progress import Progress, RunEnd, WaitsFor
from baitie.app.campaign.campaign import Campaign
from baitie.app.inbound.controller import InboundSide
from baitie.app.ports.clock import Clock, TimerHandle
from baitie.domain.dialing.pacing import AttemptPacer
from baitie.kernel.time import Instant


@dataclass(frozen=True, slots=True)
class Scheduled:
    """What a scheduler runs (调度对象). While `may_plan` says no it begins nothing, and somebody asks for a run when
    that is over."""

    planner: Planner
    driver: AttemptDriver
    agents: AgentCalls | None
    inbound: InboundSide
    may_plan: Callable[[Instant], bool]


class CallScheduler:
    """Scheduler (调度器) of one run: `request_run` whenever something changed; it runs once in that instant.

    `end` says that nothing more shall begin, and why; `done` is set when nothing is left to wait for. It runs from
    `begin` on; what is asked before waits until then.
    """

    __slots__ = (
        "_campaign",
        "_clock",
        "_is_permit_wanted",
        "_is_wanted",
        "_pacer",
        "_progress",
        "_scheduled",
        "_wake",
        "_wake_at",
        "done",
        "end",
    )

    def __init__(self, campaign: Campaign, clock: Clock, progress: Progress) -> None:
        self._campaign, self._clock, self._progress = campaign, clock, progress
        self._pacer = AttemptPacer(campaign.trunk.attempts_per_s)
        self._scheduled: Scheduled | None = None
        self._is_wanted = self._is_permit_wanted = False
        self._wake: TimerHandle | None = None
        self._wake_at: Instant | None = None
        self.done = asyncio.Event()
        self.end: RunEnd | None = None

    def begin(self, scheduled: Scheduled) -> None:
        """Run these from now on."""
        self._scheduled = scheduled

    def request_run(self) -> None:
        """Something came free, came due or ended: run once, after what else happens in this instant."""
        if not self._is_wanted:
            self._is_wanted = True
            self._clock.call_at(self._clock.now(), self._run_once)

    def request_permit(self) -> None:
        """An attempt waits for the trunk, and nothing else has changed: no run unless the trunk is not free."""
        if not self._is_wanted and not self._is_permit_wanted:
            self._is_permit_wanted = True
            self._clock.call_at(self._clock.now(), self._permit)

    def wake(self) -> None:
        """Do not sleep on: what was waited for may be due."""
        if self._wake is not None:
            self._wake.cancel()
        self._on_wake()

    def leads_ready(self) -> int:
        """Leads that may become attempts now; none at the end, or while a budget or every number is used up."""
        scheduled, civil_now = self._scheduled, self._clock.civil_now()
        if scheduled is None or self.end is not None or not scheduled.may_plan(self._clock.now()):
            return 0
        next_at = self._next_plannable_at(scheduled.planner, civil_now)
        return 0 if next_at is not None and next_at > civil_now else scheduled.planner.queue.count_ready(civil_now)

    def _permit(self) -> None:
        self._is_permit_wanted = False
        if self._scheduled is not None and not self.done.is_set():
            self._grant_permits(self._scheduled.driver, self._clock.now())
            if self._scheduled.driver.wants_permit():
                self.request_run()

    def _grant_permits(self, driver: AttemptDriver, now: Instant) -> None:
        while driver.wants_permit() and self._pacer.try_take(now):
            driver.grant_permit()

    def _run_once(self) -> None:
        self._is_wanted = False
        scheduled, progress = self._scheduled, self._progress
        if scheduled is None or self.done.is_set():
            return
        # Read once: what stood in the way must be judged by the same instant, or a wake-up is missed between two.
        now, civil_now = self._clock.now(), self._clock.civil_now()
        planner = scheduled.planner
        self._grant_permits(scheduled.driver, now)
        if self.end is None and scheduled.may_plan(now) and planner.plan_some(now, civil_now):
            self.request_run()
            return
        progress.waiting = len(planner.queue) + progress.without_card.total()
        progress.next_at = planner.queue.next_at()
        if scheduled.agents is not None:
            scheduled.agents.share()
        self._finish_or_sleep(scheduled, now, civil_now)

    def _finish_or_sleep(self, scheduled: Scheduled, now: Instant, civil_now: datetime) -> None:
        is_idle = not scheduled.driver.live and not scheduled.inbound.is_busy
        if is_idle and (self.end is not None or self._nothing_soon(scheduled, civil_now)):
            self.done.set()
            return
        wake_at = self._next_wake(scheduled, now, civil_now)
        if wake_at is not None and wake_at != self._wake_at:
            if self._wake is not None:
                self._wake.cancel()
            self._wake_at = wake_at
            self._wake = self._clock.call_at(wake_at, self._on_wake)

    def _on_wake(self) -> None:
        self._wake = self._wake_at = None
        self.request_run()

    def _next_wake(self, scheduled: Scheduled, now: Instant, civil_now: datetime) -> Instant | None:
        """When to run again by itself. A ready lead that did not go waits for a lease, whose return requests a run."""
        planner, agents = scheduled.planner, scheduled.agents
        due = [self._pacer.free_at()] if scheduled.driver.wants_permit() else []
        if self.end is None and len(planner.queue) and scheduled.may_plan(now):
            has_leads = planner.queue.has_ready(civil_now)
            may_plan_at = planner.pacer.free_at()
            if may_plan_at > now:
                due.append(may_plan_at)
            elif not (has_leads and planner.lacks_places):  # no budget and no rested number would help
                next_at = self._next_plannable_at(planner, civil_now)
                if next_at is not None:
                    due.append(self._clock.instant_of(next_at))
            if agents is not None:
                due += agents.looks_at(now, has_leads=has_leads)
        return min(due, default=None)

    def _next_plannable_at(self, planner: Planner, civil_now: datetime) -> datetime | None:
        """When planning may succeed without anything else happening: the next lead's time, the budget's next day, or
        when a number has rested."""
        if planner.queue.has_ready(civil_now):
            ends = (self._next_budget_day(planner, civil_now), planner.numbers.free_at(civil_now))
            return max((at for at in ends if at is not None), default=None)
        return planner.queue.next_at()

    def _next_budget_day(self, planner: Planner, civil_now: datetime) -> datetime | None:
        campaign = self._campaign
        if campaign.attempts_max_per_day is None or planner.leases.free(planner.budget_key(civil_now)) > 0:
            return None
        tomorrow = campaign.budget_day(civil_now) + timedelta(days=1)
        return datetime.combine(tomorrow, time.min, campaign.zone)

    def _nothing_soon(self, scheduled: Scheduled, civil_now: datetime) -> bool:
        """Whether the queue is empty, or its next lead is too far away for this run to wait."""
        planner, progress = scheduled.planner, self._progress
        if not len(planner.queue):
            if progress.without_card:
                return self._waits(WaitsFor.CARDS, None)
            self.end = RunEnd.FINISHED
            return True
        next_at = self._next_plannable_at(planner, civil_now)
        if scheduled.agents is not None and scheduled.agents.is_deserted():
            return self._waits(WaitsFor.AGENTS, next_at)
        if next_at is None or (next_at - civil_now).total_seconds() <= self._campaign.idle_wait_max_s:
            return False
        return self._waits(self._why(planner, civil_now), next_at)

    def _waits(self, reason: WaitsFor, next_at: datetime | None) -> bool:
        self.end = RunEnd.WAITING
        self._progress.waits_for, self._progress.next_at = reason, next_at
        return True

    def _why(self, planner: Planner, civil_now: datetime) -> WaitsFor:
        if not planner.queue.has_ready(civil_now):
            return WaitsFor.LEADS
        return WaitsFor.NUMBERS if self._next_budget_day(planner, civil_now) is None else WaitsFor.BUDGET
