"""Unit: the newest offer/answer exchange is in force (RFC 3261 §13.2.1, §14; RFC 3262 §5; RFC 3264 §8; RFC 3311 §5)."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.wire.sip.desk import ANSWER, CONTACT, OFFER, Desk, from_callee, inside, invite_text

from baitie.wire.sip.effects import (
    CallAnswered,
    CallConfirmed,
    CallKey,
    CallOffered,
    CallProgressed,
    MediaAnswered,
    MediaMethod,
    MediaOffered,
)
from baitie.wire.sip.exchange import Exchange
from baitie.wire.sip.message import Request, Response

RELIABLE = f"{CONTACT}Require: 100rel\r\nRSeq: 7\r\n"
NEXT_RELIABLE = RELIABLE.replace("7", "8")


def described(name: str) -> bytes:
    """A description that can be told from others."""
    return f"v=0\r\no=- 1 1 IN IP4 10.0.0.2\r\ns={name}\r\n".encode()


A, B, C, OURS = described("a"), described("b"), described("c"), described("ours")


def updated(desk: Desk, key: CallKey, invite: Request, cseq: int, sdp: bytes, tag: str = "far") -> None:
    """The callee's UPDATE is offered to the owner, who accepts it."""
    desk.receive(from_callee("UPDATE", cseq, invite, tag=tag, body=sdp))
    assert desk.event(MediaOffered) == MediaOffered(key, MediaMethod.UPDATE, sdp)
    desk.agent.accept_media(key, OURS, desk.now)
    assert desk.response(200).body == OURS


# While it rings


@pytest.mark.parametrize("repeated", [b"", A, C])
def test_an_update_after_prack_holds_whatever_the_200_says(repeated: bytes) -> None:
    desk = Desk()
    key, invite = desk.place()
    desk.reply(invite, 183, extra=RELIABLE, body=A)
    desk.reply(desk.request("PRACK"), 200)
    desk.events()
    updated(desk, key, invite, 5, B)
    desk.reply(invite, 200, extra=CONTACT, body=repeated)
    assert desk.event(CallAnswered) == CallAnswered(key, B, is_offer=True)


def test_the_answer_tells_whether_the_far_end_takes_info() -> None:
    for allow, takes_info in (("", False), ("Allow: INVITE, BYE\r\n", False), ("Allow: INVITE, Info\r\n", True)):
        desk = Desk()
        _, invite = desk.place()
        desk.reply(invite, 200, extra=CONTACT + allow, body=A)
        assert desk.event(CallAnswered).takes_info is takes_info


def test_of_several_updates_the_last_holds_and_a_repeated_progress_changes_nothing() -> None:
    desk = Desk()
    key, invite = desk.place()
    desk.reply(invite, 183, extra=RELIABLE, body=A)
    desk.events()
    updated(desk, key, invite, 5, B)
    updated(desk, key, invite, 6, C)
    desk.reply(invite, 180, extra=NEXT_RELIABLE, body=A)
    assert desk.event(CallProgressed).sdp == b""
    desk.reply(invite, 200, extra=CONTACT, body=A)
    assert desk.event(CallAnswered) == CallAnswered(key, C, is_offer=True)


def test_once_an_answer_came_reliably_later_ones_are_ignored() -> None:
    desk = Desk()
    key, invite = desk.place()
    desk.reply(invite, 183, extra=RELIABLE, body=A)
    desk.reply(invite, 180, extra=NEXT_RELIABLE, body=B)
    assert [event.sdp for event in desk.events()] == [A, b""]
    desk.reply(invite, 200, extra=CONTACT, body=B)
    assert desk.event(CallAnswered) == CallAnswered(key, A)


def test_an_unreliable_183_is_a_preview_and_the_200_describes_the_callee() -> None:
    desk = Desk()
    key, invite = desk.place()
    desk.reply(invite, 183, extra=CONTACT, body=A)
    desk.reply(invite, 183, extra=CONTACT, body=B)
    assert [event.sdp for event in desk.events()] == [A, B]
    desk.reply(invite, 200, extra=CONTACT, body=C)
    assert desk.event(CallAnswered) == CallAnswered(key, C)


@pytest.mark.parametrize("early_tag", ["", "other"])
def test_an_answer_under_another_tag_without_a_description_takes_what_was_last_heard(early_tag: str) -> None:
    desk = Desk()
    key, invite = desk.place()
    desk.reply(invite, 183, tag=early_tag, extra=CONTACT, body=A)
    assert desk.event(CallProgressed).sdp == A
    desk.reply(invite, 180, tag=early_tag, extra=CONTACT)
    desk.events()
    desk.reply(invite, 200, tag="far", extra=CONTACT)
    assert desk.event(CallAnswered) == CallAnswered(key, A)


