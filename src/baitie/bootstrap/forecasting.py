"""Forecasts of a campaign: each variant over many seeds, shared out over processes."""

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import tzinfo

from baitie.adapters.store.memory_engine import MemoryEngine
from baitie.bootstrap.rehearsing import imported, memory_stores
from baitie.bootstrap.what_if import WhatIf
from baitie.rehearsal.forecast import DayFigures, Forecast, figures_of
from baitie.rehearsal.rehearse import rehearse_once
from baitie.rehearsal.scenario import Scenario

PROCESSES_MAX = 2
"""A forecast leaves the rest of the machine to whatever runs beside it."""

_scenarios: Sequence[Scenario] = ()  # of this process: a child inherits them, for a rule book cannot be sent
_zone: tzinfo | None = None
_stores: dict[int, MemoryEngine] = {}
"""By scenario: what each of its days begins with. Made in the process that uses it."""


def forecast(
    scenario: Scenario,
    seeds: Sequence[int],
    variants: Sequence[WhatIf],
    zone: tzinfo,
    on_day: Callable[[], None] = lambda: None,
) -> list[Forecast]:
    """The campaign as it is, then each variant, all over the same seeds. Raises `WhatIfError` before the first day."""
    scenarios = [scenario, *(variant.apply(scenario) for variant in variants)]
    wanted = [(place, seed) for place in range(len(scenarios)) for seed in seeds]
    found: dict[tuple[int, int], DayFigures] = {}
    with _workers(scenarios, zone, len(wanted)) as share_out:
        for key, day in zip(wanted, share_out(wanted), strict=True):
            found[key] = day
            on_day()
    names = ["", *(variant.name for variant in variants)]
    return [
        Forecast(name, each.civil_start, len(each.leads), tuple(found[place, seed] for seed in seeds))
        for place, (name, each) in enumerate(zip(names, scenarios, strict=True))
    ]


@contextmanager
def _workers(
    scenarios: Sequence[Scenario], zone: tzinfo, days: int
) -> Iterator[Callable[[Sequence[tuple[int, int]]], Iterator[DayFigures]]]:
    global _scenarios, _zone
    _scenarios, _zone = scenarios, zone
    _stores.clear()
    processes = min(PROCESSES_MAX, os.cpu_count() or 1, days)
    if processes < 2 or "fork" not in multiprocessing.get_all_start_methods():
        yield lambda wanted: map(_day, wanted)
        return
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=gc.freeze) as pool:
        try:
            yield lambda wanted: pool.map(_day, wanted)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _day(wanted: tuple[int, int]) -> DayFigures:
    assert _zone is not None
    place, seed = wanted
    scenario = _scenarios[place]
    if place not in _stores:
        _stores[place] = imported(scenario)
    run = rehearse_once(scenario, seed, memory_stores(_stores[place]))
    try:
        return figures_of(run, _zone)
    finally:
        run.close()
