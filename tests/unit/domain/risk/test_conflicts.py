"""Where rules disagree the strictest wins, the verdict says which lost, and facts nobody knows go by the rule."""

import dataclasses
import json
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from tests.unit.domain.risk.support import NEW_YORK, SHANGHAI, calendars, facts, shipped
from tests.unit.domain.risk.test_gate_properties import call_facts
from tests.unit.domain.risk.test_rulepack import CAP, pack

from baitie.domain.risk.facts import CallFacts
from baitie.domain.risk.facts_json import facts_from_json, facts_to_json
from baitie.domain.risk.history import CalleeHistory, PastAttempt
from baitie.domain.risk.rulebook import RuleBook, load_rulebook
from baitie.domain.risk.rulepack import RulePackError
from baitie.domain.risk.standing import CalleeRole, ComplaintFact
from baitie.domain.risk.verdict import Decision, Says, Verdict
from baitie.kernel.purpose import Purpose

EVENING = datetime(2026, 3, 2, 21, 30, tzinfo=SHANGHAI)
NOON = datetime(2026, 3, 2, 12, tzinfo=SHANGHAI)


def one_rule(**fields: Any) -> RuleBook:
    common = {
        key: CAP[key] for key in ("id", "jurisdiction", "force", "status", "source", "evidence", "remedies", "case")
    }
    return load_rulebook([pack(common | {"fail_direction": "closed"} | fields)], calendars())


def test_at_half_past_nine_the_carriers_hours_win_over_those_of_the_standard() -> None:
    verdict = shipped().judge(facts(EVENING, purpose=Purpose.COLLECTION, callee_role=CalleeRole.DEBTOR))
    assert verdict.deciding is not None
    assert verdict.deciding.rule_id == "CN-CARRIER-HOURS"
    assert "CN-COLLECT-TIME" in verdict.overruled  # it would have allowed until ten
    assert "CN-COLLECT-WHO" not in verdict.overruled  # it is about something else


def test_a_denial_overrules_the_delays_beside_it() -> None:
    verdict = shipped().judge(facts(EVENING, purpose=Purpose.COLLECTION, callee_role=CalleeRole.CONTACT))
    assert verdict.decision is Decision.DENY
    assert {"CN-CARRIER-HOURS", "ADVICE-QUIET-HOURS"} <= set(verdict.overruled)


def test_an_allowed_call_overrules_nobody_though_somebody_advises_against_it() -> None:
    verdict = shipped().judge(facts(NOON.replace(hour=10)))
    assert verdict.is_allowed
    assert [(finding.rule_id, finding.says) for finding in verdict.findings] == [("ADVICE-WORK-MORNING", Says.ADVISE)]
    assert verdict.overruled == ()


def test_verdicts_that_were_kept_before_they_named_the_overruled_still_load() -> None:
    body = shipped().judge(facts(EVENING)).to_json()
    del body["overruled"]
    assert Verdict.from_json(body).overruled == ()


def test_a_draft_of_law_may_not_block() -> None:
    with pytest.raises(RulePackError, match="draft is not in force"):
        one_rule(kind="suppression", status="draft")


@pytest.mark.parametrize("is_closed", [True, False])
@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "role_allow", "allow": ["debtor"]},
        {"kind": "number_class", "refuse_lines": ["call_centre"]},
        {"kind": "consent_required", "channel": "voice", "needs_evidence": True, "accepts_spoken": True},
        {"kind": "content", "max_disclosure": "identity"},
        {"kind": "content", "must_include": ["identity"]},
        {
            "kind": "rate_ceiling",
            "of": "complaint",
            "per": "campaign",
            "days": 30,
            "max_per_10000": 10,
            "denominator_min": 1,
        },
        {
            "kind": "forbid_window",
            "from": datetime.min.time(),
            "until": datetime.min.time(),
            "on": "workday",
            "calendar": "XX",
        },
    ],
)
def test_what_nobody_knows_goes_by_the_fail_direction(fields: dict[str, Any], is_closed: bool) -> None:
    book = one_rule(**fields, fail_direction="closed" if is_closed else "open")
    assert book.judge(facts(NOON)).is_allowed is not is_closed


def test_an_empty_register_of_consents_refuses_even_where_the_rule_fails_open() -> None:
    book = one_rule(
        kind="consent_required", channel="voice", needs_evidence=True, accepts_spoken=True, fail_direction="open"
    )
    assert book.judge(facts(NOON)).is_allowed
    assert book.judge(facts(NOON, consents=())).decision is Decision.DENY


