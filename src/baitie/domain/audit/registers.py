"""Registers as the journal tells them: whom nobody may call, folded from its entries, and a digest that needs no order.

Each fact of a register is a mark: a line of text that follows from the journal's entry and from the table's row alike.
The digest is the sum of keyed hashes of all marks, so that it grows with each entry and is the same in whatever order
rows are read. The key is the store's, which does not lie in the store: nobody without it can balance one change with
another.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from baitie.domain.audit.canonical import canonical_json
from baitie.kernel.journal import JournalEntry, JournalKind, JsonValue

SUM_OCTETS = 16
_MODULUS = 1 << (8 * SUM_OCTETS)

LIFTABLE = ("refusal", "freeze", "block")

_BARS = {
    JournalKind.CALLEE_REFUSED: "refusal",
    JournalKind.CALLEE_FROZEN: "freeze",
    JournalKind.CALLEE_BLOCKED: "block",
}

LIST_KINDS = (
    JournalKind.NUMBER_SUSPENDED,
    JournalKind.NUMBER_RESUMED,
    JournalKind.QUALIFICATION_FILED,
    JournalKind.QUALIFICATION_ENDED,
    JournalKind.REGISTRY_IMPORTED,
    JournalKind.REGISTRY_DROPPED,
)
"""Events that change a list beside the callees: suspended numbers, qualifications, registries of refused calls."""

REGISTER_KINDS = (
    *_BARS,
    *LIST_KINDS,
    JournalKind.BAR_LIFTED,
    JournalKind.CONSENT_WITHDRAWN,
    JournalKind.PREFERENCE_SET,
    JournalKind.COMPLAINT_RECEIVED,
    JournalKind.COMPLAINT_CLOSED,
    JournalKind.CONSENT_GRANTED,
)
"""Events that change a register, or tell what was taken back later."""


class RegisterSum:
    """Register digest (登记摘要): sum of keyed hashes of marks, in which order does not count."""

    __slots__ = ("_key", "value")

    def __init__(self, key: bytes, value: int = 0) -> None:
        self._key, self.value = key, value

    def add(self, mark: str) -> None:
        """One mark more."""
        self.value = (self.value + self._of(mark)) % _MODULUS

    def take(self, mark: str) -> None:
        """One mark less."""
        self.value = (self.value - self._of(mark)) % _MODULUS

    def add_all(self, marks: Iterable[str]) -> int:
        """All of them; gives how many. This runs over every row when a run starts."""
        blake, key, total, count = hashlib.blake2b, self._key, 0, 0
        from_bytes = int.from_bytes
        for mark in marks:
            total += from_bytes(blake(mark.encode(), digest_size=SUM_OCTETS, key=key).digest(), "big")
            count += 1
        self.value = (self.value + total) % _MODULUS
        return count

    def hex(self) -> str:
        """As it is written down."""
        return f"{self.value:0{2 * SUM_OCTETS}x}"

    def _of(self, mark: str) -> int:
        return int.from_bytes(hashlib.blake2b(mark.encode(), digest_size=SUM_OCTETS, key=self._key).digest(), "big")


def mark_of_wish(callee_id: str, content: Mapping[str, Any]) -> str:
    """The mark of a callee's wishes, from `Preference.to_json`."""
    said = {name: value for name, value in content.items() if name not in ("callee_id", "actor", "set_at")}
    digest = hashlib.sha256(canonical_json(said)).hexdigest()[:32]
    return f"preference|{callee_id}|{utc_text(content['set_at'])}|{digest}"


def marks_of_complaint(content: Mapping[str, Any]) -> tuple[str, ...]:
    """The marks of a ticket, from `Complaint.to_json`."""
    own = _mark_of_complaint(
        content["complaint_id"],
        content["callee_id"],
        content["received_at"],
        content.get("campaign_id"),
        content.get("source"),
    )
    return (own, f"closed|{content['complaint_id']}") if content.get("closed_at") is not None else (own,)


def _mark_of_complaint(complaint_id: object, callee_id: object, received: object, *about: object) -> str:
    return f"complaint|{complaint_id}|{callee_id}|{utc_text(received)}|{'|'.join(map(str, about))}"


def mark_of_withdrawal(consent_id: str, callee_id: str, withdrawn_at: object) -> str:
    """The mark of a consent that was taken back. The time is in it: a consent holds until then."""
    return f"withdrawn|{consent_id}|{callee_id}|{utc_text(withdrawn_at)}"


CONSENT_SAID = ("purpose", "channel", "granted_at", "expires_at", "is_spoken", "has_evidence")
"""What the journal tells of a consent beside its id and its callee, and a mark is made of."""


def consent_said(content: Mapping[str, Any]) -> dict[str, JsonValue]:
    """What the journal tells of a consent when it is granted, from `Consent.to_json`."""
    return {
        "purpose": content.get("purpose"),
        "channel": content.get("channel"),
        "granted_at": utc_text(content.get("granted_at")),
        "expires_at": None if content.get("expires_at") is None else utc_text(content["expires_at"]),
        "is_spoken": bool(content.get("is_spoken")),
        "has_evidence": bool(content.get("evidence") or content.get("proof_file")),
    }


