"""Keys by SIP INFO (RFC 2976), as gateways without telephone-event send them.

    application/dtmf-relay      Signal=5 and Duration=160, a line each
    application/dtmf            5 (or Digit=5), or the number of the event: 10 is *, 11 is #, 12 to 15 are A to D

Either form is read under either type: vendors mix them, and what the callee pressed is the same.
"""

import re
from typing import Final

from baitie.wire.sip.body import parts_untrusted
from baitie.wire.sip.message import Message

KEY_KINDS: Final = frozenset(
    {"application/dtmf-relay", "application/dtmf", "application/vnd.nortelnetworks.digits"}  # the last: p=, y=, d=5
)
ACCEPT_KEYS: Final = "application/dtmf-relay, application/dtmf"
NO_KEY: Final = ""
"""What is understood and is no key: an empty INFO, the hook flash."""

_SIGNAL: Final = re.compile(r"^[ \t]*(?:signal|digit|event|dtmf|d)[ \t]*[=:][ \t]*(.*)$", re.IGNORECASE | re.MULTILINE)
_FURTHER: Final = re.compile(r"[\s;,]+(?:duration|volume)\b.*|[;,\s]+$", re.IGNORECASE)
"""What some put on the line of the signal."""
_BY_NUMBER: Final = "0123456789*#ABCD"
_NAMES: Final = {"STAR": "*", "ASTERISK": "*", "POUND": "#", "HASH": "#"}
_FLASH: Final = frozenset({"16", "!", "HF", "FLASH"})


def key_untrusted(info: Message) -> str | None:
    """The key that an INFO tells, `NO_KEY` where it tells none, `None` where it cannot be read. Raises nothing."""
    for part in parts_untrusted(info, KEY_KINDS):
        if part.kind in KEY_KINDS:
            return None if part.content is None else _key(part.content)
    return NO_KEY


def _key(content: bytes) -> str | None:
    text = content.decode("latin-1").replace("\r", "\n").strip(" \t\n\0")
    if not text:
        return NO_KEY
    match = _SIGNAL.search(text)
    signal = _FURTHER.sub("", match[1] if match else text.partition("\n")[0]).strip(" \t\"'\0").upper()
    signal = _NAMES.get(signal, signal)
    if len(signal) == 1 and signal in _BY_NUMBER:
        return signal
    if signal in _FLASH:
        return NO_KEY
    if len(signal) == 2 and signal.isascii() and signal.isdigit() and int(signal) < len(_BY_NUMBER):
        return _BY_NUMBER[int(signal)]
    return None
