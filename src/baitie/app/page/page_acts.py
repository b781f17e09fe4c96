"""What a callee may do on the page, by the same registers as everybody's."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import date, datetime

from baitie.app.page.callee_page import CallBackWish, Ticket
from baitie.app.records.card_file import CardFile
from baitie.app.registers.registers import Registers
from baitie.domain.complaints import ComplaintSource
from baitie.domain.consent.register import Preference
from baitie.domain.contacts import NumberReading
from baitie.domain.risk.history import RefusalChannel
from baitie.kernel.purpose import Purpose
from baitie.kernel.records import CalleeRecord

CALLEE = "callee"
"""Who acts on the page."""

TICKET_CHARS = 8
"""Of a complaint's id, its end is what a callee is given and what `baitie complaint show` finds it by."""


class PageActs:
    """Acts of the page (被叫自助) at the registers: fulfils `PageActions`. `on_kept` is told of each that was kept."""

    def __init__(self, registers: Registers, on_kept: Callable[[datetime], None]) -> None:
        self._registers, self._on_kept = registers, on_kept

    @contextlib.contextmanager
    def _at(self, at: datetime) -> Iterator[Registers]:
        registers = self._registers.acting(CALLEE, at)
        yield registers
        if registers.has_kept:
            self._on_kept(at)

    def stop_calling(self, file: CardFile, at: datetime) -> None:
        """Keep the refusal."""
        with self._at(at) as registers:
            registers.refusals.enter(_reading(file.callee), RefusalChannel.PAGE)

    def wish(self, file: CardFile, preference: Preference, at: datetime) -> None:
        """Keep the wishes."""
        with self._at(at) as registers:
            registers.preferences.enter(_reading(file.callee), preference)

    def complain(self, file: CardFile, about: str, at: datetime) -> Ticket:
        """Open a ticket."""
        attempt, campaign = file.caller.attempt, file.caller.campaign
        with self._at(at) as registers:
            complaint = registers.complaints.open(
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
        with self._at(at) as registers:
            return registers.requests.ask_call_back(reading, wish.wanted_from, wish.wanted_until, attempt).due_on

    def forget(self, file: CardFile, at: datetime) -> date:
        """Destroy what can be destroyed at once; gives the day by which the rest is destroyed."""
        with self._at(at) as registers:
            return registers.requests.forget(_reading(file.callee)).due_on


def _reading(callee: CalleeRecord) -> NumberReading:
    return NumberReading(callee.number, callee.number_class, callee.region, callee.zone_names)
