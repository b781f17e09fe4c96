"""The machine of a call that came in: one end, whatever is lost, doubled or late."""

from hypothesis import given
from hypothesis import strategies as st

from baitie.domain.inbound.call import (
    KEEPING_MAX_S,
    SILENCE_MAX_S,
    AnswerCaller,
    EndInbound,
    HangUpCaller,
    InboundCall,
    InboundEffect,
    InboundOutcome,
    RefuseCaller,
    RingCaller,
    SpeakToCaller,
)
from baitie.domain.inbound.decision import AnsweringPolicy
from baitie.kernel.outcome import EndedBy
from baitie.kernel.time import Instant

POLICY = AnsweringPolicy(ring_s=1.0, call_max_s=60.0)


def at(seconds: float) -> Instant:
    return Instant(1000.0 + seconds)


def talking() -> InboundCall:
    call = InboundCall(POLICY, at(0))
    call.on_kept(True, at(0))
    call.on_deadline(at(1))
    assert call.on_confirmed(at(2)) == [SpeakToCaller()]
    return call


def test_caller_hears_it_ring_only_when_it_is_kept_that_they_called() -> None:
    call = InboundCall(POLICY, at(0))
    assert call.on_deadline(at(0.5)) == []
    assert call.on_kept(True, at(1)) == [RingCaller()]
    assert call.on_deadline(at(1.5)) == []
    assert call.on_deadline(at(2)) == [AnswerCaller()]


def test_call_that_ends_in_order_is_answered_for_as_long_as_it_was_talked() -> None:
    call = talking()
    assert call.on_ended(EndedBy.CALLEE, "", at(12)) == [
        EndInbound(InboundOutcome.ANSWERED, "", EndedBy.CALLEE, 10_000)
    ]
    assert call.next_deadline() is None


def test_caller_who_gives_up_before_the_answer_has_abandoned() -> None:
    call = InboundCall(POLICY, at(0))
    call.on_kept(True, at(0))
    (end,) = call.on_ended(EndedBy.CALLEE, "", at(0.5))
    assert end == EndInbound(InboundOutcome.ABANDONED, "caller-gave-up", EndedBy.CALLEE, None)


def test_store_that_cannot_keep_the_call_or_says_nothing_refuses_it() -> None:
    refused = [RefuseCaller(503), EndInbound(InboundOutcome.FAILED, "store-unavailable", EndedBy.US, None)]
    assert InboundCall(POLICY, at(0)).on_kept(False, at(1)) == refused
    assert InboundCall(POLICY, at(0)).on_deadline(at(KEEPING_MAX_S)) == refused


def test_call_that_talks_too_long_is_ended_and_one_whose_end_is_lost_is_unknown() -> None:
    call = talking()
    assert call.on_deadline(at(62)) == [HangUpCaller()]
    (end,) = call.on_deadline(at(62 + SILENCE_MAX_S))
    assert isinstance(end, EndInbound)
    assert end.outcome is InboundOutcome.UNKNOWN


STEPS = st.sampled_from(
    ["kept", "not-kept", "confirmed", "ended", "failed", "hang-up", "stop", "stop-now", "deadline", "wait"]
)


@given(st.lists(STEPS, max_size=40))
def test_whatever_happens_it_ends_once_and_deadlines_alone_bring_the_end(steps: list[str]) -> None:
    call = InboundCall(POLICY, at(0))
    now = at(0)
    effects: list[InboundEffect] = []
    for step in steps:
        match step:
            case "kept" | "not-kept":
                effects += call.on_kept(step == "kept", now)
            case "confirmed":
                effects += call.on_confirmed(now)
            case "ended" | "failed":
                effects += call.on_ended(EndedBy.CALLEE, "" if step == "ended" else "broken", now)
            case "hang-up":
                effects += call.hang_up(now)
            case "stop" | "stop-now":
                effects += call.stop(now, calls_too=step == "stop-now")
            case "deadline":
                now = call.next_deadline() or now
                effects += call.on_deadline(now)
            case "wait":
                now = Instant(now + 0.7)
                effects += call.on_deadline(now)
    for _ in range(10):
        due = call.next_deadline()
        if due is None:
            break
        effects += call.on_deadline(due)
    ends = [effect for effect in effects if isinstance(effect, EndInbound)]
    assert len(ends) == 1
    assert effects[-1] is ends[0]
    assert sum(isinstance(effect, SpeakToCaller) for effect in effects) <= 1
    if any(isinstance(effect, RefuseCaller) for effect in effects):
        assert not any(isinstance(effect, AnswerCaller | SpeakToCaller) for effect in effects)
