"""Time and chance of the running process. Start with `LoopClock`."""

from baitie.adapters.clock.chance import SystemRng
from baitie.adapters.clock.loop_clock import LoopClock
from baitie.adapters.clock.scaled import ScaledCivilClock

__all__ = ["LoopClock", "ScaledCivilClock", "SystemRng"]
