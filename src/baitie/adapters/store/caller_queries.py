"""The part of a store that tells who called a callee, opens pages of cards, and holds what callees ask for."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

import sqlalchemy as sa

from baitie.adapters.store import batch_sql, page
from baitie.adapters.store.card_rows import sent_card_of
from baitie.adapters.store.keys import NumberKey
from baitie.adapters.store.rows import page_card_row, unnumbered
from baitie.adapters.store.statements import Statements
from baitie.app.records.callers import CallerFound
from baitie.app.records.card_file import CardFile
from baitie.app.records.page_cards import CampaignOverview, PageCard
from baitie.app.records.sent_card import SentCard
from baitie.domain.consent.requests import CalleeRequest, RequestKind
from baitie.domain.namecard.page_code import PageCode
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId
from baitie.kernel.journal import JournalEntry
from baitie.kernel.records import AttemptRecord, CalleeRecord


class StoreCallers(ABC):
    """Callers and requests of the store (来电溯源). `SqlStore` is one, and says how to read and to write."""

    _key: NumberKey
    _sql: Statements

    @abstractmethod
    def _reader(self) -> AbstractContextManager[sa.Connection]: ...
    @abstractmethod
    def _reader_of_acts(self) -> AbstractContextManager[sa.Connection]: ...
    @abstractmethod
    def _snapshot(self) -> AbstractContextManager[sa.Connection]: ...
    @abstractmethod
    def _writing(self, begin: bool = True) -> AbstractContextManager[sa.Connection]: ...

    def attempts_to(self, callee_id: CalleeId, count_max: int) -> Sequence[AttemptRecord]:
        """The newest attempts to a callee over all campaigns, the newest first; one indexed read."""
        with self._reader() as connection:
            return page.read_attempts_to(connection, self._sql, callee_id, count_max)

    def sent_cards(self, attempt_id: AttemptId) -> Sequence[SentCard]:
        """The cards that were handed in for one attempt, in their order; one indexed read."""
        with self._reader() as connection:
            rows = connection.exec_driver_sql(self._sql.sent_cards, (attempt_id,)).fetchall()
        return tuple([sent_card_of(row) for row in rows])

    def caller_of(self, attempt_id: AttemptId) -> CallerFound | None:
        """The attempt with its lead and its campaign's facts."""
        with self._reader(), self._snapshot() as connection:
            return page.read_caller(connection, self._sql, attempt_id)

    def campaign_facts(self, campaign_id: CampaignId) -> CampaignOverview | None:
        """What the newest run of a campaign told of it."""
        with self._reader() as connection:
            return page.read_campaign(connection, self._sql, campaign_id)

    def campaign_names(self) -> dict[str, str]:
        """The name of every campaign that has run, by its id."""
        with self._reader() as connection:
            return page.read_campaign_names(connection)

    def card_file(self, code: PageCode) -> CardFile | None:
        """Everything about the card with this code, read as one state."""
        with self._reader(), self._snapshot() as connection:
            return page.read_card_file(connection, self._sql, self._key.hmac_of_code(code))

    def add_page_code(self, card: PageCard, entry: JournalEntry) -> bool:
        """One more code for a card that has one; False where it has none, or has lost it."""
        with self._writing() as connection:
            places = page.places_of(connection, card.attempt_id, card.callee_id)
            if places is None:
                return False
            row = page_card_row(card, self._key.hmac_of_code(card.code))
            self._sql.page_cards.run(connection, [(*row, *places)])
            batch_sql.append_journal(connection, self._sql, [unnumbered(entry)])
        return True

    def drop_expired_codes(self, at: datetime) -> int:
        """Forget the codes that open no page any more; gives how many."""
        with self._writing() as connection:
            return page.drop_expired(connection, at)

    def requests(self, kind: RequestKind, *, open_only: bool = True) -> Sequence[CalleeRequest]:
        """What callees asked for, the most urgent first."""
        with self._reader_of_acts() as connection:
            return page.read_requests(connection, self._sql, kind, open_only)

    def callees(self, callee_ids: Iterable[CalleeId]) -> Sequence[CalleeRecord]:
        """Those of these callees who are known."""
        with self._reader() as connection:
            return page.read_callees(connection, self._sql, callee_ids)

    def derived_key(self, purpose: str) -> bytes:
        """A key for something else, the same as long as the store's key file is."""
        return self._key.derived(purpose)
