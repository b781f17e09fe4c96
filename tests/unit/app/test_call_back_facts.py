"""What an explicit request to be called back says to the gate, and what it leaves as it is."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from baitie.app.gate.callee_facts import with_request
from baitie.app.records.standing import CalleeStanding
from baitie.domain.consent.register import Preference
from baitie.domain.consent.requests import CalleeRequest, RequestKind
from baitie.domain.risk.facts import CallFacts
from baitie.domain.risk.history import CalleeHistory, Freeze, Refusal, RefusalChannel
from baitie.domain.risk.standing import ConsentChannel, ConsentFact, PreferenceFact
from baitie.kernel.ids import CalleeId
from baitie.kernel.purpose import NumberClass, Purpose
from baitie.kernel.time import Window

NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
CALLEE = CalleeId("ce_1")
EVENINGS = (Window(time(18), time(20)),)
REQUEST = CalleeRequest(
    "rq_1", CALLEE, RequestKind.CALL_BACK, NOW - timedelta(hours=1), date(2026, 3, 3),
    wanted_from=NOW - timedelta(minutes=5), wanted_until=NOW + timedelta(hours=2),
)  # fmt: skip
FACTS = CallFacts(
    callee_id=CALLEE,
    number_class=NumberClass.MOBILE,
    region="CN",
    zones=(UTC,),
    purpose=Purpose.CARE,
    civil_now=NOW,
    preference=PreferenceFact(EVENINGS),
)


def standing(set_at: datetime) -> CalleeStanding:
    return CalleeStanding(CalleeHistory(), preference=Preference(CALLEE, set_at, "callee", EVENINGS))


def test_within_its_hours_a_request_is_the_newest_wish_and_consent_for_this_purpose() -> None:
    said = with_request(FACTS, standing(NOW - timedelta(days=9)), REQUEST)
    assert said.preference is None
    assert said.consents == (
        ConsentFact(Purpose.CARE, ConsentChannel.VOICE, REQUEST.made_at, expires_at=REQUEST.wanted_until),
    )


def test_wish_that_is_newer_than_the_request_stands() -> None:
    said = with_request(FACTS, standing(NOW - timedelta(minutes=1)), REQUEST)
    assert said.preference == FACTS.preference


def test_consent_that_was_withdrawn_after_the_request_is_not_given_again() -> None:
    gone = ConsentFact(Purpose.CARE, ConsentChannel.VOICE, NOW - timedelta(days=9), withdrawn_at=NOW)
    facts = replace(FACTS, consents=(gone,))
    assert with_request(facts, standing(NOW - timedelta(days=9)), REQUEST) == facts


@given(st.integers(-600, 600))
def test_outside_its_hours_a_request_says_nothing(minutes: int) -> None:
    facts = replace(FACTS, civil_now=NOW + timedelta(minutes=minutes))
    said = with_request(facts, standing(NOW - timedelta(days=9)), REQUEST)
    assert (said == facts) is not (-5 <= minutes < 120)


def test_refusals_and_freezes_are_left_as_they_are() -> None:
    refusal = Refusal(CALLEE, NOW, RefusalChannel.PAGE, "callee")
    freeze = Freeze(CALLEE, NOW, NOW + timedelta(days=9), "r", "R", "li")
    facts = replace(FACTS, refusals=(refusal,), freezes=(freeze,))
    said = with_request(facts, standing(NOW - timedelta(days=9)), REQUEST)
    assert (said.refusals, said.freezes) == ((refusal,), (freeze,))
