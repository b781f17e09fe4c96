"""What became of an attempt, and the observed facts from which that was concluded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from baitie.kernel.errors import Party


@dataclass(frozen=True, slots=True)
class RetryRule:
    """Retry rule (重呼规则) for one outcome: again after `wait_s` of civil time, `attempts_max` attempts in all."""

    wait_s: float
    attempts_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeTraits:
    """Outcome traits (结果属性): what an attempt that ended so counts as, each said of each outcome, none assumed.

    Its words stand in `locale/outcomes.*.toml`, how it is concluded in docs/reference/outcomes.md.
    """

    is_answered: bool  # somebody or something picked up
    is_by_person: bool  # a person did, as far as the evidence tells; only a person can cut a call short
    is_contact: bool  # the callee was, or may have been, disturbed: it counts for the caps of contacts
    is_rejected: bool  # the callee pressed the reject key, as far as the evidence tells
    is_abandoned: bool  # it was answered, and nobody was there for the callee
    may_ring_unseen: bool  # it may have rung though no ringing was seen: else it counts only where some was
    is_final_of_carrier: bool  # the carrier said something of its own about the callee: the trunk works
    retry: RetryRule | None  # by default; None ends the lead
    metric: str | None  # the rate in whose numerator it stands by itself; None stands in none

    @property
    def is_served(self) -> bool:
        """Whether a person picked up and was spoken to."""
        return self.is_by_person and not self.is_abandoned


class Outcome(StrEnum):
    """Outcome (结果) of one attempt: a conclusion, drawn from `Evidence`. What it counts as are its `traits`."""

    traits: OutcomeTraits

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


_TRAITS: Mapping[Outcome, OutcomeTraits] = {
    Outcome.ANSWERED: OutcomeTraits(
        is_answered=True,
        is_by_person=True,
        is_contact=True,
        is_rejected=False,
        is_abandoned=False,
        may_ring_unseen=True,
        is_final_of_carrier=True,
        retry=None,
        metric="human_answer_rate",
    ),
    Outcome.BUSY: OutcomeTraits(
        is_answered=False,
        is_by_person=False,
        is_contact=False,
        is_rejected=False,
        is_abandoned=False,
        may_ring_unseen=True,
        is_final_of_carrier=True,
        retry=RetryRule(wait_s=15 * 60, attempts_max=3),
        metric="busy_rate",
    ),
    Outcome.NO_ANSWER: OutcomeTraits(
        is_answered=False,
        is_by_person=False,
        is_contact=False,
        is_rejected=False,
        is_abandoned=False,
        may_ring_unseen=True,
        is_final_of_carrier=True,
        retry=RetryRule(wait_s=4 * 3600, attempts_max=3),
        metric="no_answer_rate",
    ),
    Outcome.REJECTED: OutcomeTraits(
        is_answered=False,
        is_by_person=False,
        is_contact=True,
        is_rejected=True,
        is_abandoned=False,
        may_ring_unseen=True,
        is_final_of_carrier=True,
        retry=RetryRule(wait_s=24 * 3600, attempts_max=2),
        metric="reject_rate",
    ),
    Outcome.POWERED_OFF: OutcomeTraits(
        is_answered=False,
        is_by_person=False,
        is_contact=False,
        is_rejected=False,
        is_abandoned=False,
        may_ring_unseen=True,
        is_final_of_carrier=True,
        retry=RetryRule(wait_s=4 * 3600, attempts_max=3),
        metric="out_of_reach_rate",
    ),
    Outcome.SUSPENDED: OutcomeTraits(
        is_answered=False,
        is_by_person=False,
        is_contact=False,
        is_rejected=False,
        is_abandoned=False,
        may_ring_unseen=False,
        is_final_of_carrier=True,
        retry=None,
        metric="out_of_reach_rate",
    ),
    Outcome.UNALLOCATED: OutcomeTraits(
        is_answered=False,
        is_by_person=False,
        is_contact=False,
        is_rejected=False,
        is_abandoned=False,
        may_ring_unseen=False,
        is_final_of_carrier=True,
        retry=None,
        metric="invalid_number_rate",
    ),
    Outcome.UNREACHABLE: OutcomeTraits(
        is_answered=False,
        is_by_person=False,
        is_contact=False,
        is_rejected=False,
        is_abandoned=False,
        may_ring_unseen=True,
        is_final_of_carrier=False,
        retry=RetryRule(wait_s=2 * 3600, attempts_max=3),
        metric="out_of_reach_rate",
    ),
    Outcome.VOICEMAIL: OutcomeTraits(
        is_answered=True,
        is_by_person=False,
        is_contact=True,  # timing tells it from a person, and timing alone may be wrong
        is_rejected=False,
        is_abandoned=False,
        may_ring_unseen=True,
        is_final_of_carrier=True,
        retry=RetryRule(wait_s=24 * 3600, attempts_max=2),
        metric="voicemail_rate",
    ),
    Outcome.ABANDONED: OutcomeTraits(
        is_answered=True,
        is_by_person=True,
        is_contact=True,
        is_rejected=False,
        is_abandoned=True,
        may_ring_unseen=True,
        is_final_of_carrier=True,
        retry=None,
        metric="abandonment_rate",
    ),
    Outcome.FAILED: OutcomeTraits(
        is_answered=False,
        is_by_person=False,
        is_contact=False,
        is_rejected=False,
        is_abandoned=False,
        may_ring_unseen=False,
        is_final_of_carrier=False,
        retry=RetryRule(wait_s=5 * 60, attempts_max=3),
        metric="failed_rate",
    ),
    Outcome.CANCELLED: OutcomeTraits(
        is_answered=False,
        is_by_person=False,
        is_contact=False,
        is_rejected=False,
        is_abandoned=False,
        may_ring_unseen=True,
        is_final_of_carrier=True,
        retry=None,
        metric=None,
    ),
    Outcome.UNKNOWN: OutcomeTraits(
        is_answered=False,
        is_by_person=False,
        is_contact=True,
        is_rejected=False,
        is_abandoned=False,
        may_ring_unseen=True,
        is_final_of_carrier=False,
        retry=None,
        metric="unknown_rate",
    ),
}

for _outcome in Outcome:  # an outcome without its traits cannot be: nothing that asks about outcomes may overlook it
    _outcome.traits = _TRAITS[_outcome]


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
