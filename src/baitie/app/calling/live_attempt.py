"""An attempt while it lives: its machines, its record so far, its timer. Holds, and decides nothing."""

from dataclasses import dataclass, field
from typing import Protocol

from baitie.app.campaign.campaign import CardRoute
from baitie.app.ports.clock import TimerHandle
from baitie.app.records.sent_card import SentCard
from baitie.domain.dialing.attempt import Attempt, Phase
from baitie.domain.namecard.page_code import PageCode
from baitie.domain.namecard.rendering import RenderedCard
from baitie.domain.risk.facts import CallFacts
from baitie.domain.risk.verdict import Verdict
from baitie.domain.voicebot.dialogue import Dialogue
from baitie.kernel.ids import AgentId, CardId
from baitie.kernel.outcome import Outcome
from baitie.kernel.records import AttemptRecord, CalleeRecord, LeadRecord
from baitie.kernel.time import Instant


class TakesAnswers(Protocol):
    """Who brings answered calls to human agents (坐席接听)."""

    def on_answered(self, live: "LiveAttempt") -> None: ...
    def on_ended(self, live: "LiveAttempt", outcome: Outcome) -> None: ...


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A card that was handed in (已提交名片): its place among the channels, what is kept of it, when it left."""

    place: int
    sent: SentCard
    submitted_at: Instant | None = None


@dataclass(slots=True)
class LiveAttempt:
    """Live attempt (进行中的呼叫): one attempt in flight."""

    record: AttemptRecord
    lead: LeadRecord
    callee: CalleeRecord
    machine: Attempt
    card: RenderedCard | None
    page_code: PageCode | None = None  # stands on the card
    routes: tuple[CardRoute, ...] = ()  # of the card, as many as its machine counts channels
    cards: dict[CardId, HandedIn] = field(default_factory=dict)
    dialogue: Dialogue | None = None
    answers: dict[str, str] = field(default_factory=dict)
    facts: CallFacts | None = None  # those on which the ring was allowed; None before its INVITE
    forbidden: Verdict | None = None
    has_refused: bool = False
    agent_id: AgentId | None = None  # the human agent who spoke
    answers_to: TakesAnswers | None = field(default=None, compare=False, repr=False)  # None: the bot speaks
    reached_network: bool = False  # the carrier gave a final answer of its own about the callee
    shown_as: str = ""  # the progress counter it is counted in
    timer: TimerHandle | None = None
    timer_at: Instant | None = None

    def next_deadline(self) -> Instant | None:
        """The earlier of what the two machines wait for; the dialogue waits for nothing once the call is ending."""
        first = self.machine.next_deadline()
        dialogue = self.dialogue if self.machine.phase is Phase.TALKING else None
        second = dialogue.next_deadline() if dialogue is not None else None
        if first is None or second is None:
            return first if second is None else second
        return min(first, second)
