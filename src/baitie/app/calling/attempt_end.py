"""What an ended attempt means for its lead, its callee and the caps. Pure: values in, one batch out."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from baitie.app.calling.live_attempt import LiveAttempt
from baitie.app.gate.past_attempts import past_attempt
from baitie.app.records.batch import Batch
from baitie.domain.dialing.attempt import NO_AGENT, EndAttempt
from baitie.domain.dialing.policy import DialingPolicy
from baitie.domain.risk.facts import CallFacts
from baitie.domain.risk.rulebook import RuleBook
from baitie.domain.risk.verdict import Decision
from baitie.kernel.fast_replace import fast_replace
from baitie.kernel.journal import JournalEntry, JournalKind, JsonValue
from baitie.kernel.outcome import Evidence, Outcome
from baitie.kernel.records import AttemptRecord, AttemptState, LeadRecord, LeadState

GATE_RETRY_S = 60.0
"""When the gate delays without an instant (this person is in another call), it is asked again after this."""


STOPPED = "stopped"
"""The cause of what an operator's stop ended."""

CALLEE_CALLED = "callee-called-us"
"""The cause of what ended because its callee was calling us meanwhile."""


AGENT_LOST = "agent-lost"
"""The cause of what ended before an answer because the agent it was placed for was gone."""

LEAD_SKIPPED = "lead-skipped"
"""The cause of what ended because its agent did not want this lead in preview."""

SKIPPED_WAIT_S = 3600.0
"""A lead that an agent skipped is shown again after this long."""


@dataclass(frozen=True, slots=True)
class Closing:
    """Closing (呼叫收尾): the batch to keep, and the lead as it is afterwards."""

    batch: Batch
    lead: LeadRecord


@dataclass(frozen=True, slots=True)
class SpokenWith:
    """Who spoke (通话对象): which human agent did, and whether the callee refused in the call."""

    agent_id: str | None = None
    said_no: bool | None = None


_NOBODY_KNOWN = SpokenWith()


def close_attempt(
    live: LiveAttempt,
    end: EndAttempt,
    civil_now: datetime,
    policy: DialingPolicy,
    rules: RuleBook,
) -> Closing:
    """Everything that is kept when an attempt ends, in one batch.

    The history that it is added to is the one the ring was allowed on: while an attempt holds its callee, nobody
    else counts against this callee.
    """
    conclusion = end.conclusion
    record = fast_replace(
        live.record,
        state=AttemptState.ENDED,
        ended_at=civil_now,
        outcome=conclusion.outcome,
        failure_cause=conclusion.cause,
        evidence=conclusion.evidence,
        answers=dict(live.answers),
    )
    lead = _lead_after(live, end, policy, civil_now)
    batch = Batch(journal=[_ended_entry(record)], leads=[lead], attempts=[record])
    if end.invite_left:
        assert live.facts is not None
        spoke = SpokenWith(live.agent_id, live.has_refused or None)
        count_attempt(batch, record, live.facts, civil_now, policy, rules, spoke)
    if lead.state is not LeadState.WAITING:
        closed = attempt_entry(record, JournalKind.LEAD_CLOSED, civil_now, {"reason": lead.reason})
        batch.journal = [*batch.journal, closed]
    return Closing(batch, lead)


def count_attempt(
    batch: Batch,
    record: AttemptRecord,
    facts: CallFacts,
    civil_now: datetime,
    policy: DialingPolicy,
    rules: RuleBook,
    spoke: SpokenWith = _NOBODY_KNOWN,
) -> None:
    """Count an attempt whose INVITE left against the callee's caps, and freeze where a rule says so: in the batch that
    ends it, and of which it is the only attempt."""
    past = past_attempt(record, max(policy.short_call_max_s, rules.short_call_max_s), facts.purpose, facts.debt_key)
    if past is None:
        return
    past = replace(past, series=facts.series_key, agent_id=spoke.agent_id, said_no=spoke.said_no)
    history = facts.history.with_attempt(past)
    batch.histories = [(record.callee_id, history)]
    freeze = rules.freezes_after(fast_replace(facts, civil_now=civil_now, history=history))
    if freeze is not None:
        batch.freezes = [freeze]
        said: dict[str, JsonValue] = {"rule": freeze.rule_id, "until": freeze.frozen_until.isoformat()}
        batch.journal = [*batch.journal, attempt_entry(record, JournalKind.CALLEE_FROZEN, civil_now, said)]


