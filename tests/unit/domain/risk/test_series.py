"""What callees ordered or agreed to is called about as often as it needs; what nobody asked for keeps its caps."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from tests.unit.domain.risk.support import SHANGHAI, facts, shipped

from baitie.domain.risk.facts import CallFacts
from baitie.domain.risk.facts_json import facts_from_json, facts_to_json
from baitie.domain.risk.history import CalleeHistory, PastAttempt
from baitie.domain.risk.standing import ConsentChannel, ConsentFact, SeriesBasis, SeriesFact
from baitie.domain.risk.verdict import Decision, Says
from baitie.kernel.purpose import Purpose

FIRST = datetime(2026, 3, 2, 11, 30, tzinfo=SHANGHAI)


def placed(
    days: Iterable[float], purpose: Purpose, series: Iterable[SeriesFact | None], **more: object
) -> list[CallFacts]:
    """Calls on these days, each answered, with the history of those before."""
    made: list[CallFacts] = []
    attempts: tuple[PastAttempt, ...] = ()
    for day, fact in zip(days, series, strict=True):
        at = FIRST + timedelta(days=day)
        call = facts(at, purpose=purpose, series=fact, history=CalleeHistory(attempts), **more)
        made.append(call)
        past = PastAttempt(call.civil_now, True, False, False, 60.0, purpose, series=call.series_key)
        attempts = (*attempts, past)
    return made


def order(number: int) -> SeriesFact:
    return SeriesFact(f"order {number}", SeriesBasis.ORDERED)


def allowed(calls: list[CallFacts]) -> list[bool]:
    return [shipped().judge(call).is_allowed for call in calls]


@pytest.mark.parametrize("is_named", [True, False])
def test_the_fourth_take_away_order_of_a_month_is_delivered(is_named: bool) -> None:
    orders = [order(n) if is_named else None for n in range(4)]
    assert allowed(placed([0, 6, 12, 20], Purpose.INFORMATION, orders)) == [True] * 4


def test_thirty_take_away_orders_of_a_month_are_delivered() -> None:
    assert all(allowed(placed(range(30), Purpose.INFORMATION, map(order, range(30)))))


@pytest.mark.parametrize("purpose", [Purpose.CARE, Purpose.INFORMATION])
def test_a_patient_with_visits_on_days_1_3_7_14_and_30_gets_all_five(purpose: Purpose) -> None:
    agreed = ConsentFact(purpose, ConsentChannel.VOICE, (FIRST - timedelta(days=1)))
    visits = [SeriesFact("operation", SeriesBasis.AGREED)] * 5
    assert allowed(placed([0, 2, 6, 13, 29], purpose, visits, consents=(agreed,))) == [True] * 5


def test_a_consent_that_is_withdrawn_ends_the_series_and_the_caps_of_the_purpose_hold_again() -> None:
    withdrawn = ConsentFact(Purpose.CARE, ConsentChannel.VOICE, FIRST, withdrawn_at=FIRST + timedelta(days=10))
    visits = [SeriesFact("operation", SeriesBasis.AGREED)] * 5
    *kept, fifth = placed([0, 2, 6, 9, 13], Purpose.CARE, visits, consents=(withdrawn,))
    assert allowed(kept) == [True] * 4
    assert fifth.series_key is None
    # Those before were part of the series, so that three contacts of another kind are still free.
    assert shipped().judge(fifth).is_allowed


@pytest.mark.parametrize("purpose", [Purpose.ACQUISITION, Purpose.SURVEY, Purpose.CARE])
def test_what_nobody_asked_for_keeps_three_contacts_in_thirty_days(purpose: Purpose) -> None:
    fourth = placed([0, 6, 12, 20], purpose, [None] * 4)[3]
    assert "ADVICE-CONTACTS-30D" in {f.rule_id for f in shipped().judge(fourth).findings if f.says is Says.DELAY}


def test_a_meal_that_was_ordered_comes_to_the_weary_too_and_nothing_else_does() -> None:
    weary = tuple(PastAttempt(FIRST - timedelta(hours=hour), True, False, False) for hour in range(50, 1, -7))
    tired: dict[str, object] = {"history": CalleeHistory(weary), "cards_sent": tuple(past.at for past in weary)}
    meal = facts(FIRST, purpose=Purpose.INFORMATION, series=order(1), **tired)
    notice = facts(FIRST, purpose=Purpose.INFORMATION, **tired)
    assert shipped().judge(meal).is_allowed
    verdict = shipped().judge(notice)
    assert verdict.decision is Decision.DELAY
    assert "ADVICE-FATIGUE-BLOCK" in {f.rule_id for f in verdict.findings}


def test_fatigue_advises_from_one_figure_and_blocks_from_a_second() -> None:
    def said(cards: int) -> dict[str, Says]:
        verdict = shipped().judge(facts(FIRST, cards_sent=(FIRST,) * cards))
        return {f.rule_id: f.says for f in verdict.findings}

    assert said(12) == {}
    assert said(13) == {"ADVICE-FATIGUE": Says.ADVISE}
    assert said(20) == {"ADVICE-FATIGUE": Says.ADVISE}
    assert said(21) == {"ADVICE-FATIGUE-BLOCK": Says.DELAY, "ADVICE-FATIGUE": Says.ADVISE}


def test_a_series_and_a_segment_go_through_the_journal() -> None:
    call = facts(FIRST, series=SeriesFact("visits", SeriesBasis.AGREED), segment="office")
    assert facts_from_json(facts_to_json(call), lambda name: SHANGHAI) == call
    past = PastAttempt(
        call.civil_now, True, False, True, 9.0, Purpose.CARE, series="visits", said_no=True, hung_up=True
    )
    history = CalleeHistory((past,))
    assert CalleeHistory.from_json(cast(list[list[Any]], history.to_json())) == history
