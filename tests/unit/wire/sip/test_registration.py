"""Unit: trunk registration and keep-alives (RFC 3261 §10, RFC 5626)."""

from typing import Any

import pytest
from tests.unit.wire.sip.desk import FAR, FAR_TCP, Desk

from baitie.wire.sip.auth import Credentials
from baitie.wire.sip.effects import Registered, RegistrationFailed, SendBytes, TrunkKey, TrunkReachable, Unregistered
from baitie.wire.sip.message import Request
from baitie.wire.sip.settings import RegisterRequest


def registering(desk: Desk, **changes: Any) -> tuple[TrunkKey, Request]:
    fields: dict[str, Any] = {"registrar_uri": "sip:carrier.example", "address_of_record": "sip:trunk@carrier.example"}
    request = RegisterRequest(**(fields | {"flow": FAR, "keep_alive_s": 0.0} | changes))
    key = desk.agent.register(request, desk.now)
    return key, desk.request("REGISTER")


def granted(request: Request, seconds: int) -> str:
    return f"Contact: {request.first('contact')};expires={seconds}\r\n"


def test_a_registration_is_granted_and_renewed_before_it_lapses() -> None:
    desk = Desk()
    key, register = registering(desk, expires_s=600)
    assert (register.uri, register.first("to"), register.first("expires")) == (
        "sip:carrier.example", "<sip:trunk@carrier.example>", "600",
    )  # fmt: skip
    desk.reply(register, 200, extra=granted(register, 300))
    assert desk.event(Registered) == Registered(key, 300)
    desk.wait(200)
    assert desk.sent() == []
    desk.wait(71)
    again = desk.sent("REGISTER")[0]
    assert (again.first("call-id"), again.first("cseq")) == (register.first("call-id"), "2 REGISTER")


def test_a_challenge_is_answered_and_the_refresh_uses_the_nonce_at_once() -> None:
    desk = Desk()
    _, register = registering(desk, credentials=Credentials("trunk", "secret"))
    desk.reply(register, 401, extra='WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"\r\n')
    again = desk.request("REGISTER")
    assert 'username="trunk"' in again.first("authorization")
    desk.reply(again, 200, extra="Expires: 100\r\n")
    assert desk.event(Registered).expires_s == 100
    desk.wait(69)
    assert 'nonce="n"' in desk.sent("REGISTER")[0].first("authorization")


def test_wrong_credentials_fail_and_are_tried_again_only_after_a_pause() -> None:
    desk = Desk()
    _, register = registering(desk, credentials=Credentials("trunk", "wrong"))
    for request in (register, None):
        found = request or desk.request("REGISTER")
        desk.reply(found, 401, extra='WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"\r\n')
    failed = desk.event(RegistrationFailed)
    assert failed.failure.cause == "credentials-refused"
    assert failed.retry_s is not None
    assert 15 <= failed.retry_s <= 30
    desk.wait(failed.retry_s - 0.1)
    assert desk.sent() == []
    desk.wait(0.2)
    desk.request("REGISTER")


def test_pauses_after_failures_double_up_to_half_an_hour() -> None:
    desk = Desk()
    _, register = registering(desk)
    pauses = []
    for _ in range(12):
        desk.reply(register, 503)
        failed = desk.event(RegistrationFailed)
        assert failed.retry_s is not None
        pauses.append(failed.retry_s)
        desk.wait(failed.retry_s + 0.1)
        register = desk.request("REGISTER")
    assert all(15 * 2**number <= pause <= 30 * 2**number for number, pause in enumerate(pauses[:6]))
    assert max(pauses) <= 1800


def test_423_is_answered_with_the_longer_expiry() -> None:
    desk = Desk()
    _, register = registering(desk, expires_s=60)
    desk.reply(register, 423, extra="Min-Expires: 3600\r\n")
    again = desk.request("REGISTER")
    assert again.first("expires") == "3600"
    desk.reply(again, 423, extra="Min-Expires: 3600\r\n")
    assert desk.event(RegistrationFailed).failure.sip_status == 423


@pytest.mark.parametrize("sent", [True, False])
def test_a_broken_transport_is_a_failure_with_a_further_try(sent: bool) -> None:
    desk = Desk()
    registering(desk, flow=FAR_TCP)
    desk.agent.on_transport_failed(FAR_TCP, sent, desk.now)
    assert desk.event(RegistrationFailed).retry_s is not None


def test_a_silent_registrar_is_a_failure_after_64_t1() -> None:
    desk = Desk()
    registering(desk)
    desk.wait(32.1)
    assert desk.event(RegistrationFailed).failure.cause == "trunk-timeout"


def test_unregistering_sends_expires_0_and_forgets() -> None:
    desk = Desk()
    key, register = registering(desk)
    desk.reply(register, 200, extra=granted(register, 300))
    desk.events()
    desk.agent.unregister(key, desk.now)
    last = desk.request("REGISTER")
    assert last.first("expires") == "0"
    desk.reply(last, 200)
    assert desk.event(Unregistered).trunk == key
    desk.wait(1000)
    assert desk.sent() == []
    assert desk.is_empty()


def test_behind_nat_the_contact_is_mended_to_what_the_registrar_saw() -> None:
    desk = Desk()
    _, register = registering(desk, learn_public_address=True)
    seen = register.to_bytes().decode().replace(";rport;", ";rport=40001;received=203.0.113.7;")
    from baitie.wire.sip.message import parse_message_untrusted

    changed = parse_message_untrusted(seen.encode())
    assert isinstance(changed, Request)
    desk.reply(changed, 200, extra=granted(register, 300))
    again = desk.request("REGISTER")
    assert again.first("contact") == "<sip:baitie@203.0.113.7:40001>"
    desk.reply(again, 200, extra=granted(again, 300))
    assert len(desk.events()) == 1
    assert desk.place()[1].first("contact") == "<sip:baitie@203.0.113.7:40001>"


