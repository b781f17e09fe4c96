"""Unit: who comes from no trunk address draws no state and one answer at most, and calls go on."""

import random
from pathlib import Path

import pytest
from tests.fuzzing import fuzz
from tests.unit.wire.sip.desk import FAR, Desk, inside, invite_text

from baitie.kernel.time import Instant
from baitie.wire.sip.allowance import Allowance
from baitie.wire.sip.core import render_response
from baitie.wire.sip.effects import CallEnded, CallOffered, Flow
from baitie.wire.sip.errors import SipParseError
from baitie.wire.sip.headers import via_untrusted
from baitie.wire.sip.judging import bad_extension_untrusted, malformed_untrusted, outside_untrusted
from baitie.wire.sip.message import MAX_MESSAGE_BYTES, Request, parse_message_untrusted
from baitie.wire.sip.salvage import mended_answer_untrusted, salvaged_untrusted
from baitie.wire.sip.server_transaction import ReplyHead

TRUNK = FAR.host
NOWHERE = Flow("UDP", "203.0.113.66", 5060)


def guarded() -> Desk:
    return Desk(known_hosts=frozenset({TRUNK}), stranger_answers_per_s=20.0)


def from_nowhere(method: str = "INVITE", branch: str = "z9hG4bKs", **changes: str) -> str:
    text = invite_text(branch=branch, cseq=f"1 {method}", call_id=branch, **changes)
    return text.replace("INVITE sip", f"{method} sip")


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS", "REGISTER", "MESSAGE", "SUBSCRIBE", "XYZ"])
@pytest.mark.parametrize("transport", ["UDP", "TCP", "TLS"])
def test_a_request_from_nowhere_gets_one_answer_and_leaves_nothing(method: str, transport: str) -> None:
    desk = guarded()
    data = from_nowhere(method)
    desk.receive(data, NOWHERE._replace(transport=transport))
    answer = desk.response(403)
    assert len(answer.to_bytes()) < len(data), "nobody is a lever for others"
    assert desk.is_empty()
    desk.wait(100)
    assert desk.sent() == []
    assert desk.events() == []


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS"])
def test_a_flood_from_nowhere_gets_few_answers_and_no_state_while_the_trunk_is_served(method: str) -> None:
    desk = guarded()
    for number in range(10_000):
        source = Flow("UDP", f"203.0.113.{number % 250}", 5060 + number % 7)
        desk.receive(from_nowhere(method, f"z9hG4bK{number}"), source)
        if number % 100 == 0:
            desk.now = Instant(desk.now + 0.01)
    assert len(desk.sent("403")) <= 20 + 20
    assert desk.is_empty()
    desk.offered()


@pytest.mark.parametrize("method", ["BYE", "UPDATE", "INFO", "CANCEL"])
def test_a_stranger_who_guesses_a_call_gets_481_and_the_call_goes_on(method: str) -> None:
    desk = guarded()
    key, ok = desk.taken()
    guess = inside(method, 9, ok).replace("tag=fartag", "tag=guessed")
    desk.receive(guess if method != "CANCEL" else from_nowhere("CANCEL"), NOWHERE)
    desk.response(481)
    desk.wait(1)
    assert desk.events() == []
    desk.agent.hang_up(key, desk.now)
    desk.request("BYE")


def test_a_strangers_cancel_with_the_branch_of_a_call_ends_nothing() -> None:
    desk = guarded()
    _, text = desk.offered()
    desk.receive(text.replace("INVITE", "CANCEL"), NOWHERE)
    desk.response(481)
    assert desk.events() == []


def test_within_a_call_another_address_of_the_far_end_is_served() -> None:
    desk = guarded()
    _, ok = desk.taken()
    desk.receive(inside("BYE", 2, ok), Flow("UDP", "198.51.100.7", 5062))
    desk.response(200)
    desk.event(CallEnded)


@pytest.mark.parametrize("host", [TRUNK, f"::ffff:{TRUNK}"])
def test_a_call_from_a_trunk_address_is_offered(host: str) -> None:
    desk = guarded()
    desk.receive(invite_text(), Flow("UDP", host, 41_000))
    desk.event(CallOffered)


def test_a_flood_of_options_from_the_trunk_keeps_no_state() -> None:
    desk = guarded()
    for number in range(2_000):
        desk.receive(from_nowhere("OPTIONS", f"z9hG4bK{number}"))
    assert len(desk.sent("200")) == 2_000
    assert desk.is_empty()


