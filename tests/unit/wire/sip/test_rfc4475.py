"""Unit: what the user agent does with every message of RFC 4475, and with those of RFC 5118 (IPv6)."""

from pathlib import Path

import pytest
from tests.unit.wire.sip.desk import Desk

from baitie.wire.sip.effects import CallOffered, Flow
from baitie.wire.sip.headers import parse_via_untrusted
from baitie.wire.sip.message import Response, parse_message_untrusted

FOLDER = Path(__file__).parents[3] / "data/rfc4475"
SOURCE = Flow("UDP", "192.0.2.77", 5099)
OFFERED, DROPPED, STRAY = "offered", "dropped", "stray"

TABLE = {
    # Valid messages (§3.1.1)
    "wsinv": 481,  # an INVITE within a call (To has a tag) that does not exist
    "intmeth": 501,
    "esc01": OFFERED,
    "escnull": 405,  # REGISTER: we are no registrar
    "esc02": 501,  # RE%47IST%45R is a method of its own
    "lwsdisp": 200,
    "longreq": OFFERED,
    "dblreq": 405,
    "semiuri": 200,
    "transports": 200,
    "mpart01": 405,
    "unreason": STRAY,
    "noreason": STRAY,
    # Invalid messages (§3.1.2)
    "badinv01": 400,
    "clerr": 400,
    "ncl": 400,
    "scalar02": 400,
    "scalarlg": STRAY,
    "quotbal": 400,
    "ltgtruri": 400,
    "lwsruri": 400,
    "lwsstart": 400,
    "trws": 400,
    "escruri": 400,
    "baddate": OFFERED,  # Date is nothing to us
    "regbadct": 400,
    "badaspec": 200,  # the spaces within the brackets are passed over
    "baddn": 200,  # as if the display name were quoted
    "badvers": 505,
    "mismatch01": 400,
    "mismatch02": 400,
    "bigcode": DROPPED,
    # Transactions and applications (§3.2, §3.3, §3.4)
    "badbranch": 200,
    "insuf": 400,
    "unkscm": 416,
    "novelsc": 416,
    "unksm2": 405,
    "bext01": 420,
    "invut": 415,
    "regaut01": 405,
    "multi01": 400,
    "mcl01": 400,
    "bcast": STRAY,
    "zeromf": 200,
    "cparam01": 405,
    "cparam02": 405,
    "regescrt": 405,
    "sdp01": 406,
    "inv2543": OFFERED,
    "test": DROPPED,  # no Via: nobody can be answered
}


def test_every_message_of_the_archive_has_its_row() -> None:
    assert {file.stem for file in FOLDER.glob("*.dat")} == TABLE.keys()
    assert len(TABLE) == 50


@pytest.mark.parametrize("name", TABLE)
def test_each_message_gets_the_answer_that_the_rfc_asks_for(name: str) -> None:
    desk, expected, data = Desk(), TABLE[name], (FOLDER / f"{name}.dat").read_bytes()
    desk.receive(data, SOURCE)
    counts = desk.agent.counts
    events, sent = desk.events(), desk.sent()
    if expected == OFFERED:
        assert [type(event) for event in events] == [CallOffered]
        assert sent == []
        return
    assert events == []
    assert desk.is_empty(), "what is answered at once keeps no state"
    unanswered: dict[object, tuple[int, int]] = {STRAY: (1, 0), DROPPED: (0, 1)}
    assert (counts.strays, counts.parse_errors) == unanswered.get(expected, (0, counts.parse_errors))
    if expected in (STRAY, DROPPED):
        assert sent == []
        return
    (answer,) = sent
    assert isinstance(answer, Response)
    assert answer.status == expected
    if expected == 420:
        assert answer.first("unsupported") == "nothingsupportsthis, nothingsupportsthiseither"
    desk.receive(data, SOURCE)
    (again,) = desk.sent()
    assert again.to_bytes() == answer.to_bytes(), "the same request gets the same answer, tag included"


# RFC 5118


def v6(
    line: str, uri: str = "sip:user@example.com", via: str = "[2001:db8::9:1]", extra: str = "", body: str = ""
) -> bytes:
    method = line
    return (
        f"{method} {uri} SIP/2.0\r\nTo: sip:user@example.com\r\nFrom: sip:user@example.com;tag=81x2\r\n"
        f"Via: SIP/2.0/UDP {via};branch=z9hG4bKas3-111\r\nCall-ID: SSG9559905523997077@hlau_4100\r\n"
        f'Max-Forwards: 70\r\nContact: "Caller" <sip:caller@[2001:db8::1]>\r\nCSeq: 98176 {method}\r\n{extra}'
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


SOURCE_V6 = Flow("UDP", "2001:db8::9:1", 5060)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (v6("REGISTER", "sip:[2001:db8::10]"), 405),  # §4.1 valid
        (v6("REGISTER", "sip:2001:db8::10"), 400),  # §4.2 without brackets
        (v6("OPTIONS", "sip:2001:db8::10"), 400),
        (v6("OPTIONS", "sip:[2001:db8::10:5070]"), 200),  # §4.3 the port is part of the address: ambiguous, but valid
        (v6("OPTIONS", "sip:[2001:db8::10]:5070"), 200),  # §4.4
        (v6("OPTIONS", via="[2001:db8::9:1];received=[2001:db8::9:255]"), 200),  # §4.5 with brackets
        (v6("OPTIONS", via="[2001:db8::9:1];received=2001:db8::9:255"), 200),  # §4.5 without
        (v6("OPTIONS", "sip:user@[::ffff:192.0.2.10]"), 200),  # §4.9 IPv4-mapped
        (v6("OPTIONS", "sip:user@[::ffff:192.0.2.10]", via="[::ffff:192.0.2.2]"), 200),
        (v6("OPTIONS", extra="Accept: application/sdp\r\n", body=""), 200),
    ],
)
def test_addresses_of_ipv6_are_read_as_rfc_5118_says(data: bytes, status: int) -> None:
    desk = Desk()
    desk.receive(data, SOURCE_V6)
    answer = desk.response(status)
    assert "]" in answer.first("via")


def test_an_offer_with_ipv6_throughout_is_offered() -> None:
    body = "v=0\r\no=- 1 1 IN IP6 2001:db8::20\r\ns=-\r\nc=IN IP6 2001:db8::20\r\nt=0 0\r\nm=audio 6000 RTP/AVP 0\r\n"
    desk = Desk()
    desk.receive(
        v6("INVITE", "sip:user@[2001:db8::10]", extra="Content-Type: application/sdp\r\n", body=body), SOURCE_V6
    )
    assert desk.event(CallOffered).sdp == body.encode()


def test_a_via_with_an_ipv6_host_and_bracketed_received_is_read() -> None:
    via = parse_via_untrusted("SIP/2.0/UDP [2001:db8::9:1]:6050;received=[2001:db8::9:255];branch=z9hG4bKas3")
    assert (via.host, via.port, via.params["received"]) == ("[2001:db8::9:1]", 6050, "[2001:db8::9:255]")
    response = parse_message_untrusted(
        b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9\r\nl: 0\r\n\r\n"
    )
    assert isinstance(response, Response)
