"""Qualifications of the enterprise at the desk: filed, ended, and as files."""

import re
from datetime import date

from baitie.app.records.batch import Batch
from baitie.app.registers.registers import Registers
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


def file_qualification(
    desk: Registers,
    kind: str,
    licence: str,
    issued_by: str,
    valid_from: date,
    valid_until: date | None = None,
    document: str = "",
) -> Qualification:
    """Put a qualification on file. Raises `QualificationKindError`."""
    if not _KIND.fullmatch(kind):
        raise QualificationKindError(kind=kind)
    held = Qualification(
        desk.new_id("qu"), kind, licence, issued_by, valid_from, valid_until, desk.now, desk.actor, document
    )
    said: dict[str, JsonValue] = {
        "qualification": held.qualification_id,
        "kind": kind,
        "valid_from": valid_from.isoformat(),
        "valid_until": None if valid_until is None else valid_until.isoformat(),
    }
    entry = desk.entry(JournalKind.QUALIFICATION_FILED, None, said)
    desk.keep(Batch(qualifications=[held], journal=[entry]))
    return held


def end_qualification(desk: Registers, part: str, reason: str) -> Qualification:
    """End a qualification that was withdrawn, or entered by mistake. Raises `QualificationUnknownError`."""
    found = [one for one in desk.store.qualifications() if one.qualification_id.endswith(part)]
    if len(found) != 1:
        raise QualificationUnknownError(qualification=part, found=len(found))
    ended = found[0].ended(desk.now, desk.actor, reason)
    if ended is not found[0]:
        said: dict[str, JsonValue] = {"qualification": ended.qualification_id, "kind": ended.kind, "reason": reason}
        entry = desk.entry(JournalKind.QUALIFICATION_ENDED, None, said)
        desk.keep(Batch(qualifications=[ended], journal=[entry]))
    return ended
