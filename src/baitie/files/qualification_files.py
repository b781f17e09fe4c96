"""Qualifications of the enterprise as files."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from baitie.app.registers.qualifications import QualificationKindError
from baitie.app.registers.registers import Registers
from baitie.domain.registries import Qualification
from baitie.files.register_tables import RegisterImport, RejectedEntry, cells_by_name, names_of, read_register_table

COLUMNS = (
    *("qualification", "kind", "licence", "issued_by", "valid_from", "valid_until", "document"),
    *("state", "actor", "end_reason"),
)


def rows_of_qualifications(registers: Registers) -> list[dict[str, str]]:
    """All of them as rows, with what they are worth today."""
    return [_row(one, registers.now.date()) for one in registers.store.qualifications()]


def import_qualifications(registers: Registers, file: Path) -> RegisterImport:
    """Take every row that can be read; those on file already are passed by. Raises `RegisterColumnError`."""
    table = read_register_table(registers, file)
    names = names_of(table, ("kind", "licence", "valid_from"))
    result = RegisterImport(table.header)
    known = {(one.kind, one.number) for one in registers.store.qualifications() if one.ended_at is None}
    for row in table.rows:
        cells = cells_by_name(row, names)
        if isinstance(cells, RejectedEntry):
            result.rejected.append(cells)
            continue
        try:
            if (cells["kind"], cells["licence"]) in known or cells.get("state") == "ended":
                result.known += 1
                continue
            _take(registers, cells)
            known.add((cells["kind"], cells["licence"]))
            result.accepted += 1
        except QualificationKindError:
            result.rejected.append(RejectedEntry(row.row, "kind", "word-unknown", row.cells))
        except ValueError:
            result.rejected.append(RejectedEntry(row.row, "valid_from", "time-unreadable", row.cells))
    return result


def _take(registers: Registers, cells: Mapping[str, str]) -> None:
    until = cells.get("valid_until")
    registers.qualifications.file(
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
