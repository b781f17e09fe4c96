"""The single way in for complaints (投诉唯一入口): whoever enters one, this is what is kept of it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from baitie.app.records.batch import Batch
from baitie.app.registers.book import RegisterBook, only_one
from baitie.app.registers.callers import attempts_seen
from baitie.app.registers.names import attempt_named, campaign_named, presented_named
from baitie.app.registers.policy import NumberUnreadableError
from baitie.app.registers.suspensions import AFTER_COMPLAINT, complained_of, suspend_number
from baitie.domain.complaints import Complaint, ComplaintSource
from baitie.domain.contacts import NumberReading
from baitie.domain.risk.duties import Answer, Duty
from baitie.domain.risk.history import Freeze
from baitie.kernel.errors import InputError
from baitie.kernel.journal import JournalEntry, JournalKind, JsonValue
from baitie.kernel.purpose import Purpose

ANSWER_WORKING_DAYS = 15
"""Where no rule says by when a complaint is answered: as the measures for complaints in China have it."""


class ComplaintUnknownError(InputError):
    """No complaint has this id. `baitie complaint list` shows them."""

    code = "complaint-unknown"


def complaint_batch(complaint: Complaint, at: datetime, frozen_until: datetime, suspension_id: str) -> Batch:
    """The ticket, the freeze of whoever complained, and the suspension of the number that was presented.

    To be kept durably: it holds from that instant on, for every campaign.
    """
    callee_id, actor = complaint.callee_id, complaint.actor
    received: dict[str, JsonValue] = {
        "complaint": complaint.complaint_id,
        "source": complaint.source.value,
        "due_on": complaint.due_on.isoformat(),
        "due_rule": complaint.due_rule,
        "received_at": complaint.received_at.isoformat(),
        "presented": complaint.presented,
        "about": complaint.about,
        "actor": actor,
    }
    frozen: dict[str, JsonValue] = {"rule": AFTER_COMPLAINT, "until": frozen_until.isoformat(), "actor": actor}
    batch = Batch(
        journal=[
            JournalEntry(
                JournalKind.COMPLAINT_RECEIVED,
                at,
                complaint.campaign_id,
                attempt_id=complaint.attempt_id,
                callee_id=callee_id,
                facts=received,
            ),
            JournalEntry(JournalKind.CALLEE_FROZEN, at, callee_id=callee_id, facts=frozen),
        ],
        complaints=[complaint],
        freezes=[Freeze(callee_id, at, frozen_until, AFTER_COMPLAINT, AFTER_COMPLAINT, actor)],
    )
    suspend_number(batch, complaint, at, actor, suspension_id)
    return batch


@dataclass(frozen=True, slots=True)
class _ComplainedOf:
    attempt_id: str | None
    campaign_id: str | None
    presented: str | None


@dataclass(frozen=True, slots=True)
class Complaints:
    """Complaints (投诉登记): tickets with a due date, until they are closed."""

    book: RegisterBook

    def open(
        self,
        reading: NumberReading,
        source: ComplaintSource,
        *,
        campaign_id: str | None = None,
        attempt_id: str | None = None,
        presented: str | None = None,
        received_at: datetime | None = None,
        purpose: Purpose = Purpose.CARE,
        about: str = "",
    ) -> Complaint:
        """Open a ticket, freeze the callee, and suspend the number that was presented: the one that is named, the one
        of the attempt that is named, or the only one by which this callee was called at all.

        `received_at` is aware; `about` is a code. Raises `NameUnknownError` for names that nobody has.
        """
        book = self.book
        named = self._named(reading, campaign_id, attempt_id, presented)
        callee_id, at = book.callee(reading), received_at or book.now
        due_on, due_rule = self._due(purpose, reading.region, at)
        complaint = Complaint(
            complaint_id=book.new_id("cm"),
            callee_id=callee_id,
            source=source,
            received_at=at,
            due_on=due_on,
            due_rule=due_rule,
            actor=book.actor,
            campaign_id=named.campaign_id,
            attempt_id=named.attempt_id,
            presented=named.presented,
            about=about,
        )
        until = book.now + timedelta(days=book.policy.complaint_freeze_days)
        book.keep(complaint_batch(complaint, book.now, until, book.new_id("ns")))
        return complaint

    def find(self, complaint_id: str) -> Complaint:
        """One ticket by its id, or by an end of it that no other has. Raises `ComplaintUnknownError`."""
        found = (c for c in self.book.store.complaints() if c.complaint_id.endswith(complaint_id))
        return only_one(found, lambda count: ComplaintUnknownError(complaint=complaint_id, found=count))

    def close(self, complaint_id: str, resolution: str) -> Complaint:
        """Close a ticket. The callee stays frozen, and the complaint counts as before."""
        book, complaint = self.book, self.find(complaint_id)
        closed = complaint.closed(book.now, book.actor, resolution)
        if closed is not complaint:
            said: dict[str, JsonValue] = {"complaint": complaint.complaint_id}
            entry = book.entry(JournalKind.COMPLAINT_CLOSED, complaint.callee_id, said)
            book.keep(Batch(journal=[entry], complaints=[closed]))
        return closed

    def campaigns(self) -> dict[str, str]:
        """Names of the campaigns that have run, and of those that may not have run yet, by id."""
        return {**self.book.policy.campaigns, **self.book.store.campaign_names()}

    def presented_to(self, reading: NumberReading) -> list[str]:
        """E.164 of the numbers by which this callee was called or sent a card, the newest first."""
        callee_id = self.book.known(reading.number)
        seen = () if callee_id is None else attempts_seen(self.book.store, callee_id)
        return list(dict.fromkeys(attempt.presented_number.e164() for attempt in seen))

    def _named(
        self, reading: NumberReading, campaign_id: str | None, attempt_id: str | None, presented: str | None
    ) -> _ComplainedOf:
        store = self.book.store
        callee_id = self.book.known(reading.number)
        written = None if presented is None else as_presented(self.book, presented)
        if campaign_id is not None:
            campaign_id = campaign_named(campaign_id, self.campaigns())
        if written is not None:
            written = presented_named(store, written, (own.number for own in self.book.policy.own_numbers))
        if attempt_id is not None:
            attempt_id = attempt_named(store, attempt_id, callee_id).attempt_id
        elif written is None and callee_id is not None:
            seen = [a for a in attempts_seen(store, callee_id) if campaign_id in (None, a.campaign_id)]
            attempt_id = seen[0].attempt_id if len(seen) == 1 else None
            shown = {attempt.presented_number.e164() for attempt in seen}
            written = shown.pop() if len(shown) == 1 else None
        return _ComplainedOf(attempt_id, *complained_of(store, attempt_id, campaign_id, written))

    def _due(self, purpose: Purpose, region: str | None, at: datetime) -> tuple[date, str]:
        policy = self.book.policy
        duty = policy.rules().answer_by(Answer.COMPLAINT_ANSWER, purpose, region, policy.day_of(at))
        if isinstance(duty, Duty):
            return duty.on, duty.rule_id
        return policy.after_working_days(at, ANSWER_WORKING_DAYS), "house"


def as_presented(book: RegisterBook, written: str) -> str:
    """E.164 of a presented number as somebody wrote it; service numbers that no plan knows as they stand."""
    try:
        return book.reading(written).number.e164()
    except NumberUnreadableError:
        return written
