"""When a callee may ask to be called back: the borders of the days and of the parts of a day."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from baitie.web.callee.forms import CALL_BACK_DAYS_MAX, CallBackWish, FormError, call_back_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
TEN = datetime(2026, 3, 3, 10, 0, tzinfo=SHANGHAI)


def asked(day: str, part: str, at: datetime = TEN) -> CallBackWish:
    return call_back_of({"on": [day], "part": [part]}, at.astimezone(UTC), SHANGHAI)


def test_a_part_that_has_begun_is_wanted_from_now_on() -> None:
    assert asked("2026-03-03", "morning") == CallBackWish(TEN, datetime(2026, 3, 3, 12, 0, tzinfo=SHANGHAI))


def test_a_part_to_come_is_wanted_from_its_begin() -> None:
    opens, closes = (datetime(2026, 3, 3, hour, 0, tzinfo=SHANGHAI) for hour in (14, 18))
    assert asked("2026-03-03", "afternoon") == CallBackWish(opens, closes)


def test_a_part_may_be_asked_for_until_its_last_moment() -> None:
    noon = datetime(2026, 3, 3, 12, 0, tzinfo=SHANGHAI)
    assert asked("2026-03-03", "morning", noon - timedelta(seconds=1)).wanted_until == noon
    with pytest.raises(FormError):
        asked("2026-03-03", "morning", noon)


def test_the_last_day_is_so_many_days_from_the_callees_today() -> None:
    last = TEN.date() + timedelta(days=CALL_BACK_DAYS_MAX)
    assert asked(last.isoformat(), "evening").wanted_until.date() == last
    for day in (last + timedelta(days=1), TEN.date() - timedelta(days=1)):
        with pytest.raises(FormError):
            asked(day.isoformat(), "evening")


def test_today_is_the_callees_and_not_that_of_greenwich() -> None:
    early = datetime(2026, 3, 3, 1, 0, tzinfo=SHANGHAI)  # still the second in UTC
    assert asked("2026-03-03", "morning", early).wanted_from.day == 3
    with pytest.raises(FormError):
        asked("2026-03-02", "evening", early)
