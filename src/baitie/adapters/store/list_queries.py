"""The part of a store that holds lists beside the callees: suspects, suspended numbers, qualifications, registries."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime

import sqlalchemy as sa

from baitie.adapters.store import batch_sql, inbound, registries, tables
from baitie.adapters.store.changes import AsOf
from baitie.adapters.store.driver import execute
from baitie.adapters.store.keys import NumberKey
from baitie.adapters.store.list_rows import pages_digest
from baitie.adapters.store.rows import callee_of, entry_of, unnumbered
from baitie.adapters.store.statements import Statements
from baitie.domain.complaints import NumberSuspension
from baitie.domain.inbound.record import InboundRecord
from baitie.domain.registries import DoNotCallRegistry, Qualification
from baitie.domain.review import Suspect, SuspectState
from baitie.kernel.ids import CampaignId
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.outcome import Outcome
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import CalleeRecord

PAGES_PER_REGISTRY = 65_536


class StoreLists(ABC):
    """Lists of the store (附属名单). `SqlStore` is one, and says how to read and to write."""

    _key: NumberKey
    _sql: Statements

    def __init__(self) -> None:
        self._suspended = AsOf[frozenset[str]]()
        self._qualified = AsOf[tuple[Qualification, ...]]()
        self._registered = AsOf[tuple[DoNotCallRegistry, ...]]()

    @abstractmethod
    def changes(self) -> int: ...
    @abstractmethod
    def _reader(self) -> AbstractContextManager[sa.Connection]: ...
    @abstractmethod
    def _reader_of_acts(self) -> AbstractContextManager[sa.Connection]:
        """For what only acts change: no batch that waits can hold any."""

    @abstractmethod
    def _writing(self, begin: bool = True) -> AbstractContextManager[sa.Connection]: ...

    def suspects(self, state: SuspectState | None = None) -> Sequence[Suspect]:
        """The review queue, or those of it in one state; the oldest first."""
        table = tables.suspects
        query = sa.select(table.c.record, table.c.quote).order_by(table.c.suspect_id)
        if state is not None:
            query = query.where(table.c.state == state.value)
        with self._reader() as connection:
            rows = connection.execute(query).fetchall()
        return tuple([Suspect.from_json(json.loads(record), quote) for record, quote in rows])

    def suspected_callees(self) -> Sequence[CalleeRecord]:
        """Everybody in the review queue."""
        query = sa.select(tables.callees).where(tables.callees.c.callee_id.in_(sa.select(tables.suspects.c.callee_id)))
        with self._reader() as connection:
            rows = connection.execute(query.order_by(tables.callees.c.callee_id)).fetchall()
        return tuple([callee_of(row) for row in rows])

    def suspended_numbers(self) -> frozenset[str]:
        """E.164 of the presented numbers that are out of use at this instant; read when anything changed."""
        return self._suspended.get(self.changes(), self._read_suspended)

    def _read_suspended(self) -> frozenset[str]:
        with self._reader_of_acts() as connection:
            return frozenset([row[0] for row in execute(connection, self._sql.suspended).fetchall()])

    def attempts_showing(
        self, number: str, since: datetime
    ) -> tuple[datetime | None, Sequence[tuple[datetime, Outcome | None]]]:
        """When a presented number was first shown, and when since a time with what came of it; in the index alone."""
        with self._reader() as connection:
            first = execute(connection, self._sql.first_shown, (number,)).fetchone()[0]
            values = (number, since.astimezone(UTC).isoformat())
            rows = execute(connection, self._sql.shown_since, values).fetchall()
        shown = [(datetime.fromisoformat(at), None if outcome is None else Outcome(outcome)) for at, outcome in rows]
        return None if first is None else datetime.fromisoformat(first), tuple(shown)

    def suspensions(self) -> Sequence[NumberSuspension]:
        """All suspensions, lifted ones too; the oldest first."""
        table = tables.suspensions
        with self._reader() as connection:
            rows = connection.execute(sa.select(table.c.record).order_by(table.c.suspension_id)).scalars().all()
        return tuple([NumberSuspension.from_json(json.loads(record)) for record in rows])

    def inbound_calls(
        self, campaign_id: CampaignId | None = None, *, open_only: bool = False
    ) -> Sequence[InboundRecord]:
        """Calls that came in, for one campaign or all, in the order of their arrival."""
        with self._reader() as connection:
            return inbound.read_inbound(connection, campaign_id, open_only)

    def qualifications(self) -> Sequence[Qualification]:
        """Every qualification on file, ended ones too; the oldest first. Read when anything changed."""
        return self._qualified.get(self.changes(), self._read_qualifications)

    def _read_qualifications(self) -> tuple[Qualification, ...]:
        with self._reader_of_acts() as connection:
            rows = execute(connection, self._sql.qualified).fetchall()
        return tuple([Qualification.from_json(json.loads(row[0])) for row in rows])

    # --- registries of refused calls ---

    def registries(self) -> Sequence[DoNotCallRegistry]:
        """Every registry that is asked."""
        return self._registered.get(self.changes(), self._read_registries)

    def _read_registries(self) -> tuple[DoNotCallRegistry, ...]:
        with self._reader_of_acts() as connection:
            return tuple(registries.read_registries(connection))

    def registries_about(self, number: PhoneNumber) -> Sequence[tuple[DoNotCallRegistry, bool]]:
        """Every registry, and whether it names this number; one indexed read."""
        if not self.registries():
            return ()
        digest = self._key.hash_of_e164(number.e164())
        with self._reader_of_acts() as connection:
            return registries.look_up(connection, self._sql, digest)

    def import_registry(
        self,
        name: str,
        numbers: Iterable[str | None],
        *,
        as_of: date,
        at: datetime,
        actor: str,
        source: str,
        told: Callable[[DoNotCallRegistry, DoNotCallRegistry | None], JournalEntry] | None = None,
    ) -> DoNotCallRegistry:
        """Take over a registry's copy from E.164 texts, in memory that does not grow with it; None is a bad line.

        It is asked once it is whole, and `told` makes the entry that says so; until then the copy before it is. The
        dialler can write meanwhile.
        """
        rejected, hash_of = 0, self._key.hash_of_e164
        with registries.HashSorter() as sorter:
            for number in numbers:
                if number is None:
                    rejected += 1
                else:
                    sorter.add(hash_of(number))
            with self._writing() as connection:
                generation = registries.next_generation(connection)
            count = 0
            for pages in sorter.pages():
                with self._writing() as connection:
                    count += registries.write_pages(connection, self._sql, generation, pages)
        with self._reader() as connection:
            digest = pages_digest(connection, generation)
        with self._writing() as connection:
            before = registries.read_registry(connection, name)
            copy = DoNotCallRegistry(name, as_of, at, actor, source, count, rejected, generation, digest)
            registries.put_in_use(connection, copy)
            if told is not None:  # in one with it: the journal must say what is asked
                batch_sql.append_journal(connection, self._sql, [unnumbered(told(copy, before))])
        self._delete_unused()
        return copy

    def drop_registry(self, name: str, told: Callable[[DoNotCallRegistry | None], JournalEntry] | None = None) -> bool:
        """Ask a registry no more and delete its copy; gives whether there was one, if only by the journal's last word:
        a copy that somebody took out of the store can be dropped as well."""
        with self._writing() as connection:
            before = registries.read_registry(connection, name)
            was_there = registries.drop(connection, name) or _is_imported(connection, name)
            if was_there and told is not None:
                batch_sql.append_journal(connection, self._sql, [unnumbered(told(before))])
        self._delete_unused()
        return was_there

    def _delete_unused(self) -> None:
        with self._reader() as connection:
            unused = registries.unused_generations(connection)
        for generation in unused:
            for first_page in range(0, PAGES_PER_REGISTRY, registries.PAGES_PER_DELETE):
                with self._writing() as connection:
                    registries.delete_some(connection, generation, first_page)


def _is_imported(connection: sa.Connection, name: str) -> bool:
    """Whether the journal's last word on a registry is that it was imported."""
    journal = tables.journal.c
    named = journal.canonical.contains(f'"registry":{json.dumps(name)}', autoescape=True)
    for canonical in connection.execute(
        sa.select(journal.canonical).where(named).order_by(journal.seq.desc())
    ).scalars():
        kind = entry_of(canonical).kind
        if kind in (JournalKind.REGISTRY_IMPORTED, JournalKind.REGISTRY_DROPPED):
            return kind is JournalKind.REGISTRY_IMPORTED
    return False
