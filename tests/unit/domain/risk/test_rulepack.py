"""A rule pack is read wholly or not at all, and an error names pack, rule, field and remedy."""

import tomllib
from datetime import date
from typing import Any

import pytest
from tests.fuzzing import fuzz
from tests.unit.domain.risk.support import NEW_YORK, pack_text, shipped

from baitie.domain.risk.cases import examples
from baitie.domain.risk.rulebook import load_rulebook
from baitie.domain.risk.rulepack import PACK_CHARS_MAX, RulePackError, parse_pack_untrusted
from baitie.rules import SHIPPED_PACKS

CAP: dict[str, Any] = {
    "id": "HOUSE-CAP",
    "kind": "max_count",
    "jurisdiction": "*",
    "of": "contact",
    "max": 1,
    "window": "rolling",
    "days": 7,
    "force": "block",
    "fail_direction": "closed",
    "status": "house",
    "source": "our own policy",
    "evidence": {"how": "read", "by": "us", "on": date(2026, 1, 1)},
    "remedies": ["wait"],
    "case": [{"name": "none", "now": None, "expect": "allow"}],
}


def pack(*rules: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"pack": "house", "version": 1, "title": "Our own", "rule": list(rules), **changes}


def test_a_well_formed_pack_is_read() -> None:
    assert [rule.rule_id for rule in load_rulebook([pack(CAP)]).rules] == ["HOUSE-CAP"]


@pytest.mark.parametrize(
    ("changes", "field", "word"),
    [
        ({"max": 0}, "max", "out of bounds"),
        ({"max": 64}, "max", "out of bounds"),
        ({"max": True}, "max", "bool"),
        ({"max": "3"}, "max", "str"),
        ({"max": None}, "max", "missing"),
        ({"days": 31}, "days", "1 to 30"),
        ({"of": "conversation"}, "of", "contact, attempt"),
        ({"window": "weekly"}, "window", "rolling, calendar"),
        ({"kind": "max_coutn"}, "kind", "no rule kind"),
        ({"dayz": 3}, "dayz", "spelling"),
        ({"jurisdiction": "China"}, "jurisdiction", "country code"),
        ({"purposes": []}, "purposes", "empty"),
        ({"purposes": ["marketing"]}, "purposes", "acquisition"),
        ({"purposes": [["care"]]}, "purposes", "acquisition"),
        ({"force": "maybe"}, "force", "block, advise"),
        ({"fail_direction": None}, "fail_direction", "missing"),
        ({"status": "rumour"}, "status", "law"),
        ({"source": " "}, "source", "empty"),
        ({"effective_from": "2026"}, "effective_from", "date"),
        ({"effective_from": date(2026, 2, 1), "effective_until": date(2026, 2, 1)}, "effective_until", "later"),
        ({"evidence": {"how": "read", "by": "us"}}, "on", "missing"),
        ({"evidence": {"how": "heard", "by": "us", "on": date(2026, 1, 1)}}, "how", "read, memory"),
        ({"remedies": None}, "remedies", "no remedy"),
        ({"remedies": [1]}, "remedies", "text"),
        ({"case": None}, "case", "no example"),
        ({"case": ["none"]}, "case", "tables"),
    ],
)
def test_a_mistake_in_a_rule_is_named_with_its_place_and_remedy(changes: dict[str, Any], field: str, word: str) -> None:
    table = {key: value for key, value in (CAP | changes).items() if value is not None}
    with pytest.raises(RulePackError) as caught:
        load_rulebook([pack(table)])
    assert caught.value.details == {"pack": "house", "rule": "HOUSE-CAP", "field": field}
    assert word in str(caught.value)


@pytest.mark.parametrize("status", ["law", "standard"])
def test_what_nobody_has_read_may_not_be_called_law_or_standard(status: str) -> None:
    from_memory = CAP | {"status": status, "evidence": CAP["evidence"] | {"how": "memory"}}
    with pytest.raises(RulePackError, match="from memory"):
        load_rulebook([pack(from_memory)])


def test_a_rule_id_stands_for_one_rule_in_all_packs() -> None:
    with pytest.raises(RulePackError, match="'house' already has"):
        load_rulebook([pack(CAP), pack(CAP, pack="other")])


@pytest.mark.parametrize("packs", [[], [pack()], [{"pack": "empty"}], [pack(CAP, rules=[])]])
def test_without_rules_there_is_no_rule_book(packs: list[dict[str, Any]]) -> None:
    with pytest.raises(RulePackError):
        load_rulebook(packs)


def test_text_that_is_not_toml_is_refused_with_its_place() -> None:
    with pytest.raises(RulePackError, match="line 2") as caught:
        parse_pack_untrusted("house.toml", 'pack = "house"\nversion = = 1\n')
    assert caught.value.details == {"pack": "house.toml"}


def test_a_pack_has_a_bound() -> None:
    with pytest.raises(RulePackError, match="longer"):
        parse_pack_untrusted("house.toml", "#" * (PACK_CHARS_MAX + 1))


def test_an_example_that_cannot_be_read_names_its_rule() -> None:
    rule = load_rulebook([pack(CAP | {"case": [{"name": "odd", "now": date(2026, 1, 1), "expect": "allow"}]})]).rules[0]
    with pytest.raises(RulePackError) as caught:
        examples(rule, lambda name: NEW_YORK)
    assert caught.value.details["rule"] == "HOUSE-CAP"


def test_the_digest_tells_rule_books_apart() -> None:
    assert load_rulebook([pack(CAP)]).digest == load_rulebook([pack(dict(CAP))]).digest
    assert load_rulebook([pack(CAP)]).digest != load_rulebook([pack(CAP | {"max": 2})]).digest


def test_no_shipped_rule_is_law_without_having_been_read_and_each_says_where_it_comes_from() -> None:
    for rule in shipped().rules:
        assert rule.source
        assert rule.evidence.by
        assert rule.status not in ("law", "standard") or rule.evidence.how == "read"


def test_damaged_packs_raise_nothing_but_their_own_error() -> None:
    def read(data: bytes) -> object:
        return load_rulebook([parse_pack_untrusted("fuzzed", data.decode("utf-8", "replace"))])

    seeds = [pack_text(name).encode() for name in SHIPPED_PACKS]
    assert all(tomllib.loads(seed.decode()) for seed in seeds)
    fuzz(read, RulePackError, seeds)
