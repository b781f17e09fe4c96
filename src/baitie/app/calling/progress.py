"""Where a run stands: counts that the screen shows while it goes on, and its summary."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from baitie.app.inbound.counts import InboundCounts
from baitie.domain.risk.history import RefusalChannel
from baitie.kernel.ids import CalleeId
from baitie.kernel.time import Instant


class RunEnd(StrEnum):
    """How a run ended (运行结果)."""

    FINISHED = "finished"  # every lead has its outcome
    WAITING = "waiting"  # what is left may be called only later
    STOPPED = "stopped"  # by the operator
    STORE_FAILED = "store_failed"  # nothing could be journalled any more
    RED_LINE = "red_line"  # too many complaints: paused until somebody has looked
    CARRIER_LOST = "carrier_lost"  # the trunk carried nothing any more


class WaitsFor(StrEnum):
    """What a run without anything to do waits for (等待原因)."""

    LEADS = "leads"  # their next attempt, or the hours at which they may be called
    BUDGET = "budget"  # the campaign's attempts of the day are used up
    NUMBERS = "numbers"  # every presented number must rest
    AGENTS = "agents"  # nobody is logged in
    CARDS = "cards"  # no card can be made for those who are left


@dataclass(frozen=True, slots=True)
class TrunkLoss:
    """Lost registration (注册丢失) of a trunk: why, and with which status where the carrier answered."""

    trunk: str
    cause: str
    sip_status: int | None


@dataclass(slots=True)
class Progress:
    """Progress (进度) of a run: updated in place, read by the screen at will."""

    leads: int = 0
    started_at: Instant | None = None
    cards_submitted: int = 0
    cards_delivered: int = 0
    cards_before_ring: int = 0
    awaiting_card: int = 0
    ringing: int = 0
    talking: int = 0
    attempts: int = 0  # INVITEs
    leads_closed: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    refused_by_rule: Counter[str] = field(default_factory=Counter)
    delayed_by_rule: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    refusals: int = 0  # callees who said: do not call me again; each once, however often and by whatever way
    refusals_by_message: int = 0  # of these, first in reply to a message
    refused_by: dict[CalleeId, RefusalChannel | None] = field(default_factory=dict)  # how first; None: ringing us back
    refusals_unkept: int = 0  # of these, what could be kept nowhere when the run ended
    stopped_for_callee: int = 0  # attempts stopped before an answer, because their callee said no or was frozen
    without_card: Counter[tuple[str, str]] = field(default_factory=Counter)  # leads left, by why and slot
    waiting: int = 0
    next_at: datetime | None = None
    waits_for: WaitsFor | None = None  # where the run ended because nothing may be called soon
    is_stopping: bool = False
    problem: str | None = None
    trunk_loss: TrunkLoss | None = None  # while the trunk is not registered
    trunk_losses: int = 0
    inbound: InboundCounts = field(default_factory=InboundCounts)  # calls that came in

    def note_refusal(self, callee_id: CalleeId, by: RefusalChannel | None) -> None:
        """Somebody does not want to be called any more; who said so before counts where they said so first."""
        self.refused_by.setdefault(callee_id, by)
        self.refusals = len(self.refused_by)
        self.refusals_by_message = sum(way is RefusalChannel.MESSAGE for way in self.refused_by.values())


@dataclass(frozen=True, slots=True)
class RunSummary:
    """Run summary (运行小结): what a run came to."""

    end: RunEnd
    progress: Progress
    civil_from: datetime
    civil_until: datetime
    elapsed_s: float
    problem: str | None = None
