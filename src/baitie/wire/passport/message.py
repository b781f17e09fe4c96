"""PASSporT of a message: ties a text to who wrote it, to whom and when (RFC 9475)."""

from baitie.wire.passport.integrity import DEFAULT_ALGORITHM, digest_of_octets

_TEXT_HEAD = b"Content-Type: text/plain;charset=utf-8\r\n\r\n"
"""A short message has no MIME body of its own; its text is signed as this one, so that the digest has one input."""


def message_body(text: str) -> bytes:
    """The octets that stand for a short message: the text in UTF-8 as a MIME body."""
    return _TEXT_HEAD + text.encode("utf-8")


def message_digest(text: str, algorithm: str = DEFAULT_ALGORITHM) -> str:
    """The claim `msgi` of a short message (RFC 9475 §3.2)."""
    return digest_of_octets(message_body(text), algorithm)
