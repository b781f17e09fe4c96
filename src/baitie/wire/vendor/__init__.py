"""A message vendor's HTTP interface: JSON fields as published field sets have them, both ends of it. Pure."""

from baitie.wire.vendor.dialect import DEFAULT_DIALECT, VendorDialect
from baitie.wire.vendor.failures import VendorFailure, failure_of
from baitie.wire.vendor.responses import (
    AskedAgain,
    Receipt,
    Taken,
    Turned,
    VendorAnswerError,
    read_answer_untrusted,
    read_receipts_untrusted,
)
from baitie.wire.vendor.submissions import Submission, receipts_request, signature_of, submission_body

__all__ = [
    "DEFAULT_DIALECT",
    "AskedAgain",
    "Receipt",
    "Submission",
    "Taken",
    "Turned",
    "VendorAnswerError",
    "VendorDialect",
    "VendorFailure",
    "failure_of",
    "read_answer_untrusted",
    "read_receipts_untrusted",
    "receipts_request",
    "signature_of",
    "submission_body",
]
