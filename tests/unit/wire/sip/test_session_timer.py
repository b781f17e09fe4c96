"""Unit: session timers of RFC 4028, both roles, and requests inside a call that cross (RFC 3261 §14, RFC 3311)."""

import pytest
from tests.unit.wire.sip.desk import ANSWER, CONTACT, OFFER, Desk, from_callee, inside, invite_text

from baitie.kernel.outcome import EndedBy
from baitie.wire.sip.effects import (
    CallAnswered,
    CallEnded,
    CallFailed,
    CallKey,
    KeyByInfo,
    MediaAnswered,
    MediaMethod,
    MediaOffered,
    MediaRefused,
)
from baitie.wire.sip.message import Request

UPDATES = "Allow: INVITE, ACK, BYE, UPDATE\r\n"


def timed(desk: Desk, session: str, allow: str = UPDATES) -> tuple[CallKey, Request]:
    """A call of ours with a session timer, answered with this Session-Expires."""
    key, invite = desk.place(session_expires_s=1800)
    assert invite.first("session-expires") == "1800"
    desk.reply(invite, 200, extra=f"{CONTACT}{allow}Session-Expires: {session}\r\n", body=ANSWER)
    desk.sent()
    desk.events()
    return key, invite


def test_as_refresher_we_send_update_at_half_of_the_interval_again_and_again() -> None:
    desk = Desk()
    timed(desk, "600;refresher=uac")
    for _ in range(3):
        desk.wait(299.9)
        assert desk.sent() == []
        desk.wait(0.3)
        update = desk.request("UPDATE")
        assert (update.first("session-expires"), update.body) == ("600;refresher=uac", b"")
        desk.reply(update, 200, extra="Session-Expires: 600;refresher=uac\r\n")
    assert desk.events() == []


def test_without_update_the_refresh_is_a_reinvite_with_the_same_description() -> None:
    desk = Desk()
    timed(desk, "600;refresher=uac", allow="Allow: INVITE, ACK, BYE\r\n")
    desk.wait(300.2)
    reinvite = desk.request("INVITE")
    assert reinvite.body == OFFER
    desk.reply(reinvite, 200, extra="Session-Expires: 600;refresher=uac\r\n", body=ANSWER)
    desk.request("ACK")
    assert desk.events() == []


def test_a_far_end_that_does_not_refresh_is_hung_up_on_in_time() -> None:
    desk = Desk()
    timed(desk, "600;refresher=uas")
    desk.wait(567.9)
    assert desk.sent() == []
    desk.wait(0.3)
    desk.reply(desk.request("BYE"), 200)
    ended = desk.event(CallEnded)
    assert ended.by is EndedBy.NOBODY
    assert ended.failure is not None
    assert ended.failure.cause == "session-expired"


def test_a_refresh_of_the_far_end_keeps_the_call() -> None:
    desk = Desk()
    _, invite = timed(desk, "600;refresher=uas")
    for number in range(4):
        desk.wait(300)
        extra = "Supported: timer\r\nSession-Expires: 600;refresher=uac\r\n"
        desk.receive(from_callee("UPDATE", 10 + number, invite, extra=extra))
        assert desk.response(200).first("session-expires") == "600;refresher=uac"
    assert desk.events() == []


@pytest.mark.parametrize("status", [481, 408])
def test_a_refresh_that_finds_no_call_ends_it(status: int) -> None:
    desk = Desk()
    timed(desk, "600;refresher=uac")
    desk.wait(300.2)
    desk.reply(desk.request("UPDATE"), status)
    desk.reply(desk.request("BYE"), 200)
    ended = desk.event(CallEnded)
    assert ended.failure is not None
    assert ended.failure.cause == "session-refresh-failed"


def test_422_is_answered_with_the_longer_interval_in_the_same_call() -> None:
    desk = Desk()
    _, invite = desk.place(session_expires_s=120)
    desk.reply(invite, 422, extra="Min-SE: 900\r\n")
    desk.request("ACK")
    again = desk.request("INVITE")
    assert (again.first("session-expires"), again.first("min-se"), again.first("cseq")) == ("900", "900", "2 INVITE")
    assert again.first("call-id") == invite.first("call-id")
    desk.reply(again, 422, extra="Min-SE: 900\r\n")
    assert desk.event(CallFailed).failure.cause == "session-interval-too-small"


def test_an_offered_interval_below_ours_gets_422_with_min_se() -> None:
    desk = Desk()
    desk.receive(invite_text(extra="Supported: timer\r\nSession-Expires: 60\r\n"))
    assert desk.response(422).first("min-se") == "90"


