"""A call that came in while it lives. Holds, and decides nothing."""

from dataclasses import dataclass, field

from baitie.app.ports.arrivals import LineKey
from baitie.app.ports.clock import TimerHandle
from baitie.domain.inbound.call import InboundCall, InboundPhase
from baitie.domain.inbound.record import InboundRecord
from baitie.domain.voicebot.dialogue import Dialogue
from baitie.domain.voicebot.script import Script
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.time import Instant


@dataclass(slots=True)
class LiveInbound:
    """Live inbound call (进行中的来电): one call that came in."""

    line: LineKey
    record: InboundRecord
    number: PhoneNumber | None  # of the caller; None where it is withheld or cannot be read
    machine: InboundCall
    script: Script
    dialogue: Dialogue | None = None
    answers: dict[str, str] = field(default_factory=dict)
    has_refused: bool = False
    timer: TimerHandle | None = None
    timer_at: Instant | None = None

    @property
    def is_talking(self) -> bool:
        """Whether what the dialogue wants still matters."""
        return self.dialogue is not None and self.machine.phase is InboundPhase.TALKING

    def next_deadline(self) -> Instant | None:
        """The earlier of what the two machines wait for."""
        due = [self.machine.next_deadline()]
        if self.dialogue is not None and self.is_talking:
            due.append(self.dialogue.next_deadline())
        return min((at for at in due if at is not None), default=None)
