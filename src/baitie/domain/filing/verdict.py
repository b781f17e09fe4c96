"""May this be sent? Text, sign and number must each be approved, with this carrier, for this purpose, now."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from baitie.domain.filing.register import Filing, FilingRegister
from baitie.domain.filing.states import FilingState
from baitie.domain.filing.subjects import RealNameTier, SubjectKind
from baitie.kernel.journal import JsonValue
from baitie.kernel.purpose import Purpose


class FilingReason(StrEnum):
    """Reason (报备校验原因) why something must not be sent."""

    TEXT_NOT_FILED = "text-not-filed"
    TEXT_NOT_APPROVED = "text-not-approved"
    TEXT_REFUSED = "text-refused"
    TEXT_EXPIRED = "text-expired"
    TEXT_REVOKED = "text-revoked"
    TEXT_OTHER_PURPOSE = "text-other-purpose"
    SLOT_UNKNOWN = "slot-unknown"
    SLOT_MISSING = "slot-missing"
    SLOT_TOO_LONG = "slot-too-long"
    BRAND_NOT_FILED = "brand-not-filed"
    BRAND_NOT_APPROVED = "brand-not-approved"
    BRAND_NOT_VERIFIED = "brand-not-verified"
    NUMBER_NOT_FILED = "number-not-filed"
    NUMBER_NOT_APPROVED = "number-not-approved"
    NUMBER_OTHER_PURPOSE = "number-other-purpose"


@dataclass(frozen=True, slots=True)
class Sending:
    """Sending (发送): the bytes of a text version, the values of its slots, and over what it goes."""

    text_hash: str
    slots: Mapping[str, str]  # may hold personal data
    number: str  # presented, E.164
    purpose: Purpose
    carrier: str
    channel: str


@dataclass(frozen=True, slots=True)
class FilingVerdict:
    """Filing verdict (报备校验): all reasons against, and the filings that it rests upon."""

    reasons: tuple[FilingReason, ...] = ()
    filing_ids: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def may_send(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.reasons

    def to_json(self) -> dict[str, JsonValue]:
        """As the journal keeps it: codes and ids only."""
        return {"reasons": [reason.value for reason in self.reasons], "filings": list(self.filing_ids)}


_BY_STATE = {
    FilingState.DRAFT: FilingReason.TEXT_NOT_APPROVED,
    FilingState.SUBMITTED: FilingReason.TEXT_NOT_APPROVED,
    FilingState.REFUSED: FilingReason.TEXT_REFUSED,
    FilingState.EXPIRED: FilingReason.TEXT_EXPIRED,
    FilingState.REVOKED: FilingReason.TEXT_REVOKED,
}


def may_send(register: FilingRegister, sending: Sending, at: datetime) -> FilingVerdict:
    """Whether `sending` rests on approvals that hold at `at`. Fails closed: what is not filed is not sent."""
    texts = [each for each in register.by_hash.get(sending.text_hash, ()) if _is_there(each, sending)]
    text = _best(texts, at)
    if text is None:
        return FilingVerdict((FilingReason.TEXT_NOT_FILED,), (), {"text": sending.text_hash[:12]})
    state = text.state_at(at)
    reasons = [_BY_STATE[state]] if state in _BY_STATE else []
    reasons += _text(text, sending)
    rests_on = [text.filing_id]
    for found, missing in (_brand(register, text, sending, at), _number(register, sending, at)):
        reasons += missing
        rests_on += [found.filing_id] if found is not None else []
    return FilingVerdict(tuple(reasons), tuple(rests_on), {"state": state.value})


def _is_there(filing: Filing, sending: Sending) -> bool:
    return (filing.carrier, filing.channel) == (sending.carrier, sending.channel)


def _best(filings: Iterable[Filing], at: datetime) -> Filing | None:
    """The approved one, or else the latest."""
    found = list(filings)
    approved = [each for each in found if each.state_at(at) is FilingState.APPROVED]
    return approved[-1] if approved else found[-1] if found else None


def _text(filing: Filing, sending: Sending) -> Iterator[FilingReason]:
    facts = filing.subject.facts
    if facts.get("purpose", sending.purpose.value) != sending.purpose.value:
        yield FilingReason.TEXT_OTHER_PURPOSE
    declared = facts.get("slots")
    slots = declared if isinstance(declared, dict) else {}
    if sending.slots.keys() - slots.keys():
        yield FilingReason.SLOT_UNKNOWN
    if slots.keys() - sending.slots.keys():
        yield FilingReason.SLOT_MISSING
    for name in slots.keys() & sending.slots.keys():
        spec = slots[name]
        units_max = spec.get("units_max") if isinstance(spec, dict) else None
        if not isinstance(units_max, int) or len(sending.slots[name].encode("utf-16-be")) // 2 > units_max:
            yield FilingReason.SLOT_TOO_LONG
            return


def _brand(
    register: FilingRegister, text: Filing, sending: Sending, at: datetime
) -> tuple[Filing | None, list[FilingReason]]:
    sign = text.subject.facts.get("sign")
    if text.subject.kind is not SubjectKind.TEMPLATE or not isinstance(sign, str):
        return None, []
    found = _best(_of(register, SubjectKind.BRAND, sign, sending.carrier), at)
    if found is None:
        return None, [FilingReason.BRAND_NOT_FILED]
    if found.state_at(at) is not FilingState.APPROVED:
        return found, [FilingReason.BRAND_NOT_APPROVED]
    tier = found.subject.facts.get("tier")
    is_verified = tier in set(RealNameTier) and RealNameTier(str(tier)).is_verified
    return found, [] if is_verified else [FilingReason.BRAND_NOT_VERIFIED]


def _number(register: FilingRegister, sending: Sending, at: datetime) -> tuple[Filing | None, list[FilingReason]]:
    found = _best(_of(register, SubjectKind.NUMBER, sending.number, sending.carrier), at)
    if found is None:
        return None, [FilingReason.NUMBER_NOT_FILED]
    if found.state_at(at) is not FilingState.APPROVED:
        return found, [FilingReason.NUMBER_NOT_APPROVED]
    is_filed_for_it = sending.purpose.value in found.subject.words("purposes")
    return found, [] if is_filed_for_it else [FilingReason.NUMBER_OTHER_PURPOSE]


def _of(register: FilingRegister, kind: SubjectKind, name: str, carrier: str) -> Iterator[Filing]:
    return (each for each in register.by_name.get((kind, name), ()) if each.carrier == carrier)
