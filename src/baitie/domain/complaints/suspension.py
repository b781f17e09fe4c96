"""Suspension of a presented number after a complaint: out of use until somebody named lifts it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from baitie.kernel.journal import JsonValue


@dataclass(frozen=True, slots=True)
class NumberSuspension:
    """Suspension (外显号码停用): no call presents this number from `at` on. The number is the enterprise's own."""

    suspension_id: str
    number: str  # E.164
    at: datetime
    reason: str  # stable code such as `complaint`
    actor: str
    complaint_id: str | None = None
    lifted_at: datetime | None = None
    lifted_by: str | None = None
    lift_reason: str = ""

    @property
    def is_active(self) -> bool:
        """Whether nobody has lifted it."""
        return self.lifted_at is None

    def lifted(self, at: datetime, actor: str, reason: str) -> "NumberSuspension":
        """As it is afterwards. Who lifted it first is kept."""
        return self if self.lifted_at is not None else replace(self, lifted_at=at, lifted_by=actor, lift_reason=reason)

    def to_json(self) -> dict[str, JsonValue]:
        """As plain JSON."""
        return {
            "suspension_id": self.suspension_id,
            "number": self.number,
            "at": self.at.isoformat(),
            "reason": self.reason,
            "actor": self.actor,
            "complaint_id": self.complaint_id,
            "lifted_at": None if self.lifted_at is None else self.lifted_at.isoformat(),
            "lifted_by": self.lifted_by,
            "lift_reason": self.lift_reason,
        }

    @staticmethod
    def from_json(body: Mapping[str, Any]) -> "NumberSuspension":
        """The inverse of `to_json`."""
        lifted_at = body["lifted_at"]
        return NumberSuspension(
            suspension_id=body["suspension_id"],
            number=body["number"],
            at=datetime.fromisoformat(body["at"]),
            reason=body["reason"],
            actor=body["actor"],
            complaint_id=body["complaint_id"],
            lifted_at=None if lifted_at is None else datetime.fromisoformat(lifted_at),
            lifted_by=body["lifted_by"],
            lift_reason=body["lift_reason"],
        )


class SuspensionObjection(StrEnum):
    """Why a number stays suspended (不予恢复的原因)."""

    NOT_SUSPENDED = "not-suspended"
    REASON_MISSING = "reason-missing"
    ACTOR_NOT_ENTITLED = "actor-not-entitled"
    COMPLAINT_OPEN = "complaint-open"


def objection_to_resuming(
    suspensions: Iterable[NumberSuspension], actor: str, reason: str, lifters: Iterable[str], open_complaints: int
) -> SuspensionObjection | None:
    """What speaks against using the number again; None where nothing does.

    `lifters` names who may; empty means everybody. `open_complaints` are those that complain of this number.
    """
    entitled = frozenset(lifters)
    if not any(one.is_active for one in suspensions):
        return SuspensionObjection.NOT_SUSPENDED
    if not reason.strip():
        return SuspensionObjection.REASON_MISSING
    if entitled and actor not in entitled:
        return SuspensionObjection.ACTOR_NOT_ENTITLED
    return SuspensionObjection.COMPLAINT_OPEN if open_complaints else None
