"""Messages out of a byte stream (TCP, TLS), by Content-Length (RFC 3261 §18.3, RFC 5626 §3.5.1)."""

import re
from typing import Final

from baitie.wire.sip.errors import SipParseError
from baitie.wire.sip.message import MAX_MESSAGE_BYTES, content_length

MAX_HEAD_BYTES: Final = 32_768
"""A header block that has not ended by then will not end."""
PING: Final = b"\r\n\r\n"
PONG: Final = b"\r\n"

_LENGTH: Final = re.compile(rb"\r\n(?:content-length|l)[ \t]*:(?:[ \t]|\r\n[ \t])*([^\r\n]*)", re.IGNORECASE)


class StreamFramer:
    """Cuts one connection's bytes into whole messages; keep-alive pings come out as `PING`, pongs are swallowed.

    After a `SipParseError` the place of the next message is lost: close the connection. `rest` is what it lies in.
    """

    __slots__ = ("_buffer",)

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed_untrusted(self, data: bytes) -> list[bytes]:
        """The messages that `data` completes, in order. Raises only `SipParseError`.

        What was whole before the fault comes first: feed once more, without data, to hear of the fault.
        """
        self._buffer += data
        messages: list[bytes] = []
        try:
            while self._buffer and self._take_one(messages):
                pass
        except SipParseError:
            if not messages:
                raise
        return messages

    @property
    def rest(self) -> bytes:
        """What is left, as far as a head may reach."""
        return bytes(self._buffer[:MAX_HEAD_BYTES])

    @property
    def is_waiting(self) -> bool:
        """Whether a message, or a line end before one, has begun and is not whole."""
        return bool(self._buffer)

    def _take_one(self, messages: list[bytes]) -> bool:
        buffer = self._buffer
        if buffer[0] in b"\r\n":
            return self._skip_line_ends(messages)
        size_bytes = self._whole_message_bytes()
        if size_bytes is None:
            return False
        messages.append(bytes(buffer[:size_bytes]))
        del buffer[:size_bytes]
        return True

    def _skip_line_ends(self, messages: list[bytes]) -> bool:
        """Takes line ends off the front; False when the rest of a line end is still to come."""
        buffer = self._buffer
        if buffer.startswith(PING):
            messages.append(PING)
            del buffer[:4]
            return True
        if PING.startswith(buffer) and len(buffer) != 2:
            return False
        if not buffer.startswith(PONG):
            raise SipParseError("A stray line end stands between two messages.")
        del buffer[:2]
        return True

    def _whole_message_bytes(self) -> int | None:
        buffer = self._buffer
        end = buffer.find(b"\r\n\r\n", 0, MAX_HEAD_BYTES)
        if end < 0:
            if len(buffer) >= MAX_HEAD_BYTES:
                raise SipParseError("The header block has no end.")
            return None
        lengths = _LENGTH.findall(buffer, 0, end)
        if len(lengths) != 1:
            raise SipParseError("A message on a stream needs one Content-Length.")
        size_bytes = end + 4 + content_length(lengths[0].decode("latin-1").strip())
        if size_bytes > MAX_MESSAGE_BYTES:
            raise SipParseError("The message is too large.", length_bytes=size_bytes)
        return size_bytes if len(buffer) >= size_bytes else None
