"""Freezes and blocks: who is not to be called for a time, or never; and lifting what stands against somebody."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from baitie.app.records.batch import Batch
from baitie.app.registers.book import RegisterBook
from baitie.domain.consent.register import BarKind, Block, Lift, LiftObjection, objection_to_lift
from baitie.domain.contacts import NumberReading
from baitie.domain.risk.history import Freeze
from baitie.kernel.journal import JournalKind, JsonValue

FROZEN_BY_HAND = "by-hand"


@dataclass(frozen=True, slots=True)
class Freezes:
    """Freezes and blocks (冻结与黑名单登记)."""

    book: RegisterBook

    def freeze(self, reading: NumberReading, days: int) -> datetime:
        """Freeze for so many days; gives the end."""
        return self.freeze_until(reading, self.book.now + timedelta(days=days))

    def freeze_until(self, reading: NumberReading, until: datetime) -> datetime:
        """Freeze until a time."""
        book = self.book
        callee_id, reason = book.callee(reading), FROZEN_BY_HAND
        said: dict[str, JsonValue] = {"rule": reason, "until": until.isoformat()}
        freeze = Freeze(callee_id, book.now, until, reason, reason, book.actor)
        book.keep(Batch(journal=[book.entry(JournalKind.CALLEE_FROZEN, callee_id, said)], freezes=[freeze]))
        return until

    def block(self, reading: NumberReading, reason: str) -> bool:
        """Put on the block list; False where the callee is on it."""
        book = self.book
        callee_id = book.callee(reading)
        if book.store.standing(callee_id).blocks:
            return False
        entry = book.entry(JournalKind.CALLEE_BLOCKED, callee_id, {"reason": reason})
        book.keep(Batch(journal=[entry], blocks=[Block(callee_id, book.now, reason, book.actor)]))
        return True

    def lift(self, reading: NumberReading, kind: BarKind, reason: str) -> LiftObjection | None:
        """Lift what stands against a callee, a refusal too, or say why not."""
        book = self.book
        callee_id, now = book.known(reading.number), book.now
        if callee_id is None:
            return LiftObjection.NOTHING_TO_LIFT
        standing = book.store.standing(callee_id)
        bars = {
            BarKind.REFUSAL: [refusal.at for refusal in standing.refusals],
            BarKind.FREEZE: [freeze.at for freeze in standing.freezes if freeze.frozen_until > now],
            BarKind.BLOCK: [block.at for block in standing.blocks],
        }[kind]
        objection = objection_to_lift(
            kind,
            book.actor,
            reason,
            lifters=book.policy.lifters,
            bars_since=bars,
            open_complaints=sum(complaint.closed_at is None for complaint in standing.complaints),
            consents=standing.consents,
            at=now,
        )
        if objection is None:
            entry = book.entry(JournalKind.BAR_LIFTED, callee_id, {"kind": kind.value, "reason": reason})
            book.keep(Batch(journal=[entry], lifts=[Lift(callee_id, kind, now, book.actor, reason)]))
        return objection
