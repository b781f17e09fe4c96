"""What the use cases need of the outside: clock, chance, store, calls and messages. Adapters and fakes fulfil these."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeAlias

from baitie.app.records import AttemptFile, Batch, CalleeStanding, CampaignState, Command, JournalTail
from baitie.domain.audit import Checkpoint, JournalRow, SigningKey
from baitie.domain.complaints import Complaint
from baitie.domain.registries import DoNotCallRegistry, Qualification
from baitie.kernel.errors import Party
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId, CardId
from baitie.kernel.journal import JournalEntry
from baitie.kernel.outcome import CallFailure, EndedBy, Outcome
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import AttemptRecord, CalleeRecord, LeadRecord
from baitie.kernel.time import Instant


class TimerHandle(Protocol):
    """A running timer."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    """The two clocks (时钟). In rehearsal and on the loopback carrier civil time may run faster than monotonic time."""

    def now(self) -> Instant: ...
    def civil_now(self) -> datetime: ...
    def instant_of(self, at: datetime) -> Instant:
        """The monotonic instant at which the civil clock will show `at` (past times give past instants)."""
        ...

    def call_at(self, when: Instant, callback: Callable[[], None]) -> TimerHandle: ...


class Rng(Protocol):
    """Source of chance (随机源)."""

    def random(self) -> float: ...
    def getrandbits(self, k: int, /) -> int: ...


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
    """A provisional answer came: 180 or 183, with or without early media."""

    attempt_id: AttemptId
    sip_status: int
    early_media: bool


@dataclass(frozen=True, slots=True)
class CallAnswered:
    """The callee's side answered (200) and media is agreed. `hears_keys`: the far end announced a way to send keys."""

    attempt_id: AttemptId
    hears_keys: bool = True


@dataclass(frozen=True, slots=True)
class CallFailed:
    """The call ended before it was answered. Final: nothing follows."""

    attempt_id: AttemptId
    failure: CallFailure


@dataclass(frozen=True, slots=True)
class CallEnded:
    """An answered call ended. Final: nothing follows."""

    attempt_id: AttemptId
    ended_by: EndedBy
    reason_header: str | None = None
    release_cause: int | None = None
    recording: Path | None = None
    media: dict[str, float] | None = None  # packets_sent, packets_received, packets_lost, jitter_ms


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """The callee pressed a key: one of `0-9*#A-D`, once per press."""

    attempt_id: AttemptId
    key: str


@dataclass(frozen=True, slots=True)
class PlayFinished:
    """A play order came to its end, or was stopped."""

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
    """The carrier granted a registration anew, after it was lost."""

    trunk: str


TrunkEvent: TypeAlias = TrunkUnregistered | TrunkRegistered


class Trunks(Protocol):
    """Tells what becomes of the trunks while calls are placed (中继状态); of those without registration nothing."""

    def listen_to_trunks(self, on_event: Callable[[TrunkEvent], None]) -> None:
        """Name the one listener. Of registrations that are lost already it hears at once."""
        ...


# --- messages ---


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """Message to one callee (短信): a name card as flash (class 0) or plain text. Must fit one segment."""

    card_id: CardId
    to: PhoneNumber
    sender: str
    text: str
    is_flash: bool
    validity_s: float  # the network drops it after that, so that a late card does not arrive after the call
    vendor: str | None = None  # over whose HTTP interface; None: the message centre


class ReceiptState(StrEnum):
    """State that a delivery receipt states (回执状态). All are final but UNKNOWN: the centre has no word yet."""

    DELIVERED = "delivered"
    EXPIRED = "expired"
    UNDELIVERABLE = "undeliverable"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class MessageAccepted:
    """The message centre took the message under `message_id`."""

    card_id: CardId
    message_id: str


@dataclass(frozen=True, slots=True)
class MessageRefused:
    """The message did not leave, or the centre refused it. Final unless the enterprise submits again."""

    card_id: CardId
    cause: str  # kebab-case
    party: Party
    may_resubmit: bool


@dataclass(frozen=True, slots=True)
class MessageFateUnknown:
    """The message left, and no answer came: it may or may not be delivered. Never resent by itself."""

    card_id: CardId
    cause: str


