"""Whatever gateways do and lose, every lease comes back and every attempt has one outcome. Virtual time throughout."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.fakes.store import MemoryStore
from tests.rehearsal.world import CAMPAIGN_ID, World, campaign, fill

from baitie.app.calling.campaign_run import CampaignRun
from baitie.app.calling.progress import RunEnd
from baitie.app.ports.calls import (
    CallAnswered,
    CallEnded,
    CallEvent,
    CallFailed,
    CallGateway,
    CallRinging,
    KeyPressed,
    PlaceCall,
)
from baitie.app.ports.messages import MessageEvent, MessageGateway, OutgoingMessage
from baitie.domain.dialing.policy import DialingPolicy, OnLateCard
from baitie.kernel.ids import AttemptId
from baitie.kernel.records import AttemptState, LeadState
from baitie.rehearsal.fast.calls import SimulatedCalls
from baitie.rehearsal.fast.messages import SimulatedMessages
from baitie.rehearsal.virtual_time import SimulatedCrash

LEADS = 25


@dataclass
class LosingCalls:
    """A call gateway that breaks its promise: it loses or doubles events, as `fates` say in turn."""

    inner: SimulatedCalls
    fates: Sequence[str]
    events: int = 0
    placed: list[AttemptId] = field(default_factory=list)

    def listen(self, on_event: Callable[[CallEvent], None]) -> None:
        def pass_on(event: CallEvent) -> None:
            fate = self.fates[self.events % len(self.fates)]
            self.events += 1
            is_lost = fate == "lose" or (fate == "lose-end" and isinstance(event, CallEnded | CallFailed))
            for _ in range(0 if is_lost else 2 if fate == "double" else 1):
                on_event(event)
            if fate == "ring-late":
                on_event(CallRinging(event.attempt_id, 180, early_media=False))

        self.inner.listen(pass_on)

    async def start(self) -> None:
        await self.inner.start()

    async def close(self) -> None:
        await self.inner.close()

    def place(self, order: PlaceCall) -> None:
        self.placed.append(order.attempt_id)
        self.inner.place(order)

    def cancel(self, attempt_id: AttemptId) -> None:
        self.inner.cancel(attempt_id)

    def hang_up(self, attempt_id: AttemptId) -> None:
        self.inner.hang_up(attempt_id)

    def play(self, attempt_id: AttemptId, play_id: int, prompts: Sequence[str]) -> None:
        self.inner.play(attempt_id, play_id, prompts)

    def stop_playing(self, attempt_id: AttemptId) -> None:
        self.inner.stop_playing(attempt_id)


@dataclass
class LosingMessages:
    """A message gateway that loses and doubles events."""

    inner: SimulatedMessages
    fates: Sequence[str]
    events: int = 0

    def listen(self, on_event: Callable[[MessageEvent], None]) -> None:
        def pass_on(event: MessageEvent) -> None:
            fate = self.fates[self.events % len(self.fates)]
            self.events += 1
            for _ in range({"lose": 0, "double": 2}.get(fate, 1)):
                on_event(event)

        self.inner.listen(pass_on)

    async def start(self) -> None:
        await self.inner.start()

    async def close(self) -> None:
        await self.inner.close()

    def submit(self, message: OutgoingMessage) -> None:
        self.inner.submit(message)


CALL_FATES = st.lists(st.sampled_from(["pass", "lose", "lose-end", "double", "ring-late"]), min_size=1, max_size=12)
MESSAGE_FATES = st.lists(st.sampled_from(["pass", "lose", "double"]), min_size=1, max_size=6)
POLICIES = st.builds(
    DialingPolicy,
    ring_timeout_s=st.sampled_from([5.0, 20.0]),
    call_max_s=st.sampled_from([10.0, 60.0]),
    on_late_card=st.sampled_from(OnLateCard),
)
MEDDLINGS = st.sampled_from(["leave", "stop", "stop-now"])


def judge(world: World, store: MemoryStore, placed: Sequence[AttemptId]) -> None:
    """Leases back, attempts ended, leads free, no call placed twice."""
    state = store.campaign_state(CAMPAIGN_ID)
    assert state is not None
    assert world.run_object.leases.holders() == frozenset()
    assert not state.open_attempts
    attempts = store.attempts(CAMPAIGN_ID)
    assert all(attempt.state is AttemptState.ENDED and attempt.outcome for attempt in attempts)
    assert all(lead.state is not LeadState.IN_PROGRESS for lead in state.leads)
    assert len(placed) == len(set(placed))
    assert set(placed) <= {attempt.attempt_id for attempt in attempts if attempt.invite_sent_at is not None}


def meddle(how: str, at_s: float) -> Callable[[World, CampaignRun], None]:
    """Does it to the run at that instant."""

    def arm(world: World, run: CampaignRun) -> None:
        def die() -> None:
            raise SimulatedCrash

        if how == "crash":
            world.clock.loop.call_later(at_s, die)
        elif how != "leave":
            world.clock.loop.call_later(at_s, lambda: run.stop(hang_up=how == "stop-now"))

    return arm


def world_of(
    store: MemoryStore, policy: DialingPolicy, calls: Sequence[str], messages: Sequence[str], placed: list[AttemptId]
) -> World:
    """A run over gateways that lose events."""

    def wrap_calls(inner: SimulatedCalls) -> CallGateway:
        return LosingCalls(inner, calls, placed=placed)

    def wrap_messages(inner: SimulatedMessages) -> MessageGateway:
        return LosingMessages(inner, messages)

    changed = campaign(policy=policy, idle_wait_max_s=600.0)
    return World(store, campaign=changed, wrap_calls=wrap_calls, wrap_messages=wrap_messages)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(POLICIES, CALL_FATES, MESSAGE_FATES, MEDDLINGS, st.floats(0.01, 60.0), st.integers(0, 9999))
def test_every_lease_comes_back_when_events_are_lost_doubled_or_late(
    policy: DialingPolicy, calls: list[str], messages: list[str], how: str, at_s: float, seed: int
) -> None:
    store, placed = MemoryStore(), list[AttemptId]()
    fill(store, LEADS)
    world = world_of(store, policy, calls, messages, placed)
    world.seed, world.meddle = seed, meddle(how, at_s)
    summary = world.run()
    judge(world, store, placed)
    assert how == "leave" or summary.end is not RunEnd.STORE_FAILED


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(POLICIES, CALL_FATES, MESSAGE_FATES, st.lists(st.floats(0.01, 40.0), min_size=1, max_size=4))
def test_every_lease_comes_back_after_crashes_and_nothing_is_placed_twice(
    policy: DialingPolicy, calls: list[str], messages: list[str], crashes_at_s: list[float]
) -> None:
    store, placed = MemoryStore(), list[AttemptId]()
    fill(store, LEADS)
    for seed, at_s in enumerate([*crashes_at_s, None]):
        world = world_of(store, policy, calls, messages, placed)
        world.seed, world.meddle = seed, meddle("leave" if at_s is None else "crash", at_s or 0.0)
        try:
            world.run()
        except SimulatedCrash:
            store = store.crash()
    judge(world, store, placed)


@pytest.mark.parametrize("fate", ["lose", "lose-end"])
def test_carrier_of_which_no_end_is_ever_heard_holds_no_lease_for_ever(fate: str) -> None:
    store, placed = MemoryStore(), list[AttemptId]()
    fill(store, LEADS)
    world = world_of(store, DialingPolicy(ring_timeout_s=20), [fate], ["pass"], placed)
    world.run()
    judge(world, store, placed)
    assert placed


def test_key_that_refuses_holds_though_the_answer_to_the_call_was_never_heard() -> None:
    store, pressed = MemoryStore(), set[AttemptId]()
    fill(store, 300)

    @dataclass
    class DeafToAnswers(LosingCalls):
        def listen(self, on_event: Callable[[CallEvent], None]) -> None:
            def pass_on(event: CallEvent) -> None:
                if (
                    isinstance(event, KeyPressed)
                    and event.key == "9"
                    and event.attempt_id in world.run_object.leases.holders()
                ):
                    pressed.add(event.attempt_id)
                if not isinstance(event, CallAnswered):
                    on_event(event)

            self.inner.listen(pass_on)

    world = World(store, wrap_calls=lambda inner: DeafToAnswers(inner, ["pass"]))
    world.run()
    refused = {refusal.callee_id for refusal in store.disk.refusals}
    assert pressed, "somebody pressed 9"
    assert {attempt.callee_id for attempt in store.attempts(CAMPAIGN_ID) if attempt.attempt_id in pressed} <= refused


def test_hang_up_whose_end_is_lost_ends_at_the_silence_limit_though_the_bot_waited_for_a_key() -> None:
    store, placed = MemoryStore(), list[AttemptId]()
    fill(store, LEADS)
    policy = DialingPolicy(ring_timeout_s=5.0, call_max_s=60.0, on_late_card=OnLateCard.GIVE_UP)
    calls, messages = ["ring-late", "ring-late", "pass", "lose", "ring-late"], ["pass", "lose", "lose", "double"]
    world = world_of(store, policy, calls, messages, placed)
    world.seed, world.meddle = 379, meddle("stop-now", 20.118668676821613)
    world.run()
    judge(world, store, placed)
