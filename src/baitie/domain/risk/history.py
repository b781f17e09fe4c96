"""What counts against calling a person again: past attempts, refusals, freezes. Kept per callee, bounded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from baitie.kernel.ids import CalleeId
from baitie.kernel.journal import JsonValue

HISTORY_KEPT_DAYS = 31
"""The longest window of any cap (30 days) plus one day for zones."""

HISTORY_EVENTS_MAX = 64
"""More attempts than any cap allows in 31 days: the oldest are dropped beyond that."""


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """Past attempt (历史尝试), as the caps see it.

    An attempt is an INVITE that rang or could have; it is a contact (接触) when it was answered or rejected.
    """

    at: datetime  # aware UTC: when the INVITE was sent
    is_contact: bool
    is_rejected: bool
    is_short: bool  # answered, and talked for the short-call maximum or less


@dataclass(frozen=True, slots=True)
class CalleeHistory:
    """History (接触历史) of one callee over all campaigns, oldest first."""

    attempts: tuple[PastAttempt, ...] = ()

    def with_attempt(self, past: PastAttempt) -> "CalleeHistory":
        """The history with one more attempt, without what is too old to matter."""
        oldest = past.at - timedelta(days=HISTORY_KEPT_DAYS)
        kept = tuple(a for a in self.attempts if a.at >= oldest)[-(HISTORY_EVENTS_MAX - 1) :]
        return CalleeHistory((*kept, past))

    def with_last_replaced(self, past: PastAttempt) -> "CalleeHistory":
        """The history with what became known of an attempt that was counted when its INVITE was sent."""
        kept = tuple(past if a.at == past.at else a for a in self.attempts)
        return CalleeHistory(kept)

    def to_json(self) -> list[JsonValue]:
        """As plain JSON: rows of [ISO time, contact, rejected, short] with 0 and 1."""
        return [[a.at.isoformat(), int(a.is_contact), int(a.is_rejected), int(a.is_short)] for a in self.attempts]

    @staticmethod
    def from_json(rows: list[list[str | int]]) -> "CalleeHistory":
        """The inverse of `to_json`."""
        return CalleeHistory(
            tuple(PastAttempt(datetime.fromisoformat(str(r[0])), bool(r[1]), bool(r[2]), bool(r[3])) for r in rows)
        )


class RefusalChannel(StrEnum):
    """How a callee said no (拒绝方式)."""

    KEYPAD = "keypad"
    MESSAGE = "message"
    PAGE = "page"
    VOICE = "voice"
    AGENT = "agent"
    API = "api"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Refusal (拒绝): the callee said no. Stops every call of this enterprise at once, until lifted."""

    callee_id: CalleeId
    at: datetime
    channel: RefusalChannel
    actor: str
    evidence: Mapping[str, JsonValue] | None = None  # ids only, such as the attempt in which the key was pressed


@dataclass(frozen=True, slots=True)
class Freeze:
    """Freeze (冻结): the callee is not to be tried until a time, for a reason; by hand neither."""

    callee_id: CalleeId
    at: datetime
    frozen_until: datetime
    reason: str  # stable code such as `rejected-and-short`
    rule_id: str
    actor: str