def close_unknown(record: AttemptRecord, lead: LeadRecord, civil_now: datetime) -> tuple[AttemptRecord, LeadRecord]:
    """An attempt found open after a crash. If its INVITE may have left, it is unknown and never repeated by itself;
    if no agent came in time before the crash, it is abandoned all the same."""
    if record.state in (AttemptState.PLANNED, AttemptState.CARD_SUBMITTED):
        ended = fast_replace(
            record, state=AttemptState.ENDED, ended_at=civil_now, outcome=Outcome.CANCELLED, failure_cause="crash"
        )
        return ended, fast_replace(lead, state=LeadState.WAITING)
    is_abandoned = record.failure_cause == NO_AGENT
    outcome = Outcome.ABANDONED if is_abandoned else Outcome.UNKNOWN
    ended = fast_replace(
        record,
        state=AttemptState.ENDED,
        ended_at=civil_now,
        outcome=outcome,
        failure_cause=NO_AGENT if is_abandoned else "crash",
        evidence=Evidence(note="crash"),
    )
    reason = outcome.value if is_abandoned else "unknown-after-crash"
    return ended, fast_replace(lead, state=LeadState.FINISHED, last_outcome=outcome, reason=reason)


def _lead_after(live: LiveAttempt, end: EndAttempt, policy: DialingPolicy, civil_now: datetime) -> LeadRecord:
    lead, conclusion = live.lead, end.conclusion
    if not end.invite_left:
        return _lead_not_called(live, conclusion.cause or "", civil_now)
    last_outcome = outcome = conclusion.outcome
    if live.has_refused:
        return _finished(lead, last_outcome, "callee-refused")
    if outcome is Outcome.CANCELLED and conclusion.cause in (STOPPED, CALLEE_CALLED, AGENT_LOST):
        outcome = Outcome.NO_ANSWER  # the telephone rang and we gave up: the person waits as after any such ring
    retry_at = policy.retry_at(lead, outcome, civil_now) if conclusion.may_redial else None
    if retry_at is not None:
        return fast_replace(lead, state=LeadState.WAITING, last_outcome=last_outcome, not_before=retry_at)
    return _finished(lead, last_outcome, last_outcome.value)


def _finished(lead: LeadRecord, last_outcome: Outcome, reason: str) -> LeadRecord:
    return fast_replace(lead, state=LeadState.FINISHED, last_outcome=last_outcome, not_before=None, reason=reason)


def _lead_not_called(live: LiveAttempt, cause: str, civil_now: datetime) -> LeadRecord:
    if live.forbidden is not None:
        if live.forbidden.decision is Decision.DENY:
            return fast_replace(live.lead, state=LeadState.REFUSED, reason=cause)
        until = live.forbidden.until or civil_now + timedelta(seconds=GATE_RETRY_S)
        return fast_replace(live.lead, state=LeadState.WAITING, not_before=until)
    if cause.startswith("card-"):
        return fast_replace(live.lead, state=LeadState.FINISHED, reason=cause)
    if cause == LEAD_SKIPPED:
        return fast_replace(
            live.lead, state=LeadState.WAITING, not_before=civil_now + timedelta(seconds=SKIPPED_WAIT_S)
        )
    return fast_replace(live.lead, state=LeadState.WAITING)


def _ended_entry(record: AttemptRecord) -> JournalEntry:
    evidence = record.evidence
    answers: list[JsonValue] = [*sorted(record.answers)]
    facts: dict[str, JsonValue] = {
        "outcome": record.outcome.value if record.outcome else None,
        "cause": record.failure_cause,
        "sip_status": evidence.sip_status,
        "ring_ms": evidence.ring_ms,
        "talk_ms": evidence.talk_ms,
        "ended_by": evidence.ended_by.value,
        "note": evidence.note,
        "answers": answers,
    }
    assert record.ended_at is not None
    return attempt_entry(record, JournalKind.ATTEMPT_ENDED, record.ended_at, facts)


def attempt_entry(record: AttemptRecord, kind: JournalKind, at: datetime, facts: dict[str, JsonValue]) -> JournalEntry:
    """A journal entry about one attempt."""
    return JournalEntry(kind, at, record.campaign_id, record.lead_id, record.attempt_id, record.callee_id, facts)
