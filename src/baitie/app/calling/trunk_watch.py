"""Heeds what becomes of the trunk's registration while a run goes on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from baitie.app.calling.progress import Progress, TrunkLoss
from baitie.app.campaign.campaign import Campaign
from baitie.app.ports.calls import TrunkEvent, TrunkUnregistered
from baitie.app.ports.clock import Clock, TimerHandle
from baitie.kernel.time import Instant

REGISTRATION_LOST = "registration-lost"


@dataclass(slots=True)
class TrunkWatch:
    """Trunk watch (中继看护) of one run. Without a registration no attempt begins, so that no card goes ahead of a call
    that cannot follow; what is under way goes on, and fails with the carrier's word where it must.

    `want_plan` is called when attempts may begin again; `give_up` when the registration stayed away for as long as a
    run waits for its next lead.
    """

    campaign: Campaign
    clock: Clock
    progress: Progress
    want_plan: Callable[[], None]
    give_up: Callable[[], None]
    _stands_until: Instant | None = None  # None: it stands
    _end: TimerHandle | None = field(default=None)
    _is_over: bool = False

    def on_event(self, event: TrunkEvent) -> None:
        """What the gateway tells of a trunk."""
        if event.trunk != self.campaign.trunk.name or self._is_over:
            return
        if isinstance(event, TrunkUnregistered):
            self._on_lost(event)
        elif self._stands_until is not None:
            self._stands_until = self.progress.trunk_loss = None
            self._stop_timer()
            self.want_plan()

    def may_plan(self, now: Instant) -> bool:
        """Whether an attempt may begin: what was granted before stands until it runs out."""
        return self._stands_until is None or now < self._stands_until

    def leave(self) -> None:
        """The run is over: whatever the gateway tells afterwards is not for it."""
        self._is_over = True
        self._stop_timer()

    def _on_lost(self, event: TrunkUnregistered) -> None:
        until = Instant(self.clock.now() + event.stands_s)
        if self._stands_until is None:
            self.progress.trunk_losses += 1
            waits = timedelta(seconds=event.stands_s + self.campaign.idle_wait_max_s)
            ends_at = self.clock.instant_of(self.clock.civil_now() + waits)
            self._end = self.clock.call_at(ends_at, self.give_up)
        self._stands_until = until if self._stands_until is None else min(until, self._stands_until)
        self.progress.trunk_loss = TrunkLoss(event.trunk, event.cause, event.sip_status)

    def _stop_timer(self) -> None:
        if self._end is not None:
            self._end.cancel()
            self._end = None
