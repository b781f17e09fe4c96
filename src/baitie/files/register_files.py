"""Registers as files: CSV in, with the rows that cannot be taken written out again, and CSV out."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from baitie.app.registers.names import NameUnknownError
from baitie.app.registers.policy import NumberUnreadableError
from baitie.app.registers.registers import RegisteredCallee, Registers
from baitie.domain.complaints import ComplaintSource
from baitie.domain.consent.register import ReachChannel
from baitie.domain.contacts import RejectReason, read_numbers
from baitie.domain.contacts.headings import is_number_heading
from baitie.domain.contacts.table import Table, TableRow
from baitie.domain.risk.history import RefusalChannel
from baitie.files.preference_words import WISHES, cells_of, preference_of_cells
from baitie.files.register_cells import CellError, has_happened, is_for_good, time_of, word_of
from baitie.files.register_tables import (
    RegisterColumnError,
    RegisterImport,
    RejectedEntry,
    _unguarded,
    cells_by_name,
    names_of,
    read_register_table,
    shown_time,
    write_csv,
)
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

_CLOCKS_APART_MAX = timedelta(days=1)
OVERDUE = "!"
"""Marks a ticket that is still open after its last day."""

_NEEDED = {
    "optout": ("number",),
    "consent": ("number", "purpose", "channel", "wording", "granted_at"),
    "preference": ("number",),
    "freeze": ("number",),
    "complaint": ("number", "source"),
}


def import_file(registers: Registers, register: str, file: Path) -> RegisterImport:
    """Take every row that can be read. Raises `ContactFileError`, `RegisterColumnError`, `StoreError`."""
    table = read_register_table(registers, file, is_heading=is_number_heading)
    if register == "optout":
        table = _with_heading(registers, table)
    names = names_of(table, _NEEDED[register])
    if register == "preference" and not any(name in names for name in WISHES):
        raise RegisterColumnError(file=table.file_name, column=WISHES[0])
    result, take = RegisterImport(table.header), _TAKERS[register]
    result.sheet, result.sheets_passed, result.rows_hidden = table.sheet, table.sheets_passed, table.rows_hidden
    result.rows_above = table.rows_above
    places = _number_places(table, names) if register in _FOR_ALL_NUMBERS else ()
    for row in table.rows:
        found = cells_by_name(row, names)
        if isinstance(found, RejectedEntry):
            result.rejected.append(found)
            continue
        for cells in _one_number_each(registers, register, row, _each_column(found, places, row), result):
            try:
                if take(registers, cells):
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


_FOR_ALL_NUMBERS = ("optout", "freeze")
"""Registers in which every number of a cell is entered: none of them may be called any more."""


def _with_heading(registers: Registers, table: Table) -> Table:
    """The table of a list of bare numbers: what stands in the place of its heading is a number like the others."""
    if len(table.header) != 1 or isinstance(read_numbers(table.header[0], registers.policy.region), RejectReason):
        return table
    first = TableRow(table.header_row, table.header)
    return table._replace(header=("number",), rows=(first, *table.rows))


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
    registers: Registers, register: str, row: TableRow, columns: Sequence[dict[str, str]], result: RegisterImport
) -> list[dict[str, str]]:
    """The row once for each number of its cells, where the register takes them all; else as it is."""
    if register not in _FOR_ALL_NUMBERS:
        return list(columns)
    taken: list[dict[str, str]] = []
    for cells in columns:
        found = read_numbers(cells["number"], registers.policy.region)
        if isinstance(found, RejectReason):
            taken.append(cells)
            continue
        readings, left_out = found
        if left_out:
            result.rejected.append(RejectedEntry(row.row, "number", RejectReason.SEVERAL_NUMBERS.value, row.cells))
        taken += [{**cells, "number": one.number.e164()} for one in readings]
    return taken


def export_file(registers: Registers, register: str, target: Path) -> int:
    """Write the whole register, numbers in full: the file is the organisation's own. Gives the count of rows."""
    rows = rows_of(registers, register)
    columns = COLUMNS[register]
    write_csv(target, columns, [[row.get(column, "") for column in columns] for row in rows])
    return len(rows)


