"""What the registers need of the store."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Protocol

from baitie.app.ports.page_store import CallerStore
from baitie.app.records.batch import Batch
from baitie.app.records.page_cards import PageCard
from baitie.app.records.standing import CalleeStanding
from baitie.domain.complaints import Complaint, NumberSuspension
from baitie.domain.consent.requests import CalleeRequest, RequestKind
from baitie.domain.registries import DoNotCallRegistry, Qualification
from baitie.domain.review import Suspect, SuspectState
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId
from baitie.kernel.journal import JournalEntry
from baitie.kernel.outcome import Outcome
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import CalleeRecord, LeadRecord


class RegisterStore(CallerStore, Protocol):
    """The store as the registers need it (登记数据). Any process may write; each write is durable on return."""

    def standing(self, callee_id: CalleeId) -> CalleeStanding:
        """What the store knows of a callee, by whatever process it was written."""
        ...

    def barred_callees(self) -> Sequence[CalleeRecord]:
        """Everybody of whom something is registered."""
        ...

    def callees(self, callee_ids: Iterable[CalleeId]) -> Sequence[CalleeRecord]:
        """Those of these callees who are known."""
        ...

    def import_leads(
        self, campaign_id: CampaignId, callees: Sequence[CalleeRecord], leads: Sequence[LeadRecord], entry: JournalEntry
    ) -> None:
        """Make callees known; see `RunStore`."""
        ...

    def record_refusal_or_freeze(self, batch: Batch) -> None:
        """Keep everything about callees but their history, with its journal, in one transaction."""
        ...

    def complaints(self) -> Sequence[Complaint]:
        """All tickets, the oldest first."""
        ...

    def suspensions(self) -> Sequence[NumberSuspension]:
        """All suspensions, lifted ones too; the oldest first."""
        ...

    def complaint_share(self, campaign_id: CampaignId, since: datetime) -> tuple[int, int]:
        """Complaints received and attempts placed by a campaign since a time."""
        ...

    def attempts_showing(
        self, number: str, since: datetime
    ) -> tuple[datetime | None, Sequence[tuple[datetime, Outcome | None]]]:
        """When a presented number (E.164) was first shown, and when since a time, in order."""
        ...

    def attempt_ids_like(self, part: str) -> Sequence[AttemptId]:
        """A few attempts whose id begins or ends so; only the one whose whole id it is."""
        ...

    def campaign_names(self) -> dict[str, str]:
        """The name of every campaign that has run, by its id."""
        ...

    def suspects(self, state: SuspectState | None = None) -> Sequence[Suspect]:
        """The review queue, or those of it in one state; the oldest first."""
        ...

    def suspected_callees(self) -> Sequence[CalleeRecord]:
        """Everybody in the review queue."""
        ...

    def qualifications(self) -> Sequence[Qualification]:
        """Every qualification on file, ended ones too; the oldest first."""
        ...

    def registries(self) -> Sequence[DoNotCallRegistry]:
        """Every registry that is asked."""
        ...

    def registries_about(self, number: PhoneNumber) -> Sequence[tuple[DoNotCallRegistry, bool]]:
        """Every registry, and whether it names this number."""
        ...

    def import_registry(
        self,
        name: str,
        numbers: Iterable[str | None],
        *,
        as_of: date,
        at: datetime,
        actor: str,
        source: str,
        told: Callable[[DoNotCallRegistry, DoNotCallRegistry | None], JournalEntry] | None = None,
    ) -> DoNotCallRegistry:
        """Take over a registry's copy from E.164 texts; None is a line that holds no number. `told` makes the
        entry that is kept in one with it, of the copy and of the one before."""
        ...

    def drop_registry(self, name: str, told: Callable[[DoNotCallRegistry | None], JournalEntry] | None = None) -> bool:
        """Ask a registry no more and delete its copy; gives whether there was one."""
        ...

    def requests(self, kind: RequestKind, *, open_only: bool = True) -> Sequence[CalleeRequest]:
        """What callees asked for, the most urgent first."""
        ...

    def add_page_code(self, card: PageCard, entry: JournalEntry) -> bool:
        """One more code for a card that has one; False where it has none, or has lost it."""
        ...
