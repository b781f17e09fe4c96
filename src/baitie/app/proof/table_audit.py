"""Holds the store's tables against its journal: call records, registers, consents, suspended numbers."""

from collections.abc import Iterator
from typing import Any

from baitie.app.ports.audit_store import TableStore
from baitie.app.proof.list_mending import compare_lists
from baitie.app.proof.register_mending import compare_registers
from baitie.app.records.register_rows import RegisterRow
from baitie.domain.audit import AuditFault, AuditFinding, RegisterState
from baitie.kernel.journal import JournalKind, JsonValue

ATTEMPT_KINDS = (JournalKind.INVITE_SENT, JournalKind.ATTEMPT_ENDED)


def table_findings(store: TableStore) -> Iterator[AuditFinding]:
    """Every row that is not what the journal says, and every entry whose row is gone."""
    yield from _of_registers(store)
    yield from _of_attempts(store)


def _differs(table: str, what: str, seq: int | None = None, **values: JsonValue) -> AuditFinding:
    return AuditFinding(AuditFault.TABLE_DIFFERS, seq=seq, values={"table": table, "what": what, **values})


def _of_registers(store: TableStore) -> Iterator[AuditFinding]:
    state = RegisterState()
    for seq, entry in store.register_history():
        state.on_entry(seq, entry)
    consents = set[str]()

    def rows() -> Iterator[RegisterRow]:
        for row in store.register_rows():
            if row.kind == "consent":
                consents.add(row.key)
            yield row

    mending = compare_registers(state, rows())
    compare_lists(state, store.list_rows(), mending)
    for one in mending.differences:
        if one.register == "suspension":
            yield _differs("suspensions", "missing", one.seq, number=one.key)  # it is not out of use, whatever its row
        else:
            yield _differs(one.register, one.what, one.seq, callee_id=one.callee_id or one.key)
    for consent_id, (seq, _) in state.granted.items():
        if consent_id not in consents and consent_id not in state.withdrawn:  # those are told already
            yield _differs("consent", "missing", seq, consent=consent_id)


def _of_attempts(store: TableStore) -> Iterator[AuditFinding]:
    """A call record against `InviteSent` and `AttemptEnded`. Format 1 tells no presented number."""
    told: dict[str, dict[str, Any]] = {}
    for seq, entry in store.entries_of(ATTEMPT_KINDS):
        if entry.attempt_id is None:
            continue
        of_attempt = told.setdefault(entry.attempt_id, {"callee_id": entry.callee_id})
        of_attempt["seq"] = seq
        if entry.kind is JournalKind.ATTEMPT_ENDED:
            of_attempt["outcome"] = entry.facts.get("outcome")
            continue
        for name in ("presented_number", "trunk"):
            if name in entry.facts:
                of_attempt[name] = entry.facts[name]
    for row in store.attempt_rows():
        of_attempt = told.pop(row["attempt_id"], {})
        seq = of_attempt.pop("seq", None)
        if seq is None and (row["invite_sent_at"] is not None or row["outcome"] is not None):
            yield _differs("attempts", "unknown", attempt=row["attempt_id"])
        for name, value in of_attempt.items():
            if row[name] != value:
                yield _differs("attempts", "altered", seq, attempt=row["attempt_id"], field=name, journal=value)
    for attempt_id, of_attempt in told.items():
        yield _differs("attempts", "missing", of_attempt["seq"], attempt=attempt_id)
