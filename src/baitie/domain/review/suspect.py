"""One suspect in the review queue: found by keywords or entered by a person, and decided by another person."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from baitie.kernel.ids import CalleeId
from baitie.kernel.journal import JsonValue

QUOTE_CHARS_MAX = 80
"""So much of what was said is shown to the reviewer."""

MACHINES = frozenset({"machine", "bot", "gate", "callee", "recogniser", "keywords"})
"""Names that stand for no person: none of them may decide."""


class SuspectState(StrEnum):
    """State (复核状态) of a suspect."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Suspect:
    """Suspect (疑似无效客户): somebody who may not be worth a call, or may not want one. Bars nothing by itself.

    `quote` is what was said and personal: it is destroyed when the callee is forgotten, and never in the journal.
    """

    suspect_id: str
    callee_id: CalleeId
    keyword_class: str
    word: str
    found_at: datetime
    found_by: str  # the recogniser and word list, or the person who entered it
    quote: str = ""
    attempt_id: str | None = None
    state: SuspectState = SuspectState.OPEN
    decided_at: datetime | None = None
    decided_by: str | None = None
    decision_reason: str = ""
    frozen_until: datetime | None = None

    def decided(
        self, state: SuspectState, at: datetime, actor: str, reason: str, frozen_until: datetime | None = None
    ) -> "Suspect":
        """As it is after the decision of a person; ask `objection_to_decision` first."""
        return replace(
            self, state=state, decided_at=at, decided_by=actor, decision_reason=reason, frozen_until=frozen_until
        )

    def to_json(self) -> dict[str, JsonValue]:
        """As plain JSON, without the quote."""
        return {
            "suspect_id": self.suspect_id,
            "callee_id": self.callee_id,
            "keyword_class": self.keyword_class,
            "word": self.word,
            "found_at": self.found_at.isoformat(),
            "found_by": self.found_by,
            "attempt_id": self.attempt_id,
            "state": self.state.value,
            "decided_at": _iso(self.decided_at),
            "decided_by": self.decided_by,
            "decision_reason": self.decision_reason,
            "frozen_until": _iso(self.frozen_until),
        }

    @staticmethod
    def from_json(body: Mapping[str, Any], quote: str = "") -> "Suspect":
        """The inverse of `to_json`, with the quote that is kept apart."""
        return Suspect(
            suspect_id=body["suspect_id"],
            callee_id=CalleeId(body["callee_id"]),
            keyword_class=body["keyword_class"],
            word=body["word"],
            found_at=datetime.fromisoformat(body["found_at"]),
            found_by=body["found_by"],
            quote=quote,
            attempt_id=body["attempt_id"],
            state=SuspectState(body["state"]),
            decided_at=_at(body["decided_at"]),
            decided_by=body["decided_by"],
            decision_reason=body["decision_reason"],
            frozen_until=_at(body["frozen_until"]),
        )


class ReviewObjection(StrEnum):
    """Why a decision is not taken (不予受理的原因)."""

    DECIDED_ALREADY = "decided-already"
    ACTOR_IS_MACHINE = "actor-is-machine"
    ACTOR_IS_FINDER = "actor-is-finder"
    REASON_MISSING = "reason-missing"


def objection_to_decision(suspect: Suspect, state: SuspectState, actor: str, reason: str) -> ReviewObjection | None:
    """What speaks against this decision; None where nothing does.

    Whoever found the suspect does not decide, and no machine does. A dismissal needs its reason; what confirms is
    the class of the keyword.
    """
    name = actor.strip().casefold()
    if suspect.state is not SuspectState.OPEN:
        return ReviewObjection.DECIDED_ALREADY
    if not name or name in MACHINES:
        return ReviewObjection.ACTOR_IS_MACHINE
    if name == suspect.found_by.strip().casefold():
        return ReviewObjection.ACTOR_IS_FINDER
    if state is SuspectState.DISMISSED and not reason.strip():
        return ReviewObjection.REASON_MISSING
    return None


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _at(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
