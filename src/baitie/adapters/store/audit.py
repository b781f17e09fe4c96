"""What an audit reads and keeps: raw journal rows, checkpoints, signing keys, and all that is known of one attempt."""

import json
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa

from baitie.adapters.store import tables
from baitie.adapters.store.chain import journal_row_of
from baitie.adapters.store.errors import DamagedProofError
from baitie.adapters.store.rows import attempt_of, callee_of, entry_of, lead_of
from baitie.adapters.store.verdicts import with_verdicts
from baitie.app.records.journal import AttemptFile, JournalTail
from baitie.domain.audit import Checkpoint, JournalRow, SigningKey
from baitie.kernel.ids import AttemptId

ROWS_PER_READ = 5_000
"""So that a check of a long journal needs little memory and holds up no writer."""

MATCHES_MAX = 5
"""As many attempts are named where an abbreviated id fits several."""


def read_rows(connection: sa.Connection, first_seq: int, last_seq: int) -> list[JournalRow]:
    """At most `ROWS_PER_READ` rows from `first_seq` on, none after `last_seq`."""
    seq = tables.journal.c.seq
    query = sa.select(tables.journal).where(seq >= first_seq, seq <= last_seq).order_by(seq).limit(ROWS_PER_READ)
    return [journal_row_of(row) for row in connection.execute(query)]


def read_verdicts(connection: sa.Connection, digests: Collection[str], before_seq: int) -> dict[str, Mapping[str, Any]]:
    """The verdicts with these digests, out of the entries before a place that wrote them down; one look through all."""
    table, found = tables.journal.c, dict[str, Mapping[str, Any]]()
    if not digests:
        return found
    named = table.canonical.contains('"verdict_digest":"', autoescape=True)
    written = table.canonical.contains('"verdict":{', autoescape=True)
    query = sa.select(table.canonical).where(table.seq < before_seq, written, named).order_by(table.seq)
    for canonical in connection.execute(query).scalars():
        facts = entry_of(canonical).facts
        digest, verdict = facts.get("verdict_digest"), facts.get("verdict")
        if isinstance(digest, str) and isinstance(verdict, dict) and digest in digests:
            found.setdefault(digest, verdict)
            if len(found) == len(digests):
                break
    return found


def read_tail(connection: sa.Connection) -> JournalTail | None:
    """The newest entry's place, hash and time. Raises `DamagedProofError` where nobody can read it."""
    table = tables.journal.c
    row = connection.execute(
        sa.select(table.seq, table.hash, table.canonical).order_by(table.seq.desc()).limit(1)
    ).first()
    if row is None:
        return None
    try:
        return JournalTail(row[0], row[1], entry_of(row[2]).at)
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedProofError(entry=row[0], cause=error) from error


def read_checkpoints(connection: sa.Connection) -> tuple[Checkpoint, ...]:
    """All of them in their order."""
    table = tables.checkpoints
    return tuple([_checkpoint_of(row) for row in connection.execute(sa.select(table).order_by(table.c.number))])


def read_last_checkpoint(connection: sa.Connection) -> Checkpoint | None:
    """The newest."""
    table = tables.checkpoints
    row = connection.execute(sa.select(table).order_by(table.c.number.desc()).limit(1)).first()
    return None if row is None else _checkpoint_of(row)


def write_checkpoint(connection: sa.Connection, checkpoint: Checkpoint) -> None:
    """One more; its number must be free."""
    connection.execute(tables.checkpoints.insert().values(**checkpoint.to_json()))


def read_signing_keys(connection: sa.Connection) -> tuple[SigningKey, ...]:
    """All of them, the oldest first."""
    table = tables.signing_keys.c
    found = connection.execute(sa.select(table.place, table.statement).order_by(table.place))
    return tuple([_signing_key_of(place, statement) for place, statement in found])


def write_signing_key(connection: sa.Connection, place: int, key: SigningKey) -> None:
    """The key at its place, which must be free."""
    statement = json.dumps(key.to_json(), ensure_ascii=False, sort_keys=True)
    connection.execute(tables.signing_keys.insert().values(place=place, statement=statement))


def read_attempt_ids(connection: sa.Connection, part: str) -> tuple[AttemptId, ...]:
    """Attempts whose id begins or ends so, at most `MATCHES_MAX`; a whole id is found alone."""
    own = tables.attempts.c.attempt_id
    fits = sa.or_(own.startswith(part, autoescape=True), own.endswith(part, autoescape=True))
    query = sa.select(own).where(fits).order_by(own != part, own).limit(MATCHES_MAX)
    found = connection.execute(query).scalars().all()
    return (AttemptId(part),) if part in found else tuple([AttemptId(name) for name in found])


def read_attempt_file(connection: sa.Connection, attempt_id: AttemptId) -> AttemptFile | None:
    """The attempt, its lead and callee, and what the journal says of any of the three.

    Looks through the whole journal: there is no index on attempts, because writing one would slow every call.
    """
    attempts, leads, callees = tables.attempts, tables.leads, tables.callees
    row = connection.execute(sa.select(attempts).where(attempts.c.attempt_id == attempt_id)).first()
    if row is None:
        return None
    attempt = attempt_of(row)
    lead = connection.execute(sa.select(leads).where(leads.c.lead_id == attempt.lead_id)).first()
    callee = connection.execute(sa.select(callees).where(callees.c.callee_id == attempt.callee_id)).first()
    named = tables.journal.c.canonical.contains(f'"callee_id":"{attempt.callee_id}"', autoescape=True)
    query = sa.select(tables.journal.c.seq, tables.journal.c.canonical).where(named).order_by(tables.journal.c.seq)
    found = [(seq, entry_of(canonical)) for seq, canonical in connection.execute(query)]
    rows = with_verdicts(found, partial(read_verdicts, connection))
    return AttemptFile(
        attempt,
        None if lead is None else lead_of(lead),
        None if callee is None else callee_of(callee),
        tuple([(seq, entry) for seq, entry in rows if entry.callee_id == attempt.callee_id]),
    )


def _signing_key_of(place: int, statement: str) -> SigningKey:
    try:
        return SigningKey.from_json(json.loads(statement))
    except (ValueError, AttributeError) as error:
        raise DamagedProofError(signing_key=place, cause=error) from error


def _checkpoint_of(row: Sequence[Any]) -> Checkpoint:
    names = [column.name for column in tables.checkpoints.columns]
    try:
        return Checkpoint.from_json(dict(zip(names, row, strict=True)))
    except ValueError as error:
        raise DamagedProofError(checkpoint=row[0], cause=error) from error
