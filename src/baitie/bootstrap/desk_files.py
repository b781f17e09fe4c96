"""Registers as files: CSV in, with the rows that cannot be taken written out again, and CSV out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from baitie.bootstrap.asking import NumberUnreadableError
from baitie.bootstrap.bounded_files import read_within, write_private
from baitie.bootstrap.catalogue import Catalogue, catalogue
from baitie.bootstrap.contact_files import CHINESE_REGIONS
from baitie.bootstrap.desk_cells import CellError, time_of, word_of
from baitie.bootstrap.desks import Desk, Registered
from baitie.bootstrap.named import NameUnknownError
from baitie.bootstrap.preference_files import cells_of, preference_of_cells
from baitie.bootstrap.settings import zone_of
from baitie.domain.complaints import ComplaintSource
from baitie.domain.consent.register import ReachChannel
from baitie.domain.contacts import RejectReason, read_numbers
from baitie.domain.contacts.bounds import CELL_CHARS_MAX, FILE_BYTES_MAX
from baitie.domain.contacts.headings import is_number_heading
from baitie.domain.contacts.importing import clean_cells
from baitie.domain.contacts.table import Table, TableRow, read_table_untrusted
from baitie.domain.risk.history import RefusalChannel
from baitie.kernel.errors import InputError
from baitie.kernel.foreign_text import csv_text, spreadsheet_cell
from baitie.kernel.purpose import Purpose

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "optout": ("number", "channel", "at", "actor"),
    "consent": (
        *("number", "purpose", "channel", "wording", "granted_at", "evidence", "proof_file", "expires_at"),
        *("is_spoken", "withdrawn_at", "retain_until", "actor"),
    ),
    "preference": ("number", "windows", "purposes", "channels", "language", "set_at", "actor"),
    "freeze": ("number", "kind", "until", "reason", "at", "actor"),
    "complaint": (
        *("complaint", "number", "source", "received_at", "due_on", "state", "campaign", "attempt", "presented"),
        *("closed_at", "resolution", "actor"),
    ),
}
"""Columns of each register's file; what an import does not need it passes by."""

OVERDUE = "!"
"""Marks a ticket that is still open after its last day."""

_NEEDED = {
    "optout": ("number",),
    "consent": ("number", "purpose", "channel", "wording", "granted_at"),
    "preference": ("number",),
    "freeze": ("number",),
    "complaint": ("number", "source"),
}


class DeskColumnError(InputError):
    """The file lacks a column that this register needs. Add it, with the name that the message gives as heading."""

    code = "desk-column-missing"


@dataclass(frozen=True, slots=True)
class RejectedEntry:
    """A row that was not taken (被拒的行): where, why, and its cells as they stood."""

    row: int
    column: str
    reason: str
    cells: tuple[str, ...]


@dataclass(slots=True)
class DeskImport:
    """What became of a file (导入结果)."""

    header: tuple[str, ...]
    accepted: int = 0
    known: int = 0  # said the same as the register
    rejected: list[RejectedEntry] = field(default_factory=list)
    sheets_passed: tuple[str, ...] = ()  # hidden sheets of a workbook, before the one that was read
    sheet: str = ""
    rows_hidden: tuple[int, ...] = ()
    rows_above: tuple[int, ...] = ()


def import_file(desk: Desk, register: str, file: Path) -> DeskImport:
    """Take every row that can be read. Raises `ContactFileError`, `DeskColumnError`, `StoreError`."""
    table = read_register_table(desk, file, is_heading=is_number_heading)
    names = names_of(table, _NEEDED[register])
    result, take = DeskImport(table.header), _TAKERS[register]
    result.sheet, result.sheets_passed, result.rows_hidden = table.sheet, table.sheets_passed, table.rows_hidden
    result.rows_above = table.rows_above
    places = _number_places(table, names) if register in _FOR_ALL_NUMBERS else ()
    for row in table.rows:
        found = cells_by_name(row, names)
        if isinstance(found, RejectedEntry):
            result.rejected.append(found)
            continue
        for cells in _one_number_each(desk, register, row, _each_column(found, places, row), result):
            try:
                if take(desk, cells):
                    result.accepted += 1
                else:
                    result.known += 1
            except NumberUnreadableError as error:
                result.rejected.append(RejectedEntry(row.row, "number", str(error.details["reason"]), row.cells))
            except NameUnknownError as error:
                result.rejected.append(RejectedEntry(row.row, error.column, error.code, row.cells))
            except CellError as error:
                result.rejected.append(RejectedEntry(row.row, error.column, error.reason, row.cells))
    return result


