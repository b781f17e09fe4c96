"""What entries say beside their hashes: format, clock, carrier, and verdicts that are written once and referred to."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from baitie.domain.audit.canonical import HASH_DIGITS, canonical_json
from baitie.domain.audit.chain import JournalRow
from baitie.domain.audit.faults import AuditFault, AuditRemarks
from baitie.kernel.journal import JOURNAL_FORMATS, RUN_BEGINS, JournalKind, JsonValue

CLOCK_BACK_S = 5.0
"""Entries of several processes may swap places by moments; a larger step back means that a clock was set."""

SIMULATED_SPEED_MAX = 1_000
"""A simulated clock runs so many times faster at most, and its entries swap places by as many times more."""

REMARKS_MAX = 100
"""More than that say nothing more: the rest is counted."""

VERDICTS_MAX = 1_000_000
"""So many verdicts that are referred to are known at once."""

WORD_LENGTH_MAX = 40
"""Of words from a journal, such as a carrier's kind, no more is repeated."""

NO_WORD = "unstated"
"""The carrier's kind of calls before format 2 of the journal, which did not say it."""


def verdict_digest(verdict: Mapping[str, Any]) -> str:
    """What a verdict is referred to by: SHA-256 over its canonical JSON, in hex."""
    return hashlib.sha256(canonical_json(verdict)).hexdigest()


def verdicts_missing(rows: Iterable[JournalRow]) -> frozenset[str]:
    """Digests of verdicts that rows refer to though none of these rows, up to there, wrote them down."""
    written, missing = set[str](), set[str]()
    for row in rows:
        if '"verdict_digest":' not in row.canonical:
            continue
        facts = json.loads(row.canonical).get("facts")
        digest = facts.get("verdict_digest") if isinstance(facts, dict) else None
        if isinstance(digest, str) and digest not in written:
            (written if isinstance(facts.get("verdict"), dict) else missing).add(digest)
    return frozenset(missing)


class RemarkTaker:
    """Takes remarks (说明登记) of entries in their order, and finds what is wrong with their content.

    `written` are digests of verdicts that entries before these wrote down; those of these entries are added.
    """

    def __init__(self, written: set[bytes] | None = None) -> None:
        self._formats: Counter[int] = Counter()
        self._carriers: Counter[str] = Counter()
        self._runs: list[dict[str, JsonValue]] = []
        self._back: list[dict[str, JsonValue]] = []
        self._runs_more = self._back_more = 0
        self._speed = 1.0
        self._newest: datetime | None = None
        self._known: set[bytes] = set() if written is None else written
        self._attached: dict[str, bool] = {}  # by digest, and whether an entry refers to it

    def attach(self, verdict: Mapping[str, Any]) -> None:
        """A verdict that came along because the entry that wrote it stands before this piece."""
        self._attached[_digest_or_none(verdict) or "?"] = False

    def on_entry(self, seq: int, body: Mapping[str, Any]) -> AuditFault | None:
        """One entry whose text is what was hashed."""
        number = body.get("format", 1)
        if type(number) is not int or number not in JOURNAL_FORMATS:
            return AuditFault.FORMAT_UNKNOWN
        self._formats[number] += 1
        self._look_at_clock(seq, body.get("at"))
        facts = body.get("facts")
        if not isinstance(facts, dict):
            return None
        kind = body.get("kind")
        if kind == JournalKind.INVITE_SENT:
            self._carriers[_word(facts.get("carrier"))] += 1
        elif kind in RUN_BEGINS:
            self._note_run(seq, body, facts)
        return self._look_at_verdict(facts) if "verdict_digest" in facts else None

    def finish(self) -> tuple[AuditRemarks, Iterator[str]]:
        """What was remarked, and the digests of verdicts that came along for nothing."""
        made = AuditRemarks(
            formats=dict(self._formats),
            carriers=dict(self._carriers),
            runs=tuple(self._runs),
            runs_more=self._runs_more,
            clock_back=tuple(self._back),
            clock_back_more=self._back_more,
            newest_at=None if self._newest is None else self._newest.isoformat(),
        )
        return made, (digest for digest, is_used in self._attached.items() if not is_used)

    def _look_at_verdict(self, facts: Mapping[str, Any]) -> AuditFault | None:
        digest, verdict = facts["verdict_digest"], facts.get("verdict")
        if not isinstance(digest, str) or len(digest) != HASH_DIGITS or not set(digest) <= set("0123456789abcdef"):
            return AuditFault.VERDICT_MISSING
        own = bytes.fromhex(digest)
        if isinstance(verdict, dict):
            if _digest_or_none(verdict) != digest:
                return AuditFault.VERDICT_DIFFERS
            if len(self._known) < VERDICTS_MAX:
                self._known.add(own)
            return None
        if digest in self._attached:
            self._attached[digest] = True
            return None
        return None if own in self._known else AuditFault.VERDICT_MISSING

    def _look_at_clock(self, seq: int, text: Any) -> None:
        try:
            at = datetime.fromisoformat(text)
            before, self._newest = self._newest, at
            back_s = 0.0 if before is None else (before - at).total_seconds()
        except (TypeError, ValueError, OverflowError):
            return
        if back_s > CLOCK_BACK_S * self._speed:
            if len(self._back) < REMARKS_MAX:
                self._back.append({"seq": seq, "back_s": round(back_s, 3)})
            else:
                self._back_more += 1

    def _note_run(self, seq: int, body: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
        clock = facts.get("clock")
        self._speed = _speed(clock) if isinstance(clock, dict) else 1.0
        if len(self._runs) >= REMARKS_MAX:
            self._runs_more += 1
            return
        packs = facts.get("packs")
        self._runs.append(
            {
                "seq": seq,
                "campaign_id": _word(body.get("campaign_id")),
                "carrier": _word(facts.get("carrier")),
                "clock": _clock(clock) if isinstance(clock, dict) else {},
                "packs": [_pack(pack) for pack in packs if isinstance(pack, dict)] if isinstance(packs, list) else [],
                "settings": _word(facts.get("settings"), HASH_DIGITS),
            }
        )


def _digest_or_none(verdict: Mapping[str, Any]) -> str | None:
    """The digest of what others wrote; None where it has none, such as with half of a surrogate pair in it."""
    try:
        return verdict_digest(verdict)
    except (ValueError, RecursionError):
        return None


def _word(value: Any, length_max: int = WORD_LENGTH_MAX) -> str:
    return value[:length_max] if isinstance(value, str) else NO_WORD


def _speed(clock: Mapping[str, Any]) -> float:
    """How many times faster than real time this clock runs; whatever it says of itself, a real one does not."""
    speed = clock.get("speed")
    if clock.get("kind") != "simulated" or not isinstance(speed, int | float):
        return 1.0
    return float(max(1, min(speed, SIMULATED_SPEED_MAX)))


def _clock(clock: Mapping[str, Any]) -> dict[str, JsonValue]:
    told: dict[str, JsonValue] = {n: _word(clock[n]) for n in ("kind", "civil_start", "real_start") if n in clock}
    speed = clock.get("speed")
    return {**told, "speed": speed} if isinstance(speed, int | float) and abs(speed) < 1e9 else told


def _pack(pack: Mapping[str, Any]) -> str:
    version = pack.get("version")
    shown = version if type(version) is int and 0 <= version < 10**9 else 0
    return f"{_word(pack.get('name'))} {shown} {_word(pack.get('digest'))}"
