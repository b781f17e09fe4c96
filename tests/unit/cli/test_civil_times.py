"""Times on the command line are those of the enterprise's clock, whatever clock the machine goes by."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from baitie.cli.civil_times import on_clock, read_civil_time
from baitie.cli.main import run
from baitie.cli.shared import ExitCode

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")


@pytest.fixture(params=["America/New_York", "no/such-zone"])
def machine_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with monkeypatch.context() as changed:
        changed.setenv("TZ", request.param)
        time.tzset()
        yield request.param
    time.tzset()


def test_why_is_asked_on_the_enterprises_clock(
    campaign: Path, machine_zone: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["why", "13000001000", "--campaign", str(campaign), "--at", "2026-03-03T23:00", "--lang", "en"]
    assert run(asked) == ExitCode.OK
    assert "at 2026-03-03 23:00 (Beijing time)" in capsys.readouterr().out


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00", "9999-12-31T23:59-12:00", "1999-12-31", "2100-01-01", "tomorrow", "10:00", "", "²"]
)
def test_times_that_no_rule_speaks_of_are_refused(at: str) -> None:
    with pytest.raises(ValueError):
        read_civil_time(at)
    assert run(["why", "13000001000", "--at", at]) == ExitCode.BAD_INPUT


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_consent_does_not_expire_beyond_the_calendar(campaign: Path, day: str) -> None:
    given = ("13800001001", "--purpose", "care", "--wording", "v1", "--campaign", str(campaign))
    assert run(["consent", "add", *given, "--expires-on", day]) == ExitCode.BAD_INPUT


def test_a_time_with_a_zone_keeps_it_and_one_without_is_of_the_clock_that_is_given() -> None:
    assert on_clock(read_civil_time("2026-03-04T09:00+00:00"), SHANGHAI) == datetime(2026, 3, 4, 9, tzinfo=UTC)
    assert on_clock(read_civil_time("2026-03-04T09:00"), SHANGHAI) == datetime(2026, 3, 4, 1, tzinfo=UTC)
    # On the night on which the clocks go forward half past two is an hour after half past one on none of them.
    gap = on_clock(read_civil_time("2026-03-08T02:30"), NEW_YORK)
    assert gap.utcoffset() == timedelta(hours=-5)
