"""What callees ask for besides being left alone: a call back, or to be forgotten; each with the day it is due."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from baitie.kernel.ids import CalleeId
from baitie.kernel.journal import JsonValue


class RequestKind(StrEnum):
    """Kind (请求种类) of a callee's request."""

    CALL_BACK = "call_back"
    ERASURE = "erasure"


@dataclass(frozen=True, slots=True)
class CalleeRequest:
    """Request (被叫请求): open until somebody has done it. `due_on` is the last day on which it is done in time.

    `facts` hold codes and times that the request's kind needs, never names or free text.
    """

    request_id: str
    callee_id: CalleeId
    kind: RequestKind
    made_at: datetime  # aware
    due_on: date
    campaign_id: str | None = None
    attempt_id: str | None = None
    wanted_from: datetime | None = None  # of a call back: not before
    wanted_until: datetime | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    done_at: datetime | None = None
    done_by: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still waits."""
        return self.done_at is None

    def done(self, at: datetime, actor: str) -> "CalleeRequest":
        """As it is afterwards. Who did it first keeps the credit."""
        return self if self.done_at is not None else replace(self, done_at=at, done_by=actor)

    def to_json(self) -> dict[str, JsonValue]:
        """As plain JSON."""
        return {
            "request_id": self.request_id,
            "callee_id": self.callee_id,
            "kind": self.kind.value,
            "made_at": self.made_at.isoformat(),
            "due_on": self.due_on.isoformat(),
            "campaign_id": self.campaign_id,
            "attempt_id": self.attempt_id,
            "wanted_from": _iso(self.wanted_from),
            "wanted_until": _iso(self.wanted_until),
            "facts": dict(self.facts),
            "done_at": _iso(self.done_at),
            "done_by": self.done_by,
        }

    @staticmethod
    def from_json(body: Mapping[str, Any]) -> "CalleeRequest":
        """The inverse of `to_json`."""
        return CalleeRequest(
            request_id=body["request_id"],
            callee_id=CalleeId(body["callee_id"]),
            kind=RequestKind(body["kind"]),
            made_at=datetime.fromisoformat(body["made_at"]),
            due_on=date.fromisoformat(body["due_on"]),
            campaign_id=body["campaign_id"],
            attempt_id=body["attempt_id"],
            wanted_from=_at(body["wanted_from"]),
            wanted_until=_at(body["wanted_until"]),
            facts=body["facts"],
            done_at=_at(body["done_at"]),
            done_by=body["done_by"],
        )


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _at(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
