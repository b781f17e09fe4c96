"""The part of a store that holds its registers against the journal: rows as marks, their events, their mending."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any

import sqlalchemy as sa

from baitie.adapters.store import batch_sql, tables
from baitie.adapters.store.driver import execute
from baitie.adapters.store.keys import NumberKey
from baitie.adapters.store.list_rows import json_object_of, list_rows, marks_of_lists
from baitie.adapters.store.rows import LOST_NUMBER, encoded, entry_of
from baitie.adapters.store.statements import Statements
from baitie.app.records.batch import Batch
from baitie.app.records.register_rows import AFTER_THE_LAST, RegisterEvents, RegisterRow
from baitie.domain.audit.registers import (
    LIFTABLE,
    consent_said,
    mark_of_consent,
    mark_of_wish,
    mark_of_withdrawal,
    marks_of_complaint,
    tagged,
    utc_text,
)
from baitie.kernel.ids import CalleeId
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.purpose import NumberClass

_TABLES = {"refusal": "refusals", "freeze": "freezes", "block": "blocks"}
_COUNTED = {**_TABLES, "preference": "preferences", "consent": "consents"}
_MARK = {
    "refusal": "'refusal|' || refusals.callee_id || '|' || at",
    "freeze": "'freeze|' || freezes.callee_id || '|' || at || '|' || frozen_until",
    "block": "'block|' || blocks.callee_id || '|' || at",
}
_OCTETS = " || CASE WHEN {} THEN '' ELSE '|octets' END"
"""SQLite joins octets to text, and finds no row by text whose callee is written in octets."""

_LIFT = "CASE WHEN lifted_at < at THEN 'lift-before|' ELSE 'lift|' END"
"""A lift that is older than what it lifts lifts nothing: somebody wrote it into the row."""

ROWS_PER_FETCH = 20_000
ENTRIES_PER_READ = 200_000
CALLEES_PER_LOOK = 500


class StoreRegisters(ABC):
    """Registers of the store (登记册核对). `SqlStore` is one, and says how to read and to write."""

    _key: NumberKey
    _sql: Statements

    @abstractmethod
    def _snapshot_of_acts(self) -> AbstractContextManager[sa.Connection]:
        """Several reads that see one state, on a connection of their own: any thread may."""

    @abstractmethod
    def _writing(self, begin: bool = True) -> AbstractContextManager[sa.Connection]: ...

    def registers_key(self) -> bytes:
        """The key of register digests; it leads to no other."""
        return self._key.derived("registers")

    def register_events(self, after_seq: int) -> RegisterEvents:
        """What changed registers after a place, and the newest entry of all; one state. Reads only what is newer."""
        with self._snapshot_of_acts() as connection:
            return self._events(connection, after_seq)

    def registers_checked(
        self, after_seq: int, take: Callable[[Iterable[str]], int] | None
    ) -> tuple[RegisterEvents, Mapping[str, int]]:
        """The events after a place, and how many rows the large registers have, which needs no more than their smallest
        index; `take` is given the marks of every row. All of one state of the store."""
        with self._snapshot_of_acts() as connection:
            events = self._events(connection, after_seq)
            counts = {
                name: int(execute(connection, f"SELECT count(*) FROM {table}").fetchone()[0])
                for name, table in _COUNTED.items()
            }
            if take is not None:
                take(_marks(connection))
            return events, counts

    def register_history(self) -> Iterator[tuple[int, JournalEntry]]:
        """Every event that tells of a register, from the first on, read piece by piece."""
        return ((seq, entry) for seq, entry, _ in self.register_texts(0))

    def register_texts(self, after_seq: int) -> Iterator[tuple[int, JournalEntry, str]]:
        """The same after a place, with the texts."""
        newest = self.register_events(AFTER_THE_LAST).seq
        while after_seq < newest:
            until = min(after_seq + ENTRIES_PER_READ, newest)
            with self._snapshot_of_acts() as connection:
                values = (after_seq, until, *self._sql.register_patterns)
                rows = execute(connection, self._sql.register_entries, values).fetchall()
            yield from _readable(rows)
            after_seq = until

    def journal_links(self, after_seq: int) -> Iterator[tuple[int, object, object, object]]:
        """Place, text, hash of the entry before and own hash of every row after a place, read piece by piece."""
        table = tables.journal.c
        while True:
            query = sa.select(table.seq, table.canonical, table.prev_hash, table.hash).where(table.seq > after_seq)
            with self._snapshot_of_acts() as connection:
                rows = connection.execute(query.order_by(table.seq).limit(ROWS_PER_FETCH)).fetchall()
            if not rows:
                return
            yield from ((int(row[0]), row[1], row[2], row[3]) for row in rows)
            after_seq = int(rows[-1][0])

    def hash_at(self, seq: int) -> str | None:
        """The hash of an entry; None where there is none."""
        with self._snapshot_of_acts() as connection:
            row = connection.execute(sa.select(tables.journal.c.hash).where(tables.journal.c.seq == seq)).first()
        return None if row is None else str(row[0])

    def canonical_at(self, seq: int) -> str | None:
        """The text of an entry; None where there is none."""
        with self._snapshot_of_acts() as connection:
            row = connection.execute(sa.select(tables.journal.c.canonical).where(tables.journal.c.seq == seq)).first()
        return None if row is None else str(row[0])

    def entries_of(self, kinds: Sequence[JournalKind]) -> Iterator[tuple[int, JournalEntry]]:
        """Every entry of these kinds, from the first on, read piece by piece."""
        after_seq, newest = 0, self.register_events(AFTER_THE_LAST).seq
        table = tables.journal.c
        named = sa.or_(*(table.canonical.contains(f'kind":"{kind.value}"', autoescape=True) for kind in kinds))
        while after_seq < newest:
            until = min(after_seq + ENTRIES_PER_READ, newest)
            query = sa.select(table.seq, table.canonical).where(table.seq > after_seq, table.seq <= until, named)
            with self._snapshot_of_acts() as connection:
                rows = connection.execute(query.order_by(table.seq)).fetchall()
            yield from ((seq, entry) for seq, entry, _ in _readable(rows) if entry.kind in kinds)
            after_seq = until

    def attempt_rows(self) -> Iterator[dict[str, Any]]:
        """What of each call record the journal tells as well."""
        names = ("attempt_id", "callee_id", "presented_number", "trunk", "outcome", "invite_sent_at")
        with self._snapshot_of_acts() as connection:
            for row in _fetched(connection, f"SELECT {', '.join(names)} FROM attempts"):
                yield dict(zip(names, row, strict=True))

    def register_rows(self) -> Iterator[RegisterRow]:
        """Every row of every register, for a comparison in full."""
        with self._snapshot_of_acts() as connection:
            for kind, table in _TABLES.items():
                own = sa.Table(table, tables.metadata).primary_key.columns.keys()[0]
                sql = f"SELECT {own}, callee_id, {_mark(connection, kind)}, lifted_at FROM {table} ORDER BY {own}"
                for row_id, callee_id, mark, lifted_at in _fetched(connection, sql):
                    yield RegisterRow(kind, str(row_id), _text(callee_id), mark, lifted_at is not None)
            for callee_id, record in _fetched(connection, "SELECT callee_id, record FROM preferences"):
                yield RegisterRow("preference", _text(callee_id), _text(callee_id), _mark_of_wish(callee_id, record))
            sql = "SELECT consent_id, callee_id, record FROM consents"
            for consent_id, callee_id, record in _fetched(connection, sql):
                yield RegisterRow("consent", _text(consent_id), _text(callee_id), "", content=json_object_of(record))
            for complaint_id, callee_id, *others in _fetched(connection, _COMPLAINTS):
                body = _complaint(complaint_id, callee_id, *others)
                yield RegisterRow("complaint", _text(complaint_id), _text(callee_id), "", content=body)

    def list_rows(self) -> Iterator[RegisterRow]:
        """Every row of the lists beside the callees, for a comparison in full."""
        with self._snapshot_of_acts() as connection:
            yield from list_rows(connection)

    def mend_registers(self, batch: Batch, unlift: Mapping[str, Sequence[str]]) -> None:
        """Write rows anew, and let bars stand again by their ids; with the journal entries of the batch, in one go."""
        with self._writing() as connection:
            for table, ids in (  # whose columns no later record overwrites
                (tables.consents, [one.consent_id for one in batch.consents]),
                (tables.complaints, [one.complaint_id for one in batch.complaints]),
            ):
                own = next(iter(table.primary_key.columns))
                for each in ids:
                    connection.execute(table.delete().where(own == each))
            batch_sql.keep_group(connection, self._sql, [encoded(batch, self._key.hmac_of_code)])
            for kind, row_ids in unlift.items():
                table = tables.metadata.tables[_TABLES[kind]]
                own = next(iter(table.primary_key.columns))
                for row_id in row_ids:
                    values = {"lifted_at": None, "lifted_by": None, "lift_reason": None}
                    connection.execute(table.update().where(own == int(row_id)).values(**values))

    def number_tags(self, callee_ids: Iterable[str]) -> dict[str, str]:
        """How the numbers of these callees are looked up, in hex: it tells nobody the number who lacks the key."""
        table, tags = tables.callees.c, dict[str, str]()
        with self._snapshot_of_acts() as connection:
            wanted = iter(dict.fromkeys(callee_ids))
            while some := list(islice(wanted, CALLEES_PER_LOOK)):
                query = sa.select(table.callee_id, _digest(connection)).where(table.callee_id.in_(some))
                for callee_id, tag in connection.execute(query):
                    if isinstance(tag, bytes | memoryview):
                        tags[callee_id] = bytes(tag).hex()
        return tags

    def give_numbers_back(self, numbers: Iterable[tuple[str, str]]) -> None:
        """Let these callees be found again by the numbers with these look-up values. Whoever has such a number now gets
        theirs; where nobody has it, the number itself is not known any more, and nobody can be called by it."""
        table = tables.callees
        found_by, own = table.c.number_hmac, table.c.callee_id
        with self._writing() as connection:
            others = [each for each in table.c if each is not found_by]
            every = sa.select(*others, _digest(connection).label(found_by.name)).select_from(table)
            for callee_id, tag in numbers:
                digest = bytes.fromhex(tag)
                mine = connection.execute(every.where(own == callee_id)).mappings().first()
                holder = connection.execute(every.where(found_by == digest)).mappings().first()
                if mine is None and holder is None:
                    lost = {"number": LOST_NUMBER, "number_class": NumberClass.OTHER.value, "zone_names": "[]"}
                    connection.execute(table.insert().values(callee_id=callee_id, number_hmac=digest, **lost))
                elif mine is None:
                    connection.execute(table.update().where(found_by == digest).values(callee_id=callee_id))
                elif holder is None:
                    connection.execute(table.update().where(own == callee_id).values(number_hmac=digest))
                else:
                    _exchange(connection, dict(mine), dict(holder))

    def callee_of_tag(self, tag: str) -> CalleeId | None:
        """The callee whose number is looked up so."""
        table = tables.callees.c
        with self._snapshot_of_acts() as connection:
            query = sa.select(table.callee_id).where(table.number_hmac == bytes.fromhex(tag))
            found = connection.execute(query).scalar()
        return None if found is None else CalleeId(found)

    def was_anchored(self, *, now: bool = False) -> bool:
        """Whether an anchor was ever kept of this store; with `now` that one is."""
        with self._snapshot_of_acts() as connection:
            query = sa.select(tables.meta.c.value).where(tables.meta.c.key == "anchored")
            is_known = connection.execute(query).first() is not None
        if now and not is_known:
            with self._writing() as connection:
                if connection.execute(query).first() is None:
                    connection.execute(tables.meta.insert().values(key="anchored", value="1"))
        return is_known

    def _events(self, connection: sa.Connection, after_seq: int) -> RegisterEvents:
        tail = execute(connection, self._sql.tail).fetchone()
        seq, own_hash = (0, "") if tail is None else (int(tail[0]), str(tail[1]))
        if seq <= after_seq:
            return RegisterEvents(seq, own_hash, ())
        rows = execute(
            connection, self._sql.register_entries, (after_seq, seq, *self._sql.register_patterns)
        ).fetchall()
        return RegisterEvents(seq, own_hash, tuple(_readable(rows)))


def _readable(rows: Iterable[Any]) -> Iterator[tuple[int, JournalEntry, str]]:
    """The entries of rows that can be read. One that cannot was altered: the verification of the chain names it."""
    for row in rows:
        try:
            entry = entry_of(row[1])
        except (KeyError, TypeError, ValueError):
            continue
        yield int(row[0]), entry, str(row[1])


def _digest(connection: sa.Connection) -> sa.ColumnElement[Any]:
    """How a callee's number is looked up; nothing where somebody wrote text there, which no look-up finds."""
    is_postgres = connection.dialect.name == "postgresql"
    text = "number_hmac" if is_postgres else "CASE typeof(number_hmac) WHEN 'blob' THEN number_hmac END"
    return sa.literal_column(text, sa.types.NullType())


