"""Qualifications of the enterprise at the desk: filed, ended, and as files."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from baitie.app.records import Batch
from baitie.bootstrap.desk_files import DeskImport, RejectedEntry, cells_by_name, names_of, read_register_table
from baitie.bootstrap.desks import Desk
from baitie.domain.registries import Qualification
from baitie.kernel.errors import InputError
from baitie.kernel.journal import JournalKind, JsonValue

COLUMNS = (
    *("qualification", "kind", "licence", "issued_by", "valid_from", "valid_until", "document"),
    *("state", "actor", "end_reason"),
)
_KIND = re.compile(r"[a-z][a-z0-9-]{1,47}")


class QualificationUnknownError(InputError):
    """No qualification, or more than one, has this id. `baitie qualification list` shows them."""

    code = "qualification-unknown"


class QualificationKindError(InputError):
    """This is no kind of qualification. Write it as rules do, in small letters and hyphens: call-centre-licence."""

    code = "qualification-kind"


def file_qualification(
    desk: Desk,
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


def end_qualification(desk: Desk, part: str, reason: str) -> Qualification:
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


def rows_of_qualifications(desk: Desk) -> list[dict[str, str]]:
    """All of them as rows, with what they are worth today."""
    return [_row(one, desk.now.date()) for one in desk.store.qualifications()]


def import_qualifications(desk: Desk, file: Path) -> DeskImport:
    """Take every row that can be read; those on file already are passed by. Raises `DeskColumnError`."""
    table = read_register_table(desk, file)
    names = names_of(table, ("kind", "licence", "valid_from"))
    result = DeskImport(table.header)
    known = {(one.kind, one.number) for one in desk.store.qualifications() if one.ended_at is None}
    for row in table.rows:
        cells = cells_by_name(row, names)
        if isinstance(cells, RejectedEntry):
            result.rejected.append(cells)
            continue
        try:
            if (cells["kind"], cells["licence"]) in known or cells.get("state") == "ended":
                result.known += 1
                continue
            _take(desk, cells)
            known.add((cells["kind"], cells["licence"]))
            result.accepted += 1
        except QualificationKindError:
            result.rejected.append(RejectedEntry(row.row, "kind", "word-unknown", row.cells))
        except ValueError:
            result.rejected.append(RejectedEntry(row.row, "valid_from", "time-unreadable", row.cells))
    return result


def _take(desk: Desk, cells: Mapping[str, str]) -> None:
    until = cells.get("valid_until")
    file_qualification(
        desk,
        cells["kind"],
        cells["licence"],
        cells.get("issued_by", ""),
        date.fromisoformat(cells["valid_from"]),
        date.fromisoformat(until) if until else None,
        cells.get("document", ""),
    )


def _row(one: Qualification, today: date) -> dict[str, str]:
    state = "ended" if one.ended_at is not None else "valid" if one.is_valid_on(today) else "out-of-term"
    return {
        "qualification": one.qualification_id,
        "kind": one.kind,
        "licence": one.number,
        "issued_by": one.issued_by,
        "valid_from": one.valid_from.isoformat(),
        "valid_until": "" if one.valid_until is None else one.valid_until.isoformat(),
        "document": one.document,
        "state": state,
        "actor": one.actor,
        "end_reason": one.end_reason,
    }
