"""Consents: granted, and withdrawn."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

from baitie.app.records.batch import Batch
from baitie.app.registers.book import RegisterBook
from baitie.app.registers.names import ProofFileMissingError
from baitie.app.registers.policy import of_one_person
from baitie.domain.audit.registers import consent_said
from baitie.domain.consent.register import Consent, ReachChannel
from baitie.domain.contacts import NumberReading
from baitie.domain.risk.duties import Duty, Kept, KeptFrom
from baitie.kernel.errors import InputError
from baitie.kernel.journal import JournalKind, JsonValue
from baitie.kernel.purpose import Purpose


class ConsentUnknownError(InputError):
    """There is no such consent to withdraw. `baitie consent list` shows them."""

    code = "consent-unknown"


@dataclass(frozen=True, slots=True)
class Consents:
    """Consents (同意登记)."""

    book: RegisterBook

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
        `ProofFileMissingError` where `proof_file` is no file.
        """
        book = self.book
        if proof_file is not None and not book.policy.has_file(proof_file):
            raise ProofFileMissingError(file=proof_file)
        callee_id = book.callee(of_one_person(reading))
        consent = Consent(
            consent_id=book.new_id("cs"),
            callee_id=callee_id,
            purpose=purpose,
            channel=channel,
            wording=wording,
            granted_at=granted_at or book.now,
            actor=book.actor,
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
        book.keep(Batch(journal=[book.entry(JournalKind.CONSENT_GRANTED, callee_id, said)], consents=[consent]))
        return consent

    def withdraw(
        self,
        reading: NumberReading,
        purpose: Purpose | None,
        channel: ReachChannel | None,
        only: Collection[str] | None = None,
    ) -> list[Consent]:
        """End the consents of a callee, of one purpose and channel or of all; with `only`, those of these ids.

        Raises `ConsentUnknownError`.
        """
        book = self.book
        callee_id, now = book.known(reading.number), book.now
        ended = [
            replace(
                consent,
                withdrawn_at=now,
                withdrawn_by=book.actor,
                retain_until=self._retain_until(consent, reading.region),
            )
            for consent in book.standing_of(reading.number).consents
            if consent.withdrawn_at is None
            and purpose in (None, consent.purpose)
            and channel in (None, consent.channel)
            and (only is None or consent.consent_id in only)
        ]
        if not ended:
            raise ConsentUnknownError(number=reading.number.masked())
        entries = [
            book.entry(
                JournalKind.CONSENT_WITHDRAWN,
                callee_id,
                {"consent": c.consent_id, "purpose": c.purpose.value, "channel": c.channel.value},
            )
            for c in ended
        ]
        book.keep(Batch(journal=entries, consents=ended))
        return ended

    def _retain_until(self, consent: Consent, region: str | None) -> date | None:
        """Until when the proof must be kept, now that the consent is over; None where no rule asks for it."""
        ended_on = self.book.policy.day_of(self.book.now)

        def event_on(event: KeptFrom) -> date | None:
            return ended_on if event is KeptFrom.CONSENT_END else None

        rules = self.book.policy.rules()
        duty = rules.keep_until(Kept.CONSENT_EVIDENCE, consent.purpose, region, event_on)
        return duty.on if isinstance(duty, Duty) else consent.retain_until
