"""Campaigns with human agents under virtual time: nobody hears silence, the cap holds, every agent comes back."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from statistics import fmean
from typing import cast

import pytest
from tests.rehearsal import world

from baitie.app.agents.agent_calls import DrivesAttempts
from baitie.app.calling.campaign_run import CampaignRun
from baitie.app.calling.live_attempt import LiveAttempt
from baitie.app.campaign.agent_plan import AgentPlan
from baitie.app.campaign.campaign import PresentedNumber, TrunkPlan
from baitie.app.gate.past_attempts import past_attempt
from baitie.app.ports.agents import AgentsNeedRehearsalError, AgentWorkstation, WorkstationEvent
from baitie.app.ports.calls import CallAnswered, CallEvent, CallFailed, CallGateway, KeyPressed
from baitie.bootstrap.rehearsing import memory_stores
from baitie.domain.dialing.pacing.controllers import PacingMode
from baitie.domain.metrics import METRICS
from baitie.kernel.errors import Party
from baitie.kernel.ids import AgentId, AttemptId
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.outcome import CallFailure, Outcome
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import LeadState
from baitie.rehearsal.fast.calls import SimulatedCalls
from baitie.rehearsal.rehearse import FaultHooks, Rehearsal, RehearsedRun, Stage, rehearse_once
from baitie.rehearsal.scenario import Scenario
from baitie.rehearsal.virtual_clock import VirtualClock
from baitie.rehearsal.virtual_time import SimulatedCrash

CONNECT_MAX_S = 2.0
BY_A_PERSON = (Outcome.ANSWERED, Outcome.ABANDONED)
LEADS = 320


def plan(mode: PacingMode, agents: int) -> AgentPlan:
    return AgentPlan(mode, {AgentId(f"agent-{number:04d}"): None for number in range(agents)}, absent_max_s=600)


def scenario(mode: PacingMode, agents: int, leads: int = LEADS, **of_agents: float) -> Scenario:
    """One day; with `of_agents` agents differ from the profile."""
    campaign = world.campaign(
        agents=plan(mode, agents),
        trunk=TrunkPlan("main", attempts_per_s=20, calls_in_flight_max=12 * agents),
        presented_numbers=(PresentedNumber(PhoneNumber("+8657188880000"), 12 * agents),),
        idle_wait_max_s=0,
    )
    profile = world.profile()
    entry = JournalEntry(JournalKind.CONTACTS_IMPORTED, world.TEN_IN_SHANGHAI, world.CAMPAIGN_ID, facts={})
    return Scenario(
        campaign=campaign,
        callees=tuple(world.callee(number) for number in range(leads)),
        leads=tuple(world.lead(number) for number in range(leads)),
        imported=entry,
        profile=replace(profile, agents=replace(profile.agents, **of_agents)),
        prompt_s=dict.fromkeys(("hello", "ask", "bye"), 2.0),
        zones=world.zones,
        civil_start=world.TEN_IN_SHANGHAI,
    )


@dataclass
class Ear:
    """Hears when somebody answers, and when a prompt begins."""

    calls: SimulatedCalls
    answered_s: dict[AttemptId, float] = field(default_factory=dict)
    played_s: dict[AttemptId, float] = field(default_factory=dict)

    def __getattr__(self, name: str) -> object:
        return getattr(self.calls, name)

    def listen(self, on_event: Callable[[CallEvent], None]) -> None:
        def heard(event: CallEvent) -> None:
            if isinstance(event, CallAnswered):
                self.answered_s[event.attempt_id] = self.calls.clock.now()
            on_event(event)

        self.calls.listen(heard)

    def play(self, attempt_id: AttemptId, play_id: int, prompts: Sequence[str]) -> None:
        self.played_s.setdefault(attempt_id, self.calls.clock.now())
        self.calls.play(attempt_id, play_id, prompts)


@dataclass
class Day:
    """A rehearsed day with what was heard on it."""

    run: RehearsedRun
    ear: Ear

    def __post_init__(self) -> None:
        self.facts = self.run.facts()
        self.agents = self.run.stage.run.agents

    def entries(self, kind: JournalKind) -> list[JournalEntry]:
        return [entry for entry in self.facts.journal if entry.kind is kind]

    def metric(self, name: str) -> float:
        value = METRICS[name].compute(self.facts).value
        assert isinstance(value, float)
        return value


def day_of(which: Scenario, seed: int, on_begin: Callable[[Stage], None] = lambda stage: None) -> Day:
    ears: list[Ear] = []

    def listen(calls: SimulatedCalls, stage: Stage) -> Ear:
        ears.append(Ear(calls))
        return ears[0]

    run = rehearse_once(which, seed, memory_stores(), FaultHooks(wrap_calls=listen, on_begin=on_begin))  # type: ignore[arg-type]
    return Day(run, ears[0])


@cache
def shared_day(mode: PacingMode, agents: int, seed: int) -> Day:
    return day_of(scenario(mode, agents, breaks_per_h=1.0), seed)


def assert_nobody_hears_silence(day: Day) -> None:
    taken = {
        entry.attempt_id: float(str(entry.facts["answer_to_agent_ms"])) / 1000
        for entry in day.entries(JournalKind.AGENT_STATE_CHANGED)
        if "answer_to_agent_ms" in entry.facts
    }
    left = {entry.attempt_id: entry.facts for entry in day.entries(JournalKind.CALL_ABANDONED)}
    for attempt_id, answered_s in day.ear.answered_s.items():
        if attempt_id in taken:
            assert taken[attempt_id] <= CONNECT_MAX_S
        elif attempt_id in day.ear.played_s:
            assert day.ear.played_s[attempt_id] - answered_s <= CONNECT_MAX_S + 1e-6
        else:
            assert left[attempt_id]["cause"] == "hung-up-waiting"


def assert_books_balance(day: Day) -> None:
    """Every agent and every attempt is accounted for, once."""
    assert day.agents is not None
    assert day.agents.pool.held() == {}
    assert day.agents.pace.waiting == 0
    assert not day.agents.pace.begun
    assert all(attempt.outcome is not None for attempt in day.facts.attempts)
    ended = Counter(entry.attempt_id for entry in day.entries(JournalKind.ATTEMPT_ENDED))
    assert set(ended.values()) <= {1}
    abandoned = {a.attempt_id for a in day.facts.attempts if a.failure_cause == "no-agent"}
    assert abandoned == {entry.attempt_id for entry in day.entries(JournalKind.CALL_ABANDONED)}
    states = Counter(lead.state for lead in day.facts.leads)
    assert states[LeadState.IN_PROGRESS] == 0
    assert sum(states.values()) == len(day.run.scenario.leads)


def assert_cap_holds(day: Day) -> None:
    """Of those whom a person answered; a mailbox that no agent heard counts as one."""
    left = len(day.entries(JournalKind.CALL_ABANDONED))
    assert left <= 0.03 * sum(attempt.outcome in BY_A_PERSON for attempt in day.facts.attempts)


@pytest.mark.parametrize(
    ("mode", "agents"),
    [
        (PacingMode.PROGRESSIVE, 3),
        (PacingMode.PROGRESSIVE, 10),
        (PacingMode.PREDICTIVE, 3),
        (PacingMode.PREDICTIVE, 10),
        (PacingMode.PREVIEW, 3),
        (PacingMode.MANUAL, 3),
    ],
)
def test_in_every_mode_nobody_hears_silence_and_the_books_balance(mode: PacingMode, agents: int) -> None:
    day = shared_day(mode, agents, 1)
    assert_nobody_hears_silence(day)
    assert_books_balance(day)
    assert len(day.ear.answered_s) > LEADS / 5


@pytest.mark.parametrize("agents", [3, 10])
def test_predictive_pacing_keeps_the_cap_of_abandoned_calls(agents: int) -> None:
    assert_cap_holds(shared_day(PacingMode.PREDICTIVE, agents, 1))


@pytest.mark.slow
@pytest.mark.parametrize(("agents", "leads"), [(3, 600), (10, 1500), (20, 2000)])
@pytest.mark.parametrize("seed", range(2, 6))
def test_predictive_pacing_keeps_the_cap_on_long_days(agents: int, leads: int, seed: int) -> None:
    assert_cap_holds(day_of(scenario(PacingMode.PREDICTIVE, agents, leads, breaks_per_h=0.5), seed))


@pytest.mark.parametrize(("agents", "leads"), [(3, 400), (10, 1200)])
def test_predictive_pacing_keeps_agents_busier_than_progressive(agents: int, leads: int) -> None:
    """Over three days, long enough that breaks and single talks do not decide it."""

    def busy(mode: PacingMode) -> float:
        days = (day_of(scenario(mode, agents, leads, breaks_per_h=0.5), seed) for seed in range(1, 4))
        return fmean(day.metric("occupancy") for day in days)

    assert busy(PacingMode.PREDICTIVE) > busy(PacingMode.PROGRESSIVE)


def test_where_agents_are_there_for_each_call_nobody_is_abandoned() -> None:
    for mode in (PacingMode.PREVIEW, PacingMode.MANUAL):
        assert shared_day(mode, 3, 1).metric("abandonment_rate") == 0


def test_in_preview_the_agent_is_reserved_before_the_card_is_sent() -> None:
    day = shared_day(PacingMode.PREVIEW, 3, 1)
    reserved: set[str | None] = set()
    for entry in day.facts.journal:
        if entry.kind is JournalKind.AGENT_STATE_CHANGED and entry.facts["after"] == "reserved":
            reserved.add(entry.attempt_id)
        elif entry.kind is JournalKind.CARD_SUBMITTED:
            assert entry.attempt_id in reserved
    assert reserved


def test_a_key_pressed_while_an_agent_speaks_neither_ends_the_call_nor_refuses() -> None:
    pressed = set[AttemptId]()

    class PressingNine(Ear):
        def listen(self, on_event: Callable[[CallEvent], None]) -> None:
            def pass_on(event: CallEvent) -> None:
                on_event(event)
                if isinstance(event, CallAnswered):
                    pressed.add(event.attempt_id)
                    on_event(KeyPressed(event.attempt_id, "9"))

            self.calls.listen(pass_on)

    def talks(hooks: FaultHooks) -> tuple[dict[AttemptId, int | None], list[bool]]:
        run = rehearse_once(scenario(PacingMode.PREVIEW, 3, leads=60), 1, memory_stores(), hooks)
        refused = [bool(run.store.standing(callee.callee_id).refusals) for callee in run.scenario.callees]
        return {a.attempt_id: a.evidence.talk_ms for a in run.store.attempts(world.CAMPAIGN_ID)}, refused

    assert talks(FaultHooks(wrap_calls=lambda calls, stage: PressingNine(calls))) == talks(FaultHooks())  # type: ignore[arg-type,return-value]
    assert pressed


def test_the_same_seed_gives_the_same_day_and_another_seed_another() -> None:
    which = scenario(PacingMode.PREDICTIVE, 3, leads=60, vanishes_per_h=2.0)
    first, again, other = (rehearse_once(which, seed, memory_stores()).journal_hash() for seed in (5, 5, 6))
    assert first == again
    assert first != other


@pytest.mark.parametrize("mode", [PacingMode.PREDICTIVE, PacingMode.PREVIEW])
def test_agents_may_vanish_decline_and_hesitate_and_every_lease_comes_back(mode: PacingMode) -> None:
    which = scenario(mode, 5, 200, vanishes_per_h=6.0, declined_rate=0.1, accept_median_s=0.6, accept_sigma=0.8)
    # Without the house's ceiling, which would let the day end early.
    day = day_of(replace(which, campaign=replace(which.campaign, rules=world.rules("core", "cn-core"))), 3)
    assert_nobody_hears_silence(day)
    assert_books_balance(day)
    causes = Counter(str(entry.facts["cause"]) for entry in day.entries(JournalKind.AGENT_STATE_CHANGED))
    assert causes["vanished"] > 3
    assert causes["timed_out"] > 3


def test_the_gate_stops_a_campaign_whose_agents_do_not_come() -> None:
    day = day_of(scenario(PacingMode.PROGRESSIVE, 3, 200, declined_rate=0.9), 1)
    progress = day.run.summary.progress
    assert progress.delayed_by_rule["ADVICE-ABANDONMENT"] > 0
    assert 2 <= len(day.entries(JournalKind.CALL_ABANDONED)) <= 6
    assert progress.attempts < 50


@dataclass
class LossyWorkstation:
    """Loses one event in ten in either direction."""

    workstation: AgentWorkstation
    rng: random.Random = field(default_factory=lambda: random.Random(11))

    def __getattr__(self, name: str) -> object:
        return getattr(self.workstation, name)

    def listen(self, on_event: Callable[[WorkstationEvent], None]) -> None:
        self.workstation.listen(lambda event: None if self.rng.random() < 0.1 else on_event(event))

    def release(self, agent_id: AgentId, attempt_id: AttemptId) -> None:
        if self.rng.random() >= 0.1:
            self.workstation.release(agent_id, attempt_id)


def test_events_of_the_desk_may_be_lost_and_every_lease_comes_back() -> None:
    def lose(stage: Stage) -> None:
        assert stage.run.agents is not None
        stage.run.agents.team.workstation = LossyWorkstation(stage.run.agents.team.workstation)  # type: ignore[assignment]

    day = day_of(scenario(PacingMode.PREDICTIVE, 6, 150), 4, lose)
    assert_nobody_hears_silence(day)
    assert_books_balance(day)


def test_after_a_crash_agents_log_in_anew_and_nobody_is_dialled_twice_for_one_attempt() -> None:
    def crash(stage: Stage) -> None:
        if stage.life == 1:
            stage.clock.loop.call_at(900.0, die)

    def die() -> None:
        raise SimulatedCrash

    rehearsal = Rehearsal(scenario(PacingMode.PREDICTIVE, 5, 200), 2, memory_stores(), FaultHooks(on_begin=crash))
    with pytest.raises(SimulatedCrash):
        rehearsal.live()
    rehearsal.wait(60.0)
    run = rehearsal.live()
    assert run.stage.run.agents is not None
    assert run.stage.run.agents.pool.held() == {}
    attempts = run.facts().attempts
    assert all(attempt.outcome is not None for attempt in attempts)
    lost = [attempt for attempt in attempts if attempt.failure_cause == "crash"]
    assert lost
    again = Counter(attempt.lead_id for attempt in attempts)
    assert all(again[attempt.lead_id] == 1 for attempt in lost if attempt.outcome is Outcome.UNKNOWN)


def test_when_nobody_logs_in_nobody_is_called_and_the_run_ends() -> None:
    day = day_of(scenario(PacingMode.PREDICTIVE, 3, 20, log_in_spread_s=1e6), 1)
    assert day.run.summary.end.value == "waiting"
    assert day.run.summary.elapsed_s == pytest.approx(600, abs=1)
    assert not day.facts.attempts


def test_what_an_earlier_run_abandoned_counts_against_the_budget_of_the_next() -> None:
    day = day_of(scenario(PacingMode.PROGRESSIVE, 3, 100, declined_rate=0.5), 2)
    assert day.agents is not None
    abandoned = sum(attempt.outcome is Outcome.ABANDONED for attempt in day.facts.attempts)
    pace = replace(day.agents.pace)
    pace.budget = type(pace.budget)(pace.plan.ceiling, day.run.stage.clock.now())
    pace.carry_in(day.facts.attempts, day.run.stage.clock)
    assert pace.budget.abandoned == abandoned > 0


THROWN_AWAY = CallFailure("media-not-agreed", Party.CARRIER, False, Outcome.ABANDONED, 200)


@dataclass
class ThrowsAway:
    """The gateway; every fifth answer comes without media, so that the callee is hung up on at once."""

    calls: SimulatedCalls
    answers: int = 0
    gone: set[AttemptId] = field(default_factory=set)

    def __getattr__(self, name: str) -> object:
        return getattr(self.calls, name)

    def listen(self, on_event: Callable[[CallEvent], None]) -> None:
        def heard(event: CallEvent) -> None:
            if event.attempt_id in self.gone:
                return
            if isinstance(event, CallAnswered):
                self.answers += 1
                if self.answers % 5 == 0:
                    self.gone.add(event.attempt_id)
                    self.calls.hang_up(event.attempt_id)
                    on_event(CallFailed(event.attempt_id, THROWN_AWAY))
                    return
            on_event(event)

        self.calls.listen(heard)


def test_answers_that_are_thrown_away_are_contacts_and_count_as_abandoned_in_the_pacing_budget() -> None:
    gateways: list[ThrowsAway] = []

    def wrap(calls: CallGateway, stage: Stage) -> CallGateway:
        assert isinstance(calls, SimulatedCalls)
        gateways.append(ThrowsAway(calls))
        return cast(CallGateway, gateways[-1])

    which = scenario(PacingMode.PROGRESSIVE, 3, 60)
    run = rehearse_once(which, 4, memory_stores(), FaultHooks(wrap_calls=wrap))
    try:
        facts = run.facts()
        thrown = [attempt for attempt in facts.attempts if attempt.attempt_id in gateways[0].gone]
        abandoned = [attempt for attempt in facts.attempts if attempt.outcome is Outcome.ABANDONED]
        assert thrown
        assert {attempt.outcome for attempt in thrown} == {Outcome.ABANDONED}
        agents = run.stage.run.agents
        assert agents is not None
        assert agents.abandoned == agents.pace.budget.abandoned == len(abandoned)
        for attempt in thrown:
            past = past_attempt(attempt, 15.0)
            assert past is not None
            assert past.is_contact
        pace = replace(agents.pace)
        pace.budget = type(pace.budget)(pace.plan.ceiling, run.stage.clock.now())
        pace.carry_in(facts.attempts, run.stage.clock)
        assert pace.budget.abandoned == len(abandoned)
    finally:
        run.close()


@dataclass
class DiesAtTheFirst:
    """The driver; the process dies while the bot speaks to the first callee whom no agent took."""

    driver: DrivesAttempts
    clock: VirtualClock
    spoken: int = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self.driver, name)

    def let_bot_speak(self, live: LiveAttempt, *, announcement: bool) -> None:
        self.driver.let_bot_speak(live, announcement=announcement)
        self.spoken += 1
        if self.spoken == 1:
            self.clock.loop.call_later(0.5, self.die)

    def die(self) -> None:
        raise SimulatedCrash


def test_a_crash_before_the_end_of_an_abandoned_call_does_not_make_it_forgotten() -> None:
    carried_in: list[int] = []

    def begin(stage: Stage) -> None:
        agents = stage.run.agents
        assert agents is not None
        if stage.life == 1:
            agents.driver = DiesAtTheFirst(agents.driver, stage.clock)  # type: ignore[assignment]
        else:
            stage.clock.loop.call_soon(lambda: carried_in.append(agents.pace.budget.abandoned))

    which = scenario(PacingMode.PROGRESSIVE, 3, 100, declined_rate=0.5)
    rehearsal = Rehearsal(which, 2, memory_stores(), FaultHooks(on_begin=begin))
    with pytest.raises(SimulatedCrash):
        rehearsal.live()
    run = rehearsal.live()
    journal = run.facts().journal
    abandoned = {attempt.attempt_id for attempt in run.facts().attempts if attempt.outcome is Outcome.ABANDONED}
    assert carried_in == [1]
    assert abandoned == {entry.attempt_id for entry in journal if entry.kind is JournalKind.CALL_ABANDONED}
    ended = Counter(entry.attempt_id for entry in journal if entry.kind is JournalKind.ATTEMPT_ENDED)
    assert {ended[attempt_id] for attempt_id in abandoned} == {1}
    allowed = Counter(entry.attempt_id for entry in journal if entry.kind is JournalKind.RING_ALLOWED)
    assert {allowed[attempt_id] for attempt_id in abandoned} == {1}  # the crash did not take the proof


def test_a_campaign_with_agents_is_refused_where_no_desk_is() -> None:
    which = scenario(PacingMode.PROGRESSIVE, 3, 2)

    def begin_without_a_desk(stage: Stage) -> None:
        CampaignRun(which.campaign, replace(stage.run.ports, workstation=None))

    with pytest.raises(AgentsNeedRehearsalError):
        rehearse_once(which, 1, memory_stores(), FaultHooks(on_begin=begin_without_a_desk))


def test_the_day_is_a_working_day() -> None:
    """Otherwise the claims above would hold of nothing."""
    day = shared_day(PacingMode.PREDICTIVE, 10, 1)
    assert timedelta(minutes=30).total_seconds() < day.run.summary.elapsed_s < timedelta(hours=12).total_seconds()
    assert day.metric("occupancy") > 0.5
