"""The review queue at the desk: transcripts in, suspects out, decided by people."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path

from baitie.app.records import Batch
from baitie.app.reviewing import decided_batch, entry_about, read_transcript
from baitie.bootstrap.asking import NumberUnreadableError
from baitie.bootstrap.desk_files import (
    DeskImport,
    RejectedEntry,
    cells_by_name,
    names_of,
    read_register_table,
    shown_time,
)
from baitie.bootstrap.desks import Desk
from baitie.domain.contacts import NumberReading
from baitie.domain.review import (
    ReviewObjection,
    Speaker,
    Suspect,
    SuspectState,
    SuspectWords,
    Transcript,
    Utterance,
    objection_to_decision,
    parse_suspect_words,
)
from baitie.kernel.errors import InputError
from baitie.kernel.ids import AttemptId

SUSPECT_WORDS_FILE = "suspect-words.toml"
COLUMNS = (
    *("suspect", "number", "class", "word", "quote", "found_at", "found_by", "attempt", "state"),
    *("decided_at", "decided_by", "reason", "frozen_until"),
)
BY_HAND = "by-hand"
UTTERANCE_CHARS_MAX = 20_000
"""A whole call may stand in one cell: what it holds may be a refusal."""


class SuspectUnknownError(InputError):
    """No suspect, or more than one, has this id. `baitie review list` shows them."""

    code = "suspect-unknown"


class KeywordClassUnknownError(InputError):
    """There is no such keyword class. The message names those that there are."""

    code = "keyword-class-unknown"


class AttemptNotOursError(InputError):
    """The store has no such attempt. Leave the column `attempt` empty where the call was not placed by Baitie."""

    code = "attempt-not-ours"


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
    lines: DeskImport = field(default_factory=lambda: DeskImport(()))


@dataclass(slots=True)
class _Call:
    """The lines of one call, while they are collected."""

    reading: NumberReading
    attempt_id: str | None
    utterances: list[Utterance] = field(default_factory=list)


def import_transcripts(desk: Desk, file: Path) -> TranscriptImport:
    """Take a file with an utterance a row: number, call, speaker, text; `call` or `attempt` holds a call together.

    Raises `ContactFileError`, `DeskColumnError`, `StoreError`.
    """
    table = read_register_table(desk, file)
    names = names_of(table, ("number", "text"))
    done = TranscriptImport(lines=DeskImport(table.header))
    calls: dict[tuple[str, str], _Call] = {}
    for row in table.rows:
        cells = cells_by_name(row, names, UTTERANCE_CHARS_MAX)
        if isinstance(cells, RejectedEntry):
            done.lines.rejected.append(cells)
            continue
        try:
            _take_line(desk, cells, calls)
            done.lines.accepted += 1
        except NumberUnreadableError as error:
            reason = str(error.details["reason"])
            done.lines.rejected.append(RejectedEntry(row.row, "number", reason, row.cells))
        except _WordError as error:
            done.lines.rejected.append(RejectedEntry(row.row, error.column, "word-unknown", row.cells))
    recogniser = f"file {file.name}"
    for call in calls.values():
        _read_call(desk, call, recogniser, done)
    return done


class _WordError(Exception):
    def __init__(self, column: str) -> None:
        super().__init__(column)
        self.column = column


def _take_line(desk: Desk, cells: Mapping[str, str], calls: dict[tuple[str, str], _Call]) -> None:
    reading = desk.reading(cells["number"])
    try:
        speaker = Speaker(cells.get("speaker", "").lower() or Speaker.UNKNOWN)
    except ValueError as error:
        raise _WordError("speaker") from error
    attempt = cells.get("attempt") or None
    key = (reading.number.e164(), cells.get("call") or attempt or "")
    call = calls.setdefault(key, _Call(reading, attempt))
    call.utterances.append(Utterance(speaker, cells.get("text", "")))


def _read_call(desk: Desk, call: _Call, recogniser: str, done: TranscriptImport) -> None:
    callee_id = desk.callee(call.reading)
    transcript = Transcript(tuple(call.utterances), recogniser, call.attempt_id)
    known = frozenset((s.keyword_class, s.attempt_id) for s in desk.store.suspects() if s.callee_id == callee_id)
    has_refused = bool(desk.store.standing(callee_id).refusals)
    read = read_transcript(
        callee_id, transcript, read_suspect_words(), known, desk.now, desk.new_id, has_refused=has_refused
    )
    done.transcripts += 1
    done.suspects += read.suspects
    done.optouts += read.optout is not None
    if read.batch.journal:
        desk.keep(read.batch)


def add_suspect(desk: Desk, reading: NumberReading, keyword_class: str, quote: str, attempt: str | None) -> Suspect:
    """Enter a suspect by hand: another person decides."""
    words = read_suspect_words()
    if words.of_code(keyword_class) is None:
        raise KeywordClassUnknownError(known=", ".join(kind.code for kind in words.classes))
    callee_id = desk.callee(reading)
    if attempt is not None and desk.store.caller_of(AttemptId(attempt)) is None:
        raise AttemptNotOursError(attempt=attempt)
    suspect = Suspect(desk.new_id("sp"), callee_id, keyword_class, BY_HAND, desk.now, desk.actor, quote, attempt)
    desk.keep(Batch(suspects=[suspect], journal=[entry_about(suspect, desk.now, {"actor": desk.actor})]))
    return suspect


def find_suspect(desk: Desk, part: str) -> Suspect:
    """One suspect by its id, or by an end of it that no other has. Raises `SuspectUnknownError`."""
    found = [suspect for suspect in desk.store.suspects() if suspect.suspect_id.endswith(part)]
    if len(found) != 1:
        raise SuspectUnknownError(suspect=part, found=len(found))
    return found[0]


def decide(
    desk: Desk, part: str, state: SuspectState, reason: str, days: int | None = None
) -> tuple[Suspect, ReviewObjection | None]:
    """Confirm or dismiss, as the person at the desk; or say why not. A confirmation freezes."""
    suspect = find_suspect(desk, part)
    objection = objection_to_decision(suspect, state, desk.actor, reason)
    if objection is not None:
        return suspect, objection
    kind = read_suspect_words().of_code(suspect.keyword_class)
    freeze_days = days or (desk.settings.desk.complaint_freeze_days if kind is None else kind.freeze_days)
    decided, batch = decided_batch(suspect, state, desk.actor, reason, desk.now, freeze_days)
    desk.keep(batch)
    return decided, None


def rows_of_review(desk: Desk, state: SuspectState | None = None) -> list[dict[str, str]]:
    """The queue as rows, those found first first."""
    people = {callee.callee_id: callee.number.e164() for callee in desk.store.suspected_callees()}
    return [row_of(desk, suspect, people[suspect.callee_id]) for suspect in desk.store.suspects(state)]


def row_of(desk: Desk, suspect: Suspect, number: str) -> dict[str, str]:
    """One suspect as a row."""
    return {
        "suspect": suspect.suspect_id,
        "number": number,
        "class": suspect.keyword_class,
        "word": suspect.word,
        "quote": suspect.quote,
        "found_at": shown_time(desk, suspect.found_at),
        "found_by": suspect.found_by,
        "attempt": suspect.attempt_id or "",
        "state": suspect.state.value,
        "decided_at": shown_time(desk, suspect.decided_at),
        "decided_by": suspect.decided_by or "",
        "reason": suspect.decision_reason,
        "frozen_until": shown_time(desk, suspect.frozen_until),
    }
