"""Fatigue as a blocking rule, and freezes that rules order, against a slow reading of the same tables."""

import dataclasses
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.domain.risk.reference import allows, freezes, tiredness
from tests.unit.domain.risk.support import pack_tables
from tests.unit.domain.risk.test_gate_properties import STEP, WORKED, call_facts

from baitie.domain.risk.facts import CallFacts
from baitie.domain.risk.kinds import KINDS
from baitie.domain.risk.rulebook import load_rulebook
from baitie.domain.risk.verdict import Decision

SHIPPED = {rule["id"]: rule for pack in pack_tables() for rule in pack["rule"]}
FATIGUE: dict[str, Any] = SHIPPED["ADVICE-FATIGUE"] | {"force": "block", "points_max": 6, "id": "HOUSE-FATIGUE"}
BLOCKING = load_rulebook([{"pack": "house", "version": 1, "title": "house", "rule": [FATIGUE]}])
FREEZES = [SHIPPED["ADVICE-FREEZE"], SHIPPED["ADVICE-FREEZE-WEEK"]]
OWN: dict[str, Any] = FREEZES[0] | {
    "id": "HOUSE-FREEZE",
    "indicators": ["unanswered", "said_no", "hung_up"],
    "hang_up_max_s": 20,
    "window": "calendar",
    "days": 4,
    "events": 4,
}
del OWN["short_call_max_s"]


@settings(max_examples=150, deadline=None)
@given(call_facts(), st.lists(st.integers(0, 96 * 10), max_size=8))
def test_a_weary_callee_rests_exactly_until_the_slow_reading_has_forgotten_enough(
    drawn: CallFacts, ages: list[int]
) -> None:
    facts = dataclasses.replace(drawn, cards_sent=tuple(sorted(drawn.civil_now - age * STEP for age in ages)))
    verdict = BLOCKING.judge(facts)
    assert verdict.is_allowed == allows([FATIGUE], facts, facts.civil_now, WORKED)
    if verdict.decision is Decision.DELAY:
        assert verdict.until is not None
        assert tiredness(FATIGUE, facts, verdict.until) <= FATIGUE["points_max"] + 1e-9
        assert tiredness(FATIGUE, facts, verdict.until - timedelta(seconds=1)) > FATIGUE["points_max"] - 1e-9


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([*FREEZES, OWN]), call_facts(), st.integers(0, 4))
def test_a_freeze_is_ordered_exactly_when_its_events_reach_the_rules_count(
    rule: dict[str, Any], drawn: CallFacts, more: int
) -> None:
    last = drawn.history.attempts[-1:]
    newest = tuple(dataclasses.replace(a, at=drawn.civil_now, is_contact=True, is_rejected=True) for a in last) * more
    history = dataclasses.replace(drawn.history, attempts=(*drawn.history.attempts, *newest))
    facts = dataclasses.replace(drawn, history=history, freezes=(), region="CN")
    freeze = load_rulebook([{"pack": "house", "version": 1, "title": "house", "rule": [rule]}]).freezes_after(facts)
    assert (freeze is not None) == freezes(rule, facts)
    if freeze is not None:
        assert freeze.rule_id == rule["id"]
        assert freeze.frozen_until == facts.civil_now + timedelta(days=rule["freeze_days"])


def test_the_slow_reading_knows_every_kind_of_rule() -> None:
    kinds = {rule["kind"] for rule in SHIPPED.values()}
    assert kinds == set(KINDS)