# Keep-alives


def test_double_line_ends_leave_at_the_interval_until_stopped() -> None:
    desk = Desk()
    desk.agent.keep_alive(FAR, 25.0, desk.now)
    pings = []
    for _ in range(100):
        desk.wait(1)
        desk._collect()
        pings += [effect for _, effect in desk._effects if isinstance(effect, SendBytes)]
        desk._effects.clear()
    assert pings == [SendBytes(b"\r\n\r\n", FAR)] * 4
    desk.agent.stop_keep_alive(FAR)
    desk.wait(100)
    assert desk.flows() == []
    assert desk.is_empty()


def test_options_tell_when_a_trunk_goes_silent_and_when_it_comes_back() -> None:
    desk = Desk()
    desk.agent.keep_alive(FAR, 60.0, desk.now, "sip:carrier.example")
    desk.wait(0)
    desk.reply(desk.request("OPTIONS"), 405)
    assert desk.event(TrunkReachable).reachable
    desk.wait(100)
    desk.sent()
    assert not desk.event(TrunkReachable).reachable
    desk.wait(20.1)
    found = desk.sent("OPTIONS")[0]
    assert isinstance(found, Request)
    desk.reply(found, 200)
    assert desk.event(TrunkReachable).reachable


@pytest.mark.parametrize("data", [b"", b"\r\n\r\n", b"\r\n", b"\0", b"jaK"])
def test_keep_alive_datagrams_of_the_far_end_are_taken_silently(data: bytes) -> None:
    desk = Desk()
    desk.receive(data)
    assert desk.agent.counts.parse_errors == 0
    assert desk.flows() == []


@pytest.mark.parametrize(
    "shown",
    [
        "<SIP:baitie@10.0.0.1:5060>",
        "<sip:baitie@10.0.0.1:5060;ob>",
        "<sip:baitie@10.0.0.1>",
        "sip:baitie@10.0.0.1:5060",
        '"Trunk" <sip:b%61itie@10.0.0.1:5060;x=y>;q=1',
        "<sip:other@10.0.0.9>;expires=50,<sip:baitie@10.0.0.1:5060>",
        "<sip:other@10.0.0.9>;expires=soon, <sip:baitie@10.0.0.1:5060>",
    ],
)
def test_our_contact_is_known_however_the_registrar_writes_it(shown: str) -> None:
    desk = Desk()
    key, register = registering(desk)
    desk.reply(register, 200, extra=f"Contact: {shown};expires=60\r\nExpires: 3600\r\n")
    assert desk.event(Registered) == Registered(key, 60)


@pytest.mark.parametrize(
    ("lines", "granted_s"),
    [
        ("Contact: <sip:baitie@198.51.100.4:5060>;expires=120\r\n", 120),
        ("Contact: <sip:baitie@198.51.100.4:5060>;expires=120\r\nExpires: 100\r\n", 100),
        ("Contact: <sip:baitie@10.0.0.1:5060>, <sip:x@10.0.0.9>;expires=9\r\nExpires: 100\r\n", 100),
        ("", 3600),
    ],
)
def test_where_our_contact_is_not_shown_the_shortest_time_is_taken(lines: str, granted_s: int) -> None:
    desk = Desk()
    key, register = registering(desk)
    desk.reply(register, 200, extra=lines)
    assert desk.event(Registered) == Registered(key, granted_s)


def test_a_registration_behind_an_authenticating_proxy_answers_both() -> None:
    desk = Desk()
    _, register = registering(desk, credentials=Credentials("trunk", "secret"))
    desk.reply(register, 407, extra='Proxy-Authenticate: Digest realm="edge", nonce="p", qop="auth"\r\n')
    again = desk.request("REGISTER")
    desk.reply(again, 401, extra='WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"\r\n')
    both = desk.request("REGISTER")
    assert 'realm="edge"' in both.first("proxy-authorization")
    assert 'realm="r"' in both.first("authorization")
    desk.reply(both, 200, extra=granted(both, 300))
    desk.event(Registered)


def test_a_challenge_that_nobody_can_answer_is_the_carriers_doing() -> None:
    desk = Desk()
    _, register = registering(desk, credentials=Credentials("trunk", "secret"))
    desk.reply(register, 401, extra='WWW-Authenticate: Digest realm="r", nonce="n", algorithm=AKAv1-MD5\r\n')
    failure = desk.event(RegistrationFailed).failure
    assert (failure.cause, failure.party.value, failure.sip_status) == ("challenge-unusable", "carrier", 401)
    assert failure.details["phrase"] == "Whatever"


def test_challenged_options_are_answered_and_tell_of_the_trunk_behind_the_proxy() -> None:
    desk = Desk()
    desk.agent.keep_alive(FAR, 60.0, desk.now, "sip:carrier.example", Credentials("trunk", "secret"))
    desk.wait(0)
    for status, kind, realm in ((407, "Proxy-Authenticate", "edge"), (401, "WWW-Authenticate", "trunk")):
        desk.reply(desk.request("OPTIONS"), status, extra=f'{kind}: Digest realm="{realm}", nonce="n", qop="auth"\r\n')
        assert desk.events() == []
    both = desk.request("OPTIONS")
    assert both.every("proxy-authorization")
    assert both.every("authorization")
    desk.reply(both, 503)
    assert not desk.event(TrunkReachable).reachable
    desk.wait(60)
    again = desk.sent("OPTIONS")[0]
    assert "nc=00000002" in again.first("authorization")
