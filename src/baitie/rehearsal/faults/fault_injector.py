"""Carries a fault plan out on one rehearsed day, over every life of the dialler."""

import random
from asyncio import AbstractEventLoop
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from baitie.app.ports.calls import CallGateway
from baitie.app.ports.clock import Clock
from baitie.app.ports.messages import MessageGateway
from baitie.app.ports.run_store import RunStore
from baitie.kernel.time import Instant
from baitie.rehearsal.faults.channels import FaultyCalls, FaultyMessages, Mishaps
from baitie.rehearsal.faults.plan import Fault, FaultPlan, Outage, draw
from baitie.rehearsal.faults.surroundings import FaultyStore, JumpingClock
from baitie.rehearsal.invariants.limits import Invariant
from baitie.rehearsal.invariants.online_checks import Invariants
from baitie.rehearsal.rehearse import FaultHooks, RehearsalStore, Stage
from baitie.rehearsal.virtual_clock import VirtualClock
from baitie.rehearsal.virtual_time import SimulatedCrash

DAY_S = 24 * 3600.0
"""Of civil time: what is planned per hour is drawn for so long."""

TOLD_SHARE = 0.5
"""Of vanishing agents: the connection breaks; else the desktop hangs, and acts no more."""


class FaultInjector:
    """Fault injector (故障注入): one plan on one day. `watch` sees the truth; `faults` are what was drawn."""

    def __init__(self, plan: FaultPlan, seed: int, civil_speed: float, watch: Invariants) -> None:
        self.plan, self.watch = plan, watch
        self._seed = seed
        self.mishaps: Counter[str] = Counter()
        drawn = draw(plan, DAY_S / civil_speed, civil_speed, random.Random(f"{seed}/faults"))
        has_agents = watch.scenario.campaign.agents is not None
        self.faults = tuple(fault for fault in drawn if has_agents or fault.outage is not Outage.AGENT_VANISHES)
        self._of = {outage: [fault for fault in self.faults if fault.outage is outage] for outage in Outage}

    def hooks(self) -> FaultHooks:
        """What a rehearsal needs."""
        return FaultHooks(self._store, self._calls, self._messages, self._clock, self._begin)

    def crash_waits_s(self, at_s: float) -> float:
        """After a kill at this instant: seconds until the dialler is started again."""
        return max(
            (fault.for_s for fault in self.faults if fault.outage is Outage.KILL and fault.at_s == at_s), default=1
        )

    def ends_at(self, outage: Outage, now: float) -> Instant | None:
        """When what is down now will be back; None where it is up."""
        ends = [fault.at_s + fault.for_s for fault in self._of[outage] if fault.at_s <= now < fault.at_s + fault.for_s]
        return Instant(max(ends)) if ends else None

    def _begin(self, stage: Stage) -> None:
        loop = stage.clock.loop
        for fault in self.faults:
            if fault.outage is Outage.KILL and fault.at_s > loop.time():
                loop.call_at(fault.at_s, partial(self._kill, stage))
            elif fault.outage is Outage.AGENT_VANISHES and fault.at_s > loop.time():
                loop.call_at(fault.at_s, partial(self._take_agent_away, stage, fault))
        loop.set_exception_handler(self._fell_over)
        self.watch.begin(stage)
        stage.clerk.on_entered = self.watch.complaint_entered

    def _kill(self, stage: Stage) -> None:
        self.watch.crashed()
        raise SimulatedCrash

    def _take_agent_away(self, stage: Stage, fault: Fault) -> None:
        """One of the agents who are there; every other time the dialler is told that the connection is gone."""
        if stage.workstation is not None:
            rng = random.Random(f"{self._seed}/{fault.at_s}/agent")
            stage.workstation.take_away(rng, fault.for_s, is_told=rng.random() < TOLD_SHARE)

    def _fell_over(self, loop: AbstractEventLoop, context: dict[str, Any]) -> None:
        """Something in the dialler raised, and nobody was there to take it."""
        error = context.get("exception")
        self.watch.broken(Invariant.STANDS, f"{type(error).__name__}: {error}" if error else str(context["message"]))

    def _is_down(self, clock: VirtualClock) -> Callable[[Outage], bool]:
        return lambda outage: self.ends_at(outage, clock.now()) is not None

    def _mishaps(self, stage: Stage, of: str) -> Mishaps:
        return Mishaps(self.plan, stage.clock, random.Random(f"{self._seed}/{stage.life}/{of}"), self.mishaps)

    def _calls(self, calls: CallGateway, stage: Stage) -> CallGateway:
        return FaultyCalls(calls, self._mishaps(stage, "calls"), self._is_down(stage.clock), self.watch)

    def _messages(self, messages: MessageGateway, stage: Stage) -> MessageGateway:
        def back_at(outage: Outage) -> Instant | None:
            return self.ends_at(outage, stage.clock.now())

        mishaps = self._mishaps(stage, "messages")
        return FaultyMessages(messages, mishaps, back_at, self.watch, self.watch.take_unkept())

    def _store(self, store: RehearsalStore, stage: Stage) -> RunStore:
        is_down = self._is_down(stage.clock)
        faulty = FaultyStore(store, lambda: is_down(Outage.STORE_DOWN))
        self.watch.has_store_failed = lambda: faulty.has_failed or is_down(Outage.STORE_DOWN)
        return cast(RunStore, faulty)

    def _clock(self, clock: VirtualClock, stage: Stage) -> Clock:
        jumps: tuple[Fault, ...] = tuple(self._of[Outage.CLOCK_JUMP])
        return JumpingClock(clock, jumps) if jumps else clock
