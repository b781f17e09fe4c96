"""What counts against calling a person again: past attempts, refusals, freezes. Kept per callee, bounded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from baitie.domain.risk.fact_codec import EXAMPLE_CALLEE, ExampleCase, KeptFacts
from baitie.domain.risk.table_reader import TableReader
from baitie.kernel.ids import CalleeId
from baitie.kernel.journal import JsonValue
from baitie.kernel.purpose import Purpose

HISTORY_KEPT_DAYS = 31
"""The longest window of any cap (30 days) plus one day for zones."""

HISTORY_EVENTS_MAX = 64
"""More attempts than any cap allows in 31 days: the oldest are dropped beyond that."""

_EXAMPLE = "example"
_ROW_LEAST = 4
_UNKNOWN = (None,) * 9
"""What a row may hold beyond those, none of it known."""


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """Past attempt (历史呼叫), as the caps see it.

    An attempt is an INVITE that rang or could have; it is a contact (触达) when it was answered or rejected.
    `None` means not known, as in rows that were kept before these facts were: each rule that asks for such a fact
    then goes by its `fail_direction`.
    """

    at: datetime  # aware UTC: when the INVITE was sent
    is_contact: bool
    is_rejected: bool
    is_short: bool  # answered, and talked for the short-call maximum or less
    talk_s: float | None = None
    purpose: Purpose | None = None
    campaign_id: str | None = None
    presented: str | None = None  # E.164 of the presented number, which is the enterprise's and no personal data
    debt_key: str | None = None  # names the debt among those of the callee
    series: str | None = None  # names what the callee ordered or agreed to, where the call was part of it
    agent_id: str | None = None  # who spoke with the callee, where it was a human agent
    said_no: bool | None = None  # refused in this call
    hung_up: bool | None = None  # a person answered, and ended the talk

    @classmethod
    def of_example(cls, row: TableReader, case: ExampleCase) -> Self:
        """From a table of an example. Raises `RulePackError`."""
        contact, rejected, short = (row.optional(name, bool) or False for name in ("contact", "rejected", "short"))
        campaign, presented, debt, series, agent = (
            row.optional(name, str) for name in ("campaign", "presented", "debt", "series", "agent")
        )
        return cls(
            case.instant(row.need("at", datetime)),
            contact,
            rejected,
            short,
            row.number("talk_s"),
            row.choice_or_none("purpose", Purpose),
            campaign,
            presented,
            debt,
            series,
            agent,
            row.optional("said_no", bool),
            row.optional("hung_up", bool),
        )

    @property
    def is_answered(self) -> bool:
        """Whether somebody, or perhaps a mailbox, took the call; attempts of unknown fate count as taken."""
        return self.is_contact and not self.is_rejected


@dataclass(frozen=True, slots=True)
class CalleeHistory:
    """History (触达历史) of one callee over all campaigns, oldest first."""

    attempts: tuple[PastAttempt, ...] = ()

    def with_attempt(self, past: PastAttempt) -> "CalleeHistory":
        """The history with one more attempt, without what is too old to matter."""
        oldest = past.at - timedelta(days=HISTORY_KEPT_DAYS)
        kept = tuple(a for a in self.attempts if a.at >= oldest)[-(HISTORY_EVENTS_MAX - 1) :]
        return CalleeHistory((*kept, past))

    def to_json(self) -> list[JsonValue]:
        """As plain JSON: rows of [ISO time, contact, rejected, short] with 0 and 1, then what more is known.

        Those are talk_s, purpose, campaign, presented number, debt, series, agent, refused and hung up; what is not
        known at the end is left out.
        """
        return [_row(attempt) for attempt in self.attempts]

    @staticmethod
    def from_json(rows: Sequence[Sequence[Any]]) -> "CalleeHistory":
        """The inverse of `to_json`; rows of four are read too."""
        return CalleeHistory(tuple([_attempt(row) for row in rows]))


def _row(attempt: PastAttempt) -> list[JsonValue]:
    known: list[JsonValue] = [
        attempt.at.isoformat(),
        int(attempt.is_contact),
        int(attempt.is_rejected),
        int(attempt.is_short),
        attempt.talk_s,
        None if attempt.purpose is None else attempt.purpose.value,
        attempt.campaign_id,
        attempt.presented,
        attempt.debt_key,
        attempt.series,
        attempt.agent_id,
        None if attempt.said_no is None else int(attempt.said_no),
        None if attempt.hung_up is None else int(attempt.hung_up),
    ]
    while len(known) > _ROW_LEAST and known[-1] is None:
        known.pop()
    return known


def _attempt(row: Sequence[Any]) -> PastAttempt:
    first = (datetime.fromisoformat(row[0]), bool(row[1]), bool(row[2]), bool(row[3]))
    if len(row) == _ROW_LEAST:
        return PastAttempt(*first)
    talk_s, purpose, campaign, presented, debt, series, agent, said_no, hung_up = [*row[_ROW_LEAST:], *_UNKNOWN][:9]
    return PastAttempt(
        *first,
        talk_s,
        None if purpose is None else Purpose(purpose),
        campaign,
        presented,
        debt,
        series,
        agent,
        None if said_no is None else bool(said_no),
        None if hung_up is None else bool(hung_up),
    )


class RefusalChannel(StrEnum):
    """How a callee said no (拒绝来电方式)."""

    KEYPAD = "keypad"
    MESSAGE = "message"
    PAGE = "page"
    VOICE = "voice"
    AGENT = "agent"
    API = "api"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Refusal (拒绝来电): the callee said no. Stops every call of this enterprise at once, until lifted."""

    callee_id: CalleeId
    at: datetime
    channel: RefusalChannel
    actor: str
    evidence: Mapping[str, JsonValue] | None = None  # ids only, such as the attempt in which the key was pressed

    def to_json(self) -> list[JsonValue]:
        """As a row of the facts of a call: the callee is named there."""
        return [
            self.at.isoformat(),
            self.channel.value,
            self.actor,
            None if self.evidence is None else dict(self.evidence),
        ]

    @classmethod
    def from_json(cls, row: Any, kept: KeptFacts) -> Self:
        """The inverse of `to_json`."""
        at, channel, actor, evidence = row
        return cls(kept.callee_id, datetime.fromisoformat(at), RefusalChannel(channel), actor, evidence)

    @classmethod
    def of_example(cls, row: TableReader, case: ExampleCase) -> Self:
        """From a table of an example. Raises `RulePackError`."""
        at = case.instant(row.need("at", datetime))
        return cls(EXAMPLE_CALLEE, at, row.choice("channel", RefusalChannel), _EXAMPLE)


@dataclass(frozen=True, slots=True)
class Freeze:
    """Freeze (冻结): the callee is not to be tried until a time, for a reason; by hand neither."""

    callee_id: CalleeId
    at: datetime
    frozen_until: datetime
    reason: str  # stable code such as `rejected-and-short`
    rule_id: str
    actor: str

    def to_json(self) -> list[JsonValue]:
        """As a row of the facts of a call: the callee is named there."""
        return [self.at.isoformat(), self.frozen_until.isoformat(), self.reason, self.rule_id, self.actor]

    @classmethod
    def from_json(cls, row: Any, kept: KeptFacts) -> Self:
        """The inverse of `to_json`."""
        at, until, *rest = row
        return cls(kept.callee_id, datetime.fromisoformat(at), datetime.fromisoformat(until), *rest)

    @classmethod
    def until(cls, at: datetime, case: ExampleCase) -> Self:
        """A freeze of an example, which tells its end only."""
        return cls(EXAMPLE_CALLEE, case.now, at, _EXAMPLE, _EXAMPLE, _EXAMPLE)
