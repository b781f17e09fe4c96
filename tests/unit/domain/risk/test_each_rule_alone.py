"""Every shipped rule can matter: there is a call that all others allow, or leave alone, and that this one decides."""

import dataclasses
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.unit.domain.risk.support import NEW_YORK, SHANGHAI, calendars, pack_tables
from tests.unit.domain.risk.support import facts as facts_of

from baitie.domain.risk.cases import examples
from baitie.domain.risk.duties import DutyCheck, ResponseDuty, RetentionDuty
from baitie.domain.risk.facts import CallFacts
from baitie.domain.risk.freezing import FreezeAfterCheck
from baitie.domain.risk.history import CalleeHistory, PastAttempt
from baitie.domain.risk.rulebook import RuleBook, load_rulebook
from baitie.domain.risk.rulepack import Force, Rule
from baitie.domain.risk.standing import (
    CalleeRole,
    ConsentChannel,
    ConsentFact,
    ContentElement,
    ContentFact,
    LineClass,
    QualificationFact,
    RegistryFact,
)
from baitie.domain.risk.verdict import Decision, Says
from baitie.kernel.disclosure import Disclosure
from baitie.kernel.purpose import Purpose

BOOK = load_rulebook(pack_tables(), calendars())
DUTIES = [rule for rule in BOOK.rules if isinstance(rule.check, DutyCheck)]
JUDGING = [rule for rule in BOOK.rules if not isinstance(rule.check, DutyCheck | FreezeAfterCheck)]
FREEZING = [rule for rule in BOOK.rules if isinstance(rule.check, FreezeAfterCheck)]
REGISTRIES = ("us-national-dnc", "cn-reject-list")


def ids(rule: Rule) -> str:
    return rule.rule_id


@cache
def without(*rule_ids: str) -> RuleBook:
    packs = [pack | {"rule": [rule for rule in pack["rule"] if rule["id"] not in rule_ids]} for pack in pack_tables()]
    return load_rulebook(packs, calendars())


def others(rule: Rule) -> tuple[str, ...]:
    """The rules that are left out so that this one can speak: none but those that say the same."""
    return tuple(COVERED.get(rule.rule_id, ("", ""))[0].split())


def well(facts: CallFacts) -> CallFacts:
    """The call with all that other rules ask for, where the example says nothing of it."""
    now = facts.civil_now
    region = facts.region or "CN"
    consents = [ConsentFact(p, ConsentChannel.VOICE, now - timedelta(days=20)) for p in Purpose]
    held = ("call-centre-licence", "trade-licence")
    return dataclasses.replace(
        facts,
        region=region,
        zones=facts.zones or ((NEW_YORK,) if region == "US" else (SHANGHAI,)),
        callee_role=facts.callee_role or CalleeRole.DEBTOR,
        line_classes=facts.line_classes or frozenset({LineClass.OTHER}),
        consents=facts.consents if facts.consents is not None else tuple(consents),
        content=facts.content or ContentFact(Disclosure.IDENTITY, frozenset(ContentElement)),
        registries=facts.registries or tuple(RegistryFact(name, now.date(), False) for name in REGISTRIES),
        qualifications=facts.qualifications
        if facts.qualifications is not None
        else tuple(QualificationFact(kind, now.date(), now.date()) for kind in held),
        trade=facts.trade or "shop",
        debt_key=facts.debt_key or "debt",
    )


def calls(rule: Rule) -> Iterator[CallFacts]:
    """Calls about which the rule's own examples speak, once as they stand, once with all else in order."""
    for example in examples(rule, ZoneInfo):
        for purpose in (example.facts.purpose, *sorted(rule.purposes)):
            facts = dataclasses.replace(example.facts, purpose=purpose)
            yield well(facts)
            yield dataclasses.replace(well(facts), zones=facts.zones)
            # Half past eleven: between the hours that are advised against.
            wall = facts.civil_now.astimezone(SHANGHAI).replace(hour=11, minute=30, second=0, microsecond=0)
            yield well(dataclasses.replace(facts, civil_now=wall.astimezone(UTC)))
    yield from (well(facts) for facts in WRITTEN.get(rule.rule_id, ()))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI)


