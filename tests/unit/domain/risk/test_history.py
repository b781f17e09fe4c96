"""Past attempts as they are kept: old rows still load, and what is not known stays unknown."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from baitie.domain.risk.history import HISTORY_EVENTS_MAX, CalleeHistory, PastAttempt
from baitie.domain.risk.standing import LineClass, line_class_of
from baitie.kernel.purpose import Purpose

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)


def test_rows_of_four_load_with_everything_else_unknown_and_are_written_as_they_were() -> None:
    rows = [["2026-03-02T02:00:00+00:00", 1, 0, 1], ["2026-03-02T03:00:00+00:00", 0, 0, 0]]
    history = CalleeHistory.from_json(rows)
    assert history.attempts[0] == PastAttempt(AT, True, False, True)
    assert history.attempts[0].talk_s is None
    assert history.to_json() == rows


@pytest.mark.parametrize(
    "past",
    [
        PastAttempt(AT, True, False, False, 12.5, Purpose.CARE, "campaign", "+861088880000", "loan"),
        PastAttempt(AT, True, False, False, None, None, "campaign"),
        PastAttempt(AT, True, False, False, 0.0),
        PastAttempt(AT, False, False, False, None, None, None, None, "loan"),
    ],
)
def test_a_row_comes_back_as_it_was_kept(past: PastAttempt) -> None:
    kept = json.loads(json.dumps(CalleeHistory((past,)).to_json()))
    assert CalleeHistory.from_json(kept).attempts == (past,)


def test_a_call_that_was_rejected_was_not_answered_and_one_of_unknown_fate_was() -> None:
    assert not PastAttempt(AT, True, True, False).is_answered
    assert PastAttempt(AT, True, False, False).is_answered


def test_a_history_is_bounded() -> None:
    history = CalleeHistory()
    for place in range(HISTORY_EVENTS_MAX + 5):
        history = history.with_attempt(PastAttempt(AT + timedelta(minutes=place), False, False, False))
    assert len(history.attempts) == HISTORY_EVENTS_MAX


@pytest.mark.parametrize(
    ("presented", "line_class"),
    [
        ("+8695588", LineClass.SERVICE_95),
        ("+869533123", LineClass.SERVICE_95),
        ("+8695117", LineClass.CALL_CENTRE),
        ("+869501312345678", LineClass.CALL_CENTRE),
        ("+8696110", LineClass.SERVICE_96),
        ("+869516012345", LineClass.OTHER),  # a fixed line in Yinchuan, area code 951
        ("+861088880000", LineClass.OTHER),
        ("+8613800001000", LineClass.OTHER),
        ("+19515550100", LineClass.OTHER),
    ],
)
def test_a_presented_number_tells_its_class(presented: str, line_class: LineClass) -> None:
    assert line_class_of(presented) is line_class