@dataclass(frozen=True, slots=True)
class MessageReceipt:
    """A receipt came. Doubled receipts are reported once; after UNKNOWN a definite one may follow."""

    card_id: CardId
    state: ReceiptState
    network_error: str | None = None


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A callee wrote to us (上行短信). `other_readings`: what else it may say, where its coding is not certain.

    A listener that raises `StoreError` has not kept it: it must come again.
    """

    sender: PhoneNumber
    text: str
    other_readings: tuple[str, ...] = field(default=(), repr=False, compare=False)


MessageEvent: TypeAlias = MessageAccepted | MessageRefused | MessageFateUnknown | MessageReceipt | MessageReceived


class MessageGateway(Protocol):
    """Submits messages (短信网关). Every submit ends in exactly one of accepted, refused, fate unknown."""

    def listen(self, on_event: Callable[[MessageEvent], None]) -> None: ...
    async def start(self) -> None: ...
    async def close(self) -> None: ...
    def submit(self, message: OutgoingMessage) -> None: ...


# --- store ---


class Store(Protocol):
    """The organisation's store (数据库). Reads are synchronous and quick; writes ordered, and durable when awaited."""

    def acquire_ownership(self, owner: str) -> None:
        """Become the one dialler of this store, until `close` or the death of the process. Raises BusyError."""
        ...

    def close(self) -> None: ...
    def commit(self, batch: Batch) -> Awaitable[None]:
        """Keep the batch after all earlier ones. Durable when the awaitable ends; raises StoreError otherwise,
        and then every later batch fails too until the store is opened again."""
        ...

    def import_leads(
        self, campaign_id: CampaignId, callees: Sequence[CalleeRecord], leads: Sequence[LeadRecord], entry: JournalEntry
    ) -> None:
        """Keep a whole import in one transaction; nothing of it where anything fails. Callees are matched by number:
        use `callee_ids` first to learn the ids of those already known."""
        ...

    def changes(self) -> int:
        """A number that grows with every write that a run must heed (`Batch.is_act`, and everything that is written
        past `commit`), of whatever process. Quicker than any other read; ask for it before reading what it is about.
        """
        ...

    def on_change(self, listener: Callable[[], None]) -> bool:
        """Call back whenever that number grew, until `close`. The listener may neither read nor write.

        False where other processes write too: then nobody is called, and `changes` must be asked now and then.
        """
        ...

    def callee_ids(self, numbers: Sequence[PhoneNumber]) -> dict[PhoneNumber, CalleeId]: ...
    def campaign_state(self, campaign_id: CampaignId) -> CampaignState | None: ...
    def callees_of(self, campaign_id: CampaignId, count_max: int) -> Sequence[CalleeRecord]:
        """The callees behind the first leads of a campaign, in the order of its list."""
        ...

    def standing(self, callee_id: CalleeId) -> CalleeStanding:
        """One quick indexed read. Sees what other processes have written."""
        ...

    def callees_barred_after(self, seq: int | None) -> tuple[int, frozenset[CalleeId]]:
        """Whom the journal says something against a call of, after this place in it; and the place to ask from next.

        `None` begins at the newest entry, with nobody.
        """
        ...

    def suspended_numbers(self) -> frozenset[str]:
        """E.164 of the presented numbers that are out of use at this instant; one quick indexed read."""
        ...

    def attempts_showing(
        self, number: str, since: datetime
    ) -> tuple[datetime | None, Sequence[tuple[datetime, Outcome | None]]]:
        """When a presented number (E.164) was first shown, and when since a time, in order; two indexed reads."""
        ...

    def complaints(self) -> Sequence[Complaint]:
        """All tickets, the oldest first."""
        ...

    def registries_about(self, number: PhoneNumber) -> Sequence[tuple[DoNotCallRegistry, bool]]:
        """Every registry of refused calls, and whether it names this number; one quick indexed read."""
        ...

    def qualifications(self) -> Sequence[Qualification]: ...

    def complaint_share(self, campaign_id: CampaignId, since: datetime) -> tuple[int, int]:
        """Complaints received and attempts placed by a campaign since a time."""
        ...

    def record_refusal_or_freeze(self, batch: Batch) -> None:
        """Synchronous write for other processes than the dialler: everything about callees but their history."""
        ...

    def attempts(self, campaign_id: CampaignId) -> Sequence[AttemptRecord]: ...
    def journal(
        self, campaign_id: CampaignId | None = None, after_seq: int = 0
    ) -> Sequence[tuple[int, JournalEntry]]: ...
    def give_command(self, command: Command) -> None: ...
    def take_commands(self) -> Sequence[Command]:
        """Commands not taken yet; taking marks them."""
        ...

    def backup(self, target: Path) -> None:
        """A consistent copy while the dialler runs."""
        ...


class AuditStore(Protocol):
    """What proof of the journal needs of the store (审计数据). Writes are durable on return; any process may."""

    def journal_tail(self) -> JournalTail | None: ...
    def journal_rows(self, first_seq: int = 1, last_seq: int | None = None) -> Iterator[JournalRow]:
        """Raw rows in order, read piece by piece; without `last_seq` up to what is the newest at the first look."""
        ...

    def checkpoints(self) -> Sequence[Checkpoint]: ...
    def last_checkpoint(self) -> Checkpoint | None: ...
    def keep_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Raises `StoreError` where another process has kept one of that number meanwhile."""
        ...

    def signing_keys(self) -> Sequence[SigningKey]: ...
    def keep_signing_key(self, key: SigningKey) -> None:
        """As the newest. Raises `StoreError` where another process has kept one meanwhile."""
        ...

    def attempt_ids_like(self, part: str) -> Sequence[AttemptId]:
        """A few attempts whose id begins or ends so; only the one whose whole id it is."""
        ...

    def attempt_file(self, attempt_id: AttemptId) -> AttemptFile | None: ...


class Signer(Protocol):
    """Signs for the organisation (签名者) with Ed25519. The private key never leaves it."""

    @property
    def public_key(self) -> str: ...
    def sign(self, message: bytes) -> bytes: ...