def call(now: datetime, purpose: Purpose, *attempts: datetime, **changes: Any) -> CallFacts:
    """A call to a mobile in China after attempts that nobody took."""
    past = CalleeHistory(tuple(PastAttempt(made.astimezone(UTC), False, False, False) for made in attempts))
    plain = facts_of(now, purpose=purpose, region="CN", zones=(SHANGHAI,), history=past)
    return dataclasses.replace(plain, **changes)


def lacking(element: ContentElement) -> CallFacts:
    everything = frozenset(ContentElement) - {element}
    return call(at(2, 11, 30), Purpose.ACQUISITION, content=ContentFact(Disclosure.IDENTITY, everything))


WRITTEN: dict[str, list[CallFacts]] = {
    "CN-CARRIER-CALLEE-DAY": [
        call(at(3, 11, 30), Purpose.INFORMATION, at(2, 17), at(2, 18), at(2, 19), at(3, 8), at(3, 9)),
    ],
    "ADVICE-ATTEMPTS-DAY": [call(at(2, 17), Purpose.CARE, at(2, 10), at(2, 15))],
    "ADVICE-FATIGUE": [call(at(2, 11, 30), Purpose.CARE, cards_sent=(at(2, 11).astimezone(UTC),) * 14)],
    "CN-AD-CONTENT": [lacking(element) for element in ContentElement],
    "CN-SPOKEN-CONSENT": [lacking(ContentElement.SPOKEN_CONSENT)],
    "CN-INS-RECORDED": [lacking(ContentElement.RECORDING)],
}

COVERED = {
    "CN-CARRIER-HOURS": ("ADVICE-QUIET-HOURS", "the house keeps the same hours in every country"),
    "CN-COLLECT-TIME": ("ADVICE-QUIET-HOURS CN-CARRIER-HOURS", "the standard of the trade names the same hours"),
    "US-TCPA-HOURS": ("ADVICE-QUIET-HOURS", "the house keeps the same hours in every country"),
    "US-REGF-HOURS": ("ADVICE-QUIET-HOURS", "the house keeps the same hours in every country"),
    "US-REVOKE-ALL": ("CORE-REFUSAL", "the house holds a refusal in every country; the law is named beside it"),
    "CN-CC-2020-REST": (
        "ADVICE-LUNCH",
        "the notice on marketing names the same hours as the field reports for all calls",
    ),
    "CN-CONSENT": ("CN-AD-CONSENT", "the draft asks for what the law on advertising asks for already"),
}
"""Rules that say what stricter or wider ones of the default packs say too, and so decide where those are left out."""


@pytest.mark.parametrize("rule", [rule for rule in JUDGING if rule.force is Force.BLOCK], ids=ids)
def test_a_blocking_rule_alone_stops_some_call_that_all_others_allow(rule: Rule) -> None:
    book, rest = without(*others(rule)), without(rule.rule_id, *others(rule))
    stopped = [
        verdict
        for facts in calls(rule)
        if rest.judge(facts).is_allowed and not (verdict := book.judge(facts)).is_allowed
    ]
    assert stopped
    for verdict in stopped:
        assert {f.rule_id for f in verdict.findings if f.says in (Says.DENY, Says.DELAY)} == {rule.rule_id}


@pytest.mark.parametrize("rule", [rule for rule in JUDGING if rule.force is Force.ADVISE], ids=ids)
def test_an_advising_rule_alone_speaks_of_some_call_and_stops_none(rule: Rule) -> None:
    verdicts = [without(*others(rule)).judge(facts) for facts in calls(rule)]
    assert [
        verdict
        for verdict in verdicts
        if verdict.decision is Decision.ALLOW and [f.rule_id for f in verdict.findings] == [rule.rule_id]
    ]


