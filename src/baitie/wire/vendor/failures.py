"""What a vendor's refusal means: cause, party to blame, whether to submit again."""

from dataclasses import dataclass
from typing import Final

from baitie.kernel.errors import Party


@dataclass(frozen=True, slots=True)
class VendorFailure:
    """Why a message did not go (提交失败): a kebab-case cause, the party, whether it may be submitted again.

    `asks_again` says that the same submission is to be tried again by ourselves, after a pause.
    """

    cause: str
    party: Party
    may_resubmit: bool
    asks_again: bool = False


_BY_CAUSE: Final[dict[str, tuple[Party, bool, bool]]] = {
    "key-wrong": (Party.ENTERPRISE, False, False),
    "balance-exhausted": (Party.ENTERPRISE, True, False),
    "template-not-approved": (Party.ENTERPRISE, False, False),
    "callee-number-invalid": (Party.CALLEE, False, False),
    "blocked-by-callee": (Party.CALLEE, False, False),
    "throttled": (Party.CARRIER, True, True),
    "vendor-system-error": (Party.CARRIER, True, True),
    "vendor-refused": (Party.CARRIER, False, False),
    "answer-malformed": (Party.CARRIER, False, False),
    "vendor-unreachable": (Party.CARRIER, True, True),
    "request-refused": (Party.PLATFORM, False, False),
    "queue-full": (Party.PLATFORM, True, False),
    "expired-before-submit": (Party.CARRIER, True, False),
    "gateway-closing": (Party.PLATFORM, True, False),
    "more-than-one-segment": (Party.ENTERPRISE, False, False),
}

_BY_STATUS: Final[dict[int, str]] = {
    400: "request-refused",
    401: "key-wrong",
    403: "key-wrong",
    404: "request-refused",
    408: "vendor-system-error",
    409: "vendor-refused",
    413: "request-refused",
    422: "request-refused",
    425: "throttled",
    429: "throttled",
}


def failure_of(cause: str) -> VendorFailure:
    """The meaning of a cause; one that nobody explained is the carrier's refusal."""
    return VendorFailure(cause, *_BY_CAUSE.get(cause, _BY_CAUSE["vendor-refused"]))


def cause_of_status(http_status: int) -> str:
    """The cause behind an HTTP status other than 200 to 299 (RFC 9110 §15)."""
    if http_status in _BY_STATUS:
        return _BY_STATUS[http_status]
    return "vendor-system-error" if 500 <= http_status < 600 else "vendor-refused"


def known_causes() -> tuple[str, ...]:
    """The causes that a vendor's codes may be explained by."""
    return tuple(_BY_CAUSE)