def mark_of_consent(consent_id: str, callee_id: str, said: Mapping[str, Any]) -> str:
    """The mark of a consent that was granted, from `consent_said` or the facts of its entry."""
    return f"consent|{consent_id}|{callee_id}|{'|'.join([str(said.get(name)) for name in CONSENT_SAID])}"


def change_of(entry: JournalEntry) -> tuple[list[str], list[str]]:
    """The marks that an entry brings, and those that it takes away."""
    facts, callee_id = entry.facts, entry.callee_id
    at = entry.at.astimezone(UTC).isoformat()
    kind = entry.kind
    if kind is JournalKind.CALLEE_REFUSED:
        return [f"refusal|{callee_id}|{at}"], []
    if kind is JournalKind.CALLEE_BLOCKED:
        return [f"block|{callee_id}|{at}"], []
    if kind is JournalKind.CALLEE_FROZEN:
        return [f"freeze|{callee_id}|{at}|{utc_text(facts.get('until'))}"], []
    if kind is JournalKind.BAR_LIFTED:
        return [f"lift|{facts.get('kind')}|{callee_id}|{at}"], []
    if kind is JournalKind.CONSENT_WITHDRAWN:
        return [mark_of_withdrawal(str(facts.get("consent")), str(callee_id), entry.at)], []
    if kind is JournalKind.CONSENT_GRANTED:
        return [mark_of_consent(str(facts.get("consent")), str(callee_id), facts)], []
    if kind is JournalKind.COMPLAINT_RECEIVED:
        about = entry.campaign_id, facts.get("source")
        return [_mark_of_complaint(facts.get("complaint"), callee_id, facts.get("received_at"), *about)], []
    if kind is JournalKind.COMPLAINT_CLOSED:
        return [f"closed|{facts.get('complaint')}"], []
    if kind is JournalKind.PREFERENCE_SET:
        wish, before = facts.get("wish"), facts.get("replaces")
        own = mark_of_wish(str(callee_id), {**wish, "set_at": at}) if isinstance(wish, dict) else f"preference|{at}"
        return [own], [before] if isinstance(before, str) else []
    return [], []


OF_PEOPLE = ("refusal", "freeze", "block", "preference", "consent", "withdrawn", "complaint")
"""Marks that say something of a callee. How the number is looked up is part of them: none moves to another number."""


def tagged(mark: str, tag: str | None) -> str:
    """The mark with the look-up value of the callee's number, where it says something of a callee."""
    return f"{mark}|{tag or '?'}" if mark.split("|", 1)[0] in OF_PEOPLE else mark