def rows_of(registers: Registers, register: str) -> list[dict[str, str]]:
    """The rows of a register, people in the order of their ids. Times are those of the enterprise's zone."""
    everybody = registers.everybody()
    lister = _LISTERS[register]
    return [{"number": one.callee.number.e164(), **row} for one in everybody for row in lister(registers, one)]


# Rows in


def _take_optout(registers: Registers, cells: Mapping[str, str]) -> bool:
    """A refusal counts however it was said: a channel of another name is entered as what the operator was told."""
    try:
        channel = word_of(cells, "channel", RefusalChannel)
    except CellError:
        channel = RefusalChannel.OPERATOR
    return registers.refusals.enter(registers.reading(cells["number"]), channel)


def _take_consent(registers: Registers, cells: Mapping[str, str]) -> bool:
    """A consent, or the end of one. Whatever stands for the time of a withdrawal, the consent is over."""
    reading, wording = registers.reading(cells["number"]), cells["wording"]
    purpose, channel = word_of(cells, "purpose", Purpose), word_of(cells, "channel", ReachChannel)
    granted_at = time_of(registers, cells, "granted_at")
    if granted_at is None:
        raise CellError("granted_at", "time-missing")
    is_withdrawn = has_happened(cells, "withdrawn_at")
    known = registers.standing_of(reading.number).consents
    same = [one for one in known if (one.purpose, one.channel, one.granted_at) == (purpose, channel, granted_at)]
    if same:
        standing = [one for one in same if one.withdrawn_at is None]
        if is_withdrawn and standing:
            registers.consents.withdraw(reading, purpose, channel, only={one.consent_id for one in standing})
        return is_withdrawn and bool(standing)
    if not wording:
        raise CellError("wording", "wording-missing")
    consent = registers.consents.grant(
        reading,
        purpose,
        channel,
        wording,
        granted_at=granted_at,
        evidence=cells.get("evidence", ""),
        proof_file=cells.get("proof_file") or None,
        expires_at=time_of(registers, cells, "expires_at"),
        is_spoken=cells.get("is_spoken", "").lower() in ("1", "true", "yes", "是"),
    )
    if is_withdrawn:
        registers.consents.withdraw(reading, purpose, channel, only={consent.consent_id})
    return True


def _take_preference(registers: Registers, cells: Mapping[str, str]) -> bool:
    reading = registers.reading(cells["number"])
    wished = preference_of_cells(registers, cells)
    held = registers.standing_of(reading.number).preference
    if cells_of(wished) == (_NO_WISH if held is None else cells_of(held)):
        return False
    if cells_of(wished) == _NO_WISH:  # a row that was not filled in must not wipe out what somebody wished
        raise CellError(next(name for name in WISHES if name in cells), "wish-missing")
    registers.preferences.enter(reading, wished)
    return True


_NO_WISH = dict.fromkeys(WISHES, "")
_BLOCKS = ("block", "黑名单", "封禁", "永久")
_FREEZES = ("", "freeze", "冻结")


def _take_freeze(registers: Registers, cells: Mapping[str, str]) -> bool:
    reading = registers.reading(cells["number"])
    kind = cells.get("kind", "").lower()
    if kind in _BLOCKS or (kind in _FREEZES and is_for_good(cells, "until")):
        return registers.freezes.block(reading, cells.get("reason", ""))
    if kind not in _FREEZES:
        raise CellError("kind", "word-unknown")
    until = time_of(registers, cells, "until")
    if until is None:
        raise CellError("until", "time-missing")
    if until <= registers.now:
        return False
    if any(freeze.frozen_until >= until for freeze in registers.standing_of(reading.number).freezes):
        return False
    registers.freezes.freeze_until(reading, until)
    return True


