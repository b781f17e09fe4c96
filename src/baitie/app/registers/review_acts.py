"""The review queue at the desk: transcripts in, suspects out, decided by people."""

from baitie.app.records.batch import Batch
from baitie.app.registers.registers import Registers
from baitie.app.registers.review_queue import decided_batch, entry_about
from baitie.domain.contacts import NumberReading
from baitie.domain.review import ReviewObjection, Suspect, SuspectState, objection_to_decision
from baitie.files.transcript_files import read_suspect_words
from baitie.kernel.errors import InputError
from baitie.kernel.ids import AttemptId

BY_HAND = "by-hand"


class SuspectUnknownError(InputError):
    """No suspect, or more than one, has this id. `baitie review list` shows them."""

    code = "suspect-unknown"


class KeywordClassUnknownError(InputError):
    """There is no such keyword class. The message names those that there are."""

    code = "keyword-class-unknown"


class AttemptNotOursError(InputError):
    """The store has no such attempt. Leave the column `attempt` empty where the call was not placed by Baitie."""

    code = "attempt-not-ours"


def add_suspect(
    desk: Registers, reading: NumberReading, keyword_class: str, quote: str, attempt: str | None
) -> Suspect:
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


def find_suspect(desk: Registers, part: str) -> Suspect:
    """One suspect by its id, or by an end of it that no other has. Raises `SuspectUnknownError`."""
    found = [suspect for suspect in desk.store.suspects() if suspect.suspect_id.endswith(part)]
    if len(found) != 1:
        raise SuspectUnknownError(suspect=part, found=len(found))
    return found[0]


def decide(
    desk: Registers, part: str, state: SuspectState, reason: str, days: int | None = None
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
