"""What we send to a vendor: one submission, one question for receipts; and the mark that a callback is the vendor's."""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field

from baitie.wire.vendor.dialect import SMSTYPE_FLASH, SMSTYPE_NOTICE, VendorDialect

SIGNATURE_HEADER = "X-Signature"
IDEMPOTENCY_HEADER = "Idempotency-Key"

_DIGEST = "sha256="
_SIGN = re.compile(r"【([^【】]{1,32})】")


@dataclass(frozen=True, slots=True)
class Submission:
    """One message for a vendor (供应商提交): `reference` is our name of it, the same in every try."""

    reference: str
    to_e164: str = field(repr=False)
    text: str = field(repr=False)
    sender: str
    is_flash: bool
    validity_s: float


def submission_body(submission: Submission, key: str, dialect: VendorDialect) -> bytes:
    """The JSON of a submission. The sign goes apart: the vendor puts it, in its brackets, in front of the content."""
    sign = _SIGN.match(submission.text)
    values: dict[str, str | int] = {
        "key": key,
        "sign": "" if sign is None else sign[1],
        "mobile": dialect.number(submission.to_e164),
        "content": submission.text if sign is None else submission.text[sign.end() :],
        "type": SMSTYPE_FLASH if submission.is_flash else SMSTYPE_NOTICE,
        "reference": submission.reference,
        "sender": submission.sender,
        "validity": round(submission.validity_s),
    }
    return _json({dialect.name_of(name): value for name, value in values.items()})


def receipts_request(key: str, count_max: int, dialect: VendorDialect) -> bytes:
    """The JSON of a question for receipts that wait at the vendor."""
    return _json({dialect.name_of("key"): key, dialect.name_of("count_max"): count_max})


def signature_of(body: bytes, secret: str) -> str:
    """What a callback carries to show that it comes from the vendor: HMAC-SHA256 over its body, in hex."""
    return _DIGEST + hmac.digest(secret.encode(), body, hashlib.sha256).hex()


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """Whether a callback carries the right signature, with or without its name before the digits, of either case.

    The comparison takes the same time whatever it finds.
    """
    given = signature.strip().lower().removeprefix(_DIGEST).encode("utf-8", "replace")
    return hmac.compare_digest(signature_of(body, secret).removeprefix(_DIGEST).encode(), given)


def _json(values: dict[str, str | int]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
