"""Each rule kind stands beside its check, whole and once."""

from functools import partial
from typing import Any

import pytest

from baitie.domain.risk import official, wishes
from baitie.domain.risk.checks import RuleKind
from baitie.domain.risk.kinds import KINDS, REASONS, merged
from baitie.domain.risk.wishes import PreferenceCheck


def build(reader: Any, building: Any) -> PreferenceCheck:
    return PreferenceCheck(building.is_closed)


@pytest.mark.parametrize("left_out", ["build", "reasons"])
def test_a_kind_that_does_not_say_how_it_is_read_or_what_it_answers_cannot_be_made(left_out: str) -> None:
    parts: dict[str, Any] = {"build": build, "reasons": {}}
    with pytest.raises(TypeError, match=left_out):
        partial(RuleKind, **{name: part for name, part in parts.items() if name != left_out})()


def test_two_kinds_by_one_word_cannot_be_imported() -> None:
    with pytest.raises(TypeError, match="trade"):
        merged(official.KINDS, wishes.KINDS, {"trade": RuleKind(build, {})})


def test_the_reasons_are_those_of_the_kinds_and_one_of_the_rule_book() -> None:
    of_kinds = {code for kind in KINDS.values() for code in kind.reasons}
    assert REASONS.keys() - of_kinds == {"no-callable-time"}


def test_a_reason_that_several_kinds_give_has_the_same_values_in_each() -> None:
    for kind in KINDS.values():
        for code, values in kind.reasons.items():
            assert REASONS[code] == values
