"""Unit: SIP messages from bytes: read, refused, and given back exactly (RFC 3261 §7, RFC 4475)."""

import contextlib
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fuzzing import fuzz
from tests.unit.wire.sip.desk import FAR, Desk, from_callee, inside, invite_text, reply_bytes
from tests.unit.wire.sip.torture import UNREADABLE, VALID

from baitie.wire.sip.digest import parse_digest_untrusted
from baitie.wire.sip.effects import CallKey
from baitie.wire.sip.errors import SipParseError
from baitie.wire.sip.failures import release_cause_of
from baitie.wire.sip.framing import PING, StreamFramer
from baitie.wire.sip.headers import (
    branch_of,
    first_of,
    parse_address_untrusted,
    parse_cseq_untrusted,
    parse_seconds_untrusted,
    parse_via_untrusted,
    split_list,
    tag_of,
)
from baitie.wire.sip.message import Request, Response, parse_message_untrusted
from baitie.wire.sip.uri import parse_uri_untrusted

SAMPLE = invite_text(extra="Record-Route: <sip:p1;lr>, <sip:p2;lr>\r\nRecord-Route: <sip:p3;lr>\r\n").encode()
RESPONSE = (
    b"SIP/2.0 183 Session Progress\r\nv: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKa\r\nf: <sip:a@b>;tag=1\r\n"
    b"t: <sip:c@d>;tag=2\r\ni: x\r\nCSeq: 1 INVITE\r\nm: <sip:c@10.0.0.2>\r\nl: 4\r\n\r\nv=0\r"
)
SEEDS = [SAMPLE, RESPONSE, *VALID.values(), *(data for data in UNREADABLE.values() if len(data) < 2000)]


def test_a_request_is_read_in_all_its_fields_and_given_back_exactly() -> None:
    request = parse_message_untrusted(SAMPLE)
    assert isinstance(request, Request)
    assert (request.method, request.uri, request.version) == ("INVITE", "sip:me@10.0.0.1", "SIP/2.0")
    assert request.first("from") == '"Far" <sip:far@10.0.0.2>;tag=fartag'
    assert [r for line in request.every("record-route") for r in split_list(line)] == [
        "<sip:p1;lr>", "<sip:p2;lr>", "<sip:p3;lr>",
    ]  # fmt: skip
    assert request.to_bytes() == SAMPLE
    assert "INVITE" in repr(request)


def test_a_response_with_compact_names_is_read_and_given_back_exactly() -> None:
    response = parse_message_untrusted(RESPONSE)
    assert isinstance(response, Response)
    assert (response.status, response.reason, response.body) == (183, "Session Progress", b"v=0\r")
    assert response.first("contact") == "<sip:c@10.0.0.2>"
    assert response.first("call-id") == "x"
    assert response.to_bytes() == RESPONSE
    assert "183" in repr(response)


@pytest.mark.parametrize("data", [SAMPLE, RESPONSE], ids=["request", "response"])
def test_every_truncation_is_refused_or_read_and_never_anything_else(data: bytes) -> None:
    readable = []
    for length_bytes in range(len(data)):
        try:
            parse_message_untrusted(data[:length_bytes])
        except SipParseError:
            continue
        readable.append(length_bytes)
    assert readable == []  # Content-Length shows that something is missing


@pytest.mark.parametrize("name", VALID)
def test_torture_messages_that_are_valid_are_read_and_given_back(name: str) -> None:
    message = parse_message_untrusted(VALID[name])
    assert VALID[name].startswith(message.to_bytes())
    for header in ("from", "to"):
        tag_of(message.first(header))
    branch_of(message.first("via"))
    parse_cseq_untrusted(message.first("cseq"))


def test_the_short_tortuous_invite_means_what_rfc_4475_says() -> None:
    message = parse_message_untrusted(VALID["3.1.1.1 short tortuous INVITE"])
    assert tag_of(message.first("to")) == "1918181833n"
    assert tag_of(message.first("from")) == "98asjd8"
    assert parse_address_untrusted(message.first("from")).display == 'J Rosenberg \\"'
    vias = [parse_via_untrusted(via) for line in message.every("via") for via in split_list(line)]
    assert [via.params["branch"] for via in vias] == ["390skdjuw", "z9hG4bK9ikj8", "z9hG4bK30239"]
    contact = parse_address_untrusted(message.first("contact"))
    assert (contact.uri, contact.params) == (
        "sip:jdrosen@example.com",
        {"newparam": "newvalue", "secondparam": "", "q": "0.33"},
    )
    assert parse_cseq_untrusted(message.first("cseq")) == (9, "INVITE")


