"""What proof of the journal needs of the store, and where its anchor lies."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from baitie.app.records.batch import Batch
from baitie.app.records.journal import AttemptFile, JournalTail
from baitie.app.records.register_rows import RegisterEvents, RegisterRow
from baitie.app.records.sent_card import SentCard
from baitie.domain.audit import Anchor, Checkpoint, JournalRow, SigningKey
from baitie.kernel.ids import AttemptId, CalleeId
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import AttemptRecord, CalleeRecord


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


class AnchorStore(Protocol):
    """What the anchor needs of the store (登记数据核对). Any thread may call it."""

    def registers_key(self) -> bytes: ...
    def hash_at(self, seq: int) -> str | None: ...
    def canonical_at(self, seq: int) -> str | None: ...
    def register_events(self, after_seq: int) -> RegisterEvents: ...
    def registers_checked(
        self, after_seq: int, take: Callable[[Iterable[str]], int] | None
    ) -> tuple[RegisterEvents, Mapping[str, int]]:
        """The events after a place and the rows of the large registers; `take` is given the marks of every row. All of
        one state of the store."""
        ...

    def journal_links(self, after_seq: int) -> Iterator[tuple[int, object, object, object]]:
        """Place, text, hash of the entry before and own hash of every row after a place, as they stand there."""
        ...

    def last_checkpoint(self) -> Checkpoint | None: ...
    def register_texts(self, after_seq: int) -> Iterator[tuple[int, JournalEntry, str]]:
        """Every event after a place that tells of a register, with its text."""
        ...

    def register_history(self) -> Iterator[tuple[int, JournalEntry]]:
        """Every event that tells of a register, consents granted among them, from the first on."""
        ...

    def register_rows(self) -> Iterator[RegisterRow]: ...
    def list_rows(self) -> Iterator[RegisterRow]:
        """Every row of the lists beside the callees."""
        ...

    def mend_registers(self, batch: Batch, unlift: Mapping[str, Sequence[str]]) -> None: ...
    def give_numbers_back(self, numbers: Iterable[tuple[str, str]]) -> None:
        """Let these callees be found again by the numbers with these look-up values, whoever has them now."""
        ...

    def number_tags(self, callee_ids: Iterable[str]) -> Mapping[str, str]: ...
    def callee_of_tag(self, tag: str) -> CalleeId | None: ...
    def was_anchored(self, *, now: bool = False) -> bool: ...


class AnchorKeeping(Protocol):
    """Where the anchor lies (锚点存放处): beside the key, never in the store."""

    def locked(self) -> AbstractContextManager[None]: ...
    def read(self) -> Anchor | None: ...
    def write(self, anchor: Anchor) -> None: ...
    def append_bars(self, lines: Sequence[str]) -> None: ...
    def read_bars(self) -> Iterator[str]: ...


class TellsTail(Protocol):
    """The part of a store that knows the newest entry of its journal (日志末条来源)."""

    def journal_tail(self) -> JournalTail | None: ...


class NamesCallees(Protocol):
    """The part of a store that knows callees by their ids (被叫查找)."""

    def callees(self, callee_ids: Iterable[CalleeId]) -> Sequence[CalleeRecord]: ...


class BundleStore(AuditStore, Protocol):
    """What a bundle for auditors is made from (审计包数据)."""

    def verdicts_written(self, digests: Collection[str], before_seq: int) -> Sequence[Mapping[str, Any]]:
        """The verdicts with these digests that entries before a place wrote down."""
        ...


class TableStore(Protocol):
    """The tables of a store beside its journal (数据表核对)."""

    def register_history(self) -> Iterator[tuple[int, JournalEntry]]: ...
    def register_rows(self) -> Iterator[RegisterRow]: ...
    def entries_of(self, kinds: Sequence[JournalKind]) -> Iterator[tuple[int, JournalEntry]]:
        """Every entry of these kinds, in order."""
        ...

    def list_rows(self) -> Iterator[RegisterRow]:
        """Every row of the lists beside the callees."""
        ...

    def attempt_rows(self) -> Iterator[Mapping[str, Any]]:
        """What call records hold that the journal tells too."""
        ...


class TraceStore(AuditStore, Protocol):
    """What the story of one call is put together from (留痕数据)."""

    def callee_ids(self, numbers: Sequence[PhoneNumber]) -> dict[PhoneNumber, CalleeId]: ...
    def attempts_to(self, callee_id: CalleeId, count_max: int) -> Sequence[AttemptRecord]: ...
    def sent_cards(self, attempt_id: AttemptId) -> Sequence[SentCard]: ...
