"""What answering calls needs of the outside. Adapters and rehearsals fulfil it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NewType, Protocol, TypeAlias

from baitie.app.ports.page_store import CallerStore
from baitie.app.ports.run_store import RunStore
from baitie.domain.consent.requests import CalleeRequest, RequestKind
from baitie.domain.inbound.record import InboundRecord
from baitie.kernel.ids import CampaignId
from baitie.kernel.outcome import EndedBy

LineKey = NewType("LineKey", str)
"""Names one call that came in, to the gateway that took it."""


@dataclass(frozen=True, slots=True)
class CallArrived:
    """Call arrived (来电到达). Numbers are as the carrier wrote them; `dialled` has the likeliest first."""

    line: LineKey
    caller: str
    dialled: tuple[str, ...]
    is_withheld: bool
    trunk: str


@dataclass(frozen=True, slots=True)
class ArrivalConfirmed:
    """Arrival confirmed (来电接通): our answer was acknowledged, and media is agreed."""

    line: LineKey


@dataclass(frozen=True, slots=True)
class ArrivalEnded:
    """Arrival ended (来电结束). Final: nothing follows. `cause` is empty where a side ended it in order."""

    line: LineKey
    ended_by: EndedBy
    cause: str = ""
    recording: Path | None = None


@dataclass(frozen=True, slots=True)
class CallerPressed:
    """Caller pressed (来电按键): the caller pressed a key, once per press."""

    line: LineKey
    key: str


@dataclass(frozen=True, slots=True)
class CallerHeard:
    """Caller heard (来电播放结束): a play order came to its end, or was stopped."""

    line: LineKey
    play_id: int
    was_stopped: bool


ArrivalEvent: TypeAlias = CallArrived | ArrivalConfirmed | ArrivalEnded | CallerPressed | CallerHeard


class InboundGateway(Protocol):
    """Takes calls that come in (呼入网关). Every `CallArrived` ends in exactly one `ArrivalEnded`, refused ones too.

    While nobody listens, each call is refused with 480. Orders for a call that is over are passed over.
    """

    def listen(self, on_event: Callable[[ArrivalEvent], None] | None) -> None: ...
    def ring(self, line: LineKey) -> None: ...
    def answer(self, line: LineKey, recording: Path | None) -> None: ...
    def refuse(self, line: LineKey, sip_status: int) -> None: ...
    def hang_up(self, line: LineKey) -> None: ...
    def play(self, line: LineKey, play_id: int, prompts: Sequence[str]) -> None: ...
    def stop_playing(self, line: LineKey) -> None: ...


class AnsweringStore(RunStore, CallerStore, Protocol):
    """Answering store (接听数据): what answering needs of the store."""

    def inbound_calls(
        self, campaign_id: CampaignId | None = None, *, open_only: bool = False
    ) -> Sequence[InboundRecord]:
        """Calls that came in, for one campaign or all, in the order of their arrival."""
        ...

    def requests(self, kind: RequestKind, *, open_only: bool = True) -> Sequence[CalleeRequest]:
        """What callees asked for, the most urgent first."""
        ...
