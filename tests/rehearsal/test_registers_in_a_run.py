"""Suspended numbers, registries of refused calls, wishes of channel and language: in whole runs under virtual time."""

import tomllib
from datetime import date, timedelta

import pytest
from tests.fakes.store import MemoryStore
from tests.rehearsal.world import CAMPAIGN_ID, PACKAGE, TEMPLATE, TEN_IN_SHANGHAI, World, callee, campaign, fill

from baitie.app.calling.campaign_run import CampaignRun
from baitie.app.ports.messages import MessageReceived
from baitie.app.records.batch import Batch
from baitie.app.registers.refusals import refusal_batch
from baitie.app.registers.review_queue import read_transcript
from baitie.domain.complaints import NumberSuspension
from baitie.domain.consent.register import Preference, ReachChannel
from baitie.domain.review import Speaker, Transcript, Utterance
from baitie.domain.risk.history import RefusalChannel
from baitie.domain.risk.rulebook import RuleBook, load_rulebook
from baitie.files.transcript_files import read_suspect_words
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.purpose import NumberClass, Purpose
from baitie.kernel.records import CalleeRecord, LeadState

FIRST, SECOND = "+8657188880000", "+8657188880001"


def suspension(number: str, at_s: float = 0) -> NumberSuspension:
    return NumberSuspension(f"ns_{number}", number, TEN_IN_SHANGHAI + timedelta(seconds=at_s), "complaint", "li")


def test_a_number_suspended_in_mid_run_is_presented_no_more_and_the_other_goes_on() -> None:
    store = MemoryStore()
    fill(store, 200)

    def suspend(world: World, run: CampaignRun) -> None:
        def act() -> None:
            store.record_refusal_or_freeze(Batch(suspensions=[suspension(FIRST)]))
            suspended_at.append(world.clock.civil_now())

        world.clock.loop.call_later(6.0, act)

    suspended_at: list = []
    World(store, meddle=suspend).run()
    sent = [a for a in store.attempts(CAMPAIGN_ID) if a.invite_sent_at is not None]
    before = [a for a in sent if a.invite_sent_at <= suspended_at[0]]
    after = [a for a in sent if a.invite_sent_at > suspended_at[0]]
    assert any(a.presented_number.e164() == FIRST for a in before)
    assert after
    assert {a.presented_number.e164() for a in after} == {SECOND}


def test_a_campaign_all_of_whose_numbers_are_suspended_calls_nobody_and_its_leads_wait() -> None:
    store = MemoryStore()
    fill(store, 3)
    store.record_refusal_or_freeze(Batch(suspensions=[suspension(FIRST), suspension(SECOND)]))
    world = World(store, campaign=campaign(idle_wait_max_s=60.0))
    world.run()
    assert world.calls.placed == []
    state = store.campaign_state(CAMPAIGN_ID)
    assert state is not None
    assert {lead.state for lead in state.leads} == {LeadState.WAITING}
    delayed = [entry for _, entry in store.journal() if entry.kind is JournalKind.LEAD_DELAYED]
    assert {entry.facts["rule"] for entry in delayed} == {"CORE-NUMBER-SUSPENDED"}


def american(number: int) -> CalleeRecord:
    e164 = PhoneNumber(f"+1201555{number:04d}")
    return CalleeRecord(callee(number).callee_id, e164, NumberClass.FIXED, "US", ("Asia/Shanghai",))


def test_whom_a_registry_names_is_not_called_and_the_others_are() -> None:
    store = MemoryStore()
    fill(store, 4)
    store.disk.callees.update({american(n).callee_id: american(n) for n in range(4)})
    store.import_registry(
        "us-national-dnc",
        [american(1).number.e164()],
        as_of=date(2026, 3, 1),
        at=TEN_IN_SHANGHAI,
        actor="li",
        source="file",
    )
    world = World(store, campaign=campaign(rules=only_registry(), purpose=Purpose.ACQUISITION))
    world.run()
    assert {order.to for order in world.calls.placed} == {american(n).number for n in (0, 2, 3)}