@pytest.mark.parametrize(
    ("extra", "answered", "we_refresh"),
    [
        ("Supported: timer\r\nSession-Expires: 200;refresher=uas\r\n", "200;refresher=uas", True),
        ("Supported: timer\r\nSession-Expires: 200;refresher=uac\r\n", "200;refresher=uac", False),
        ("Supported: timer\r\nx: 200\r\n", "200;refresher=uac", False),
        ("Session-Expires: 200\r\n", "200;refresher=uas", True),
        ("Session-Expires: 20\r\n", "90;refresher=uas", True),
    ],
)
def test_as_callee_the_refresher_is_chosen_as_the_rfc_says(extra: str, answered: str, we_refresh: bool) -> None:
    desk = Desk()
    _, ok = desk.taken(extra=extra)
    assert ok.first("session-expires") == answered
    desk.wait(int(answered.partition(";")[0]) / 2 + 1 if we_refresh else 170)
    kinds = {message.method for message in desk.sent() if isinstance(message, Request)}
    assert kinds == ({"INVITE"} if we_refresh else {"BYE"})


# Offers inside a call


def test_a_reinvite_is_offered_answered_and_acknowledged() -> None:
    desk = Desk()
    key, invite, _ = desk.talk()
    desk.receive(from_callee("INVITE", 5, invite, body=b"v=0 hold\r\n"))
    assert desk.event(MediaOffered) == MediaOffered(key, MediaMethod.REINVITE, b"v=0 hold\r\n")
    desk.agent.accept_media(key, b"v=0 held\r\n", desk.now)
    assert desk.response(200).body == b"v=0 held\r\n"
    desk.wait(0.6)
    desk.response(200)
    desk.receive(from_callee("ACK", 5, invite))
    desk.wait(30)
    assert desk.sent() == []


def test_a_reinvite_without_a_description_gets_our_offer_and_its_ack_answers_it() -> None:
    desk = Desk()
    key, invite, _ = desk.talk()
    desk.receive(from_callee("INVITE", 5, invite))
    assert desk.event(MediaOffered).sdp == b""
    desk.agent.accept_media(key, OFFER, desk.now)
    assert desk.response(200).body == OFFER
    desk.receive(from_callee("ACK", 5, invite, body=ANSWER))
    assert desk.event(MediaAnswered) == MediaAnswered(key, ANSWER)


def test_a_refused_reinvite_leaves_the_call_as_it_was() -> None:
    desk = Desk()
    key, invite, _ = desk.talk()
    desk.receive(from_callee("INVITE", 5, invite, body=b"v=0 video\r\n"))
    desk.events()
    desk.agent.refuse_media(key, desk.now)
    desk.response(488)
    desk.receive(from_callee("BYE", 6, invite))
    desk.response(200)
    desk.event(CallEnded)


def test_a_second_offer_before_the_answer_gets_500_with_retry_after() -> None:
    desk = Desk()
    _, invite, _ = desk.talk()
    desk.receive(from_callee("INVITE", 5, invite, body=b"v=0\r\n"))
    desk.receive(from_callee("UPDATE", 6, invite, body=b"v=0\r\n"))
    assert 0 <= int(desk.response(500).first("retry-after")) <= 10


def test_offers_that_cross_get_491() -> None:
    desk = Desk()
    key, invite, _ = desk.talk()
    desk.agent.reinvite(key, OFFER, desk.now)
    ours = desk.request("INVITE")
    desk.receive(from_callee("INVITE", 5, invite, body=b"v=0\r\n"))
    desk.response(491)
    desk.reply(ours, 491)
    assert desk.event(MediaRefused).status == 491


def test_our_reinvite_is_answered_acknowledged_and_a_repeated_200_gets_the_same_ack() -> None:
    desk = Desk()
    key, _, _ = desk.talk()
    desk.agent.reinvite(key, b"v=0 other\r\n", desk.now)
    ours = desk.request("INVITE")
    desk.reply(ours, 200, extra=CONTACT, body=ANSWER)
    ack = desk.request("ACK")
    assert desk.event(MediaAnswered).sdp == ANSWER
    desk.reply(ours, 200, extra=CONTACT, body=ANSWER)
    assert desk.request("ACK").to_bytes() == ack.to_bytes()


def test_when_the_far_end_hangs_up_during_its_own_offer_both_are_answered() -> None:
    desk = Desk()
    _, invite, _ = desk.talk()
    desk.receive(from_callee("INVITE", 5, invite, body=b"v=0\r\n"))
    desk.receive(from_callee("BYE", 6, invite))
    assert {message.first("cseq") for message in desk.sent()} == {"6 BYE", "5 INVITE"}
    assert isinstance(desk.events()[-1], CallEnded)
    desk.wait(100)
    assert desk.is_empty()


