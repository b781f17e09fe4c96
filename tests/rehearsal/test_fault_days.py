"""Days on which everything goes wrong keep every promise; and bugs planted on purpose are caught."""

import os
import random
import tomllib
from importlib import resources
from pathlib import Path

import pytest
from tests.rehearsal.planted_bugs import PLANTED_BUGS, PlantedBug

from baitie.app.agents.pacing import AgentPace
from baitie.app.calling.replies import Replies
from baitie.bootstrap.folders import read_folder
from baitie.bootstrap.rehearsing import memory_stores, read_scenario
from baitie.rehearsal.crowd import with_leads
from baitie.rehearsal.faults import FaultPlan, FaultPlanError, parse_fault_plan
from baitie.rehearsal.faults.faulted_day import FaultedDay, faulted_day
from baitie.rehearsal.faults.plan import EventClass, Mishap, Outage, draw
from baitie.rehearsal.invariants import Invariant
from baitie.rehearsal.scenario import Scenario

EXAMPLE = Path(__file__).parents[2] / "examples" / "order-followup"
PLANS = resources.files("baitie.rehearsal.faults") / "plans"
TEN_AGENTS = Path(__file__).parent / "ten-agents"
LEADS = 150
SEEDS = range(1, 7)
TRIES = 4
"""A planted bug strikes by chance: within so many days it must be caught."""


def plan_of(name: str) -> FaultPlan:
    return parse_fault_plan(tomllib.loads((PLANS / f"{name}.toml").read_text("utf-8")), f"{name}.toml")


ALL = plan_of("all")


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return with_leads(read_scenario(read_folder(EXAMPLE, dict(os.environ))), LEADS)


@pytest.fixture(scope="module")
def ten_agents() -> Scenario:
    return with_leads(read_scenario(read_folder(TEN_AGENTS, dict(os.environ))), LEADS)


def day(scenario: Scenario, seed: int, plan: FaultPlan = ALL, promised: Scenario | None = None) -> FaultedDay:
    return faulted_day(scenario, plan, seed, memory_stores(), promised=promised)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_day_on_which_everything_goes_wrong_keeps_every_promise(scenario: Scenario, seed: int) -> None:
    found = day(scenario, seed)
    assert found.violations == ()
    assert found.attempts > 0
    assert found.faults


def test_a_day_without_faults_keeps_every_promise_in_one_life(scenario: Scenario) -> None:
    found = day(scenario, 1, plan_of("none"))
    assert (found.violations, found.lives, found.faults) == ((), 1, ())


@pytest.mark.parametrize("seed", [1, 2])
def test_a_day_with_agents_on_which_everything_goes_wrong_keeps_every_promise(ten_agents: Scenario, seed: int) -> None:
    found = day(ten_agents, seed)
    assert found.violations == ()
    assert found.attempts >= LEADS
    assert Outage.AGENT_VANISHES in {fault.outage for fault in found.faults}


def test_agents_who_vanish_change_the_day_and_break_no_promise(ten_agents: Scenario) -> None:
    vanishing = parse_fault_plan({"outage": [{"kind": "agent_vanishes", "per_hour": 30, "for_s": [10, 600]}]}, "v")
    found = day(ten_agents, 1, vanishing)
    assert (found.violations, found.lives) == ((), 1)
    assert found.journal_hash != day(ten_agents, 1, plan_of("none")).journal_hash


def test_a_dialler_that_does_not_ask_how_many_agents_there_are_is_caught(
    ten_agents: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AgentPace, "places", lambda self, now: self.channels_free())
    broken = day(ten_agents, 1, plan_of("none")).violations
    assert Invariant.ABANDONED in {violation.invariant for violation in broken}


