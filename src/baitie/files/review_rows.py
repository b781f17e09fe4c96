"""The review queue as rows."""

from baitie.app.registers.registers import Registers
from baitie.domain.review import Suspect, SuspectState
from baitie.files.register_tables import shown_time

COLUMNS = (
    *("suspect", "number", "class", "word", "quote", "found_at", "found_by", "attempt", "state"),
    *("decided_at", "decided_by", "reason", "frozen_until"),
)


def rows_of_review(registers: Registers, state: SuspectState | None = None) -> list[dict[str, str]]:
    """The queue as rows, those found first first."""
    people = {callee.callee_id: callee.number.e164() for callee in registers.store.suspected_callees()}
    return [row_of(registers, suspect, people[suspect.callee_id]) for suspect in registers.store.suspects(state)]


def row_of(registers: Registers, suspect: Suspect, number: str) -> dict[str, str]:
    """One suspect as a row."""
    return {
        "suspect": suspect.suspect_id,
        "number": number,
        "class": suspect.keyword_class,
        "word": suspect.word,
        "quote": suspect.quote,
        "found_at": shown_time(registers, suspect.found_at),
        "found_by": suspect.found_by,
        "attempt": suspect.attempt_id or "",
        "state": suspect.state.value,
        "decided_at": shown_time(registers, suspect.decided_at),
        "decided_by": suspect.decided_by or "",
        "reason": suspect.decision_reason,
        "frozen_until": shown_time(registers, suspect.frozen_until),
    }
