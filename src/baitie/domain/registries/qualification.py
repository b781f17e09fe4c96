"""Qualifications of the enterprise: licences and permits that rules may ask for, with their terms."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from baitie.kernel.journal import JsonValue


@dataclass(frozen=True, slots=True)
class Qualification:
    """Qualification (资质) of the enterprise: a licence or permit on file, valid from a day up to and with another.

    `kind` is kebab-case, as rules name it: `call-centre-licence`, `finance-licence`, `us-dnc-subscription`.
    """

    qualification_id: str
    kind: str
    number: str  # as printed on it
    issued_by: str
    valid_from: date
    valid_until: date | None
    entered_at: datetime
    actor: str
    document: str = ""  # where the organisation keeps the copy
    ended_at: datetime | None = None
    ended_by: str | None = None
    end_reason: str = ""

    def is_valid_on(self, day: date) -> bool:
        """Whether it is in its term and nobody has ended it."""
        return (
            self.ended_at is None and self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)
        )

    def ended(self, at: datetime, actor: str, reason: str) -> "Qualification":
        """As it is after it was withdrawn or entered by mistake."""
        return self if self.ended_at is not None else replace(self, ended_at=at, ended_by=actor, end_reason=reason)

    def to_json(self) -> dict[str, JsonValue]:
        """As plain JSON."""
        return {
            "qualification_id": self.qualification_id,
            "kind": self.kind,
            "number": self.number,
            "issued_by": self.issued_by,
            "valid_from": self.valid_from.isoformat(),
            "valid_until": None if self.valid_until is None else self.valid_until.isoformat(),
            "entered_at": self.entered_at.isoformat(),
            "actor": self.actor,
            "document": self.document,
            "ended_at": None if self.ended_at is None else self.ended_at.isoformat(),
            "ended_by": self.ended_by,
            "end_reason": self.end_reason,
        }

    @staticmethod
    def from_json(body: Mapping[str, Any]) -> "Qualification":
        """The inverse of `to_json`."""
        until, ended_at = body["valid_until"], body["ended_at"]
        return Qualification(
            qualification_id=body["qualification_id"],
            kind=body["kind"],
            number=body["number"],
            issued_by=body["issued_by"],
            valid_from=date.fromisoformat(body["valid_from"]),
            valid_until=None if until is None else date.fromisoformat(until),
            entered_at=datetime.fromisoformat(body["entered_at"]),
            actor=body["actor"],
            document=body["document"],
            ended_at=None if ended_at is None else datetime.fromisoformat(ended_at),
            ended_by=body["ended_by"],
            end_reason=body["end_reason"],
        )
