"""What callees ask for besides being left alone: a call back, to be forgotten, a fresh link to their page."""

from dataclasses import replace
from datetime import datetime, timedelta

from baitie.app.records.batch import Batch
from baitie.app.records.page_cards import PageCard
from baitie.app.registers.callers import who_called
from baitie.app.registers.registers import ANSWER_WORKING_DAYS, Registers
from baitie.domain.consent.requests import CalleeRequest, RequestKind
from baitie.domain.contacts import NumberReading
from baitie.domain.namecard.page_code import make_page_code
from baitie.domain.risk.history import Refusal, RefusalChannel
from baitie.files.organisation_settings import zone_of
from baitie.kernel.errors import InputError
from baitie.kernel.journal import JournalKind, JsonValue
from baitie.kernel.records import AttemptRecord


class NoCardError(InputError):
    """Nobody sent this number a card with a code. Use the slot type `code` or `link` in the card's template."""

    code = "page-no-card"


class RequestUnknownError(InputError):
    """No request of a callee has this id. `baitie requests list` shows them."""

    code = "request-unknown"


def ask_call_back(
    desk: Registers, reading: NumberReading, wanted_from: datetime, wanted_until: datetime, attempt: AttemptRecord
) -> CalleeRequest:
    """Keep that the callee wants to be called back within these times about this attempt."""
    request = CalleeRequest(
        request_id=desk.new_id("rq"),
        callee_id=desk.callee(reading),
        kind=RequestKind.CALL_BACK,
        made_at=desk.now,
        due_on=wanted_until.astimezone(zone_of(desk.settings)).date(),
        campaign_id=attempt.campaign_id,
        attempt_id=attempt.attempt_id,
        wanted_from=wanted_from,
        wanted_until=wanted_until,
    )
    said: dict[str, JsonValue] = {"request": request.request_id, "wanted_from": wanted_from.isoformat()}
    entry = desk.entry(JournalKind.CALL_BACK_REQUESTED, request.callee_id, said)
    desk.keep(Batch(journal=[replace(entry, campaign_id=attempt.campaign_id)], requests=[request]))
    return request


def forget(desk: Registers, reading: NumberReading) -> CalleeRequest:
    """Destroy what can be destroyed at once, refuse all calls, and note by when the rest must follow."""
    callee_id = desk.callee(reading)
    request = CalleeRequest(
        request_id=desk.new_id("rq"),
        callee_id=callee_id,
        kind=RequestKind.ERASURE,
        made_at=desk.now,
        due_on=desk.after_working_days(desk.now, ANSWER_WORKING_DAYS),
    )
    said: dict[str, JsonValue] = {"request": request.request_id, "due_on": request.due_on.isoformat()}
    batch = Batch(
        journal=[desk.entry(JournalKind.ERASURE_REQUESTED, callee_id, said)],
        requests=[request],
        forgotten=[callee_id],
    )
    if not desk.store.standing(callee_id).refusals:
        channel = RefusalChannel.PAGE
        refused = desk.entry(JournalKind.CALLEE_REFUSED, callee_id, {"channel": channel.value})
        batch.journal = [refused, *batch.journal]
        batch.refusals = [Refusal(callee_id, desk.now, channel, desk.actor)]
    desk.keep(batch)
    return request


def page_link(desk: Registers, reading: NumberReading) -> str:
    """A fresh link for whoever lost the card of the newest call. Raises `NoCardError`.

    It opens what the card itself opens: give it to nobody but the callee.
    """
    callee_id = desk.known(reading.number)
    found = None if callee_id is None else who_called(desk.store, callee_id)
    if found is None or callee_id is None:
        raise NoCardError(number=reading.number.masked())
    code = make_page_code(desk.rng.getrandbits)
    attempt = found.attempt
    made_at = attempt.card_submitted_at or attempt.planned_at
    until = max(made_at, desk.now) + timedelta(days=desk.settings.page.code_valid_days)
    entry = desk.entry(JournalKind.PAGE_CODE_ISSUED, callee_id, {})
    entry = replace(entry, attempt_id=attempt.attempt_id, campaign_id=attempt.campaign_id)
    if not desk.store.add_page_code(PageCard(code, attempt.attempt_id, callee_id, desk.now, until), entry):
        raise NoCardError(number=reading.number.masked())
    return f"{desk.settings.page.address}c/{code.text()}"


def finish_request(desk: Registers, request_id: str) -> CalleeRequest:
    """Note that somebody has done what was asked. Raises `RequestUnknownError`."""
    every = [each for kind in RequestKind for each in desk.store.requests(kind, open_only=False)]
    found = [each for each in every if each.request_id.endswith(request_id)]
    if not request_id or len(found) != 1:
        raise RequestUnknownError(request=request_id, found=len(found))
    request = found[0]
    done = request.done(desk.now, desk.actor)
    if done is not request:
        is_erasure = request.kind is RequestKind.ERASURE
        kind = JournalKind.ERASURE_COMPLETED if is_erasure else JournalKind.CALL_BACK_CLOSED
        said: dict[str, JsonValue] = {"request": request.request_id}
        if not is_erasure:
            said["reason"] = "by-hand"
        desk.keep(Batch(journal=[desk.entry(kind, request.callee_id, said)], requests=[done]))
    return done


def request_rows(desk: Registers, *, open_only: bool = True) -> list[dict[str, str]]:
    """What callees asked for, the most urgent first; numbers masked, times those of the enterprise's zone."""
    zone = zone_of(desk.settings)
    requests = [each for kind in RequestKind for each in desk.store.requests(kind, open_only=open_only)]
    names = {each.callee_id: each.number.masked() for each in desk.store.callees(each.callee_id for each in requests)}

    def shown(at: datetime | None) -> str:
        return "" if at is None else at.astimezone(zone).strftime("%Y-%m-%d %H:%M")

    return [
        {
            "request": each.request_id,
            "kind": each.kind.value,
            "due_on": each.due_on.isoformat(),
            "number": names.get(each.callee_id, ""),
            "wanted_from": shown(each.wanted_from),
            "wanted_until": shown(each.wanted_until),
            "campaign": each.campaign_id or "",
            "attempt": each.attempt_id or "",
            "done_at": shown(each.done_at),
            "done_by": each.done_by or "",
        }
        for each in sorted(requests, key=lambda each: (not each.is_open, each.due_on, each.request_id))
    ]
