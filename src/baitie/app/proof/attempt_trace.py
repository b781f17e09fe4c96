"""The whole story of one call (全链路留痕): what store and journal know of an attempt, in order, in words."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from baitie.app.gate.past_attempts import past_attempt
from baitie.app.ports.audit_store import TraceStore
from baitie.app.ports.signing import card_key_id
from baitie.app.proof.card_signatures import token_hash
from baitie.app.records.journal import AttemptFile
from baitie.app.records.sent_card import SentCard
from baitie.domain.audit import Checkpoint
from baitie.domain.contacts import NumberReading, read_number
from baitie.domain.filing import Filing, SubjectKind
from baitie.kernel.errors import InputError
from baitie.kernel.ids import AttemptId
from baitie.kernel.journal import JournalEntry, JournalKind, JsonValue
from baitie.kernel.records import AttemptRecord

DEFAULT_SHORT_CALL_S = 5.0
DIGEST_SHOWN = 12
CLOCKS_APART = timedelta(minutes=5)
"""Entries whose civil time is so much later than their signature's were written by another clock."""

_TOLD_ELSEWHERE = frozenset({"verdict_facts", "answers"})
"""Facts of the end that the story tells at their own time."""

FROM_TABLES = frozenset({"origin", "counted", "not-counted", "recording", "reviewed", "card-signed"})
"""Steps that are put together from tables and files, which nobody signs."""

_ENDS = frozenset({JournalKind.ATTEMPT_ENDED, JournalKind.LEAD_CLOSED})
"""With these the call is over; what is written about it later is no part of it."""


class AttemptUnknownError(InputError):
    """The store has no such attempt. Take the id from report.json, or from the journal."""

    code = "attempt-unknown"


class AttemptAmbiguousError(InputError):
    """Several attempts have such an id. Write more of it."""

    code = "attempt-ambiguous"


@dataclass(frozen=True, slots=True)
class TraceStep:
    """Step (留痕步骤) of the story: a journal entry, or what follows from the records where `seq` is None."""

    kind: str  # of the journal, or a word of the catalogue's own in kebab-case
    at: datetime | None = None
    seq: int | None = None
    facts: Mapping[str, JsonValue] = field(default_factory=dict)
    from_table: tuple[str, ...] = ()  # names of facts that the store's tables say, and no signed entry


@dataclass(frozen=True, slots=True)
class Trace:
    """Trace (留痕) of one attempt. Numbers are masked; names, texts and signed tokens are not in it."""

    attempt: AttemptRecord
    callee: str | None  # masked; None where the person was forgotten
    steps: tuple[TraceStep, ...]
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class TraceContext:
    """What is known of a call beside the store (留痕背景): of its campaign, as far as that can be read, and of its
    card's filings. `has_recording` is None where nobody can know."""

    region: str  # where numbers without a country code are dialled
    zone: tzinfo
    filings: Sequence[Filing] = ()
    short_call_max_s: float = DEFAULT_SHORT_CALL_S
    has_recording: Callable[[str], bool] | None = None


def trace(store: TraceStore, part: str, context: TraceContext) -> Trace:
    """The story of the attempt whose id begins or ends so, or of the newest to the number that is written so.

    Raises `AttemptUnknownError`, `AttemptAmbiguousError`.
    """
    file = store.attempt_file(_only(_ids_of(store, context.region, part.strip()), part))
    checkpoints = store.checkpoints()
    cards = () if file is None else tuple(store.sent_cards(file.attempt.attempt_id))
    if file is None:
        raise AttemptUnknownError(attempt=part)
    told = [*_steps(file, checkpoints, context)]
    reviews = [filing for filing in context.filings if filing.subject.kind is SubjectKind.TEMPLATE]
    steps = tuple(_with_proof_of_cards(told, cards, reviews))
    return Trace(file.attempt, None if file.callee is None else file.callee.number.masked(), steps, context.zone)


def _ids_of(store: TraceStore, region: str, part: str) -> Sequence[AttemptId]:
    found = store.attempt_ids_like(part.lower())
    reading = None if found else read_number(part, region)
    if not isinstance(reading, NumberReading):
        return found
    callee_id = store.callee_ids([reading.number]).get(reading.number)
    newest = () if callee_id is None else store.attempts_to(callee_id, 1)
    return [attempt.attempt_id for attempt in newest]


def _only(found: Sequence[AttemptId], part: str) -> AttemptId:
    if not found or not part.strip():
        raise AttemptUnknownError(attempt=part)
    if len(found) > 1:
        raise AttemptAmbiguousError(attempt=part, found=", ".join(found))
    return found[0]


# The steps


def _steps(file: AttemptFile, checkpoints: Sequence[Checkpoint], context: TraceContext) -> Iterator[TraceStep]:
    attempt, lead = file.attempt, file.lead
    if lead is None:
        yield TraceStep("forgotten")
    else:
        yield TraceStep("origin", facts={"source": lead.source, "legal_basis": lead.legal_basis, "row": lead.row})
    own = [(seq, entry) for seq, entry in file.journal if entry.attempt_id == attempt.attempt_id]
    first_seq = own[0][0] if own else 0
    told = [(seq, entry) for seq, entry in file.journal if _is_of_story(entry, attempt, seq < first_seq)]
    for seq, entry in told:
        yield from _step(seq, entry, file)
    yield _counted(attempt, context.short_call_max_s)
    if attempt.recording is not None:
        yield _recording(attempt.recording, context.has_recording)
    end_seq = _end_seq(own)
    ended_at = next((entry.at for seq, entry in own if seq == end_seq), None)  # what came later was signed later
    yield from _proof(end_seq, [seq for seq, _ in told], checkpoints, ended_at)


