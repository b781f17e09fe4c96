"""Abandoned calls of a rehearsed day, counted apart from the budget that is meant to keep them few."""

from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from baitie.domain.agents import AgentEventKind
from baitie.domain.dialing.pacing.abandonment import AbandonmentCeiling
from baitie.kernel.ids import AttemptId
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.outcome import Outcome
from baitie.kernel.records import AttemptRecord
from baitie.rehearsal.invariants.limits import Invariant
from baitie.rehearsal.invariants.online_checks import Invariants

_LOST = frozenset(
    kind.value
    for kind in (
        AgentEventKind.VANISHED,
        AgentEventKind.TIMED_OUT,
        AgentEventKind.DECLINED,
        AgentEventKind.WENT_AWAY,
        AgentEventKind.LOGGED_OUT,
    )
)
_TOO_LATE = "no-agent"
"""The cause where nobody came in time. Who hangs up before that was not kept waiting too long, though the metrics count
it: an event that came late leaves no time at all."""


def judge_abandoned(
    attempts: Mapping[AttemptId, AttemptRecord], journal: Sequence[JournalEntry], watched: Invariants
) -> None:
    """By the campaign's own ceiling where it has agents; else by the promise, at the end of the day."""
    plan = watched.scenario.campaign.agents
    found = [attempt.outcome for attempt in attempts.values()]
    abandoned = found.count(Outcome.ABANDONED)
    answers = found.count(Outcome.ANSWERED) + abandoned
    promise = watched.promise
    if plan is None:
        if answers >= promise.answers_min and abandoned > promise.abandoned_max_share * answers:
            watched.broken(Invariant.ABANDONED, f"{abandoned} of {answers} answers found nobody in time")
        return
    if answers >= max(plan.ceiling.answers_min, promise.answers_min) and abandoned > plan.ceiling.allowed(answers):
        watched.broken(Invariant.ABANDONED, f"{abandoned} of {answers} answers of the day found no agent in time")
    _judge_windows(attempts, journal, plan.ceiling, watched)


def _judge_windows(
    attempts: Mapping[AttemptId, AttemptRecord],
    journal: Sequence[JournalEntry],
    ceiling: AbandonmentCeiling,
    watched: Invariants,
) -> None:
    """At each call for which nobody came in time, over the window before it, in the journal's order.

    An agent who did not take a call, or left, excuses one of them: no pacing foresees that.
    """
    window: deque[tuple[datetime, int, int, int]] = deque()  # answers, abandoned, agents lost
    answers = abandoned = lost = 0
    for entry in journal:
        change = _counts(entry, attempts)
        if change is None:
            continue
        window.append((entry.at, *change))
        answers, abandoned, lost = answers + change[0], abandoned + change[1], lost + change[2]
        while window[0][0] < entry.at - timedelta(seconds=ceiling.window_s):
            _, gone_answers, gone_abandoned, gone_lost = window.popleft()
            answers, abandoned, lost = answers - gone_answers, abandoned - gone_abandoned, lost - gone_lost
        if change[1] and abandoned > ceiling.allowed(answers) + lost:
            watched.broken(
                Invariant.ABANDONED,
                f"{entry.attempt_id} is the {abandoned}. abandoned of {answers} answers; {lost} agents were lost",
            )


def _counts(entry: JournalEntry, attempts: Mapping[AttemptId, AttemptRecord]) -> tuple[int, int, int] | None:
    """What an entry adds to answers, abandoned calls and agents lost."""
    if entry.kind is JournalKind.CALL_ABANDONED:
        return 1, int(entry.facts.get("cause") == _TOO_LATE), 0
    if entry.kind is JournalKind.AGENT_STATE_CHANGED and entry.facts.get("cause") in _LOST:
        return 0, 0, 1
    if entry.kind is JournalKind.ATTEMPT_ENDED and entry.attempt_id is not None:
        attempt = attempts.get(AttemptId(entry.attempt_id))
        return (1, 0, 0) if attempt is not None and attempt.outcome is Outcome.ANSWERED else None
    return None