def _exchange(connection: sa.Connection, one: dict[str, Any], other: dict[str, Any]) -> None:
    """Give two callees each other's number, with what was read of it."""
    table = tables.callees
    own = table.c.callee_id
    connection.execute(table.update().where(own == one["callee_id"]).values(number_hmac=b"on its way"))
    for taker, giver in ((other, one), (one, other)):
        values = {name: value for name, value in giver.items() if name != "callee_id"}
        connection.execute(table.update().where(own == taker["callee_id"]).values(**values))


def _mark(connection: sa.Connection, kind: str) -> str:
    if connection.dialect.name == "postgresql":
        return _MARK[kind]
    names = [f"{_TABLES[kind]}.callee_id", "at", *(["frozen_until"] if kind == "freeze" else [])]
    return _MARK[kind] + _OCTETS.format(" AND ".join([f"typeof({name}) = 'text'" for name in names]))


def _marks(connection: sa.Connection) -> Iterator[str]:
    """The mark of every row, with how the callee's number is looked up in those that say something of a callee."""
    is_postgres = connection.dialect.name == "postgresql"
    tag = "coalesce(" + (_TAG_OF_POSTGRES if is_postgres else _TAG) + ", '?')"
    for kind in LIFTABLE:
        table = _TABLES[kind]
        sql = f"SELECT {_mark(connection, kind)} || '|' || {tag} FROM {table}{_JOINED.format(table)}"
        yield from (row[0] for row in _fetched(connection, sql))
        lifted = f"{_LIFT} || '{kind}|' || callee_id || '|' || lifted_at"
        sql = f"SELECT DISTINCT {lifted} FROM {table} WHERE lifted_at IS NOT NULL"
        yield from (row[0] for row in _fetched(connection, sql))
    sql = f"SELECT {tag}, preferences.callee_id, record FROM preferences{_JOINED.format('preferences')}"
    for of_number, callee_id, record in _fetched(connection, sql):
        yield tagged(_mark_of_wish(callee_id, record), of_number)
    sql = f"SELECT {tag}, consent_id, consents.callee_id, record FROM consents{_JOINED.format('consents')}"
    for of_number, consent_id, callee_id, record in _fetched(connection, sql):
        body = json_object_of(record)
        yield tagged(mark_of_consent(consent_id, callee_id, consent_said(body)), of_number)
        if body.get("withdrawn_at") is not None:
            yield tagged(mark_of_withdrawal(consent_id, callee_id, body["withdrawn_at"]), of_number)
    for of_number, *row in _fetched(connection, _COMPLAINTS_TAGGED.format(tag)):
        for mark in marks_of_complaint(_complaint(*row)):
            yield tagged(mark, of_number)
    yield from marks_of_lists(connection)


