"""For any history: allowances break no rule, delays end as soon as they may, and nothing against a callee helps."""

import dataclasses
import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.domain.risk.reference import Worked, allows, hours_and_caps_by_hand
from tests.unit.domain.risk.support import CALLEE, calendar_tables, calendars, pack_tables, shipped

from baitie.domain.risk.facts import CallFacts
from baitie.domain.risk.history import CalleeHistory, Freeze, PastAttempt, Refusal, RefusalChannel
from baitie.domain.risk.rulebook import load_rulebook
from baitie.domain.risk.standing import (
    CalleeRole,
    ComplaintFact,
    ConsentChannel,
    ConsentFact,
    ContentElement,
    ContentFact,
    LineClass,
    PreferenceFact,
    QualificationFact,
    RegistryFact,
    Scope,
    SeriesBasis,
    SeriesFact,
    ShareFact,
    ShareOf,
)
from baitie.domain.risk.verdict import Decision, Verdict
from baitie.kernel.disclosure import Disclosure
from baitie.kernel.purpose import NumberClass, Purpose
from baitie.kernel.time import Window


def days_of(row: dict[str, Any]) -> list[date]:
    return [row["from"] + timedelta(days=place) for place in range((row["until"] - row["from"]).days)]


# Half-hour steps of daylight saving, quarter-hour offsets, clocks that change at midnight, both ends of the date line.
ZONES = [
    ZoneInfo(name)
    for name in (
        "Asia/Shanghai",
        "America/New_York",
        "Europe/London",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "America/St_Johns",
        "Africa/Cairo",
        "Asia/Beirut",
        "America/Havana",
        "America/Santiago",
        "Pacific/Chatham",
        "Pacific/Kiritimati",
        "Pacific/Honolulu",
    )
]
CHANGES = [
    datetime(2026, 3, 8, 7, tzinfo=UTC),  # New York forward
    datetime(2026, 11, 1, 6, tzinfo=UTC),  # New York back
    datetime(2026, 4, 4, 15, tzinfo=UTC),  # Lord Howe back
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),  # Lord Howe forward
    datetime(2026, 4, 23, 22, tzinfo=UTC),  # Cairo forward at midnight
    datetime(2026, 10, 29, 21, tzinfo=UTC),  # Cairo back at midnight
    datetime(2026, 3, 28, 22, tzinfo=UTC),  # Beirut forward at midnight
    datetime(2028, 2, 29, 4, tzinfo=UTC),  # a leap day
    datetime(2026, 12, 31, 16, tzinfo=UTC),  # new year in Shanghai, into a year without an official calendar
    datetime(2026, 2, 14, 4, tzinfo=UTC),  # a Saturday that China works
    datetime(2026, 10, 8, 4, tzinfo=UTC),  # the first day worked after National Day
]
WORKED: Worked = {
    country: (
        {day for t in tables for row in t["holiday"] for day in days_of(row)},
        {day for t in tables for day in t["workdays"]},
        {t["year"] for t in tables},
    )
    for country, tables in calendar_tables().items()
}
RULES_OF = {pack["pack"]: pack["rule"] for pack in pack_tables()}
RULES = [rule for rules in RULES_OF.values() for rule in rules]
PACKS = {pack["pack"]: load_rulebook([pack], calendars()) for pack in pack_tables()}
STEP = timedelta(minutes=15)
"""Windows, attempts and changes of offset all lie on multiples of it, so that a scan in these steps misses nothing."""

quarter_times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
nows = st.builds(lambda change, steps: change + steps * STEP, st.sampled_from(CHANGES), st.integers(-200, 200))
zone_sets = st.lists(st.sampled_from(ZONES), min_size=1, max_size=3, unique=True).map(tuple)
windows = st.builds(Window, quarter_times, quarter_times)


