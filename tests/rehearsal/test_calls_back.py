"""People who return missed calls: served with the script that called, not called meanwhile. Virtual time."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.fakes.store import MemoryStore
from tests.rehearsal.world import CAMPAIGN_ID, SCRIPT, TEN_IN_SHANGHAI, World, callee, campaign, fill, profile, zones

from baitie.app.calling.campaign_run import CampaignRun
from baitie.app.campaign.answering_plan import AnsweringPlan, checked_announcements
from baitie.app.inbound.answer_run import AnswerRun
from baitie.app.inbound.campaign_host import InboundPorts
from baitie.app.ports.arrivals import (
    ArrivalConfirmed,
    ArrivalEnded,
    ArrivalEvent,
    CallArrived,
    CallerHeard,
    CallerPressed,
    InboundGateway,
    LineKey,
)
from baitie.app.ports.calls import PlaceCall
from baitie.app.records.batch import Batch
from baitie.app.records.standing import CampaignState
from baitie.domain.consent.requests import CalleeRequest, RequestKind
from baitie.domain.inbound.call import InboundOutcome
from baitie.domain.inbound.decision import AnsweringPolicy, Treatment
from baitie.domain.inbound.record import InboundRecord
from baitie.domain.risk.history import Refusal, RefusalChannel
from baitie.domain.voicebot.script import parse_script
from baitie.kernel.ids import CalleeId, CampaignId, LeadId
from baitie.kernel.journal import JournalKind
from baitie.kernel.outcome import EndedBy, Outcome
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import LeadState
from baitie.kernel.time import Instant, Window
from baitie.rehearsal.fast.callers import SimulatedCallers
from baitie.rehearsal.people import CallPlan, Reaction
from baitie.rehearsal.population import Population
from baitie.rehearsal.profile import CallingBackProfile, Profile
from baitie.rehearsal.virtual_clock import VirtualClock
from baitie.rehearsal.virtual_time import SimulatedCrash, run_virtually

SHANGHAI = zones(("Asia/Shanghai",))[0]
SHOWN = PhoneNumber("+8657188880000"), PhoneNumber("+8657188880001")
ANNOUNCEMENTS = checked_announcements(
    parse_script(
        {
            "script": {"id": "a", "start": "greeting", "refused_node": "bye"},
            "nodes": {
                "greeting": {"prompts": ["g"]},
                "called-by": {"prompts": ["c"]},
                "opted-out": {"prompts": ["o"]},
                "closed": {
                    "prompts": ["n"], "collects": "call_back", "keys": {"1": {"value": "yes", "next": "bye"}},
                },
                "bye": {"prompts": ["b"]},
            },
        }
    ),
    "answering.toml",
)  # fmt: skip


def plan(**policy: object) -> AnsweringPlan:
    """The plan of these tests, with changes of its policy."""
    return AnsweringPlan(
        replace(AnsweringPolicy(call_max_s=60.0), **policy),  # type: ignore[arg-type]
        ANNOUNCEMENTS,
        {CAMPAIGN_ID: SCRIPT},
        frozenset(SHOWN),
        zone=SHANGHAI,
    )


def everybody_rings_back(after_s: float = 6.0, withheld_rate: float = 0.0) -> Profile:
    """People who return every missed call."""
    return replace(profile(), calling_back=CallingBackProfile(1.0, after_s, 0.3, withheld_rate))


def world(store: MemoryStore, leads: int = 40, people: Profile | None = None, **policy: object) -> World:
    """A run that answers."""
    fill(store, leads)
    return World(store, campaign(answering=plan(**policy)), people=people or everybody_rings_back())


def kept(store: MemoryStore) -> Sequence[InboundRecord]:
    """All calls that came in."""
    return store.inbound_calls()


def test_who_returns_a_call_is_served_with_its_script_and_not_called_again_for_it() -> None:
    store = MemoryStore()
    summary = world(store).run()
    served = [record for record in kept(store) if record.answers]
    assert served
    state = store.campaign_state(CAMPAIGN_ID)
    assert state is not None
    leads = {lead.lead_id: lead for lead in state.leads}
    for record in served:
        assert (record.treatment, record.campaign_id, record.script_id) == (Treatment.SCRIPT, CAMPAIGN_ID, "t")
        assert record.agent == "bot"
        assert record.lead_id is not None
        assert leads[record.lead_id].state is LeadState.FINISHED
        later = [a for a in store.attempts(CAMPAIGN_ID) if a.lead_id == record.lead_id and record.ended_at is not None
                 and a.planned_at > record.ended_at]  # fmt: skip
        assert later == []
    assert summary.progress.inbound.arrived >= len(served)
    assert summary.progress.inbound.answers.total() == sum(len(record.answers) for record in served)


def test_call_that_came_in_counts_for_no_cap_and_is_no_attempt() -> None:
    store = MemoryStore()
    world(store).run()
    for record in kept(store):
        assert record.callee_id is not None
        sent = [a for a in store.attempts_to(record.callee_id, 20) if a.invite_sent_at is not None]
        assert len(store.standing(record.callee_id).history.attempts) <= len(sent)


def test_nobody_is_called_while_they_are_calling_us() -> None:
    store = MemoryStore()
    world(store, people=everybody_rings_back(after_s=1.0)).run()
    talks = [(r.callee_id, r.answered_at, r.ended_at) for r in kept(store) if r.answered_at is not None]
    assert talks
    for callee_id, answered_at, ended_at in talks:
        assert callee_id is not None
        for attempt in store.attempts_to(callee_id, 20):
            if attempt.invite_sent_at is not None and ended_at is not None:
                assert not answered_at <= attempt.invite_sent_at < ended_at


def test_key_nine_in_a_call_that_came_in_is_a_refusal_everywhere() -> None:
    store = MemoryStore()
    keen = replace(everybody_rings_back(), keys=replace(profile().keys, rates={"9": 1.0}))
    world(store, people=keen).run()
    refused = {record.callee_id for record in kept(store) if record.treatment is Treatment.SCRIPT and record.talk_ms}
    by_call = [e for _, e in store.journal() if e.kind is JournalKind.CALLEE_REFUSED and "inbound_id" in e.facts]
    assert by_call
    for entry in by_call:
        assert entry.callee_id in refused
        assert store.standing(CalleeId(entry.callee_id or "")).refusals


def test_withheld_numbers_hear_the_greeting_and_leave_no_callee() -> None:
    store = MemoryStore()
    world(store, people=everybody_rings_back(withheld_rate=1.0)).run()
    assert kept(store)
    assert {(record.treatment, record.callee_id, record.attempt_id) for record in kept(store)} == {
        (Treatment.GREETING, None, None)
    }


def test_lines_are_bounded_and_those_turned_away_are_kept() -> None:
    store = MemoryStore()
    w = world(store, people=everybody_rings_back(after_s=0.5), calls_in_flight_max=1)
    w.run()
    busy = [record for record in kept(store) if record.outcome is InboundOutcome.BUSY]
    assert busy
    assert w.callers.refused.count(486) >= len(busy)
    assert w.run_object.leases.holders() == frozenset()


@pytest.mark.parametrize("hang_up", [False, True])
def test_who_rings_back_while_the_dialler_stops_is_kept_as_not_answered(hang_up: bool) -> None:
    store = MemoryStore()
    fill(store, 80)

    def meddle(w: World, run: CampaignRun) -> None:
        w.clock.loop.call_later(30.0, lambda: run.stop(hang_up=hang_up))

    w = World(store, campaign(answering=plan()), people=everybody_rings_back(1.0), meddle=meddle)
    w.run()
    turned_away = [record for record in kept(store) if record.cause == "dialler-stopping"]
    counts = w.run_object.progress.inbound
    assert counts.stopping >= len(turned_away)
    assert counts.arrived == len(kept(store)), "nobody who rang back is missing among those who did"
    if not hang_up:
        assert turned_away
    for record in turned_away:
        assert (record.outcome, record.answered_at, record.attempt_id is None) == (InboundOutcome.FAILED, None, False)
        journalled = [e.kind for _, e in store.journal() if e.facts.get("inbound_id") == record.inbound_id]
        assert journalled == [JournalKind.INBOUND_CALL_ARRIVED, JournalKind.INBOUND_CALL_ENDED]


def test_outside_the_hours_a_call_back_may_be_asked_for_and_is_made_within_them() -> None:
    store = MemoryStore()
    ones = replace(everybody_rings_back(), keys=replace(profile().keys, rates={"1": 1.0}, press_after_median_s=3.0))
    w = world(store, people=ones, windows=(Window(time(11), time(20)),))
    w.run()
    asked = store.requests(RequestKind.CALL_BACK, open_only=False)
    assert asked
    assert all(request.wanted_from == datetime(2026, 3, 3, 3, 0, tzinfo=UTC) for request in asked)
    queued = [e for _, e in store.journal() if e.kind is JournalKind.CALL_BACK_QUEUED]
    assert {e.facts["request"] for e in queued} == {request.request_id for request in asked}
    for request in asked:
        again = [a for a in store.attempts_to(request.callee_id, 20) if a.planned_at > request.made_at]
        assert all(a.planned_at >= (request.wanted_from or a.planned_at) for a in again if a.invite_sent_at)
        if any(a.outcome is Outcome.ANSWERED for a in again):
            assert not request.is_open
    assert len(queued) == len(asked), "each request is taken once"


def asked_by(number: int, made_at: datetime, attempt_id: str) -> CalleeRequest:
    """A request of the n-th person, from now on for two hours."""
    return CalleeRequest(
        f"rq_{number}", callee(number).callee_id, RequestKind.CALL_BACK, made_at, made_at.date(), CAMPAIGN_ID,
        attempt_id, made_at + timedelta(minutes=5), made_at + timedelta(hours=2),
    )  # fmt: skip


def nobody_back() -> Profile:
    """People who never ring back."""
    return replace(profile(), calling_back=CallingBackProfile(0.0, 5.0, 0.3, 0.0))


@pytest.mark.parametrize("has_refused", [False, True])
def test_request_of_the_page_calls_again_and_never_against_a_refusal(has_refused: bool) -> None:
    store = MemoryStore()
    world(store, leads=12, people=nobody_back()).run()
    attempts = [a for a in store.attempts(CAMPAIGN_ID) if a.outcome is Outcome.ANSWERED]
    first = attempts[0]
    number = int(first.callee_id.removeprefix("ce_"))
    state = store.campaign_state(CAMPAIGN_ID)
    assert state is not None
    assert state.last_civil_at is not None
    now = state.last_civil_at + timedelta(days=3)
    batch = Batch(requests=[asked_by(number, now, first.attempt_id)])
    if has_refused:
        batch.refusals = [Refusal(first.callee_id, now, RefusalChannel.PAGE, "callee")]
    store.record_refusal_or_freeze(batch)
    again = World(store, campaign(answering=plan()), seed=2, civil_start=now, people=nobody_back())
    again.run()
    later = [a for a in store.attempts_to(first.callee_id, 20) if a.invite_sent_at and a.invite_sent_at >= now]
    assert bool(later) is not has_refused
    assert all(a.invite_sent_at and a.invite_sent_at >= now + timedelta(minutes=5) for a in later)


class Exchanged(MemoryStore):
    """A store in which somebody wrote another number to the callees of `altered`."""

    altered: frozenset[CalleeId] = frozenset()

    def campaign_state(self, campaign_id: CampaignId) -> CampaignState | None:
        state = super().campaign_state(campaign_id)
        return None if state is None else replace(state, altered=self.altered)


def test_who_asked_to_be_called_back_is_not_called_by_a_number_that_is_another_persons() -> None:
    store = Exchanged()
    world(store, leads=12, people=nobody_back()).run()
    first = next(a for a in store.attempts(CAMPAIGN_ID) if a.outcome is Outcome.ANSWERED)
    state = store.campaign_state(CAMPAIGN_ID)
    assert state is not None
    assert state.last_civil_at is not None
    now = state.last_civil_at + timedelta(days=3)
    request = asked_by(int(first.callee_id.removeprefix("ce_")), now, first.attempt_id)
    store.record_refusal_or_freeze(Batch(requests=[request]))
    store.altered = frozenset({first.callee_id})
    summary = World(store, campaign(answering=plan()), seed=2, civil_start=now, people=nobody_back()).run()
    assert not [a for a in store.attempts_to(first.callee_id, 20) if a.planned_at >= now]
    assert summary.problem == "numbers-altered"
    assert [each.request_id for each in store.requests(RequestKind.CALL_BACK)] == [request.request_id], "it stays open"


def test_same_seed_gives_the_same_journal_and_another_does_not() -> None:
    journals = []
    for seed in (1, 1, 2):
        store = MemoryStore()
        fill(store, 30)
        World(store, campaign(answering=plan()), seed=seed, people=everybody_rings_back()).run()
        assert kept(store)
        journals.append(repr(store.journal()))
    assert journals[0] == journals[1] != journals[2]


@dataclass
class LosingCallers:
    """An inbound gateway that breaks its promise: it loses, doubles and invents events, as `fates` say in turn."""

    inner: SimulatedCallers
    fates: Sequence[str]
    events: int = 0
    lines: list[LineKey] = field(default_factory=list)

    def listen(self, on_event: Callable[[ArrivalEvent], None] | None) -> None:
        if on_event is None:
            self.inner.listen(None)
            return

        def pass_on(event: ArrivalEvent) -> None:
            fate = self.fates[self.events % len(self.fates)]
            self.events += 1
            self.lines.append(event.line)
            is_lost = fate == "lose" or (fate == "lose-end" and isinstance(event, ArrivalEnded))
            for _ in range(0 if is_lost else 2 if fate == "double" else 1):
                on_event(event)
            if fate == "early-end":
                on_event(ArrivalEnded(event.line, EndedBy.CALLEE))
            elif fate == "odd":
                for odd in (ArrivalConfirmed(event.line), CallerPressed(event.line, "1"),
                            CallerHeard(event.line, 1, was_stopped=False)):  # fmt: skip
                    on_event(odd)

        self.inner.listen(pass_on)

    def ring(self, line: LineKey) -> None:
        self.inner.ring(line)

    def answer(self, line: LineKey, recording: Path | None) -> None:
        self.inner.answer(line, recording)

    def refuse(self, line: LineKey, sip_status: int) -> None:
        self.inner.refuse(line, sip_status)

    def hang_up(self, line: LineKey) -> None:
        self.inner.hang_up(line)

    def play(self, line: LineKey, play_id: int, prompts: Sequence[str]) -> None:
        self.inner.play(line, play_id, prompts)

    def stop_playing(self, line: LineKey) -> None:
        self.inner.stop_playing(line)


FATES = st.lists(
    st.sampled_from(["pass", "pass", "lose", "lose-end", "double", "early-end", "odd"]), min_size=1, max_size=10
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(FATES, st.sampled_from(["leave", "stop", "stop-now", "crash"]), st.floats(1, 90))
def test_whatever_is_lost_every_line_comes_back_and_each_call_has_one_outcome(
    fates: list[str], how: str, at_s: float
) -> None:
    store = MemoryStore()
    fill(store, 12)

    def wrap(inner: SimulatedCallers) -> InboundGateway:
        return LosingCallers(inner, fates)

    def meddle(w: World, run: CampaignRun) -> None:
        def die() -> None:
            raise SimulatedCrash

        if how == "crash":
            w.clock.loop.call_later(at_s, die)
        elif how != "leave":
            w.clock.loop.call_later(at_s, lambda: run.stop(hang_up=how == "stop-now"))

    w = World(store, campaign(answering=plan()), people=everybody_rings_back(3.0), meddle=meddle, wrap_callers=wrap)
    try:
        w.run()
    except SimulatedCrash:
        store = MemoryStore(store.disk)
        w = World(store, campaign(answering=plan()), people=nobody_back(),
                  civil_start=TEN_IN_SHANGHAI + timedelta(hours=1))  # fmt: skip
        w.run()
    assert w.run_object.leases.holders() == frozenset()
    assert all(record.outcome is not None for record in kept(store))
    assert not store.inbound_calls(open_only=True)
    ends: dict[object, int] = {}
    for _, entry in store.journal():
        if entry.kind is JournalKind.INBOUND_CALL_ENDED:
            ends[entry.facts["inbound_id"]] = ends.get(entry.facts["inbound_id"], 0) + 1
    assert ends == {record.inbound_id: 1 for record in kept(store)}
    state = store.campaign_state(CAMPAIGN_ID)
    assert state is not None
    assert all(lead.state is not LeadState.IN_PROGRESS for lead in state.leads)


def test_call_for_a_number_that_is_not_ours_gets_404_and_is_not_kept() -> None:
    store = MemoryStore()
    fill(store, 1)

    def meddle(w: World, run: CampaignRun) -> None:
        stray = CallArrived(LineKey("x"), "+8613900000001", ("+861065550000",), False, "main")
        w.clock.loop.call_later(0.5, lambda: w.callers.arrive(stray))

    w = World(store, campaign(answering=plan()), people=nobody_back(), meddle=meddle)
    w.run()
    assert w.callers.refused == [404]
    assert kept(store) == ()


def test_answering_alone_serves_callers_and_finishes_their_leads_until_it_is_stopped() -> None:
    store = MemoryStore()
    world(store, leads=12, people=nobody_back()).run()
    by_callee = {a.callee_id: a for a in store.attempts(CAMPAIGN_ID) if a.outcome in (Outcome.NO_ANSWER, Outcome.BUSY)}
    missed = list(by_callee.values())
    assert missed
    ones = replace(everybody_rings_back(), keys=replace(profile().keys, rates={"1": 1.0}, press_after_median_s=6.0))
    ones = replace(ones, answer=replace(ones.answer, early_hang_up_rate=0.0))

    async def main() -> AnswerRun:
        clock = VirtualClock(asyncio.get_running_loop(), TEN_IN_SHANGHAI + timedelta(days=1))
        callers = SimulatedCallers(clock, Population(ones, 1), lambda prompt: 2.0)
        run = AnswerRun(plan(), clock, random.Random(1), InboundPorts(callers, store))
        for attempt in missed:
            to = callee(int(attempt.callee_id.removeprefix("ce_"))).number
            order = PlaceCall(attempt.attempt_id, to, attempt.presented_number, "", "main", 20, 60, None)
            callers.on_call_over(order, CallPlan(Reaction.NO_ANSWER, 0.0, 20.0))
        clock.call_at(Instant(clock.now() + 200), lambda: run.stop(hang_up=False))
        await run.run()
        return run

    run = run_virtually(main())
    assert run.leases.holders() == frozenset()
    state = store.campaign_state(CAMPAIGN_ID)
    assert state is not None
    reasons = {lead.lead_id: (lead.state, lead.reason) for lead in state.leads}
    served = [record for record in kept(store) if record.answers]
    assert len(served) == len([a for a in missed if not store.standing(a.callee_id).refusals])
    assert all(reasons[record.lead_id or LeadId("")][0] is not LeadState.WAITING for record in served)
    assert any(reasons[record.lead_id or LeadId("")] == (LeadState.FINISHED, "callee-called-back") for record in served)
