"""Compiles one rule from its table: what every rule has, and what its kind adds."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from baitie.domain.risk.checks import Building
from baitie.domain.risk.kinds import KINDS
from baitie.domain.risk.rulepack import FailDirection, Force, Rule, read_evidence, read_jurisdiction
from baitie.domain.risk.table_reader import TableReader
from baitie.domain.risk.verdict import RuleStatus
from baitie.domain.risk.workdays import OfficialCalendar
from baitie.kernel.purpose import Purpose

NO_CALENDARS: Mapping[str, OfficialCalendar] = {}
"""Where no official calendar is known: Monday to Friday are working days, or the fail direction decides."""


def compile_rule(pack: str, table: Mapping[str, Any], calendars: Mapping[str, OfficialCalendar] = NO_CALENDARS) -> Rule:
    """One rule from its table. Raises `RulePackError`."""
    reader = TableReader(table, pack, str(table.get("id", "?")))
    rule_id = reader.text("id")
    kind = reader.text("kind")
    if kind not in KINDS:
        raise reader.error(f"{kind!r} is no rule kind.", "kind", f"Write one of: {', '.join(KINDS)}.")
    fail = reader.choice("fail_direction", FailDirection)
    status = reader.choice("status", RuleStatus)
    force = reader.choice("force", Force)
    if status is RuleStatus.DRAFT and force is Force.BLOCK:
        raise reader.error("A draft is not in force.", "force", 'Write force = "advise", or a status of its own.')
    jurisdiction = read_jurisdiction(reader)
    rule = Rule(
        rule_id=rule_id,
        pack=pack,
        kind=kind,
        jurisdiction=jurisdiction,
        purposes=reader.words("purposes", Purpose) or frozenset(Purpose),
        effective_from=reader.optional("effective_from", date),
        effective_until=reader.optional("effective_until", date),
        force=force,
        fail_direction=fail,
        status=status,
        source=reader.text("source"),
        evidence=read_evidence(reader, status),
        remedies=reader.texts("remedies"),
        cases=reader.tables("case"),
        check=KINDS[kind].build(reader, Building(fail is FailDirection.CLOSED, jurisdiction, calendars)),
    )
    reader.done()
    if not rule.remedies:
        raise reader.error("The rule names no remedy.", "remedies", "Name at least one key of the message catalogues.")
    if not rule.cases:
        raise reader.error("The rule has no example.", "case", "Write at least one [[rule.case]].")
    if rule.effective_from and rule.effective_until and rule.effective_from >= rule.effective_until:
        raise reader.error("The rule ends before it begins.", "effective_until", "Write a later date.")
    return rule
