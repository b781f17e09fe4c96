"""Fidelity: how closely a rehearsed day copies what lies between the dialler and the callees.

`fast` takes the outcome of each call and message from the profile. `wire` has the same people behind SIP, RTP and SMPP.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from baitie.app.ports.arrivals import InboundGateway
from baitie.app.ports.calls import CallGateway
from baitie.app.ports.messages import MessageGateway
from baitie.rehearsal.agents import Line
from baitie.rehearsal.population import Population
from baitie.rehearsal.scenario import Scenario
from baitie.rehearsal.virtual_clock import VirtualClock
from baitie.rehearsal.virtual_time import VirtualLoop


class FidelityName(StrEnum):
    """Fidelities by name (精度名称): `audio` is `wire` with every RTP packet."""

    FAST = "fast"
    WIRE = "wire"
    AUDIO = "audio"


@dataclass(frozen=True, slots=True)
class Setting:
    """Setting (演练环境) of one life of the dialler: what its outside is made for."""

    scenario: Scenario
    seed: int
    life: int  # 1, then 2 after the first crash
    clock: VirtualClock
    population: Population
    hour_of_week: Callable[[str], int]  # where the callee of this number is


@dataclass(frozen=True, slots=True)
class Outside:
    """Outside (外部世界) of the dialler: its gateways, and the line on which its agents talk."""

    calls: CallGateway
    callers: InboundGateway
    messages: MessageGateway
    line: Line
    close: Callable[[], Awaitable[None]]


class Fidelity(Protocol):
    """Fidelity (演练精度) of rehearsals."""

    def make_loop(self, scenario: Scenario, seed: int, life: int, start_s: float) -> VirtualLoop: ...
    async def open(self, setting: Setting) -> Outside:
        """The outside, ready to be used, on the running loop."""
        ...
