"""Opt-outs that come while somebody's card or call is on its way."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.fakes.store import MemoryStore
from tests.rehearsal import world as here
from tests.rehearsal.world import CAMPAIGN_ID, TEN_IN_SHANGHAI, World, callee, campaign, fill

from baitie.app.calling.campaign_run import CampaignRun
from baitie.app.ports.messages import MessageReceived
from baitie.app.records.batch import Batch
from baitie.domain.dialing.policy import DialingPolicy
from baitie.domain.risk.history import Freeze, Refusal, RefusalChannel
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.outcome import Outcome
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import LeadState
from baitie.rehearsal.population import Population
from baitie.rehearsal.profile import Profile

PROFILE = here.profile()


def patient_profile(**messages: float) -> Profile:
    """Nobody answers; the telephone rings for a minute; every card comes after a second."""
    base = PROFILE
    return replace(
        base,
        answer=replace(base.answer, rate_by_hour=(0.0,) * 24),
        not_answered=replace(
            base.not_answered,
            **dict.fromkeys(("busy", "rejected", "powered_off", "unallocated", "unreachable", "voicemail"), 0.0),
            no_answer=1.0,
        ),
        messages=replace(
            base.messages,
            **{
                "lost_receipt_rate": 0.0,
                "undelivered_rate": 0.0,
                "refused_rate": 0.0,
                "throttled_rate": 0.0,
                "opt_out_reply_rate": 0.0,
                "receipt_median_s": 1.0,
                "receipt_sigma": 0.0,
            }
            | messages,
        ),
    )


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(here, "profile", patient_profile)


@pytest.mark.usefixtures("patient")
def test_the_telephone_rings_when_the_card_had_its_time_to_be_read() -> None:
    store = MemoryStore()
    fill(store, 1)
    World(store, campaign=campaign(policy=DialingPolicy(ring_after_receipt_s=4, attempts_max=1))).run()
    at = {entry.kind: entry.at for _, entry in store.journal()}
    read_s = (at[JournalKind.INVITE_SENT] - at[JournalKind.CARD_DELIVERED]).total_seconds()
    assert read_s == pytest.approx(4, abs=0.1)
    assert at[JournalKind.RING_ALLOWED] >= at[JournalKind.INVITE_SENT], "the gate is asked after the time to read"


def kinds(store: MemoryStore) -> list[JournalKind]:
    return [entry.kind for _, entry in store.journal()]


def write_after(after_s: float, text: str, sender: PhoneNumber | None = None):
    def meddle(world: World, run: CampaignRun) -> None:
        message = MessageReceived(sender or callee(0).number, text)
        world.clock.loop.call_later(after_s, lambda: run.events.on_message(message))

    return meddle


@pytest.mark.parametrize("after_s", [0.5, 2.5], ids=["before the receipt", "while the card is being read"])
@pytest.mark.usefixtures("patient")
def test_an_optout_by_reply_between_card_and_ring_stops_the_ring(after_s: float) -> None:
    store = MemoryStore()
    fill(store, 1)
    world = World(store, meddle=write_after(after_s, "ＴＤ"))
    world.run()
    assert len(world.messages.submitted) == 1
    assert world.calls.placed == []
    assert [refusal.channel for refusal in store.disk.refusals] == [RefusalChannel.MESSAGE]
    assert {JournalKind.MESSAGE_RECEIVED, JournalKind.CALLEE_REFUSED} <= set(kinds(store))
    state = store.campaign_state(CAMPAIGN_ID)
    assert state is not None
    assert [(lead.state, lead.reason) for lead in state.leads] == [(LeadState.REFUSED, "callee-refused")]


@pytest.mark.usefixtures("patient")
def test_an_optout_in_another_reading_of_the_reply_stops_the_ring_too() -> None:
    def meddle(world: World, run: CampaignRun) -> None:
        message = MessageReceived(callee(0).number, "ÍË¶©", ("退订",))
        world.clock.loop.call_later(0.5, lambda: run.events.on_message(message))

    store = MemoryStore()
    fill(store, 1)
    world = World(store, meddle=meddle)
    world.run()
    assert world.calls.placed == []
    (noted,) = [entry for _, entry in store.journal() if entry.kind is JournalKind.MESSAGE_RECEIVED]
    assert noted.facts == {"reads_as": "optout", "word": "退订", "language": "zh"}


@pytest.mark.usefixtures("patient")
def test_an_optout_by_reply_while_it_rings_ends_the_ringing() -> None:
    store = MemoryStore()
    fill(store, 1)
    world = World(store, meddle=write_after(5.0, "退订"))
    world.run()
    (attempt,) = store.attempts(CAMPAIGN_ID)
    assert attempt.outcome is Outcome.CANCELLED
    assert attempt.failure_cause == "callee-refused"
    assert attempt.evidence.ring_ms is not None
    assert attempt.evidence.ring_ms < 5000


@pytest.mark.usefixtures("patient")
def test_an_ordinary_reply_is_noted_without_its_text_and_stops_nothing() -> None:
    store = MemoryStore()
    fill(store, 1)
    world = World(store, meddle=write_after(0.5, "你们是哪家公司"))
    world.run()
    assert len(world.calls.placed) >= 1
    (noted,) = [entry for _, entry in store.journal() if entry.kind is JournalKind.MESSAGE_RECEIVED]
    assert noted.facts == {"reads_as": "other"}
    assert noted.callee_id == callee(0).callee_id
    assert store.disk.refusals == []


@pytest.mark.usefixtures("patient")
def test_a_stranger_who_opts_out_is_remembered() -> None:
    store = MemoryStore()
    fill(store, 1)
    stranger = PhoneNumber("+8613912345678")
    World(store, meddle=write_after(0.5, "T", stranger)).run()
    stranger_id = store.callee_ids([stranger])[stranger]
    assert [refusal.callee_id for refusal in store.disk.refusals] == [stranger_id]


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("is_freeze", [True, False])
def test_what_another_process_wrote_ends_the_ringing_within_a_second(is_freeze: bool) -> None:
    store = MemoryStore()
    fill(store, 1)
    at, who = TEN_IN_SHANGHAI, callee(0).callee_id
    if is_freeze:
        frozen = JournalEntry(JournalKind.CALLEE_FROZEN, at, callee_id=who)
        batch = Batch([frozen], freezes=[Freeze(who, at, at + timedelta(days=7), "by-hand", "desk", "li")])
    else:
        refused = JournalEntry(JournalKind.CALLEE_REFUSED, at, callee_id=who)
        batch = Batch([refused], refusals=[Refusal(who, at, RefusalChannel.PAGE, "callee")])

    def write(world: World, run: CampaignRun) -> None:
        world.clock.loop.call_later(6.0, lambda: store.record_refusal_or_freeze(batch))

    World(store, meddle=write).run()
    first = store.attempts(CAMPAIGN_ID)[0]
    assert first.outcome is Outcome.CANCELLED
    assert first.rang_at is not None
    assert first.ended_at is not None
    assert first.ended_at - TEN_IN_SHANGHAI < timedelta(seconds=7.5)


def test_people_of_the_profile_who_reply_are_not_called_afterwards() -> None:
    store = MemoryStore()
    fill(store, 300)
    World(store, campaign=campaign()).run()
    by_reply = {r.callee_id: r.at for r in store.disk.refusals if r.channel is RefusalChannel.MESSAGE}
    assert by_reply, "the profile has people who answer the card with an opt-out"
    for attempt in store.attempts(CAMPAIGN_ID):
        if attempt.callee_id in by_reply and attempt.invite_sent_at is not None:
            assert attempt.invite_sent_at <= by_reply[attempt.callee_id]


def test_the_population_decides_by_seed_who_replies() -> None:
    profile = patient_profile(opt_out_reply_rate=0.5)

    def who(seed: int) -> list[bool]:
        people = Population(profile, seed)
        return [people.on_message(f"+86139{n:08}").opt_out_after_s is not None for n in range(200)]

    assert who(1) == who(1)
    assert who(1) != who(2)
    assert 60 < sum(who(1)) < 140
