"""What a vendor says: the answer to a submission, and receipts. All of it comes from outside and is bounded."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from baitie.kernel.errors import WireError
from baitie.wire.vendor.dialect import UNDERWAY, VendorDialect, state_of
from baitie.wire.vendor.failures import VendorFailure, cause_of_status, failure_of

BODY_OCTETS_MAX = 1_048_576
RECEIPTS_MAX = 1_000
NAME_LENGTH_MAX = 128
PAUSE_MAX_S = 60.0


class VendorAnswerError(WireError):
    """A vendor's answer or callback cannot be read. Compare the field names of the vendor with the settings."""

    code = "vendor-answer-malformed"


@dataclass(frozen=True, slots=True)
class Taken:
    """The vendor took the message (供应商已受理) under `uid`."""

    uid: str


@dataclass(frozen=True, slots=True)
class Turned:
    """The vendor refused the message (供应商拒绝)."""

    failure: VendorFailure


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """The vendor asks to try again (供应商要求重试); `pause_s` where it said after how long."""

    failure: VendorFailure
    pause_s: float | None = None


Answer: TypeAlias = Taken | Turned | AskedAgain


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt (回执): by our reference or the vendor's uid, the state as a word of our port."""

    reference: str | None
    uid: str | None
    state: str
    error: str | None = None

    @property
    def is_definite(self) -> bool:
        """Whether nothing else may follow: `unknown` says that the vendor has no word yet."""
        return self.state != "unknown"


def read_answer_untrusted(http_status: int, body: bytes, retry_after: str | None, dialect: VendorDialect) -> Answer:
    """The answer to a submission. Raises only `VendorAnswerError`, and only for what claims to be a success."""
    pause_s = _pause(retry_after)
    if not 200 <= http_status < 300:
        failure = failure_of(cause_of_status(http_status))
        return AskedAgain(failure, pause_s) if failure.asks_again else Turned(failure)
    answer = _object(body)
    code = _text(answer.get(dialect.name_of("code")))
    if code is None:
        raise VendorAnswerError("A vendor's answer has no code.")
    meaning = dialect.meaning_of(code)
    if meaning == "ok":
        uid = _text(answer.get(dialect.name_of("uid")))
        if uid is None:
            raise VendorAnswerError("A vendor took a message and did not name it.")
        return Taken(uid)
    failure = failure_of(meaning or "vendor-refused")
    return AskedAgain(failure, pause_s) if failure.asks_again else Turned(failure)


def read_receipts_untrusted(body: bytes, dialect: VendorDialect) -> tuple[Receipt, ...]:
    """Receipts out of an answer or a callback: a list, an object that has one, or one receipt alone.

    That a message is on its way is no receipt of it. One that cannot be read is passed by: the others are of other
    messages. Raises only `VendorAnswerError`, where none can be read.
    """
    value = _json(body)
    listed = value.get(dialect.name_of("receipts")) if isinstance(value, dict) else value
    if isinstance(value, dict) and listed is None and dialect.name_of("state") in value:
        listed = [value]
    if not isinstance(listed, list) or len(listed) > RECEIPTS_MAX:
        raise VendorAnswerError("Receipts of a vendor are no list, or one that is too long.")
    receipts = [receipt for each in listed if (receipt := _receipt(each, dialect)) is not None]
    if listed and not receipts:
        raise VendorAnswerError("No receipt of a vendor names a message and a state.", count=len(listed))
    return tuple(receipt for receipt in receipts if receipt.state != UNDERWAY)


def _receipt(value: Any, dialect: VendorDialect) -> Receipt | None:
    if not isinstance(value, dict):
        return None
    reference = _text(value.get(dialect.name_of("reference")))
    uid = _text(value.get(dialect.name_of("uid")))
    state = _text(value.get(dialect.name_of("state")))
    if state is None or (reference is None and uid is None):
        return None
    return Receipt(reference, uid, state_of(state), _text(value.get(dialect.name_of("error"))))


def _object(body: bytes) -> Mapping[str, Any]:
    value = _json(body)
    if not isinstance(value, dict):
        raise VendorAnswerError("A vendor's answer is no object.")
    return value


def _json(body: bytes) -> Any:
    if len(body) > BODY_OCTETS_MAX:
        raise VendorAnswerError("A vendor's answer is too long.", octets=len(body))
    try:
        return json.loads(_decoded(body))
    except (ValueError, RecursionError) as error:
        raise VendorAnswerError("A vendor's answer is no JSON.") from error


def _decoded(body: bytes) -> str:
    """JSON is UTF-8 (RFC 8259 §8.1); some write a mark before it, and some vendors in China their texts in GBK."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("gb18030")


def _text(value: Any) -> str | None:
    """A short name or number as text; None for anything else, and for the empty text."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    if isinstance(value, int) and abs(value) >= 10**30:
        return None
    text = str(value)
    return text if 0 < len(text) <= NAME_LENGTH_MAX and text.isprintable() else None


def _pause(retry_after: str | None) -> float | None:
    """Seconds of a Retry-After, bounded; a date in it is not looked at (RFC 9110 §10.2.3)."""
    if retry_after is None or not (retry_after.isascii() and retry_after.isdigit() and len(retry_after) <= 9):
        return None
    return min(float(retry_after), PAUSE_MAX_S)