def only_registry() -> RuleBook:
    """The pack core, and of the American pack the registry alone: consents and hours have tests of their own."""
    core, us = (tomllib.loads((PACKAGE / "rules" / f"{name}.toml").read_text()) for name in ("core", "us-core"))
    us["rule"] = [rule for rule in us["rule"] if rule["id"] == "US-DNC"]
    return load_rulebook([core, us])


def wish(number: int, channels: set[ReachChannel] | None = None, language: str | None = None) -> Preference:
    wished = None if channels is None else frozenset(channels)
    return Preference(callee(number).callee_id, TEN_IN_SHANGHAI, "callee", (), None, wished, language)


def test_wishes_of_channel_and_language_are_kept() -> None:
    store = MemoryStore()
    fill(store, 4)
    voice, message = ReachChannel.VOICE, ReachChannel.MESSAGE
    store.record_refusal_or_freeze(
        Batch(preferences=[wish(0, {voice}), wish(1, {message}), wish(2, None, "en"), wish(3, None, "zh")])
    )
    assert TEMPLATE.language == "zh-CN"
    world = World(store)
    world.run()
    called = {order.to for order in world.calls.placed}
    carded = {message.to for message in world.messages.submitted}
    assert called == {callee(0).number, callee(3).number}
    assert carded == {callee(3).number}, (
        "who wishes no messages is called without a card, who wishes English not at all"
    )


def by_reply(world: World, run: CampaignRun) -> None:
    run.events.on_message(MessageReceived(callee(0).number, "退订"))


def by_desk(channel: RefusalChannel):
    def refuse(world: World, run: CampaignRun) -> None:
        at, who = world.clock.civil_now(), callee(0).callee_id
        world.store.record_refusal_or_freeze(refusal_batch(who, channel, "li", at))

    return refuse


def by_voice(world: World, run: CampaignRun) -> None:
    transcript = Transcript((Utterance(Speaker.CALLEE, "以后不要再打电话给我了"),), "recogniser 1")
    at, who = world.clock.civil_now(), callee(0).callee_id
    read = read_transcript(
        who, transcript, read_suspect_words(), frozenset(), at, lambda prefix: f"{prefix}_1", has_refused=False
    )
    world.store.record_refusal_or_freeze(read.batch)


WAYS = {
    RefusalChannel.MESSAGE: by_reply,
    RefusalChannel.VOICE: by_voice,
    RefusalChannel.PAGE: by_desk(RefusalChannel.PAGE),
    RefusalChannel.AGENT: by_desk(RefusalChannel.AGENT),
    RefusalChannel.API: by_desk(RefusalChannel.API),
    RefusalChannel.OPERATOR: by_desk(RefusalChannel.OPERATOR),
    RefusalChannel.KEYPAD: by_desk(RefusalChannel.KEYPAD),
}


def test_there_is_a_way_in_for_every_channel() -> None:
    assert set(WAYS) == set(RefusalChannel)


@pytest.mark.parametrize("channel", WAYS)
def test_by_whatever_way_somebody_refuses_between_card_and_ring_no_invite_follows(channel: RefusalChannel) -> None:
    store = MemoryStore()
    fill(store, 1)

    def meddle(world: World, run: CampaignRun) -> None:
        def look() -> None:
            if world.messages.submitted:
                WAYS[channel](world, run)
            else:
                world.clock.loop.call_later(0.01, look)

        world.clock.loop.call_later(0.01, look)

    world = World(store, meddle=meddle)
    world.run()
    assert len(world.messages.submitted) == 1
    assert world.calls.placed == []
    (refusal,) = store.disk.refusals
    assert refusal.channel is channel
    (entry,) = [entry for _, entry in store.journal() if entry.kind is JournalKind.CALLEE_REFUSED]
    assert isinstance(entry, JournalEntry)
    assert entry.facts["channel"] == channel.value
    other = World(store, campaign=campaign(), seed=2)
    other.run()
    assert other.calls.placed == []