def _is_of_story(entry: JournalEntry, attempt: AttemptRecord, is_before: bool) -> bool:
    """What concerns this attempt, its lead before it, and the callee's will whenever it was said."""
    if entry.attempt_id is not None:
        return entry.attempt_id == attempt.attempt_id
    return entry.lead_id is None or (is_before and entry.lead_id == attempt.lead_id)


def _step(seq: int, entry: JournalEntry, file: AttemptFile) -> Iterator[TraceStep]:
    facts = {name: value for name, value in entry.facts.items() if name not in _TOLD_ELSEWHERE}
    from_table: tuple[str, ...] = ()
    if entry.kind is JournalKind.INVITE_SENT and "presented_number" not in facts:  # format 1 of the journal
        facts["presented_number"] = file.attempt.presented_number.e164()
        from_table = ("presented_number",)
    question = facts.get("answer")
    if entry.kind is JournalKind.ANSWER_COLLECTED and isinstance(question, str):
        facts = {question: file.attempt.answers.get(question, "–")}  # erasable, so it stands with the attempt
        from_table = (question,)
    yield TraceStep(entry.kind.value, entry.at, seq, facts, from_table)


def _counted(attempt: AttemptRecord, short_call_max_s: float) -> TraceStep:
    past = past_attempt(attempt, short_call_max_s)
    if past is None:
        return TraceStep("not-counted")
    counted: list[JsonValue] = ["attempt"]
    counted += [name for name in ("contact", "rejected", "short") if getattr(past, f"is_{name}")]
    return TraceStep("counted", past.at, None, {"as": counted})


def _recording(name: str, has_recording: Callable[[str], bool] | None) -> TraceStep:
    is_there = None if has_recording is None else has_recording(name)
    return TraceStep("recording", facts={"file": name, "is_there": is_there})


def _end_seq(own: Sequence[tuple[int, JournalEntry]]) -> int:
    """Where the call was over; the attempt's newest entry while it is under way, 0 where it has none."""
    ends = [seq for seq, entry in own if entry.kind in _ENDS]
    return ends[-1] if ends else own[-1][0] if own else 0


def _proof(
    end_seq: int, told: Sequence[int], checkpoints: Sequence[Checkpoint], ended_at: datetime | None
) -> Iterator[TraceStep]:
    """The checkpoint that proves the call, and which entries of the story came after the last of all checkpoints."""
    covering = next((one for one in checkpoints if one.seq >= end_seq), None)
    if covering is None or not end_seq:
        yield TraceStep("not-signed")
        return
    yield TraceStep(
        "signed",
        covering.signed_at,
        None,
        {"checkpoint": covering.number, "until_seq": covering.seq, "key_id": covering.key_id},
    )
    if ended_at is not None and ended_at - covering.signed_at > CLOCKS_APART:
        said: dict[str, JsonValue] = {"entry_at": ended_at.isoformat(), "signed_at": covering.signed_at.isoformat()}
        yield TraceStep("two-clocks", facts=said)
    later: list[JsonValue] = [seq for seq in told if seq > checkpoints[-1].seq]
    if later:
        yield TraceStep("later-not-signed", facts={"entries": later})


def _with_proof_of_cards(
    steps: Sequence[TraceStep], cards: Sequence[SentCard], reviews: Sequence[Filing]
) -> Iterator[TraceStep]:
    """The story with who reviewed the template before each card, and what was signed after it."""
    signed = list(cards)
    for step in steps:
        if step.kind != JournalKind.CARD_SUBMITTED.value:
            yield step
            continue
        version = str(step.facts.get("version"))
        mine = [r for r in reviews if (r.subject.name, r.subject.version) == (step.facts.get("template"), version)]
        for review in mine:
            said: dict[str, JsonValue] = {
                "version": version,
                "maker": review.maker,
                "checker": review.checker or None,
                "carrier": review.carrier,
                "reference": review.reference or None,
                "state": review.state.value,
                "hash": review.subject.content_hash[:DIGEST_SHOWN],
            }
            yield TraceStep("reviewed", review.changed_at or review.made_at, None, said)
        if not mine:
            yield TraceStep("not-reviewed", facts={"version": version})
        yield step
        yield _signed(step, signed.pop(0) if signed else None)


def _signed(submitted: TraceStep, card: SentCard | None) -> TraceStep:
    """What was signed of a card that was handed in; only signed ones are kept."""
    if card is None or card.token is None:
        return TraceStep("card-not-signed", submitted.at)
    key = "" if card.public_key is None else card_key_id(card.public_key)
    # The token itself holds the callee's number in clear, which a trace never shows.
    said = {"channel": card.channel, "key": key, "token_hash": token_hash(card.token)}
    return TraceStep("card-signed", submitted.at, None, said)
