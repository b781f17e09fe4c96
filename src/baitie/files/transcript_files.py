"""Transcripts from a file into the review queue."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path

from baitie.app.registers.policy import NumberUnreadableError
from baitie.app.registers.registers import Registers
from baitie.domain.contacts import NumberReading
from baitie.domain.review import Speaker, Suspect, SuspectWords, Transcript, Utterance, parse_suspect_words
from baitie.files.register_tables import RegisterImport, RejectedEntry, cells_by_name, names_of, read_register_table

SUSPECT_WORDS_FILE = "suspect-words.toml"


UTTERANCE_CHARS_MAX = 20_000
"""A whole call may stand in one cell: what it holds may be a refusal."""


@cache
def read_suspect_words() -> SuspectWords:
    """The keyword classes, as shipped."""
    file = resources.files("baitie").joinpath("rules", SUSPECT_WORDS_FILE)
    return parse_suspect_words(tomllib.loads(file.read_text("utf-8")), SUSPECT_WORDS_FILE)


@dataclass(slots=True)
class TranscriptImport:
    """What became of a file of transcripts (转写导入结果)."""

    transcripts: int = 0
    suspects: list[Suspect] = field(default_factory=list)
    optouts: int = 0
    lines: RegisterImport = field(default_factory=lambda: RegisterImport(()))


@dataclass(slots=True)
class _Call:
    """The lines of one call, while they are collected."""

    reading: NumberReading
    attempt_id: str | None
    utterances: list[Utterance] = field(default_factory=list)


def import_transcripts(registers: Registers, file: Path) -> TranscriptImport:
    """Take a file with an utterance a row: number, call, speaker, text; `call` or `attempt` holds a call together.

    Raises `ContactFileError`, `RegisterColumnError`, `StoreError`.
    """
    table = read_register_table(registers, file)
    names = names_of(table, ("number", "text"))
    done = TranscriptImport(lines=RegisterImport(table.header))
    calls: dict[tuple[str, str], _Call] = {}
    for row in table.rows:
        cells = cells_by_name(row, names, UTTERANCE_CHARS_MAX)
        if isinstance(cells, RejectedEntry):
            done.lines.rejected.append(cells)
            continue
        try:
            _take_line(registers, cells, calls)
            done.lines.accepted += 1
        except NumberUnreadableError as error:
            reason = str(error.details["reason"])
            done.lines.rejected.append(RejectedEntry(row.row, "number", reason, row.cells))
        except _WordError as error:
            done.lines.rejected.append(RejectedEntry(row.row, error.column, "word-unknown", row.cells))
    recogniser = f"file {file.name}"
    for call in calls.values():
        _read_call(registers, call, recogniser, done)
    return done


class _WordError(Exception):
    def __init__(self, column: str) -> None:
        super().__init__(column)
        self.column = column


def _take_line(registers: Registers, cells: Mapping[str, str], calls: dict[tuple[str, str], _Call]) -> None:
    reading = registers.reading(cells["number"])
    try:
        speaker = Speaker(cells.get("speaker", "").lower() or Speaker.UNKNOWN)
    except ValueError as error:
        raise _WordError("speaker") from error
    attempt = cells.get("attempt") or None
    key = (reading.number.e164(), cells.get("call") or attempt or "")
    call = calls.setdefault(key, _Call(reading, attempt))
    call.utterances.append(Utterance(speaker, cells.get("text", "")))


def _read_call(registers: Registers, call: _Call, recogniser: str, done: TranscriptImport) -> None:
    read = registers.reviews.read(call.reading, Transcript(tuple(call.utterances), recogniser, call.attempt_id))
    done.transcripts += 1
    done.suspects += read.suspects
    done.optouts += read.optout is not None
