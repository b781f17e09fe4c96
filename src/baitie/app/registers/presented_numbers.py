"""The enterprise's own numbers: how each stands, what is suspended or flagged, and putting it into use again."""

from dataclasses import dataclass

from baitie.app.records.batch import Batch
from baitie.app.registers.book import RegisterBook
from baitie.app.registers.complaints import as_presented
from baitie.app.registers.number_use import use_of
from baitie.app.registers.policy import OwnNumber
from baitie.app.registers.suspensions import AFTER_COMPLAINT, resumed_batch
from baitie.domain.complaints import NumberSuspension, SuspensionObjection
from baitie.domain.numberpool import SCORED_DAYS, NumberCandidate, bars, score
from baitie.kernel.errors import InputError
from baitie.kernel.journal import JournalKind, JsonValue

FLAGGED = "flagged"
SCORE_DIGITS = 3


class NumberNotOursError(InputError):
    """This is none of the enterprise's presented numbers. `baitie numbers list` shows them."""

    code = "number-not-ours"


@dataclass(frozen=True, slots=True)
class PresentedNumbers:
    """Presented numbers (外显号码登记)."""

    book: RegisterBook

    def rows(self, written: str | None = None) -> list[dict[str, JsonValue]]:
        """All presented numbers, or one, as they stand now. Raises `NumberNotOursError`."""
        shown = self.book.policy.own_numbers if written is None else (self._ours(written),)
        reasons: dict[str, set[str]] = {}
        for one in self.book.store.suspensions():
            if one.is_active:
                reasons.setdefault(one.number, set()).add(one.reason)
        return [self._row(own, frozenset(reasons.get(own.number.e164(), ()))) for own in shown]

    def flag(self, written: str, note: str) -> bool:
        """Put a number out of use because telephones mark it; False where it is flagged already."""
        book, number = self.book, self._ours(written).number.e164()
        if any(one.number == number and one.reason == FLAGGED and one.is_active for one in book.store.suspensions()):
            return False
        said: dict[str, JsonValue] = {"number": number, "reason": FLAGGED, "note": note, "actor": book.actor}
        suspension = NumberSuspension(book.new_id("ns"), number, book.now, FLAGGED, book.actor)
        book.keep(Batch(suspensions=[suspension], journal=[book.entry(JournalKind.NUMBER_SUSPENDED, None, said)]))
        return True

    def unflag(self, written: str, reason: str) -> SuspensionObjection | None:
        """Put a flagged number into use again once its cause is mended, or say why not."""
        return self._resume(self._ours(written).number.e164(), reason, FLAGGED)

    def resume(self, written: str, reason: str) -> SuspensionObjection | None:
        """Put a number that complaints suspended into use again, or say why not."""
        return self._resume(as_presented(self.book, written), reason, AFTER_COMPLAINT)

    def _resume(self, number: str, reason: str, of_reason: str) -> SuspensionObjection | None:
        book, lifters = self.book, self.book.policy.lifters
        found = resumed_batch(book.store, number, book.actor, reason, lifters, book.now, of_reason=of_reason)
        if isinstance(found, SuspensionObjection):
            return found
        book.keep(found)
        return None

    def _ours(self, written: str) -> OwnNumber:
        read = as_presented(self.book, written)
        for own in self.book.policy.own_numbers:
            if own.number.e164() == read:
                return own
        raise NumberNotOursError()

    def _row(self, own: OwnNumber, out_of_use: frozenset[str]) -> dict[str, JsonValue]:
        shown, now, day_of = own.shown, self.book.now, self.book.policy.day_of
        today = day_of(now)
        use = use_of(self.book.store, shown, day_of, now)
        candidate = NumberCandidate(
            shown.number.e164(),
            shown.terms,
            use,
            is_suspended=bool(out_of_use - {FLAGGED}),
            is_flagged=FLAGGED in out_of_use,
        )
        limits = [shown.terms.attempts_max_per_day, shown.terms.warm_up_max(use.first_used_on, today)]
        against: list[JsonValue] = [*sorted(bar.value for bar in bars(candidate, now, today))]
        return {
            "number": candidate.number,
            "state": against or ["in-use"],
            "attempts_today": use.attempts_today(today),
            "attempts_max_today": min((limit for limit in limits if limit is not None), default=None),
            "scored_days": SCORED_DAYS,
            "attempts": sum(day.attempts for day in use.days),
            "answered": sum(day.answered for day in use.days),
            "complaints": use.complaints,
            "score": round(score(use, today), SCORE_DIGITS),
            "first_used_on": None if use.first_used_on is None else use.first_used_on.isoformat(),
            "region": shown.terms.region,
            "certification": own.certification,
            "display": own.display,
        }
