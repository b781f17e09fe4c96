"""Unit: bodies by their Content-Type: multipart in any order, broken ones, and what a request is refused for."""

import pytest
from tests.fuzzing import fuzz
from tests.unit.wire.sip.desk import ANSWER, CONTACT, OFFER, Desk, from_callee, inside, invite_text

from baitie.wire.sip.body import SDP_KINDS, parts_untrusted, refusal_untrusted, sdp_untrusted
from baitie.wire.sip.effects import (
    CallAnswered,
    CallConfirmed,
    CallOffered,
    CallProgressed,
    MediaAnswered,
    MediaOffered,
)
from baitie.wire.sip.errors import SipParseError
from baitie.wire.sip.message import Message, Response, parse_message_untrusted

ISUP = (
    "Content-Type: application/ISUP; version=itu-t92+\r\nContent-Disposition: signal;handling=optional\r\n\r\n\x01\x11"
)
NEEDED_ISUP = ISUP.replace("optional", "required")
SDP = f"Content-Type: application/sdp\r\n\r\n{ANSWER.decode()}"
MIXED = 'multipart/mixed; boundary="one two"'


def mixed(*parts: str, boundary: str = "one two", kind: str = MIXED) -> tuple[str, bytes]:
    """Content-Type and body of a multipart."""
    text = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts) + f"--{boundary}--\r\n"
    return kind, text.encode("latin-1")


def message(kind: str, body: bytes, extra: str = "") -> Message:
    line = f"Content-Type: {kind}\r\n" if kind else ""
    return parse_message_untrusted(f"INVITE sip:x SIP/2.0\r\n{line}{extra}\r\n".encode() + body)


NESTED = "Content-Type: multipart/alternative;boundary=in\r\n\r\n--in\r\n" + SDP + "\r\n--in--"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/sdp", ANSWER),
        ("Application/SDP", ANSWER),
        ("application / sdp ;charset=utf-8", ANSWER),
        ("", ANSWER),
        mixed(SDP, ISUP),
        mixed(ISUP, SDP),
        mixed(ISUP, SDP, boundary="b", kind="multipart/mixed;boundary=b"),
        mixed(ISUP, SDP, boundary="b", kind="MULTIPART/Mixed ; charset=x; BOUNDARY = b"),
        mixed(ISUP, "Content-Type: text/plain\r\n\r\nhello", NESTED),
        mixed(NESTED),
        mixed(SDP.replace("Content-Type: a", "content-disposition: session; handling=required\r\nCONTENT-TYPE : A")),
        mixed(f"c:application/sdp\r\n\r\n{ANSWER.decode()}", ISUP),
        mixed(SDP.replace("\r\n\r\n", "\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <1@x>\r\n\r\n", 1)),
        mixed("Content-Type: text/plain\r\n\r\nno", SDP, kind=MIXED.replace("mixed", "alternative")),
        mixed(SDP, "Content-Type: application/sdpng\r\n\r\n<x/>", kind=MIXED.replace("mixed", "alternative")),
        mixed("Content-Type: application/sdp\r\n\r\nv=0\r\n", SDP, kind=MIXED.replace("mixed", "alternative")),
        mixed(SDP, kind=MIXED.replace("mixed", "related")),
    ],
)  # fmt: skip
def test_the_session_description_is_found_wherever_it_stands(kind: str, body: bytes) -> None:
    assert sdp_untrusted(message(kind, body)) == ANSWER
    assert refusal_untrusted(message(kind, body), SDP_KINDS) == 0


def test_line_ends_preambles_and_a_missing_last_delimiter_do_not_hide_it() -> None:
    _, body = mixed(ISUP, SDP)
    for changed in (b"preamble\r\n" + body + b"epilogue", body.replace(b"--one two--\r\n", b"")):
        assert sdp_untrusted(message(MIXED, changed)).strip() == ANSWER.strip()
    assert sdp_untrusted(message(MIXED, body.replace(b"\r\n", b"\n"))) == ANSWER.replace(b"\r\n", b"\n")


