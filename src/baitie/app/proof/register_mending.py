"""Compares the registers' rows with what the journal tells, and makes anew what would else let a call through."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from baitie.app.records.batch import Batch
from baitie.app.records.register_rows import RegisterRow
from baitie.domain.audit import RegisterDifference, RegisterState
from baitie.domain.audit.registers import CONSENT_SAID, LIFTABLE, Bar, consent_said, mark_of_wish, utc_text
from baitie.domain.complaints import Complaint, ComplaintSource
from baitie.domain.consent.register import Block, Consent, Preference, ReachChannel
from baitie.domain.risk.history import Freeze, Refusal, RefusalChannel
from baitie.kernel.ids import CalleeId
from baitie.kernel.journal import JournalEntry, JournalKind, JsonValue
from baitie.kernel.purpose import Purpose

NOBODY = "unknown"
"""The actor of what is written anew where the journal names none."""

RESTORED = "restored"
NEVER_HELD = "1970-01-01T00:00:00+00:00"
"""When a consent ended that nobody granted."""

FREEZE_AT_LEAST = timedelta(days=90)
"""A freeze whose end the journal does not tell lasts so long."""


@dataclass(slots=True)
class Mending:
    """Mending (登记修复): how the rows differ, and what to write. `unlift` are ids of rows by kind, to stand again."""

    differences: list[RegisterDifference] = field(default_factory=list)
    batch: Batch = field(default_factory=Batch)
    unlift: dict[str, list[str]] = field(default_factory=dict)
    registries: list[str] = field(default_factory=list)  # names of those that nobody can mend
    numbers: list[tuple[str, str]] = field(default_factory=list)  # callee, and how the number is looked up

    @property
    def has_work(self) -> bool:
        """Whether anything must be written."""
        batch = self.batch
        with_ids = batch.preferences, batch.consents, batch.complaints
        lists = batch.suspensions, batch.qualifications
        bars = batch.refusals, batch.freezes, batch.blocks
        return bool(self.unlift or self.numbers) or any((*bars, *with_ids, *lists))

    def entries(self, at: datetime) -> list[JournalEntry]:
        """An entry of the journal for each difference that is mended."""
        return [
            JournalEntry(
                JournalKind.BAR_RESTORED,
                at,
                callee_id=one.callee_id or None,
                facts={"register": one.register, "what": one.what, "seq": one.seq, "key": one.key},
            )
            for one in self.differences
            if one.is_mended
        ]


def compare_registers(state: RegisterState, rows: Iterable[RegisterRow]) -> Mending:
    """How the rows differ from the journal, and what mends it."""
    made = _Comparison(state)
    for row in rows:
        made.on_row(row)
    return made.finish()


class _Comparison:
    def __init__(self, state: RegisterState) -> None:
        self.state = state
        self.mending = Mending()
        self.bars: dict[str, list[Bar]] = {}
        for bar in state.bars:
            self.bars.setdefault(bar.mark, []).append(bar)
        self.seen: set[tuple[str, str]] = set()
        self.refusals: list[Refusal] = []
        self.freezes: list[Freeze] = []
        self.blocks: list[Block] = []
        self.preferences: list[Preference] = []
        self.consents: list[Consent] = []
        self.complaints: list[Complaint] = []

    def differ(
        self, register: str, what: str, callee_id: str, seq: int | None, key: str = "", *, is_mended: bool = True
    ) -> None:
        self.mending.differences.append(RegisterDifference(register, what, callee_id, seq, key, is_mended))

    def on_row(self, row: RegisterRow) -> None:
        if row.kind in LIFTABLE:
            self._on_bar(row)
            return
        self.seen.add((row.kind, row.key))
        if row.kind == "preference":
            self._on_wish(row)
        elif row.kind == "consent":
            self._on_consent(row)
        else:
            self._on_complaint(row)

    def _on_bar(self, row: RegisterRow) -> None:
        told = self.bars.get(row.mark)
        if not told:
            self.differ(row.kind, "unknown", row.callee_id, None, is_mended=False)
            return
        bar = next((one for one in told if (one.lifted_at is not None) == row.is_lifted), told[0])
        told.remove(bar)
        if row.is_lifted and bar.lifted_at is None:
            self.differ(row.kind, "lifted", row.callee_id, bar.seq)
            self.mending.unlift.setdefault(row.kind, []).append(row.key)
        elif bar.lifted_at is not None and not row.is_lifted:
            self.differ(row.kind, "standing", row.callee_id, bar.seq, is_mended=False)

    def _on_wish(self, row: RegisterRow) -> None:
        told = self.state.wishes.get(row.callee_id)
        if told is None:
            self.differ("preference", "unknown", row.callee_id, None, is_mended=False)
            return
        seq, entry = told
        wish = entry.facts.get("wish")
        if isinstance(wish, dict):
            is_same = row.mark == mark_of_wish(row.callee_id, {**wish, "set_at": entry.at})
        else:  # format 1 of the journal tells no more than when
            is_same = row.mark.split("|")[2:3] == [utc_text(entry.at)]
        if not is_same:
            self.differ("preference", "altered", row.callee_id, seq)
            self.preferences.append(wish_of(row.callee_id, entry))

    def _on_consent(self, row: RegisterRow) -> None:
        told, granted = self.state.withdrawn.get(row.key), self.state.granted.get(row.key)
        if told is not None:
            seq, entry = told
            is_same = utc_text(row.content.get("withdrawn_at")) == utc_text(entry.at)
            if not is_same or row.callee_id != entry.callee_id:
                self.differ("consent", "altered" if is_same else "lifted", str(entry.callee_id), seq, row.key)
                self.consents.append(self._withdrawn(row.key, entry, row.content))
        elif granted is None:
            self._on_unknown_consent(row)
        elif not _is_as_granted(row, granted[1]):
            self.differ("consent", "altered", row.callee_id, granted[0], row.key)
            self.consents.append(self._as_granted(row.key, granted[1], row.content))
        elif row.content.get("withdrawn_at") is not None:
            self.differ("consent", "unknown", row.callee_id, None, row.key, is_mended=False)

    def _on_unknown_consent(self, row: RegisterRow) -> None:
        """Nobody granted it, so it holds for nothing; the row stays for whoever looks into it."""
        if row.content.get("withdrawn_at") == NEVER_HELD:
            return
        self.differ("consent", "unknown", row.callee_id, None, row.key)
        body = _consent_body(row.key, row.content, row.callee_id, NEVER_HELD, consent_said(row.content))
        self.consents.append(Consent.from_json({**body, "withdrawn_at": NEVER_HELD, "withdrawn_by": NOBODY}))

    def _on_complaint(self, row: RegisterRow) -> None:
        told = self.state.complaints.get(row.key)
        if told is None:
            self.differ("complaint", "unknown", row.callee_id, None, row.key, is_mended=False)
            return
        seq, entry = told
        closing = self._closing(row.key)
        received = entry.facts.get("received_at")
        body = row.content
        is_same = (
            row.callee_id == entry.callee_id
            and (received is None or utc_text(body.get("received_at")) == utc_text(received))
            and all(body.get(name) == said for name, said in _said_of_complaint(entry).items())
            and (body.get("closed_at") is not None) == (closing is not None)
        )
        if not is_same:
            self.differ("complaint", "altered", str(entry.callee_id), seq, row.key)
            self.complaints.append(complaint_of(row.key, entry, closing))

    def finish(self) -> Mending:
        for bars in self.bars.values():
            for bar in bars:
                is_standing = bar.lifted_at is None
                self.differ(bar.kind, "missing", bar.callee_id, bar.seq, is_mended=is_standing)
                if is_standing:
                    self._write_bar(bar)
        for callee_id, (seq, entry) in self.state.wishes.items():
            if ("preference", callee_id) not in self.seen:
                self.differ("preference", "missing", callee_id, seq)
                self.preferences.append(wish_of(callee_id, entry))
        for consent_id, (seq, entry) in self.state.withdrawn.items():
            if ("consent", consent_id) not in self.seen:
                self.differ("consent", "missing", str(entry.callee_id), seq, consent_id)
                self.consents.append(self._withdrawn(consent_id, entry, {}))
        for complaint_id, (seq, entry) in self.state.complaints.items():
            if ("complaint", complaint_id) not in self.seen:
                self.differ("complaint", "missing", str(entry.callee_id), seq, complaint_id)
                self.complaints.append(complaint_of(complaint_id, entry, self._closing(complaint_id)))
        self.mending.differences.sort(key=lambda one: (one.seq is None, one.seq or 0))
        self.mending.batch = Batch(
            refusals=self.refusals,
            freezes=self.freezes,
            blocks=self.blocks,
            preferences=self.preferences,
            consents=self.consents,
            complaints=self.complaints,
        )
        return self.mending

    def _write_bar(self, bar: Bar) -> None:
        callee_id, at, facts = CalleeId(bar.callee_id), datetime.fromisoformat(bar.at), bar.facts
        actor = str(facts.get("actor") or NOBODY)
        if bar.kind == "refusal":
            channel = _enumerated(RefusalChannel, facts.get("channel"), RefusalChannel.OPERATOR)
            evidence: dict[str, JsonValue] = {RESTORED: True, "seq": bar.seq}
            self.refusals.append(Refusal(callee_id, at, channel, actor, evidence))
        elif bar.kind == "block":
            self.blocks.append(Block(callee_id, at, str(facts.get("reason") or RESTORED), actor))
        else:
            until = at + FREEZE_AT_LEAST if bar.until == "?" else datetime.fromisoformat(bar.until)
            rule = str(facts.get("rule") or RESTORED)
            self.freezes.append(Freeze(callee_id, at, until, str(facts.get("reason") or rule), rule, actor))

    def _closing(self, complaint_id: str) -> JournalEntry | None:
        told = self.state.closed.get(complaint_id)
        return None if told is None else told[1]

    def _withdrawn(self, consent_id: str, entry: JournalEntry, content: Mapping[str, Any]) -> Consent:
        """The consent as it was taken back; what nobody knows of it any more is left empty."""
        granted = self.state.granted.get(consent_id)
        facts = entry.facts if granted is None else {**entry.facts, **granted[1].facts}
        at = (entry if granted is None else granted[1]).at.isoformat()
        ended = {"withdrawn_at": entry.at.isoformat(), "withdrawn_by": str(entry.facts.get("actor") or NOBODY)}
        return Consent.from_json({**_consent_body(consent_id, content, str(entry.callee_id), at, facts), **ended})

    def _as_granted(self, consent_id: str, entry: JournalEntry, content: Mapping[str, Any]) -> Consent:
        at = entry.at.isoformat()
        return Consent.from_json(_consent_body(consent_id, content, str(entry.callee_id), at, entry.facts))


def wish_of(callee_id: str, entry: JournalEntry) -> Preference:
    """The wishes that an entry tells. Where it tells none (format 1), nobody rings until they are entered anew."""
    wish = entry.facts.get("wish")
    actor = str(entry.facts.get("actor") or NOBODY)
    if not isinstance(wish, dict):
        return Preference(CalleeId(callee_id), entry.at, actor, channels=frozenset())
    return Preference.from_json({**wish, "callee_id": callee_id, "set_at": entry.at.isoformat(), "actor": actor})


def complaint_of(complaint_id: str, entry: JournalEntry, closing: JournalEntry | None) -> Complaint:
    """The ticket that an entry opened, closed where another closed it."""
    facts = entry.facts
    received, due_on = utc_text(facts.get("received_at")), facts.get("due_on")
    made = Complaint(
        complaint_id=complaint_id,
        callee_id=CalleeId(str(entry.callee_id)),
        source=_enumerated(ComplaintSource, facts.get("source"), ComplaintSource.ENTERPRISE),
        received_at=entry.at if received == "?" else datetime.fromisoformat(received),
        due_on=date.fromisoformat(due_on) if isinstance(due_on, str) else entry.at.date(),
        due_rule=str(facts.get("due_rule") or RESTORED),
        actor=str(facts.get("actor") or NOBODY),
        campaign_id=entry.campaign_id,
        attempt_id=entry.attempt_id,
        presented=_text_or_none(facts.get("presented")),
        about=str(facts.get("about") or ""),
    )
    return made if closing is None else made.closed(closing.at, str(closing.facts.get("actor") or NOBODY), RESTORED)


def _is_as_granted(row: RegisterRow, entry: JournalEntry) -> bool:
    stands = consent_said(row.content)
    told = {name: entry.facts[name] for name in CONSENT_SAID if name in entry.facts}
    return row.callee_id == entry.callee_id and all(stands[name] == value for name, value in told.items())


def _consent_body(
    consent_id: str, content: Mapping[str, Any], callee_id: str, at: str, facts: Mapping[str, Any]
) -> dict[str, Any]:
    """A consent out of what the journal tells of it and, where it tells nothing, what a row holds that can be read."""
    granted = utc_text(facts.get("granted_at", content.get("granted_at")))
    expires = facts.get("expires_at", content.get("expires_at"))
    has_evidence = bool(facts.get("has_evidence", True))
    evidence = _text_or_none(content.get("evidence")) if has_evidence else None
    proof_file = _text_or_none(content.get("proof_file")) if has_evidence else None
    is_bare = bool(facts.get("has_evidence")) and not (evidence or proof_file)
    return {
        "consent_id": consent_id,
        "callee_id": callee_id,
        "purpose": _enumerated(Purpose, facts.get("purpose"), Purpose.CARE).value,
        "channel": _enumerated(ReachChannel, facts.get("channel"), ReachChannel.VOICE).value,
        "wording": str(facts.get("wording") or content.get("wording") or ""),
        "granted_at": at if granted == "?" else granted,
        "actor": str(facts.get("actor") or content.get("actor") or NOBODY),
        "evidence": RESTORED if is_bare else evidence or "",
        "proof_file": proof_file,
        "is_spoken": bool(facts.get("is_spoken", content.get("is_spoken"))),
        "expires_at": None if expires is None or utc_text(expires) == "?" else utc_text(expires),
        "withdrawn_at": None,
        "withdrawn_by": None,
        "retain_until": _day_or_none(content.get("retain_until")),
    }


def _day_or_none(value: object) -> str | None:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        return None


def _said_of_complaint(entry: JournalEntry) -> dict[str, JsonValue]:
    """What the gate and the counts ask of a ticket, beside when it was received."""
    return {"campaign_id": entry.campaign_id, **{n: entry.facts[n] for n in ("source",) if n in entry.facts}}


def _text_or_none(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None


def _enumerated(kind: Any, value: JsonValue, otherwise: Any) -> Any:
    return kind(value) if isinstance(value, str) and value in {one.value for one in kind} else otherwise
