"""Unit: session descriptions and the offer/answer exchange."""

from dataclasses import replace

import pytest
from tests.fuzzing import fuzz

from baitie.wire.g711 import Codec
from baitie.wire.sdp import (
    Direction,
    LocalMedia,
    MediaAgreement,
    MediaRefusal,
    MediaTalks,
    SdpError,
    accept_answer,
    make_answer,
    make_offer,
    parse_sdp_untrusted,
    serialise,
)

LOCAL = LocalMedia("192.0.2.1", 40000, session_id=7)
CAPTURE = (
    b"v=0\r\n"
    b"o=- 1545997027 1 IN IP4 198.51.100.9\r\n"
    b"s=pjmedia\r\n"
    b"c=IN IP4 198.51.100.9\r\n"
    b"t=0 0\r\n"
    b"a=X-nat:0\r\n"
    b"m=audio 4002 RTP/AVP 8 0 96\r\n"
    b"a=rtcp:4003 IN IP4 198.51.100.9\r\n"
    b"a=rtpmap:8 PCMA/8000\r\n"
    b"a=rtpmap:0 PCMU/8000\r\n"
    b"a=rtpmap:96 telephone-event/8000\r\n"
    b"a=fmtp:96 0-16\r\n"
    b"a=ptime:20\r\n"
    b"a=rtcp-mux\r\n"
    b"a=sendrecv\r\n"
    b"m=video 4004 RTP/AVP 97\r\n"
    b"a=rtpmap:97 H264/90000\r\n"
)


def answer(audio: str, *attributes: str, address: str = "198.51.100.9") -> bytes:
    lines = ["v=0", f"o=- 1 1 IN IP4 {address}", "s=-", f"c=IN IP4 {address}", "t=0 0", f"m={audio}"]
    return "".join(f"{line}\r\n" for line in [*lines, *(f"a={entry}" for entry in attributes)]).encode()


def agreed(local: LocalMedia, body: bytes) -> MediaAgreement:
    agreement = accept_answer(local, parse_sdp_untrusted(body))
    assert isinstance(agreement, MediaAgreement)
    return agreement


def test_a_captured_description_is_read_field_by_field_and_given_back_exactly() -> None:
    description = parse_sdp_untrusted(CAPTURE)
    audio, video = description.media
    assert (description.session_id, description.version) == ("1545997027", "1")
    assert (audio.kind, audio.port, audio.protocol, audio.formats) == ("audio", 4002, "RTP/AVP", ("8", "0", "96"))
    assert (audio.connection, audio.rtcp_port, audio.ptime_ms) == ("198.51.100.9", 4003, 20)
    assert audio.rtpmap == {8: ("PCMA", 8000), 0: ("PCMU", 8000), 96: ("TELEPHONE-EVENT", 8000)}
    assert (video.kind, video.port, video.direction) == ("video", 4004, Direction.SENDRECV)
    assert serialise(description) == CAPTURE
    assert serialise(parse_sdp_untrusted(CAPTURE.replace(b"\r\n", b"\n"))) == CAPTURE


def test_every_truncation_gives_a_description_or_an_sdp_error() -> None:
    for length in range(len(CAPTURE)):
        try:
            parse_sdp_untrusted(CAPTURE[:length])
        except SdpError:
            continue


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\r\n",
        b"v=1\r\n",
        b"broken\r\nlines = 3\r\n",
        answer("audio 99999 RTP/AVP 8"),
        answer("audio 4000 RTP/AVP"),
        answer("audio 4000 RTP/AVP 8").replace(b"c=IN IP4 198.51.100.9\r\n", b""),
        answer("audio 4000 RTP/AVP 8").replace(b"c=IN IP4", b"c=IN ATM"),
        b"v=0\r\n" * 500,
        b"x" * 20_000,
        b"v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nc=IN IP4 h\r\n" + b"m=audio 1 RTP/AVP 8\r\n" * 9,
    ],
)
def test_broken_descriptions_raise_sdp_error(body: bytes) -> None:
    with pytest.raises(SdpError):
        parse_sdp_untrusted(body)


