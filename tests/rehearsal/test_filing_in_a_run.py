"""A run holds to the filing register as it is in each instant: nothing goes out after a revocation."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from tests.fakes.store import MemoryStore
from tests.rehearsal.world import TEMPLATE, TEN_IN_SHANGHAI, World, campaign, fill

from baitie.app.calling.campaign_run import CampaignRun
from baitie.app.campaign.filing_plan import FilingPlan, filed_card
from baitie.domain.filing import (
    FiledSubject,
    FilingAct,
    FilingEvent,
    FilingRefusal,
    FilingRegister,
    RealNameTier,
    brand,
    filing_id_for,
    fold,
    presented_number,
    refusal_of,
)
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.purpose import NumberClass, Purpose
from baitie.kernel.time import Instant

COUNT = 60
CARD = filed_card(TEMPLATE)
NUMBERS = [each.number.e164() for each in campaign().presented_numbers]


class MemoryBook:
    """A filing book without a file."""

    def __init__(self) -> None:
        self.events: list[FilingEvent] = []

    def read(self) -> FilingRegister:
        register = fold(self.events)
        assert isinstance(register, FilingRegister)
        return register

    def keep(self, propose: Callable[[FilingRegister], FilingEvent]) -> FilingEvent | FilingRefusal:
        event = propose(self.read())
        refusal = refusal_of(self.read(), event)
        if refusal is None:
            self.events.append(event)
        return refusal or event

    def approve(self, subject: FiledSubject, channel: str) -> None:
        at, filing_id = TEN_IN_SHANGHAI, filing_id_for(self.read(), subject, "default", channel)
        self.events += [
            FilingEvent(FilingAct.ADD, filing_id, "ann", at, subject, "default", channel),
            FilingEvent(FilingAct.SUBMIT, filing_id, "ann", at),
            FilingEvent(FilingAct.APPROVE, filing_id, "bo", at, reference="R"),
        ]


def approved_book(*numbers: str) -> MemoryBook:
    book = MemoryBook()
    book.approve(CARD, "flash")
    book.approve(brand("云杉优选", "云杉优选", RealNameTier.TRADEMARK), "any")
    for number in numbers or NUMBERS:
        book.approve(presented_number(number, NumberClass.FIXED, "云杉优选", [Purpose.CARE]), "voice")
    return book


def world(book: MemoryBook) -> World:
    store = MemoryStore()
    fill(store, COUNT)
    return World(store, campaign(filing=FilingPlan(book, "default"), idle_wait_max_s=1800.0))


def entries_of(of: World) -> list[JournalEntry]:
    return [entry for _, entry in of.store.disk.journal]


def test_a_run_with_all_approvals_goes_as_one_without_a_register() -> None:
    filed, plain = world(approved_book()), world(MemoryBook())
    plain.campaign = replace(plain.campaign, filing=None)
    assert filed.run().progress.attempts == plain.run().progress.attempts > 0


def test_a_number_without_an_approval_is_never_shown_while_another_has_one() -> None:
    of_one = world(approved_book(NUMBERS[1]))
    assert of_one.run().progress.attempts > 0
    shown = {each.presented_number.e164() for each in of_one.store.attempts(of_one.campaign.campaign_id)}
    assert shown == {NUMBERS[1]}


def test_a_run_without_an_approval_sends_nothing_and_says_why() -> None:
    of_nobody = world(MemoryBook())
    of_nobody.run()
    kinds = [entry.kind for entry in entries_of(of_nobody)]
    assert JournalKind.CARD_SUBMITTED not in kinds
    assert JournalKind.INVITE_SENT not in kinds
    delays = [entry.facts for entry in entries_of(of_nobody) if entry.kind is JournalKind.LEAD_DELAYED]
    assert len(delays) == COUNT
    assert all(facts["rule"] == "filing" and facts["reasons"] == ["text-not-filed"] for facts in delays)


def test_after_a_revocation_no_further_card_goes_out() -> None:
    book = approved_book()
    running = world(book)
    revoked_after_s = 2.0

    def meddle(of: World, _: CampaignRun) -> None:
        def revoke() -> None:
            book.events.append(
                FilingEvent(
                    FilingAct.REVOKE, book.events[0].filing_id, "cy", of.clock.civil_now(), refusal_code="wrong"
                )
            )

        of.clock.call_at(Instant(of.clock.now() + revoked_after_s), revoke)

    running.meddle = meddle
    running.run()
    revoked_at = TEN_IN_SHANGHAI + timedelta(seconds=revoked_after_s)
    planned = [entry.at for entry in entries_of(running) if entry.kind is JournalKind.ATTEMPT_PLANNED]
    assert 0 < len(planned) < COUNT
    assert max(planned) <= revoked_at
