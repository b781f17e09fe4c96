"""What the use cases need of the outside: clock, chance, store, calls and messages. Adapters and fakes fulfil these."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from baitie.app.records.batch import Batch
from baitie.app.records.commands import Command
from baitie.app.records.standing import CalleeStanding, CampaignState
from baitie.domain.complaints import Complaint
from baitie.domain.registries import DoNotCallRegistry, Qualification
from baitie.kernel.ids import CalleeId, CampaignId
from baitie.kernel.journal import JournalEntry
from baitie.kernel.outcome import Outcome
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import AttemptRecord, CalleeRecord, LeadRecord

# --- store ---


class RunStore(Protocol):
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
