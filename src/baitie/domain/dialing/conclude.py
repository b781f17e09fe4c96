"""Outcomes by evidence (结果判定): what is concluded from the wire's facts, and what stays a hint."""

from dataclasses import dataclass

from baitie.domain.dialing.policy import DialingPolicy
from baitie.kernel.outcome import CallFailure, EndedBy, Evidence, Outcome

BUSY_AFTER_RINGING_MS = 1000
"""A telephone that rang for a second was not engaged: its "busy" is a press on the reject key (a hint, not proof).
Some carriers tell a busy line so, ringing or an announcement first: on their trunks the policy says busy."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """Conclusion (结论): outcome with the evidence it was drawn from, and the failure's cause where there was one."""

    outcome: Outcome
    evidence: Evidence
    cause: str | None = None
    may_redial: bool = True


def conclude_failed(
    failure: CallFailure, ring_ms: int | None, early_media: bool, busy_after_ringing: Outcome = Outcome.REJECTED
) -> Conclusion:
    """The outcome of a call that ended before an answer."""
    outcome, note = failure.outcome, ""
    if outcome is Outcome.BUSY and ring_ms is not None and ring_ms >= BUSY_AFTER_RINGING_MS:
        outcome, note = busy_after_ringing, "busy-after-ringing"
    evidence = Evidence(
        sip_status=failure.sip_status,
        reason_header=failure.reason_header,
        release_cause=failure.release_cause,
        early_media=early_media,
        ring_ms=ring_ms,
        note=note,
    )
    return Conclusion(outcome, evidence, failure.cause, failure.may_redial)


def conclude_answered(
    policy: DialingPolicy,
    *,
    ring_ms: int,
    talk_ms: int,
    early_media: bool,
    ended_by: EndedBy,
    keys_pressed: int,
    reason_header: str | None = None,
    release_cause: int | None = None,
    hears_keys: bool = True,
) -> Conclusion:
    """The outcome of a call that was answered: a person, or a mailbox by its timing.

    A mailbox picks up only after the forwarding time, presses no key and does not hang up on us while we
    speak. Timing alone misjudges a slow person who only listens; hearing decides better than this rule.
    """
    note = "" if hears_keys or keys_pressed else "no-keys-announced"
    sounds_like_mailbox = (
        keys_pressed == 0 and ended_by is not EndedBy.CALLEE and ring_ms >= policy.voicemail_ring_min_s * 1000
    )
    evidence = Evidence(
        sip_status=200,
        reason_header=reason_header,
        release_cause=release_cause,
        early_media=early_media,
        ring_ms=ring_ms,
        talk_ms=talk_ms,
        ended_by=ended_by,
        note="late-answer-no-key" if sounds_like_mailbox else note,
    )
    return Conclusion(Outcome.VOICEMAIL if sounds_like_mailbox else Outcome.ANSWERED, evidence)
