"""Bugs planted on purpose: each breaks the dialler in one way that the invariants of a rehearsed day must catch."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from tests.rehearsal.world import rules

from baitie.app.calling import attempt_end, recovery
from baitie.app.calling.replies import Replies
from baitie.app.ports.messages import MessageReceived
from baitie.app.records.batch import Batch
from baitie.domain.dialing.leases import LeaseBook
from baitie.kernel.ids import AttemptId
from baitie.kernel.journal import JournalKind
from baitie.kernel.records import LeadState
from baitie.rehearsal.faults.surroundings import FaultyStore
from baitie.rehearsal.invariants import Invariant
from baitie.rehearsal.scenario import Scenario

NTH = 20
"""Bugs that strike now and then strike every so many times."""


@dataclass(frozen=True, slots=True)
class PlantedBug:
    """A bug, how to plant it, and the invariant that must catch it."""

    name: str
    caught_by: Invariant
    plant: Callable[[pytest.MonkeyPatch], None] = lambda patch: None
    alter: Callable[[Scenario], Scenario] = lambda scenario: scenario  # what the dialler is given instead


def _no_rules(scenario: Scenario) -> Scenario:
    """Breaks the rules: those of another country are asked, and it is early in the morning."""
    campaign = replace(scenario.campaign, rules=rules("us-core"), windows=())
    return replace(scenario, campaign=campaign, civil_start=scenario.civil_start.replace(hour=4))


def _leak_leases(patch: pytest.MonkeyPatch) -> None:
    give_back, seen = LeaseBook.give_back, list[AttemptId]()

    def forgetful(self: LeaseBook, holder: AttemptId) -> None:
        seen.append(holder)
        if len(seen) % NTH:
            give_back(self, holder)

    patch.setattr(LeaseBook, "give_back", forgetful)


def _forget_opt_outs(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Replies, "on_received", lambda self, message: _ignored(message))


def _ignored(message: MessageReceived) -> None:
    """Nobody reads what callees write."""


def _dial_again_after_a_crash(patch: pytest.MonkeyPatch) -> None:
    close_unknown = attempt_end.close_unknown

    def careless(record: Any, lead: Any, civil_now: Any) -> Any:
        ended, closed = close_unknown(record, lead, civil_now)
        return ended, replace(closed, state=LeadState.WAITING, not_before=civil_now + timedelta(minutes=1))

    patch.setattr(recovery, "close_unknown", careless)


def _lose_outcomes(patch: pytest.MonkeyPatch) -> None:
    commit, seen = FaultyStore.commit, list[int]()

    def careless(self: FaultyStore, batch: Batch) -> Awaitable[None]:
        for entry in [entry for entry in batch.journal if entry.kind is JournalKind.ATTEMPT_ENDED]:
            seen.append(1)
            if not len(seen) % NTH:
                batch.journal = [kept for kept in batch.journal if kept is not entry]
        return commit(self, batch)

    patch.setattr(FaultyStore, "commit", careless)


def _ring_without_waiting(scenario: Scenario) -> Scenario:
    policy = replace(scenario.campaign.policy, receipt_wait_s=0.05)
    return replace(scenario, campaign=replace(scenario.campaign, policy=policy))


def _ring_before_the_card_is_read(scenario: Scenario) -> Scenario:
    policy = replace(scenario.campaign.policy, ring_after_receipt_s=0.05)
    return replace(scenario, campaign=replace(scenario.campaign, policy=policy))


PLANTED_BUGS = (
    PlantedBug("breaks-rules", Invariant.HOURS, alter=_no_rules),
    PlantedBug("leaks-leases", Invariant.LEASES, _leak_leases),
    PlantedBug("forgets-opt-outs", Invariant.FORGOTTEN, _forget_opt_outs),
    PlantedBug("dials-again-after-a-crash", Invariant.TWICE, _dial_again_after_a_crash),
    PlantedBug("loses-outcomes", Invariant.OUTCOMES, _lose_outcomes),
    PlantedBug("rings-without-waiting", Invariant.CARD, alter=_ring_without_waiting),
    PlantedBug("rings-before-the-card-is-read", Invariant.CARD, alter=_ring_before_the_card_is_read),
)
