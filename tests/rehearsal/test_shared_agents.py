"""Campaigns that share agents: nobody is held by two calls, shares follow the weights, and each keeps its own cap."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from tests.rehearsal import world
from tests.rehearsal.test_agents import LossyWorkstation

from baitie.app.campaign.agent_plan import AgentPlan
from baitie.app.campaign.campaign import PresentedNumber, TrunkPlan
from baitie.bootstrap.rehearsing import memory_stores
from baitie.domain.agents import AgentState
from baitie.domain.agents.agent import HOLDING
from baitie.domain.dialing.pacing.controllers import PacingMode
from baitie.kernel.ids import AgentId, CalleeId, CampaignId, LeadId
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.outcome import Outcome
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import LeadState
from baitie.rehearsal.rehearse import RehearsedRun, Stage
from baitie.rehearsal.scenario import Scenario
from baitie.rehearsal.shared import CampaignsBesideError, SharedRehearsal, side_by_side
from baitie.rehearsal.virtual_time import SimulatedCrash

OTHER_ID = CampaignId("cp_other")
HOLDS = {state.value for state in HOLDING}
BUSY_UNTIL_S = 800.0
"""Both campaigns of `day` have leads at least so long."""


def agents(count: int, first: int = 0) -> tuple[AgentId, ...]:
    return tuple(AgentId(f"agent-{number:04d}") for number in range(first, first + count))


def scenario(
    campaign_id: CampaignId,
    leads: range,
    mode: PacingMode = PacingMode.PREDICTIVE,
    roster: Iterable[AgentId] = agents(10),
    weight: float = 1.0,
    **of_agents: float,
) -> Scenario:
    """One campaign that calls the people of this range."""
    plan = AgentPlan(mode, tuple(roster), absent_max_s=600, weight=weight)
    shown = PhoneNumber("+8657188880000" if campaign_id == world.CAMPAIGN_ID else "+8657188880001")
    campaign = world.campaign(
        campaign_id=campaign_id,
        agents=plan,
        trunk=TrunkPlan("main", attempts_per_s=20, calls_in_flight_max=120),
        presented_numbers=(PresentedNumber(shown, 120),),
        idle_wait_max_s=0,
        rules=world.rules("core", "cn-core"),  # without house rules on how often, which would end the day early
    )
    profile = world.profile()
    return Scenario(
        campaign=campaign,
        callees=tuple(replace(world.callee(n), callee_id=CalleeId(f"ce_{n:05d}")) for n in leads),
        leads=tuple(world.lead(n, campaign_id=campaign_id, lead_id=LeadId(f"ld_{n:05d}")) for n in leads),
        imported=JournalEntry(JournalKind.CONTACTS_IMPORTED, world.TEN_IN_SHANGHAI, campaign_id, facts={}),
        profile=replace(profile, agents=replace(profile.agents, **of_agents)),
        prompt_s=dict.fromkeys(("hello", "ask", "bye"), 2.0),
        zones=world.zones,
        civil_start=world.TEN_IN_SHANGHAI,
    )


def both(first: range, other: range, **same: float) -> list[Scenario]:
    return side_by_side([scenario(world.CAMPAIGN_ID, first, **same), scenario(OTHER_ID, other, **same)])  # type: ignore[arg-type]


def rehearse(
    scenarios: Sequence[Scenario], seed: int, on_begin: Callable[[Sequence[Stage]], None] = lambda stages: None
) -> list[RehearsedRun]:
    return SharedRehearsal(scenarios, seed, memory_stores(), on_begin).live()


@cache
def day(mode: PacingMode, seed: int) -> list[RehearsedRun]:
    """Two campaigns of weights 2 and 1 with the same ten agents, who take breaks, decline and vanish."""
    life: dict[str, Any] = {"breaks_per_h": 1.0, "vanishes_per_h": 0.5, "declined_rate": 0.01}
    return rehearse(
        side_by_side(
            [
                scenario(world.CAMPAIGN_ID, range(300), mode, weight=2.0, **life),
                scenario(OTHER_ID, range(260, 420), mode, **life),
            ]
        ),
        seed,
    )


def changes(runs: Sequence[RehearsedRun]) -> list[JournalEntry]:
    """What the agents did, over all campaigns, in the journal's order."""
    return [entry for _, entry in runs[0].store.journal() if entry.kind is JournalKind.AGENT_STATE_CHANGED]


