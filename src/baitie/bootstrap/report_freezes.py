"""Freezes of a campaign's callees, and what rules advised against, as the report shows them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from baitie.adapters.report import AdviceLine, FreezeLine
from baitie.app.records.standing import CalleeStanding
from baitie.domain.risk.explain import ExplanationRow
from baitie.domain.risk.history import Freeze
from baitie.domain.risk.verdict import Finding, Says
from baitie.files.rule_files import verdict_texts
from baitie.files.zones import zones
from baitie.kernel.ids import CalleeId
from baitie.kernel.journal import JournalEntry
from baitie.kernel.records import CalleeRecord, LeadRecord


class BarredCallees(Protocol):
    """What stands on record of callees (登记查询)."""

    def barred_callees(self) -> Iterable[CalleeRecord]:
        """Those of whom something that forbids a call is registered."""

    def standing(self, callee_id: CalleeId) -> CalleeStanding:
        """What stands of one."""


def frozen_of(store: BarredCallees, leads: Sequence[LeadRecord]) -> list[Freeze]:
    """The freezes on record of these callees, the newest first; of one callee that which lasts longest."""
    listed = {lead.callee_id for lead in leads}
    standings = (store.standing(one.callee_id) for one in store.barred_callees() if one.callee_id in listed)
    longest = (max(each.freezes, key=lambda freeze: freeze.frozen_until) for each in standings if each.freezes)
    return sorted(longest, key=lambda freeze: freeze.at, reverse=True)


def freeze_lines(
    freezes: Sequence[Freeze], callees: Mapping[CalleeId, CalleeRecord], lang: str
) -> tuple[FreezeLine, ...]:
    """Those freezes in words, with masked numbers."""
    words = verdict_texts(lang)
    return tuple(
        FreezeLine(
            callees[freeze.callee_id].number.masked(),
            freeze.at,
            freeze.frozen_until,
            words.word("freeze_reason", freeze.reason),
            freeze.rule_id,
        )
        for freeze in freezes
        if freeze.callee_id in callees
    )


def advice_lines(journal: Sequence[tuple[int, JournalEntry]], lang: str) -> tuple[AdviceLine, ...]:
    """What rules advised against, the most callees first."""
    texts = verdict_texts(lang)
    first: dict[str, Finding] = {}
    callees: dict[str, set[object]] = {}
    for _, entry in journal:
        verdict = entry.facts.get("verdict")
        rows = verdict.get("findings") if isinstance(verdict, dict) else None
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict) and row.get("says") == Says.ADVISE:
                finding = Finding.from_json(row)
                first.setdefault(finding.rule_id, finding)
                callees.setdefault(finding.rule_id, set()).add(entry.callee_id or entry.lead_id)
    lines = []
    for rule_id, found in sorted(callees.items(), key=lambda item: (-len(item[1]), item[0])):
        finding = first[rule_id]
        said = texts.sentence(ExplanationRow(finding, on_own_clock(finding), "", "", ()))
        lines.append(AdviceLine(rule_id, len(found), said, texts.source(finding)))
    return tuple(lines)


def on_own_clock(finding: Finding) -> datetime | None:
    """Until when a rule objects, on the clock that it judged by."""
    zone = finding.values.get("zone")
    found = zones((zone,)) if isinstance(zone, str) else ()
    return finding.until.astimezone(found[0]) if finding.until is not None and found else finding.until
