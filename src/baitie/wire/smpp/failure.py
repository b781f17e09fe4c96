"""What a refusal of the message centre means: cause, party to blame, whether to submit again (SMPP v3.4 §5.1.3)."""

from dataclasses import dataclass
from typing import Final

from baitie.kernel.errors import Party
from baitie.wire.smpp.constants import Status


@dataclass(frozen=True, slots=True)
class SubmitFailure:
    """Why a message did not go (提交失败): a kebab-case cause, the party, whether it may be submitted again."""

    cause: str
    party: Party
    may_resubmit: bool
    command_status: int | None = None


_PLATFORM, _ENTERPRISE, _CARRIER, _CALLEE = Party.PLATFORM, Party.ENTERPRISE, Party.CARRIER, Party.CALLEE

_BY_STATUS: Final[dict[int, tuple[str, Party, bool]]] = {
    Status.ESME_RINVMSGLEN: ("message-too-long", _PLATFORM, False),
    Status.ESME_RINVCMDLEN: ("command-malformed", _PLATFORM, False),
    Status.ESME_RINVCMDID: ("command-unknown-to-centre", _PLATFORM, False),
    Status.ESME_RINVBNDSTS: ("not-bound-for-sending", _PLATFORM, True),
    Status.ESME_RALYBND: ("already-bound", _PLATFORM, True),
    Status.ESME_RINVPRTFLG: ("priority-invalid", _PLATFORM, False),
    Status.ESME_RINVREGDLVFLG: ("receipt-request-invalid", _PLATFORM, False),
    Status.ESME_RSYSERR: ("centre-system-error", _CARRIER, True),
    Status.ESME_RINVSRCADR: ("sender-not-allowed", _ENTERPRISE, False),
    Status.ESME_RINVDSTADR: ("callee-number-invalid", _CALLEE, False),
    Status.ESME_RINVMSGID: ("message-id-invalid", _PLATFORM, False),
    Status.ESME_RBINDFAIL: ("bind-refused", _CARRIER, True),
    Status.ESME_RINVPASWD: ("password-wrong", _ENTERPRISE, False),
    Status.ESME_RINVSYSID: ("system-id-unknown", _ENTERPRISE, False),
    Status.ESME_RMSGQFUL: ("centre-queue-full", _CARRIER, True),
    Status.ESME_RINVSERTYP: ("service-type-invalid", _ENTERPRISE, False),
    Status.ESME_RINVESMCLASS: ("esm-class-invalid", _PLATFORM, False),
    Status.ESME_RSUBMITFAIL: ("submit-failed", _CARRIER, True),
    Status.ESME_RINVSRCTON: ("sender-not-allowed", _ENTERPRISE, False),
    Status.ESME_RINVSRCNPI: ("sender-not-allowed", _ENTERPRISE, False),
    Status.ESME_RINVDSTTON: ("callee-number-invalid", _PLATFORM, False),
    Status.ESME_RINVDSTNPI: ("callee-number-invalid", _PLATFORM, False),
    Status.ESME_RTHROTTLED: ("throttled", _CARRIER, True),
    Status.ESME_RINVSCHED: ("schedule-invalid", _PLATFORM, False),
    Status.ESME_RINVEXPIRY: ("validity-invalid", _PLATFORM, False),
    Status.ESME_RX_T_APPN: ("centre-temporary-error", _CARRIER, True),
    Status.ESME_RX_P_APPN: ("centre-permanent-error", _CARRIER, False),
    Status.ESME_RX_R_APPN: ("centre-rejected", _CARRIER, False),
    Status.ESME_RINVOPTPARSTREAM: ("optional-parameter-refused", _PLATFORM, False),
    Status.ESME_RINVPARLEN: ("optional-parameter-refused", _PLATFORM, False),
    Status.ESME_RMISSINGOPTPARAM: ("optional-parameter-missing", _PLATFORM, False),
    Status.ESME_RDELIVERYFAILURE: ("delivery-failed", _CARRIER, True),
    Status.ESME_RUNKNOWNERR: ("centre-unknown-error", _CARRIER, False),
}
_VENDOR_STATUSES: Final = range(0x400, 0x500)  # reserved for the centre's vendor

_BY_CAUSE: Final[dict[str, tuple[Party, bool]]] = {
    "control-character": (_ENTERPRISE, False),
    "lone-surrogate": (_ENTERPRISE, False),
    "not-in-gsm7": (_ENTERPRISE, False),
    "more-than-one-segment": (_ENTERPRISE, False),
    "empty-text": (_ENTERPRISE, False),
    "sender-malformed": (_ENTERPRISE, False),
    "queue-full": (_PLATFORM, True),
    "expired-before-submit": (_CARRIER, True),
    "gateway-closing": (_PLATFORM, True),
}

THROTTLING: Final = frozenset((Status.ESME_RTHROTTLED, Status.ESME_RMSGQFUL))


def failure_of_status(command_status: int) -> SubmitFailure:
    """The meaning of a command_status that is not ESME_ROK; one we do not know has party `unknown`."""
    row = _BY_STATUS.get(command_status)
    if row is not None:
        return SubmitFailure(*row, command_status)
    if command_status in _VENDOR_STATUSES:
        return SubmitFailure("centre-vendor-error", _CARRIER, False, command_status)
    return SubmitFailure("status-unknown", Party.UNKNOWN, False, command_status)


def failure_of_cause(cause: str) -> SubmitFailure:
    """The meaning of a refusal on our own side, before anything left."""
    party, may_resubmit = _BY_CAUSE[cause]
    return SubmitFailure(cause, party, may_resubmit)
