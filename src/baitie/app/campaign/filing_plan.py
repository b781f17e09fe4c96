"""Filing (报备) as use cases: acts upon the register, and whether a card of a campaign may be sent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from baitie.app.ports.filing_book import FilingBook
from baitie.domain.filing import (
    FiledSubject,
    FilingAct,
    FilingEvent,
    FilingRefusal,
    FilingRegister,
    FilingVerdict,
    Sending,
    filing_id_for,
    may_send,
    template,
)
from baitie.domain.namecard.template import NameCardTemplate, sent_facts
from baitie.kernel.phone import PhoneNumber


@dataclass(frozen=True, slots=True)
class FilingPlan:
    """How a campaign holds to its filings (报备执行): the book, and over what its cards go."""

    book: FilingBook
    carrier: str

    def ask(
        self,
        card: NameCardTemplate,
        values: Mapping[str, str],
        number: PhoneNumber,
        at: datetime,
        carrier: str | None = None,
    ) -> FilingVerdict:
        """Whether a card of this template may go to somebody who will see `number`; `carrier`: another than usual."""
        used = {part.name for part in card.parts if not isinstance(part, str)}
        slots = {name: values[name].strip() for name in used if name in values}
        sending = Sending(
            filed_card(card).content_hash,
            slots,
            number.e164(),
            card.purpose,
            carrier or self.carrier,
            card.channel.value,
        )
        return may_send(self.book.read(), sending, at)


def filed_card(card: NameCardTemplate) -> FiledSubject:
    """A template as it is filed."""
    return template(sent_facts(card))


def add_filing(
    book: FilingBook, subject: FiledSubject, carrier: str, channel: str, actor: str, at: datetime
) -> FilingEvent | FilingRefusal:
    """Make a draft."""

    def propose(register: FilingRegister) -> FilingEvent:
        filing_id = filing_id_for(register, subject, carrier, channel)
        return FilingEvent(FilingAct.ADD, filing_id, actor, at, subject, carrier, channel)

    return book.keep(propose)


def act_upon(book: FilingBook, event: FilingEvent) -> FilingEvent | FilingRefusal:
    """Submit, approve, refuse, revoke or expire. An id may be shortened as long as one filing begins with it."""

    def propose(register: FilingRegister) -> FilingEvent:
        found = [filing_id for filing_id in register.filings if filing_id.startswith(event.filing_id)]
        return replace(event, filing_id=found[0]) if event.filing_id and len(found) == 1 else event

    return book.keep(propose)