PLAIN = answer("audio 4000 RTP/AVP 8 0 101", "rtpmap:101 telephone-event/8000", "ptime:20", "rtcp:4001")


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        (b"o=- 1 1 IN IP4 198.51.100.9\r\n", b"o=Li Lei 1 1 IN IP4 198.51.100.9\r\n"),
        (b"o=- 1 1 IN IP4 198.51.100.9\r\n", b"o=-  1 1 IN IP4 198.51.100.9 \r\n"),
        (b"o=- 1 1 IN IP4 198.51.100.9\r\n", b"o=- 1 123456789012345678901 IN IP4 198.51.100.9\r\n"),
        (b"o=- 1 1 IN IP4 198.51.100.9\r\n", b"o=- x1f y IN IP4 gw.example.net\r\n"),
        (b"o=- 1 1 IN IP4 198.51.100.9\r\n", b"o=\r\n"),
        (b"o=- 1 1 IN IP4 198.51.100.9\r\n", b""),
        (b"s=-\r\n", b""),
        (b"s=-\r\n", b"s=-\r\nbroken\r\nX=1\r\nz\r\n=\r\nk=\0\r\n\r\n"),
        (b"t=0 0\r\n", b"t=\r\nb=AS:\r\na=\r\na=:\r\n"),
        (b"a=ptime:20\r\n", b"a=ptime:\r\n"),
        (b"a=ptime:20\r\n", b"a=ptime:twenty\r\na=maxptime:x\r\na=fmtp:\r\na=fmtp:x y\r\n"),
        (b"a=ptime:20\r\n", b"a=ptime:99999999999999999999999\r\n"),
        (b"a=ptime:20\r\n", b"a=rtpmap:96 SPEEX\r\na=rtpmap:\r\na=rtpmap:x y/z\r\na=rtpmap:999 PCMA/8000\r\n"),
        (b"a=rtcp:4001\r\n", b"a=rtcp:\r\n"),
        (b"a=rtcp:4001\r\n", b"a=rtcp:70000 IN IP4 h\r\n"),
        (b"a=rtpmap:101 telephone-event/8000\r\n", b"a=rtpmap:101 telephone-event\r\n"),
        (b"a=rtpmap:101 telephone-event/8000\r\n", b"a=rtpmap: 101  telephone-event / 8000 \r\n"),
        (b"a=rtpmap:101 telephone-event/8000\r\n", b"a=rtpmap:8 PCMA\r\na=rtpmap:101 Telephone-Event/8000/1\r\n"),
        (b"c=IN IP4 198.51.100.9\r\n", b"c=IN IP4 198.51.100.9/127\r\n"),
        (b"c=IN IP4 198.51.100.9\r\n", b" c = IN  IP4  198.51.100.9 \r\n"),
        (b"c=IN IP4 198.51.100.9\r\n", b"c=IN ATM x\r\nc=in ip4 198.51.100.9\r\n"),
        (b"m=audio", b"m=video 99999 RTP/AVP 97\r\nc=\r\na=rtpmap:97 H264\r\nm=audio"),
        (b"m=audio", b"m=image 0 udptl t38\r\nm=application\r\nm= audio"),
        (b"RTP/AVP 8 0 101", b'RTP/AVP 8 " 0 101'),
        (b"v=0\r\n", b"\r\nv=0 \r\n"),
        (b"v=0\r\n", b""),
        (b"\r\n", b"\n"),
        (b"\r\n", b"\r"),
        (b"a=rtcp:4001\r\n", b"a=rtcp:4001"),
    ],
)
def test_what_nobody_needs_of_a_description_may_be_broken_or_missing(line: bytes, instead: bytes) -> None:
    assert line in PLAIN
    agreement = agreed(LOCAL, PLAIN.replace(line, instead))
    assert (agreement.remote_ip, agreement.remote_port) == ("198.51.100.9", 4000)
    assert (agreement.codec, agreement.telephone_event_pt, agreement.ptime_ms) == (Codec.PCMA, 101, 20)
    assert (agreement.remote_rtcp_port, agreement.direction) == (4001, Direction.SENDRECV)
    offered = PLAIN.replace(line, instead)
    body, as_answerer = make_answer(parse_sdp_untrusted(offered), LOCAL)
    assert isinstance(as_answerer, MediaAgreement)
    assert body is not None
    sections = parse_sdp_untrusted(body).media
    assert len(sections) == len(parse_sdp_untrusted(offered).media)
    assert [section.kind for section in sections if section.port] == ["audio"]


def test_an_offer_lists_both_codecs_and_telephone_event() -> None:
    offered = parse_sdp_untrusted(make_offer(LOCAL)).media[0]
    assert (offered.port, offered.formats, offered.ptime_ms) == (40000, ("8", "0", "101"), 20)
    assert offered.direction is Direction.SENDRECV


