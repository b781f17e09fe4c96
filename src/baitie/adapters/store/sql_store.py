"""The store on SQLite or PostgreSQL."""

import json
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from baitie.adapters.store import audit, batch_sql, tables
from baitie.adapters.store.caller_queries import StoreCallers
from baitie.adapters.store.campaign_state import read_campaign_state, read_people
from baitie.adapters.store.chain import ChainVerdict, verify_chain
from baitie.adapters.store.changes import ChangeNumber
from baitie.adapters.store.driver import execute
from baitie.adapters.store.engines import StoreEngine, engine_for
from baitie.adapters.store.errors import ConflictError, NotAStoreError, StoreKeyError, store_error
from baitie.adapters.store.keys import NumberKey, read_or_make_key
from baitie.adapters.store.list_queries import StoreLists
from baitie.adapters.store.locking import Reader, ReadersTurn, StoreErrors
from baitie.adapters.store.registers import StoreRegisters
from baitie.adapters.store.rows import (
    EncodedBatch,
    attempt_of,
    callee_of,
    callee_row,
    command_of,
    command_row,
    encoded,
    entry_of,
    lead_row,
    standing_of,
    unnumbered,
)
from baitie.adapters.store.schema import ensure_schema
from baitie.adapters.store.standing_cache import NO_STANDING, Rows, Standings
from baitie.adapters.store.statements import BAR_PATTERNS, statements_for
from baitie.adapters.store.verdicts import VerdictReferrer, with_verdicts
from baitie.adapters.store.writer import GroupWriter, OnFailure
from baitie.app.records.batch import Batch
from baitie.app.records.commands import Command
from baitie.app.records.journal import AttemptFile, JournalTail
from baitie.app.records.standing import CalleeStanding, CampaignState
from baitie.domain.audit import Checkpoint, JournalRow, SigningKey
from baitie.domain.complaints import Complaint
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId
from baitie.kernel.journal import JournalEntry
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import AttemptRecord, CalleeRecord, LeadRecord

NUMBERS_PER_LOOKUP = 500
_ERRORS = StoreErrors()