@st.composite
def histories(draw: st.DrawFn, now: datetime) -> CalleeHistory:
    # Many of today and yesterday, so that the caps of a day are met too.
    ages = draw(st.lists(st.one_of(st.integers(0, 96 * 31), st.integers(0, 96)), max_size=12))
    flags = st.sampled_from([(False, False, False), (True, False, False), (True, True, False), (True, False, True)])
    return CalleeHistory(
        tuple(
            PastAttempt(
                now - age * STEP,
                *draw(flags),
                talk_s=draw(st.sampled_from([None, 0.0, 9.9, 10.0, 60.0])),
                purpose=draw(st.sampled_from([None, *Purpose])),
                campaign_id=draw(st.sampled_from(NAMES)),
                presented=draw(st.sampled_from(NAMES)),
                debt_key=draw(st.sampled_from(NAMES)),
                series=draw(st.sampled_from([None, None, *NAMES])),
                said_no=draw(st.sampled_from([None, False, True])),
            )
            for age in sorted(ages, reverse=True)
        )
    )


NAMES = [None, "one", "two"]
SERIES = st.one_of(st.none(), st.builds(SeriesFact, st.sampled_from(["one", "two"]), st.sampled_from(SeriesBasis)))


@st.composite
def consents(draw: st.DrawFn, now: datetime) -> ConsentFact:
    steps = st.integers(-96 * 200, 96 * 2)
    end = st.one_of(st.none(), st.integers(-96 * 10, 96 * 10).map(lambda step: now + step * STEP))
    return ConsentFact(
        purpose=draw(st.sampled_from(Purpose)),
        channel=draw(st.sampled_from(ConsentChannel)),
        granted_at=now + draw(steps) * STEP,
        withdrawn_at=draw(end),
        expires_at=draw(end),
        has_evidence=draw(st.booleans()),
        is_spoken=draw(st.booleans()),
    )


def usable_consent(now: datetime, purpose: Purpose) -> ConsentFact:
    return ConsentFact(purpose, ConsentChannel.VOICE, now - timedelta(days=30))


shares = st.builds(
    ShareFact,
    st.sampled_from(ShareOf),
    st.sampled_from([Scope.CAMPAIGN, Scope.ORGANISATION]),
    st.sampled_from([30, 30, 7]),
    st.integers(0, 20),
    st.integers(0, 2000),
)
preferences = st.builds(
    PreferenceFact,
    st.lists(windows, max_size=2).map(tuple),
    st.one_of(st.none(), st.frozensets(st.sampled_from(Purpose), min_size=1)),
    st.sampled_from([True, True, True, False]),
    st.booleans(),
    st.sampled_from([None, None, "zh", "zh-HK", "en"]),
)
contents = st.builds(ContentFact, st.sampled_from(Disclosure), st.frozensets(st.sampled_from(ContentElement)))


def complaint(now: datetime, steps: int) -> ComplaintFact:
    return ComplaintFact(now - steps * STEP)


REGISTRIES = ("us-national-dnc", "cn-reject-list")


@st.composite
def registry_copies(draw: st.DrawFn, now: datetime) -> tuple[RegistryFact, ...]:
    held = draw(st.frozensets(st.sampled_from(REGISTRIES)))
    age_days = st.sampled_from([0, 30, 31, 32, 400])
    return tuple(
        RegistryFact(name, now.date() - timedelta(days=draw(age_days)), draw(st.booleans())) for name in sorted(held)
    )


def with_fresh_copies(facts: CallFacts, at: datetime) -> tuple[RegistryFact, ...]:
    """What a rule that asks again trusts in: that somebody has imported the newest copies by then."""
    listed = {copy.registry for copy in facts.registries if copy.is_listed}
    return tuple(RegistryFact(name, at.date(), name in listed) for name in REGISTRIES)


