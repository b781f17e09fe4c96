"""Unit: messages between the platform and its media process."""

import json
from pathlib import Path
from typing import get_args

import pytest
from tests.fuzzing import fuzz

from baitie.adapters.media.engine import EngineFigures
from baitie.adapters.media.errors import MediaProtocolError
from baitie.adapters.media.messages import (
    FRAME_BYTES_MAX,
    AskFigures,
    Close,
    Closed,
    Connect,
    Done,
    Figures,
    FrameReader,
    LoadPrompts,
    Message,
    Open,
    Opened,
    Play,
    Refused,
    SendKeys,
    StopPlaying,
    frame,
    parse_message_untrusted,
)
from baitie.kernel.time import Instant
from baitie.kernel.undefined import Undefined
from baitie.wire.g711 import Codec
from baitie.wire.rtp import (
    KeyPressed,
    MediaFailed,
    MediaLost,
    MediaStarted,
    MediaSummary,
    PlayFinished,
    RecordingFailed,
)
from baitie.wire.sdp import Direction, MediaAgreement

AGREEMENT = MediaAgreement("192.0.2.1", 4000, 4001, Codec.PCMU, 0, None, 101, Direction.SENDONLY, 20)
SUMMARY = MediaSummary("a", 1, 2, 3, 4, 5, 0.25, Undefined("no-report"), Instant(12.5), "/x.wav", 1000)
MESSAGES: list[Message] = [
    LoadPrompts(1, {"问候": str(Path("/p.wav"))}),
    Open(1, "a", None),
    Open(2, "a", "/x.wav"),
    Connect("a", AGREEMENT),
    Play("a", 7, ["hello", "bye"]),
    StopPlaying("a"),
    SendKeys("a", "12#"),
    Close(3, "a"),
    AskFigures(4),
    Done(1),
    Opened(1, 40000),
    Closed(3, None),
    Closed(3, SUMMARY),
    Figures(4, EngineFigures(1, Undefined("no-ticks"), 0, 0)),
    Refused(1, "prompt-invalid", "no"),
    KeyPressed("a", "5"),
    PlayFinished("a", 7, True),
    MediaStarted("a", Instant(3.0)),
    MediaLost("a", 5000),
    RecordingFailed("a", "disk-full"),
    MediaFailed("a", "media-process-died"),
]


def test_every_kind_of_message_is_among_the_examples() -> None:
    assert {type(message) for message in MESSAGES} == set(get_args(Message))


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_messages_survive_the_way_to_bytes_and_back(message: Message) -> None:
    assert FrameReader().feed_untrusted(frame(message)) == [message]


def test_messages_are_found_however_the_stream_is_cut() -> None:
    stream = b"".join(map(frame, MESSAGES))
    for size in (1, 7, len(stream)):
        reader, found = FrameReader(), []
        for at in range(0, len(stream), size):
            found += reader.feed_untrusted(stream[at : at + size])
        assert found == MESSAGES


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        ["Open"],
        ["Nothing", {}],
        [["Open"], {}],
        ["Open", None],
        ["Open", {"request": 1}],
        ["Open", {"request": "1", "call_key": "a", "recording": None}],
        ["Open", {"request": True, "call_key": "a", "recording": None}],
        ["Open", {"request": 1, "call_key": "a", "recording": 5}],
        ["Open", {"request": 1, "call_key": "a", "recording": None, "more": 1}],
        ["Play", {"call_key": "a", "play_id": 1, "prompts": [1]}],
        ["Play", {"call_key": "a", "play_id": 1, "prompts": "abc"}],
        ["LoadPrompts", {"request": 1, "prompts": {"a": 1}}],
        ["Connect", {"call_key": "a", "agreement": 1}],
        [
            "Figures",
            {"request": 1, "figures": {"calls": 1, "late_p99_ms": None, "frames_skipped": 0, "sends_refused": 0}},
        ],
    ],
)
def test_wrong_shapes_raise_a_protocol_error(value: object) -> None:
    with pytest.raises(MediaProtocolError):
        parse_message_untrusted(json.dumps(value).encode())


@pytest.mark.parametrize("body", [b"", b"\xff", b"[" * 100_000, b"[1,2", b'["Done",{"request":' + b"9" * 5000 + b"}]"])
def test_what_is_no_json_raises_a_protocol_error(body: bytes) -> None:
    with pytest.raises(MediaProtocolError):
        parse_message_untrusted(body)


def test_every_truncation_of_a_message_raises_a_protocol_error() -> None:
    body = frame(Connect("a", AGREEMENT))[4:]
    for length in range(len(body)):
        with pytest.raises(MediaProtocolError):
            parse_message_untrusted(body[:length])


def test_a_frame_beyond_the_bound_raises_a_protocol_error() -> None:
    with pytest.raises(MediaProtocolError):
        FrameReader().feed_untrusted((FRAME_BYTES_MAX + 1).to_bytes(4, "big"))


def test_fuzzed_messages_raise_a_protocol_error_only() -> None:
    fuzz(parse_message_untrusted, MediaProtocolError, [frame(message)[4:] for message in MESSAGES])


def test_fuzzed_streams_raise_a_protocol_error_only() -> None:
    stream = b"".join(map(frame, MESSAGES))
    fuzz(lambda data: FrameReader().feed_untrusted(data), MediaProtocolError, [stream])
