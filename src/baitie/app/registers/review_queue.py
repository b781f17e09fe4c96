"""Transcripts become suspects of the review queue, and clear refusals at once; a person decides about the rest."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from baitie.app.records.batch import Batch, merged
from baitie.app.registers.book import RegisterBook, only_one
from baitie.app.registers.refusals import refusal_batch
from baitie.domain.consent.optout import OptOut, WordChannel, reads_as_optout
from baitie.domain.contacts import NumberReading
from baitie.domain.review import (
    ReviewObjection,
    Speaker,
    Suspect,
    SuspectState,
    SuspectWords,
    Transcript,
    classify,
    objection_to_decision,
)
from baitie.domain.risk.history import Freeze, RefusalChannel
from baitie.kernel.errors import InputError
from baitie.kernel.ids import AttemptId, CalleeId
from baitie.kernel.journal import JournalEntry, JournalKind, JsonValue

REVIEW = "review"
"""The rule that a freeze after a review names."""

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


@dataclass(frozen=True, slots=True)
class Reading:
    """What a transcript came to (转写判读): the suspects, and whether the callee refused further calls in it."""

    batch: Batch
    suspects: tuple[Suspect, ...]
    optout: OptOut | None


def read_transcript(
    callee_id: CalleeId,
    transcript: Transcript,
    words: SuspectWords,
    known: frozenset[tuple[str, str | None]],
    at: datetime,
    new_id: Callable[[str], str],
    *,
    has_refused: bool,
) -> Reading:
    """Suspects by keyword class, those apart that are `known` already by class and attempt; and the opt-out.

    A clear refusal of further calls by the callee holds at once, as by any other way; it needs no reviewer.
    """
    found_by = f"{transcript.recogniser} / keywords {words.version}"
    suspects = tuple(
        Suspect(
            suspect_id=new_id("sp"),
            callee_id=callee_id,
            keyword_class=finding.keyword_class,
            word=finding.word,
            found_at=at,
            found_by=found_by,
            quote=finding.quote,
            attempt_id=transcript.attempt_id,
        )
        for finding in classify(transcript, words)
        if (finding.keyword_class, transcript.attempt_id) not in known
    )
    batch = Batch(suspects=list(suspects), journal=[entry_about(suspect, at, {}) for suspect in suspects])
    optout = None if has_refused else _optout(transcript)
    if optout is not None:
        said: dict[str, JsonValue] = {"word": optout.word, "language": optout.language}
        if transcript.attempt_id is not None:
            said["attempt_id"] = transcript.attempt_id
        refused = refusal_batch(callee_id, RefusalChannel.VOICE, found_by, at, evidence=said)
        batch = merged((batch, refused))
    return Reading(batch, suspects, optout)


def _optout(transcript: Transcript) -> OptOut | None:
    for utterance in transcript.utterances:
        if utterance.speaker is Speaker.CALLEE:
            found = reads_as_optout(utterance.text, WordChannel.VOICE)
            if found is not None:
                return found
    return None


def decided_batch(
    suspect: Suspect, state: SuspectState, actor: str, reason: str, at: datetime, freeze_days: int
) -> tuple[Suspect, Batch]:
    """What a person's decision brings about; a confirmation freezes, and nothing else does.

    Ask `objection_to_decision` first.
    """
    if state is not SuspectState.CONFIRMED:
        decided = suspect.decided(state, at, actor, reason)
        return decided, Batch(suspects=[decided], journal=[entry_about(decided, at, {"actor": actor})])
    until = at + timedelta(days=freeze_days)
    decided = suspect.decided(state, at, actor, reason, until)
    frozen: dict[str, JsonValue] = {
        "rule": REVIEW,
        "reason": suspect.keyword_class,
        "until": until.isoformat(),
        "suspect": suspect.suspect_id,
        "actor": actor,
    }
    return decided, Batch(
        suspects=[decided],
        freezes=[Freeze(suspect.callee_id, at, until, suspect.keyword_class, REVIEW, actor)],
        journal=[
            entry_about(decided, at, {"actor": actor}),
            JournalEntry(JournalKind.CALLEE_FROZEN, at, callee_id=suspect.callee_id, facts=frozen),
        ],
    )


_KINDS = {
    SuspectState.OPEN: JournalKind.SUSPECT_FOUND,
    SuspectState.CONFIRMED: JournalKind.SUSPECT_CONFIRMED,
    SuspectState.DISMISSED: JournalKind.SUSPECT_DISMISSED,
}


def entry_about(suspect: Suspect, at: datetime, facts: dict[str, JsonValue]) -> JournalEntry:
    """The journal's word about a suspect; what was said is not in it."""
    said: dict[str, JsonValue] = {
        "suspect": suspect.suspect_id,
        "class": suspect.keyword_class,
        "found_by": suspect.found_by,
        **facts,
    }
    return JournalEntry(
        _KINDS[suspect.state], at, attempt_id=suspect.attempt_id, callee_id=suspect.callee_id, facts=said
    )


@dataclass(frozen=True, slots=True)
class ReviewQueue:
    """Review queue (复核队列): suspects in, decided by people."""

    book: RegisterBook

    def read(self, reading: NumberReading, transcript: Transcript) -> Reading:
        """Take the suspects of a call, and its refusal where there is a clear one."""
        book = self.book
        callee_id = book.callee(reading)
        known = frozenset((s.keyword_class, s.attempt_id) for s in book.store.suspects() if s.callee_id == callee_id)
        has_refused = bool(book.store.standing(callee_id).refusals)
        words = book.policy.suspect_words()
        read = read_transcript(callee_id, transcript, words, known, book.now, book.new_id, has_refused=has_refused)
        if read.batch.journal:
            book.keep(read.batch)
        return read

    def add(self, reading: NumberReading, keyword_class: str, quote: str, attempt: str | None) -> Suspect:
        """Enter a suspect by hand: another person decides.

        Raises `KeywordClassUnknownError`, `AttemptNotOursError`.
        """
        book = self.book
        words = book.policy.suspect_words()
        if words.of_code(keyword_class) is None:
            raise KeywordClassUnknownError(known=", ".join(kind.code for kind in words.classes))
        callee_id = book.callee(reading)
        if attempt is not None and book.store.caller_of(AttemptId(attempt)) is None:
            raise AttemptNotOursError(attempt=attempt)
        suspect = Suspect(book.new_id("sp"), callee_id, keyword_class, BY_HAND, book.now, book.actor, quote, attempt)
        book.keep(Batch(suspects=[suspect], journal=[entry_about(suspect, book.now, {"actor": book.actor})]))
        return suspect

    def find(self, part: str) -> Suspect:
        """One suspect by its id, or by an end of it that no other has. Raises `SuspectUnknownError`."""
        found = (suspect for suspect in self.book.store.suspects() if suspect.suspect_id.endswith(part))
        return only_one(found, lambda count: SuspectUnknownError(suspect=part, found=count))

    def decide(
        self, part: str, state: SuspectState, reason: str, days: int | None = None
    ) -> tuple[Suspect, ReviewObjection | None]:
        """Confirm or dismiss, as the person who acts; or say why not. A confirmation freezes."""
        book, suspect = self.book, self.find(part)
        objection = objection_to_decision(suspect, state, book.actor, reason)
        if objection is not None:
            return suspect, objection
        kind = book.policy.suspect_words().of_code(suspect.keyword_class)
        freeze_days = days or (book.policy.complaint_freeze_days if kind is None else kind.freeze_days)
        decided, batch = decided_batch(suspect, state, book.actor, reason, book.now, freeze_days)
        book.keep(batch)
        return decided, None