def all_well(facts: CallFacts) -> CallFacts:
    """The same call with what most rules ask for, so that allowances are drawn too."""
    return dataclasses.replace(
        facts,
        callee_role=CalleeRole.DEBTOR,
        line_classes=frozenset({LineClass.OTHER}),
        consents=(usable_consent(facts.civil_now, facts.purpose),),
        content=ContentFact(Disclosure.IDENTITY, frozenset(ContentElement)),
        shares=(),
        complaints=(),
        preference=None,
        registries=tuple(RegistryFact(name, facts.civil_now.date(), False) for name in REGISTRIES),
    )


def refusal(now: datetime) -> Refusal:
    return Refusal(CALLEE, now, RefusalChannel.MESSAGE, "somebody")


def freeze(now: datetime, steps: int) -> Freeze:
    return Freeze(CALLEE, now, now + steps * STEP, "by-hand", "hand", "somebody")


@st.composite
def call_facts(draw: st.DrawFn) -> CallFacts:
    now = draw(nows)
    rarely = st.integers(0, 9).map(lambda number: number == 0)
    facts = CallFacts(
        callee_id=CALLEE,
        number_class=draw(st.sampled_from(NumberClass)) if draw(rarely) else NumberClass.MOBILE,
        region=draw(st.sampled_from(["CN", "US", "GB", "PR", "GU", "HK", "IM", None])),
        zones=() if draw(rarely) else draw(zone_sets),
        purpose=draw(st.sampled_from(Purpose)),
        civil_now=now,
        history=draw(histories(now)),
        refusals=(refusal(now),) if draw(rarely) else (),
        freezes=tuple(freeze(now, steps) for steps in draw(st.lists(st.integers(-500, 500), max_size=2))),
        calls_in_flight=draw(st.integers(0, 2)) if draw(rarely) else 0,
        is_on_allow_list=draw(st.sampled_from([None, None, True, False])),
        campaign_windows=tuple(draw(st.lists(windows, max_size=2))) if draw(st.booleans()) else (),
        campaign_id=draw(st.sampled_from(NAMES)),
        presented=draw(st.sampled_from(NAMES)),
        debt_key=draw(st.sampled_from(NAMES)),
        callee_role=draw(st.sampled_from([None, *CalleeRole])),
        line_classes=draw(st.one_of(st.none(), st.frozensets(st.sampled_from(LineClass), min_size=1, max_size=2))),
        consents=draw(st.one_of(st.none(), st.lists(consents(now), max_size=3).map(tuple))),
        complaints=tuple(complaint(now, age) for age in draw(st.lists(st.integers(0, 96 * 100), max_size=1))),
        shares=tuple(draw(st.lists(shares, max_size=2))),
        content=draw(st.one_of(st.none(), contents)),
        preference=draw(st.one_of(st.none(), st.none(), preferences)),
        cards_sent=tuple(now - age * STEP for age in draw(st.lists(st.integers(0, 96 * 31), max_size=3))),
        registries=draw(registry_copies(now)),
        language=draw(st.sampled_from([None, "zh-CN", "zh-HK", "en"])),
        series=draw(SERIES),
        segment=draw(st.sampled_from([None, "office", "freelance", "白领"])),
        qualifications=draw(
            st.sampled_from([None, (), (QualificationFact("call-centre-licence", now.date(), now.date()),)])
        ),
    )
    return all_well(facts) if draw(st.booleans()) else facts


@settings(max_examples=250, deadline=None)
@given(call_facts())
def test_a_call_is_allowed_exactly_when_the_slow_reading_of_raw_facts_allows_it(facts: CallFacts) -> None:
    verdict = shipped().judge(facts)
    assert verdict.is_allowed == allows(RULES, facts, facts.civil_now, WORKED)
    assert hours_and_caps_by_hand(facts, facts.civil_now) or not verdict.is_allowed


@pytest.mark.parametrize("name", PACKS)
@settings(max_examples=60, deadline=None)
@given(call_facts())
def test_each_pack_alone_allows_exactly_what_the_slow_reading_of_it_allows(name: str, facts: CallFacts) -> None:
    assert PACKS[name].judge(facts).is_allowed == allows(RULES_OF[name], facts, facts.civil_now, WORKED)


