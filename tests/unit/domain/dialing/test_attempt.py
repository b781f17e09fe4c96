"""The attempt machine ends every attempt exactly once, and sends an INVITE at most once, whatever comes in."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baitie.domain.dialing.attempt import (
    CARRIER_SILENCE_MAX_S,
    AskGate,
    Attempt,
    AttemptEffect,
    AwaitPermit,
    CancelCall,
    CardOutcome,
    EndAttempt,
    HangUpCall,
    KeepCard,
    KeepInvite,
    Phase,
    PlaceCallNow,
    StartDialogue,
    SubmitCard,
)
from baitie.domain.dialing.policy import DialingPolicy, OnLateCard
from baitie.kernel.errors import Party
from baitie.kernel.fast_replace import fast_replace
from baitie.kernel.outcome import CallFailure, EndedBy, Outcome
from baitie.kernel.time import Instant

AT_ONCE = DialingPolicy(receipt_wait_s=3, ring_after_receipt_s=0)
POLICY = replace(AT_ONCE, ring_timeout_s=20, setup_timeout_s=10, call_max_s=60)
GIVE_UP = replace(AT_ONCE, on_late_card=OnLateCard.GIVE_UP)
NEXT = replace(AT_ONCE, on_late_card=OnLateCard.NEXT_CHANNEL)
NEXT_OR_GIVE_UP = replace(NEXT, after_last_channel=OnLateCard.GIVE_UP)
READ = DialingPolicy(receipt_wait_s=5, ring_after_receipt_s=3)
READ_OR_NEXT = replace(READ, on_late_card=OnLateCard.NEXT_CHANNEL)


NEXT_CHANNEL = OnLateCard.NEXT_CHANNEL


def at(seconds: float) -> Instant:
    return Instant(seconds)


def failure(outcome: Outcome, status: int | None, cause: str = "some-cause") -> CallFailure:
    return CallFailure(cause, Party.CALLEE, True, outcome, status)


def only(effects: list[AttemptEffect], kind: type) -> AttemptEffect:
    assert [type(effect) for effect in effects] == [kind]
    return effects[0]


def ended(effects: list[AttemptEffect]) -> EndAttempt:
    effect = only(effects, EndAttempt)
    assert isinstance(effect, EndAttempt)
    return effect


def placed(policy: DialingPolicy = POLICY) -> Attempt:
    attempt = Attempt(policy)
    only(attempt.start(False, at(0)), AwaitPermit)
    only(attempt.on_permit(at(0)), KeepInvite)
    only(attempt.on_kept(at(0)), AskGate)
    only(attempt.on_gate(True, "", at(0)), PlaceCallNow)
    return attempt


def ringing(policy: DialingPolicy = POLICY) -> Attempt:
    attempt = placed(policy)
    assert attempt.on_ringing(False, at(1)) == []
    return attempt


def waiting_for_card(policy: DialingPolicy = POLICY, channels: int = 1) -> Attempt:
    attempt = Attempt(policy, channels)
    only(attempt.start(True, at(0)), KeepCard)
    only(attempt.on_kept(at(0)), SubmitCard)
    return attempt


def test_card_is_kept_before_it_is_submitted_and_the_ring_waits_for_its_receipt() -> None:
    attempt = waiting_for_card()
    assert attempt.next_deadline() == at(3)
    only(attempt.on_card(CardOutcome.DELIVERED, at(1)), AwaitPermit)
    assert (attempt.card, attempt.receipt_at) == (CardOutcome.DELIVERED, at(1))


def test_late_card_rings_anyway_where_the_campaign_says_so() -> None:
    attempt = waiting_for_card()
    assert attempt.on_deadline(at(2.9)) == []
    only(attempt.on_deadline(at(3)), AwaitPermit)
    assert attempt.card is CardOutcome.LATE


@pytest.mark.parametrize("outcome", [CardOutcome.REFUSED, CardOutcome.UNDELIVERED, CardOutcome.UNKNOWN])
def test_card_that_did_not_arrive_gives_up_without_an_invite_where_the_campaign_says_so(outcome: CardOutcome) -> None:
    end = ended(waiting_for_card(GIVE_UP).on_card(outcome, at(1)))
    assert (end.invite_left, end.conclusion.cause) == (False, f"card-{outcome.value}")


def test_receipt_after_the_ring_began_is_remembered_and_changes_nothing() -> None:
    attempt = waiting_for_card()
    attempt.on_deadline(at(3))
    assert attempt.on_card(CardOutcome.DELIVERED, at(4)) == []
    assert (attempt.card, attempt.receipt_at) == (CardOutcome.LATE, at(4))


def test_gate_that_forbids_in_the_last_instant_stops_the_call_before_its_invite() -> None:
    attempt = Attempt(POLICY)
    attempt.start(False, at(0))
    attempt.on_permit(at(0))
    attempt.on_kept(at(0))
    end = ended(attempt.on_gate(False, "callee-refused", at(0)))
    assert (end.invite_left, end.conclusion.outcome, end.conclusion.cause) == (
        False,
        Outcome.CANCELLED,
        "gate-callee-refused",
    )


def test_stop_between_keeping_and_invite_lets_no_invite_leave() -> None:
    attempt = Attempt(POLICY)
    attempt.start(False, at(0))
    attempt.on_permit(at(0))
    assert not ended(attempt.stop("stopped", at(0), calls_too=False)).invite_left
    assert attempt.on_kept(at(0)) == []


def test_ring_timeout_cancels_and_487_then_means_no_answer_with_the_time_it_rang() -> None:
    attempt = ringing()
    only(attempt.on_deadline(at(21)), CancelCall)
    conclusion = ended(attempt.on_failed(failure(Outcome.CANCELLED, 487), at(21.1))).conclusion
    assert (conclusion.outcome, conclusion.evidence.ring_ms) == (Outcome.NO_ANSWER, 20100)


def test_silence_after_the_invite_is_unreachable_not_no_answer() -> None:
    attempt = placed()
    only(attempt.on_deadline(at(10)), CancelCall)
    assert ended(attempt.on_failed(failure(Outcome.CANCELLED, 487), at(11))).conclusion.outcome is Outcome.UNREACHABLE


def test_busy_that_crosses_our_cancel_is_still_busy() -> None:
    attempt = placed()
    attempt.on_deadline(at(10))
    assert ended(attempt.on_failed(failure(Outcome.BUSY, 486), at(11))).conclusion.outcome is Outcome.BUSY


def test_answer_that_crosses_our_cancel_is_an_abandoned_call_and_not_tried_again() -> None:
    attempt = ringing()
    attempt.on_deadline(at(21))
    assert attempt.on_answered(at(21.05)) == []
    conclusion = ended(attempt.on_ended(EndedBy.US, 0, at(21.2))).conclusion
    assert (conclusion.outcome, conclusion.may_redial) == (Outcome.ABANDONED, False)


def test_busy_after_a_second_of_ringing_is_taken_for_a_rejection() -> None:
    conclusion = ended(ringing().on_failed(failure(Outcome.BUSY, 486), at(3))).conclusion
    assert (conclusion.outcome, conclusion.evidence.note) == (Outcome.REJECTED, "busy-after-ringing")


@pytest.mark.parametrize("status", [486, 600])
def test_busy_after_ringing_is_busy_where_the_trunk_says_so(status: int) -> None:
    policy = fast_replace(POLICY, busy_after_ringing=Outcome.BUSY)
    conclusion = ended(ringing(policy).on_failed(failure(Outcome.BUSY, status), at(3))).conclusion
    assert (conclusion.outcome, conclusion.evidence.note) == (Outcome.BUSY, "busy-after-ringing")
    assert conclusion.may_redial
    rejected = ended(ringing(policy).on_failed(failure(Outcome.REJECTED, 603), at(3))).conclusion
    assert rejected.outcome is Outcome.REJECTED


def test_call_is_hung_up_at_its_absolute_limit() -> None:
    attempt = ringing()
    only(attempt.on_answered(at(5)), StartDialogue)
    only(attempt.on_deadline(at(65)), HangUpCall)
    conclusion = ended(attempt.on_ended(EndedBy.US, 1, at(65.1))).conclusion
    assert (conclusion.outcome, conclusion.evidence.talk_ms) == (Outcome.ANSWERED, 60100)


def test_a_call_without_a_way_for_keys_says_so_unless_a_key_came_all_the_same() -> None:
    for hears_keys, keys, note in ((False, 0, "no-keys-announced"), (False, 1, ""), (True, 0, "")):
        attempt = ringing()
        attempt.on_answered(at(2), hears_keys=hears_keys)
        found = ended(attempt.on_ended(EndedBy.CALLEE, keys, at(9))).conclusion
        assert (found.outcome, found.evidence.note) == (Outcome.ANSWERED, note)


def test_late_answer_without_a_key_is_taken_for_a_mailbox_and_with_a_key_for_a_person() -> None:
    policy = DialingPolicy(ring_timeout_s=40, voicemail_ring_min_s=20)
    for keys, expected in ((0, Outcome.VOICEMAIL), (1, Outcome.ANSWERED)):
        attempt = ringing(policy)
        attempt.on_answered(at(22))
        attempt.hang_up(at(30))
        assert ended(attempt.on_ended(EndedBy.US, keys, at(30.1))).conclusion.outcome is expected


@pytest.mark.parametrize("answered", [False, True])
def test_lost_final_event_ends_the_attempt_as_not_knowable_after_the_silence_limit(answered: bool) -> None:
    attempt = ringing()
    if answered:
        attempt.on_answered(at(2))
        attempt.hang_up(at(3))
    else:
        attempt.on_deadline(at(21))
    due = attempt.next_deadline()
    assert due is not None
    conclusion = ended(attempt.on_deadline(due)).conclusion
    assert conclusion.outcome is (Outcome.ANSWERED if answered else Outcome.UNKNOWN)
    assert (conclusion.evidence.note, conclusion.may_redial) == ("carrier-silent", False)
    assert due - (3 if answered else 21) == CARRIER_SILENCE_MAX_S


EVENTS = st.sampled_from(
    [
        "kept",
        "permit",
        "gate-yes",
        "gate-no",
        "ringing",
        "answered",
        "failed",
        "ended",
        "delivered",
        "refused",
        "deadline",
        "stop",
        "stop-all",
        "hang-up",
    ]
)


def next_channel(attempt: Attempt, seconds: float) -> None:
    only(attempt.on_kept(at(seconds)), SubmitCard)


@pytest.mark.parametrize("outcome", [CardOutcome.REFUSED, CardOutcome.UNDELIVERED, CardOutcome.UNKNOWN])
def test_card_that_failed_goes_over_the_next_channel_kept_first_again(outcome: CardOutcome) -> None:
    attempt = waiting_for_card(NEXT, channels=2)
    only(attempt.on_card(outcome, at(1)), KeepCard)
    assert attempt.channel == 1
    next_channel(attempt, 1.1)
    assert attempt.next_deadline() == at(4.1)
    only(attempt.on_card(CardOutcome.DELIVERED, at(2), channel=1), AwaitPermit)
    assert attempt.card is CardOutcome.DELIVERED


@pytest.mark.parametrize(("policy", "kind"), [(NEXT, AwaitPermit), (NEXT_OR_GIVE_UP, EndAttempt)])
def test_when_every_channel_was_late_the_campaign_says_whether_it_rings(policy: DialingPolicy, kind: type) -> None:
    attempt = waiting_for_card(policy, channels=2)
    only(attempt.on_deadline(at(3)), KeepCard)
    next_channel(attempt, 3)
    only(attempt.on_deadline(at(6)), kind)
    assert attempt.card is CardOutcome.LATE


def test_late_receipt_of_the_first_channel_ends_the_wait_for_the_second() -> None:
    attempt = waiting_for_card(NEXT, channels=2)
    only(attempt.on_deadline(at(3)), KeepCard)
    next_channel(attempt, 3)
    assert attempt.on_card(CardOutcome.UNDELIVERED, at(3.2), channel=0) == []
    only(attempt.on_card(CardOutcome.DELIVERED, at(3.5), channel=0), AwaitPermit)
    assert attempt.receipt_at == at(3.5)


def test_receipt_that_comes_while_the_next_card_is_being_kept_spares_that_card() -> None:
    attempt = waiting_for_card(NEXT, channels=2)
    only(attempt.on_deadline(at(3)), KeepCard)
    assert attempt.on_card(CardOutcome.DELIVERED, at(3.01), channel=0) == []
    only(attempt.on_kept(at(3.02)), AwaitPermit)
    assert attempt.card is CardOutcome.DELIVERED


def test_a_card_is_left_to_be_read_before_the_trunk_is_asked_and_not_within_the_wait_for_its_receipt() -> None:
    attempt = waiting_for_card(READ)
    assert attempt.on_card(CardOutcome.DELIVERED, at(4.5)) == []
    assert (attempt.phase, attempt.next_deadline()) == (Phase.CARD_READING, at(7.5))
    assert attempt.on_deadline(at(7.4)) == []
    only(attempt.on_deadline(at(7.5)), AwaitPermit)
    assert attempt.card is CardOutcome.DELIVERED


@pytest.mark.parametrize("outcome", [CardOutcome.REFUSED, CardOutcome.UNDELIVERED, CardOutcome.UNKNOWN])
def test_without_a_receipt_nobody_is_given_time_to_read(outcome: CardOutcome) -> None:
    only(waiting_for_card(READ).on_card(outcome, at(1)), AwaitPermit)
    only(waiting_for_card(READ).on_deadline(at(5)), AwaitPermit)
    only(Attempt(READ).start(False, at(0)), AwaitPermit)


def test_what_else_is_heard_of_a_card_that_is_being_read_changes_nothing() -> None:
    attempt = waiting_for_card(READ)
    attempt.on_card(CardOutcome.DELIVERED, at(1))
    for outcome in (CardOutcome.DELIVERED, CardOutcome.UNDELIVERED, CardOutcome.REFUSED):
        assert attempt.on_card(outcome, at(2)) == []
    assert (attempt.phase, attempt.next_deadline()) == (Phase.CARD_READING, at(4))
    assert (attempt.card, attempt.receipt_at) == (CardOutcome.DELIVERED, at(1))


@pytest.mark.parametrize("calls_too", [False, True])
def test_a_stop_while_the_card_is_being_read_lets_no_invite_leave(calls_too: bool) -> None:
    attempt = waiting_for_card(READ)
    attempt.on_card(CardOutcome.DELIVERED, at(1))
    assert not ended(attempt.stop("callee-refused", at(2), calls_too=calls_too)).invite_left
    assert attempt.next_deadline() is None


@pytest.mark.parametrize(("kept_s", "is_read"), [(6.0, False), (9.0, True)])
def test_time_to_read_counts_from_the_receipt_though_the_next_card_was_being_kept(kept_s: float, is_read: bool) -> None:
    attempt = waiting_for_card(READ_OR_NEXT, channels=2)
    only(attempt.on_deadline(at(5)), KeepCard)
    assert attempt.on_card(CardOutcome.DELIVERED, at(5.5), channel=0) == []
    effects = attempt.on_kept(at(kept_s))
    assert [type(effect) for effect in effects] == ([AwaitPermit] if is_read else [])
    assert attempt.next_deadline() == (None if is_read else at(8.5))


def feed(attempt: Attempt, event: str, now: Instant) -> list[AttemptEffect]:
    """One event of the outside; events the app would not send in this phase are left out."""
    match event:
        case "kept":
            return attempt.on_kept(now)
        case "permit":
            return attempt.on_permit(now)
        case "ringing":
            return attempt.on_ringing(True, now)
        case "answered":
            return attempt.on_answered(now)
        case "failed":
            return attempt.on_failed(failure(Outcome.BUSY, 486), now)
        case "ended":
            return attempt.on_ended(EndedBy.CALLEE, 0, now)
        case "delivered":
            return attempt.on_card(CardOutcome.DELIVERED, now)
        case "refused":
            return attempt.on_card(CardOutcome.REFUSED, now)
        case "deadline":
            due = attempt.next_deadline()
            return [] if due is None else attempt.on_deadline(max(due, now))
        case "stop":
            return attempt.stop("stopped", now, calls_too=False)
        case "stop-all":
            return attempt.stop("stopped", now, calls_too=True)
        case "hang-up":
            return attempt.hang_up(now)
    return []


@settings(max_examples=500, deadline=None)
@given(
    has_card=st.booleans(),
    policy=st.sampled_from([POLICY, GIVE_UP, NEXT, NEXT_OR_GIVE_UP, READ, READ_OR_NEXT]),
    channels=st.integers(1, 4),
    gate=st.booleans(),
    events=st.lists(EVENTS, max_size=40),
)
def test_any_order_of_events_gives_one_end_at_most_one_invite_and_then_silence(
    has_card: bool, policy: DialingPolicy, channels: int, gate: bool, events: list[str]
) -> None:
    attempt = Attempt(policy, channels)
    seen: list[AttemptEffect] = []

    def take(effects: list[AttemptEffect], now: Instant) -> None:
        for effect in effects:
            assert not any(isinstance(earlier, EndAttempt) for earlier in seen), "nothing follows the end"
            seen.append(effect)
            if isinstance(effect, AwaitPermit) and attempt.card is CardOutcome.DELIVERED:
                assert attempt.receipt_at is not None
                assert now >= attempt.receipt_at + policy.ring_after_receipt_s, "a card is read before it rings"
            if isinstance(effect, AskGate):
                take(attempt.on_gate(gate, "rule", now), now)

    take(attempt.start(has_card, at(0)), at(0))
    for step, event in enumerate(events, start=1):
        take(feed(attempt, event, at(step / 10)), at(step / 10))
    for _ in range(12):  # whatever is left over ends by its deadlines, once the app does its part
        now = at(1000 + len(seen))
        take([*feed(attempt, "kept", now)], now)
        take([*feed(attempt, "permit", now)], now)
        take([*feed(attempt, "deadline", now)], now)

    kinds = [type(effect) for effect in seen]
    assert kinds.count(EndAttempt) == 1
    assert kinds[-1] is EndAttempt
    assert attempt.phase is Phase.ENDED
    assert attempt.next_deadline() is None
    assert kinds.count(PlaceCallNow) <= 1
    end = seen[-1]
    assert isinstance(end, EndAttempt)
    assert end.invite_left == (PlaceCallNow in kinds)
    if PlaceCallNow in kinds:
        assert kinds.index(KeepInvite) < kinds.index(AskGate) < kinds.index(PlaceCallNow)
        assert gate, "an INVITE leaves only when the gate allows"
    if SubmitCard in kinds:
        assert kinds.index(KeepCard) < kinds.index(SubmitCard)
    assert kinds.count(SubmitCard) <= kinds.count(KeepCard) <= (channels if policy.on_late_card is NEXT_CHANNEL else 1)