def test_the_answerer_of_an_offer_and_the_offerer_agree_on_the_same_stream() -> None:
    theirs = LocalMedia("192.0.2.2", 50000, session_id=9)
    body, at_callee = make_answer(parse_sdp_untrusted(make_offer(LOCAL)), theirs)
    assert body is not None
    at_caller = agreed(LOCAL, body)
    assert isinstance(at_callee, MediaAgreement)
    assert (at_caller.remote_ip, at_caller.remote_port, at_caller.remote_rtcp_port) == ("192.0.2.2", 50000, 50001)
    assert (at_callee.remote_ip, at_callee.remote_port) == ("192.0.2.1", 40000)
    for side in (at_caller, at_callee):
        assert (side.codec, side.payload_type, side.telephone_event_pt) == (Codec.PCMA, 8, 101)
        assert (side.local_telephone_event_pt, side.direction) == (101, Direction.SENDRECV)


def test_a_peer_without_keys_and_with_pcmu_only_is_agreed_with() -> None:
    agreement = agreed(LOCAL, answer("audio 4000 RTP/AVP 0", "ptime:30"))
    assert (agreement.codec, agreement.payload_type, agreement.telephone_event_pt) == (Codec.PCMU, 0, None)
    assert agreement.ptime_ms == 30


def test_the_offered_order_of_codecs_and_dynamic_payload_types_are_followed() -> None:
    offer = parse_sdp_untrusted(
        answer("audio 4000 RTP/AVP 18 97 0 98", "rtpmap:97 pcma/8000/1", "rtpmap:98 telephone-event/8000")
    )
    body, agreement = make_answer(offer, LOCAL)
    assert isinstance(agreement, MediaAgreement)
    assert body is not None
    assert (agreement.codec, agreement.payload_type, agreement.telephone_event_pt) == (Codec.PCMA, 97, 98)
    assert parse_sdp_untrusted(body).media[0].formats == ("97", "98")


def test_other_sections_of_an_offer_are_refused_with_port_zero() -> None:
    body, agreement = make_answer(parse_sdp_untrusted(CAPTURE), LOCAL)
    assert isinstance(agreement, MediaAgreement)
    assert body is not None
    audio, video = parse_sdp_untrusted(body).media
    assert (audio.port, video.kind, video.port, video.formats) == (40000, "video", 0, ("97",))


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (Direction.SENDRECV, Direction.SENDRECV),
        (Direction.SENDONLY, Direction.RECVONLY),
        (Direction.RECVONLY, Direction.SENDONLY),
        (Direction.INACTIVE, Direction.INACTIVE),
    ],
)
def test_hold_by_direction_is_seen_and_answered(theirs: Direction, ours: Direction) -> None:
    offer = parse_sdp_untrusted(answer("audio 4000 RTP/AVP 8", theirs.value))
    body, agreement = make_answer(offer, LOCAL.changed())
    assert isinstance(agreement, MediaAgreement)
    assert body is not None
    reply = parse_sdp_untrusted(body)
    assert (agreement.direction, reply.media[0].direction, reply.version) == (ours, ours, str(LOCAL.version + 1))


def test_hold_by_the_unspecified_address_stops_our_sending() -> None:
    agreement = agreed(LOCAL, answer("audio 4000 RTP/AVP 8", address="0.0.0.0"))
    assert agreement.direction is Direction.RECVONLY


def test_a_session_level_direction_holds_for_the_media() -> None:
    body = answer("audio 4000 RTP/AVP 8").replace(b"t=0 0\r\n", b"t=0 0\r\na=inactive\r\n")
    assert agreed(LOCAL, body).direction is Direction.INACTIVE


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (answer("audio 0 RTP/AVP 8"), "audio-refused"),
        (answer("audio 4000 RTP/AVP 18", "rtpmap:18 G729/8000"), "no-common-codec"),
        (answer("audio 4000 RTP/AVP 8", "rtpmap:8 L16/8000"), "no-common-codec"),
        (answer("audio 4000 RTP/SAVP 8"), "transport-unsupported"),
        (answer("audio 4000 RTP/AVP 8", address="media.example.net"), "address-not-numeric"),
        (answer("image 4000 udptl t38"), "no-audio-offered"),
        (
            answer("audio 4000 RTP/AVP 8").replace(b"IN IP4 198.51.100.9", b"IN IP6 2001:db8::1"),
            "address-family-differs",
        ),
        (b"v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\n", "no-media-in-answer"),
    ],
)
def test_what_cannot_be_agreed_is_a_refusal_with_its_reason(body: bytes, reason: str) -> None:
    refusal = accept_answer(LOCAL, parse_sdp_untrusted(body))
    assert refusal == MediaRefusal(reason)
    expected = "no-audio-offered" if reason == "no-media-in-answer" else reason
    assert make_answer(parse_sdp_untrusted(body), LOCAL) == (None, MediaRefusal(expected))