@settings(max_examples=250, deadline=None)
@given(call_facts(), st.lists(st.floats(0, 1, exclude_max=True), max_size=10))
def test_a_delay_ends_when_the_call_becomes_allowed_and_not_before(facts: CallFacts, shares: list[float]) -> None:
    verdict = shipped().judge(facts)
    if verdict.decision is not Decision.DELAY:
        assert verdict.until is None
        return
    until = verdict.until
    assert until is not None
    assert until > facts.civil_now
    if verdict.reason == "no-callable-time":
        return  # how far the search looked, and no promise
    # Calls in flight and shares may be others by then; the rule that asks again trusts that.
    later = dataclasses.replace(facts, civil_now=until, calls_in_flight=0, shares=())
    later = dataclasses.replace(later, registries=with_fresh_copies(facts, until))
    assert shipped().judge(later).is_allowed
    second_before = until - timedelta(seconds=1)
    between = (facts.civil_now + share * (until - facts.civil_now) for share in shares)
    for at in (min(at, second_before) for at in [second_before, *between]):
        earlier = dataclasses.replace(facts, civil_now=at)
        assert at < facts.civil_now or not allows(RULES, earlier, at, WORKED)


@settings(max_examples=200, deadline=None)
@given(call_facts(), st.integers(1, 2000), st.booleans(), st.integers(0, 6))
def test_nothing_that_speaks_against_a_callee_ever_helps(
    facts: CallFacts, steps: int, contact: bool, what: int
) -> None:
    now = facts.civil_now
    worse = [
        dataclasses.replace(facts, refusals=(*facts.refusals, refusal(facts.civil_now))),
        dataclasses.replace(facts, freezes=(*facts.freezes, freeze(facts.civil_now, steps))),
        dataclasses.replace(
            facts,
            history=CalleeHistory(
                (*facts.history.attempts, PastAttempt(facts.civil_now - steps * STEP, contact, contact, False))
            ),
        ),
        dataclasses.replace(facts, calls_in_flight=facts.calls_in_flight + 1),
        dataclasses.replace(facts, complaints=(*facts.complaints, complaint(now, steps))),
        dataclasses.replace(
            facts,
            consents=None
            if facts.consents is None
            else tuple(dataclasses.replace(consent, withdrawn_at=now) for consent in facts.consents),
        ),
        dataclasses.replace(
            facts, shares=tuple(dataclasses.replace(share, numerator=share.numerator + 1) for share in facts.shares)
        ),
    ][what]
    before, after = shipped().judge(facts), shipped().judge(worse)
    strictness = [Decision.ALLOW, Decision.DELAY, Decision.DENY]
    assert strictness.index(after.decision) >= strictness.index(before.decision)
    if before.until is not None and after.until is not None:
        assert after.until >= before.until


@settings(max_examples=100, deadline=None)
@given(call_facts())
def test_a_verdict_goes_through_the_journal_unchanged_and_is_repeated_from_its_facts(facts: CallFacts) -> None:
    verdict = shipped().judge(facts)
    assert Verdict.from_json(json.loads(json.dumps(verdict.to_json()))) == verdict
    assert shipped().judge(facts) == verdict
    full = shipped().explain(facts)
    assert (full.decision, full.until, full.passed) == (verdict.decision, verdict.until, verdict.passed)
    assert full.findings[: len(verdict.findings)] == verdict.findings


COUNTRIES = st.sampled_from(["CN", "US", "XX"])


