"""Forecasts of a campaign: each variant over many seeds, shared out over processes."""

import gc
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import tzinfo
from typing import TypeVar

from baitie.adapters.store.memory_engine import MemoryEngine
from baitie.bootstrap.rehearsing import imported, imported_all, memory_stores, without_warnings
from baitie.bootstrap.renewed_processes import processes_for
from baitie.files.what_if import WhatIf
from baitie.rehearsal.fidelity import Fidelity
from baitie.rehearsal.forecast import DayFigures, Forecast, figures_of
from baitie.rehearsal.rehearse import FAST, rehearse_once
from baitie.rehearsal.scenario import Scenario
from baitie.rehearsal.shared import SharedRehearsal, side_by_side
from baitie.rehearsal.shared_figures import figures_beside

_scenarios: Sequence[Scenario] = ()  # of this process: a child inherits them, for a rule book cannot be sent
_zone: tzinfo | None = None
_fidelity: Fidelity = FAST
_stores: dict[int, MemoryEngine] = {}
"""By scenario: what each of its days begins with. Made in the process that uses it."""
_ALL = -1
"""The place of a store in which all scenarios are."""

W = TypeVar("W")
F = TypeVar("F")


def forecast(
    scenario: Scenario,
    seeds: Sequence[int],
    variants: Sequence[WhatIf],
    zone: tzinfo,
    on_day: Callable[[], None] = lambda: None,
    fidelity: Fidelity = FAST,
) -> list[Forecast]:
    """The campaign as it is, then each variant, all over the same seeds. Raises `WhatIfError` before the first day."""
    global _fidelity
    _fidelity = fidelity
    scenarios = [scenario, *(variant.apply(scenario) for variant in variants)]
    wanted = [(place, seed) for place in range(len(scenarios)) for seed in seeds]
    found: dict[tuple[int, int], DayFigures] = {}
    with _workers(scenarios, zone, len(wanted), _day) as share_out:
        for key, day in zip(wanted, share_out(wanted), strict=True):
            found[key] = day
            on_day()
    names = ["", *(variant.name for variant in variants)]
    return [
        Forecast(name, each.civil_start, len(each.leads), tuple(found[place, seed] for seed in seeds))
        for place, (name, each) in enumerate(zip(names, scenarios, strict=True))
    ]


def forecast_beside(
    scenarios: Sequence[Scenario], seeds: Sequence[int], zone: tzinfo, on_day: Callable[[], None] = lambda: None
) -> list[Forecast]:
    """Campaigns that run at the same time and may share agents. Raises `CampaignsBesideError` before the first day."""
    scenarios = side_by_side(scenarios)
    days: list[list[DayFigures]] = []
    with _workers(scenarios, zone, len(seeds), _day_beside) as share_out:
        for day in share_out(seeds):
            days.append(day)
            on_day()
    return [
        Forecast(each.campaign.name, each.civil_start, len(each.leads), tuple(day[place] for day in days))
        for place, each in enumerate(scenarios)
    ]


@contextmanager
def _workers(
    scenarios: Sequence[Scenario], zone: tzinfo, days: int, day: Callable[[W], F]
) -> Iterator[Callable[[Sequence[W]], Iterator[F]]]:
    global _scenarios, _zone
    _scenarios, _zone = scenarios, zone
    _stores.clear()
    processes = processes_for(days)
    if processes < 2:
        yield lambda wanted: map(day, wanted)
        return
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=gc.freeze) as pool:
        try:
            yield lambda wanted: pool.map(day, wanted)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _day(wanted: tuple[int, int]) -> DayFigures:
    assert _zone is not None
    place, seed = wanted
    scenario = _scenarios[place]
    if place not in _stores:
        _stores[place] = imported(scenario)
    with without_warnings():
        run = rehearse_once(scenario, seed, memory_stores(_stores[place]), fidelity=_fidelity)
    try:
        return figures_of(run, _zone)
    finally:
        run.close()


def _day_beside(seed: int) -> list[DayFigures]:
    assert _zone is not None
    if _ALL not in _stores:
        _stores[_ALL] = imported_all(_scenarios)
    runs = SharedRehearsal(_scenarios, seed, memory_stores(_stores[_ALL])).live()
    try:
        return figures_beside(runs, _zone)
    finally:
        runs[0].close()
