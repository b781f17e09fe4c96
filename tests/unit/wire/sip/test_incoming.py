"""Unit: calls that come to us, and requests that belong to no call (RFC 3261 §8.2, §9.2, §13.3; RFC 3262)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.wire.sip.desk import ANSWER, OFFER, Desk, inside, invite_text

from baitie.kernel.outcome import EndedBy
from baitie.wire.sip.effects import CallConfirmed, CallEnded, CallOffered, Flow, RequestReceived
from baitie.wire.sip.failures import release_cause_of
from baitie.wire.sip.message import Response


def test_an_invite_is_offered_rung_answered_acknowledged_and_ended() -> None:
    desk = Desk()
    desk.receive(invite_text())
    offered = desk.event(CallOffered)
    assert (offered.request_uri, offered.from_uri, offered.sdp) == ("sip:me@10.0.0.1", "sip:far@10.0.0.2", OFFER)
    desk.agent.ring(offered.call, desk.now)
    ringing = desk.response(180)
    assert ringing.first("to") == f"<sip:me@10.0.0.1>;tag={offered.call}"
    desk.agent.answer(offered.call, ANSWER, desk.now)
    ok = desk.response(200)
    assert (ok.body, ok.first("contact")) == (ANSWER, "<sip:baitie@10.0.0.1:5060>")
    desk.receive(inside("ACK", 1, ok))
    assert desk.event(CallConfirmed).call == offered.call
    desk.agent.hang_up(offered.call, desk.now)
    bye = desk.request("BYE")
    assert (bye.uri, bye.first("cseq")) == ("sip:far@10.0.0.2:5060", "1 BYE")
    desk.reply(bye, 200)
    assert desk.event(CallEnded).by is EndedBy.US
    desk.wait(100)
    assert desk.is_empty(), desk.agent.held()


def test_an_owner_who_says_nothing_causes_100_after_a_fifth_of_a_second() -> None:
    desk = Desk()
    desk.offered()
    desk.wait(0.19)
    assert desk.sent() == []
    desk.wait(0.02)
    assert "tag" not in desk.response(100).first("to")


def test_a_repeated_invite_gets_the_last_answer_again_and_no_second_offer() -> None:
    desk = Desk()
    key, text = desk.offered()
    desk.agent.ring(key, desk.now)
    first = desk.response(180)
    desk.receive(text)
    assert desk.response(180).to_bytes() == first.to_bytes()
    assert desk.events() == []


def test_the_200_is_repeated_until_the_ack_and_then_no_more() -> None:
    desk = Desk()
    key, _ = desk.offered()
    begin = desk.now
    desk.agent.answer(key, ANSWER, desk.now)
    desk.wait(8)
    answers = desk.sent_at("200")
    assert [round(at - begin, 3) for at, _ in answers] == [0, 0.5, 1.5, 3.5, 7.5]
    ok = answers[0][1]
    assert isinstance(ok, Response)
    desk.receive(inside("ACK", 1, ok))
    desk.wait(30)
    assert desk.sent() == []


def test_without_an_ack_the_call_is_ended_with_bye_after_64_t1() -> None:
    desk = Desk()
    key, _ = desk.offered()
    desk.agent.answer(key, ANSWER, desk.now)
    desk.wait(32.1)
    desk.reply(desk.request("BYE"), 200)
    ended = desk.event(CallEnded)
    assert ended.failure is not None
    assert (ended.failure.cause, ended.by) == ("answer-not-acknowledged", EndedBy.NOBODY)


def test_hanging_up_before_the_ack_waits_for_it() -> None:
    desk = Desk()
    key, _ = desk.offered()
    desk.agent.answer(key, ANSWER, desk.now)
    ok = desk.response(200)
    desk.agent.hang_up(key, desk.now)
    assert desk.sent() == []
    desk.receive(inside("ACK", 1, ok))
    desk.request("BYE")


@pytest.mark.parametrize("status", [302, 404, 480, 486, 503, 603])
def test_a_rejection_is_repeated_until_its_ack(status: int) -> None:
    desk = Desk()
    key, text = desk.offered()
    desk.agent.reject(key, status, desk.now, "Because", (("Reason", "Q.850;cause=17"),))
    refusal = desk.response(status)
    assert (refusal.reason, refusal.first("reason")) == ("Because", "Q.850;cause=17")
    desk.wait(1.6)
    assert len(desk.sent(str(status))) == 2
    desk.receive(text.replace("INVITE", "ACK").replace("To: <sip:me@10.0.0.1>", f"To: {refusal.first('to')}"))
    desk.wait(60)
    assert desk.sent() == []
    assert desk.event(CallEnded).by is EndedBy.US
    assert desk.is_empty()


def cancel_text() -> str:
    return invite_text(body="").replace("INVITE sip", "CANCEL sip").replace("1 INVITE", "1 CANCEL")


def test_cancel_ends_an_unanswered_call_with_200_and_487() -> None:
    desk = Desk()
    _, text = desk.offered()
    cancel = text.replace("INVITE", "CANCEL")
    desk.receive(cancel)
    assert desk.response(200).first("cseq") == "1 CANCEL"
    assert desk.response(487).first("cseq") == "1 INVITE"
    assert desk.event(CallEnded).by is EndedBy.CALLEE
    desk.receive(cancel)
    desk.response(200)


def test_cancel_after_the_answer_changes_nothing() -> None:
    desk = Desk()
    key, text = desk.offered()
    desk.agent.answer(key, ANSWER, desk.now)
    ok = desk.response(200)
    desk.receive(text.replace("INVITE", "CANCEL"))
    assert desk.response(200).first("cseq") == "1 CANCEL"
    desk.receive(inside("ACK", 1, ok))
    assert desk.event(CallConfirmed).call == key


def test_cancel_of_nothing_gets_481() -> None:
    desk = Desk()
    desk.receive(invite_text().replace("INVITE", "CANCEL"))
    desk.response(481)


# Reliable provisional answers


def test_ringing_is_reliable_when_the_far_end_requires_it_and_the_answer_waits_for_prack() -> None:
    desk = Desk()
    key, _ = desk.offered(extra="Require: 100rel\r\n")
    begin = desk.now
    desk.agent.ring(key, desk.now, 183, ANSWER)
    desk.agent.answer(key, ANSWER, desk.now)
    desk.wait(1.6)
    rings = desk.sent_at("183")
    assert [round(at - begin, 2) for at, _ in rings] == [0, 0.5, 1.5]
    ringing = rings[0][1]
    assert isinstance(ringing, Response)
    assert ringing.first("require") == "100rel"
    desk.receive(inside("PRACK", 2, ringing, extra=f"RAck: {ringing.first('rseq')} 1 INVITE\r\n"))
    assert [message.first("cseq") for message in desk.sent("200")] == ["2 PRACK", "1 INVITE"]


def test_a_prack_for_nothing_gets_481() -> None:
    desk = Desk()
    key, _ = desk.offered(extra="Supported: 100rel\r\n")
    desk.agent.ring(key, desk.now)
    desk.receive(inside("PRACK", 2, desk.response(180), extra="RAck: 1 1 INVITE\r\n"))
    desk.response(481)


def test_without_prack_the_invite_is_refused_with_504_after_64_t1() -> None:
    desk = Desk()
    key, _ = desk.offered(extra="Require: 100rel\r\n")
    desk.agent.ring(key, desk.now)
    desk.wait(32.1)
    desk.response(504)
    assert desk.event(CallEnded).failure is not None


# Requests that belong to no call, and bad ones


def request_text(method: str, **changes: str) -> str:
    return invite_text(body="", cseq=f"1 {method}", **changes).replace("INVITE sip", f"{method} sip")


@pytest.mark.parametrize(
    ("method", "status"),
    [
        ("OPTIONS", 200),
        ("BYE", 481),
        ("PRACK", 481),
        ("UPDATE", 481),
        ("REGISTER", 405),
        ("SUBSCRIBE", 405),
        ("XYZ", 501),
    ],
)
def test_requests_outside_a_call_get_the_answer_of_the_rfc(method: str, status: int) -> None:
    desk = Desk()
    desk.receive(request_text(method))
    answer = desk.response(status)
    if status in (200, 405, 501):
        assert "INVITE" in answer.first("allow")
    desk.wait(60)
    assert desk.is_empty()


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (invite_text(extra="Require: nothing-such, timer\r\n"), 420),
        (invite_text(uri="http://x"), 416),
        (invite_text().replace("application/sdp", "text/plain"), 415),
        (invite_text(extra="Content-Encoding: gzip\r\n"), 415),
        (invite_text().replace("SIP/2.0\r\nVia", "SIP/7.0\r\nVia"), 505),
        (invite_text(cseq="1 OPTIONS"), 400),
        (invite_text(cseq="99999999999 INVITE"), 400),
        (invite_text(extra="Session-Expires: soon\r\n"), 400),
        (invite_text().replace('"Far" <sip:far@10.0.0.2>', '"Far <sip:far@10.0.0.2>'), 400),
    ],
)
def test_an_invite_that_cannot_be_served_gets_the_status_of_the_rfc(text: str, status: int) -> None:
    desk = Desk()
    desk.receive(text)
    assert status in [message.status for message in desk.sent() if isinstance(message, Response)]
    assert desk.events() == []
    desk.wait(100)
    assert desk.is_empty()


def test_the_same_request_by_two_ways_is_answered_482_the_second_time() -> None:
    desk = Desk()
    desk.offered()
    desk.receive(invite_text(branch="z9hG4bKother"))
    desk.response(482)


def test_our_own_invite_come_back_is_a_loop() -> None:
    desk = Desk()
    _, invite = desk.place()
    data = invite.to_bytes().replace(b"\r\nVia", b"\r\nVia: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKp\r\nVia", 1)
    desk.receive(data)
    desk.response(482)


def test_a_request_for_an_unknown_dialog_gets_481() -> None:
    desk = Desk()
    _, ok = desk.taken()
    desk.receive(inside("BYE", 5, ok).replace("tag=fartag", "tag=somebody"))
    desk.response(481)
    assert desk.events() == []


def test_an_older_request_within_a_call_gets_500() -> None:
    desk = Desk()
    _, ok = desk.taken()
    desk.receive(inside("OPTIONS", 9, ok))
    desk.response(200)
    desk.receive(inside("OPTIONS", 4, ok))
    desk.response(500)


def test_answers_go_to_the_source_with_rport_and_to_the_via_port_without() -> None:
    desk = Desk()
    desk.receive(request_text("OPTIONS", via="192.168.0.7:5070;rport"), Flow("UDP", "203.0.113.9", 31_000))
    assert desk.agent is not None
    answer = desk.sent("200")[0]
    assert answer.first("via") == "SIP/2.0/UDP 192.168.0.7:5070;rport=31000;branch=z9hG4bKone;received=203.0.113.9"
    desk.receive(
        request_text("OPTIONS", via="192.168.0.7:5070", branch="z9hG4bKtwo"), Flow("UDP", "203.0.113.9", 31_000)
    )
    assert desk.flows() == [Flow("UDP", "203.0.113.9", 5070)]


def test_an_rfc_2543_peer_without_a_branch_cookie_is_served() -> None:
    desk = Desk()
    key, text = desk.offered(branch="1")
    desk.receive(text)
    assert desk.events() == []
    desk.agent.answer(key, ANSWER, desk.now)
    desk.receive(inside("ACK", 1, desk.sent("200")[0], branch="1"))  # type: ignore[arg-type]
    assert desk.event(CallConfirmed).call == key


def test_at_capacity_new_calls_get_503_and_calls_that_stand_go_on() -> None:
    desk = Desk(max_calls=1)
    _, ok = desk.taken()
    desk.receive(invite_text(branch="z9hG4bKb", call_id="b@far"))
    assert desk.response(503).first("retry-after")
    desk.receive(inside("BYE", 2, ok))
    desk.response(200)


def test_an_extra_method_is_handed_to_the_owner_who_answers() -> None:
    desk = Desk(extra_methods=frozenset({"REGISTER"}))
    desk.receive(request_text("REGISTER"))
    received = desk.event(RequestReceived)
    desk.agent.respond(received.token, 200, desk.now, (("Expires", "60"),))
    assert desk.response(200).first("expires") == "60"


STEPS = st.lists(
    st.sampled_from(
        ["ring", "reliable", "answer", "ack", "bye", "cancel", "prack", "reject", "hang_up", "wait", "again"]
    ),
    max_size=9,
)


@settings(max_examples=300, deadline=None)
@given(STEPS, st.sampled_from(["", "Require: 100rel\r\n", "Supported: 100rel, timer\r\nSession-Expires: 120\r\n"]))
def test_whatever_happens_each_offered_call_has_one_last_event_and_leaves_nothing(steps: list[str], extra: str) -> None:
    desk = Desk()
    begin = desk.now
    key, text = desk.offered(extra=extra)
    made = Response(200, "", "", {"from": ['"Far" <sip:far@10.0.0.2>;tag=fartag'], "to": [f"<sip:me@x>;tag={key}"],
                                  "call-id": ["in@far"]}, b"")  # fmt: skip
    events = []
    for number, step in enumerate(steps):
        if step in ("ring", "reliable"):
            desk.agent.ring(key, desk.now, reliable=step == "reliable")
        elif step == "answer":
            desk.agent.answer(key, ANSWER, desk.now)
        elif step == "ack":
            desk.receive(inside("ACK", 1, made))
        elif step == "bye":
            desk.receive(inside("BYE", 10 + number, made))
        elif step == "prack":
            desk.receive(inside("PRACK", 10 + number, made, extra="RAck: 1 1 INVITE\r\n"))
        elif step == "cancel":
            desk.receive(text.replace("INVITE", "CANCEL"))
        elif step == "reject":
            desk.agent.reject(key, 486, desk.now)
        elif step == "hang_up":
            desk.agent.hang_up(key, desk.now)
        elif step == "again":
            if desk.now - begin < 31:  # by then the far end's own transaction has given up
                desk.receive(text)
        else:
            desk.wait(11.0)
        events += desk.events()
    desk.agent.hang_up(key, desk.now)
    desk.wait(400)
    events += desk.events()
    assert [type(event) for event in events].count(CallEnded) == 1
    assert isinstance(events[-1], CallEnded)
    assert desk.is_empty(), desk.agent.held()


# Via copied


@pytest.mark.parametrize(
    ("via", "answered"),
    [
        ("h:5070;rport;branch=z9hG4bK1", "h:5070;rport=31000;branch=z9hG4bK1;received=203.0.113.9"),
        ("h:5070; rport; branch=z9hG4bK1", "h:5070; rport=31000; branch=z9hG4bK1;received=203.0.113.9"),
        ("h ;branch=z9hG4bK1 ; RPORT ;x=y", "h ;branch=z9hG4bK1 ; RPORT=31000 ;x=y;received=203.0.113.9"),
        ("h;branch=z9hG4bK1;rport", "h;branch=z9hG4bK1;rport=31000;received=203.0.113.9"),
        ("h;xrport;branch=z9hG4bK1", "h;xrport;branch=z9hG4bK1;received=203.0.113.9"),
        ('h;a=";rport;";branch=z9hG4bK1;rport', 'h;a=";rport;";branch=z9hG4bK1;rport=31000;received=203.0.113.9'),
        ("h;rport=1;received=1.2.3.4;branch=z9hG4bK1", "h;rport=31000;received=203.0.113.9;branch=z9hG4bK1"),
        ("203.0.113.9;branch=z9hG4bK1;hidden", "203.0.113.9;branch=z9hG4bK1;hidden"),
        (
            "h;rport;branch=z9hG4bK1 , SIP/2.0/UDP  h2;branch=z9hG4bKh2;rport",
            "h;rport=31000;branch=z9hG4bK1;received=203.0.113.9 , SIP/2.0/UDP  h2;branch=z9hG4bKh2;rport",
        ),
    ],
)
def test_via_is_copied_and_only_rport_and_received_are_filled_in(via: str, answered: str) -> None:
    desk = Desk()
    text = request_text("OPTIONS", via=via).replace(";branch=z9hG4bKone", "", 1)
    text = text.replace("Max-Forwards", "Via: SIP/2.0/TCP far.example;branch=z9hG4bKfar;rport\r\nMax-Forwards", 1)
    desk.receive(text, Flow("UDP", "203.0.113.9", 31_000))
    answer = desk.response(200)
    assert answer.every("via") == [f"SIP/2.0/UDP {answered}", "SIP/2.0/TCP far.example;branch=z9hG4bKfar;rport"]


def test_an_ipv6_address_in_via_is_the_source_however_it_is_written() -> None:
    desk = Desk()
    source = Flow("UDP", "2001:db8::9", 5070)
    desk.receive(request_text("OPTIONS", via="[2001:DB8:0:0::9]:5070"), source)
    assert "received" not in desk.response(200).first("via")
    desk.receive(request_text("OPTIONS", via="[2001:db8::8]:5070;rport", branch="z9hG4bK2", call_id="2"), source)
    assert desk.response(200).first("via").endswith(";rport=5070;branch=z9hG4bK2;received=2001:db8::9")


@pytest.mark.parametrize("tag", [";tag=x", "; tag = x", ";TAG=x", ";p=q ; Tag=x"])
def test_a_refusal_never_adds_a_second_tag(tag: str) -> None:
    desk = Desk()
    desk.receive(request_text("BYE").replace("To: <sip:me@10.0.0.1>", f"To: <sip:me@10.0.0.1>{tag}"))
    assert desk.response(481).first("to") == f"<sip:me@10.0.0.1>{tag}"
    text = request_text("OPTIONS", branch="z9hG4bK9").replace("SIP/2.0\r\nVia", "SIP/3.0\r\nVia")
    desk.receive(text.replace("To: <sip:me@10.0.0.1>", f"To: <sip:me@10.0.0.1>{tag}"))
    assert desk.response(505).first("to") == f"<sip:me@10.0.0.1>{tag}"


# Reasons

CAUSE = 'Reason: SIP;cause=487;text="a, Q.850;cause=99"\r\nreason: q.850 ; text="No, not here" ;cause=17\r\n'


def test_the_reasons_of_a_cancel_and_of_a_bye_are_all_told() -> None:
    desk = Desk()
    _, text = desk.offered()
    desk.receive(text.replace("INVITE", "CANCEL").replace("Max-Forwards", f"{CAUSE}Max-Forwards"))
    cancelled = desk.event(CallEnded)
    desk.sent()
    _, ok = desk.taken(call_id="other@far", branch="z9hG4bK3")
    desk.receive(inside("BYE", 2, ok, extra=CAUSE))
    for ended in (cancelled, desk.event(CallEnded)):
        assert release_cause_of(ended.reason_header) == 17
