"""People who complain on a rehearsed day: the clerk enters it, whoever complained is left alone, the number rests."""

import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from tests.rehearsal.test_fault_days import plan_of

from baitie.bootstrap.folders import read_folder
from baitie.bootstrap.rehearsing import memory_stores, read_scenario
from baitie.domain.complaints import NumberSuspension
from baitie.kernel.journal import JournalKind
from baitie.rehearsal.complaining import CLERK, ComplaintProfile
from baitie.rehearsal.crowd import with_leads
from baitie.rehearsal.faults.faulted_day import faulted_day
from baitie.rehearsal.invariants import Invariant
from baitie.rehearsal.rehearse import RehearsedRun, rehearse_once
from baitie.rehearsal.scenario import Scenario

EXAMPLE = Path(__file__).parents[2] / "examples" / "order-followup"


def scenario(answered_rate: float, after_median_h: float = 0.002) -> Scenario:
    """The example with people who complain soon; the loopback's clock runs fast, so hours are monotonic ones."""
    base = with_leads(read_scenario(read_folder(EXAMPLE, dict(os.environ))), 120)
    return replace(
        base, profile=replace(base.profile, complaints=ComplaintProfile(0.0, answered_rate, after_median_h, 0.3))
    )


def entries(run: RehearsedRun, kind: JournalKind) -> list[dict[str, object]]:
    return [dict(entry.facts) for _, entry in run.store.journal() if entry.kind is kind]


def rehearsed(found: Scenario, seed: int = 1) -> RehearsedRun:
    return rehearse_once(found, seed, memory_stores())


def test_a_complaint_is_entered_freezes_whoever_complained_and_suspends_the_number() -> None:
    run = rehearsed(scenario(0.1))
    received = entries(run, JournalKind.COMPLAINT_RECEIVED)
    suspended = entries(run, JournalKind.NUMBER_SUSPENDED)
    frozen = [fact for fact in entries(run, JournalKind.CALLEE_FROZEN) if fact.get("rule") == "complaint"]
    run.close()
    assert received
    assert len(received) == len(suspended) == len(frozen)
    assert {fact["actor"] for fact in received} == {CLERK}
    assert {fact["number"] for fact in suspended} <= {"+862150000100", "+862150000101"}


def test_no_later_attempt_shows_a_number_that_was_complained_of() -> None:
    run = rehearsed(scenario(0.1))
    first: dict[str, datetime] = {}
    for _, entry in run.store.journal():
        if entry.kind is JournalKind.NUMBER_SUSPENDED:
            first.setdefault(str(entry.facts["number"]), entry.at)
    attempts = run.store.attempts(run.scenario.campaign.campaign_id)
    run.close()
    sent = [(one.presented_number.e164(), one.invite_sent_at) for one in attempts if one.invite_sent_at is not None]
    assert first
    assert not [number for number, at in sent if number in first and at > first[number]]


def test_nobody_complains_where_the_profile_says_so() -> None:
    run = rehearsed(scenario(0.0))
    assert entries(run, JournalKind.COMPLAINT_RECEIVED) == []
    run.close()


def test_complaints_come_as_late_as_the_profile_says() -> None:
    run = rehearsed(scenario(0.5, after_median_h=1000.0))
    assert entries(run, JournalKind.COMPLAINT_RECEIVED) == []
    run.close()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_days_with_faults_and_complaints_keep_every_promise(seed: int) -> None:
    found = faulted_day(scenario(0.05), plan_of("all"), seed, memory_stores())
    assert found.violations == ()


def test_a_dialler_that_forgets_suspensions_and_freezes_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NumberSuspension, "is_active", False)
    caught = {
        violation.invariant
        for seed in range(4)
        for violation in faulted_day(scenario(0.2), plan_of("none"), seed, memory_stores()).violations
    }
    assert Invariant.COMPLAINED in caught


def test_the_same_seed_complains_in_the_same_way() -> None:
    first, second = rehearsed(scenario(0.1)), rehearsed(scenario(0.1))
    assert first.journal_hash() == second.journal_hash()
    first.close()
    second.close()