def test_a_name_in_place_of_an_address_is_asked_for_and_agreed_with_once_it_is_known() -> None:
    body = answer("audio 4000 RTP/AVP 8", address="media.example.net")
    refusal = accept_answer(LOCAL, parse_sdp_untrusted(body))
    assert isinstance(refusal, MediaRefusal)
    assert (refusal.reason, refusal.host) == ("address-not-numeric", "media.example.net")
    hosts = {"media.example.net": "198.51.100.7"}
    known = accept_answer(LOCAL, parse_sdp_untrusted(body), hosts)
    assert isinstance(known, MediaAgreement)
    assert known.remote_ip == "198.51.100.7"
    assert isinstance(make_answer(parse_sdp_untrusted(body), LOCAL, hosts)[1], MediaAgreement)


def test_an_answer_with_the_audio_in_another_place_than_offered_is_still_heard() -> None:
    body = answer("image 0 udptl t38") + b"m=audio 4000 RTP/AVP 8\r\n"
    assert agreed(LOCAL, body).remote_port == 4000


def test_each_offer_and_answer_of_ours_has_a_version_above_the_one_before() -> None:
    talks = MediaTalks(LOCAL)
    versions = [parse_sdp_untrusted(talks.offer()).version]
    assert isinstance(talks.take_answer_untrusted(answer("audio 4000 RTP/AVP 8"), {}), MediaAgreement)
    for _ in range(2):
        body = talks.take_offer_untrusted(answer("audio 4002 RTP/AVP 8", "inactive"), {})
        assert isinstance(body, bytes)
        versions += [parse_sdp_untrusted(body).version, parse_sdp_untrusted(talks.offer()).version]
    assert versions == ["1", "2", "3", "4", "5"]


def test_the_first_description_of_ours_has_the_first_version_though_it_is_an_answer() -> None:
    body = MediaTalks(LOCAL).take_offer_untrusted(CAPTURE, {})
    assert isinstance(body, bytes)
    assert parse_sdp_untrusted(body).version == "1"


def test_sections_that_a_peer_offered_keep_their_places_in_our_later_offers() -> None:
    talks = MediaTalks(LOCAL)
    head, audio = CAPTURE[: CAPTURE.index(b"m=")], PLAIN[PLAIN.index(b"m=") :]
    talks.take_offer_untrusted(head + b"m=video 9 RTP/AVP 97\r\n" + audio, {})
    sections = parse_sdp_untrusted(talks.offer()).media
    assert [(section.kind, section.port) for section in sections] == [("video", 0), ("audio", 40000)]
    agreement = talks.take_answer_untrusted(
        answer("video 0 RTP/AVP 97").replace(b"a=", b"") + b"m=audio 4444 RTP/AVP 0\r\n", {}
    )
    assert isinstance(agreement, MediaAgreement)
    assert (agreement.remote_port, talks.agreed) == (4444, agreement)


def test_an_offer_that_we_accepted_before_is_in_force_again_without_another_answer() -> None:
    talks = MediaTalks(LOCAL)
    talks.offer()
    talks.take_offer_untrusted(PLAIN, {})
    first, local = talks.agreed, talks.local
    talks.take_answer_untrusted(answer("audio 4444 RTP/AVP 0"), {})
    assert talks.resume_offer_untrusted(PLAIN, {}) == first
    assert (talks.agreed, talks.local) == (first, local)
    for body in (b"", answer("audio 0 RTP/AVP 8")):
        assert isinstance(talks.resume_offer_untrusted(body, {}), MediaRefusal)
    assert talks.agreed == first


def test_what_is_refused_leaves_the_talks_as_they_were() -> None:
    talks = MediaTalks(LOCAL)
    talks.offer()
    before = talks.take_answer_untrusted(PLAIN, {})
    local = talks.local
    for body in (b"", b"v=1\r\n", answer("audio 4000 RTP/SAVP 8"), answer("audio 0 RTP/AVP 8")):
        assert isinstance(talks.take_offer_untrusted(body, {}), MediaRefusal)
        assert isinstance(talks.take_answer_untrusted(body, {}), MediaRefusal)
    assert (talks.agreed, talks.local) == (before, local)


def talking(peers: bytes = PLAIN) -> MediaTalks:
    talks = MediaTalks(LOCAL)
    talks.offer()
    assert isinstance(talks.take_answer_untrusted(peers, {}), MediaAgreement)
    talks.is_answered = True
    return talks


