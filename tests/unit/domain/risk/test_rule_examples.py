"""Every shipped rule keeps the examples that stand beside it."""

from zoneinfo import ZoneInfo

import pytest
from tests.unit.domain.risk.support import shipped

from baitie.domain.risk.cases import duty_examples, examples, failures
from baitie.domain.risk.duties import DutyCheck
from baitie.domain.risk.rulepack import Rule
from baitie.domain.risk.verdict import Says

RULES = pytest.mark.parametrize("rule", shipped().rules, ids=lambda rule: rule.rule_id)


@RULES
def test_a_rule_keeps_its_own_examples(rule: Rule) -> None:
    assert failures(rule, ZoneInfo) == []


@RULES
def test_a_rule_shows_what_it_allows_and_what_it_does_not(rule: Rule) -> None:
    shown = examples(rule, ZoneInfo)
    if isinstance(rule.check, DutyCheck):
        assert duty_examples(rule)
        return
    assert any(example.expect is Says.ALLOW for example in shown)
    assert any(example.expect is not Says.ALLOW or example.freezes_until for example in shown)
