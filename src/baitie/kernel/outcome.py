"""What became of an attempt, and the observed facts from which that was concluded."""

from dataclasses import dataclass, field
from enum import StrEnum

from baitie.kernel.errors import Party


class Outcome(StrEnum):
    """Outcome (结果) of one attempt: a conclusion, drawn from `Evidence`."""

    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    POWERED_OFF = "powered_off"
    SUSPENDED = "suspended"
    UNALLOCATED = "unallocated"
    UNREACHABLE = "unreachable"
    VOICEMAIL = "voicemail"
    ABANDONED = "abandoned"
    FAILED = "failed"  # the carrier or we could not carry the call: no statement about the callee
    CANCELLED = "cancelled"  # stopped by us or by a refusal before the INVITE left, or while it rang
    UNKNOWN = "unknown"  # the INVITE may have left and we cannot know what came of it


class EndedBy(StrEnum):
    """Who ended the call (挂断方)."""

    CALLEE = "callee"
    US = "us"
    CARRIER = "carrier"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence (证据) for an outcome: wire facts under their wire names, lengths in milliseconds.

    `None` means not observed.
    """

    sip_status: int | None = None
    reason_header: str | None = None
    release_cause: int | None = None  # Q.850
    early_media: bool = False
    ring_ms: int | None = None
    talk_ms: int | None = None
    ended_by: EndedBy = EndedBy.NOBODY
    note: str = ""


@dataclass(frozen=True, slots=True)
class CallFailure:
    """Why a call did not come about or broke off (失败): cause, party to blame, whether trying again is allowed.

    `cause` is kebab-case and stable (`callee-busy`, `trunk-timeout`); `outcome` is what the attempt may
    conclude from it. `may_redial` speaks of a later attempt through the lead queue: nothing is ever
    repeated by itself after an INVITE left.
    """

    cause: str
    party: Party
    may_redial: bool
    outcome: Outcome
    sip_status: int | None = None
    reason_header: str | None = None
    release_cause: int | None = None
    details: dict[str, str] = field(default_factory=dict)
