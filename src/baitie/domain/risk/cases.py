"""A rule's own examples: what stands in its pack, and whether the rule keeps it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import partial
from typing import TypeVar

from baitie.domain.risk.duties import DutyCheck, ResponseDuty, RetentionDuty
from baitie.domain.risk.fact_codec import ExampleCase, instant
from baitie.domain.risk.facts import FACT_CODECS, CallFacts
from baitie.domain.risk.history import Freeze
from baitie.domain.risk.rulebook import RuleBook
from baitie.domain.risk.rulepack import Rule
from baitie.domain.risk.table_reader import RulePackError, TableReader
from baitie.domain.risk.verdict import Decision, Says, Verdict

_AnyExample = TypeVar("_AnyExample")


@dataclass(frozen=True, slots=True)
class Example:
    """Example (规则示例) of one rule: facts, and what the rule must say to them."""

    rule_id: str
    name: str
    facts: CallFacts
    expect: Says
    until: datetime | None
    freezes_until: datetime | None


@dataclass(frozen=True, slots=True)
class DutyExample:
    """Example of a duty (义务示例): the day from which it runs, and the day at which it must end."""

    rule_id: str
    name: str
    begins_on: date
    ends_on: date


def examples(rule: Rule, zone_of: Callable[[str], tzinfo]) -> list[Example]:
    """The examples of a rule. Times are on the wall clock of their `zone`, or UTC where it has none.

    A duty has none of these, see `duty_examples`. Raises `RulePackError`.
    """
    if isinstance(rule.check, DutyCheck):
        return []
    return [_read(case, lambda reader: _example(reader, rule, zone_of)) for case in _readers(rule)]


def duty_examples(rule: Rule) -> list[DutyExample]:
    """The examples of a rule that lays down a duty; none of another. Raises `RulePackError`."""
    if not isinstance(rule.check, DutyCheck):
        return []
    return [_read(case, lambda reader: _duty_example(reader, rule)) for case in _readers(rule)]


def failures(rule: Rule, zone_of: Callable[[str], tzinfo]) -> list[str]:
    """What the rule, alone, gets wrong in its own examples: one line each; empty where it keeps them all."""
    book = RuleBook([rule], "")
    wrong = []
    for example in examples(rule, zone_of):
        verdict, freeze = _within_calendar(rule, example.name, partial(_judged, book, example.facts))
        expected = (example.expect, example.until, example.freezes_until)
        found = (*_said(verdict), freeze.frozen_until if freeze is not None else None)
        if found != expected:
            wrong.append(f"{rule.rule_id}, {example.name}: expected {_line(expected)}, found {_line(found)}")
    for duty in duty_examples(rule):
        ends_on = _within_calendar(rule, duty.name, partial(_ends_on, rule, duty.begins_on))
        if ends_on != duty.ends_on:
            wrong.append(f"{rule.rule_id}, {duty.name}: expected {duty.ends_on}, found {ends_on}")
    return wrong


def _judged(book: RuleBook, facts: CallFacts) -> tuple[Verdict, Freeze | None]:
    return book.judge(facts), book.freezes_after(facts)


def _within_calendar(rule: Rule, name: str, ask: Callable[[], _AnyExample]) -> _AnyExample:
    """What the rule says to an example; one whose days run beyond the year 9999 is refused."""
    try:
        return ask()
    except OverflowError as error:
        problem = f"The days of the example {name!r} run beyond the calendar. Write nearer ones."
        raise RulePackError(problem, pack=rule.pack, rule=rule.rule_id, field="case") from error


def _said(verdict: Verdict) -> tuple[Says, datetime | None]:
    if verdict.decision is Decision.ALLOW and verdict.findings:
        return Says.ADVISE, verdict.findings[0].until
    return Says(verdict.decision.value), verdict.until


def _ends_on(rule: Rule, begins_on: date) -> date | None:
    if isinstance(rule.check, RetentionDuty):
        return rule.check.until(begins_on)
    return rule.check.due(begins_on).on if isinstance(rule.check, ResponseDuty) else None


def _readers(rule: Rule) -> list[TableReader]:
    return [TableReader(case, rule.pack, rule.rule_id) for case in rule.cases]


def _read(case: TableReader, read: Callable[[TableReader], _AnyExample]) -> _AnyExample:
    try:
        return read(case)
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise case.error(
            f"This example cannot be read: {error!r}.", "case", "See the shipped packs for the form."
        ) from error


def _example(case: TableReader, rule: Rule, zone_of: Callable[[str], tzinfo]) -> Example:
    zone_name = case.optional("zone", str)
    zone = zone_of(zone_name) if zone_name is not None else UTC
    facts = _facts(case, rule, zone, zone_name is not None)
    name, expect = case.text("name"), case.choice("expect", Says)
    until, freezes_until = case.optional("until", datetime), case.optional("freezes_until", datetime)
    case.done()
    return Example(rule.rule_id, name, facts, expect, _utc(until, zone), _utc(freezes_until, zone))


def _facts(table: TableReader, rule: Rule, zone: tzinfo, is_zone_known: bool) -> CallFacts:
    """What the example leaves out is plain or unknown."""
    now = instant(table.need("now", datetime), zone)
    region = rule.jurisdiction if len(rule.jurisdiction) == 2 else None
    case = ExampleCase(table, zone, is_zone_known, region, now)
    return CallFacts(**{name: codec.example(case) for name, codec in FACT_CODECS.items()})


def _duty_example(case: TableReader, rule: Rule) -> DutyExample:
    found = DutyExample(rule.rule_id, case.text("name"), case.need("begins_on", date), case.need("ends_on", date))
    case.done()
    return found


def _utc(wall: datetime | None, zone: tzinfo) -> datetime | None:
    return instant(wall, zone) if wall is not None else None


def _line(parts: tuple[Says, datetime | None, datetime | None]) -> str:
    """What a verdict comes to, in a few words; what it does not say is left out."""
    says, until, freezes_until = parts
    said = says.value if until is None else f"{says.value} until {until}"
    return said if freezes_until is None else f"{said} and a freeze until {freezes_until}"
