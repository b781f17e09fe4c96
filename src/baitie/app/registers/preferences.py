"""Preferences: when, about what, how and in which language callees wish to be reached."""

from dataclasses import dataclass, replace

from baitie.app.records.batch import Batch
from baitie.app.registers.book import RegisterBook
from baitie.app.registers.policy import of_one_person
from baitie.domain.audit.registers import mark_of_wish
from baitie.domain.consent.register import Preference
from baitie.domain.contacts import NumberReading
from baitie.kernel.journal import JournalKind, JsonValue


@dataclass(frozen=True, slots=True)
class Preferences:
    """Preferences (偏好登记)."""

    book: RegisterBook

    def enter(self, reading: NumberReading, preference: Preference) -> None:
        """Enter what a callee wishes, in place of earlier wishes. Raises `NumberUnreadableError` for an extension."""
        book = self.book
        callee_id = book.callee(of_one_person(reading))
        preference = replace(preference, callee_id=callee_id, set_at=book.now, actor=book.actor)
        said = wish_facts(preference, book.store.standing(callee_id).preference)
        book.keep(Batch(journal=[book.entry(JournalKind.PREFERENCE_SET, callee_id, said)], preferences=[preference]))


def wish_facts(preference: Preference, before: Preference | None) -> dict[str, JsonValue]:
    """What the journal has of a callee's wishes, so that they can be entered again from it; and which they replace."""
    wish = {name: value for name, value in preference.to_json().items() if name not in ("callee_id", "set_at", "actor")}
    return {"wish": wish, "replaces": None if before is None else mark_of_wish(before.callee_id, before.to_json())}
