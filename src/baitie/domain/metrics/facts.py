"""What metrics are computed from, and what is said of one attempt: answered, placed, rang and so on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from baitie.domain.metrics.agent_time import seconds_by_state
from baitie.kernel.ids import AttemptId, CalleeId, LeadId
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.outcome import EndedBy
from baitie.kernel.records import AttemptRecord, AttemptState, LeadRecord

SHORT_CALL_MAX_S = 15.0
"""Talk of this length or less is a short call, unless a carrier agreed otherwise."""

EARLY_HANG_UP_MAX_S = 20.0
"""A hang-up within the first 20 s: the callee did not hear the matter out."""


@dataclass(frozen=True)
class CampaignFacts:
    """Facts of a campaign (任务事实): all its leads and attempts, and its journal in order.

    `short_call_max_s` is the longest talk that still counts as a short call. `refused_callees` are those with a
    refusal on record, however and wherever they said so: the campaign's own journal knows of calls only.
    """

    leads: Sequence[LeadRecord]
    attempts: Sequence[AttemptRecord]
    journal: Sequence[JournalEntry] = ()
    short_call_max_s: float = SHORT_CALL_MAX_S
    refused_callees: frozenset[CalleeId] = frozenset()

    @cached_property
    def ended(self) -> Sequence[AttemptRecord]:
        """Attempts that ended: those under way say nothing yet."""
        return [attempt for attempt in self.attempts if attempt.state is AttemptState.ENDED]

    @cached_property
    def refused_in(self) -> frozenset[AttemptId]:
        """Attempts in which the callee said: do not call me again."""
        entries = (
            entry
            for entry in self.journal
            if entry.kind is JournalKind.CALLEE_REFUSED and "inbound_id" not in entry.facts
        )
        return frozenset(AttemptId(entry.attempt_id) for entry in entries if entry.attempt_id is not None)

    @cached_property
    def refused_leads(self) -> frozenset[LeadId]:
        """Leads whose callee said: do not call me again, in whatever way."""
        said = {entry.lead_id for entry in self.journal if entry.kind is JournalKind.CALLEE_REFUSED}
        found = (lead for lead in self.leads if lead.lead_id in said or lead.callee_id in self.refused_callees)
        return frozenset(lead.lead_id for lead in found)

    @cached_property
    def tried_leads(self) -> frozenset[LeadId]:
        """Leads with an attempt that was placed, or whose card was handed in."""
        return frozenset(attempt.lead_id for attempt in self.ended if was_placed(attempt) or has_card(attempt))

    @cached_property
    def returned_leads(self) -> frozenset[LeadId]:
        """Leads whose callee called us back."""
        entries = (entry for entry in self.journal if entry.kind is JournalKind.INBOUND_CALL_ARRIVED)
        return frozenset(LeadId(entry.lead_id) for entry in entries if entry.lead_id is not None)

    @cached_property
    def returned_calls(self) -> Sequence[JournalEntry]:
        """Calls that callees made to us and that ended, by their last entries."""
        return [entry for entry in self.journal if entry.kind is JournalKind.INBOUND_CALL_ENDED]

    @cached_property
    def agent_s(self) -> Mapping[str, int]:
        """Whole seconds that agents spent in each state."""
        return seconds_by_state(self.journal)

    @cached_property
    def placed_leads(self) -> frozenset[LeadId]:
        """Leads with an attempt that was placed."""
        return frozenset(attempt.lead_id for attempt in self.ended if was_placed(attempt))

    @cached_property
    def answered_leads(self) -> frozenset[LeadId]:
        """Leads with an attempt that a person answered."""
        return frozenset(attempt.lead_id for attempt in self.ended if is_answered_by_person(attempt))


def was_placed(attempt: AttemptRecord) -> bool:
    """Whether its INVITE left, or may have left."""
    return attempt.invite_sent_at is not None


def rang(attempt: AttemptRecord) -> bool:
    """Whether the callee's telephone is known to have rung."""
    return attempt.rang_at is not None


def is_answered(attempt: AttemptRecord) -> bool:
    """Whether somebody or something picked up."""
    return attempt.outcome is not None and attempt.outcome.traits.is_answered


def is_answered_by_person(attempt: AttemptRecord) -> bool:
    """Whether a person picked up, as far as the evidence tells."""
    return attempt.outcome is not None and attempt.outcome.traits.is_by_person


def is_abandoned(attempt: AttemptRecord) -> bool:
    """Whether it was answered, and nobody was there for the callee."""
    return attempt.outcome is not None and attempt.outcome.traits.is_abandoned


def has_card(attempt: AttemptRecord) -> bool:
    """Whether a card was handed to the message centre."""
    return attempt.card_submitted_at is not None


def is_card_delivered(attempt: AttemptRecord) -> bool:
    """Whether a receipt says that the handset took the card, at whatever time."""
    return attempt.card_delivered_at is not None


def is_card_before_ring(attempt: AttemptRecord) -> bool:
    """Whether the receipt came before the ring."""
    return attempt.card_lead_ms is not None


def is_hung_up(attempt: AttemptRecord) -> bool:
    """Whether the callee ended the call."""
    return attempt.evidence.ended_by is EndedBy.CALLEE


def talked_at_most(attempt: AttemptRecord, talk_max_s: float) -> bool:
    """Whether the talk is known and no longer than that."""
    talk_ms = attempt.evidence.talk_ms
    return talk_ms is not None and talk_ms <= talk_max_s * 1000