class SqlStore(StoreLists, StoreCallers, StoreRegisters):
    """Store (数据库) that keeps everything durably; fulfils `baitie.app.ports.run_store.RunStore`.

    `target` is a path (SQLite, made where it is missing), a `postgresql://` address, or an engine in memory. Reads
    run on the caller's thread and see what is committed, by whatever process; batches that still wait are not seen.
    `commit` needs a running event loop unless `inline`. For rehearsals only: `is_durable=False` leaves flushing to the
    operating system, and `writes_late` lets inline batches wait, acknowledged, until anything is read.
    """

    def __init__(
        self,
        target: Path | str | StoreEngine,
        key_file: Path | NumberKey,
        *,
        inline: bool = False,
        is_durable: bool = True,
        writes_late: bool = False,
        on_failure: OnFailure | None = None,
    ) -> None:
        super().__init__()
        self._is_closed = True
        try:
            self._engine: StoreEngine = engine_for(target, is_durable)
            ensure_schema(self._engine)
            self._sql = statements_for(self._engine.engine.dialect.name)
            self._write_connection = self._engine.connect()
            self._read_connection = self._engine.connect()
        except (sa.exc.SQLAlchemyError, OSError) as error:
            if "not a database" in str(error):  # SQLITE_NOTADB
                raise NotAStoreError(file=getattr(target, "name", target)) from error
            raise store_error(error) from error
        self._key = self._matching_key(key_file)
        self._writer = GroupWriter(self._write_group, on_failure, has_thread=not inline, writes_late=writes_late)
        self._reading = ReadersTurn(self._writer.flush if writes_late else None)
        self._readers = Reader(self._reading, self._read_connection)
        self._readers_of_acts = Reader(self._reading.without_first(), self._read_connection)
        self._change_number = ChangeNumber(self._engine, self._read_connection, self._sql)
        self._listeners: list[Callable[[], None]] = []
        self._verdicts = VerdictReferrer()
        self._standings = Standings() if writes_late else None
        self._groups = 0
        self._is_owner = False
        self._is_closed = False

    # --- ownership and life ---

    def acquire_ownership(self, owner: str) -> None:
        """Become the one dialler of this store. Raises BusyError with the name of the one who is."""
        with self._writing(begin=False):
            self._engine.try_own(self._write_connection, owner)
        self._is_owner = True

    def close(self) -> None:
        """Write what waits, then let go of ownership and connections. Closing twice does nothing."""
        if not self._is_closed:
            self._writer.close()
            self._let_go()

    def abandon(self) -> None:
        """Let go at once, as the death of the process would: what waits is lost. For simulated crashes."""
        if not self._is_closed:
            self._writer.abandon()
            self._let_go()

    def _let_go(self) -> None:
        self._is_closed = True
        if self._engine.listeners is not None:
            self._engine.listeners[:] = [each for each in self._engine.listeners if each not in self._listeners]
        try:
            if self._is_owner:
                self._engine.disown(self._write_connection)
        except sa.exc.SQLAlchemyError:
            pass  # the connection is gone, and the ownership with it
        finally:
            self._is_owner = False
            for connection in (self._write_connection, self._read_connection):
                connection.invalidate()
                connection.close()
            self._engine.engine.dispose()

    # --- writes ---

    def commit(self, batch: Batch) -> Awaitable[None]:
        """Keep the batch after all earlier ones; it may be altered afterwards. See the port."""
        try:
            written = encoded(batch, self._key.hmac_of_code, self._verdicts.referring)
        except BaseException:
            self._verdicts = VerdictReferrer()  # what it believes to be written may be lost with this batch
            raise
        kept = self._writer.submit(written)
        if self._standings is not None and self._writer.failure is None:
            self._standings.wrote(written)
        return kept

    def import_leads(
        self, campaign_id: CampaignId, callees: Sequence[CalleeRecord], leads: Sequence[LeadRecord], entry: JournalEntry
    ) -> None:
        """Keep a whole import in one transaction. Raises ConflictError where a lead exists, or a number under
        another id; callees known by id keep their number."""
        assert all(lead.campaign_id == campaign_id for lead in leads)
        callee_rows = batch_sql.newest(callee_row(callee, self._key.hmac_of(callee.number)) for callee in callees)
        lead_rows = [lead_row(lead) for lead in leads]
        with self._writing() as connection:
            self._sql.callees.run(connection, callee_rows)
            self._sql.lead_import.run(connection, lead_rows)
            batch_sql.append_journal(connection, self._sql, [unnumbered(entry)])

    def record_refusal_or_freeze(self, batch: Batch) -> None:
        """Write refusals, freezes and their journal entries at once; durable on return. Any process may."""
        assert not any((batch.leads, batch.attempts, batch.histories)), "these belong to the dialler"
        with self._writing() as connection:
            batch_sql.keep_group(connection, self._sql, [encoded(batch, self._key.hmac_of_code)])
        if batch.forgotten:
            with self._writing(begin=False) as connection:
                self._engine.scrub(connection)

    def give_command(self, command: Command) -> None:
        """Leave a command for the dialler. The store numbers it: `command_id` is not looked at."""
        with self._writing() as connection:
            self._sql.commands.run(connection, [command_row(command)])

    def take_commands(self) -> Sequence[Command]:
        """Commands not taken yet, in the order in which they were given; taking marks them."""
        with self._reader_of_acts() as reading:
            if execute(reading, self._sql.has_commands).fetchone() is None:
                return ()
        with self._writing() as connection:
            taken = connection.exec_driver_sql(self._sql.take_commands).fetchall()
        return tuple(command_of(row) for row in sorted(taken, key=lambda row: int(row[0])))

    def _write_group(self, group: Sequence[EncodedBatch]) -> None:
        is_act = any(batch.is_act for batch in group)
        with _ERRORS, self._transaction() as connection:
            batch_sql.keep_group(connection, self._sql, group)
            if is_act:
                execute(connection, self._sql.count_change)
        self._groups += 1
        self._engine.groups_here += 1
        if is_act:
            self._change_number.grew()

    @contextmanager
    def _writing(self, begin: bool = True) -> Iterator[sa.Connection]:
        with self._writer.turn(), _ERRORS:
            if begin:
                with self._transaction() as connection:
                    yield connection
                    execute(connection, self._sql.count_change)
                self._change_number.grew()
            else:
                yield self._write_connection

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        connection = self._write_connection
        try:
            execute(connection, self._engine.begin_sql)
            yield connection
            execute(connection, "COMMIT")
        except BaseException:
            batch_sql.roll_back(connection)
            raise

    def _matching_key(self, key_file: Path | NumberKey) -> NumberKey:
        """The key of the file, which must be the one under which this store was begun."""
        if isinstance(key_file, NumberKey):
            return key_file
        with _ERRORS, self._transaction() as connection:
            known = connection.execute(sa.select(tables.meta.c.value).where(tables.meta.c.key == "number_key")).scalar()
            if known is not None and not key_file.exists():
                raise StoreKeyError(file=key_file.name, cause="missing")
            key = read_or_make_key(key_file)
            if known is None:
                connection.execute(tables.meta.insert().values(key="number_key", value=key.check_value()))
            elif known != key.check_value():
                raise StoreKeyError(file=key_file.name)
        return key

    # --- changes ---

    def changes(self) -> int:
        """A number that grows with every write that a run must heed, of whatever process; the quickest read."""
        known = self._change_number.known()
        if known is not None:
            return known
        with self._reader_of_acts():
            return self._change_number.read()

    def on_change(self, listener: Callable[[], None]) -> bool:
        """Call back at every such write, in the middle of it. False where others write too: then ask `changes`."""
        if self._engine.listeners is None:
            return False
        self._engine.listeners.append(listener)
        self._listeners.append(listener)
        return True

    # --- reads ---

    def callee_ids(self, numbers: Sequence[PhoneNumber]) -> dict[PhoneNumber, CalleeId]:
        """The ids of those numbers that are known."""
        by_hmac = {self._key.hmac_of(number): number for number in numbers}
        wanted, found = list(by_hmac), dict[PhoneNumber, CalleeId]()
        with self._reader_of_acts() as reading:  # who is known never waits
            for start in range(0, len(wanted), NUMBERS_PER_LOOKUP):
                part = tuple(wanted[start : start + NUMBERS_PER_LOOKUP])
                for row in reading.exec_driver_sql(self._sql.callees_by_hmac(len(part)), part):
                    found[by_hmac[bytes(row[0])]] = CalleeId(row[1])
        return found

    def campaign_state(self, campaign_id: CampaignId) -> CampaignState | None:
        """All leads, the callees behind them and the attempts without an end; None where nothing is known of it."""
        with _ERRORS, self._reading, self._snapshot() as connection:
            return read_campaign_state(connection, self._sql, campaign_id, self._key.hmac_of)

    def callees_of(self, campaign_id: CampaignId, count_max: int) -> Sequence[CalleeRecord]:
        """The callees behind the first leads of a campaign, in the order of its list."""
        with _ERRORS, self._reading:
            return read_people(self._read_connection, self._sql, campaign_id, count_max)

    def standing(self, callee_id: CalleeId) -> CalleeStanding:
        """One indexed statement; sees what other processes have written. Refusals and freezes oldest first."""
        if self._standings is None:
            rows = self._read_standing(callee_id)
            return standing_of(callee_id, rows) if rows else NO_STANDING
        as_of = (self.changes(), self._engine.groups_here - self._groups)
        return self._standings.get(callee_id, as_of, self._read_standing)

    def _read_standing(self, callee_id: CalleeId) -> Rows:
        self._writer.flush_about(callee_id)
        with self._reader_of_acts() as reading:
            rows: Rows = execute(reading, self._sql.standing, (callee_id,) * 8).fetchall()
        return rows

    def complaint_share(self, campaign_id: CampaignId, since: datetime) -> tuple[int, int]:
        """Complaints received and attempts placed by a campaign since a time; two indexed counts."""
        values = (campaign_id, since.astimezone(UTC).isoformat())
        with _ERRORS, self._reading:
            received = execute(self._read_connection, self._sql.complaints_received, values).fetchone()[0]
            placed = execute(self._read_connection, self._sql.attempts_placed, values).fetchone()[0]
        return int(received), int(placed)

    def complaints(self) -> Sequence[Complaint]:
        """All tickets, the oldest first."""
        table = tables.complaints
        with _ERRORS, self._reading:
            rows = self._read_connection.execute(
                sa.select(table.c.record).order_by(table.c.received_at, table.c.complaint_id)
            ).fetchall()
        return tuple([Complaint.from_json(json.loads(row[0])) for row in rows])

    def barred_callees(self) -> Sequence[CalleeRecord]:
        """Everybody of whom something is registered: consent, preference, block, freeze, refusal or complaint."""
        names = [
            sa.select(table.c.callee_id)
            for table in (
                tables.refusals,
                tables.freezes,
                tables.blocks,
                tables.consents,
                tables.preferences,
                tables.complaints,
            )
        ]
        query = sa.select(tables.callees).where(tables.callees.c.callee_id.in_(sa.union(*names)))
        with _ERRORS, self._reading:
            rows = self._read_connection.execute(query.order_by(tables.callees.c.callee_id)).fetchall()
        return tuple([callee_of(row) for row in rows])

    def callees_barred_after(self, seq: int | None) -> tuple[int, frozenset[CalleeId]]:
        """Whom the journal says something against a call of since this place; reads only what is newer."""
        with self._reader_of_acts() as reading:
            newest = int(execute(reading, self._sql.newest_seq).fetchone()[0] or 0)
            if seq is None or newest <= seq:
                return newest, frozenset()
            rows = execute(reading, self._sql.bars, (seq, newest, *BAR_PATTERNS)).fetchall()
        found = (entry_of(row[0]).callee_id for row in rows)
        return newest, frozenset(CalleeId(callee_id) for callee_id in found if callee_id is not None)

    def attempts(self, campaign_id: CampaignId) -> Sequence[AttemptRecord]:
        """All call records of a campaign, in the order in which they were planned."""
        query = sa.select(tables.attempts).where(tables.attempts.c.campaign_id == campaign_id)
        with _ERRORS, self._reading:
            rows = self._read_connection.execute(query.order_by(tables.attempts.c.attempt_id)).fetchall()
        return tuple([attempt_of(row) for row in rows])

    def journal(self, campaign_id: CampaignId | None = None, after_seq: int = 0) -> Sequence[tuple[int, JournalEntry]]:
        """Entries after a sequence number, of one campaign or of all, in order."""
        table = tables.journal
        query = sa.select(table.c.seq, table.c.canonical).where(table.c.seq > after_seq).order_by(table.c.seq)
        if campaign_id is not None:
            query = query.where(table.c.campaign_id == campaign_id)
        with _ERRORS, self._reading:
            rows = self._read_connection.execute(query).fetchall()
        return tuple(with_verdicts([(row[0], entry_of(row[1])) for row in rows], self._earlier_verdicts))

    def _earlier_verdicts(self, digests: Collection[str], before_seq: int) -> Mapping[str, Mapping[str, Any]]:
        with _ERRORS, self._reading:
            return audit.read_verdicts(self._read_connection, digests, before_seq)

    def verify_chain(self) -> ChainVerdict:
        """Check the whole journal, row by row."""
        with _ERRORS, self._reading, self._snapshot() as connection:
            return verify_chain(connection.execute(sa.select(tables.journal).order_by(tables.journal.c.seq)))

    # --- proof ---

    def journal_tail(self) -> JournalTail | None:
        """The newest entry's place, hash and time; None in an empty store."""
        with _ERRORS, self._reading:
            return audit.read_tail(self._read_connection)

    def journal_rows(self, first_seq: int = 1, last_seq: int | None = None) -> Iterator[JournalRow]:
        """Raw rows in order, read piece by piece; without `last_seq` up to what is the newest at the first look."""
        if last_seq is None:
            tail = self.journal_tail()
            last_seq = 0 if tail is None else tail.seq
        while first_seq <= last_seq:
            with _ERRORS, self._reading:
                rows = audit.read_rows(self._read_connection, first_seq, last_seq)
            if not rows:
                return
            yield from rows
            first_seq = rows[-1].seq + 1

    def verdicts_written(self, digests: Collection[str], before_seq: int) -> Sequence[Mapping[str, Any]]:
        """The verdicts with these digests that entries before a place wrote down; looks through all of those."""
        return list(self._earlier_verdicts(digests, before_seq).values())

    def checkpoints(self) -> Sequence[Checkpoint]:
        """All checkpoints in their order."""
        with _ERRORS, self._reading:
            return audit.read_checkpoints(self._read_connection)

    def last_checkpoint(self) -> Checkpoint | None:
        """The newest checkpoint."""
        with _ERRORS, self._reading:
            return audit.read_last_checkpoint(self._read_connection)

    def keep_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Keep one more, durably. Raises ConflictError where its number is taken."""
        with self._writing() as connection:
            audit.write_checkpoint(connection, checkpoint)

    def signing_keys(self) -> Sequence[SigningKey]:
        """All public keys, the oldest first."""
        with _ERRORS, self._reading:
            return audit.read_signing_keys(self._read_connection)

    def keep_signing_key(self, key: SigningKey) -> None:
        """Keep a key after the one it names. Raises ConflictError where another came there meanwhile."""
        with self._writing() as connection:
            known = audit.read_signing_keys(connection)
            if key.previous_key != (known[-1].public_key if known else None):
                raise ConflictError(cause="another signing key was kept meanwhile")
            audit.write_signing_key(connection, len(known) + 1, key)

    def attempt_ids_like(self, part: str) -> Sequence[AttemptId]:
        """A few attempts whose id begins or ends so; only the one whose whole id it is."""
        with _ERRORS, self._reading:
            return audit.read_attempt_ids(self._read_connection, part)

    def attempt_file(self, attempt_id: AttemptId) -> AttemptFile | None:
        """Everything that is kept about one attempt."""
        with _ERRORS, self._reading, self._snapshot() as connection:
            return audit.read_attempt_file(connection, attempt_id)

    def backup(self, target: Path) -> None:
        """A consistent copy while the dialler runs (SQLite). The key file is not in it: keep that apart."""
        self._engine.backup(target)

    def _reader(self) -> Reader:
        return self._readers

    def _reader_of_acts(self) -> Reader:
        return self._readers_of_acts

    @contextmanager
    def _snapshot_of_acts(self) -> Iterator[sa.Connection]:
        with _ERRORS, closing(self._engine.connect()) as connection:
            connection.exec_driver_sql(self._engine.begin_read_sql)
            try:
                yield connection
            finally:
                batch_sql.roll_back(connection)

    @contextmanager
    def _snapshot(self) -> Iterator[sa.Connection]:
        """Several reads that see one state."""
        connection = self._read_connection
        connection.exec_driver_sql(self._engine.begin_read_sql)
        try:
            yield connection
        finally:
            batch_sql.roll_back(connection)
