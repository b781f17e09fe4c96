"""A time to ask again is no permission: what nobody can know is never shown as "may be called from"."""

import tomllib
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from tests.unit.domain.risk.support import NEW_YORK, calendars, facts, pack_tables, pack_text

from baitie.domain.risk.explain import Catalogue, explain
from baitie.domain.risk.facts import CallFacts
from baitie.domain.risk.rulebook import RuleBook, load_rulebook
from baitie.domain.risk.standing import RegistryFact
from baitie.domain.risk.verdict import Decision, Verdict
from baitie.kernel.purpose import Purpose

NOON = datetime(2026, 3, 2, 12, tzinfo=NEW_YORK)
PLAIN = facts(NOON, region="US", zones=(NEW_YORK,), purpose=Purpose.ACQUISITION)
TEXTS = {lang: Catalogue(tomllib.loads(pack_text(f"messages.{lang}.toml"))) for lang in ("zh", "en")}


def only(*ids: str) -> RuleBook:
    """The shipped rules of these ids, and no others."""
    found: list[dict[str, Any]] = []
    for pack in pack_tables():
        rules = [rule for rule in pack["rule"] if rule["id"] in ids]
        found += [{**pack, "rule": rules}] if rules else []
    assert sum(len(pack["rule"]) for pack in found) == len(ids)
    return load_rulebook(found, calendars())


ASKED_AGAIN: dict[str, tuple[str, CallFacts]] = {
    "no copy of the registry": ("US-DNC", PLAIN),
    "an old copy of the registry": (
        "US-DNC",
        replace(PLAIN, registries=(RegistryFact("us-national-dnc", date(2025, 1, 1), False),)),
    ),
    "every number suspended": ("CORE-NUMBER-SUSPENDED", replace(PLAIN, suspended=("010****0001",))),
    "another call under way": ("CORE-ONE-AT-A-TIME", replace(PLAIN, calls_in_flight=1)),
}


def judged(case: str, *more: str) -> tuple[Verdict, list[str]]:
    rule, of = ASKED_AGAIN[case]
    book = only(rule, *more)
    explanation = explain(book, of)
    assert explanation.verdict.asks_again == book.judge(of).asks_again
    said = [TEXTS[lang].headline(explanation) for lang in TEXTS]
    return explanation.verdict, said


@pytest.mark.parametrize("case", ASKED_AGAIN)
def test_what_is_asked_again_is_not_called_a_permission(case: str) -> None:
    verdict, (zh, en) = judged(case)
    assert (verdict.decision, verdict.asks_again) == (Decision.DELAY, True)
    assert verdict.until is not None
    assert verdict.callable_from(NOON) is None
    assert "重新校验" in zh
    assert "checked again from" in en
    assert verdict == Verdict.from_json(verdict.to_json())


@pytest.mark.parametrize("case", ASKED_AGAIN)
def test_neither_is_the_end_of_the_night_where_something_is_asked_again_besides(case: str) -> None:
    rule, of = ASKED_AGAIN[case]
    night = replace(of, civil_now=NOON + timedelta(hours=11))
    verdict = only(rule, "US-TCPA-HOURS").judge(night)
    assert (verdict.decision, verdict.asks_again) == (Decision.DELAY, True)
    assert verdict.callable_from(night.civil_now) is None


def test_the_end_of_the_night_alone_is_one() -> None:
    explanation = explain(only("US-TCPA-HOURS"), replace(PLAIN, civil_now=NOON + timedelta(hours=11)))
    assert not explanation.verdict.asks_again
    assert explanation.verdict.callable_from(NOON) == NOON + timedelta(hours=20)
    assert "checked again" not in TEXTS["en"].headline(explanation)
    assert explanation.to_json()["asks_again"] is False


def test_who_stands_in_the_registry_is_refused_and_not_asked_again() -> None:
    listed = replace(PLAIN, registries=(RegistryFact("us-national-dnc", NOON.date(), True),))
    verdict = only("US-DNC").judge(listed)
    assert (verdict.decision, verdict.asks_again) == (Decision.DENY, False)
