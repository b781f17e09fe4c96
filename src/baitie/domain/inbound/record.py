"""What is kept of a call that came in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from baitie.domain.inbound.call import InboundOutcome
from baitie.domain.inbound.decision import CallerKind, Treatment
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId, InboundId, LeadId
from baitie.kernel.journal import JsonValue
from baitie.kernel.outcome import EndedBy


@dataclass(frozen=True, slots=True)
class InboundRecord:
    """Inbound record (呼入话单): the facts of one call that came in. It is no attempt and counts for no cap.

    `attempt_id`, `lead_id` and `campaign_id` name the attempt that was returned; `agent` who made it.
    """

    inbound_id: InboundId
    arrived_at: datetime  # aware UTC
    caller: CallerKind
    treatment: Treatment
    reason: str
    dialled_number: str | None  # E.164: the enterprise's own; None where it could not be told
    trunk: str
    callee_id: CalleeId | None = None
    attempt_id: AttemptId | None = None
    lead_id: LeadId | None = None
    campaign_id: CampaignId | None = None
    agent: str | None = None
    script_id: str | None = None
    script_version: str | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: InboundOutcome | None = None
    cause: str = ""
    ended_by: EndedBy = EndedBy.NOBODY
    talk_ms: int | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    recording: str | None = None  # path relative to the folder of recordings

    @property
    def is_open(self) -> bool:
        """Whether it has no end yet."""
        return self.ended_at is None

    def to_json(self) -> dict[str, JsonValue]:
        """As plain JSON."""
        return {
            "inbound_id": self.inbound_id,
            "arrived_at": self.arrived_at.isoformat(),
            "caller": self.caller.value,
            "treatment": self.treatment.value,
            "reason": self.reason,
            "dialled_number": self.dialled_number,
            "trunk": self.trunk,
            "callee_id": self.callee_id,
            "attempt_id": self.attempt_id,
            "lead_id": self.lead_id,
            "campaign_id": self.campaign_id,
            "agent": self.agent,
            "script_id": self.script_id,
            "script_version": self.script_version,
            "answered_at": None if self.answered_at is None else self.answered_at.isoformat(),
            "ended_at": None if self.ended_at is None else self.ended_at.isoformat(),
            "outcome": None if self.outcome is None else self.outcome.value,
            "cause": self.cause,
            "ended_by": self.ended_by.value,
            "talk_ms": self.talk_ms,
            "answers": dict(self.answers),
            "recording": self.recording,
        }

    @staticmethod
    def from_json(body: Mapping[str, Any]) -> "InboundRecord":
        """The inverse of `to_json`."""
        known = dict(body)
        for name in ("arrived_at", "answered_at", "ended_at"):
            known[name] = None if body[name] is None else datetime.fromisoformat(body[name])
        known["caller"] = CallerKind(body["caller"])
        known["treatment"] = Treatment(body["treatment"])
        known["ended_by"] = EndedBy(body["ended_by"])
        known["outcome"] = None if body["outcome"] is None else InboundOutcome(body["outcome"])
        return InboundRecord(**known)
