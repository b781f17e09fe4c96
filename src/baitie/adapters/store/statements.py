"""Prebuilt SQL: each bulk statement is compiled once for a few sizes and then run as text with plain tuples.

One statement writes many rows, because SQLite gives up the interpreter lock at every single step: row by row, a
busy event loop would make the writer wait once for each row.
"""

import re
from collections.abc import Container, Sequence
from functools import cache, partial
from importlib import import_module
from itertools import chain
from typing import Any

import sqlalchemy as sa

from baitie.adapters.store import tables
from baitie.adapters.store.driver import execute
from baitie.adapters.store.rows import Row
from baitie.app.records.standing import CARDS_KEPT_MAX
from baitie.domain.audit.registers import REGISTER_KINDS
from baitie.domain.consent.register import BarKind
from baitie.kernel.journal import BARS
from baitie.kernel.records import AttemptState

ROWS_PER_STATEMENT = (64, 8, 1)  # 64 call records are 1,472 parameters: far below the 32,766 of SQLite

BAR_PATTERNS = tuple(f'%kind":"{kind.value}"%' for kind in BARS)
"""How entries are found that speak against a call; only those since the last look are read.

Without the quotation mark before it: SQLite looks more closely wherever the first character stands, and JSON is full
of that one. So it takes a quarter of the time.
"""

CHANGES_KEY = "changes"
"""Where the change number stands among what the store knows of itself."""

_AS_PLANNED = ("attempt_id", "lead_id", "campaign_id", "callee_id", "presented_number", "trunk", "planned_at")
"""What never changes of an attempt: an index over these alone is left alone when the attempt goes on."""

_PROGRESS = ("state", "not_before", "attempts", "last_outcome", "reason")


class BulkInsert:
    """One table's insert (批量写入) for many rows; `updated` columns are overwritten where the key exists."""

    def __init__(
        self, table: sa.Table, dialect: sa.Dialect, columns: Sequence[str], updated: Sequence[str] = ()
    ) -> None:
        self._compile = partial(_compiled, table, dialect, columns, updated)
        self._sql: dict[int, str] = {}  # by rows of one statement; compiled when first wanted

    def run(self, connection: sa.Connection, rows: Sequence[Row]) -> None:
        """Write the rows in their order. Keys must differ where they are updated (PostgreSQL demands it)."""
        start = 0
        for size in ROWS_PER_STATEMENT:
            while len(rows) - start >= size:
                sql = self._sql.get(size) or self._sql.setdefault(size, self._compile(size))
                part = rows[start : start + size]
                execute(connection, sql, part[0] if size == 1 else tuple(chain.from_iterable(part)))
                start += size


def _compiled(
    table: sa.Table, dialect: sa.Dialect, columns: Sequence[str], updated: Sequence[str], row_count: int
) -> str:
    insert = _dialects(dialect.name).insert
    key = [column.name for column in table.primary_key]
    statement = insert(table).values([{name: sa.bindparam(f"new_{name}") for name in columns}])
    if updated:
        statement = statement.on_conflict_do_update(
            index_elements=key, set_={name: statement.excluded[name] for name in updated}
        )
    compiled = statement.compile(dialect=dialect)
    assert compiled.positiontup == [f"new_{name}" for name in columns]
    # Further rows only repeat the places: to have SQLAlchemy compile 64 of them takes a tenth of a second a statement.
    before, values, places, after = _ROW_OF_VALUES.split(str(compiled), maxsplit=1)
    return f"{before}{values}{', '.join([places] * row_count)}{after}"


_ROW_OF_VALUES = re.compile(r"( VALUES )(\([^)]*\))")


def _dialects(name: str) -> Any:
    """SQLAlchemy's module for one engine; that of PostgreSQL takes a tenth of a second to import."""
    return import_module(f"sqlalchemy.dialects.{'postgresql' if name == 'postgresql' else 'sqlite'}")


def _names(table: sa.Table, without: Container[str] = ()) -> list[str]:
    return [column.name for column in table.columns if column.name not in without]


def _listed(table: sa.Table) -> str:
    return ", ".join(_names(table))


