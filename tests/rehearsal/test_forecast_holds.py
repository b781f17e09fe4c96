"""A forecast is held to what then happens: the same campaign over real SIP, RTP and SMPP lands in its ranges."""

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.rehearsal.real_runs import ended, make_folder, start_run

from baitie.bootstrap.folders import read_folder
from baitie.bootstrap.forecasting import forecast
from baitie.bootstrap.rehearsing import read_scenario
from baitie.rehearsal.forecast import DayFigures, Range, range_of

pytestmark = pytest.mark.xdist_group("loopback")

LEADS = 60
SEEDS = range(101, 151)
"""Not the seed of the loopback carrier: its people are strangers to the forecast."""

OUTCOMES = ("answered", "no_answer", "busy", "rejected", "powered_off")
FIGURES = ("attempts", "leads_closed", "opt_outs", *OUTCOMES)
OUTSIDE_MAX = 2
"""So many of the eight figures may lie outside. One alone does so in 4 of 51 days (7.8 %) by chance."""

FALSE_ALARMS_MAX = 0.06
"""How often the test may cry wolf: measured below on the rehearsed days themselves, each held to the other 49."""


def test_the_same_campaign_on_the_loopback_carrier_lands_within_the_forecast(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "c", LEADS)
    scenario = read_scenario(read_folder(folder, dict(os.environ)))
    (found,) = forecast(scenario, SEEDS, (), ZoneInfo("Asia/Shanghai"))
    days = [_counted(day) for day in found.days]
    held_to_the_others = [_outside(day, days[:n] + days[n + 1 :]) for n, day in enumerate(days)]
    false_alarms = sum(len(outside) > OUTSIDE_MAX for outside in held_to_the_others) / len(days)
    assert false_alarms <= FALSE_ALARMS_MAX, "the forecast itself would often fail this test"
    answering = replace(scenario.profile.answer, rate_by_hour=(0.9,) * 24)
    elsewhere = replace(scenario, profile=replace(scenario.profile, answer=answering))
    (other_world,) = forecast(elsewhere, [7], (), ZoneInfo("Asia/Shanghai"))
    assert len(_outside(_counted(other_world.days[0]), days)) > OUTSIDE_MAX, "other people are noticed"
    with ended(start_run(folder)) as program:
        assert program.wait() == 0, program.errors()
    summary = json.loads(program.output())
    real = {
        "attempts": summary["attempts"],
        "leads_closed": summary["leads_closed"],
        "opt_outs": summary["refusals"],
        **{name: summary["outcomes"].get(name, 0) for name in OUTCOMES},
    }
    outside = _outside(real, days)
    assert len(outside) <= OUTSIDE_MAX, f"{outside} of {real}; ranges {_ranges(days)}"


def _counted(day: DayFigures) -> dict[str, float]:
    return {
        "attempts": day.values["attempts"],
        "leads_closed": LEADS - day.values["leads_waiting"],
        "opt_outs": day.values["opt_outs"],
        **{name: day.outcomes.get(name, 0) for name in OUTCOMES},
    }


def _ranges(days: Sequence[dict[str, float]]) -> dict[str, Range]:
    found = {name: range_of([day[name] for day in days]) for name in FIGURES}
    assert all(isinstance(each, Range) for each in found.values())
    return {name: each for name, each in found.items() if isinstance(each, Range)}


def _outside(day: dict[str, float], days: Sequence[dict[str, float]]) -> list[str]:
    return [name for name, found in _ranges(days).items() if not found.holds(day[name])]
