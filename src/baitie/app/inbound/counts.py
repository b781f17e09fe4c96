"""How many calls came in and what became of them: counts that screen and report show."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class InboundCounts:
    """Counts of calls that came in (呼入计数): updated in place."""

    arrived: int = 0
    answered: int = 0  # somebody heard us
    busy: int = 0  # refused because as many were in progress as are taken
    stopping: int = 0  # refused because the dialler was about to end
    in_progress: int = 0
    treatments: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    refusals: int = 0  # callers who said: do not call me again
    call_backs_requested: int = 0

    def to_json(self) -> dict[str, object]:
        """As plain JSON."""
        return {
            "arrived": self.arrived,
            "answered": self.answered,
            "busy": self.busy,
            "stopping": self.stopping,
            "treatments": dict(self.treatments),
            "outcomes": dict(self.outcomes),
            "answers": dict(self.answers),
            "refusals": self.refusals,
            "call_backs_requested": self.call_backs_requested,
        }