class Statements:
    """All SQL of the store (语句集) for one dialect, as text for its driver."""

    def __init__(self, dialect_name: str) -> None:
        postgres = dialect_name == "postgresql"
        # SQLAlchemy's own dialects name their parameters in other ways; plain tuples need places.
        d: sa.Dialect = _dialects(dialect_name).dialect(paramstyle="format" if postgres else "qmark")
        t = tables
        self.journal = BulkInsert(t.journal, d, _names(t.journal))
        self.lead_progress = BulkInsert(t.leads, d, _names(t.leads), _PROGRESS)
        self.lead_import = BulkInsert(t.leads, d, _names(t.leads))
        self.callees = BulkInsert(t.callees, d, _names(t.callees), ("number_class", "region", "zone_names"))
        self.attempts = BulkInsert(t.attempts, d, _names(t.attempts), _names(t.attempts, without=_AS_PLANNED))
        self.histories = BulkInsert(t.histories, d, _names(t.histories), ("history",))
        self.refusals = BulkInsert(t.refusals, d, _names(t.refusals)[1:-3])  # nothing is lifted when it is set
        self.freezes = BulkInsert(t.freezes, d, _names(t.freezes)[1:-3])
        self.blocks = BulkInsert(t.blocks, d, _names(t.blocks)[1:-3])
        self.consents = BulkInsert(t.consents, d, _names(t.consents), ("record",))
        self.preferences = BulkInsert(t.preferences, d, _names(t.preferences), ("record",))
        self.complaints = BulkInsert(t.complaints, d, _names(t.complaints), ("state", "record"))
        self.cards_sent = BulkInsert(t.cards_sent, d, _names(t.cards_sent)[1:])
        self.card_submissions = BulkInsert(t.card_submissions, d, _names(t.card_submissions), ("outcome", "receipt_ms"))
        self.commands = BulkInsert(t.commands, d, _names(t.commands)[1:])
        self.page_cards = BulkInsert(t.page_cards, d, _names(t.page_cards))
        self.campaigns = BulkInsert(t.campaigns, d, _names(t.campaigns), ("record",))
        self.inbound = BulkInsert(t.inbound_calls, d, _names(t.inbound_calls), ("is_open", "answers", "record"))
        self.requests = BulkInsert(t.callee_requests, d, _names(t.callee_requests), ("due_on", "is_open", "record"))
        self.suspects = BulkInsert(t.suspects, d, _names(t.suspects), ("state", "quote", "record"))
        self.suspensions = BulkInsert(t.suspensions, d, _names(t.suspensions), ("is_active", "record"))
        self.qualifications = BulkInsert(t.qualifications, d, _names(t.qualifications), ("record",))
        self.registry_pages = BulkInsert(t.registry_pages, d, _names(t.registry_pages))
        self._mark = "%s" if postgres else "?"
        self._prepare_gate(self._mark)
        self._prepare_campaign(self._mark)
        self._prepare_page(self._mark)
        self._prepare_journal(self._mark)

        self.changes = f"SELECT value FROM meta WHERE key = '{CHANGES_KEY}'"
        self.count_change = (
            f"INSERT INTO meta (key, value) VALUES ('{CHANGES_KEY}', '1') ON CONFLICT (key)"
            " DO UPDATE SET value = CAST(CAST(meta.value AS BIGINT) + 1 AS VARCHAR)"
        )

    def _prepare_gate(self, mark: str) -> None:
        """What every verdict asks, and what speaks against a call."""
        self.standing = (
            f"SELECT 0, history, NULL, NULL, NULL, NULL FROM histories WHERE callee_id = {mark}"
            f" UNION ALL SELECT 1, at, channel, actor, evidence, NULL FROM refusals"
            f" WHERE callee_id = {mark} AND lifted_at IS NULL"
            f" UNION ALL SELECT 2, at, frozen_until, reason, rule_id, actor FROM freezes"
            f" WHERE callee_id = {mark} AND lifted_at IS NULL"
            f" UNION ALL SELECT 3, record, NULL, NULL, NULL, NULL FROM consents WHERE callee_id = {mark}"
            f" UNION ALL SELECT 4, record, NULL, NULL, NULL, NULL FROM preferences WHERE callee_id = {mark}"
            f" UNION ALL SELECT 5, at, reason, actor, NULL, NULL FROM blocks"
            f" WHERE callee_id = {mark} AND lifted_at IS NULL"
            f" UNION ALL SELECT 6, record, NULL, NULL, NULL, NULL FROM complaints WHERE callee_id = {mark}"
            f" UNION ALL SELECT 7, at, NULL, NULL, NULL, NULL FROM (SELECT at FROM cards_sent"
            f" WHERE callee_id = {mark} ORDER BY at DESC LIMIT {CARDS_KEPT_MAX}) newest"
        )
        self.lifts = {
            kind: f"UPDATE {table} SET lifted_at = {mark}, lifted_by = {mark}, lift_reason = {mark}"
            f" WHERE callee_id = {mark} AND lifted_at IS NULL"
            for kind, table in ((BarKind.REFUSAL, "refusals"), (BarKind.FREEZE, "freezes"), (BarKind.BLOCK, "blocks"))
        }
        self.registry_page = (
            "SELECT r.record, p.hashes FROM registries r"
            f" LEFT JOIN registry_pages p ON p.generation = r.generation AND p.page = {mark}"
        )
        self.suspended = "SELECT number FROM suspensions WHERE is_active = 1"
        self.qualified = "SELECT record FROM qualifications ORDER BY qualification_id"
        self.complaints_received = (
            f"SELECT count(*) FROM complaints WHERE campaign_id = {mark} AND received_at >= {mark}"
        )

    def _prepare_campaign(self, mark: str) -> None:
        """What a run starts from, and how its numbers were used."""
        t = tables
        self.campaign_leads = f"SELECT {_listed(t.leads)} FROM leads WHERE campaign_id = {mark} ORDER BY row"
        self.campaign_callees = (
            f"SELECT {_listed(t.callees)} FROM callees"
            f" WHERE callee_id IN (SELECT callee_id FROM leads WHERE campaign_id = {mark})"
        )
        self.campaign_people = (
            f"SELECT {', '.join(f'c.{name}' for name in _names(t.callees))} FROM leads l"
            f" JOIN callees c ON c.callee_id = l.callee_id WHERE l.campaign_id = {mark} ORDER BY l.row LIMIT {mark}"
        )
        self.campaign_open_attempts = (  # the state stands in the text, or the index on open ones is not used
            f"SELECT {_listed(t.attempts)} FROM attempts"
            f" WHERE campaign_id = {mark} AND state <> '{AttemptState.ENDED.value}' ORDER BY attempt_id"
        )
        self.attempts_placed = f"SELECT count(*) FROM attempts WHERE campaign_id = {mark} AND invite_sent_at >= {mark}"
        self.first_shown = f"SELECT min(invite_sent_at) FROM attempts WHERE presented_number = {mark}"
        self.shown_since = (
            "SELECT invite_sent_at, outcome FROM attempts"
            f" WHERE presented_number = {mark} AND invite_sent_at >= {mark} ORDER BY invite_sent_at"
        )

    def _prepare_page(self, mark: str) -> None:
        """What the callee's page shows of one card, and what forgetting destroys."""
        t = tables
        self.forget = (
            f"UPDATE leads SET name = '', slots = '{{}}', segment = '' WHERE callee_id = {mark}",
            f"UPDATE attempts SET answers = '{{}}' WHERE callee_id = {mark}",
            f"DELETE FROM page_cards WHERE callee_id = {mark}",
            f"UPDATE inbound_calls SET answers = '{{}}' WHERE callee_id = {mark}",
            f"UPDATE card_submissions SET token = NULL WHERE callee_id = {mark}",
            f"UPDATE suspects SET quote = '' WHERE callee_id = {mark}",
        )
        self.page_card = (
            "SELECT attempt_id, callee_id, expires_at, journal_from_seq, journal_until_seq"
            f" FROM page_cards WHERE code_hmac = {mark}"
        )
        self.sent_cards = f"SELECT * FROM card_submissions WHERE attempt_id = {mark} ORDER BY submitted_at, card_id"
        self.one_attempt = f"SELECT {_listed(t.attempts)} FROM attempts WHERE attempt_id = {mark}"
        self.one_lead = f"SELECT {_listed(t.leads)} FROM leads WHERE lead_id = {mark}"
        self.one_callee = f"SELECT {_listed(t.callees)} FROM callees WHERE callee_id = {mark}"
        of_kind = f"SELECT record FROM callee_requests WHERE kind = {mark}"
        self.all_requests = f"{of_kind} ORDER BY due_on, request_id"
        self.open_requests = f"{of_kind} AND is_open = 1 ORDER BY due_on, request_id"
        self.one_campaign = f"SELECT record FROM campaigns WHERE campaign_id = {mark}"
        self.attempts_to = (
            f"SELECT {_listed(t.attempts)} FROM attempts WHERE callee_id = {mark} ORDER BY attempt_id DESC LIMIT {mark}"
        )

    def _prepare_journal(self, mark: str) -> None:
        """The journal's end and pieces of it, and commands to the dialler."""
        self.journal_between = (
            f"SELECT seq, canonical FROM journal WHERE seq BETWEEN {mark} AND {mark} AND canonical LIKE {mark}"
        )
        self.tail = "SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1"
        self.newest_entry = f"SELECT canonical FROM journal WHERE campaign_id = {mark} ORDER BY seq DESC LIMIT 1"
        self.newest_seq = "SELECT max(seq) FROM journal"
        bars = " OR ".join(f"canonical LIKE {mark}" for _ in BAR_PATTERNS)
        self.bars = f"SELECT canonical FROM journal WHERE seq > {mark} AND seq <= {mark} AND ({bars})"
        self.register_patterns = tuple(f'%kind":"{kind.value}"%' for kind in REGISTER_KINDS)
        kinds = " OR ".join(f"canonical LIKE {mark}" for _ in self.register_patterns)
        self.register_entries = (
            f"SELECT seq, canonical FROM journal WHERE seq > {mark} AND seq <= {mark} AND ({kinds}) ORDER BY seq"
        )
        self.has_commands = "SELECT 1 FROM commands WHERE is_taken = 0 LIMIT 1"
        self.take_commands = "UPDATE commands SET is_taken = 1 WHERE is_taken = 0 RETURNING command_id, kind, actor, at"

    def callees_by_hmac(self, count: int) -> str:
        """Finds so many numbers at once, as (HMAC, callee id)."""
        return f"SELECT number_hmac, callee_id FROM callees WHERE number_hmac IN ({', '.join([self._mark] * count)})"


@cache
def statements_for(dialect_name: str) -> Statements:
    """The statements of a dialect, compiled once in a process however many stores are opened."""
    return Statements(dialect_name)