@pytest.mark.parametrize("name", UNREADABLE)
def test_torture_messages_that_are_not_valid_are_refused(name: str) -> None:
    with pytest.raises(SipParseError):
        parse_message_untrusted(UNREADABLE[name])


def test_bytes_behind_the_content_length_are_left_out() -> None:
    message = parse_message_untrusted(RESPONSE + b"more")
    assert message.body == b"v=0\r"


# Values


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        ("<sip:a@b>;tag=x", "x"),
        ("<sip:a@b>;TAG=x", "x"),
        ("<sip:a@b> ; tag = x ;q=1", "x"),
        ("sip:a@b;tag=x", "x"),
        ('";tag=no" <sip:a@b>;tag=x', "x"),
        ("<sip:a@b;tag=no>", ""),
        ("<sip:a@b>", ""),
        ('<sip:a@b>;p=";tag=no";tag=x', "x"),
    ],
)
def test_the_tag_is_found_where_it_is_and_nowhere_else(value: str, tag: str) -> None:
    assert tag_of(value) == tag


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("sip:a@b", ("sip", "a", "b", 0, "UDP", 5060)),
        ("SIPS:a@b", ("sips", "a", "b", 0, "TLS", 5061)),
        ("sip:b:5070;transport=TCP;lr", ("sip", "", "b", 5070, "TCP", 5070)),
        ("sip:a;x=1:pw@[2001:db8::1]:5062?h=v", ("sip", "a;x=1:pw", "[2001:db8::1]", 5062, "UDP", 5062)),
    ],
)
def test_uris_are_taken_apart(text: str, parts: tuple[object, ...]) -> None:
    uri = parse_uri_untrusted(text)
    assert (uri.scheme, uri.user, uri.host, uri.port, uri.transport, uri.effective_port) == parts


@pytest.mark.parametrize("text", ["", "sip:", "tel:+1", "sip:a@b:99999", "sip:a@b c", "sip:<a>@b"])
def test_what_is_no_sip_uri_is_refused(text: str) -> None:
    with pytest.raises(SipParseError):
        parse_uri_untrusted(text)


@given(
    st.lists(
        st.text(alphabet=st.characters(codec="ascii", exclude_characters=',"<>\\ \t\r\n\0'), min_size=1), min_size=1
    )
)
def test_lists_are_split_at_commas_outside_quotes_and_brackets(items: list[str]) -> None:
    written = [f'"{item},x" <sip:{item},y@b>' for item in items if item.isprintable()] or ["a"]
    assert split_list(", ".join(written)) == written
    assert first_of(",".join(written)) == written[0]


