"""What a run stands on, as the journal says it at its beginning: carrier, clock, settings."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from baitie.domain.risk.rulebook import RuleBook
from baitie.kernel.journal import JsonValue


class CarrierKind(StrEnum):
    """Kind of carrier (运营商种类): who was called. Only over trunks anybody real is."""

    TRUNKS = "trunks"
    LOOPBACK = "loopback"  # simulated people on this machine
    REHEARSAL = "rehearsal"  # simulated people in virtual time


@dataclass(frozen=True, slots=True)
class RunGround:
    """Ground of a run (运行依据). Over trunks civil time is that of the machine; else it is simulated, from
    `civil_start` on and `civil_speed` times as fast. `real_start` is the machine's time then; None where a run must
    repeat to the octet. `settings_digest` is the SHA-256 of the settings in hex."""

    carrier: CarrierKind
    civil_start: datetime | None = None
    civil_speed: float = 1.0
    real_start: datetime | None = None
    settings_digest: str = ""

    def facts(self, rules: RuleBook) -> dict[str, JsonValue]:
        """As the journal has it."""
        clock: dict[str, JsonValue] = {"kind": "real"}
        if self.carrier is not CarrierKind.TRUNKS:
            clock = {"kind": "simulated", "speed": self.civil_speed}
            for name in ("civil_start", "real_start"):
                at = getattr(self, name)
                if at is not None:
                    clock[name] = at.isoformat()
        return {
            "carrier": self.carrier.value,
            "clock": clock,
            "packs": [pack.to_json() for pack in rules.packs],
            "settings": self.settings_digest,
        }


REHEARSED = RunGround(CarrierKind.REHEARSAL)
"""Of runs for which nobody says anything else: never taken for a day on which real people were called."""