def _take_complaint(registers: Registers, cells: Mapping[str, str]) -> bool:
    reading, source = registers.reading(cells["number"]), word_of(cells, "source", ComplaintSource)
    received_at = time_of(registers, cells, "received_at")
    if received_at is not None and received_at > registers.now + _CLOCKS_APART_MAX:
        raise CellError("received_at", "time-in-future")
    known = registers.standing_of(reading.number).complaints
    if received_at is not None and any((c.source, c.received_at) == (source, received_at) for c in known):
        return False
    registers.complaints.open(
        reading,
        source,
        campaign_id=cells.get("campaign") or None,
        attempt_id=cells.get("attempt") or None,
        presented=cells.get("presented") or None,
        received_at=received_at,
    )
    return True


# Rows out


def _list_optouts(registers: Registers, one: RegisteredCallee) -> list[dict[str, str]]:
    return [
        {"channel": refusal.channel.value, "at": shown_time(registers, refusal.at), "actor": refusal.actor}
        for refusal in one.standing.refusals
    ]


def _list_consents(registers: Registers, one: RegisteredCallee) -> list[dict[str, str]]:
    return [
        {
            "purpose": consent.purpose.value,
            "channel": consent.channel.value,
            "wording": consent.wording,
            "granted_at": shown_time(registers, consent.granted_at),
            "evidence": consent.evidence,
            "proof_file": consent.proof_file or "",
            "expires_at": shown_time(registers, consent.expires_at),
            "is_spoken": "true" if consent.is_spoken else "",
            "withdrawn_at": shown_time(registers, consent.withdrawn_at),
            "retain_until": "" if consent.retain_until is None else consent.retain_until.isoformat(),
            "actor": consent.actor,
        }
        for consent in one.standing.consents
    ]


def _list_preferences(registers: Registers, one: RegisteredCallee) -> list[dict[str, str]]:
    held = one.standing.preference
    if held is None:
        return []
    return [{**cells_of(held), "set_at": shown_time(registers, held.set_at), "actor": held.actor}]


def _list_freezes(registers: Registers, one: RegisteredCallee) -> list[dict[str, str]]:
    freezes = [
        {
            "kind": "freeze",
            "until": shown_time(registers, freeze.frozen_until),
            "reason": freeze.reason,
            "at": shown_time(registers, freeze.at),
            "actor": freeze.actor,
        }
        for freeze in one.standing.freezes
        if freeze.frozen_until > registers.now
    ]
    blocks = [
        {
            "kind": "block",
            "until": "",
            "reason": block.reason,
            "at": shown_time(registers, block.at),
            "actor": block.actor,
        }
        for block in one.standing.blocks
    ]
    return freezes + blocks


def _list_complaints(registers: Registers, one: RegisteredCallee) -> list[dict[str, str]]:
    return [
        {
            "complaint": complaint.complaint_id,
            "source": complaint.source.value,
            "received_at": shown_time(registers, complaint.received_at),
            "due_on": complaint.due_on.isoformat(),
            "state": complaint.state.value,
            "overdue": OVERDUE
            if complaint.is_overdue_on(registers.now.astimezone(registers.policy.zone).date())
            else "",
            "campaign": complaint.campaign_id or "",
            "attempt": complaint.attempt_id or "",
            "presented": complaint.presented or "",
            "closed_at": shown_time(registers, complaint.closed_at),
            "resolution": complaint.resolution,
            "actor": complaint.actor,
        }
        for complaint in one.standing.complaints
    ]


_TAKERS: Mapping[str, Callable[[Registers, Mapping[str, str]], bool]] = {
    "optout": _take_optout,
    "consent": _take_consent,
    "preference": _take_preference,
    "freeze": _take_freeze,
    "complaint": _take_complaint,
}
_LISTERS: Mapping[str, Callable[[Registers, RegisteredCallee], list[dict[str, str]]]] = {
    "optout": _list_optouts,
    "consent": _list_consents,
    "preference": _list_preferences,
    "freeze": _list_freezes,
    "complaint": _list_complaints,
}
