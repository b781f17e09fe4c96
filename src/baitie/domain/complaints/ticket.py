"""One complaint: where it came from, by when it must be answered, and how it was closed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from baitie.kernel.ids import CalleeId
from baitie.kernel.journal import JsonValue


class ComplaintSource(StrEnum):
    """Where a complaint came from (投诉来源)."""

    REGISTRY_12321 = "12321"
    HOTLINE_12315 = "12315"
    HOTLINE_12345 = "12345"
    PLATFORM = "platform"
    MEDIA = "media"
    CARRIER = "carrier"
    PAGE = "page"
    IN_CALL = "in_call"
    AGENT = "agent"
    ENTERPRISE = "enterprise"


class ComplaintState(StrEnum):
    """State (投诉状态) of a ticket."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Complaint:
    """Complaint (投诉): a ticket until closed. It ties to a campaign and an attempt by evidence, never by guess.

    `due_on` is the last day on which an answer is in time, in working days of the official calendar; `due_rule`
    names the rule that says so. Closing it does not take it back: it counts against the campaign as before.
    """

    complaint_id: str
    callee_id: CalleeId
    source: ComplaintSource
    received_at: datetime
    due_on: date
    due_rule: str
    actor: str  # who entered it
    campaign_id: str | None = None
    attempt_id: str | None = None
    presented: str | None = None  # E.164 of the number that was complained of
    state: ComplaintState = ComplaintState.OPEN
    closed_at: datetime | None = None
    closed_by: str | None = None
    resolution: str = ""
    about: str = ""  # a code, where the callee chose one

    def is_overdue_on(self, today: date) -> bool:
        """Whether it is still open after its last day."""
        return self.state is ComplaintState.OPEN and today > self.due_on

    def closed(self, at: datetime, actor: str, resolution: str) -> "Complaint":
        """As it is after closing. Who closed first keeps the credit."""
        if self.state is ComplaintState.CLOSED:
            return self
        return replace(self, state=ComplaintState.CLOSED, closed_at=at, closed_by=actor, resolution=resolution)

    def to_json(self) -> dict[str, JsonValue]:
        """As plain JSON."""
        return {
            "complaint_id": self.complaint_id,
            "callee_id": self.callee_id,
            "source": self.source.value,
            "received_at": self.received_at.isoformat(),
            "due_on": self.due_on.isoformat(),
            "due_rule": self.due_rule,
            "actor": self.actor,
            "campaign_id": self.campaign_id,
            "attempt_id": self.attempt_id,
            "presented": self.presented,
            "state": self.state.value,
            "closed_at": None if self.closed_at is None else self.closed_at.isoformat(),
            "closed_by": self.closed_by,
            "resolution": self.resolution,
            "about": self.about,
        }

    @staticmethod
    def from_json(body: Mapping[str, Any]) -> "Complaint":
        """The inverse of `to_json`."""
        closed_at = body["closed_at"]
        return Complaint(
            complaint_id=body["complaint_id"],
            callee_id=CalleeId(body["callee_id"]),
            source=ComplaintSource(body["source"]),
            received_at=datetime.fromisoformat(body["received_at"]),
            due_on=date.fromisoformat(body["due_on"]),
            due_rule=body["due_rule"],
            actor=body["actor"],
            campaign_id=body["campaign_id"],
            attempt_id=body["attempt_id"],
            presented=body["presented"],
            state=ComplaintState(body["state"]),
            closed_at=None if closed_at is None else datetime.fromisoformat(closed_at),
            closed_by=body["closed_by"],
            resolution=body["resolution"],
            about=body.get("about", ""),
        )
