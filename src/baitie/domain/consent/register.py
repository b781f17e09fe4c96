"""What a callee has agreed to, wishes and forbids: consents, preferences, blocks, and lifting what was set."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from baitie.kernel.ids import CalleeId
from baitie.kernel.journal import JsonValue
from baitie.kernel.purpose import Purpose
from baitie.kernel.time import Window


class ReachChannel(StrEnum):
    """By which channel somebody may be reached (联系渠道)."""

    VOICE = "voice"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Consent:
    """Consent (同意): granted by a callee for one purpose and channel, under one wording, with what proves it.

    `evidence` says how it was given (a form, a recording's name); `proof_file` is kept by the organisation. Silence
    is refusal: there is no consent without a row. `retain_until` is the day until which the proof must be kept.
    """

    consent_id: str
    callee_id: CalleeId
    purpose: Purpose
    channel: ReachChannel
    wording: str  # version of the words that were agreed to
    granted_at: datetime
    actor: str  # who entered it
    evidence: str = ""
    proof_file: str | None = None
    is_spoken: bool = False
    expires_at: datetime | None = None
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    retain_until: date | None = None

    @property
    def has_evidence(self) -> bool:
        """Whether anything proves it."""
        return bool(self.evidence or self.proof_file)

    def is_valid_at(self, at: datetime) -> bool:
        """Whether it was granted and not yet over."""
        ends = [end for end in (self.expires_at, self.withdrawn_at) if end is not None]
        return self.granted_at <= at and all(at < end for end in ends)

    def to_json(self) -> dict[str, JsonValue]:
        """As plain JSON."""
        return {
            "consent_id": self.consent_id,
            "callee_id": self.callee_id,
            "purpose": self.purpose.value,
            "channel": self.channel.value,
            "wording": self.wording,
            "granted_at": self.granted_at.isoformat(),
            "actor": self.actor,
            "evidence": self.evidence,
            "proof_file": self.proof_file,
            "is_spoken": self.is_spoken,
            "expires_at": _iso(self.expires_at),
            "withdrawn_at": _iso(self.withdrawn_at),
            "withdrawn_by": self.withdrawn_by,
            "retain_until": None if self.retain_until is None else self.retain_until.isoformat(),
        }

    @staticmethod
    def from_json(body: Mapping[str, Any]) -> "Consent":
        """The inverse of `to_json`."""
        return Consent(
            consent_id=body["consent_id"],
            callee_id=CalleeId(body["callee_id"]),
            purpose=Purpose(body["purpose"]),
            channel=ReachChannel(body["channel"]),
            wording=body["wording"],
            granted_at=datetime.fromisoformat(body["granted_at"]),
            actor=body["actor"],
            evidence=body["evidence"],
            proof_file=body["proof_file"],
            is_spoken=body["is_spoken"],
            expires_at=_at(body["expires_at"]),
            withdrawn_at=_at(body["withdrawn_at"]),
            withdrawn_by=body["withdrawn_by"],
            retain_until=None if body["retain_until"] is None else date.fromisoformat(body["retain_until"]),
        )


@dataclass(frozen=True, slots=True)
class Preference:
    """Preference (来电偏好): what a callee wishes, kept strictly. What is empty or None is left to the rules.

    `windows` are hours on the callee's own wall clock; `purposes` the kinds of call that are welcome; `channels`
    how to be reached: without voice nobody rings.
    """

    callee_id: CalleeId
    set_at: datetime
    actor: str
    windows: tuple[Window, ...] = ()
    purposes: frozenset[Purpose] | None = None
    channels: frozenset[ReachChannel] | None = None
    language: str | None = None

    def to_json(self) -> dict[str, JsonValue]:
        """As plain JSON."""
        return {
            "callee_id": self.callee_id,
            "set_at": self.set_at.isoformat(),
            "actor": self.actor,
            "windows": [[window.opens_from.isoformat(), window.closes_until.isoformat()] for window in self.windows],
            "purposes": _names(self.purposes),
            "channels": _names(self.channels),
            "language": self.language,
        }

    @staticmethod
    def from_json(body: Mapping[str, Any]) -> "Preference":
        """The inverse of `to_json`."""
        purposes, channels = body["purposes"], body["channels"]
        return Preference(
            callee_id=CalleeId(body["callee_id"]),
            set_at=datetime.fromisoformat(body["set_at"]),
            actor=body["actor"],
            windows=tuple(Window(time.fromisoformat(a), time.fromisoformat(b)) for a, b in body["windows"]),
            purposes=None if purposes is None else frozenset(map(Purpose, purposes)),
            channels=None if channels is None else frozenset(map(ReachChannel, channels)),
            language=body["language"],
        )


@dataclass(frozen=True, slots=True)
class Block:
    """Block (黑名单): the callee is never called, by rule or law, until somebody with the right to it lifts it."""

    callee_id: CalleeId
    at: datetime
    reason: str
    actor: str


class BarKind(StrEnum):
    """What may be lifted (限制种类)."""

    REFUSAL = "refusal"
    FREEZE = "freeze"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Lift:
    """Lift (解除): every bar of one kind that stands against a callee ends now. What was set stays on record."""

    callee_id: CalleeId
    kind: BarKind
    at: datetime
    actor: str
    reason: str


class LiftObjection(StrEnum):
    """Why a bar may not be lifted (不予解除的原因)."""

    REASON_MISSING = "reason-missing"
    ACTOR_NOT_ENTITLED = "actor-not-entitled"
    COMPLAINT_OPEN = "complaint-open"
    CONSENT_NOT_NEWER = "consent-not-newer"
    NOTHING_TO_LIFT = "nothing-to-lift"


def objection_to_lift(
    kind: BarKind,
    actor: str,
    reason: str,
    *,
    lifters: Iterable[str],
    bars_since: Iterable[datetime],
    open_complaints: int,
    consents: Iterable[Consent],
    at: datetime,
) -> LiftObjection | None:
    """What speaks against lifting; None where nothing does.

    `lifters` names who may; empty means everybody. `bars_since` are the times of the bars of this kind. A refusal
    falls only by a valid consent that is newer than it: the callee's word against the callee's word. While a
    complaint is open nothing is lifted.
    """
    entitled, since = frozenset(lifters), list(bars_since)
    if not since:
        return LiftObjection.NOTHING_TO_LIFT
    if not reason.strip():
        return LiftObjection.REASON_MISSING
    if entitled and actor not in entitled:
        return LiftObjection.ACTOR_NOT_ENTITLED
    if open_complaints:
        return LiftObjection.COMPLAINT_OPEN
    newest = max(since)
    if kind is BarKind.REFUSAL and not any(
        consent.is_valid_at(at) and consent.has_evidence and consent.granted_at > newest for consent in consents
    ):
        return LiftObjection.CONSENT_NOT_NEWER
    return None


def _names(values: Iterable[StrEnum] | None) -> list[JsonValue] | None:
    return None if values is None else [*sorted(value.value for value in values)]


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _at(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
