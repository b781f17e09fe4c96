"""Messages between the platform and its media process: frames of a length and a JSON object.

Both sides read them with bounds and types checked, as if they came from outside: a fault of one side must show as an
error here and not as a wrong call there.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Any, NewType, TypeAlias, Union, get_args, get_origin, get_type_hints

from baitie.adapters.media.engine import EngineFigures
from baitie.adapters.media.errors import MediaProtocolError
from baitie.kernel.undefined import Undefined
from baitie.wire.rtp import (
    KeyPressed,
    MediaFailed,
    MediaLost,
    MediaStarted,
    MediaSummary,
    PlayFinished,
    RecordingFailed,
)
from baitie.wire.sdp import MediaAgreement

FRAME_BYTES_MAX = 256 * 1024
_LENGTH = struct.Struct("!I")


@dataclass(frozen=True, slots=True)
class LoadPrompts:
    """Order: read prompt files under names. Answered by Done or Refused."""

    request: int
    prompts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Open:
    """Order: take ports for a call. Answered by Opened or Refused."""

    request: int
    call_key: str
    recording: str | None


@dataclass(frozen=True, slots=True)
class Connect:
    """Order: send and receive as agreed."""

    call_key: str
    agreement: MediaAgreement


@dataclass(frozen=True, slots=True)
class Play:
    """Order: play loaded prompts."""

    call_key: str
    play_id: int
    prompts: list[str]


@dataclass(frozen=True, slots=True)
class StopPlaying:
    """Order: be silent."""

    call_key: str


@dataclass(frozen=True, slots=True)
class SendKeys:
    """Order: press keys."""

    call_key: str
    keys: str


@dataclass(frozen=True, slots=True)
class Close:
    """Order: end a call's media. Answered by Closed."""

    request: int
    call_key: str


@dataclass(frozen=True, slots=True)
class AskFigures:
    """Order: say how the process does. Answered by Figures."""

    request: int


@dataclass(frozen=True, slots=True)
class Done:
    """Answer: it is done."""

    request: int


@dataclass(frozen=True, slots=True)
class Opened:
    """Answer: the RTP port."""

    request: int
    port: int


@dataclass(frozen=True, slots=True)
class Closed:
    """Answer: the figures of the call, None where it was not open."""

    request: int
    summary: MediaSummary | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Answer: how the process does."""

    request: int
    figures: EngineFigures


@dataclass(frozen=True, slots=True)
class Refused:
    """Answer: it could not be done; the code and message of the error."""

    request: int
    code: str
    message: str


Message: TypeAlias = (
    LoadPrompts
    | Open
    | Connect
    | Play
    | StopPlaying
    | SendKeys
    | Close
    | AskFigures
    | Done
    | Opened
    | Closed
    | Figures
    | Refused
    | KeyPressed
    | PlayFinished
    | MediaStarted
    | MediaLost
    | RecordingFailed
    | MediaFailed
)
_CLASSES: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(Message)}
_HINTS: dict[type[Any], dict[str, Any]] = {
    kind: get_type_hints(kind) for kind in (*_CLASSES.values(), MediaAgreement, MediaSummary, EngineFigures)
}


def frame(message: Message) -> bytes:
    """The message as bytes, ready to be sent."""
    body = json.dumps([type(message).__name__, _plain(message)], separators=(",", ":")).encode()
    return _LENGTH.pack(len(body)) + body


def parse_message_untrusted(body: bytes) -> Message:
    """The message of one frame, without its length. Raises MediaProtocolError only."""
    try:
        name, value = json.loads(body)
        message: Message = _typed(_CLASSES[name], value)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise MediaProtocolError(cause=type(error).__name__) from error
    return message


class FrameReader:
    """Cuts a stream of bytes into messages."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed_untrusted(self, data: bytes) -> list[Message]:
        """The messages that are complete by now. Raises MediaProtocolError only; the stream is useless then."""
        held = self._held
        held += data
        messages = []
        while len(held) >= _LENGTH.size:
            size = _LENGTH.unpack_from(held)[0]
            if size > FRAME_BYTES_MAX:
                raise MediaProtocolError("A message is too long.", bytes=size, bytes_max=FRAME_BYTES_MAX)
            end = _LENGTH.size + size
            if len(held) < end:
                break
            messages.append(parse_message_untrusted(bytes(held[_LENGTH.size : end])))
            del held[:end]
        return messages


def _plain(value: Any) -> Any:
    if isinstance(value, Undefined):
        return {"undefined": value.reason}
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value.value if isinstance(value, Enum) else value


def _typed(kind: Any, value: Any) -> Any:
    """`value` as JSON has it, made into `kind`. Raises ValueError, TypeError or KeyError."""
    if isinstance(kind, NewType):
        kind = kind.__supertype__
    if get_origin(kind) in (Union, UnionType):
        return _one_of(get_args(kind), value)
    if get_origin(kind) is list and isinstance(value, list):
        return [_typed(get_args(kind)[0], entry) for entry in value]
    if get_origin(kind) is dict and isinstance(value, Mapping):
        return {_typed(str, key): _typed(get_args(kind)[1], entry) for key, entry in value.items()}
    if kind is Undefined:
        return Undefined(_typed(str, value["undefined"]))
    if kind in _HINTS:
        hints = _HINTS[kind]
        if not isinstance(value, Mapping) or value.keys() != hints.keys():
            raise ValueError("fields differ")
        return kind(**{name: _typed(hint, value[name]) for name, hint in hints.items()})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind and not (kind is NoneType and value is None):
        raise TypeError(f"not {kind}")
    return value


def _one_of(kinds: tuple[Any, ...], value: Any) -> Any:
    if value is None and NoneType in kinds:
        return None
    is_undefined = isinstance(value, Mapping) and value.keys() == {"undefined"}
    for kind in kinds:
        if kind is not NoneType and (kind is Undefined) == is_undefined:
            return _typed(kind, value)
    raise TypeError("no such variant")
