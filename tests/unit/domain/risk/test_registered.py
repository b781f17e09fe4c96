"""What is registered of a callee only ever adds to what forbids a call."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.domain.risk.support import CALLEE, calendars, facts, pack_text, shipped

from baitie.app.gate.callee_facts import STANDING_FACTS
from baitie.app.records.standing import CalleeStanding
from baitie.domain.complaints import Complaint, ComplaintSource
from baitie.domain.consent.register import Block, Consent, Preference, ReachChannel
from baitie.domain.risk.facts import CallFacts
from baitie.domain.risk.history import CalleeHistory, Freeze, PastAttempt, Refusal, RefusalChannel
from baitie.domain.risk.rulebook import load_rulebook
from baitie.domain.risk.rulepack import parse_pack_untrusted
from baitie.domain.risk.verdict import Decision
from baitie.kernel.purpose import Purpose
from baitie.rules import DEFAULT_PACKS

START = datetime(2026, 3, 2, tzinfo=UTC)
TIMES = st.integers(0, 60 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
STRICTNESS = {Decision.ALLOW: 0, Decision.DELAY: 1, Decision.DENY: 2}

CONSENTS = st.builds(
    Consent,
    st.uuids().map(str),
    st.just(CALLEE),
    st.sampled_from(Purpose),
    st.sampled_from(ReachChannel),
    st.just("v1"),
    TIMES,
    st.just("li"),
    st.sampled_from(["", "form"]),
)
STANDINGS = st.builds(
    CalleeStanding,
    st.lists(st.builds(PastAttempt, TIMES, st.booleans(), st.booleans(), st.booleans()), max_size=4).map(
        lambda found: CalleeHistory(tuple(sorted(found, key=lambda past: past.at)))
    ),
    consents=st.lists(CONSENTS, max_size=3).map(tuple),
    cards_sent=st.lists(TIMES, max_size=4).map(tuple),
)


def worse(standing: CalleeStanding, what: str, at: datetime) -> CalleeStanding:
    """The standing with one thing more against calls."""
    match what:
        case "refusal":
            return replace(standing, refusals=(Refusal(CALLEE, at, RefusalChannel.MESSAGE, "callee"),))
        case "freeze":
            return replace(standing, freezes=(Freeze(CALLEE, at, at + timedelta(days=7), "by-hand", "x", "li"),))
        case "block":
            return replace(standing, blocks=(Block(CALLEE, at, "law", "li"),))
        case "complaint":
            ticket = Complaint("cm", CALLEE, ComplaintSource.PAGE, at, date(2026, 4, 1), "CN", "li")
            return replace(standing, complaints=(ticket,))
        case "wish":
            wish = Preference(CALLEE, at, "callee", channels=frozenset({ReachChannel.MESSAGE}))
            return replace(standing, preference=wish)
        case _:
            ended = tuple([replace(c, withdrawn_at=at, withdrawn_by="callee") for c in standing.consents])
            return replace(standing, consents=ended)


def with_registered(base: CallFacts, standing: CalleeStanding) -> CallFacts:
    """The facts with everything of the standing in them."""
    return replace(base, **{name: of(standing) for name, of in STANDING_FACTS.items()})


@settings(max_examples=150, deadline=None)
@given(
    STANDINGS,
    st.sampled_from(["refusal", "freeze", "block", "complaint", "wish", "withdrawal"]),
    st.sampled_from(Purpose),
    TIMES,
    TIMES,
)
def test_nothing_that_is_entered_against_calls_ever_makes_them_easier(
    standing: CalleeStanding, what: str, purpose: Purpose, at: datetime, now: datetime
) -> None:
    base = facts(now, purpose=purpose)
    before = shipped().judge(with_registered(base, standing))
    after = shipped().judge(with_registered(base, worse(standing, what, min(at, now))))
    assert STRICTNESS[after.decision] >= STRICTNESS[before.decision]
    if what in ("refusal", "block", "wish"):
        assert after.decision is Decision.DENY


ASKS_FOR_CONSENT = """
pack = "test"
version = 1
title = "Consent"

[[rule]]
id = "ASKS"
kind = "consent_required"
jurisdiction = "CN"
purposes = ["acquisition", "care"]
channel = "voice"
needs_evidence = true
accepts_spoken = true
force = "block"
fail_direction = "open"
status = "house"
source = "A test."
evidence = { how = "read", by = "a test", on = 2026-01-01 }
remedies = ["get-consent"]

[[rule.case]]
name = "silence is refusal"
zone = "Asia/Shanghai"
now = 2026-03-02T12:00:00
consents = []
expect = "deny"
"""
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


@pytest.mark.parametrize("purpose", [Purpose.ACQUISITION, Purpose.CARE])
def test_a_callee_without_a_row_in_the_register_has_refused_even_where_the_rule_fails_open(purpose: Purpose) -> None:
    book = load_rulebook([parse_pack_untrusted("test", ASKS_FOR_CONSENT)], {})
    nobody_agreed = with_registered(facts(NOON, purpose=purpose), CalleeStanding(CalleeHistory()))
    assert nobody_agreed.consents == ()
    verdict = book.judge(nobody_agreed)
    assert (verdict.decision, verdict.reason) == (Decision.DENY, "no-consent")
    agreed = Consent("cs", CALLEE, purpose, ReachChannel.VOICE, "v1", NOON - timedelta(days=1), "li", "form")
    with_it = with_registered(facts(NOON, purpose=purpose), CalleeStanding(CalleeHistory(), consents=(agreed,)))
    assert book.judge(with_it).is_allowed


def test_silence_bars_offers_but_no_calls_of_care_under_the_default_packs() -> None:
    nobody_agreed = CalleeStanding(CalleeHistory())
    default = load_rulebook([parse_pack_untrusted(name, pack_text(name)) for name in DEFAULT_PACKS], calendars())
    offer = default.judge(with_registered(facts(NOON, purpose=Purpose.ACQUISITION), nobody_agreed))
    assert offer.decision is Decision.DENY
    assert {(f.rule_id, f.reason) for f in offer.findings} >= {("CN-AD-CONSENT", "no-consent")}
    informing = set(Purpose) - {Purpose.ACQUISITION}
    for purpose in informing:
        said = default.judge(with_registered(facts(NOON, purpose=purpose), nobody_agreed))
        assert not {"no-consent", "consent-unknown"} & {finding.reason for finding in said.findings}
    assert default.judge(with_registered(facts(NOON, purpose=Purpose.CARE), nobody_agreed)).is_allowed