@pytest.mark.parametrize(
    ("now", "is_allowed"),
    [
        (datetime(2026, 2, 14, 10, tzinfo=SHANGHAI), False),  # a Saturday that is worked
        (datetime(2026, 2, 16, 10, tzinfo=SHANGHAI), True),  # a Monday of the festival
        (datetime(2026, 2, 14, 23, 59, 59, tzinfo=SHANGHAI), False),
        (datetime(2026, 2, 15, 0, 0, tzinfo=SHANGHAI), True),
        (datetime(2026, 2, 28, 0, 0, tzinfo=SHANGHAI), False),
    ],
)
def test_working_days_begin_and_end_at_the_callees_midnight(now: datetime, is_allowed: bool) -> None:
    midnight = datetime.min.time()
    book = one_rule(kind="forbid_window", **{"from": midnight, "until": midnight}, on="workday", calendar="CN")
    assert book.judge(facts(now)).is_allowed is is_allowed


def test_a_rule_about_working_days_of_every_country_names_a_calendar() -> None:
    midnight = datetime.min.time()
    with pytest.raises(RulePackError, match="differ by country"):
        one_rule(kind="forbid_window", **{"from": midnight, "until": midnight}, on="workday")


@pytest.mark.parametrize(
    ("event", "day0_counts_as", "until"),
    [
        (datetime(2028, 2, 28, 23, 59, 59, tzinfo=NEW_YORK), 1, date(2028, 3, 1)),  # the leap day is the second
        (datetime(2028, 2, 28, 23, 59, 59, tzinfo=NEW_YORK), 0, date(2028, 3, 2)),
        (datetime(2028, 2, 29, 0, 0, tzinfo=NEW_YORK), 1, date(2028, 3, 2)),
        (datetime(2026, 3, 7, 12, tzinfo=NEW_YORK), 1, date(2026, 3, 9)),  # clocks go forward between
        (datetime(2026, 10, 31, 12, tzinfo=NEW_YORK), 1, date(2026, 11, 2)),  # and back
    ],
)
def test_a_cool_down_counts_days_of_the_callees_calendar(event: datetime, day0_counts_as: int, until: date) -> None:
    book = one_rule(kind="cooldown", after="complaint", days=2, day0_counts_as=day0_counts_as)
    asked = facts(event + timedelta(hours=1), zones=(NEW_YORK,), complaints=(ComplaintFact(event),))
    ends = datetime.combine(until, datetime.min.time(), NEW_YORK)
    assert book.judge(asked).until == ends
    second_before = dataclasses.replace(asked, civil_now=ends - timedelta(seconds=1))
    assert book.judge(second_before).until == ends


def test_without_a_zone_a_cool_down_ends_when_every_calendar_has_ended_it() -> None:
    book = one_rule(kind="cooldown", after="complaint", days=2, day0_counts_as=1)
    verdict = book.judge(facts(NOON, zones=(), complaints=(ComplaintFact(NOON),)))
    assert verdict.until == NOON + timedelta(days=2, hours=1)


def test_a_denial_by_a_rule_that_goes_out_of_force_delays_until_then() -> None:
    book = one_rule(kind="role_allow", allow=["debtor"], effective_until=date(2026, 3, 10))
    verdict = book.judge(facts(NOON, callee_role=CalleeRole.OTHER))
    assert verdict.until == datetime(2026, 3, 10, tzinfo=SHANGHAI)


def test_a_talk_of_unknown_length_counts_only_where_the_rule_fails_closed() -> None:
    history = CalleeHistory((PastAttempt(NOON - timedelta(hours=1), True, False, False),))
    for direction, is_allowed in (("closed", False), ("open", True)):
        book = one_rule(
            kind="max_count",
            of="effective_conversation",
            talk_min_s=10,
            max=1,
            window="rolling",
            days=1,
            fail_direction=direction,
        )
        assert book.judge(facts(NOON, history=history)).is_allowed is is_allowed


@settings(max_examples=150, deadline=None)
@given(call_facts())
def test_a_verdict_is_recomputed_from_facts_that_went_through_json(asked: CallFacts) -> None:
    kept = json.loads(json.dumps(facts_to_json(asked)))
    again = facts_from_json(kept, ZoneInfo)
    assert again == asked
    assert shipped().judge(again) == shipped().judge(asked)
