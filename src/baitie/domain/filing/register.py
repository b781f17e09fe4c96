"""The register of filings: a fold over events; each event is checked against the table before it is kept."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

from baitie.domain.filing.states import TRANSITIONS, FilingAct, FilingState
from baitie.domain.filing.subjects import FiledSubject, SubjectKind

VERSIONED = frozenset({SubjectKind.TEMPLATE, SubjectKind.SCRIPT})


@dataclass(frozen=True, slots=True)
class FilingEvent:
    """Filing event (报备事件): who did what to which filing, and when (aware)."""

    act: FilingAct
    filing_id: str
    actor: str
    at: datetime
    subject: FiledSubject | None = None  # of ADD
    carrier: str = ""  # of ADD
    channel: str = ""  # of ADD: flash, sms, voice ...
    reference: str = ""  # given back by the carrier (备案号)
    refusal_code: str = ""  # of REFUSE and REVOKE: the carrier's code or a word
    valid_until: datetime | None = None  # of APPROVE, exclusive


@dataclass(frozen=True, slots=True)
class Filing:
    """Filing (报备): one subject with one carrier for one channel."""

    filing_id: str
    subject: FiledSubject
    carrier: str
    channel: str
    maker: str
    made_at: datetime
    state: FilingState = FilingState.DRAFT
    submitter: str = ""
    checker: str = ""  # who recorded the carrier's answer
    reference: str = ""
    refusal_code: str = ""
    valid_until: datetime | None = None
    changed_at: datetime | None = None

    def state_at(self, at: datetime) -> FilingState:
        """The state at a time: an approval that ran out is expired, whether or not somebody noted it."""
        has_run_out = self.valid_until is not None and at >= self.valid_until
        return FilingState.EXPIRED if self.state is FilingState.APPROVED and has_run_out else self.state


class FilingRefusalCode(StrEnum):
    """Why an act upon a filing is refused (报备拒绝原因)."""

    FILING_UNKNOWN = "filing-unknown"
    FILING_EXISTS = "filing-exists"
    NOT_ALLOWED_NOW = "not-allowed-now"
    MAKER_IS_CHECKER = "maker-is-checker"
    ACTOR_MISSING = "actor-missing"
    CODE_MISSING = "code-missing"
    REFERENCE_MISSING = "reference-missing"
    VERSION_CHANGED = "version-changed"
    ENDS_BEFORE_IT_BEGINS = "ends-before-it-begins"


@dataclass(frozen=True, slots=True)
class FilingRefusal:
    """Refusal (报备拒绝) of an act, and the values that explain it."""

    code: FilingRefusalCode
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FilingRegister:
    """Filing register (报备记录): all filings by id, in the order in which they were made."""

    filings: Mapping[str, Filing] = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def by_hash(self) -> Mapping[str, tuple[Filing, ...]]:
        """The filings of the same bytes."""
        found: dict[str, tuple[Filing, ...]] = {}
        for filing in self.filings.values():
            key = filing.subject.content_hash
            found[key] = (*found.get(key, ()), filing)
        return found

    @cached_property
    def by_name(self) -> Mapping[tuple[SubjectKind, str], tuple[Filing, ...]]:
        """The filings of the same brand, number, template or script."""
        found: dict[tuple[SubjectKind, str], tuple[Filing, ...]] = {}
        for filing in self.filings.values():
            key = filing.subject.kind, filing.subject.name
            found[key] = (*found.get(key, ()), filing)
        return found


def filing_id_for(register: FilingRegister, subject: FiledSubject, carrier: str, channel: str) -> str:
    """The id that the next filing of this subject takes: the same register gives the same id."""
    earlier = sum(
        (each.carrier, each.channel) == (carrier, channel) for each in register.by_hash.get(subject.content_hash, ())
    )
    digest = hashlib.sha256(f"{subject.content_hash}/{carrier}/{channel}/{earlier}".encode()).hexdigest()
    return f"fl_{digest[:12]}"


def refusal_of(register: FilingRegister, event: FilingEvent) -> FilingRefusal | None:
    """Why `event` must not happen, or None where it may."""
    subject = event.subject
    others = register.by_name.get((subject.kind, subject.name), ()) if subject is not None else ()
    return _refusal(event, register.filings.get(event.filing_id), others)


def _refusal(event: FilingEvent, filing: Filing | None, others: Iterable[Filing]) -> FilingRefusal | None:
    """`filing` is the one acted upon, `others` are those of the same brand, number, template or script."""
    if not event.actor.strip():
        return FilingRefusal(FilingRefusalCode.ACTOR_MISSING)
    if event.act is FilingAct.ADD:
        return _refusal_to_add(event, filing, others)
    if filing is None:
        return FilingRefusal(FilingRefusalCode.FILING_UNKNOWN, {"filing": event.filing_id})
    if (filing.state_at(event.at), event.act) not in TRANSITIONS and (filing.state, event.act) != _NOTED_EXPIRY:
        return FilingRefusal(FilingRefusalCode.NOT_ALLOWED_NOW, {"state": filing.state_at(event.at).value})
    if event.act in (FilingAct.APPROVE, FilingAct.REFUSE) and event.actor in (filing.maker, filing.submitter):
        return FilingRefusal(FilingRefusalCode.MAKER_IS_CHECKER, {"actor": event.actor})
    if event.act in (FilingAct.REFUSE, FilingAct.REVOKE) and not event.refusal_code:
        return FilingRefusal(FilingRefusalCode.CODE_MISSING)
    if event.act is FilingAct.APPROVE and not event.reference:
        return FilingRefusal(FilingRefusalCode.REFERENCE_MISSING)
    if event.act is FilingAct.APPROVE and event.valid_until is not None and event.valid_until <= event.at:
        return FilingRefusal(FilingRefusalCode.ENDS_BEFORE_IT_BEGINS, {"until": event.valid_until.isoformat()})
    return None


_NOTED_EXPIRY = (FilingState.APPROVED, FilingAct.EXPIRE)
"""Who notes an expiry does it after the approval ran out, when `state_at` says expired already."""


def _refusal_to_add(event: FilingEvent, taken: Filing | None, others: Iterable[Filing]) -> FilingRefusal | None:
    subject = event.subject
    if subject is None or taken is not None:
        return FilingRefusal(FilingRefusalCode.FILING_EXISTS, {"filing": event.filing_id})
    here = (event.carrier, event.channel)
    for other in others:
        is_same = other.subject.content_hash == subject.content_hash
        if is_same and (other.carrier, other.channel) == here and not other.state_at(event.at).is_final:
            return FilingRefusal(FilingRefusalCode.FILING_EXISTS, {"filing": other.filing_id})
        is_same_version = subject.kind in VERSIONED and other.subject.version == subject.version
        if is_same_version and not is_same and other.state is not FilingState.DRAFT:
            return FilingRefusal(FilingRefusalCode.VERSION_CHANGED, {"version": subject.version or ""})
    return None


def with_event(register: FilingRegister, event: FilingEvent) -> FilingRegister | FilingRefusal:
    """The register after an event, or why the event is refused."""
    refusal = refusal_of(register, event)
    if refusal is not None:
        return refusal
    after = _changed(register.filings.get(event.filing_id), event)
    return FilingRegister(MappingProxyType({**register.filings, event.filing_id: after}))


def fold(events: Iterable[FilingEvent]) -> FilingRegister | FilingRefusal:
    """The register of a whole file of events; the first event that the rules forbid is given as their refusal."""
    filings: dict[str, Filing] = {}
    ids_by_name: dict[tuple[SubjectKind, str], list[str]] = {}
    for event in events:
        ids: list[str] = []
        if event.subject is not None:
            ids = ids_by_name.setdefault((event.subject.kind, event.subject.name), [])
        before = filings.get(event.filing_id)
        refusal = _refusal(event, before, (filings[each] for each in ids))
        if refusal is not None:
            return refusal
        if event.act is FilingAct.ADD:
            ids.append(event.filing_id)
        filings[event.filing_id] = _changed(before, event)
    return FilingRegister(MappingProxyType(filings))


def _changed(before: Filing | None, event: FilingEvent) -> Filing:
    if before is None:
        assert event.subject is not None
        return Filing(event.filing_id, event.subject, event.carrier, event.channel, event.actor, event.at)
    after = replace(before, state=TRANSITIONS[before.state, event.act], changed_at=event.at)
    match event.act:
        case FilingAct.SUBMIT:
            return replace(after, submitter=event.actor)
        case FilingAct.APPROVE:
            return replace(after, checker=event.actor, reference=event.reference, valid_until=event.valid_until)
        case FilingAct.REFUSE:
            return replace(after, checker=event.actor, refusal_code=event.refusal_code)
        case FilingAct.REVOKE:
            return replace(after, refusal_code=event.refusal_code)
        case _:
            return after