def assert_nobody_is_held_twice(runs: Sequence[RehearsedRun]) -> None:
    """By the journal: an agent's states follow each other, and a call takes only who was free."""
    state: dict[object, str] = defaultdict(lambda: "offline")
    held_by: dict[object, str | None] = {}
    for entry in changes(runs):
        agent, before, after = entry.facts["agent"], entry.facts["before"], str(entry.facts["after"])
        if before == "offline":  # after a crash everybody logs in anew
            held_by.pop(agent, None)
        else:
            assert state[agent] == before
        state[agent] = after
        if after in HOLDS:
            assert held_by.get(agent) in (None, entry.attempt_id)
            held_by[agent] = entry.attempt_id
        else:
            held_by.pop(agent, None)
    assert state


def assert_books_balance(runs: Sequence[RehearsedRun]) -> None:
    for run in runs:
        agents_here = run.stage.run.agents
        assert agents_here is not None
        assert agents_here.pool.held() == {}
        assert agents_here.pace.waiting == 0
        assert not agents_here.pace.begun
        facts = run.facts()
        assert all(attempt.outcome is not None for attempt in facts.attempts)
        ended = Counter(entry.attempt_id for entry in facts.journal if entry.kind is JournalKind.ATTEMPT_ENDED)
        assert set(ended.values()) <= {1}
        assert not any(lead.state is LeadState.IN_PROGRESS for lead in facts.leads)
        told = {entry.attempt_id for entry in facts.journal if entry.kind is JournalKind.CALL_ABANDONED}
        assert told == {attempt.attempt_id for attempt in facts.attempts if attempt.failure_cause == "no-agent"}


def abandoned_share(run: RehearsedRun) -> float:
    found = Counter(attempt.outcome for attempt in run.facts(with_journal=False).attempts)
    return found[Outcome.ABANDONED] / (found[Outcome.ABANDONED] + found[Outcome.ANSWERED])


def talk_s(runs: Sequence[RehearsedRun], until_s: float) -> dict[object, float]:
    """Seconds of talk by campaign, of talks that ended until then."""
    begun = runs[0].scenario.civil_start
    found: dict[object, float] = defaultdict(float)
    for entry in changes(runs):
        if entry.facts["before"] == "talking" and (entry.at - begun).total_seconds() <= until_s:
            found[entry.campaign_id] += float(str(entry.facts["lasted_ms"])) / 1000
    return found


@pytest.mark.parametrize("mode", [PacingMode.PREDICTIVE, PacingMode.PROGRESSIVE, PacingMode.PREVIEW])
def test_in_every_mode_nobody_is_held_by_two_calls_and_every_lease_comes_back(mode: PacingMode) -> None:
    runs = day(mode, 1)
    assert_nobody_is_held_twice(runs)
    assert_books_balance(runs)
    assert {run.summary.end.value for run in runs} <= {"finished", "waiting"}
    assert all(len(run.facts(with_journal=False).attempts) > 80 for run in runs)


@pytest.mark.parametrize("mode", [PacingMode.PREDICTIVE, PacingMode.PROGRESSIVE])
def test_the_same_people_speak_for_both_campaigns(mode: PacingMode) -> None:
    spoke: dict[object, set[object]] = defaultdict(set)
    for entry in changes(day(mode, 1)):
        if entry.facts["after"] == "talking":
            spoke[entry.facts["agent"]].add(entry.campaign_id)
    assert len(spoke) == 10
    assert sum(campaigns == {world.CAMPAIGN_ID, OTHER_ID} for campaigns in spoke.values()) >= 5