def test_a_description_in_base64_or_quoted_printable_is_decoded() -> None:
    coded = "Content-Type: application/sdp\r\nContent-Transfer-Encoding: {}\r\n\r\n{}"
    assert sdp_untrusted(message(*mixed(coded.format("Base64", "dj0wDQo="), ISUP))) == b"v=0\r\n"
    assert sdp_untrusted(message(*mixed(coded.format("quoted-printable", "v=3D0=0D=0A"), ISUP))) == b"v=0\r\n"
    assert sdp_untrusted(message(*mixed(coded.format("x-own", "v=0"), ISUP))) == b""


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/isup", b"\x01\x11", 415),
        ("text/plain", b"v=0\r\n", 415),
        ("application/sdp-like", b"v=0\r\n", 415),
        ("", b"\x01\x11", 415),
        (mixed(ISUP, ISUP)[0], mixed(ISUP, ISUP)[1], 0),
        (mixed(NEEDED_ISUP, SDP)[0], mixed(NEEDED_ISUP, ISUP)[1], 415),
        ("multipart/mixed", mixed(SDP, ISUP)[1], 400),
        ("multipart/mixed; boundary=", mixed(SDP, ISUP)[1], 400),
        ("multipart/mixed; boundary=other", mixed(SDP, ISUP)[1], 400),
        (MIXED, b"nothing of the kind", 400),
        (MIXED, b"--one two\r\nContent-Type: application/sdp\r\nv=0", 0),
        (MIXED, b"--one two--\r\n", 400),
        (*mixed("Content-Type: application/sdp\r\nContent-Disposition: early-session\r\n\r\nv=0\r\n"), 0),
        (*mixed("\r\nv=0\r\n"), 0),
    ],
)
def test_what_is_no_session_description_is_none_and_a_request_may_be_refused_for_it(
    kind: str, body: bytes, status: int
) -> None:
    assert sdp_untrusted(message(kind, body)) == b""
    assert refusal_untrusted(message(kind, body), SDP_KINDS) == status


def test_what_need_not_be_understood_is_no_reason_to_refuse() -> None:
    optional = message("application/isup", b"\x01", "Content-Disposition: signal; handling = optional\r\n")
    assert (sdp_untrusted(optional), refusal_untrusted(optional, SDP_KINDS)) == (b"", 0)
    assert refusal_untrusted(message("application/isup", b""), SDP_KINDS) == 0


def test_a_part_without_headers_is_plain_text_and_keeps_its_content() -> None:
    for line_end in ("\r\n", "\n"):
        kind, body = mixed(f"{line_end}v=0{line_end}")
        (part,) = parts_untrusted(message(kind, body.replace(b"\r\n", line_end.encode())), SDP_KINDS)
        assert (part.kind, part.content) == ("text/plain", f"v=0{line_end}".encode())


def test_a_compressed_body_is_refused_and_is_no_description() -> None:
    for kind, body in (("application/sdp", ANSWER), mixed(SDP, ISUP)):
        packed = message(kind, body, "Content-Encoding: gzip\r\n")
        assert (sdp_untrusted(packed), refusal_untrusted(packed, SDP_KINDS)) == (b"", 415)
        plain = message(kind, body, "e: identity\r\n")
        assert (sdp_untrusted(plain), refusal_untrusted(plain, SDP_KINDS)) == (ANSWER, 0)


def test_fuzzed_bodies_raise_nothing() -> None:
    def read(data: bytes) -> None:
        head, _, body = data.partition(b"\0")
        found = Message("", {"content-type": [head.decode("latin-1")], "content-disposition": [";handling=x"]}, body)
        for part in parts_untrusted(found, SDP_KINDS):
            assert part.content is None or len(part.content) <= len(body)
        assert sdp_untrusted(found) in body or sdp_untrusted(found)
        assert refusal_untrusted(found, SDP_KINDS) in (0, 400, 415)

    seeds = [kind.encode() + b"\0" + body for kind, body in (mixed(SDP, ISUP), mixed(NESTED), mixed(ISUP, NESTED))]
    assert fuzz(read, SipParseError, seeds) > 0


