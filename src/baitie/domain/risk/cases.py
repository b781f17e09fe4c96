"""A rule's own examples: from the tables of its pack to facts, and whether the rule keeps them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, tzinfo
from typing import Any

from baitie.domain.risk.facts import CallFacts
from baitie.domain.risk.history import CalleeHistory, Freeze, PastAttempt, Refusal, RefusalChannel
from baitie.domain.risk.rulebook import RuleBook
from baitie.domain.risk.rulepack import Rule, TableReader
from baitie.domain.risk.verdict import Decision
from baitie.kernel.ids import CalleeId
from baitie.kernel.purpose import NumberClass, Purpose
from baitie.kernel.time import Window

_CALLEE = CalleeId("callee_example")
_NOBODY = "example"


@dataclass(frozen=True, slots=True)
class Example:
    """Example (规则示例) of one rule: facts, and what the rule must say to them."""

    rule_id: str
    name: str
    facts: CallFacts
    expect: Decision
    until: datetime | None
    freezes_until: datetime | None


def examples(rule: Rule, zone_of: Callable[[str], tzinfo]) -> list[Example]:
    """The examples of a rule. Times are on the wall clock of their `zone`, or UTC where it has none.

    Raises `RulePackError`.
    """
    return [_read(TableReader(case, rule.pack, rule.rule_id), rule, zone_of) for case in rule.cases]


def failures(rule: Rule, zone_of: Callable[[str], tzinfo]) -> list[str]:
    """What the rule, alone, gets wrong in its own examples: one line each; empty where it keeps them all."""
    book = RuleBook([rule], "")
    wrong = []
    for example in examples(rule, zone_of):
        verdict = book.judge(example.facts)
        freeze = book.freezes_after(example.facts)
        expected = (example.expect, example.until, example.freezes_until)
        found = (verdict.decision, verdict.until, freeze.frozen_until if freeze is not None else None)
        if found != expected:
            wrong.append(f"{rule.rule_id}, {example.name}: expected {_line(expected)}, found {_line(found)}")
    return wrong


def _read(case: TableReader, rule: Rule, zone_of: Callable[[str], tzinfo]) -> Example:
    try:
        return _example(case, rule, zone_of)
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise case.error(
            f"This example cannot be read: {error!r}.", "case", "See the shipped packs for the form."
        ) from error


def _example(case: TableReader, rule: Rule, zone_of: Callable[[str], tzinfo]) -> Example:
    zone_name = case.optional("zone", str)
    zone = zone_of(zone_name) if zone_name is not None else UTC
    now = case.need("now", datetime).replace(tzinfo=zone).astimezone(UTC)
    frozen = case.optional("frozen_until", list) or []
    facts = CallFacts(
        callee_id=_CALLEE,
        number_class=NumberClass(case.optional("number_class", str) or NumberClass.MOBILE),
        region=case.optional("region", str) or (rule.jurisdiction if len(rule.jurisdiction) == 2 else None),
        zones=(zone,) if zone_name is not None else (),
        purpose=Purpose(case.optional("purpose", str) or Purpose.CARE),
        civil_now=now,
        history=CalleeHistory(tuple(_attempt(row, zone) for row in case.tables("history"))),
        refusals=tuple(_refusal(row, zone) for row in case.tables("refused")),
        freezes=tuple(_freeze(until, now, zone) for until in frozen),
        calls_in_flight=case.optional("calls_in_flight", int) or 0,
        is_on_allow_list=case.optional("is_on_allow_list", bool),
        campaign_windows=tuple(_window(row) for row in case.tables("campaign_windows")),
    )
    name, expect = case.text("name"), case.choice("expect", Decision)
    until, freezes_until = case.optional("until", datetime), case.optional("freezes_until", datetime)
    case.done()
    return Example(rule.rule_id, name, facts, expect, _utc(until, zone), _utc(freezes_until, zone))


def _attempt(row: Mapping[str, Any], zone: tzinfo) -> PastAttempt:
    flags = [bool(row.get(flag, False)) for flag in ("contact", "rejected", "short")]
    return PastAttempt(row["at"].replace(tzinfo=zone).astimezone(UTC), *flags)


def _refusal(row: Mapping[str, Any], zone: tzinfo) -> Refusal:
    return Refusal(_CALLEE, row["at"].replace(tzinfo=zone).astimezone(UTC), RefusalChannel(row["channel"]), _NOBODY)


def _freeze(until: datetime, now: datetime, zone: tzinfo) -> Freeze:
    return Freeze(_CALLEE, now, until.replace(tzinfo=zone).astimezone(UTC), _NOBODY, _NOBODY, _NOBODY)


def _window(row: Mapping[str, time]) -> Window:
    return Window(row["from"], row["until"])


def _utc(wall: datetime | None, zone: tzinfo) -> datetime | None:
    return wall.replace(tzinfo=zone).astimezone(UTC) if wall is not None else None


def _line(parts: tuple[Decision, datetime | None, datetime | None]) -> str:
    decision, until, freezes_until = parts
    return f"{decision.value} until {until}, freeze until {freezes_until}"
