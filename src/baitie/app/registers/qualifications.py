"""Qualifications of the enterprise: filed, and ended."""

import re
from dataclasses import dataclass
from datetime import date

from baitie.app.records.batch import Batch
from baitie.app.registers.book import RegisterBook, only_one
from baitie.domain.registries import Qualification
from baitie.kernel.errors import InputError
from baitie.kernel.journal import JournalKind, JsonValue

_KIND = re.compile(r"[a-z][a-z0-9-]{1,47}")


class QualificationUnknownError(InputError):
    """No qualification, or more than one, has this id. `baitie qualification list` shows them."""

    code = "qualification-unknown"


class QualificationKindError(InputError):
    """This is no kind of qualification. Write it as rules do, in small letters and hyphens: call-centre-licence."""

    code = "qualification-kind"


@dataclass(frozen=True, slots=True)
class Qualifications:
    """Qualifications (资质登记)."""

    book: RegisterBook

    def file(
        self,
        kind: str,
        licence: str,
        issued_by: str,
        valid_from: date,
        valid_until: date | None = None,
        document: str = "",
    ) -> Qualification:
        """Put a qualification on file. Raises `QualificationKindError`."""
        book = self.book
        if not _KIND.fullmatch(kind):
            raise QualificationKindError(kind=kind)
        held = Qualification(
            book.new_id("qu"), kind, licence, issued_by, valid_from, valid_until, book.now, book.actor, document
        )
        said: dict[str, JsonValue] = {
            "qualification": held.qualification_id,
            "kind": kind,
            "valid_from": valid_from.isoformat(),
            "valid_until": None if valid_until is None else valid_until.isoformat(),
        }
        entry = book.entry(JournalKind.QUALIFICATION_FILED, None, said)
        book.keep(Batch(qualifications=[held], journal=[entry]))
        return held

    def end(self, part: str, reason: str) -> Qualification:
        """End a qualification that was withdrawn, or entered by mistake. Raises `QualificationUnknownError`."""
        book = self.book
        mine = (one for one in book.store.qualifications() if one.qualification_id.endswith(part))
        found = only_one(mine, lambda count: QualificationUnknownError(qualification=part, found=count))
        ended = found.ended(book.now, book.actor, reason)
        if ended is not found:
            said: dict[str, JsonValue] = {"qualification": ended.qualification_id, "kind": ended.kind, "reason": reason}
            entry = book.entry(JournalKind.QUALIFICATION_ENDED, None, said)
            book.keep(Batch(qualifications=[ended], journal=[entry]))
        return ended
