"""Why a SIP call failed: one table from what was seen on the wire to cause, party, redial and outcome.

Sources: RFC 3261 §21, RFC 3326 (Reason), RFC 3398 §8.2.6.1 (SIP and ISUP causes), RFC 8197 (607), RFC 8688 (608),
ITU-T Q.850. A Q.850 cause in a Reason header is nearer to the callee than the SIP status, so it is looked up first
when the status is one that gateways use for many causes. What no row names counts against the platform.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Final, NamedTuple

from baitie.kernel.errors import Party
from baitie.kernel.outcome import CallFailure, Outcome
from baitie.wire.sip.headers import REASON_CHARS_MAX, lenient_params, split_list


class Row(NamedTuple):
    """One verdict: cause, party to blame, whether a later attempt may help, what the attempt concludes."""

    cause: str
    party: Party
    may_redial: bool
    outcome: Outcome


class Local(StrEnum):
    """What happened on our side of the wire, without a final answer of the far end."""

    NO_RESPONSE = "no-response"
    NO_RESPONSE_AFTER_CANCEL = "no-response-after-cancel"
    TRANSPORT_BEFORE_SENDING = "transport-before-sending"
    TRANSPORT_AFTER_SENDING = "transport-after-sending"
    RING_TIMEOUT = "ring-timeout"
    CANCELLED = "cancelled"
    LATE_ANSWER = "late-answer"
    CAPACITY = "capacity"
    NO_ACK = "no-ack"
    BYE_UNANSWERED = "bye-unanswered"
    NOBODY_ANSWERED_OFFER = "nobody-answered-offer"
    SESSION_EXPIRED = "session-expired"
    REFRESH_FAILED = "refresh-failed"
    BAD_ANSWER = "bad-answer"
    MEDIA_NOT_AGREED = "media-not-agreed"
    MEDIA_ADDRESS_UNKNOWN = "media-address-unknown"
    ANSWERED_WITHOUT_MEDIA = "answered-without-media"
    MEDIA_UNAVAILABLE = "media-unavailable"
    END_UNSEEN = "end-unseen"
    TRUNK_UNKNOWN = "trunk-unknown"
    CREDENTIALS = "credentials"
    CHALLENGE = "challenge"


_CALLEE, _CARRIER, _PLATFORM, _ENTERPRISE = Party.CALLEE, Party.CARRIER, Party.PLATFORM, Party.ENTERPRISE

BY_STATUS: Final[dict[int, Row]] = {
    300: Row("redirected", _CARRIER, False, Outcome.FAILED),
    301: Row("number-moved", _CALLEE, False, Outcome.UNALLOCATED),
    302: Row("redirected", _CALLEE, True, Outcome.UNREACHABLE),
    305: Row("redirected", _CARRIER, False, Outcome.FAILED),
    380: Row("redirected", _CARRIER, False, Outcome.FAILED),
    400: Row("request-malformed", _PLATFORM, False, Outcome.FAILED),
    401: Row("credentials-refused", _ENTERPRISE, False, Outcome.FAILED),
    402: Row("payment-required", _ENTERPRISE, False, Outcome.FAILED),
    403: Row("forbidden-by-carrier", _ENTERPRISE, False, Outcome.FAILED),
    404: Row("number-unallocated", _CALLEE, False, Outcome.UNALLOCATED),
    405: Row("method-refused", _PLATFORM, False, Outcome.FAILED),
    406: Row("not-acceptable", _PLATFORM, False, Outcome.FAILED),
    407: Row("credentials-refused", _ENTERPRISE, False, Outcome.FAILED),
    408: Row("no-answer", _CALLEE, True, Outcome.NO_ANSWER),
    410: Row("number-gone", _CALLEE, False, Outcome.UNALLOCATED),
    413: Row("request-too-large", _PLATFORM, False, Outcome.FAILED),
    414: Row("request-uri-too-long", _PLATFORM, False, Outcome.FAILED),
    415: Row("media-type-refused", _PLATFORM, False, Outcome.FAILED),
    416: Row("uri-scheme-refused", _PLATFORM, False, Outcome.FAILED),
    420: Row("extension-refused", _PLATFORM, False, Outcome.FAILED),
    421: Row("extension-required", _PLATFORM, False, Outcome.FAILED),
    422: Row("session-interval-too-small", _PLATFORM, False, Outcome.FAILED),
    423: Row("interval-too-brief", _PLATFORM, False, Outcome.FAILED),
    428: Row("identity-required", _ENTERPRISE, False, Outcome.FAILED),
    429: Row("referrer-identity-required", _PLATFORM, False, Outcome.FAILED),
    433: Row("anonymity-disallowed", _ENTERPRISE, False, Outcome.REJECTED),
    436: Row("identity-info-bad", _ENTERPRISE, False, Outcome.FAILED),
    437: Row("identity-certificate-refused", _ENTERPRISE, False, Outcome.FAILED),
    438: Row("identity-invalid", _ENTERPRISE, False, Outcome.FAILED),
    480: Row("temporarily-unavailable", _CALLEE, True, Outcome.UNREACHABLE),
    481: Row("dialog-unknown-to-carrier", _CARRIER, True, Outcome.FAILED),
    482: Row("loop-detected", _CARRIER, False, Outcome.FAILED),
    483: Row("too-many-hops", _CARRIER, False, Outcome.FAILED),
    484: Row("number-incomplete", _ENTERPRISE, False, Outcome.UNALLOCATED),
    485: Row("number-ambiguous", _ENTERPRISE, False, Outcome.UNALLOCATED),
    486: Row("callee-busy", _CALLEE, True, Outcome.BUSY),
    487: Row("no-answer", _CALLEE, True, Outcome.NO_ANSWER),
    488: Row("media-refused", _PLATFORM, False, Outcome.FAILED),
    491: Row("request-pending", _CARRIER, True, Outcome.FAILED),
    493: Row("undecipherable", _PLATFORM, False, Outcome.FAILED),
    500: Row("carrier-error", _CARRIER, True, Outcome.FAILED),
    501: Row("not-implemented", _CARRIER, False, Outcome.FAILED),
    502: Row("carrier-gateway-error", _CARRIER, True, Outcome.FAILED),
    503: Row("carrier-unavailable", _CARRIER, True, Outcome.FAILED),
    504: Row("carrier-gateway-silent", _CARRIER, True, Outcome.FAILED),
    505: Row("version-refused", _CARRIER, False, Outcome.FAILED),
    513: Row("message-too-large", _PLATFORM, False, Outcome.FAILED),
    580: Row("precondition-failed", _CARRIER, True, Outcome.FAILED),
    600: Row("callee-busy-everywhere", _CALLEE, True, Outcome.BUSY),
    603: Row("callee-rejected", _CALLEE, True, Outcome.REJECTED),
    604: Row("number-does-not-exist", _CALLEE, False, Outcome.UNALLOCATED),
    606: Row("media-refused-everywhere", _PLATFORM, False, Outcome.FAILED),
    607: Row("marked-unwanted-by-callee", _CALLEE, False, Outcome.REJECTED),
    608: Row("rejected-by-analytics", _CARRIER, False, Outcome.REJECTED),
}

BY_RELEASE_CAUSE: Final[dict[int, Row]] = {
    1: Row("number-unallocated", _CALLEE, False, Outcome.UNALLOCATED),
    2: Row("no-route-to-network", _CARRIER, True, Outcome.FAILED),
    3: Row("no-route-to-destination", _CARRIER, True, Outcome.FAILED),
    17: Row("callee-busy", _CALLEE, True, Outcome.BUSY),
    18: Row("callee-not-responding", _CALLEE, True, Outcome.UNREACHABLE),
    19: Row("no-answer", _CALLEE, True, Outcome.NO_ANSWER),
    20: Row("subscriber-absent", _CALLEE, True, Outcome.POWERED_OFF),
    21: Row("callee-rejected", _CALLEE, True, Outcome.REJECTED),
    22: Row("number-changed", _CALLEE, False, Outcome.UNALLOCATED),
    26: Row("non-selected-user-clearing", _CARRIER, True, Outcome.FAILED),
    27: Row("destination-out-of-order", _CALLEE, True, Outcome.UNREACHABLE),
    28: Row("number-incomplete", _ENTERPRISE, False, Outcome.UNALLOCATED),
    29: Row("facility-refused", _CARRIER, False, Outcome.FAILED),
    34: Row("no-circuit", _CARRIER, True, Outcome.FAILED),
    38: Row("network-out-of-order", _CARRIER, True, Outcome.FAILED),
    41: Row("temporary-failure", _CARRIER, True, Outcome.FAILED),
    42: Row("carrier-congested", _CARRIER, True, Outcome.FAILED),
    47: Row("resource-unavailable", _CARRIER, True, Outcome.FAILED),
    55: Row("barred-in-closed-group", _ENTERPRISE, False, Outcome.FAILED),
    57: Row("bearer-not-authorised", _ENTERPRISE, False, Outcome.FAILED),
    58: Row("bearer-not-available", _CARRIER, True, Outcome.FAILED),
    65: Row("bearer-not-implemented", _CARRIER, False, Outcome.FAILED),
    79: Row("service-not-implemented", _CARRIER, False, Outcome.FAILED),
    87: Row("not-in-closed-group", _ENTERPRISE, False, Outcome.FAILED),
    88: Row("incompatible-destination", _CARRIER, False, Outcome.FAILED),
    102: Row("carrier-timer-expired", _CARRIER, True, Outcome.FAILED),
    111: Row("carrier-protocol-error", _CARRIER, True, Outcome.FAILED),
    127: Row("carrier-interworking", _CARRIER, True, Outcome.FAILED),
}

BY_LOCAL: Final[dict[Local, Row]] = {
    # The INVITE may have left and rung the callee: nobody can know, so the attempt concludes "unknown".
    Local.NO_RESPONSE: Row("trunk-timeout", _CARRIER, True, Outcome.UNKNOWN),
    Local.NO_RESPONSE_AFTER_CANCEL: Row("trunk-timeout-after-cancel", _CARRIER, True, Outcome.UNKNOWN),
    Local.TRANSPORT_AFTER_SENDING: Row("transport-broken", _CARRIER, True, Outcome.UNKNOWN),
    Local.TRANSPORT_BEFORE_SENDING: Row("trunk-unreachable", _CARRIER, True, Outcome.FAILED),
    Local.RING_TIMEOUT: Row("ring-timeout", _CALLEE, True, Outcome.NO_ANSWER),
    Local.CANCELLED: Row("cancelled-by-us", _PLATFORM, True, Outcome.CANCELLED),
    # The callee took the call while our CANCEL was on its way, and heard nobody.
    Local.LATE_ANSWER: Row("answered-while-cancelling", _PLATFORM, True, Outcome.ABANDONED),
    Local.CAPACITY: Row("platform-capacity", _PLATFORM, True, Outcome.FAILED),
    Local.NO_ACK: Row("answer-not-acknowledged", _CARRIER, True, Outcome.FAILED),
    Local.BYE_UNANSWERED: Row("hang-up-unanswered", _CARRIER, True, Outcome.FAILED),
    Local.NOBODY_ANSWERED_OFFER: Row("offer-neither-taken-nor-rejected", _PLATFORM, True, Outcome.FAILED),
    Local.SESSION_EXPIRED: Row("session-expired", _CARRIER, True, Outcome.FAILED),
    Local.REFRESH_FAILED: Row("session-refresh-failed", _CARRIER, True, Outcome.FAILED),
    # Somebody took the call, but no dialog can be made of the 200, so nobody can speak.
    Local.BAD_ANSWER: Row("answer-malformed", _CARRIER, True, Outcome.ABANDONED),
    # Whoever picked up and heard nobody was called, and abandoned: caps and the abandonment share must see it.
    Local.MEDIA_NOT_AGREED: Row("media-not-agreed", _CARRIER, False, Outcome.ABANDONED),
    Local.MEDIA_ADDRESS_UNKNOWN: Row("media-address-unknown", _CARRIER, False, Outcome.ABANDONED),
    Local.ANSWERED_WITHOUT_MEDIA: Row("answered-without-media", _PLATFORM, False, Outcome.ABANDONED),
    Local.MEDIA_UNAVAILABLE: Row("media-unavailable", _PLATFORM, True, Outcome.FAILED),
    # The INVITE has left and no end of the call came in time: nobody can know whether it rang.
    Local.END_UNSEEN: Row("gateway-closed", _PLATFORM, False, Outcome.UNKNOWN),
    Local.TRUNK_UNKNOWN: Row("trunk-unknown", _ENTERPRISE, False, Outcome.FAILED),
    Local.CREDENTIALS: Row("credentials-missing", _ENTERPRISE, False, Outcome.FAILED),
    Local.CHALLENGE: Row("challenge-unusable", _CARRIER, False, Outcome.FAILED),
}

UNCLASSIFIED: Final = Row("unclassified", _PLATFORM, False, Outcome.FAILED)
BY_CLASS: Final[dict[int, Row]] = {
    3: BY_STATUS[300],
    4: UNCLASSIFIED,
    5: BY_STATUS[500],
    6: Row("refused-everywhere", _CALLEE, False, Outcome.REJECTED),
}
_STATUS_SAYS_LITTLE: Final = frozenset({403, 404, 408, 480, 486, 487, 500, 502, 503, 504, 603})
_SAYS_MORE: Final = frozenset({404, 410, 484, 486, 600, 603, 604, 607, 608})
"""Statuses that a proxy puts into Reason when it answers with another one (RFC 3326 §2, HERFP)."""
_CALL_SCREENING: Final = frozenset({607, 608})
_ANALYTICS: Final = re.compile(r'text\s*=\s*"[^"]*\bv=analytics', re.IGNORECASE)
RELEASE_CAUSE_MAX: Final = 127


def release_cause_of(reason_header: str | None) -> int | None:
    """The Q.850 cause among the reasons, if one of them carries it (RFC 3326 §2): the first one counts."""
    return next((cause for cause in _causes(reason_header, "Q.850") if cause <= RELEASE_CAUSE_MAX), None)


def _causes(reason_header: str | None, protocol: str) -> Iterator[int]:
    for reason in split_list((reason_header or "")[:REASON_CHARS_MAX]):
        said, _, params = reason.partition(";")
        if said.strip().upper() == protocol:
            cause = lenient_params(params).get("cause", "").strip()
            if cause.isascii() and cause.isdigit() and len(cause) <= 3:
                yield int(cause)


def _told_status(status: int, reason_header: str | None) -> int | None:
    """The status of another element that the Reason of this one tells, where it says more.

    A callee who marked the call as unwanted (607), and analytics that blocked it (608, or 603 with the text of
    ATIS-1000099), are told whatever the Q.850 cause beside says: 21 is all that ISUP has for both.
    """
    if status == 603 and _ANALYTICS.search((reason_header or "")[:REASON_CHARS_MAX]):
        return 608
    return next((cause for cause in _causes(reason_header, "SIP") if cause in _SAYS_MORE), None)


def from_status(status: int, reason_header: str | None = None) -> CallFailure:
    """The failure that a final answer from 300 to 699 means, with its Reason header if there was one."""
    release_cause = release_cause_of(reason_header)
    row = None
    if reason_header and status in _STATUS_SAYS_LITTLE:
        told = _told_status(status, reason_header)
        row = BY_STATUS[told] if told in _CALL_SCREENING else BY_RELEASE_CAUSE.get(release_cause or 0)
        row = row or (BY_STATUS[told] if told is not None else None)
    row = row or BY_STATUS.get(status) or BY_CLASS.get(status // 100, UNCLASSIFIED)
    return CallFailure(*row, sip_status=status, reason_header=reason_header, release_cause=release_cause)


def from_local(what: Local, sip_status: int | None = None, reason_header: str | None = None) -> CallFailure:
    """The failure that something on our side of the wire means; the status is the one that accompanied it, if any."""
    row = BY_LOCAL[what]
    cause = release_cause_of(reason_header)
    return CallFailure(*row, sip_status=sip_status, reason_header=reason_header, release_cause=cause)