@pytest.mark.parametrize("more", [b"", b"m=video 0 RTP/AVP 97\r\n", b"m=image 0 udptl t38\r\n"])
def test_audio_that_is_taken_away_within_a_call_is_answered_with_port_0_and_may_come_back(more: bytes) -> None:
    talks = talking()
    before = talks.agreed
    body = talks.take_offer_untrusted(answer("audio 0 RTP/AVP 8") + more, {})
    assert isinstance(body, bytes)
    said = parse_sdp_untrusted(body)
    assert [section.port for section in said.media] == [0] * (1 + bool(more))
    assert said.version == "2"
    assert before is not None
    assert talks.agreed == replace(before, direction=Direction.INACTIVE)
    ours = parse_sdp_untrusted(talks.offer())
    assert [section.port for section in ours.media] == [40000] + [0] * bool(more)
    assert isinstance(talks.take_offer_untrusted(answer("audio 4444 RTP/AVP 8") + more, {}), bytes)
    assert talks.agreed is not None
    assert (talks.agreed.direction, talks.agreed.remote_port) == (Direction.SENDRECV, 4444)


def test_audio_that_is_refused_in_an_answer_within_a_call_stops() -> None:
    talks = talking()
    talks.offer()
    stopped = talks.take_answer_untrusted(answer("audio 0 RTP/AVP 8"), {})
    assert isinstance(stopped, MediaAgreement)
    assert stopped.direction is Direction.INACTIVE


@pytest.mark.parametrize(
    "offer",
    [
        answer("audio 0 RTP/AVP 8") + b"m=image 4002 udptl t38\r\n",  # a fax in its place
        answer("audio 0 RTP/AVP 8") + b"m=audio 4002 RTP/SAVP 8\r\n",
        answer("video 0 RTP/AVP 97").replace(b"a=", b""),
        b"v=0\r\nc=IN IP4 198.51.100.7\r\n",
    ],
)
def test_an_offer_that_only_moves_or_leaves_out_the_audio_is_refused_and_changes_nothing(offer: bytes) -> None:
    talks = talking()
    before = talks.agreed, talks.local
    assert isinstance(talks.take_offer_untrusted(offer, {}), MediaRefusal)
    assert (talks.agreed, talks.local) == before


def test_ipv6_descriptions_are_agreed_where_we_have_ipv6() -> None:
    local = LocalMedia("2001:db8::2", 40000, session_id=7)
    offered = make_offer(LocalMedia("2001:db8::1", 5000, session_id=1))
    _, agreement = make_answer(parse_sdp_untrusted(offered), local)
    assert isinstance(agreement, MediaAgreement)
    assert agreement.remote_ip == "2001:db8::1"


def test_fuzzed_descriptions_raise_sdp_error_only() -> None:
    def read_and_negotiate(data: bytes) -> None:
        description = parse_sdp_untrusted(data)
        assert parse_sdp_untrusted(serialise(description)) == description
        accept_answer(LOCAL, description)
        body, _ = make_answer(description, LOCAL)
        if body is not None:
            parse_sdp_untrusted(body)
        talks = MediaTalks(LOCAL)
        talks.is_answered = len(data) % 2 == 0
        for take in (talks.take_offer_untrusted, talks.take_answer_untrusted, talks.resume_offer_untrusted):
            take(data, {})
            parse_sdp_untrusted(talks.offer())

    seeds = [CAPTURE, make_offer(LOCAL), answer("audio 4000 RTP/AVP 8", "ptime:20", "rtcp:9")]
    fuzz(read_and_negotiate, SdpError, seeds)


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("010.000.000.009", "10.0.0.9"),  # resolvers read the first as octal: 8.0.0.9
        ("198.051.100.009", "198.51.100.9"),
        ("198.51.100.9/127", "198.51.100.9"),
    ],
)
def test_an_address_with_zeros_in_front_is_decimal_and_no_name(written: str, heard: str) -> None:
    assert agreed(LOCAL, answer("audio 4000 RTP/AVP 8", address=written)).remote_ip == heard


def test_an_ipv4_address_that_is_written_as_ipv6_is_reached() -> None:
    body = answer("audio 4000 RTP/AVP 8").replace(b"IN IP4 198.51.100.9", b"IN IP6 ::ffff:198.51.100.9")
    assert agreed(LOCAL, body).remote_ip == "198.51.100.9"


@pytest.mark.parametrize("written", ["10.2", "3232235777", "999.1.1.1"])
def test_figures_that_are_no_address_are_never_looked_up_as_a_name(written: str) -> None:
    refusal = accept_answer(LOCAL, parse_sdp_untrusted(answer("audio 4000 RTP/AVP 8", address=written)))
    assert refusal == MediaRefusal("address-missing")