def read_register_table(desk: Desk, file: Path, is_heading: Callable[[str], bool] | None = None) -> Table:
    """The table of a register's file; see `read_table_untrusted`. Raises `ContactFileError`, OSError."""
    may_be_chinese = desk.settings.enterprise.default_region in CHINESE_REGIONS
    return read_table_untrusted(
        read_within(file, FILE_BYTES_MAX), file.name, may_be_chinese=may_be_chinese, is_heading=is_heading
    )


def names_of(table: Table, needed: Sequence[str]) -> tuple[str, ...]:
    """The names of the columns, that of the number also by its usual headings. Raises `DeskColumnError`."""
    names = [name.strip().lower() for name in table.header]
    if "number" not in names:
        place = next((place for place, name in enumerate(names) if is_number_heading(name)), None)
        if place is not None:
            names[place] = "number"
    for column in needed:
        if column not in names:
            raise DeskColumnError(file=table.file_name, column=column)
    return tuple(names)


def cells_by_name(
    row: TableRow, names: Sequence[str], chars_max: int = CELL_CHARS_MAX
) -> dict[str, str] | RejectedEntry:
    """The cells of a row, blank where a short row ends before them; or why the row cannot be taken."""
    cells = clean_cells(row.cells, len(names), chars_max)
    if isinstance(cells, tuple):
        reason, place = cells
        return RejectedEntry(row.row, names[place] if place < len(names) else "", reason.value, row.cells)
    return dict(zip(names, map(_unguarded, cells), strict=True))


def _unguarded(cell: str) -> str:
    """A cell without the mark that keeps spreadsheets from reading a formula in our own exports."""
    return cell[1:] if cell[:1] == "'" and spreadsheet_cell(cell[1:]) == cell else cell


_FOR_ALL_NUMBERS = ("optout", "freeze")
"""Registers in which every number of a cell is entered: none of them may be called any more."""


def _number_places(table: Table, names: Sequence[str]) -> tuple[int, ...]:
    """The columns that hold numbers: that which the register goes by, and whatever else a heading calls so."""
    return tuple(
        place for place, name in enumerate(names) if name == "number" or is_number_heading(table.header[place])
    )


def _each_column(cells: dict[str, str], places: Sequence[int], row: TableRow) -> list[dict[str, str]]:
    """The row once for each of its columns with a number that is not blank; as it is where there is at most one."""
    written = [row.cells[place].strip() for place in places if place < len(row.cells)]
    return [{**cells, "number": _unguarded(number)} for number in written if number] or [cells]


def _one_number_each(
    desk: Desk, register: str, row: TableRow, columns: Sequence[dict[str, str]], result: DeskImport
) -> list[dict[str, str]]:
    """The row once for each number of its cells, where the register takes them all; else as it is."""
    if register not in _FOR_ALL_NUMBERS:
        return list(columns)
    taken: list[dict[str, str]] = []
    for cells in columns:
        found = read_numbers(cells["number"], desk.settings.enterprise.default_region)
        if isinstance(found, RejectReason):
            taken.append(cells)
            continue
        readings, left_out = found
        if left_out:
            result.rejected.append(RejectedEntry(row.row, "number", RejectReason.SEVERAL_NUMBERS.value, row.cells))
        taken += [{**cells, "number": one.number.e164()} for one in readings]
    return taken


def write_rejected(result: DeskImport, target: Path, texts: Catalogue) -> None:
    """The rejected rows with reason before their own cells; no file where there are none."""
    if not result.rejected:
        target.unlink(missing_ok=True)
        return
    of_numbers = catalogue("contacts", texts.lang)
    rows = [
        [str(bad.row), bad.column, reject_text(texts, of_numbers, bad.reason), *bad.cells] for bad in result.rejected
    ]
    headings = [texts.text(f"headings.{name}") for name in ("row", "column", "reason")]
    write_csv(target, [*headings, *result.header], rows)


