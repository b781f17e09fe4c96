"""Every reason, remedy and code that a verdict may carry has words in both languages."""

import string
import tomllib
from datetime import datetime
from typing import Any

import pytest
from tests.unit.domain.risk.support import CALLEE, SHANGHAI, facts, pack_text, shipped

from baitie.domain.risk.explain import Catalogue, explain
from baitie.domain.risk.history import Freeze, Refusal, RefusalChannel
from baitie.domain.risk.kinds import REASONS
from baitie.domain.risk.rulebook import NO_TIME_RULE_ID
from baitie.domain.risk.verdict import Decision, Knowledge, RuleStatus, Says
from baitie.kernel.purpose import NumberClass
from baitie.rules import CATALOGUES, SHIPPED_PACKS

TABLES: dict[str, dict[str, Any]] = {lang: tomllib.loads(pack_text(name)) for lang, name in CATALOGUES.items()}
NOON = datetime(2026, 3, 2, 12, tzinfo=SHANGHAI)
NIGHT = datetime(2026, 3, 2, 23, tzinfo=SHANGHAI)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def leaves(table: dict[str, Any], path: tuple[str, ...] = ()) -> dict[tuple[str, ...], str]:
    found: dict[tuple[str, ...], str] = {}
    for key, value in table.items():
        found |= leaves(value, (*path, key)) if isinstance(value, dict) else {(*path, key): value}
    return found


def in_pack(path: tuple[str, ...]) -> bool:
    """Whether English says it in the rule pack itself."""
    return path[0] in ("source", "pack") or path[:2] == ("word", "by")


def test_every_shipped_rule_names_its_source_in_chinese_too() -> None:
    sources = TABLES["zh"]["source"]
    rules = {rule["id"]: rule for name in SHIPPED_PACKS for rule in tomllib.loads(pack_text(name))["rule"]}
    assert set(sources) == {*rules, NO_TIME_RULE_ID}
    for rule_id, rule in rules.items():
        assert bool(sources[rule_id].get("note")) == bool(rule["evidence"].get("note")), rule_id
        assert rule["evidence"]["by"] in TABLES["zh"]["word"]["by"]


def test_both_languages_have_the_same_texts_with_the_same_placeholders() -> None:
    chinese, english = ({p: t for p, t in leaves(TABLES[lang]).items() if not in_pack(p)} for lang in ("zh", "en"))
    assert {path: placeholders(text) for path, text in chinese.items()} == {
        path: placeholders(text) for path, text in english.items()
    }
    assert all(text.strip() for text in [*chinese.values(), *english.values()])


ADVISED = {"quiet-hours", "quiet-hours-on-days", "fatigue"}
"""Reasons by which shipped rules advise: what is advised against is not called prohibited."""


@pytest.mark.parametrize("lang", CATALOGUES)
def test_every_reason_has_both_texts_and_asks_only_for_values_it_gets(lang: str) -> None:
    texts = TABLES[lang]["reason"]
    assert set(texts) == set(REASONS)
    for reason, values in REASONS.items():
        also = {"advised"} if reason in ADVISED else set()
        assert set(texts[reason]) == {"refused", "allowed"} | also
        assert placeholders(texts[reason].get("advised", "")) <= values | {"until"}
        assert placeholders(texts[reason]["refused"]) <= values | {"until"}
        assert placeholders(texts[reason]["allowed"]) <= values


@pytest.mark.parametrize("lang", CATALOGUES)
def test_every_remedy_of_a_shipped_rule_has_a_text_and_no_text_is_left_over(lang: str) -> None:
    used = {key for rule in shipped().rules for key in rule.remedies}
    assert set(TABLES[lang]["remedy"]) == used


@pytest.mark.parametrize("lang", CATALOGUES)
def test_every_code_has_a_word(lang: str) -> None:
    words = TABLES[lang]["word"]
    assert set(TABLES[lang]["decision"]) == {*Decision, "ask-again"}
    for group, codes in {
        "says": Says,
        "status": RuleStatus,
        "knowledge": Knowledge,
        "number_class": NumberClass,
        "channel": RefusalChannel,
    }.items():
        assert set(words[group]) == set(codes)


@pytest.mark.parametrize("lang", CATALOGUES)
@pytest.mark.parametrize(
    "case",
    [
        facts(NOON),
        facts(NIGHT),
        facts(NOON, zones=()),
        facts(NOON, calls_in_flight=1, is_on_allow_list=False, number_class=NumberClass.PREMIUM),
        facts(
            NIGHT,
            refusals=(Refusal(CALLEE, NOON, RefusalChannel.KEYPAD, "somebody"),),
            freezes=(Freeze(CALLEE, NOON, datetime(2026, 4, 1, tzinfo=SHANGHAI), "by-hand", "hand", "somebody"),),
        ),
    ],
)
def test_an_explanation_is_said_without_a_bare_code_or_an_open_brace(lang: str, case: Any) -> None:
    catalogue = Catalogue(TABLES[lang])
    explanation = explain(shipped(), case)
    assert "{" not in catalogue.headline(explanation)
    for row in explanation.rows:
        assert set(row.finding.values) == REASONS[row.finding.reason]
        said = [catalogue.sentence(row), *catalogue.remedies(row)]
        assert all(text and "{" not in text for text in said)
        assert said[0] != row.finding.reason


def test_rows_stand_with_the_strictest_first_and_each_rule_once() -> None:
    explanation = explain(shipped(), facts(NIGHT, calls_in_flight=1, is_on_allow_list=False))
    said = [row.finding.says for row in explanation.rows]
    assert said == sorted(said, key=[Says.DENY, Says.DELAY, Says.ADVISE, Says.ALLOW].index)
    ids = [row.finding.rule_id for row in explanation.rows]
    assert len(ids) == len(set(ids))


def test_the_time_from_which_a_call_is_allowed_is_shown_on_the_callees_clock() -> None:
    explanation = explain(shipped(), facts(NIGHT))
    assert explanation.until is not None
    assert explanation.until.isoformat() == "2026-03-03T08:00:00+08:00"
    assert "北京时间 2026-03-03 08:00" in Catalogue(TABLES["zh"]).headline(explanation)


def test_a_code_of_somebodys_own_pack_is_shown_as_it_is() -> None:
    assert Catalogue({}).word("channel", "pigeon") == "pigeon"
