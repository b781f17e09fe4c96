"""Calls that we place: orders, events, and the gateway between them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from baitie.kernel.ids import AttemptId
from baitie.kernel.outcome import CallFailure, EndedBy
from baitie.kernel.phone import PhoneNumber

# --- calls ---


@dataclass(frozen=True, slots=True)
class PlaceCall:
    """Order to place one call (呼出指令). Its INVITE is sent at most once."""

    attempt_id: AttemptId
    to: PhoneNumber
    presented_number: PhoneNumber
    display_name: str
    trunk: str
    ring_timeout_s: float
    call_max_s: float
    recording: Path | None
    headers: tuple[tuple[str, str], ...] = ()  # besides, of the INVITE


@dataclass(frozen=True, slots=True)
class CallRinging:
    """Call ringing (振铃): a provisional answer came, 180 or 183, with or without early media."""

    attempt_id: AttemptId
    sip_status: int
    early_media: bool


@dataclass(frozen=True, slots=True)
class CallAnswered:
    """Call answered (接通): a 200 came and media is agreed. `hears_keys`: the far end announced a way to send keys."""

    attempt_id: AttemptId
    hears_keys: bool = True


@dataclass(frozen=True, slots=True)
class CallFailed:
    """Call failed (未接通): it ended before it was answered. Final: nothing follows."""

    attempt_id: AttemptId
    failure: CallFailure


@dataclass(frozen=True, slots=True)
class CallEnded:
    """Call ended (通话结束): an answered call ended. Final: nothing follows."""

    attempt_id: AttemptId
    ended_by: EndedBy
    reason_header: str | None = None
    release_cause: int | None = None
    recording: Path | None = None
    media: dict[str, float] | None = None  # packets_sent, packets_received, packets_lost, jitter_ms


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """Key pressed (按键): one of `0-9*#A-D`, once per press of the callee."""

    attempt_id: AttemptId
    key: str


@dataclass(frozen=True, slots=True)
class PlayFinished:
    """Play finished (播放结束): a play order came to its end, or was stopped."""

    attempt_id: AttemptId
    play_id: int
    was_stopped: bool


CallEvent: TypeAlias = CallRinging | CallAnswered | CallFailed | CallEnded | KeyPressed | PlayFinished


class CallGateway(Protocol):
    """Places and ends calls and plays prompts on them (呼叫网关). Every placed call ends in exactly one
    `CallFailed` or `CallEnded`, whatever happens below."""

    def listen(self, on_event: Callable[[CallEvent], None]) -> None: ...
    async def start(self) -> None: ...
    async def close(self) -> None: ...
    def place(self, order: PlaceCall) -> None: ...
    def cancel(self, attempt_id: AttemptId) -> None:
        """Stop ringing. A late answer is ended at once and still reported as answered, then ended."""
        ...

    def hang_up(self, attempt_id: AttemptId) -> None: ...
    def play(self, attempt_id: AttemptId, play_id: int, prompts: Sequence[str]) -> None:
        """Play approved prompts, by name, after what is already queued for this call."""
        ...

    def stop_playing(self, attempt_id: AttemptId) -> None: ...


@dataclass(frozen=True, slots=True)
class TrunkUnregistered:
    """A registration that stood could not be renewed (中继注册丢失). What was granted stands for `stands_s` more
    seconds; 0 where the carrier refused. It is tried again by itself; told at each try that fails."""

    trunk: str
    cause: str
    sip_status: int | None
    stands_s: float


@dataclass(frozen=True, slots=True)
class TrunkRegistered:
    """Trunk registered (中继重新注册): the carrier granted a registration anew, after it was lost."""

    trunk: str


TrunkEvent: TypeAlias = TrunkUnregistered | TrunkRegistered


class Trunks(Protocol):
    """Tells what becomes of the trunks while calls are placed (中继状态); of those without registration nothing."""

    def listen_to_trunks(self, on_event: Callable[[TrunkEvent], None]) -> None:
        """Name the one listener. Of registrations that are lost already it hears at once."""
        ...