def _fetched(connection: sa.Connection, sql: str, values: tuple[str, ...] = ()) -> Iterator[Any]:
    """Rows as they come, so that ten million of them need no memory; past SQLAlchemy, which takes longer than we do."""
    if connection.dialect.name != "postgresql":
        yield from execute(connection, sql, values)
        return
    below: Any = connection.connection.dbapi_connection
    with below.cursor(name="baitie_registers") as cursor:  # a cursor of the server's: any other reads all at once
        cursor.itersize = ROWS_PER_FETCH
        cursor.execute(sql, values or None)
        yield from cursor


def _mark_of_wish(callee_id: str, record: str) -> str:
    body = json_object_of(record)
    return mark_of_wish(callee_id, body) if "set_at" in body else f"preference|{callee_id}|unreadable"


_JOINED = " LEFT JOIN callees c ON c.callee_id = {}.callee_id"
_TAG = "CASE typeof(c.number_hmac) WHEN 'blob' THEN lower(hex(c.number_hmac)) END"
_TAG_OF_POSTGRES = "encode(c.number_hmac, 'hex')"
_COMPLAINTS = "SELECT complaint_id, complaints.callee_id, record, campaign_id, received_at FROM complaints"
_COMPLAINTS_TAGGED = _COMPLAINTS.replace("SELECT ", "SELECT {}, ") + _JOINED.format("complaints")


def _complaint(
    complaint_id: str, callee_id: str, record: str, campaign_id: str | None, received_at: str
) -> dict[str, Any]:
    """A ticket as its row tells it. Counts go by the columns, the gate by the record: where they differ nothing is
    known of when it was received."""
    body = {"received_at": None, **json_object_of(record), "complaint_id": complaint_id, "callee_id": callee_id}
    is_one = utc_text(body["received_at"]) == received_at and body.get("campaign_id") == campaign_id
    return body if is_one else {**body, "received_at": None}


def _text(value: object) -> str:
    return value if isinstance(value, str) else repr(value)
