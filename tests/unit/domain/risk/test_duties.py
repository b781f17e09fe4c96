"""Duties beside the call: the longest keeping and the shortest deadline win, and the rules that lost are named."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.risk.support import shipped

from baitie.domain.risk.duties import Answer, ContractTerm, Duty, Kept, KeptFrom, RetentionDuty
from baitie.kernel.purpose import Purpose
from baitie.kernel.undefined import Undefined

CALL = date(2026, 3, 2)
ENDED = {KeptFrom.CALL: CALL, KeptFrom.CONTRACT_END: date(2027, 3, 2), KeptFrom.LAST_ACTIVITY: date(2026, 5, 1)}


@pytest.mark.parametrize(
    ("contract_term", "until", "rule_id", "overruled"),
    [
        (ContractTerm.UP_TO_ONE_YEAR, date(2032, 3, 2), "CN-INS-REC-SHORT", ("CN-CC-2020-KEEP",)),
        (ContractTerm.OVER_ONE_YEAR, date(2037, 3, 2), "CN-INS-REC-LONG", ("CN-CC-2020-KEEP",)),
        (None, date(2037, 3, 2), "CN-INS-REC-LONG", ("CN-INS-REC-SHORT", "CN-CC-2020-KEEP")),
    ],
)
def test_the_longest_keeping_wins(
    contract_term: ContractTerm | None, until: date, rule_id: str, overruled: tuple[str, ...]
) -> None:
    duty = shipped().keep_until(Kept.RECORDING, Purpose.ACQUISITION, "CN", ENDED.get, contract_term)
    assert duty == Duty(until, rule_id, overruled)


def test_while_the_contract_runs_the_end_of_keeping_cannot_be_known() -> None:
    known = {KeptFrom.CALL: CALL}
    duty = shipped().keep_until(Kept.RECORDING, Purpose.ACQUISITION, "CN", known.get)
    assert duty == Undefined("no-contract-end")


def test_of_an_unknown_country_every_rule_is_taken() -> None:
    duty = shipped().keep_until(Kept.RECORDING, Purpose.COLLECTION, None, ENDED.get)
    assert duty == Duty(date(2029, 3, 2), "US-REGF-KEEP-RECORDING", ("CN-CC-2020-KEEP",))


def test_a_country_without_a_rule_says_so() -> None:
    assert shipped().keep_until(Kept.RECORDING, Purpose.CARE, "GB", ENDED.get) == Undefined("no-rule")
    assert shipped().answer_by(Answer.REVOCATION, Purpose.CARE, "GB", CALL) == Undefined("no-rule")


def test_a_complaint_is_answered_within_working_days_of_the_official_calendar() -> None:
    duty = shipped().answer_by(Answer.COMPLAINT_ANSWER, Purpose.CARE, "CN", date(2026, 9, 18))
    assert duty == Duty(date(2026, 10, 15), "CN-12321-ANSWER")


def test_a_deadline_into_a_year_without_a_calendar_says_what_it_assumed() -> None:
    duty = shipped().answer_by(Answer.COMPLAINT_ANSWER, Purpose.CARE, "CN", date(2026, 12, 25))
    assert isinstance(duty, Duty)
    assert duty.assumed_years == (2027,)


def test_a_deadline_that_was_not_yet_in_force_does_not_bind() -> None:
    assert shipped().answer_by(Answer.REVOCATION, Purpose.CARE, "US", date(2025, 4, 10)) == Undefined("no-rule")
    assert isinstance(shipped().answer_by(Answer.REVOCATION, Purpose.CARE, "US", date(2025, 4, 11)), Duty)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 600), st.integers(0, 60))
def test_keeping_ends_later_the_later_it_begins_and_the_longer_it_is(begins: date, months: int, days: int) -> None:
    until = RetentionDuty(Kept.RECORDING, KeptFrom.CALL, months, days, None).until(begins)
    longer = RetentionDuty(Kept.RECORDING, KeptFrom.CALL, months + 1, days, None).until(begins)
    assert begins < until < longer
    # A year of so many months has at least 28 days in each.
    assert (until - begins).days >= 28 * months + days