@pytest.mark.parametrize("rule_id", COVERED)
def test_a_rule_that_others_cover_is_stricter_than_they_nowhere(rule_id: str) -> None:
    rule = BOOK.rule(rule_id)
    assert rule is not None
    for facts in calls(rule):
        if rule.force is Force.BLOCK and not BOOK.judge(facts).is_allowed:
            assert not without(rule_id).judge(facts).is_allowed


def histories_of(rule: Rule) -> list[CallFacts]:
    """Histories that the caps allow to come about, the last attempt of which brings about the freeze of the rule."""
    on_one_day, within_a_week = [at(4, 9), at(4, 13), at(4, 18)], [at(2, 11), at(4, 11), at(5, 11)]
    return [*_grown({"ADVICE-FREEZE": on_one_day, "ADVICE-FREEZE-WEEK": within_a_week}[rule.rule_id])]


def _grown(times: list[datetime]) -> Iterator[CallFacts]:
    attempts: tuple[PastAttempt, ...] = ()
    for made in times:
        yield call(made, Purpose.INFORMATION, history=CalleeHistory(attempts))
        attempts = (*attempts, PastAttempt(made.astimezone(UTC), True, True, False))
    yield call(times[-1] + timedelta(minutes=1), Purpose.INFORMATION, history=CalleeHistory(attempts))


@pytest.mark.parametrize("rule", FREEZING, ids=ids)
def test_a_freezing_rule_alone_freezes_after_calls_that_all_rules_allowed(rule: Rule) -> None:
    *placed, after = [well(facts) for facts in histories_of(rule)]
    assert all(BOOK.judge(facts).is_allowed for facts in placed)
    freeze = BOOK.freezes_after(after)
    assert freeze is not None
    assert freeze.rule_id == rule.rule_id
    assert without(rule.rule_id).freezes_after(after) is None or freeze.frozen_until > frozen_without(rule, after)
    # When no cap speaks any more the freeze still does, and nothing else.
    morning = (freeze.frozen_until - timedelta(days=1)).astimezone(SHANGHAI).replace(hour=11, minute=30)
    later = dataclasses.replace(after, civil_now=morning.astimezone(UTC))
    held = BOOK.judge(dataclasses.replace(later, freezes=(freeze,)))
    assert BOOK.judge(later).is_allowed
    assert [f.rule_id for f in held.findings if f.says is Says.DELAY] == ["CORE-FREEZE-LIST"]


def frozen_without(rule: Rule, after: CallFacts) -> datetime:
    freeze = without(rule.rule_id).freezes_after(after)
    assert freeze is not None
    return freeze.frozen_until


@pytest.mark.parametrize("rule", FREEZING, ids=ids)
def test_a_freezing_rule_warns_before_its_last_event(rule: Rule) -> None:
    *_, last, _after = [well(facts) for facts in histories_of(rule)]
    verdict = BOOK.judge(last)
    assert verdict.is_allowed
    assert (rule.rule_id, Says.ADVISE, "freeze-near") in {(f.rule_id, f.says, f.reason) for f in verdict.findings}


@pytest.mark.parametrize("rule", DUTIES, ids=ids)
def test_a_duty_alone_answers_some_question(rule: Rule) -> None:
    rest = without(rule.rule_id)
    assert any(answered(BOOK, rule, purpose) != answered(rest, rule, purpose) for purpose in rule.purposes)


def answered(book: RuleBook, rule: Rule, purpose: Purpose) -> object:
    check, day, region = rule.check, date(2026, 3, 2), None if rule.jurisdiction == "*" else rule.jurisdiction
    if isinstance(check, RetentionDuty):
        return book.keep_until(check.kept, purpose, region, lambda _: day, check.contract_term)
    assert isinstance(check, ResponseDuty)
    return book.answer_by(check.answer, purpose, region, day)