def test_each_fork_has_its_own_exchange() -> None:
    desk = Desk()
    key, invite = desk.place()
    desk.reply(invite, 183, tag="one", extra=RELIABLE, body=A)
    desk.events()
    updated(desk, key, invite, 5, B, tag="one")
    desk.reply(invite, 183, tag="two", extra=RELIABLE, body=C)
    desk.events()
    desk.reply(invite, 200, tag="two", extra=CONTACT)
    assert desk.event(CallAnswered) == CallAnswered(key, C)


def test_an_update_that_crosses_our_unanswered_offer_gets_491_and_one_without_a_description_200() -> None:
    desk = Desk()
    _, invite = desk.place()
    desk.reply(invite, 180, extra=CONTACT)
    desk.events()
    desk.receive(from_callee("UPDATE", 5, invite, body=A))
    desk.response(491)
    desk.receive(from_callee("UPDATE", 6, invite))
    desk.response(200)
    assert desk.events() == []


def test_a_refused_update_changes_nothing() -> None:
    desk = Desk()
    key, invite = desk.place()
    desk.reply(invite, 183, extra=RELIABLE, body=A)
    desk.receive(from_callee("UPDATE", 5, invite, body=B))
    desk.agent.refuse_media(key, desk.now)
    desk.response(488)
    desk.events()
    desk.reply(invite, 200, extra=CONTACT)
    assert desk.event(CallAnswered) == CallAnswered(key, A)


# In a call that stands


def test_a_reinvite_without_a_description_is_answered_by_the_ack() -> None:
    desk = Desk()
    key, invite, _ = desk.talk()
    desk.receive(from_callee("INVITE", 5, invite))
    assert desk.event(MediaOffered).sdp == b""
    desk.agent.accept_media(key, OURS, desk.now)
    assert desk.response(200).body == OURS
    desk.receive(from_callee("UPDATE", 6, invite, body=C))
    desk.response(491)
    desk.receive(from_callee("ACK", 5, invite, body=B))
    assert desk.event(MediaAnswered) == MediaAnswered(key, B)


def test_a_description_in_the_ack_of_an_answered_offer_says_nothing() -> None:
    desk = Desk()
    key, invite, _ = desk.talk()
    desk.receive(from_callee("INVITE", 5, invite, body=A))
    desk.event(MediaOffered)
    desk.agent.accept_media(key, OURS, desk.now)
    desk.receive(from_callee("ACK", 5, invite, body=B))
    assert desk.events() == []


def refreshed(desk: Desk, invite: Request) -> Request:
    desk.reply(invite, 200, extra=f"{CONTACT}Session-Expires: 90;refresher=uac\r\nAllow: INVITE\r\n", body=A)
    desk.request("ACK")
    desk.events()
    desk.wait(45)
    return desk.request("INVITE")


def test_the_answer_to_our_refresh_is_told_where_it_brings_something_new() -> None:
    desk = Desk()
    key, invite = desk.place(session_expires_s=90)
    ours = refreshed(desk, invite)
    assert ours.body == OFFER
    assert "100rel" not in ours.first("supported")
    desk.reply(ours, 200, extra=f"{CONTACT}Session-Expires: 90;refresher=uac\r\n", body=B)
    assert desk.event(MediaAnswered) == MediaAnswered(key, B)
    desk.request("ACK")
    desk.wait(45)
    desk.reply(desk.request("INVITE"), 200, extra=f"{CONTACT}Session-Expires: 90;refresher=uac\r\n", body=B)
    assert desk.events() == []


def test_our_refresh_says_what_we_last_said() -> None:
    desk = Desk()
    key, invite = desk.place(session_expires_s=90)
    desk.reply(invite, 200, extra=f"{CONTACT}Session-Expires: 90;refresher=uac\r\nAllow: INVITE\r\n", body=A)
    timer = "Supported: timer\r\nSession-Expires: 90;refresher=uas\r\n"
    desk.receive(from_callee("INVITE", 5, invite, extra=timer, body=B))
    desk.agent.accept_media(key, OURS, desk.now)
    desk.receive(from_callee("ACK", 5, invite))
    desk.sent()
    desk.wait(45)
    assert desk.request("INVITE").body == OURS


# Calls that come in


def test_an_offer_before_our_answer_gets_500_and_the_call_goes_on() -> None:
    desk = Desk()
    key, _ = desk.offered()
    ok = ringing(desk, key)
    desk.receive(inside("UPDATE", 2, ok, body=B))
    assert desk.response(500).first("retry-after").isdigit()
    assert desk.events() == []


def ringing(desk: Desk, key: CallKey) -> Response:
    desk.agent.ring(key, desk.now)
    return desk.response(180)