def reject_text(texts: Catalogue, of_numbers: Catalogue, reason: str) -> str:
    """Why a row was not taken, in words: the desks' own reasons, and those of contact lists."""
    return texts.text_or(f"reject.{reason}", of_numbers.text_or(f"reject.{reason}.text", reason))


def export_file(desk: Desk, register: str, target: Path) -> int:
    """Write the whole register, numbers in full: the file is the organisation's own. Gives the count of rows."""
    rows = rows_of(desk, register)
    columns = COLUMNS[register]
    write_csv(target, columns, [[row.get(column, "") for column in columns] for row in rows])
    return len(rows)


def rows_of(desk: Desk, register: str) -> list[dict[str, str]]:
    """The rows of a register, people in the order of their ids. Times are those of the enterprise's zone."""
    everybody = desk.everybody()
    lister = _LISTERS[register]
    return [{"number": one.callee.number.e164(), **row} for one in everybody for row in lister(desk, one)]


def write_csv(target: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write rows under a heading, so that spreadsheets read the characters aright; for the owner's eyes only."""
    write_private(target, csv_text([header, *rows]))


# Rows in


def _take_optout(desk: Desk, cells: Mapping[str, str]) -> bool:
    channel = word_of(cells, "channel", RefusalChannel) if cells.get("channel") else RefusalChannel.OPERATOR
    return desk.opt_out(desk.reading(cells["number"]), channel)


def _take_consent(desk: Desk, cells: Mapping[str, str]) -> bool:
    reading, wording = desk.reading(cells["number"]), cells["wording"]
    purpose, channel = word_of(cells, "purpose", Purpose), word_of(cells, "channel", ReachChannel)
    granted_at = time_of(desk, cells, "granted_at")
    if granted_at is None:
        raise CellError("granted_at", "time-missing")
    if not wording:
        raise CellError("wording", "wording-missing")
    callee_id = desk.known(reading.number)
    known = desk.store.standing(callee_id).consents if callee_id is not None else ()
    same = (purpose, channel, granted_at)
    if any((consent.purpose, consent.channel, consent.granted_at) == same for consent in known):
        return False
    desk.grant(
        reading,
        purpose,
        channel,
        wording,
        granted_at=granted_at,
        evidence=cells.get("evidence", ""),
        proof_file=cells.get("proof_file") or None,
        expires_at=time_of(desk, cells, "expires_at"),
        is_spoken=cells.get("is_spoken", "").lower() in ("1", "true", "yes", "是"),
    )
    if time_of(desk, cells, "withdrawn_at") is not None:
        desk.withdraw(reading, purpose, channel)
    return True


def _take_preference(desk: Desk, cells: Mapping[str, str]) -> bool:
    reading = desk.reading(cells["number"])
    try:
        wished = preference_of_cells(desk, cells)
    except ValueError as error:
        raise CellError("windows", "word-unknown") from error
    callee_id = desk.known(reading.number)
    held = None if callee_id is None else desk.store.standing(callee_id).preference
    if held is not None and cells_of(held) == cells_of(wished):
        return False
    desk.wish(reading, wished)
    return True


_BLOCKS = ("block", "黑名单", "封禁", "永久")
_FREEZES = ("", "freeze", "冻结")


def _take_freeze(desk: Desk, cells: Mapping[str, str]) -> bool:
    reading = desk.reading(cells["number"])
    kind = cells.get("kind", "").lower()
    if kind in _BLOCKS:
        return desk.block(reading, cells.get("reason", ""))
    if kind not in _FREEZES:
        raise CellError("kind", "word-unknown")
    until = time_of(desk, cells, "until")
    if until is None:
        raise CellError("until", "time-missing")
    if until <= desk.now:
        return False
    callee_id = desk.known(reading.number)
    if callee_id and any(freeze.frozen_until >= until for freeze in desk.store.standing(callee_id).freezes):
        return False
    desk.freeze_until(reading, until)
    return True


def _take_complaint(desk: Desk, cells: Mapping[str, str]) -> bool:
    reading, source = desk.reading(cells["number"]), word_of(cells, "source", ComplaintSource)
    received_at = time_of(desk, cells, "received_at")
    callee_id = desk.known(reading.number)
    known = desk.store.standing(callee_id).complaints if callee_id is not None else ()
    if received_at is not None and any((c.source, c.received_at) == (source, received_at) for c in known):
        return False
    desk.complain(
        reading,
        source,
        campaign_id=cells.get("campaign") or None,
        attempt_id=cells.get("attempt") or None,
        presented=cells.get("presented") or None,
        received_at=received_at,
    )
    return True


# Rows out


def _list_optouts(desk: Desk, one: Registered) -> list[dict[str, str]]:
    return [
        {"channel": refusal.channel.value, "at": shown_time(desk, refusal.at), "actor": refusal.actor}
        for refusal in one.standing.refusals
    ]


def _list_consents(desk: Desk, one: Registered) -> list[dict[str, str]]:
    return [
        {
            "purpose": consent.purpose.value,
            "channel": consent.channel.value,
            "wording": consent.wording,
            "granted_at": shown_time(desk, consent.granted_at),
            "evidence": consent.evidence,
            "proof_file": consent.proof_file or "",
            "expires_at": shown_time(desk, consent.expires_at),
            "is_spoken": "true" if consent.is_spoken else "",
            "withdrawn_at": shown_time(desk, consent.withdrawn_at),
            "retain_until": "" if consent.retain_until is None else consent.retain_until.isoformat(),
            "actor": consent.actor,
        }
        for consent in one.standing.consents
    ]


def _list_preferences(desk: Desk, one: Registered) -> list[dict[str, str]]:
    held = one.standing.preference
    if held is None:
        return []
    return [{**cells_of(held), "set_at": shown_time(desk, held.set_at), "actor": held.actor}]


def _list_freezes(desk: Desk, one: Registered) -> list[dict[str, str]]:
    freezes = [
        {
            "kind": "freeze",
            "until": shown_time(desk, freeze.frozen_until),
            "reason": freeze.reason,
            "at": shown_time(desk, freeze.at),
            "actor": freeze.actor,
        }
        for freeze in one.standing.freezes
        if freeze.frozen_until > desk.now
    ]
    blocks = [
        {"kind": "block", "until": "", "reason": block.reason, "at": shown_time(desk, block.at), "actor": block.actor}
        for block in one.standing.blocks
    ]
    return freezes + blocks


def _list_complaints(desk: Desk, one: Registered) -> list[dict[str, str]]:
    return [
        {
            "complaint": complaint.complaint_id,
            "source": complaint.source.value,
            "received_at": shown_time(desk, complaint.received_at),
            "due_on": complaint.due_on.isoformat(),
            "state": complaint.state.value,
            "overdue": OVERDUE if complaint.is_overdue_on(desk.now.astimezone(zone_of(desk.settings)).date()) else "",
            "campaign": complaint.campaign_id or "",
            "attempt": complaint.attempt_id or "",
            "presented": complaint.presented or "",
            "closed_at": shown_time(desk, complaint.closed_at),
            "resolution": complaint.resolution,
            "actor": complaint.actor,
        }
        for complaint in one.standing.complaints
    ]


def shown_time(desk: Desk, at: datetime | None) -> str:
    """A time on the enterprise's clock; nothing for none."""
    return "" if at is None else at.astimezone(zone_of(desk.settings)).isoformat(sep=" ")


_TAKERS: Mapping[str, Callable[[Desk, Mapping[str, str]], bool]] = {
    "optout": _take_optout,
    "consent": _take_consent,
    "preference": _take_preference,
    "freeze": _take_freeze,
    "complaint": _take_complaint,
}
_LISTERS: Mapping[str, Callable[[Desk, Registered], list[dict[str, str]]]] = {
    "optout": _list_optouts,
    "consent": _list_consents,
    "preference": _list_preferences,
    "freeze": _list_freezes,
    "complaint": _list_complaints,
}
