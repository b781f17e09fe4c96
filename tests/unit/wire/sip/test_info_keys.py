"""Unit: keys by SIP INFO, told or refused, and never both lost and acknowledged (RFC 2976 §2.2, RFC 6086 §4.2.2)."""

import pytest
from tests.fuzzing import fuzz
from tests.unit.wire.sip.desk import Desk, from_callee, inside
from tests.unit.wire.sip.test_bodies import mixed

from baitie.wire.sip.effects import KeyByInfo
from baitie.wire.sip.errors import SipParseError
from baitie.wire.sip.info import key_untrusted
from baitie.wire.sip.message import Message

RELAY, PLAIN = "application/dtmf-relay", "application/dtmf"


def kind_line(kind: str) -> str:
    return f"Content-Type: {kind}\r\n"


@pytest.mark.parametrize(
    ("kind", "body", "key"),
    [
        (RELAY, "Signal=5\r\nDuration=160\r\n", "5"),
        (RELAY, "Signal=9", "9"),
        (RELAY, "Signal= 5\r\nDuration= 250", "5"),
        (RELAY, "signal = 0\nduration = 100\n", "0"),
        (RELAY, "SIGNAL=*\r\n", "*"),
        (RELAY, "Duration=160\r\nSignal=#\r\n", "#"),
        (RELAY, "Signal=10\r\nDuration=160\r\n", "*"),
        (RELAY, "Signal=11\r\nDuration=160\r\n", "#"),
        (RELAY, "Signal=d\r\n", "D"),
        (RELAY, 'Signal="7"\r\n', "7"),
        (RELAY, "\r\nSignal=3\rDuration=100\r", "3"),
        (RELAY, "Signal=1\r\nDuration=0", "1"),
        (RELAY, "Signal=1\r\nDuration=a long time", "1"),
        (RELAY, "4\r\n", "4"),
        ("Application/DTMF-Relay;charset=utf-8", "Signal=8\r\n", "8"),
        (RELAY, "Signal=9;Duration=100", "9"),
        (RELAY, "Signal=9, Duration=100\r\n", "9"),
        (RELAY, "Signal=# Duration=100\r\n", "#"),
        (RELAY, "Signal=star\r\nDuration=160\r\n", "*"),
        (RELAY, "Signal=pound", "#"),
        (RELAY, "Digit=9\r\nDuration=160\r\n", "9"),
        (PLAIN, "Event=11", "#"),
        ("application/vnd.nortelnetworks.digits", "p=Digit-Collection\r\ny=Digits\r\nd=9\r\n", "9"),
        (PLAIN, "9", "9"),
        (PLAIN, " 9 \r\n", "9"),
        (PLAIN, "10", "*"),
        (PLAIN, "11\n", "#"),
        (PLAIN, "*", "*"),
        (PLAIN, "#", "#"),
        (PLAIN, "12", "A"),
        (PLAIN, "b", "B"),
        (PLAIN, "Signal=6\r\nDuration=160\r\n", "6"),
    ],
)
def test_a_key_by_info_is_told_in_calls_that_we_placed_and_in_calls_that_came(kind: str, body: str, key: str) -> None:
    desk = Desk()
    placed, invite, _ = desk.talk()
    desk.receive(from_callee("INFO", 5, invite, extra=kind_line(kind), body=body.encode()))
    desk.response(200)
    assert desk.event(KeyByInfo) == KeyByInfo(placed, key)
    came, ok = desk.taken()
    desk.receive(inside("INFO", 2, ok, extra=kind_line(kind), body=body.encode()))
    desk.response(200)
    assert desk.event(KeyByInfo) == KeyByInfo(came, key)


def test_a_repeated_info_is_answered_again_and_its_key_told_once() -> None:
    desk = Desk()
    key, invite, _ = desk.talk()
    info = from_callee("INFO", 5, invite, extra=kind_line(RELAY), body=b"Signal=9\r\nDuration=160\r\n")
    for _ in range(3):
        desk.receive(info)
        desk.response(200)
    assert desk.event(KeyByInfo) == KeyByInfo(key, "9")
    desk.receive(from_callee("INFO", 6, invite, extra=kind_line(RELAY), body=b"Signal=9\r\nDuration=160\r\n"))
    assert desk.event(KeyByInfo) == KeyByInfo(key, "9")


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/media_control+xml", "<x/>", 415),
        ("application/isup", "\x01", 415),
        ("application/sdp", "Signal=5\r\n", 415),
        ("text/plain", "9", 415),
        (RELAY, "Signal=x\r\n", 400),
        (RELAY, "Signal=99\r\n", 400),
        (RELAY, "Signal=12345\r\n", 400),
        (PLAIN, "nine", 400),
        ("multipart/mixed", "--x\r\n", 400),
    ],
)
def test_an_info_that_tells_no_key_that_we_can_read_is_refused_with_what_we_take(
    kind: str, body: str, status: int
) -> None:
    desk = Desk()
    _, invite, _ = desk.talk()
    desk.receive(from_callee("INFO", 5, invite, extra=kind_line(kind), body=body.encode()))
    assert RELAY in desk.response(status).first("accept")
    assert desk.events() == []
    desk.receive(from_callee("INFO", 6, invite, extra=kind_line(PLAIN), body=b"9"))
    assert desk.event(KeyByInfo).key == "9"


@pytest.mark.parametrize(
    ("kind", "body"), [(RELAY, "Signal=16\r\n"), (RELAY, "Signal=!\r\n"), (PLAIN, "16"), (RELAY, "")]
)
def test_a_hook_flash_and_an_empty_info_are_taken_and_are_no_key(kind: str, body: str) -> None:
    desk = Desk()
    _, invite, _ = desk.talk()
    desk.receive(from_callee("INFO", 5, invite, extra=kind_line(kind) if body else "", body=body.encode()))
    desk.response(200)
    assert desk.events() == []


def test_an_info_package_that_nobody_asked_for_is_refused_with_469() -> None:
    desk = Desk()
    _, invite, _ = desk.talk()
    desk.receive(from_callee("INFO", 5, invite, extra="Info-Package: x-ours\r\n" + kind_line(RELAY), body=b"Signal=9"))
    assert "recv-info" in desk.response(469).headers
    assert desk.events() == []


def test_a_key_pressed_while_our_bye_is_under_way_is_told() -> None:
    desk = Desk()
    key, invite, _ = desk.talk()
    desk.agent.hang_up(key, desk.now)
    desk.receive(from_callee("INFO", 5, invite, extra=kind_line(RELAY), body=b"Signal=9\r\n"))
    desk.response(200)
    assert desk.event(KeyByInfo) == KeyByInfo(key, "9")
    desk.receive(from_callee("UPDATE", 6, invite))
    desk.response(481)


def test_a_key_beside_another_part_is_told() -> None:
    desk = Desk()
    _, invite, _ = desk.talk()
    kind, body = mixed("Content-Type: text/x\r\n\r\nx", f"Content-Type: {RELAY}\r\n\r\nSignal=2\r\n")
    desk.receive(from_callee("INFO", 5, invite, extra=kind_line(kind), body=body))
    desk.response(200)
    assert desk.event(KeyByInfo).key == "2"


def test_fuzzed_infos_give_a_key_or_none() -> None:
    def read(data: bytes) -> None:
        for kind in (RELAY, PLAIN):
            key = key_untrusted(Message("", {"content-type": [kind]}, data))
            assert key in (None, "") or key in list("0123456789*#ABCD")

    assert fuzz(read, SipParseError, [b"Signal=5\r\nDuration=160\r\n", b"11", b"Signal= #\n"]) > 0