def test_an_allowance_is_so_many_a_second_and_no_more() -> None:
    allowance = Allowance(5.0)
    given = [sum(allowance.take(Instant(1000.0 + second)) for _ in range(50)) for second in (0.0, 0.2, 0.2, 1.0, 9.0)]
    assert given == [5, 1, 0, 4, 5]


# What cannot be read


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ("INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.66\r\nFrom\r\nCSeq: 1 INVITE\r\n\r\n", 400),
        ("FOO sip:a@b SIP/2.0\r\nv: SIP / 2.0 / UDP 203.0.113.66 ;rport\r\nl: many\r\n\r\n", 400),
        (f"INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP 203.0.113.66\r\nl: {MAX_MESSAGE_BYTES + 1}\r\n\r\n", 413),
        ("INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.66\r\nno end of it", 400),
    ],
)
def test_a_request_that_cannot_be_read_is_answered_if_a_via_allows_it(data: str, status: int) -> None:
    desk = guarded()
    desk.receive(data, NOWHERE)
    desk.response(status)
    assert desk.is_empty()


@pytest.mark.parametrize(
    "data",
    [
        "ACK sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.66\r\nl: x\r\n\r\n",
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 203.0.113.66\r\nl: x\r\n\r\n",
        " SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 203.0.113.66\r\nl: x\r\n\r\n",
        "INVITE sip:a@b SIP/2.0\r\nFrom: <sip:a@b>\r\nl: x\r\n\r\n",
        "INVITE sip:a@b SIP/2.0\r\nVia: nothing\r\nl: x\r\n\r\n",
        "INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.66\nFrom: x\r\nl: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nAccept: text/html, everything\r\n\r\n",
    ],
)
def test_what_may_not_or_cannot_be_answered_is_dropped(data: str) -> None:
    desk = guarded()
    desk.receive(data, NOWHERE)
    assert desk.sent() == []
    counts = desk.agent.counts
    assert (counts.parse_errors, counts.strays) == ((0, 1) if data.startswith("SIP/") else (1, 0))


def test_fuzzed_answers_are_mended_without_an_error_and_never_break_a_line() -> None:
    answer = b"SIP/2.0 200 OK\nVia: SIP/2.0/UDP 10.0.0.1\rCSeq: 1 \0INVITE\r\nContent-Length: 4\n\nv=0\r\n"

    def mend(data: bytes) -> None:
        mended = mended_answer_untrusted(data)
        assert mended == b"" or parse_message_untrusted(mended).head.count("\0") == 0

    assert fuzz(mend, SipParseError, [answer, b"SIP/2.0 486 Busy\r\n\r\n", invite_text().encode()]) >= 0
    assert mended_answer_untrusted(invite_text().encode()) == b""


def test_fuzzed_requests_are_salvaged_without_an_error_and_never_break_a_line() -> None:
    rng = random.Random(3)
    seeds = [invite_text().encode(), invite_text().replace("INVITE", "OPTIONS").encode()]

    def read(data: bytes) -> None:
        found = salvaged_untrusted(data if rng.random() < 0.5 else data[: rng.randrange(len(data) + 1)])
        if found is None:
            return
        request, status = found
        assert isinstance(request, Request)
        try:
            head = ReplyHead(request, NOWHERE, "tag").lines(status)
        except SipParseError:
            return
        lines = render_response(status, "", head, "", b"").decode("utf-8", "surrogateescape").split("\r\n")
        assert not any("\n" in line or "\r" in line for line in lines)
        assert all(line.partition(":")[0] in _NAMES for line in lines[1:-2])

    assert fuzz(read, SipParseError, seeds) >= 0


def test_fuzzed_requests_are_judged_without_an_error_and_keep_nothing_of_a_stranger() -> None:
    desk = guarded()
    torture = Path(__file__).parents[3] / "data/rfc4475"
    seeds = [invite_text(extra="Require: a\r\nAccept: b/c\r\n").encode()]
    seeds += [file.read_bytes() for file in sorted(torture.glob("*.dat"))]

    def judge(data: bytes) -> None:
        desk.agent.refuse_untrusted(data, NOWHERE, desk.now)
        desk.agent.receive_untrusted(data, NOWHERE, desk.now)
        desk.agent.take_effects()
        assert desk.is_empty()
        message = parse_message_untrusted(data)
        if isinstance(message, Request):
            malformed_untrusted(message)
            bad_extension_untrusted(message)
            outside_untrusted(message, frozenset({"REGISTER"}))
        via_untrusted(message.first("via"))

    assert fuzz(judge, SipParseError, seeds) > 100


_NAMES = ("Via", "From", "To", "Call-ID", "CSeq", "Content-Length")