def test_info_and_options_inside_a_call_are_answered() -> None:
    desk = Desk()
    key, ok = desk.taken()
    desk.receive(inside("INFO", 2, ok, extra="Content-Type: application/dtmf-relay\r\n", body=b"Signal=5\r\n"))
    desk.response(200)
    assert desk.event(KeyByInfo) == KeyByInfo(key, "5")
    desk.receive(inside("OPTIONS", 3, ok))
    assert "INVITE" in desk.response(200).first("allow")
    desk.receive(inside("REFER", 4, ok))
    desk.response(405)


def test_an_update_before_the_answer_reaches_the_owner() -> None:
    desk = Desk()
    key, invite = desk.place()
    desk.reply(invite, 183, extra=CONTACT, body=ANSWER)
    desk.events()
    desk.receive(from_callee("UPDATE", 5, invite, body=b"v=0\r\n"))
    assert desk.event(MediaOffered).method is MediaMethod.UPDATE
    desk.agent.accept_media(key, OFFER, desk.now)
    desk.response(200)
    desk.reply(invite, 200, extra=CONTACT)
    desk.event(CallAnswered)


@pytest.mark.parametrize(
    ("session", "method"), [("90;refresher=uac", "UPDATE"), ("90", "UPDATE"), ("90;refresher=uas", "BYE")]
)
def test_the_callee_sets_a_timer_that_we_did_not_ask_for(session: str, method: str) -> None:
    desk = Desk()
    _, invite = desk.place()
    assert not invite.every("session-expires")
    desk.reply(invite, 200, extra=f"{CONTACT}{UPDATES}Require: timer\r\nSession-Expires: {session}\r\n", body=ANSWER)
    desk.sent()
    desk.wait(45.2 if method == "UPDATE" else 60.2)
    asked = desk.request(method)
    if method == "UPDATE":
        assert asked.first("session-expires") == "90;refresher=uac"


def test_when_the_answer_to_our_refresh_ends_the_timer_of_the_far_end_it_is_over() -> None:
    desk = Desk()
    key, _ = timed(desk, "600;refresher=uas")
    desk.agent.reinvite(key, OFFER, desk.now)
    desk.reply(desk.request("INVITE"), 200, extra=CONTACT, body=ANSWER)
    desk.request("ACK")
    desk.wait(3000)
    assert desk.sent() == []


def test_an_update_before_the_answer_ends_no_call_that_still_rings() -> None:
    desk = Desk()
    _, invite = desk.place(ring_timeout_s=600)
    desk.reply(invite, 183, extra=CONTACT)
    desk.receive(from_callee("UPDATE", 5, invite, extra="Supported: timer\r\nSession-Expires: 90;refresher=uac\r\n"))
    desk.wait(300)
    assert [message for message in desk.sent() if isinstance(message, Request)] == []
    desk.reply(invite, 200, extra=CONTACT, body=ANSWER)
    desk.request("ACK")


# Forks


def test_each_fork_is_a_dialog_of_its_own_until_one_answers() -> None:
    desk = Desk()
    _, invite = desk.place()
    for tag in ("a", "b"):
        extra = f"Contact: <sip:{tag}@10.0.0.2>\r\nRequire: 100rel\r\nRSeq: 5\r\n"
        desk.reply(invite, 183, tag=tag, extra=extra, body=ANSWER)
        prack = desk.request("PRACK")
        assert (prack.uri, prack.first("rack")) == (f"sip:{tag}@10.0.0.2", "5 1 INVITE")
    for number, tag in enumerate(("a", "b", "a")):
        desk.receive(from_callee("UPDATE", 10 + 2 * number, invite, tag=tag))
        desk.response(200)
        desk.receive(from_callee("OPTIONS", 11 + 2 * number, invite, tag=tag))
        desk.response(200)
    desk.receive(from_callee("UPDATE", 30, invite, tag="nobody"))
    desk.response(481)
    desk.reply(invite, 200, tag="a", extra="Contact: <sip:a@10.0.0.2>\r\n", body=ANSWER)
    assert desk.request("ACK").uri == "sip:a@10.0.0.2"
    desk.receive(from_callee("OPTIONS", 12, invite, tag="a"))
    desk.response(500)  # the order of requests is that of the early dialog
    desk.reply(invite, 200, tag="b", extra="Contact: <sip:b@10.0.0.2>\r\n", body=ANSWER)
    assert [message.uri for message in desk.sent() if isinstance(message, Request)] == ["sip:b@10.0.0.2"] * 2
    desk.receive(from_callee("BYE", 40, invite, tag="a"))
    desk.response(200)