def test_a_dialler_that_falls_over_is_caught(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Replies, "on_received", lambda self, message: 1 // 0)
    found = [day(scenario, seed, plan_of("none")).violations for seed in range(TRIES)]
    assert any("ZeroDivisionError" in violation.detail for violations in found for violation in violations)


@pytest.mark.parametrize("bug", PLANTED_BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_is_caught(scenario: Scenario, bug: PlantedBug, monkeypatch: pytest.MonkeyPatch) -> None:
    bug.plant(monkeypatch)
    altered, caught = bug.alter(scenario), set[str]()
    for seed in range(TRIES):
        caught |= {violation.invariant.value for violation in day(altered, seed, promised=scenario).violations}
        if bug.caught_by.value in caught:
            return
    pytest.fail(f"not caught by {bug.caught_by}; broken: {sorted(caught)}")


def test_the_same_seed_and_plan_give_the_same_day_byte_for_byte(scenario: Scenario) -> None:
    assert day(scenario, 3) == day(scenario, 3)
    assert day(scenario, 3).journal_hash != day(scenario, 4).journal_hash


def test_the_plan_of_all_faults_has_every_kind_of_outage_and_mishap_and_every_event() -> None:
    assert {planned.outage for planned in ALL.outages} == set(Outage)
    assert {planned.mishap for planned in ALL.mishaps} == set(Mishap)
    assert {planned.event for planned in ALL.mishaps} == set(EventClass)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('[[outages]]\nkind = "kill"', "outages"),
        ('[[outage]]\nkind = "flood"', "outage[1].kind"),
        ('[[outage]]\nkind = "kill"\nper_hour = 0\nfor_s = [1, 2]', "outage[1].per_hour"),
        ('[[outage]]\nkind = "kill"\nper_hour = true\nfor_s = [1, 2]', "outage[1].per_hour"),
        ('[[outage]]\nkind = "kill"\nper_hour = 1\nfor_s = [2, 1]', "outage[1].for_s"),
        ('[[outage]]\nkind = "clock_jump"\nper_hour = 1\nfor_s = [1, 2]', "outage[1].by_s"),
        ('[[outage]]\nkind = "kill"\nper_hour = 1\nfor_s = [1, 2]\nat = 3', "outage[1].at"),
        ('[[outage]]\nkind = "kill"\nat_h = [25]\nfor_s = [1, 2]', "outage[1].at_h"),
        ('[[outage]]\nkind = "kill"\nat_h = 3\nfor_s = [1, 2]', "outage[1].at_h"),
        ('[[mishap]]\nkind = "lose"\nevent = "thunder"\nshare = 0.1', "mishap[1].event"),
        ('[[mishap]]\nkind = "lose"\nevent = "key"\nshare = 1.5', "mishap[1].share"),
        ('[mishap]\nkind = "lose"', "mishap"),
        ("[network]\nlost_rate = 2", "network"),
        ("[network]\nstorm = 1", "network"),
    ],
)
def test_a_plan_that_cannot_be_used_names_its_table_and_field(text: str, field: str) -> None:
    with pytest.raises(FaultPlanError) as caught:
        parse_fault_plan(tomllib.loads(text), "mine.toml")
    assert caught.value.details["field"] == field
    assert caught.value.details["file"] == "mine.toml"


def test_outages_happen_at_the_instants_that_the_plan_names() -> None:
    table = {"outage": [{"kind": "kill", "at_h": [2.5, 6], "for_s": [60, 60]}]}
    drawn = draw(parse_fault_plan(table, "p"), 86_400.0 / 4, 4.0, random.Random(1))
    assert [(fault.at_s, fault.outage, fault.for_s) for fault in drawn] == [
        (2.5 * 900, Outage.KILL, 60.0),
        (6 * 900, Outage.KILL, 60.0),
    ]


def test_instants_and_chance_may_stand_in_one_outage() -> None:
    table = {"outage": [{"kind": "kill", "at_h": [1], "per_hour": 2, "for_s": [60, 60]}]}
    drawn = draw(parse_fault_plan(table, "p"), 86_400.0, 1.0, random.Random(1))
    assert 3600.0 in [fault.at_s for fault in drawn]
    assert 20 < len(drawn) < 90


def test_the_network_of_a_plan_stands_in_place_of_the_profile_s() -> None:
    plan = parse_fault_plan({"network": {"lost_rate": 0.25}}, "p")
    assert plan.network is not None
    assert (plan.network.lost_rate, plan.network.doubled_rate) == (0.25, 0.0)
    assert parse_fault_plan({}, "p").network is None
