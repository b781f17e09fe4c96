"""Transcripts become suspects of the review queue, and clear refusals at once; a person decides about the rest."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from baitie.app.records.batch import Batch, merged
from baitie.app.registers.refusals import refusal_batch
from baitie.domain.consent.optout import OptOut, WordChannel, reads_as_optout
from baitie.domain.review import Speaker, Suspect, SuspectState, SuspectWords, Transcript, classify
from baitie.domain.risk.history import Freeze, RefusalChannel
from baitie.kernel.ids import CalleeId
from baitie.kernel.journal import JournalEntry, JournalKind, JsonValue

REVIEW = "review"
"""The rule that a freeze after a review names."""


class TranscriptSource(Protocol):
    """Where transcripts come from (转写来源): a file today, a recogniser where there is one."""

    def transcripts(self) -> Iterator[tuple[CalleeId, Transcript]]:
        """Each call's transcript with the callee; every one of them once."""
        ...


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
