"""Who called this callee, for which campaign and by which flow: for the page, and for whoever rings back."""

from collections.abc import Iterator

from baitie.app.ports.page_store import CallerStore
from baitie.app.records.callers import ATTEMPTS_SHOWN_MAX, CallerFound
from baitie.kernel.ids import CalleeId
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import AttemptRecord


def attempts_seen(
    store: CallerStore, callee_id: CalleeId, presented: PhoneNumber | None = None
) -> Iterator[AttemptRecord]:
    """The attempts to this callee that may have rung or showed a card, the newest first, under the presented number
    where it is given."""
    for attempt in store.attempts_to(callee_id, ATTEMPTS_SHOWN_MAX):
        was_seen = attempt.invite_sent_at is not None or attempt.card_submitted_at is not None
        if was_seen and presented in (None, attempt.presented_number):
            yield attempt


def who_called(store: CallerStore, callee_id: CalleeId, presented: PhoneNumber | None = None) -> CallerFound | None:
    """The newest of `attempts_seen`; None where nobody called."""
    newest = next(attempts_seen(store, callee_id, presented), None)
    return None if newest is None else store.caller_of(newest.attempt_id)


def who_called_number(
    store: CallerStore, number: PhoneNumber, presented: PhoneNumber | None = None
) -> CallerFound | None:
    """As `who_called`, for whoever calls from this number."""
    callee_id = store.callee_ids([number]).get(number)
    return None if callee_id is None else who_called(store, callee_id, presented)