@pytest.mark.parametrize("mode", [PacingMode.PREDICTIVE, PacingMode.PROGRESSIVE])
def test_while_both_have_work_they_talk_by_their_weights(mode: PacingMode) -> None:
    spent = talk_s(day(mode, 1), BUSY_UNTIL_S)
    assert 0.58 < spent[world.CAMPAIGN_ID] / sum(spent.values()) < 0.75


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 6))])
def test_each_campaign_keeps_its_own_cap_of_abandoned_calls(seed: int) -> None:
    for run in day(PacingMode.PREDICTIVE, seed):
        assert abandoned_share(run) <= 0.03


def test_a_campaign_whose_leads_all_wait_gives_its_agents_to_the_other_meanwhile() -> None:
    first, other = both(range(20), range(100, 300))
    first = replace(first, campaign=replace(first.campaign, idle_wait_max_s=6 * 3600.0))
    runs = rehearse([first, other], 3)
    talking: set[object] = set()
    most = 0
    for _, entry in runs[0].store.journal():
        if entry.kind is JournalKind.CAMPAIGN_FINISHED and entry.campaign_id == world.CAMPAIGN_ID:
            break
        if entry.kind is JournalKind.AGENT_STATE_CHANGED and entry.campaign_id == OTHER_ID:
            (talking.add if entry.facts["after"] == "talking" else talking.discard)(entry.facts["agent"])
            most = max(most, len(talking))
    assert most >= 9


def test_who_serves_one_campaign_alone_is_never_given_to_the_other() -> None:
    mine, shared, theirs = agents(2), agents(2, 2), agents(2, 4)
    runs = rehearse(
        side_by_side(
            [
                scenario(world.CAMPAIGN_ID, range(80), PacingMode.PROGRESSIVE, mine + shared),
                scenario(OTHER_ID, range(200, 280), PacingMode.PROGRESSIVE, shared + theirs),
            ]
        ),
        4,
    )
    assert_nobody_is_held_twice(runs)
    held_for: dict[object, set[object]] = defaultdict(set)
    for entry in changes(runs):
        if entry.facts["after"] in HOLDS:
            held_for[entry.campaign_id].add(entry.facts["agent"])
    assert {*mine} < held_for[world.CAMPAIGN_ID] <= {*mine, *shared}
    assert {*theirs} < held_for[OTHER_ID] <= {*shared, *theirs}


@pytest.mark.parametrize("seed", [5, pytest.param(6, marks=pytest.mark.slow)])
def test_a_crash_while_both_hold_agents_loses_no_outcome_and_forgets_no_abandoned_call(seed: int) -> None:
    scenarios = both(range(150), range(130, 280), declined_rate=0.05)
    held_by_both: list[bool] = []
    carried_in: dict[CampaignId, int] = {}

    def begin(stages: Sequence[Stage]) -> None:
        loop = stages[0].clock.loop
        if stages[0].life == 1:
            loop.call_at(500.0, die, stages)
        else:
            loop.call_later(0.001, note, stages)

    def die(stages: Sequence[Stage]) -> None:
        """As soon as both hold agents."""
        pool = stages[0].run.agents.pool  # type: ignore[union-attr]
        holding = {pool.campaign_of(agent) for agent in pool.held().values()}
        if len(holding) == 2:
            held_by_both.append(True)
            raise SimulatedCrash
        stages[0].clock.loop.call_later(1.0, die, stages)

    def note(stages: Sequence[Stage]) -> None:
        for stage in stages:
            assert stage.run.agents is not None
            carried_in[stage.scenario.campaign.campaign_id] = stage.run.agents.pace.budget.abandoned

    rehearsal = SharedRehearsal(scenarios, seed, memory_stores(), begin)
    with pytest.raises(SimulatedCrash):
        rehearsal.live()
    rehearsal.wait(30.0)
    runs = rehearsal.live()
    assert held_by_both
    assert_nobody_is_held_twice(runs)
    assert_books_balance(runs)
    crashed_at = next(entry.at for _, entry in runs[0].store.journal() if entry.kind is JournalKind.CAMPAIGN_RESUMED)
    for run in runs:
        before = [
            entry for entry in run.facts().journal if entry.kind is JournalKind.CALL_ABANDONED and entry.at < crashed_at
        ]
        assert carried_in[run.scenario.campaign.campaign_id] == len(before)
        lost = [attempt for attempt in run.facts().attempts if attempt.failure_cause == "crash"]
        again = Counter(attempt.lead_id for attempt in run.facts().attempts)
        assert all(again[attempt.lead_id] == 1 for attempt in lost if attempt.outcome is Outcome.UNKNOWN)