# The same in each message of a call


def extra(kind: str) -> str:
    return f"Content-Type: {kind}\r\n"


@pytest.mark.parametrize("parts", [(SDP, ISUP), (ISUP, SDP), (NEEDED_ISUP, NESTED)])
def test_an_answered_call_with_isup_beside_the_description_stands(parts: tuple[str, ...]) -> None:
    desk = Desk()
    key, invite = desk.place()
    kind, body = mixed(*parts)
    desk.reply(invite, 183, extra=CONTACT + extra(kind), body=body)
    assert desk.event(CallProgressed).sdp == ANSWER
    desk.reply(invite, 200, extra=CONTACT + f"c: {kind}\r\n", body=body)
    assert desk.event(CallAnswered) == CallAnswered(key, ANSWER)


def test_isup_alone_is_no_early_media_and_hides_none() -> None:
    desk = Desk()
    key, invite = desk.place()
    desk.reply(invite, 183, extra=CONTACT, body=ANSWER)
    desk.reply(invite, 180, extra=CONTACT + extra("application/isup"), body=b"\x01\x06")
    assert [event.sdp for event in desk.events()] == [ANSWER, b""]
    desk.reply(invite, 200, extra=CONTACT)
    assert desk.event(CallAnswered) == CallAnswered(key, ANSWER)


def test_a_broken_multipart_in_an_answer_is_no_description_and_ends_nothing_by_itself() -> None:
    desk = Desk()
    key, invite = desk.place()
    desk.reply(invite, 200, extra=CONTACT + extra(MIXED), body=b"--other\r\n")
    assert desk.event(CallAnswered) == CallAnswered(key, b"")


def test_offers_in_multiparts_are_offers_in_invite_reinvite_update_and_ack() -> None:
    desk = Desk()
    kind, body = mixed(ISUP, SDP)
    desk.receive(invite_text(extra=extra(kind), body=body.decode("latin-1")))
    offered = desk.event(CallOffered)
    assert offered.sdp == ANSWER
    desk.agent.answer(offered.call, OFFER, desk.now)
    ok = desk.response(200)
    desk.receive(inside("ACK", 1, ok, extra=extra(kind), body=body))
    assert desk.event(CallConfirmed).sdp == b""
    for cseq, method in ((2, "UPDATE"), (3, "INVITE")):
        desk.receive(inside(method, cseq, ok, extra=extra(kind), body=body))
        assert desk.event(MediaOffered).sdp == ANSWER
        desk.agent.accept_media(offered.call, OFFER, desk.now)
        desk.response(200)
        desk.receive(inside("ACK", cseq, ok)) if method == "INVITE" else None
    desk.receive(inside("INVITE", 4, ok))
    assert desk.event(MediaOffered).sdp == b""
    desk.agent.accept_media(offered.call, OFFER, desk.now)
    desk.sent()
    desk.receive(inside("ACK", 4, ok, extra=extra(kind), body=body))
    assert desk.event(MediaAnswered).sdp == ANSWER


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_a_reinvite_whose_body_cannot_be_served_is_refused_and_the_call_stands(method: str) -> None:
    desk = Desk()
    key, invite, _ = desk.talk()
    for cseq, (kind, body, status) in enumerate(
        [("application/isup", b"\x01", 415), (*mixed(NEEDED_ISUP, SDP), 415), (MIXED, b"--x", 400)], start=5
    ):
        desk.receive(from_callee(method, cseq, invite, extra=extra(kind), body=body))
        refused = desk.response(status)
        assert isinstance(refused, Response)
        assert "multipart/mixed" in refused.first("accept")
        assert desk.events() == []
    desk.agent.hang_up(key, desk.now)
    desk.request("BYE")