def test_after_an_early_answer_update_and_prack_may_offer_again() -> None:
    desk = Desk()
    key, _ = desk.offered(extra="Supported: 100rel\r\n")
    desk.agent.ring(key, desk.now, 183, ANSWER, reliable=True)
    early = desk.response(183)
    desk.receive(inside("PRACK", 2, early, extra=f"RAck: {early.first('rseq')} 1 INVITE\r\n", body=B))
    assert desk.event(MediaOffered) == MediaOffered(key, MediaMethod.PRACK, B)
    desk.agent.accept_media(key, OURS, desk.now)
    prack = desk.response(200)
    assert (prack.body, prack.first("cseq")) == (OURS, "2 PRACK")
    desk.receive(inside("UPDATE", 3, early, body=C))
    assert desk.event(MediaOffered) == MediaOffered(key, MediaMethod.UPDATE, C)


def test_an_early_offer_of_ours_is_answered_by_prack() -> None:
    desk = Desk()
    key, _ = desk.offered(extra="Supported: 100rel\r\n", body="")
    desk.agent.ring(key, desk.now, 183, OURS, reliable=True)
    early = desk.response(183)
    desk.receive(inside("PRACK", 2, early, extra=f"RAck: {early.first('rseq')} 1 INVITE\r\n", body=B))
    desk.response(200)
    assert desk.event(MediaAnswered) == MediaAnswered(key, B)


def test_the_ack_answers_only_where_the_200_offered() -> None:
    for offer, expected in (("", B), (OFFER.decode(), b"")):
        desk = Desk()
        desk.receive(invite_text(body=offer))
        key = desk.event(CallOffered).call
        desk.agent.answer(key, OURS, desk.now)
        ok = desk.response(200)
        desk.receive(inside("ACK", 1, ok, body=B))
        assert desk.event(CallConfirmed) == CallConfirmed(key, expected)


def test_after_a_target_refresh_the_bye_goes_to_the_new_target() -> None:
    for method in ("UPDATE", "INVITE"):
        desk = Desk()
        key, invite, _ = desk.talk()
        moved = from_callee(method, 5, invite, body=B).replace("sip:callee@10.0.0.2:5060", "sip:moved@10.0.0.7:5070")
        desk.receive(moved)
        desk.event(MediaOffered)
        desk.agent.accept_media(key, OURS, desk.now)
        desk.receive(from_callee("ACK", 5, invite))
        desk.flows()
        desk.agent.hang_up(key, desk.now)
        (sent,) = desk.sent_to()
        assert (sent[0].host, sent[0].port, sent[1].uri) == ("10.0.0.7", 5070, "sip:moved@10.0.0.7:5070")


def test_with_a_route_a_target_refresh_changes_the_request_uri_and_not_the_next_hop() -> None:
    desk = Desk()
    key, invite = desk.place()
    route = "Record-Route: <sip:10.0.0.9:5060;lr>\r\n"
    desk.reply(invite, 200, extra=CONTACT + route, body=ANSWER)
    desk.sent()
    desk.receive(from_callee("UPDATE", 5, invite).replace("sip:callee@10.0.0.2:5060", "sip:moved@10.0.0.7:5070"))
    desk.response(200)
    desk.agent.hang_up(key, desk.now)
    (sent,) = desk.sent_to()
    assert (sent[0].host, sent[1].uri, sent[1].first("route")) == (
        "10.0.0.9",
        "sip:moved@10.0.0.7:5070",
        "<sip:10.0.0.9:5060;lr>",
    )


# The state by itself

STEPS = st.sampled_from(["preview", "reliable", "final", "theirs", "ours", "nothing"])


@settings(max_examples=200, deadline=None)
@given(st.lists(STEPS, max_size=12))
def test_whatever_comes_the_newest_exchange_holds_and_no_answer_outlives_it(steps: list[str]) -> None:
    exchange = Exchange(OFFER)
    expected: tuple[Any, ...] = (OFFER, b"", False)
    is_settled = False
    for number, step in enumerate(steps):
        remote, local = described(f"r{number}"), described(f"l{number}")
        if step == "theirs":
            exchange.offered_and_answered(remote, local)
            expected, is_settled = (local, remote, True), True
        elif step == "ours":
            exchange.answered(remote, local)
            expected, is_settled = (local, remote, False), True
        elif step == "nothing":
            assert exchange.take_answer(b"", True) == b""
        else:
            told = exchange.take_answer(remote, step != "preview")
            assert told == (b"" if is_settled else remote)
            if not is_settled:
                expected, is_settled = (expected[0], remote, False), step != "preview"
        assert (exchange.local, exchange.remote, exchange.by_peer) == expected