def utc_text(value: object) -> str:
    """A time as marks have it; `?` where none is known."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    try:
        at = datetime.fromisoformat(str(value))
        return "?" if at.tzinfo is None else at.astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return "?"


EVERY_REASON = ""
"""What the end of a suspension ends that names no reason."""


def suspended_for(entry: JournalEntry) -> tuple[str, str]:
    """The number that an entry puts out of use, and for which reason."""
    return str(entry.facts.get("number")), str(entry.facts.get("reason"))


def resumed_for(entry: JournalEntry) -> tuple[str, str]:
    """The number that an entry puts into use again, and the reason that holds no longer."""
    return str(entry.facts.get("number")), str(entry.facts.get("ends") or EVERY_REASON)


# As the journal tells them, in full


@dataclass(slots=True)
class Bar:
    """Bar (限制): a refusal, freeze or block as the journal has it."""

    kind: str  # one of LIFTABLE
    callee_id: str
    at: str  # UTC
    seq: int
    facts: Mapping[str, JsonValue]
    until: str = ""  # of a freeze
    lifted_at: str | None = None
    lifted_by: str | None = None
    lift_reason: str | None = None

    @property
    def mark(self) -> str:
        """What its row is found by."""
        return f"{self.kind}|{self.callee_id}|{self.at}" + (f"|{self.until}" if self.kind == "freeze" else "")


@dataclass(slots=True)
class RegisterState:
    """Registers as told (日志所载登记): what must stand in the tables, folded from the journal's entries in order."""

    bars: list[Bar] = field(default_factory=list)
    wishes: dict[str, tuple[int, JournalEntry]] = field(default_factory=dict)  # the newest of each callee
    complaints: dict[str, tuple[int, JournalEntry]] = field(default_factory=dict)
    closed: dict[str, tuple[int, JournalEntry]] = field(default_factory=dict)
    withdrawn: dict[str, tuple[int, JournalEntry]] = field(default_factory=dict)  # by consent
    granted: dict[str, tuple[int, JournalEntry]] = field(default_factory=dict)
    suspended: list[tuple[int, JournalEntry]] = field(default_factory=list)
    resumed: list[tuple[int, JournalEntry]] = field(default_factory=list)
    filed: dict[str, tuple[int, JournalEntry]] = field(default_factory=dict)  # by qualification
    ended: dict[str, tuple[int, JournalEntry]] = field(default_factory=dict)
    registries: dict[str, tuple[int, JournalEntry]] = field(default_factory=dict)  # those that are asked, by name
    _standing: dict[tuple[str, str], list[Bar]] = field(default_factory=dict)

    def on_entry(self, seq: int, entry: JournalEntry) -> None:
        """The next entry."""
        callee_id, facts = str(entry.callee_id), entry.facts
        at = entry.at.astimezone(UTC).isoformat()
        if entry.kind in _BARS:
            kind = _BARS[entry.kind]
            bar = Bar(kind, callee_id, at, seq, facts, utc_text(facts.get("until")) if kind == "freeze" else "")
            self.bars.append(bar)
            self._standing.setdefault((kind, callee_id), []).append(bar)
        elif entry.kind is JournalKind.BAR_LIFTED:
            for bar in self._standing.pop((str(facts.get("kind")), callee_id), []):
                bar.lifted_at, bar.lifted_by = at, str(facts.get("actor"))
                bar.lift_reason = str(facts.get("reason"))
        elif entry.kind is JournalKind.PREFERENCE_SET:
            self.wishes[callee_id] = (seq, entry)
        elif entry.kind is JournalKind.COMPLAINT_RECEIVED:
            self.complaints[str(facts.get("complaint"))] = (seq, entry)
        elif entry.kind is JournalKind.COMPLAINT_CLOSED:
            self.closed[str(facts.get("complaint"))] = (seq, entry)
        elif entry.kind is JournalKind.CONSENT_WITHDRAWN:
            self.withdrawn[str(facts.get("consent"))] = (seq, entry)
        elif entry.kind is JournalKind.CONSENT_GRANTED:
            self.granted[str(facts.get("consent"))] = (seq, entry)
        else:
            self._on_list(seq, entry)

    def _on_list(self, seq: int, entry: JournalEntry) -> None:
        facts = entry.facts
        if entry.kind is JournalKind.NUMBER_SUSPENDED:
            self.suspended.append((seq, entry))
        elif entry.kind is JournalKind.NUMBER_RESUMED:
            self.resumed.append((seq, entry))
        elif entry.kind is JournalKind.QUALIFICATION_FILED:
            self.filed[str(facts.get("qualification"))] = (seq, entry)
        elif entry.kind is JournalKind.QUALIFICATION_ENDED:
            self.ended[str(facts.get("qualification"))] = (seq, entry)
        elif entry.kind is JournalKind.REGISTRY_IMPORTED:
            self.registries[str(facts.get("registry"))] = (seq, entry)
        elif entry.kind is JournalKind.REGISTRY_DROPPED:
            self.registries.pop(str(facts.get("registry")), None)

    def out_of_use(self) -> dict[tuple[str, str], int]:
        """Presented numbers by reason that nobody put into use again since, with the entry that says so.

        A number that a complaint took out of use is not put into use by the end of a flag. An end that names no reason,
        as entries did before, ended all of them.
        """
        told = {suspended_for(entry): seq for seq, entry in self.suspended}
        resumed = {resumed_for(entry): seq for seq, entry in self.resumed}
        return {
            (number, reason): seq
            for (number, reason), seq in told.items()
            if max(resumed.get((number, reason), 0), resumed.get((number, EVERY_REASON), 0)) < seq
        }

    def people(self) -> set[str]:
        """Ids of all callees of whom something is told."""
        told = (self.wishes, self.complaints, self.withdrawn, self.granted)
        named = {str(entry.callee_id) for each in told for _, entry in each.values()}
        return named | {bar.callee_id for bar in self.bars}

    def standing_seqs(self) -> set[int]:
        """Places of the entries that still hold: whose bar nobody lifted, and in whose place no other came."""
        holding = {bar.seq for bar in self.bars if bar.lifted_at is None}
        holding |= {seq for told in (self.wishes, self.complaints, self.withdrawn) for seq, _ in told.values()}
        holding |= {seq for told in (self.closed, self.ended) for seq, _ in told.values()}
        out_of_use = self.out_of_use()
        return holding | {seq for seq, entry in self.suspended if suspended_for(entry) in out_of_use}


@dataclass(frozen=True, slots=True)
class RegisterDifference:
    """Register difference (登记差异): what stands in a table and is not what the journal says.

    `what`: `missing` (the row is gone), `altered`, `lifted` (nobody lifted it), `standing` (lifted, and stands all the
    same), `unknown` (the journal has no such act). Only what would let a call through is mended; what bars without a
    word in the journal is told and stays.
    """

    register: str
    what: str
    callee_id: str
    seq: int | None = None  # of the entry that says otherwise
    key: str = ""  # id of a consent or complaint
    is_mended: bool = True

    def to_json(self) -> dict[str, JsonValue]:
        """As plain JSON."""
        return {
            "register": self.register,
            "what": self.what,
            "callee_id": self.callee_id,
            "seq": self.seq,
            "key": self.key,
            "is_mended": self.is_mended,
        }
