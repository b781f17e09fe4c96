"""What callees ask for besides being left alone: a call back, to be forgotten, a fresh link to their page."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from baitie.app.records.batch import Batch
from baitie.app.records.page_cards import PageCard
from baitie.app.registers.book import RegisterBook, only_one
from baitie.app.registers.callers import who_called
from baitie.app.registers.complaints import ANSWER_WORKING_DAYS
from baitie.domain.consent.requests import CalleeRequest, RequestKind
from baitie.domain.contacts import NumberReading
from baitie.domain.namecard.page_code import make_page_code
from baitie.domain.risk.history import Refusal, RefusalChannel
from baitie.kernel.errors import InputError
from baitie.kernel.journal import JournalKind, JsonValue
from baitie.kernel.records import AttemptRecord


class NoCardError(InputError):
    """Nobody sent this number a card with a code. Use the slot type `code` or `link` in the card's template."""

    code = "page-no-card"


class RequestUnknownError(InputError):
    """No request of a callee has this id. `baitie requests list` shows them."""

    code = "request-unknown"


@dataclass(frozen=True, slots=True)
class CalleeRequests:
    """Requests of callees (被叫请求登记)."""

    book: RegisterBook

    def ask_call_back(
        self, reading: NumberReading, wanted_from: datetime, wanted_until: datetime, attempt: AttemptRecord
    ) -> CalleeRequest:
        """Keep that the callee wants to be called back within these times about this attempt."""
        book = self.book
        request = CalleeRequest(
            request_id=book.new_id("rq"),
            callee_id=book.callee(reading),
            kind=RequestKind.CALL_BACK,
            made_at=book.now,
            due_on=book.policy.day_of(wanted_until),
            campaign_id=attempt.campaign_id,
            attempt_id=attempt.attempt_id,
            wanted_from=wanted_from,
            wanted_until=wanted_until,
        )
        said: dict[str, JsonValue] = {"request": request.request_id, "wanted_from": wanted_from.isoformat()}
        entry = book.entry(JournalKind.CALL_BACK_REQUESTED, request.callee_id, said)
        book.keep(Batch(journal=[replace(entry, campaign_id=attempt.campaign_id)], requests=[request]))
        return request

    def forget(self, reading: NumberReading) -> CalleeRequest:
        """Destroy what can be destroyed at once, refuse all calls, and note by when the rest must follow."""
        book = self.book
        callee_id = book.callee(reading)
        request = CalleeRequest(
            request_id=book.new_id("rq"),
            callee_id=callee_id,
            kind=RequestKind.ERASURE,
            made_at=book.now,
            due_on=book.policy.after_working_days(book.now, ANSWER_WORKING_DAYS),
        )
        said: dict[str, JsonValue] = {"request": request.request_id, "due_on": request.due_on.isoformat()}
        batch = Batch(
            journal=[book.entry(JournalKind.ERASURE_REQUESTED, callee_id, said)],
            requests=[request],
            forgotten=[callee_id],
        )
        if not book.store.standing(callee_id).refusals:
            channel = RefusalChannel.PAGE
            refused = book.entry(JournalKind.CALLEE_REFUSED, callee_id, {"channel": channel.value})
            batch.journal = [refused, *batch.journal]
            batch.refusals = [Refusal(callee_id, book.now, channel, book.actor)]
        book.keep(batch)
        return request

    def page_link(self, reading: NumberReading) -> str:
        """A fresh link for whoever lost the card of the newest call. Raises `NoCardError`.

        It opens what the card itself opens: give it to nobody but the callee.
        """
        book = self.book
        callee_id, now = book.known(reading.number), book.now
        found = None if callee_id is None else who_called(book.store, callee_id)
        if found is None or callee_id is None:
            raise NoCardError(number=reading.number.masked())
        code = make_page_code(book.rng.getrandbits)
        attempt = found.attempt
        made_at = attempt.card_submitted_at or attempt.planned_at
        until = max(made_at, now) + timedelta(days=book.policy.code_valid_days)
        entry = book.entry(JournalKind.PAGE_CODE_ISSUED, callee_id, {})
        entry = replace(entry, attempt_id=attempt.attempt_id, campaign_id=attempt.campaign_id)
        if not book.store.add_page_code(PageCard(code, attempt.attempt_id, callee_id, now, until), entry):
            raise NoCardError(number=reading.number.masked())
        return f"{book.policy.page_address}c/{code.text()}"

    def finish(self, request_id: str) -> CalleeRequest:
        """Note that somebody has done what was asked. Raises `RequestUnknownError`."""
        book = self.book
        mine = (each for each in self._every(open_only=False) if request_id and each.request_id.endswith(request_id))
        request = only_one(mine, lambda count: RequestUnknownError(request=request_id, found=count))
        done = request.done(book.now, book.actor)
        if done is not request:
            is_erasure = request.kind is RequestKind.ERASURE
            kind = JournalKind.ERASURE_COMPLETED if is_erasure else JournalKind.CALL_BACK_CLOSED
            said: dict[str, JsonValue] = {"request": request.request_id}
            if not is_erasure:
                said["reason"] = "by-hand"
            book.keep(Batch(journal=[book.entry(kind, request.callee_id, said)], requests=[done]))
        return done

    def rows(self, *, open_only: bool = True) -> list[dict[str, str]]:
        """What callees asked for, the most urgent first; numbers masked, times those of the enterprise's zone."""
        requests = self._every(open_only=open_only)
        callees = self.book.store.callees(each.callee_id for each in requests)
        names = {each.callee_id: each.number.masked() for each in callees}
        return [
            {
                "request": each.request_id,
                "kind": each.kind.value,
                "due_on": each.due_on.isoformat(),
                "number": names.get(each.callee_id, ""),
                "wanted_from": self._shown(each.wanted_from),
                "wanted_until": self._shown(each.wanted_until),
                "campaign": each.campaign_id or "",
                "attempt": each.attempt_id or "",
                "done_at": self._shown(each.done_at),
                "done_by": each.done_by or "",
            }
            for each in sorted(requests, key=lambda each: (not each.is_open, each.due_on, each.request_id))
        ]

    def _every(self, *, open_only: bool) -> list[CalleeRequest]:
        return [each for kind in RequestKind for each in self.book.store.requests(kind, open_only=open_only)]

    def _shown(self, at: datetime | None) -> str:
        return "" if at is None else at.astimezone(self.book.policy.zone).strftime("%Y-%m-%d %H:%M")
