"""What the desks write and read about callees: opt-outs, consents, wishes, freezes, blocks, complaints."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from baitie.adapters.clock import SystemRng
from baitie.adapters.store import SqlStore
from baitie.app.records.batch import Batch
from baitie.app.records.standing import CalleeStanding
from baitie.app.registers.callers import attempts_seen
from baitie.app.registers.complaints import complaint_batch
from baitie.app.registers.names import (
    ProofFileMissingError,
    RegisterPlace,
    attempt_named,
    campaign_named,
    presented_named,
)
from baitie.app.registers.policy import NumberUnreadableError
from baitie.app.registers.refusals import refusal_batch
from baitie.app.registers.suspensions import complained_of, resumed_batch
from baitie.bootstrap.signing_files import note_anchor
from baitie.bootstrap.why import read_number_in
from baitie.domain.audit.registers import consent_said, mark_of_wish
from baitie.domain.complaints import Complaint, ComplaintSource, SuspensionObjection
from baitie.domain.consent.register import (
    BarKind,
    Block,
    Consent,
    Lift,
    LiftObjection,
    Preference,
    ReachChannel,
    objection_to_lift,
)
from baitie.domain.contacts import NumberReading, RejectReason
from baitie.domain.risk.duties import Answer, Duty, Kept, KeptFrom
from baitie.domain.risk.history import Freeze, RefusalChannel
from baitie.domain.risk.workdays import OfficialCalendar
from baitie.files.organisation_settings import OrganisationSettings, zone_of
from baitie.files.rule_files import read_calendars, read_rulebook
from baitie.kernel.errors import InputError
from baitie.kernel.ids import CalleeId, CampaignId, time_ordered
from baitie.kernel.journal import JournalEntry, JournalKind, JsonValue
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.purpose import Purpose
from baitie.kernel.records import CalleeRecord

BY_HAND = CampaignId("by-hand")
"""Stands for acts that belong to no campaign."""

FROZEN_BY_HAND = "by-hand"
ANSWER_WORKING_DAYS = 15
"""Where no rule says by when a complaint is answered: as the measures for complaints in China have it."""


class ComplaintUnknownError(InputError):
    """No complaint has this id. `baitie complaint list` shows them."""

    code = "complaint-unknown"


class ConsentUnknownError(InputError):
    """There is no such consent to withdraw. `baitie consent list` shows them."""

    code = "consent-unknown"


@dataclass(frozen=True, slots=True)
class Registered:
    """A callee and what is registered of them (登记情况)."""

    callee: CalleeRecord
    standing: CalleeStanding


class Registers:
    """Desk (工作台): one person at the registers. Every act is written with its journal entry, durable on return."""

    def __init__(
        self,
        settings: OrganisationSettings,
        store: SqlStore,
        actor: str,
        now: datetime,
        place: RegisterPlace | None = None,
    ) -> None:
        self.settings = settings
        self.store = store
        self.actor = actor
        self.now = now
        self.place = place or RegisterPlace()
        self.rng = SystemRng()
        self._has_kept = False

    # Who

    def reading(self, written: str) -> NumberReading:
        """The number. Raises `NumberUnreadableError`."""
        return read_number_in(self.settings, written)

    def known(self, number: PhoneNumber) -> CalleeId | None:
        """The callee of a number, if the store has one."""
        return self.store.callee_ids([number]).get(number)

    def callee(self, reading: NumberReading) -> CalleeId:
        """The callee of a number, made known where it was not."""
        known = self.known(reading.number)
        if known is not None:
            return known
        callee_id = CalleeId(self.new_id("ca"))
        callee = CalleeRecord(callee_id, reading.number, reading.number_class, reading.region, reading.zone_names)
        entry = self.entry(JournalKind.CONTACTS_IMPORTED, None, {"leads": 0})
        self.store.import_leads(BY_HAND, [callee], [], replace(entry, campaign_id=BY_HAND))
        return callee_id

    def everybody(self) -> list[Registered]:
        """Everybody of whom something is registered."""
        return [Registered(callee, self.store.standing(callee.callee_id)) for callee in self.store.barred_callees()]

    # Acts

    def opt_out(
        self, reading: NumberReading, channel: RefusalChannel = RefusalChannel.OPERATOR, reason: str = ""
    ) -> bool:
        """Keep a refusal; False where one stands already. `reason` is told to the journal and names nobody."""
        callee_id = self.callee(reading)
        if self.store.standing(callee_id).refusals:
            return False
        self.keep(refusal_batch(callee_id, channel, self.actor, self.now, reason=reason))
        return True

    def grant(
        self,
        reading: NumberReading,
        purpose: Purpose,
        channel: ReachChannel,
        wording: str,
        *,
        granted_at: datetime | None = None,
        evidence: str = "",
        proof_file: str | None = None,
        expires_at: datetime | None = None,
        is_spoken: bool = False,
    ) -> Consent:
        """Enter a consent.

        Raises `NumberUnreadableError` for a number with an extension, which is not one person's, and
        `ProofFileMissingError` where `proof_file` is no file, from here or from the desk's folder.
        """
        if proof_file is not None and not any(Path(at, proof_file).is_file() for at in ("", self.place.folder)):
            raise ProofFileMissingError(file=proof_file)
        callee_id = self.callee(_of_one_person(reading))
        consent = Consent(
            consent_id=self.new_id("cs"),
            callee_id=callee_id,
            purpose=purpose,
            channel=channel,
            wording=wording,
            granted_at=granted_at or self.now,
            actor=self.actor,
            evidence=evidence,
            proof_file=proof_file,
            is_spoken=is_spoken,
            expires_at=expires_at,
        )
        said: dict[str, JsonValue] = {
            "consent": consent.consent_id,
            "wording": wording,
            **consent_said(consent.to_json()),
        }
        self.keep(Batch(journal=[self.entry(JournalKind.CONSENT_GRANTED, callee_id, said)], consents=[consent]))
        return consent

    def withdraw(self, reading: NumberReading, purpose: Purpose | None, channel: ReachChannel | None) -> list[Consent]:
        """End the consents of a callee, of one purpose and channel or of all. Raises `ConsentUnknownError`."""
        callee_id = self.known(reading.number)
        standing = None if callee_id is None else self.store.standing(callee_id)
        ended = [
            replace(
                consent,
                withdrawn_at=self.now,
                withdrawn_by=self.actor,
                retain_until=self._retain_until(consent, reading.region),
            )
            for consent in (standing.consents if standing is not None else ())
            if consent.withdrawn_at is None
            and purpose in (None, consent.purpose)
            and channel in (None, consent.channel)
        ]
        if not ended:
            raise ConsentUnknownError(number=reading.number.masked())
        entries = [
            self.entry(
                JournalKind.CONSENT_WITHDRAWN,
                callee_id,
                {"consent": c.consent_id, "purpose": c.purpose.value, "channel": c.channel.value},
            )
            for c in ended
        ]
        self.keep(Batch(journal=entries, consents=ended))
        return ended

    def wish(self, reading: NumberReading, preference: Preference) -> None:
        """Enter what a callee wishes, in place of earlier wishes."""
        callee_id = self.callee(_of_one_person(reading))
        preference = replace(preference, callee_id=callee_id, set_at=self.now, actor=self.actor)
        said = wish_facts(preference, self.store.standing(callee_id).preference)
        self.keep(Batch(journal=[self.entry(JournalKind.PREFERENCE_SET, callee_id, said)], preferences=[preference]))

    def freeze(self, reading: NumberReading, days: int) -> datetime:
        """Freeze for so many days; gives the end."""
        return self.freeze_until(reading, self.now + timedelta(days=days))

    def freeze_until(self, reading: NumberReading, until: datetime) -> datetime:
        """Freeze until a time."""
        self.keep(self._frozen(self.callee(reading), until, FROZEN_BY_HAND))
        return until

    def block(self, reading: NumberReading, reason: str) -> bool:
        """Put on the block list; False where the callee is on it."""
        callee_id = self.callee(reading)
        if self.store.standing(callee_id).blocks:
            return False
        entry = self.entry(JournalKind.CALLEE_BLOCKED, callee_id, {"reason": reason})
        self.keep(Batch(journal=[entry], blocks=[Block(callee_id, self.now, reason, self.actor)]))
        return True

    def lift(self, reading: NumberReading, kind: BarKind, reason: str) -> LiftObjection | None:
        """Lift what stands against a callee, or say why not."""
        callee_id = self.known(reading.number)
        if callee_id is None:
            return LiftObjection.NOTHING_TO_LIFT
        standing = self.store.standing(callee_id)
        bars = {
            BarKind.REFUSAL: [refusal.at for refusal in standing.refusals],
            BarKind.FREEZE: [freeze.at for freeze in standing.freezes if freeze.frozen_until > self.now],
            BarKind.BLOCK: [block.at for block in standing.blocks],
        }[kind]
        objection = objection_to_lift(
            kind,
            self.actor,
            reason,
            lifters=self.settings.desk.lifters,
            bars_since=bars,
            open_complaints=sum(complaint.closed_at is None for complaint in standing.complaints),
            consents=standing.consents,
            at=self.now,
        )
        if objection is None:
            entry = self.entry(JournalKind.BAR_LIFTED, callee_id, {"kind": kind.value, "reason": reason})
            self.keep(Batch(journal=[entry], lifts=[Lift(callee_id, kind, self.now, self.actor, reason)]))
        return objection

    def complain(
        self,
        reading: NumberReading,
        source: ComplaintSource,
        *,
        campaign_id: str | None = None,
        attempt_id: str | None = None,
        presented: str | None = None,
        received_at: datetime | None = None,
        purpose: Purpose = Purpose.CARE,
        about: str = "",
    ) -> Complaint:
        """Open a ticket, freeze the callee, and suspend the number that was presented: the one that is named, the one
        of the attempt that is named, or the only one by which this callee was called at all.

        `received_at` is aware; `about` is a code. Raises `NameUnknownError` for names that nobody has.
        """
        named = self._named(reading, campaign_id, attempt_id, presented)
        callee_id, at = self.callee(reading), received_at or self.now
        campaign_id, attempt_id, presented = named.campaign_id, named.attempt_id, named.presented
        due_on, due_rule = self._due(purpose, reading.region, at)
        complaint = Complaint(
            complaint_id=self.new_id("cm"),
            callee_id=callee_id,
            source=source,
            received_at=at,
            due_on=due_on,
            due_rule=due_rule,
            actor=self.actor,
            campaign_id=campaign_id,
            attempt_id=attempt_id,
            presented=presented,
            about=about,
        )
        until = self.now + timedelta(days=self.settings.desk.complaint_freeze_days)
        self.keep(complaint_batch(complaint, self.now, until, self.new_id("ns")))
        return complaint

    def complaint(self, complaint_id: str) -> Complaint:
        """One ticket by its id, or by an end of it that no other has. Raises `ComplaintUnknownError`."""
        found = [c for c in self.store.complaints() if c.complaint_id.endswith(complaint_id)]
        if len(found) != 1:
            raise ComplaintUnknownError(complaint=complaint_id, found=len(found))
        return found[0]

    def close_complaint(self, complaint_id: str, resolution: str) -> Complaint:
        """Close a ticket. The callee stays frozen, and the complaint counts as before."""
        complaint = self.complaint(complaint_id)
        closed = complaint.closed(self.now, self.actor, resolution)
        if closed is not complaint:
            said: dict[str, JsonValue] = {"complaint": complaint.complaint_id}
            entry = self.entry(JournalKind.COMPLAINT_CLOSED, complaint.callee_id, said)
            self.keep(Batch(journal=[entry], complaints=[closed]))
        return closed

    def resume_number(self, written: str, reason: str) -> SuspensionObjection | None:
        """Put a suspended number into use again, or say why not."""
        number = self.presented(written)
        found = resumed_batch(self.store, number, self.actor, reason, self.settings.desk.lifters, self.now)
        if isinstance(found, SuspensionObjection):
            return found
        self.keep(found)
        return None

    def presented(self, written: str) -> str:
        """E.164 of a presented number as somebody wrote it."""
        return self._as_presented(written) or written

    def campaigns(self) -> dict[str, str]:
        """Names of the campaigns that have run, and of the folder's own, by id."""
        return {**self.place.campaigns, **self.store.campaign_names()}

    def presented_to(self, reading: NumberReading) -> list[str]:
        """E.164 of the numbers by which this callee was called or sent a card, the newest first."""
        callee_id = self.known(reading.number)
        seen = () if callee_id is None else attempts_seen(self.store, callee_id)
        return list(dict.fromkeys(attempt.presented_number.e164() for attempt in seen))

    # Parts

    def _named(
        self, reading: NumberReading, campaign_id: str | None, attempt_id: str | None, presented: str | None
    ) -> "_ComplainedOf":
        callee_id, written = self.known(reading.number), self._as_presented(presented)
        if campaign_id is not None:
            campaign_id = campaign_named(campaign_id, self.campaigns())
        if written is not None:
            written = presented_named(self.store, written, self.settings.enterprise.presented_numbers)
        if attempt_id is not None:
            attempt_id = attempt_named(self.store, attempt_id, callee_id).attempt_id
        elif written is None and callee_id is not None:
            seen = [a for a in attempts_seen(self.store, callee_id) if campaign_id in (None, a.campaign_id)]
            attempt_id = seen[0].attempt_id if len(seen) == 1 else None
            shown = {attempt.presented_number.e164() for attempt in seen}
            written = shown.pop() if len(shown) == 1 else None
        return _ComplainedOf(attempt_id, *complained_of(self.store, attempt_id, campaign_id, written))

    def _frozen(self, callee_id: CalleeId, until: datetime, reason: str) -> Batch:
        said: dict[str, JsonValue] = {"rule": reason, "until": until.isoformat()}
        freeze = Freeze(callee_id, self.now, until, reason, reason, self.actor)
        return Batch(journal=[self.entry(JournalKind.CALLEE_FROZEN, callee_id, said)], freezes=[freeze])

    def _as_presented(self, written: str | None) -> str | None:
        """E.164 of a presented number as somebody wrote it; service numbers that no plan knows as they stand."""
        if written is None:
            return None
        try:
            return self.reading(written).number.e164()
        except NumberUnreadableError:
            return written

    def _due(self, purpose: Purpose, region: str | None, at: datetime) -> tuple[date, str]:
        received_on = at.astimezone(zone_of(self.settings)).date()
        duty = read_rulebook(self.settings.rules).answer_by(Answer.COMPLAINT_ANSWER, purpose, region, received_on)
        if isinstance(duty, Duty):
            return duty.on, duty.rule_id
        return self.after_working_days(at, ANSWER_WORKING_DAYS), "house"

    def after_working_days(self, at: datetime, count: int) -> date:
        """The last of so many working days after a time."""
        country = self.settings.enterprise.default_region
        calendar = read_calendars().get(country, OfficialCalendar(country, ()))
        return calendar.after_working_days(at.astimezone(zone_of(self.settings)).date(), count).on

    def _retain_until(self, consent: Consent, region: str | None) -> date | None:
        """Until when the proof must be kept, now that the consent is over; None where no rule asks for it."""
        ended_on = self.now.astimezone(zone_of(self.settings)).date()

        def event_on(event: KeptFrom) -> date | None:
            return ended_on if event is KeptFrom.CONSENT_END else None

        book = read_rulebook(self.settings.rules)
        duty = book.keep_until(Kept.CONSENT_EVIDENCE, consent.purpose, region, event_on)
        return duty.on if isinstance(duty, Duty) else consent.retain_until

    def keep(self, batch: Batch) -> None:
        """Write a batch; durable on return."""
        self.store.record_refusal_or_freeze(batch)
        self._has_kept = True

    def note_anchor(self) -> None:
        """Anchor what this desk has kept beside the signing key, so that a replaced store cannot lose it unseen."""
        if self._has_kept:
            self._has_kept = False
            note_anchor(self.settings, self.store, self.now)

    def entry(self, kind: JournalKind, callee_id: CalleeId | None, facts: dict[str, JsonValue]) -> JournalEntry:
        """An entry of the journal that names who acts."""
        return JournalEntry(kind, self.now, callee_id=callee_id, facts={**facts, "actor": self.actor})

    def new_id(self, prefix: str) -> str:
        """A fresh time-ordered id."""
        return time_ordered(prefix, int(self.now.timestamp() * 1000), self.rng.getrandbits)


def _of_one_person(reading: NumberReading) -> NumberReading:
    """What one person allows must not open the number to those behind its other extensions; a bar may close it."""
    if reading.extension:
        raise NumberUnreadableError(reason=RejectReason.EXTENSION_NOT_DIALLED.value)
    return reading


def wish_facts(preference: Preference, before: Preference | None) -> dict[str, JsonValue]:
    """What the journal has of a callee's wishes, so that they can be entered again from it; and which they replace."""
    wish = {name: value for name, value in preference.to_json().items() if name not in ("callee_id", "set_at", "actor")}
    return {"wish": wish, "replaces": None if before is None else mark_of_wish(before.callee_id, before.to_json())}


@dataclass(frozen=True, slots=True)
class _ComplainedOf:
    attempt_id: str | None
    campaign_id: str | None
    presented: str | None
