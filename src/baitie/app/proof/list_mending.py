"""Compares the lists beside the callees with what the journal tells: suspended numbers, qualifications, registries."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from baitie.app.proof.register_mending import NOBODY, RESTORED, Mending
from baitie.app.records.register_rows import RegisterRow
from baitie.domain.audit import RegisterDifference, RegisterState
from baitie.domain.audit.list_marks import mark_of_registry
from baitie.domain.audit.registers import EVERY_REASON, resumed_for, suspended_for, utc_text
from baitie.domain.complaints import NumberSuspension
from baitie.domain.registries import Qualification
from baitie.kernel.journal import JournalEntry

LONG_AGO = date(1970, 1, 1)
LONG_AGO_AT = datetime(1970, 1, 1, tzinfo=UTC)


def compare_lists(state: RegisterState, rows: Iterable[RegisterRow], mending: Mending) -> None:
    """Add to a mending how suspensions and qualifications differ, and what mends it; and registries that nobody can
    mend, for their numbers stand in no journal."""
    by_kind: dict[str, list[RegisterRow]] = {"suspension": [], "qualification": [], "registry": []}
    for row in rows:
        by_kind[row.kind].append(row)
    mending.batch.suspensions = _suspensions(state, by_kind["suspension"], mending)
    mending.batch.qualifications = _qualifications(state, by_kind["qualification"], mending)
    stands = {row.key: row.mark for row in by_kind["registry"]}
    for name, (seq, entry) in state.registries.items():
        if not _is_as_imported(stands.get(name), name, entry):
            mending.differences.append(RegisterDifference("registry", "altered", "", seq, name, is_mended=False))
            mending.registries.append(name)


def _is_as_imported(mark: str | None, name: str, entry: JournalEntry) -> bool:
    if mark is None:
        return False
    told = mark_of_registry(name, entry.facts.get("as_of"), entry.facts.get("digest"))
    # An import of before says no digest of what it brought: of such a copy only the day is held against it.
    return mark == told if entry.facts.get("digest") else mark.startswith(told)


def _suspensions(state: RegisterState, rows: list[RegisterRow], mending: Mending) -> list[NumberSuspension]:
    again: list[NumberSuspension] = []
    told = {(*suspended_for(entry), utc_text(entry.at)): (seq, entry) for seq, entry in state.suspended}
    resumed = {(*resumed_for(entry), utc_text(entry.at)) for _, entry in state.resumed}
    seen = set[tuple[str, str, str]]()
    for row in rows:
        number, reason = str(row.content.get("number")), str(row.content.get("reason"))
        own = number, reason, utc_text(row.content.get("at"))
        if own not in told:
            continue  # it bars more than anybody said
        seen.add(own)
        lifted_at = row.content.get("lifted_at")
        ends = {(number, each, utc_text(lifted_at)) for each in (reason, EVERY_REASON)}
        if row.is_lifted and not (lifted_at is not None and ends & resumed):
            seq, entry = told[own]
            mending.differences.append(RegisterDifference("suspension", "lifted", "", seq, number))
            again.append(_suspension(row.key, entry))
    out_of_use = state.out_of_use()
    for (number, reason, at), (seq, entry) in told.items():
        if (number, reason) in out_of_use and (number, reason, at) not in seen:
            mending.differences.append(RegisterDifference("suspension", "missing", "", seq, number))
            again.append(_suspension(f"ns_restored_{seq}", entry))
    return again


def _suspension(suspension_id: str, entry: JournalEntry) -> NumberSuspension:
    facts = entry.facts
    complaint = facts.get("complaint")
    return NumberSuspension(
        suspension_id,
        str(facts.get("number")),
        entry.at,
        str(facts.get("reason") or RESTORED),
        str(facts.get("actor") or NOBODY),
        complaint if isinstance(complaint, str) else None,
    )


def _qualifications(state: RegisterState, rows: list[RegisterRow], mending: Mending) -> list[Qualification]:
    again: list[Qualification] = []
    seen = set[str]()
    for row in rows:
        seen.add(row.key)
        filed = state.filed.get(row.key)
        if filed is None:
            if not row.is_lifted:
                mending.differences.append(RegisterDifference("qualification", "unknown", "", None, row.key))
                again.append(_qualification(row.key, None, None, row.content).ended(LONG_AGO_AT, NOBODY, RESTORED))
            continue
        made = _qualification(row.key, filed[1], state.ended.get(row.key), row.content)
        is_same = all(row.content.get(name) == made.to_json()[name] for name in ("kind", "valid_from", "valid_until"))
        if not is_same or (made.ended_at is not None and not row.is_lifted):
            mending.differences.append(RegisterDifference("qualification", "altered", "", filed[0], row.key))
            again.append(made)
    for key in state.filed.keys() - seen:
        seq, entry = state.filed[key]
        mending.differences.append(RegisterDifference("qualification", "missing", "", seq, key))
        again.append(_qualification(key, entry, state.ended.get(key), {}))
    return again


def _qualification(
    key: str, filed: JournalEntry | None, ended: tuple[int, JournalEntry] | None, content: Mapping[str, Any]
) -> Qualification:
    """As the journal tells it; what it does not tell is left as it stands, where that can be read."""
    told = content if filed is None else filed.facts
    made = Qualification(
        key,
        str(told.get("kind") or ""),
        str(content.get("number") or ""),
        str(content.get("issued_by") or ""),
        _day(told.get("valid_from")) or LONG_AGO,
        _day(told.get("valid_until")),
        LONG_AGO_AT if filed is None else filed.at,
        str(content.get("actor") or NOBODY) if filed is None else str(filed.facts.get("actor") or NOBODY),
        str(content.get("document") or ""),
    )
    if ended is None:
        return made
    facts = ended[1].facts
    return made.ended(ended[1].at, str(facts.get("actor") or NOBODY), str(facts.get("reason") or RESTORED))


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