@st.composite
def rule_tables(draw: st.DrawFn) -> dict[str, Any]:
    table: dict[str, Any] = {
        "jurisdiction": draw(st.sampled_from(["*", "CN"])),
        "force": "block",
        "fail_direction": draw(st.sampled_from(["closed", "open"])),
        "status": "house",
        "source": "a made-up rule",
        "evidence": {"how": "memory", "by": "nobody", "on": date(2026, 1, 1)},
        "remedies": ["wait"],
        "case": [{"name": "none"}],
    }
    kind = draw(st.sampled_from(["forbid_window", "max_count", "cooldown", "consent_required"]))
    table["kind"] = kind
    if kind == "forbid_window":
        begins, ends = draw(st.tuples(quarter_times, quarter_times).filter(lambda pair: pair[0] != pair[1]))
        table |= {"from": begins, "until": ends}
        if draw(st.booleans()):
            table["weekdays"] = draw(st.lists(st.sampled_from(["mon", "wed", "sat", "sun"]), min_size=1, unique=True))
        if draw(st.booleans()):
            table |= {"on": draw(st.sampled_from(["workday", "holiday"])), "calendar": draw(COUNTRIES)}
    elif kind == "consent_required":
        table |= {"channel": draw(st.sampled_from(ConsentChannel)).value, "accepts_spoken": draw(st.booleans())}
        table |= {"needs_evidence": draw(st.booleans()), "days_max": draw(st.integers(1, 200))}
    else:
        table |= {"per": draw(st.sampled_from(Scope)).value, "days": draw(st.integers(1, 4))}
        if kind == "max_count":
            of = draw(st.sampled_from(["contact", "attempt", "answered", "effective_conversation"]))
            window = draw(st.sampled_from(["rolling", "calendar"]))
            table |= {"of": of, "window": window, "max": draw(st.integers(1, 4)), "except_series": draw(st.booleans())}
        else:
            of = draw(st.sampled_from(["contact", "answered", "conversation", "complaint"]))
            table |= {"after": of, "day0_counts_as": draw(st.integers(0, 1))}
            if of == "complaint":
                del table["per"]
        if of in ("effective_conversation", "conversation"):
            table["talk_min_s"] = draw(st.sampled_from([0, 10]))
    if draw(st.integers(0, 3)) == 0:
        table["effective_from"] = draw(st.sampled_from([change.date() for change in CHANGES]))
    if draw(st.integers(0, 3)) == 0:
        table["effective_until"] = table.get("effective_from", CHANGES[0].date()) + timedelta(days=2)
    return table


@settings(max_examples=200, deadline=None)
@given(st.lists(rule_tables(), min_size=1, max_size=4), nows, zone_sets, st.data())
def test_for_made_up_rules_the_end_of_a_delay_is_the_first_time_that_a_scan_finds(
    tables: list[dict[str, Any]], now: datetime, zones: tuple[ZoneInfo, ...], data: st.DataObject
) -> None:
    rules = [table | {"id": f"MADE-UP-{place}"} for place, table in enumerate(tables)]
    book = load_rulebook([{"pack": "made-up", "version": 1, "title": "made up", "rule": rules}], calendars())
    plain = CallFacts(CALLEE, NumberClass.MOBILE, "CN", zones, Purpose.CARE, now, history=data.draw(histories(now)))
    facts = dataclasses.replace(
        plain,
        debt_key=data.draw(st.sampled_from(NAMES)),
        campaign_id=data.draw(st.sampled_from(NAMES)),
        presented=data.draw(st.sampled_from(NAMES)),
        series=data.draw(SERIES),
        complaints=tuple(complaint(now, age) for age in data.draw(st.lists(st.integers(0, 96 * 5), max_size=2))),
        consents=tuple(
            dataclasses.replace(consent, purpose=Purpose.CARE)
            for consent in data.draw(st.lists(consents(now), min_size=1, max_size=3))
        ),
    )
    verdict = book.judge(facts)
    scan = (now + step * STEP for step in range(96 * 12))
    first = next((at for at in scan if allows(rules, facts, at, WORKED)), None)
    if first is not None:
        assert verdict.callable_from(now) == first
    else:
        assert not verdict.is_allowed
        assert verdict.until is None or verdict.until >= now + 96 * 12 * STEP