N = 60_000


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "read",
    [
        lambda: parse_via_untrusted("SIP/2.0/UDP h" + " " * N + "x"),
        lambda: parse_via_untrusted("SIP/2.0/UDP h;a" + " " * N + "!,"),
        lambda: split_list("<" * N + ","),
        lambda: split_list('"' + '\\"' * (N // 2) + ","),
        lambda: split_list(',"' + "\\" * N),
        lambda: tag_of('"' + '\\"' * (N // 2)),
        lambda: tag_of("a" * N + " " * N),
        lambda: parse_address_untrusted('"a"' + " " * N + "x<"),
        lambda: parse_digest_untrusted("Digest a=b" + " " * N + "!"),
        lambda: parse_digest_untrusted('Digest a="' + '\\"' * (N // 2)),
        lambda: parse_uri_untrusted("sip:" + "a" * N + " "),
        lambda: parse_seconds_untrusted("1" + " " * N + "x"),
        lambda: release_cause_of("Q.850;" * (N // 6)),
        lambda: parse_message_untrusted(b"OPTIONS sip:a@b SIP/2.0\r\nA: b" + b" " * N + b"x\r\n y: z\r\n\r\n"),
    ],
)
def test_text_made_to_be_slow_is_read_in_linear_time(read: Callable[[], object]) -> None:
    with contextlib.suppress(SipParseError):
        read()


# Streams


def test_a_stream_is_cut_into_the_same_messages_however_it_is_chopped() -> None:
    stream = b"\r\n" + SAMPLE + b"\r\n\r\n" + RESPONSE + SAMPLE
    rng = random.Random(5)
    for _ in range(200):
        framer = StreamFramer()
        messages: list[bytes] = []
        rest = stream
        while rest:
            size_bytes = rng.randint(1, 300)
            messages += framer.feed_untrusted(rest[:size_bytes])
            rest = rest[size_bytes:]
        assert messages in ([SAMPLE, PING, RESPONSE, SAMPLE], [SAMPLE, RESPONSE, SAMPLE])


@pytest.mark.parametrize(
    "data",
    [
        b"OPTIONS sip:a@b SIP/2.0\r\nVia: x\r\n\r\n",
        b"OPTIONS sip:a@b SIP/2.0\r\nl: 0\r\nl: 0\r\n\r\n",
        b"OPTIONS sip:a@b SIP/2.0\r\nl: 999999999\r\n\r\n",
        b"A" * 40_000,
        b"\rX",
        b"\nX",
    ],
)
def test_a_stream_that_is_out_of_step_is_refused(data: bytes) -> None:
    with pytest.raises(SipParseError):
        StreamFramer().feed_untrusted(data)


# Fuzz


def test_fuzzed_messages_cause_nothing_but_the_one_error() -> None:
    def read(data: bytes) -> None:
        message = parse_message_untrusted(data)
        assert parse_message_untrusted(message.to_bytes()).headers == message.headers
        for check in (
            lambda: tag_of(message.first("to")),
            lambda: branch_of(message.first("via")),
            lambda: parse_via_untrusted(first_of(message.first("via"))),
            lambda: parse_address_untrusted(message.first("contact")),
            lambda: parse_cseq_untrusted(message.first("cseq")),
            lambda: parse_seconds_untrusted(message.first("expires")),
            lambda: parse_uri_untrusted(getattr(message, "uri", "")),
        ):
            try:
                check()
            except SipParseError:
                continue

    fuzz(read, SipParseError, SEEDS)


def test_a_fuzzed_stream_causes_nothing_but_the_one_error() -> None:
    fuzz(lambda data: StreamFramer().feed_untrusted(data), SipParseError, [*SEEDS, SAMPLE + RESPONSE])


def test_a_user_agent_in_mid_call_survives_any_bytes_and_forgets_everything_afterwards() -> None:
    desk = Desk()
    tried = 0

    def throw(data: bytes) -> None:
        nonlocal tried
        tried += 1
        desk.receive(data, FAR)
        if tried % 20 == 0:
            desk.wait(3)
            desk.sent()
            desk.events()

    _, invite, _ = desk.talk()
    _, ringing = desk.place()
    _, ok = desk.taken(extra="Supported: timer, 100rel\r\nSession-Expires: 1800\r\n")
    seeds = [
        invite_text(branch="z9hG4bKf", call_id="f").encode(),
        from_callee("INVITE", 5, invite, body=b"v=0\r\n").encode(),
        from_callee("UPDATE", 6, invite, extra="Session-Expires: 120\r\n").encode(),
        inside("PRACK", 7, ok, extra="RAck: 1 1 INVITE\r\n").encode(),
        inside("BYE", 8, ok).encode(),
        invite_text(branch="z9hG4bKf", call_id="f").replace("INVITE", "CANCEL").encode(),
        reply_bytes(ringing, 183, extra="Require: 100rel\r\nRSeq: 1\r\nContact: <sip:x@10.0.0.2>\r\n", body=b"v=0\r\n"),
        reply_bytes(ringing, 200, extra="Contact: <sip:x@10.0.0.2>\r\nSession-Expires: 90;refresher=uac\r\n"),
        reply_bytes(ringing, 401, extra='WWW-Authenticate: Digest realm="a", nonce="b", qop="auth"\r\n'),
    ]
    fuzz(throw, AssertionError, [*seeds, *SEEDS])
    held = desk.agent.held()
    assert held["calls"] < 20_000
    for call in list(desk.agent._core.calls):
        desk.agent.hang_up(CallKey(call), desk.now)
    for _ in range(20):
        desk.wait(40)
        desk.sent()
        desk.events()
        for call in list(desk.agent._core.calls):
            desk.agent.hang_up(CallKey(call), desk.now)
    assert desk.is_empty(), desk.agent.held()
