"""The invariants that are counted when a rehearsed day is over: outcomes, leases, leads, cards, verdicts, the chain."""

from collections import Counter
from typing import Any

from baitie.domain.dialing.policy import OnLateCard
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.outcome import Outcome
from baitie.kernel.records import AttemptRecord, AttemptState, LeadState
from baitie.rehearsal.invariants.abandoned import judge_abandoned
from baitie.rehearsal.invariants.limits import Invariant
from baitie.rehearsal.invariants.online_checks import Invariants
from baitie.rehearsal.rehearse import RehearsedRun


def books_of(run: RehearsedRun, watched: Invariants) -> None:
    """Judge a day that is over. Violations are added to those of the watch."""
    campaign_id = run.scenario.campaign.campaign_id
    journal = [entry for _, entry in run.store.journal(campaign_id)]
    attempts = {attempt.attempt_id: attempt for attempt in run.store.attempts(campaign_id)}
    _leases(run, watched)
    _outcomes(attempts, journal, watched)
    _leads(run, watched)
    _refusals(run, watched)
    for attempt in attempts.values():
        if attempt.invite_sent_at is not None:
            _card(attempt, watched)
    _verdicts(run, attempts, journal, watched)
    judge_abandoned(attempts, journal, watched)
    store: Any = run.store
    if not store.verify_chain().is_whole:
        watched.broken(Invariant.CHAIN, "the journal's chain is broken")


def _leases(run: RehearsedRun, watched: Invariants) -> None:
    holders = run.stage.run.leases.holders()
    if holders:
        watched.broken(Invariant.LEASES, f"{len(holders)} attempts still hold leases, one is {sorted(holders)[0]}")


def _outcomes(attempts: dict[Any, AttemptRecord], journal: list[JournalEntry], watched: Invariants) -> None:
    ended = Counter(entry.attempt_id for entry in journal if entry.kind is JournalKind.ATTEMPT_ENDED)
    for attempt_id, attempt in attempts.items():
        if attempt.state is not AttemptState.ENDED or attempt.outcome is None:
            watched.broken(Invariant.OUTCOMES, f"{attempt_id} has no outcome")
        if ended[attempt_id] != 1:
            watched.broken(
                Invariant.OUTCOMES, f"the outcome of {attempt_id} stands {ended[attempt_id]} times in the journal"
            )
    for attempt_id in sorted(watched.placed_once - attempts.keys()):
        watched.broken(Invariant.OUTCOMES, f"{attempt_id} was placed, and nothing is kept of it")
    unsent = {key for key in watched.placed_once & attempts.keys() if attempts[key].invite_sent_at is None}
    for attempt_id in sorted(unsent):
        watched.broken(Invariant.OUTCOMES, f"{attempt_id} was placed before its INVITE was kept")


def _leads(run: RehearsedRun, watched: Invariants) -> None:
    state = run.store.campaign_state(run.scenario.campaign.campaign_id)
    if state is None or len(state.leads) != len(run.scenario.leads):
        watched.broken(Invariant.BOOKS, "leads were lost or made")
        return
    in_progress = [lead.lead_id for lead in state.leads if lead.state is LeadState.IN_PROGRESS]
    if in_progress:
        watched.broken(Invariant.BOOKS, f"{len(in_progress)} leads are in progress for ever, one is {in_progress[0]}")
    if state.open_attempts:
        watched.broken(Invariant.BOOKS, f"{len(state.open_attempts)} attempts are open for ever")


def _refusals(run: RehearsedRun, watched: Invariants) -> None:
    for callee in run.scenario.callees:
        said_no = callee.number.e164() in watched.refused_at_s
        if said_no and not run.store.standing(callee.callee_id).refusals:
            watched.broken(Invariant.FORGOTTEN, f"the refusal of {callee.callee_id} was heard and not kept")


def _card(attempt: AttemptRecord, watched: Invariants) -> None:
    campaign, outcome = watched.scenario.campaign, attempt.card_outcome
    if campaign.card is None:
        return
    if outcome is None and attempt.outcome is not Outcome.UNKNOWN:
        watched.broken(Invariant.CARD, f"{attempt.attempt_id} rang and nothing is known of its card")
    if outcome != "delivered" and campaign.policy.on_late_card is OnLateCard.GIVE_UP:
        watched.broken(Invariant.CARD, f"{attempt.attempt_id} rang without its card")


def _verdicts(
    run: RehearsedRun, attempts: dict[Any, AttemptRecord], journal: list[JournalEntry], watched: Invariants
) -> None:
    allowed = {
        entry.attempt_id
        for entry in journal
        if entry.kind is JournalKind.RING_ALLOWED and _is_allowance(entry.facts.get("verdict"))
    }
    for attempt_id in sorted(watched.placed_once & attempts.keys()):
        if attempt_id not in allowed and attempts[attempt_id].outcome is not Outcome.UNKNOWN:
            watched.broken(Invariant.VERDICT, f"{attempt_id} was placed without an allowing verdict")


def _is_allowance(verdict: Any) -> bool:
    return isinstance(verdict, dict) and verdict.get("decision") == "allow"
