"""What a caller hears (回呼接待): found again by the newest attempt from the number that was called back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from baitie.kernel.ids import AttemptId, CampaignId, LeadId
from baitie.kernel.time import Window

BOT = "bot"
"""The agent of an attempt that no human made."""


class Treatment(StrEnum):
    """What the caller hears (接待方式). All but the script are announcements, and ask nothing but what they offer."""

    SCRIPT = "script"  # the script of the campaign that called, as if that call had been answered
    CALLED_BY = "called_by"  # "you were called by …": the campaign is not served here, or nothing may be asked
    CLOSED = "closed"  # outside the hours: a short announcement, and the offer to call back
    OPTED_OUT = "opted_out"  # the callee does not want calls: told that this stays so, asked nothing
    GREETING = "greeting"  # nobody knows who calls or what for: who this number belongs to


class CallerKind(StrEnum):
    """What is known of who calls (来电者)."""

    WITHHELD = "withheld"  # no number was shown
    STRANGER = "stranger"  # a number that nobody called
    CALLEE = "callee"


@dataclass(frozen=True, slots=True)
class RecentAttempt:
    """An attempt that the caller may be returning (可回拨的呼叫): it may have rung, or showed a card."""

    attempt_id: AttemptId
    lead_id: LeadId
    campaign_id: CampaignId
    at: datetime  # aware
    agent: str = BOT  # who called: the agent's id where a human did


@dataclass(frozen=True, slots=True)
class CallerFacts:
    """Caller facts (来电事实): who calls, and what stands against asking anything."""

    kind: CallerKind
    attempts: Sequence[RecentAttempt] = ()  # to this callee from the number that was dialled, in any order
    has_refused: bool = False  # a refusal or a block stands
    is_frozen: bool = False


@dataclass(frozen=True, slots=True)
class AnsweringPolicy:
    """Answering policy (接听策略). `ring_s` and `call_max_s` are monotonic seconds; no windows: at any hour."""

    windows: tuple[Window, ...] = ()  # on the enterprise's own clock: the caller chose the hour
    looks_back_days: int = 30
    calls_in_flight_max: int = 10
    ring_s: float = 1.0  # the caller hears it ring, and may think better of it
    call_max_s: float = 300.0

    def is_open(self, local_now: datetime) -> bool:
        """Whether callers are served at this local time."""
        return not self.windows or any(window.contains(local_now.time()) for window in self.windows)

    def next_open(self, local_now: datetime) -> datetime:
        """The first time from now on at which callers are served."""
        return min((window.next_open(local_now) for window in self.windows), default=local_now)


@dataclass(frozen=True, slots=True)
class Reception:
    """Reception (接待决定): what the caller hears and why, and the attempt that is being returned.

    `reason` is a stable code; the attempt is named even where its script is not run.
    """

    treatment: Treatment
    reason: str
    attempt: RecentAttempt | None = field(default=None)


def decide(
    caller: CallerFacts, policy: AnsweringPolicy, served: frozenset[CampaignId], local_now: datetime
) -> Reception:
    """Choose what the caller hears. `served` are the campaigns whose scripts can be run here.

    What stands against asking comes first, so that no number and no hour gets round a refusal.
    """
    attempt = _newest(caller.attempts, policy.looks_back_days, local_now)
    if caller.kind is CallerKind.WITHHELD:
        return Reception(Treatment.GREETING, "number-withheld")
    if caller.has_refused:
        return Reception(Treatment.OPTED_OUT, "callee-refused", attempt)
    if attempt is None:
        return Reception(Treatment.GREETING, "nobody-called")
    if caller.is_frozen:
        return Reception(Treatment.CALLED_BY, "callee-frozen", attempt)
    if not policy.is_open(local_now):
        return Reception(Treatment.CLOSED, "outside-hours", attempt)
    if attempt.campaign_id not in served:
        return Reception(Treatment.CALLED_BY, "campaign-not-served", attempt)
    return Reception(Treatment.SCRIPT, "call-returned", attempt)


def _newest(attempts: Sequence[RecentAttempt], days: int, now: datetime) -> RecentAttempt | None:
    recent = [attempt for attempt in attempts if now - attempt.at <= timedelta(days=days)]
    return max(recent, key=lambda attempt: (attempt.at, attempt.attempt_id), default=None)
