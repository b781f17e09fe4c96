"""Unit: calls that we place, race by race (RFC 3261 §9.1, §13.2; RFC 3262)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.wire.sip.desk import ANSWER, CONTACT, FAR, FAR_TCP, OFFER, Desk, from_callee, reply_bytes

from baitie.kernel.outcome import EndedBy, Outcome
from baitie.wire.sip.auth import Credentials
from baitie.wire.sip.effects import CallAnswered, CallEnded, CallFailed, CallProgressed, Flow
from baitie.wire.sip.errors import SipArgumentError
from baitie.wire.sip.settings import InviteRequest


def test_an_invite_carries_what_rfc_3261_demands() -> None:
    desk = Desk()
    key, invite = desk.place(from_display='Ann "A" B', headers=(("P-Asserted-Identity", "<sip:+861@x>"),))
    assert invite.uri == "sip:+8613800000000@far.example"
    assert invite.first("via").startswith("SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bK")
    assert invite.first("max-forwards") == "70"
    assert invite.first("from") == f'"Ann \\"A\\" B" <sip:1000@near.example>;tag={key}'
    assert invite.first("to") == "<sip:+8613800000000@far.example>"
    assert invite.first("cseq") == "1 INVITE"
    assert invite.first("contact") == "<sip:baitie@10.0.0.1:5060>"
    assert invite.first("p-asserted-identity") == "<sip:+861@x>"
    assert invite.first("content-type") == "application/sdp"
    assert invite.body == OFFER


def test_ringing_then_answer_then_our_bye() -> None:
    desk = Desk()
    key, invite = desk.place()
    desk.reply(invite, 100, tag="")
    desk.reply(invite, 180)
    desk.reply(invite, 200, extra=CONTACT, body=ANSWER)
    assert desk.events() == [CallProgressed(key, 180, "Whatever", b"", False), CallAnswered(key, ANSWER)]
    ack = desk.request("ACK")
    assert (ack.uri, ack.first("cseq")) == ("sip:callee@10.0.0.2:5060", "1 ACK")
    desk.agent.hang_up(key, desk.now)
    bye = desk.request("BYE")
    assert bye.first("cseq") == "2 BYE"
    desk.reply(bye, 200)
    assert desk.event(CallEnded) == CallEnded(key, EndedBy.US, None, None)


def test_the_callee_hangs_up() -> None:
    desk = Desk()
    key, invite, _ = desk.talk()
    desk.receive(from_callee("BYE", 7, invite, extra="Reason: Q.850;cause=16\r\n"))
    desk.response(200)
    assert desk.event(CallEnded) == CallEnded(key, EndedBy.CALLEE, "Q.850;cause=16", None)
    desk.receive(from_callee("BYE", 7, invite, extra="Reason: Q.850;cause=16\r\n"))
    desk.response(200)
    assert desk.events() == []


def test_both_sides_hang_up_at_once() -> None:
    desk = Desk()
    key, invite, _ = desk.talk()
    desk.agent.hang_up(key, desk.now)
    bye = desk.request("BYE")
    desk.receive(from_callee("BYE", 7, invite))
    desk.response(200)
    desk.reply(bye, 481)
    assert desk.event(CallEnded).by is EndedBy.US


def test_early_media_comes_with_the_progress_and_stands_when_the_200_repeats_none() -> None:
    desk = Desk()
    _, invite = desk.place()
    desk.reply(invite, 183, extra=CONTACT, body=ANSWER)
    assert desk.event(CallProgressed).sdp == ANSWER
    desk.reply(invite, 200, extra=CONTACT)
    assert desk.event(CallAnswered).sdp == ANSWER


# Cancelling


def test_cancel_waits_for_a_provisional_answer_and_uses_the_branch_of_the_invite() -> None:
    desk = Desk()
    key, invite = desk.place()
    desk.agent.hang_up(key, desk.now)
    assert desk.sent() == []
    desk.reply(invite, 100, tag="")
    cancel = desk.request("CANCEL")
    assert cancel.first("via") == invite.first("via")
    assert cancel.first("cseq") == "1 CANCEL"
    assert "tag" not in cancel.first("to")
    desk.reply(cancel, 200)
    desk.reply(invite, 487)
    desk.request("ACK")
    failure = desk.event(CallFailed).failure
    assert (failure.cause, failure.outcome) == ("cancelled-by-us", Outcome.CANCELLED)


def test_a_ring_timeout_cancels_and_counts_as_no_answer() -> None:
    desk = Desk()
    _, invite = desk.place(ring_timeout_s=20)
    desk.reply(invite, 180)
    desk.wait(19.9)
    assert desk.sent("CANCEL") == []
    desk.wait(0.2)
    desk.reply(desk.request("CANCEL"), 200)
    desk.reply(invite, 487)
    assert desk.events()[-1].failure.outcome is Outcome.NO_ANSWER


def test_an_answer_that_crosses_our_cancel_gets_ack_and_bye_and_is_called_abandoned() -> None:
    desk = Desk()
    key, invite = desk.place()
    desk.reply(invite, 180)
    desk.agent.hang_up(key, desk.now)
    cancel = desk.request("CANCEL")
    desk.reply(invite, 200, extra=CONTACT, body=ANSWER)
    desk.request("ACK")
    bye = desk.request("BYE")
    failure = desk.events()[-1].failure
    assert (failure.cause, failure.outcome) == ("answered-while-cancelling", Outcome.ABANDONED)
    desk.reply(cancel, 481)
    desk.reply(invite, 200, extra=CONTACT, body=ANSWER)
    desk.request("ACK")
    desk.reply(bye, 200)
    assert desk.events() == []
    desk.wait(100)
    assert desk.is_empty()


def test_an_answer_after_487_of_another_fork_still_gets_ack_and_bye() -> None:
    desk = Desk()
    key, invite = desk.place()
    desk.reply(invite, 180)
    desk.agent.hang_up(key, desk.now)
    desk.sent()
    desk.reply(invite, 487, tag="a")
    desk.sent()
    desk.reply(invite, 200, tag="b", extra=CONTACT, body=ANSWER)
    desk.request("ACK")
    desk.request("BYE")


def test_an_answer_after_the_invite_was_given_up_gets_ack_and_bye() -> None:
    desk = Desk()
    _, invite = desk.place()
    desk.wait(33)
    desk.sent()
    desk.events()
    desk.reply(invite, 200, extra=CONTACT, body=ANSWER)
    desk.request("ACK")
    desk.request("BYE")
    assert desk.events() == []


def test_without_a_final_answer_after_cancel_the_call_ends_unknown_after_64_t1() -> None:
    desk = Desk()
    key, invite = desk.place()
    desk.reply(invite, 180)
    desk.agent.hang_up(key, desk.now)
    desk.reply(desk.request("CANCEL"), 200)
    desk.events()
    desk.wait(31.9)
    assert desk.events() == []
    desk.wait(0.2)
    assert desk.event(CallFailed).failure.cause == "trunk-timeout-after-cancel"


def test_a_busy_callee_who_crosses_our_cancel_is_busy() -> None:
    desk = Desk()
    key, invite = desk.place()
    desk.reply(invite, 180)
    desk.agent.hang_up(key, desk.now)
    desk.reply(invite, 486)
    assert desk.events()[-1].failure.outcome is Outcome.BUSY


# Forks


def test_a_second_fork_that_answers_gets_ack_and_bye_and_the_first_call_stands() -> None:
    desk = Desk()
    key, invite = desk.place()
    desk.reply(invite, 180, tag="a", extra=CONTACT)
    desk.reply(invite, 180, tag="b", extra="Contact: <sip:other@10.0.0.3>\r\n")
    desk.reply(invite, 200, tag="a", extra=CONTACT, body=ANSWER)
    desk.reply(invite, 200, tag="b", extra="Contact: <sip:other@10.0.0.3>\r\n", body=ANSWER)
    acks = desk.sent("ACK")
    assert [ack.first("to").partition("tag=")[2] for ack in acks] == ["a", "b"]
    bye = desk.request("BYE")
    assert (bye.uri, bye.first("to").partition("tag=")[2]) == ("sip:other@10.0.0.3", "b")
    desk.events()
    desk.reply(bye, 200)
    assert desk.events() == []
    desk.agent.hang_up(key, desk.now)
    assert desk.request("BYE").uri == "sip:callee@10.0.0.2:5060"


def test_forks_beyond_the_bound_are_not_kept() -> None:
    desk = Desk(max_forks=3)
    _, invite = desk.place()
    for number in range(50):
        desk.reply(invite, 180, tag=f"t{number}")
        desk.reply(invite, 200, tag=f"u{number}", extra=CONTACT)
    assert len(desk.sent("BYE")) <= 8


# Routes, redirects, refusals


def test_requests_follow_the_route_set_in_reverse() -> None:
    desk = Desk()
    key, invite = desk.place()
    routes = "Record-Route: <sip:10.0.9.2;lr>, <sip:10.0.9.1;lr>\r\nRecord-Route: <sip:10.0.9.0:5070;lr>\r\n"
    desk.reply(invite, 200, extra=routes + CONTACT, body=ANSWER)
    ack = desk.request("ACK")
    assert ack.uri == "sip:callee@10.0.0.2:5060"
    assert ack.every("route") == ["<sip:10.0.9.0:5070;lr>", "<sip:10.0.9.1;lr>", "<sip:10.0.9.2;lr>"]
    desk.agent.hang_up(key, desk.now)
    assert desk.flows() == [Flow("UDP", "10.0.9.0", 5070)]


def test_a_strict_router_gets_its_own_address_as_request_uri() -> None:
    desk = Desk()
    _, invite = desk.place()
    desk.reply(invite, 200, extra="Record-Route: <sip:10.0.9.1>\r\n" + CONTACT, body=ANSWER)
    ack = desk.request("ACK")
    assert (ack.uri, ack.every("route")) == ("sip:10.0.9.1", ["<sip:callee@10.0.0.2:5060>"])


def test_over_tcp_the_dialog_keeps_the_connection() -> None:
    desk = Desk()
    key, invite = desk.place(flow=FAR_TCP)
    desk.reply(invite, 200, extra="Contact: <sip:c@192.0.2.9:5999;transport=tcp>\r\n", body=ANSWER, flow=FAR_TCP)
    desk.agent.hang_up(key, desk.now)
    assert set(desk.flows()) == {FAR_TCP}


def test_behind_nat_requests_go_to_the_source_when_the_settings_say_so() -> None:
    desk = Desk(answer_to_source=True)
    _, invite = desk.place()
    desk.reply(invite, 200, extra="Contact: <sip:c@192.168.1.5>\r\n", body=ANSWER)
    assert desk.flows() == [FAR]


def test_a_redirection_is_a_failure_with_its_contacts_and_is_not_followed() -> None:
    desk = Desk()
    _, invite = desk.place()
    desk.reply(invite, 302, extra="Contact: <sip:elsewhere@10.0.0.9>\r\n")
    desk.request("ACK")
    failure = desk.event(CallFailed).failure
    assert failure.details["contacts"] == "<sip:elsewhere@10.0.0.9>"
    desk.wait(60)
    assert desk.sent() == []


@pytest.mark.parametrize("status", [400, 404, 480, 486, 500, 503, 600, 603, 699])
def test_after_the_invite_left_a_refusal_is_never_followed_by_another_invite(status: int) -> None:
    desk = Desk()
    _, invite = desk.place(credentials=Credentials("u", "p"))
    desk.reply(invite, status, extra="Retry-After: 1\r\n")
    desk.event(CallFailed)
    desk.wait(120)
    assert desk.sent("INVITE") == []


def test_a_200_without_a_usable_to_fails_the_call_as_malformed() -> None:
    desk = Desk()
    _, invite = desk.place()
    desk.reply(invite, 200, tag='x" bad')
    assert desk.event(CallFailed).failure.cause == "answer-malformed"


# PRACK


def reliable(rseq: int) -> str:
    return f"Require: 100rel\r\nRSeq: {rseq}\r\n{CONTACT}"


def test_a_reliable_provisional_answer_is_acknowledged_by_prack_once_and_in_order() -> None:
    desk = Desk()
    _, invite = desk.place()
    desk.reply(invite, 183, extra=reliable(900), body=ANSWER)
    prack = desk.request("PRACK")
    assert (prack.first("rack"), prack.first("cseq")) == ("900 1 INVITE", "2 PRACK")
    desk.reply(prack, 200)
    desk.reply(invite, 183, extra=reliable(900), body=ANSWER)
    desk.reply(invite, 180, extra=reliable(902))
    assert desk.sent() == []
    desk.reply(invite, 180, extra=reliable(901))
    assert desk.request("PRACK").first("rack") == "901 1 INVITE"
    assert [event.status for event in desk.events()] == [183, 180]


def test_after_prack_the_bye_has_a_higher_number() -> None:
    desk = Desk()
    key, invite = desk.place()
    desk.reply(invite, 183, extra=reliable(1))
    desk.reply(invite, 200, extra=CONTACT, body=ANSWER)
    assert desk.request("ACK").first("cseq") == "1 ACK"
    desk.sent()
    desk.agent.hang_up(key, desk.now)
    assert desk.request("BYE").first("cseq") == "3 BYE"


# Arguments and bounds


@pytest.mark.parametrize(
    "change",
    [
        {"to_uri": "sip:a b@x"},
        {"to_uri": "sip:a@x>\r\nEvil: 1"},
        {"from_uri": "sip:a@x\n"},
        {"headers": (("X-A", "b\r\nEvil: 1"),)},
        {"headers": (("X:A", "b"),)},
        {"from_display": "a\r\nEvil: 1"},
        {"routes": ("sip:a@x\r\n",)},
    ],
)
def test_nothing_that_could_forge_a_header_leaves(change: dict[str, object]) -> None:
    desk = Desk()
    fields: dict[str, object] = {"to_uri": "sip:a@b", "from_uri": "sip:c@d", "flow": FAR, "sdp": b""}
    with pytest.raises(SipArgumentError):
        desk.agent.invite(InviteRequest(**(fields | change)), desk.now)  # type: ignore[arg-type]
    assert desk.sent() == []
    assert desk.is_empty()


def test_at_capacity_a_call_fails_and_nothing_is_sent() -> None:
    desk = Desk(max_calls=2)
    desk.place()
    desk.place()
    desk.agent.invite(InviteRequest("sip:a@b", "sip:c@d", FAR, b""), desk.now)
    assert desk.sent() == []
    assert desk.event(CallFailed).failure.cause == "platform-capacity"


STEPS = st.lists(
    st.one_of(
        st.sampled_from([100, 180, 183, 200, 302, 401, 422, 486, 487, 503, 603]),
        st.sampled_from(["hang_up", "wait", "bye", "long_wait"]),
    ),
    max_size=8,
)


@settings(max_examples=300, deadline=None)
@given(STEPS, st.sampled_from(["a", "b"]))
def test_whatever_happens_each_call_has_one_last_event_and_leaves_nothing(steps: list[int | str], tag: str) -> None:
    desk = Desk()
    key, invite = desk.place(ring_timeout_s=60)
    events = []
    for number, step in enumerate(steps):
        if isinstance(step, int):
            desk.reply(invite, step, tag=tag if number % 2 else "c", extra=CONTACT, body=ANSWER if step == 200 else b"")
        elif step == "hang_up":
            desk.agent.hang_up(key, desk.now)
        elif step == "bye":
            desk.receive(from_callee("BYE", 50 + number, invite, tag="c"))
        else:
            desk.wait(1.0 if step == "wait" else 40.0)
        events += desk.events()
    desk.agent.hang_up(key, desk.now)
    desk.wait(400)
    events += desk.events()
    last = [event for event in events if isinstance(event, CallFailed | CallEnded)]
    assert len(last) == 1
    assert events[-1] is last[0]
    assert desk.is_empty(), desk.agent.held()


def test_an_invite_too_long_for_udp_is_counted_and_over_tcp_is_not() -> None:
    desk = Desk()
    long = (("Identity", "a" * 1200),)
    desk.place()
    desk.place(flow=FAR_TCP, headers=long)
    assert desk.agent.counts.large_by_udp == 0
    desk.place(headers=long)
    assert desk.agent.counts.large_by_udp == 1


def test_an_answer_with_other_white_space_in_cseq_and_via_is_ours() -> None:
    desk = Desk()
    _, invite = desk.place()
    text = reply_bytes(invite, 180, extra=CONTACT).decode().replace("CSeq: 1 INVITE", "CSeq: 1\tINVITE")
    desk.receive(text.replace(";branch=", " ; branch = "))
    assert isinstance(desk.event(CallProgressed), CallProgressed)


@pytest.mark.parametrize(
    "flaw",
    [
        "Content-Type: application/sdp\r\nContent-Type: application/sdp\r\n",
        "Max-Forwards: 70\r\nMax-Forwards: 70\r\n",
        "a line that is no header\r\n",
        ": nothing\r\n",
        "Bad Name: x\r\n",
        "Record-Route: \r\n",
        "Record-Route: <sip:10.0.0.9;lr>,\r\n",
    ],
)
def test_an_answered_call_is_not_lost_for_a_header_that_nobody_needs(flaw: str) -> None:
    desk = Desk()
    key, invite = desk.place()
    desk.reply(invite, 200, extra=CONTACT + flaw, body=ANSWER)
    desk.request("ACK")
    assert desk.event(CallAnswered).call == key


def test_an_answer_with_two_blanks_behind_its_version_is_one() -> None:
    desk = Desk()
    key, invite = desk.place()
    desk.receive(reply_bytes(invite, 200, extra=CONTACT, body=ANSWER).replace(b"SIP/2.0 200", b"SIP/2.0  200"))
    assert desk.event(CallAnswered).call == key


UNREADABLE_ROUTES = (
    "Record-Route: <sip:10.0.0.9;lr\r\n",
    'Record-Route: "x\r\n',
    "Record-Route: <sip:10.0.0.9>;=x\r\n",
)
CONTRADICTIONS = (
    "CSeq: 2 INVITE\r\n",
    "Content-Type: a/b\r\nContent-Type: application/sdp\r\n",
    "To: <sip:other@far.example>;tag=other\r\n",
    "From: <sip:other@far.example>;tag=other\r\n",
    "Call-ID: other\r\n",
)


@pytest.mark.parametrize("flaw", [*CONTRADICTIONS, *UNREADABLE_ROUTES])
@pytest.mark.parametrize("is_cancelled", [False, True])
def test_an_answer_that_makes_no_call_is_acknowledged_and_ended_at_once(flaw: str, is_cancelled: bool) -> None:
    desk = Desk()
    key, invite = desk.place()
    if is_cancelled:
        desk.agent.hang_up(key, desk.now)
    answer = reply_bytes(invite, 200, extra=CONTACT + flaw, body=ANSWER)
    desk.receive(answer)
    ack, bye = desk.request("ACK"), desk.request("BYE")
    assert (ack.uri, ack.first("cseq"), bye.first("cseq")) == ("sip:callee@10.0.0.2:5060", "1 ACK", "2 BYE")
    assert ack.first("to") == bye.first("to") == f"{invite.first('to')};tag=far"
    failure = desk.event(CallFailed).failure
    assert failure.cause == ("answered-while-cancelling" if is_cancelled else "answer-malformed")
    assert failure.outcome is Outcome.ABANDONED
    desk.receive(answer)
    assert desk.request("ACK").first("cseq") == "1 ACK"
    desk.reply(bye, 200)
    desk.wait(60)
    assert desk.events() == []
    assert desk.is_empty(), desk.agent.held()


def test_an_answer_whose_to_cannot_be_read_is_acknowledged_and_ended_too() -> None:
    desk = Desk()
    _, invite = desk.place()
    answer = reply_bytes(invite, 200, extra=CONTACT, body=ANSWER).replace(b"\r\nTo: <", b'\r\nTo: "x <')
    desk.receive(answer)
    assert desk.request("ACK").first("to") == desk.request("BYE").first("to")
    assert desk.event(CallFailed).failure.cause == "answer-malformed"
    desk.receive(answer)
    desk.request("ACK")
    assert desk.sent() == []


@pytest.mark.parametrize("flaw", [*CONTRADICTIONS, *UNREADABLE_ROUTES, "Require: 100rel\r\nRSeq: x\r\n"])
def test_it_rings_and_can_be_cancelled_whatever_else_the_ringing_says(flaw: str) -> None:
    desk = Desk()
    key, invite = desk.place()
    desk.reply(invite, 180, extra=CONTACT + flaw)
    assert desk.event(CallProgressed) == CallProgressed(key, 180, "Whatever", b"", "RSeq" in flaw)
    desk.agent.hang_up(key, desk.now)
    assert desk.request("CANCEL").first("cseq") == "1 CANCEL"


@pytest.mark.parametrize("flaw", [*CONTRADICTIONS, *UNREADABLE_ROUTES])
def test_a_refusal_counts_whatever_else_it_says(flaw: str) -> None:
    desk = Desk()
    _, invite = desk.place()
    desk.reply(invite, 486, extra=flaw)
    desk.request("ACK")
    assert desk.event(CallFailed).failure.cause == "callee-busy"


@pytest.mark.parametrize(
    ("right", "written"),
    [
        (b"\r\n", b"\n"),
        (b"\r\n", b"\r"),
        (b"Whatever", b"What\0ever"),
        (b"Whatever", b"What\never"),
        (b"CSeq: 1 INVITE", b"CSeq: 1 Invite"),
        (b"Content-Length: ", b"Content-Length: about "),
        (b"Content-Length: ", b"Content-Length: 1\r\nContent-Length: "),
        (b"Content-Length: ", b"Max-Forwards: 1\r\nMax-Forwards: 2\r\nContent-Length: "),
    ],
)
def test_an_answer_that_is_written_otherwise_is_one(right: bytes, written: bytes) -> None:
    desk = Desk()
    key, invite = desk.place()
    head, end, body = reply_bytes(invite, 200, extra=CONTACT, body=ANSWER).partition(b"\r\n\r\n")
    desk.receive((head + end).replace(right, written) + body)
    desk.request("ACK")
    assert desk.event(CallAnswered) == CallAnswered(key, ANSWER)


def test_an_answer_that_was_cut_on_its_way_is_none() -> None:
    desk = Desk()
    _, invite = desk.place()
    answer = reply_bytes(invite, 200, extra=CONTACT, body=ANSWER)
    for length in range(len(answer)):
        desk.receive(answer[:length])
    assert desk.events() == []
    desk.receive(answer)
    assert desk.event(CallAnswered).sdp == ANSWER
