"""One registry of refused calls as it was taken over: whose it is, of which day, and how many numbers it names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from baitie.kernel.journal import JsonValue

_NAME = re.compile(r"[a-z][a-z0-9-]{1,47}")


def is_registry_name(name: str) -> bool:
    """Whether rules and commands may call a registry so: kebab-case, as in `us-national-dnc`."""
    return _NAME.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class DoNotCallRegistry:
    """Do-not-call registry (谢绝来电名录) of an authority or a carrier, in the copy that the enterprise holds.

    `as_of` is the day whose state the copy shows: its age is counted from then, not from the import. `generation`
    tells the copies of one registry apart; only the newest is asked.
    """

    name: str
    as_of: date
    imported_at: datetime
    actor: str
    source: str  # file or address it came from
    numbers: int
    rejected: int  # lines that were no number
    generation: int
    digest: str = ""  # of its pages as they were written; empty where that was never taken

    def age_days(self, today: date) -> int:
        """How old the copy is on a day; never below zero."""
        return max(0, (today - self.as_of).days)

    def to_json(self) -> dict[str, JsonValue]:
        """As plain JSON."""
        return {
            "name": self.name,
            "as_of": self.as_of.isoformat(),
            "imported_at": self.imported_at.isoformat(),
            "actor": self.actor,
            "source": self.source,
            "numbers": self.numbers,
            "rejected": self.rejected,
            "generation": self.generation,
            "digest": self.digest,
        }

    @staticmethod
    def from_json(body: Mapping[str, Any]) -> "DoNotCallRegistry":
        """The inverse of `to_json`."""
        return DoNotCallRegistry(
            name=body["name"],
            as_of=date.fromisoformat(body["as_of"]),
            imported_at=datetime.fromisoformat(body["imported_at"]),
            actor=body["actor"],
            source=body["source"],
            numbers=body["numbers"],
            rejected=body["rejected"],
            generation=body["generation"],
            digest=body.get("digest", ""),
        )
