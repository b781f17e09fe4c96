"""People who complain (模拟投诉), and the clerk of the enterprise who enters what reaches him."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Protocol

from baitie.app.ports.clock import Clock
from baitie.app.records.batch import Batch
from baitie.app.records.callers import CallerFound
from baitie.app.registers.complaints import complaint_batch
from baitie.app.registers.suspensions import FindsAttempts
from baitie.domain.complaints import Complaint, ComplaintSource
from baitie.kernel.errors import StoreError
from baitie.kernel.ids import AttemptId, time_ordered
from baitie.kernel.time import Instant

CLERK = "rehearsed-clerk"
ANSWERED_WITHIN_DAYS = 21
"""Fifteen working days, as the measures for complaints in China have it."""

FROZEN_DAYS = 30
"""The shipped value of `desk.complaint_freeze_days`."""

TRIES_AGAIN_S = 60.0
"""After a store that kept nothing."""


@dataclass(frozen=True, slots=True)
class ComplaintProfile:
    """Complaints (投诉) of people whom we called. By default nobody complains."""

    missed_rate: float = 0.0  # of calls that rang and were not taken
    answered_rate: float = 0.0
    after_median_h: float = 30.0  # from the call to the enterprise's register, by way of carrier or 12321
    after_sigma: float = 0.5


NO_COMPLAINTS = ComplaintProfile()


class Register(Protocol):
    """The part of a store that keeps an act at once (登记)."""

    def record_refusal_or_freeze(self, batch: Batch) -> None: ...


@dataclass(slots=True)
class Clerk:
    """Clerk (投诉登记员) over every life of the dialler: what was not entered before a crash is entered after it.

    `on_entered` is told of number and presented number, in E.164, once the store has kept it.
    """

    seed: int
    on_entered: Callable[[str, str], None] = field(default=lambda number, presented: None)
    _due: dict[tuple[str, str], Instant] = field(default_factory=dict)  # by number and attempt
    _clock: Clock | None = None
    _calls: FindsAttempts | None = None
    _register: Register | None = None

    def begin(self, clock: Clock, calls: FindsAttempts, register: Register) -> None:
        """A life of the dialler begins, on this clock: where calls are found, and where acts are kept."""
        self._clock, self._calls, self._register = clock, calls, register
        for complaint in list(self._due):
            self._wait_for(complaint)

    def hear(self, number: str, attempt: str, after_s: float) -> None:
        """Somebody complains of this attempt; it reaches the clerk after so long."""
        assert self._clock is not None
        self._due[number, attempt] = Instant(self._clock.now() + after_s)
        self._wait_for((number, attempt))

    def _wait_for(self, complaint: tuple[str, str]) -> None:
        assert self._clock is not None
        self._clock.call_at(max(self._due[complaint], self._clock.now()), partial(self._enter, complaint))

    def _enter(self, complaint: tuple[str, str]) -> None:
        assert self._clock is not None
        assert self._calls is not None
        assert self._register is not None
        number, attempt = complaint
        found = self._calls.caller_of(AttemptId(attempt))
        if found is None:  # nothing is kept of this call: the clerk cannot tell who complains
            del self._due[complaint]
            return
        try:
            self._register.record_refusal_or_freeze(self._batch(found, self._clock))
        except StoreError:
            self._due[complaint] = Instant(self._clock.now() + TRIES_AGAIN_S)
            self._wait_for(complaint)
            return
        del self._due[complaint]
        self.on_entered(number, found.attempt.presented_number.e164())

    def _batch(self, found: CallerFound, clock: Clock) -> Batch:
        at, attempt = clock.civil_now(), found.attempt
        rng = random.Random(f"{self.seed}/{attempt.attempt_id}/complaint")
        complaint = Complaint(
            complaint_id=time_ordered("cm", int(at.timestamp() * 1000), rng.getrandbits),
            callee_id=attempt.callee_id,
            source=ComplaintSource.REGISTRY_12321,
            received_at=at,
            due_on=(at + timedelta(days=ANSWERED_WITHIN_DAYS)).date(),
            due_rule="house",
            actor=CLERK,
            campaign_id=attempt.campaign_id,
            attempt_id=attempt.attempt_id,
            presented=attempt.presented_number.e164(),
        )
        suspension_id = time_ordered("ns", int(at.timestamp() * 1000), rng.getrandbits)
        return complaint_batch(complaint, at, at + timedelta(days=FROZEN_DAYS), suspension_id)
