"""What a callee may do on the page, by the same registers as everybody's."""

import contextlib
from collections.abc import Iterator
from datetime import date, datetime

from baitie.adapters.store import SqlStore
from baitie.app.page.callee_page import CallBackWish, Ticket
from baitie.app.records.card_file import CardFile
from baitie.app.registers.registers import Registers
from baitie.app.registers.requests import ask_call_back, forget
from baitie.domain.complaints import ComplaintSource
from baitie.domain.consent.register import Preference
from baitie.domain.contacts import NumberReading
from baitie.domain.risk.history import RefusalChannel
from baitie.files.organisation_settings import OrganisationSettings
from baitie.kernel.purpose import Purpose
from baitie.kernel.records import CalleeRecord

CALLEE = "callee"
"""Who acts on the page."""

TICKET_CHARS = 8
"""Of a complaint's id, its end is what a callee is given and what `baitie complaint show` finds it by."""


class PageActs:
    """The callee at the desk (被叫自助): the acts of the page, by the same way in as everybody's."""

    def __init__(self, settings: OrganisationSettings, store: SqlStore) -> None:
        self._settings, self._store = settings, store

    @contextlib.contextmanager
    def _at(self, at: datetime) -> Iterator[Registers]:
        desk = Registers(self._settings, self._store, CALLEE, at)
        yield desk
        desk.note_anchor()

    def stop_calling(self, file: CardFile, at: datetime) -> None:
        """Keep the refusal."""
        with self._at(at) as desk:
            desk.opt_out(_reading(file.callee), RefusalChannel.PAGE)

    def wish(self, file: CardFile, preference: Preference, at: datetime) -> None:
        """Keep the wishes."""
        with self._at(at) as desk:
            desk.wish(_reading(file.callee), preference)

    def complain(self, file: CardFile, about: str, at: datetime) -> Ticket:
        """Open a ticket."""
        attempt, campaign = file.caller.attempt, file.caller.campaign
        with self._at(at) as desk:
            complaint = desk.complain(
                _reading(file.callee),
                ComplaintSource.PAGE,
                campaign_id=attempt.campaign_id,
                attempt_id=attempt.attempt_id,
                presented=attempt.presented_number.e164(),
                about=about,
                purpose=Purpose.CARE if campaign is None else campaign.purpose,
            )
        return Ticket(complaint.complaint_id[-TICKET_CHARS:], complaint.due_on)

    def call_back(self, file: CardFile, wish: CallBackWish, at: datetime) -> date:
        """Keep the request."""
        reading, attempt = _reading(file.callee), file.caller.attempt
        with self._at(at) as desk:
            return ask_call_back(desk, reading, wish.wanted_from, wish.wanted_until, attempt).due_on

    def forget(self, file: CardFile, at: datetime) -> date:
        """Destroy what can be destroyed at once."""
        with self._at(at) as desk:
            return forget(desk, _reading(file.callee)).due_on


def _reading(callee: CalleeRecord) -> NumberReading:
    return NumberReading(callee.number, callee.number_class, callee.region, callee.zone_names)
