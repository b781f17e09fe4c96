"""What each foreign caller counts and how it says so: one JSON line on standard output."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, field


@dataclass
class Order:
    """The offered load, from the command line: HOST PORT CALLS CALLS_PER_S."""

    host: str
    port: int
    calls: int
    calls_per_s: float


def order_from_arguments() -> Order:
    host, port, calls, calls_per_s = sys.argv[1:5]
    return Order(host, int(port), int(calls), float(calls_per_s))


@dataclass
class Tally:
    """Calls placed, answered and ended by this caller, its processor time and its set-up times."""

    placed: int = 0
    answered: int = 0
    failed: int = 0
    setup_ms: list[float] = field(default_factory=list)
    started_at: float = field(default_factory=time.monotonic)
    cpu_at_start_s: float = field(default_factory=time.process_time)
    last_answer_at: float = 0.0

    def take_answer(self, setup_s: float) -> None:
        self.answered += 1
        self.last_answer_at = time.monotonic()
        self.setup_ms.append(setup_s * 1000)

    def say(self, **more: float) -> None:
        print(
            json.dumps(
                {
                    "placed": self.placed,
                    "answered": self.answered,
                    "failed": self.failed,
                    "wall_s": (self.last_answer_at or time.monotonic()) - self.started_at,
                    "cpu_s": time.process_time() - self.cpu_at_start_s,
                    "setup_ms": sorted(self.setup_ms),
                    **more,
                }
            ),
            flush=True,
        )