def test_one_campaigns_daring_does_not_cost_another_its_callees() -> None:
    """Progressive pacing has an agent for each attempt, also beside predictive pacing."""
    first = scenario(world.CAMPAIGN_ID, range(200), PacingMode.PROGRESSIVE, agents(8))
    runs = rehearse(side_by_side([first, scenario(OTHER_ID, range(300, 500), roster=agents(8))]), 8)
    assert_nobody_is_held_twice(runs)
    assert_books_balance(runs)
    assert abandoned_share(runs[0]) <= 0.01
    assert abandoned_share(runs[1]) <= 0.03


def test_agents_who_dial_by_hand_do_it_for_both() -> None:
    runs = rehearse(
        side_by_side(
            [
                scenario(campaign_id, leads, PacingMode.MANUAL, agents(4))
                for campaign_id, leads in ((world.CAMPAIGN_ID, range(40)), (OTHER_ID, range(50, 90)))
            ]
        ),
        9,
    )
    assert_nobody_is_held_twice(runs)
    assert_books_balance(runs)
    assert all(abandoned_share(run) == 0 for run in runs)


def test_events_of_the_desk_may_be_lost_and_every_lease_comes_back() -> None:
    def lose(stages: Sequence[Stage]) -> None:
        assert stages[0].run.agents is not None
        team = stages[0].run.agents.team
        team.workstation = LossyWorkstation(team.workstation)  # type: ignore[assignment]

    runs = rehearse(both(range(80), range(100, 180), vanishes_per_h=4.0, declined_rate=0.05), 10, lose)
    assert_nobody_is_held_twice(runs)
    assert_books_balance(runs)


def test_nobody_on_both_lists_is_called_by_both_at_once() -> None:
    by_callee = defaultdict(list)
    for run in day(PacingMode.PREDICTIVE, 1):
        for attempt in run.facts(with_journal=False).attempts:
            by_callee[attempt.callee_id].append(attempt)
    on_both = [mine for mine in by_callee.values() if len({attempt.campaign_id for attempt in mine}) == 2]
    assert len(on_both) > 10
    for mine in on_both:
        mine.sort(key=lambda attempt: attempt.planned_at)
        for earlier, later in pairwise(mine):
            assert earlier.ended_at is not None
            assert earlier.ended_at <= later.planned_at


def test_the_same_seed_gives_the_same_day_and_another_seed_another() -> None:
    scenarios = both(range(40), range(30, 70))
    first, again, other = (rehearse(scenarios, seed)[0].journal_hash() for seed in (5, 5, 6))
    assert first == again
    assert first != other


def test_a_campaign_with_a_bot_may_run_beside() -> None:
    first, other = both(range(40), range(100, 140))
    runs = rehearse([first, replace(other, campaign=replace(other.campaign, agents=None))], 7)
    assert runs[1].stage.run.agents is None
    assert {run.summary.end.value for run in runs} <= {"finished", "waiting"}
    assert_books_balance(runs[:1])


def test_campaigns_of_one_id_are_refused() -> None:
    same = scenario(world.CAMPAIGN_ID, range(3))
    with pytest.raises(CampaignsBesideError):
        side_by_side([same, same])


def test_idle_time_is_not_counted_twice() -> None:
    """Sums over both campaigns are the time that agents were there."""
    runs = day(PacingMode.PROGRESSIVE, 1)
    spent_s = sum(
        float(str(entry.facts["lasted_ms"])) / 1000 for entry in changes(runs) if entry.facts["before"] != "offline"
    )
    longest_s = max(run.summary.elapsed_s for run in runs)
    assert 0.6 * 10 * longest_s < spent_s <= 10 * longest_s
    assert AgentState.TALKING.value in {str(entry.facts["before"]) for entry in changes(runs)}
