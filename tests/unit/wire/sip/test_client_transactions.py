"""Unit: client transactions keep the timers of RFC 3261 §17.1 and RFC 6026."""

import pytest
from tests.unit.wire.sip.desk import ANSWER, CONTACT, FAR_TCP, Desk

from baitie.kernel.outcome import EndedBy, Outcome
from baitie.wire.sip.effects import CallEnded, CallFailed


def seconds(desk: Desk, kind: str, since: float) -> list[float]:
    return [round(at - since, 6) for at, _ in desk.sent_at(kind)]


def test_an_unanswered_invite_is_sent_at_doubling_intervals_and_given_up_after_64_t1() -> None:
    desk = Desk()
    begin = desk.now
    desk.place()
    desk.wait(31.99)
    assert seconds(desk, "INVITE", begin) == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert desk.events() == []
    desk.wait(0.02)
    failure = desk.event(CallFailed).failure
    assert (failure.cause, failure.outcome, failure.may_redial) == ("trunk-timeout", Outcome.UNKNOWN, True)
    desk.wait(33)
    assert desk.is_empty()


def test_over_tcp_nothing_is_sent_twice() -> None:
    desk = Desk()
    desk.place(flow=FAR_TCP)
    desk.wait(40)
    assert desk.sent() == []
    assert desk.event(CallFailed).failure.cause == "trunk-timeout"


def test_a_provisional_answer_stops_retransmission_of_the_invite() -> None:
    desk = Desk()
    _, invite = desk.place()
    desk.reply(invite, 100, tag="")
    desk.wait(50)
    assert desk.sent() == []


@pytest.mark.parametrize("repeats", [1, 3])
def test_a_repeated_refusal_gets_the_same_ack_each_time(repeats: int) -> None:
    desk = Desk()
    _, invite = desk.place()
    for _ in range(1 + repeats):
        desk.reply(invite, 486)
    acks = desk.sent("ACK")
    assert len(acks) == 1 + repeats
    assert {ack.to_bytes() for ack in acks} == {acks[0].to_bytes()}
    assert acks[0].first("via") == invite.first("via")
    assert acks[0].first("to").endswith(";tag=far")
    assert len(desk.events()) == 1


def test_a_repeated_200_gets_the_same_ack_each_time() -> None:
    desk = Desk()
    _, invite, ack = desk.talk()
    for _ in range(3):
        desk.reply(invite, 200, extra=CONTACT, body=ANSWER)
    assert [message.to_bytes() for message in desk.sent("ACK")] == [ack.to_bytes()] * 3
    assert ack.first("via") != invite.first("via")
    assert desk.events() == []


def test_an_unanswered_bye_is_repeated_up_to_t2_and_given_up_after_64_t1() -> None:
    desk = Desk()
    key, _, _ = desk.talk()
    begin = desk.now
    desk.agent.hang_up(key, desk.now)
    desk.wait(31.99)
    assert seconds(desk, "BYE", begin) == [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    desk.wait(0.02)
    assert desk.event(CallEnded).by is EndedBy.US


def test_after_a_provisional_answer_bye_is_repeated_every_t2() -> None:
    desk = Desk()
    key, _, _ = desk.talk()
    begin = desk.now
    desk.agent.hang_up(key, desk.now)
    desk.reply(desk.request("BYE"), 100)
    desk.wait(10)
    assert seconds(desk, "BYE", begin) == [0.5, 4.5, 8.5]


def test_when_all_calls_are_over_and_timers_have_lapsed_nothing_is_held() -> None:
    desk = Desk()
    for status in (200, 486, 503, None):
        key, invite = desk.place()
        if status is not None:
            desk.reply(invite, status, extra=CONTACT)
        if status == 200:
            desk.agent.hang_up(key, desk.now)
            desk.reply(desk.request("BYE"), 200)
    desk.wait(100)
    assert desk.is_empty(), desk.agent.held()


def test_a_broken_transport_before_sending_fails_the_call_at_once_and_leaves_nothing() -> None:
    desk = Desk()
    desk.place(flow=FAR_TCP)
    desk.agent.on_transport_failed(FAR_TCP, sent=False, now=desk.now)
    failure = desk.event(CallFailed).failure
    assert (failure.cause, failure.outcome) == ("trunk-unreachable", Outcome.FAILED)
    desk.wait(40)
    assert desk.is_empty()


def test_a_transport_that_broke_after_sending_leaves_the_outcome_unknown() -> None:
    desk = Desk()
    _, invite = desk.place(flow=FAR_TCP)
    desk.reply(invite, 180, flow=FAR_TCP)
    desk.events()
    desk.agent.on_transport_failed(FAR_TCP, sent=True, now=desk.now)
    assert desk.event(CallFailed).failure.outcome is Outcome.UNKNOWN
