"""The same people at every fidelity: fast, wire, wire with audio, and the loopback carrier in real time.

Chance for the n-th call or message of a number is drawn from the seed, the number and n, so each callee can be compared
with the same callee. The test prints what differs, and how far the times lie apart (`pytest -rP` shows it).
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pytest
from tests.rehearsal.real_runs import ended, make_folder, start_run, store_of

from baitie.app.ports.run_store import RunStore
from baitie.bootstrap.folders import read_folder
from baitie.bootstrap.rehearsing import memory_stores, read_scenario
from baitie.bootstrap.wire_days import WireFidelity
from baitie.kernel.ids import CampaignId
from baitie.kernel.undefined import Undefined
from baitie.rehearsal.fidelity import Fidelity
from baitie.rehearsal.rehearse import FAST, rehearse_once

pytestmark = pytest.mark.xdist_group("loopback")

LEADS = 60
TIMES = ("ring_ms", "talk_ms", "card_receipt_ms")
REAL_TIME_DIFFERS_MAX = 3
"""Of the callees: a busy machine may answer so late that a card, a key or a retry falls beyond a bound."""

APART_MS_MAX = {"wire": 40.0, "audio": 60.0}
"""Median over all calls, from fast fidelity: a card goes two ways of 10 ms, audio goes in frames of 20 ms."""


class Met(NamedTuple):
    """What one attempt met, and its times in ms."""

    outcome: str
    card: str | None
    keys: tuple[tuple[str, str], ...]
    times: tuple[float | None, ...]


Day = dict[str, list[Met]]


def day_of(store: RunStore, campaign_id: CampaignId) -> Day:
    """Every attempt of every callee, by number."""
    state = store.campaign_state(campaign_id)
    assert state is not None
    numbers = {lead.lead_id: state.callees[lead.callee_id].number.e164() for lead in state.leads}
    found: Day = {number: [] for number in numbers.values()}
    for attempt in store.attempts(campaign_id):
        assert attempt.outcome is not None
        assert attempt.evidence is not None
        times = (attempt.evidence.ring_ms, attempt.evidence.talk_ms, attempt.card_receipt_ms)
        shown = tuple(None if isinstance(time_ms, Undefined) else time_ms for time_ms in times)
        keys = tuple(sorted((name, str(value)) for name, value in attempt.answers.items()))
        found[numbers[attempt.lead_id]].append(Met(attempt.outcome.value, attempt.card_outcome, keys, shown))
    return found


def different(day: Day, base: Day) -> list[str]:
    """The numbers of callees who met something else."""
    return [number for number in base if [met[:3] for met in day[number]] != [met[:3] for met in base[number]]]


def apart_ms(day: Day, base: Day) -> dict[str, float]:
    """Median distance of each time from that of the same attempt in the other day."""
    found: dict[str, list[float]] = {name: [] for name in TIMES}
    for number in base:
        for met, other in zip(day[number], base[number], strict=False):
            for name, here, there in zip(TIMES, met.times, other.times, strict=True):
                if here is not None and there is not None:
                    found[name].append(here - there)
    return {name: median(values) for name, values in found.items() if values}


def report(days: Mapping[str, Day]) -> Iterable[str]:
    """What differs from fast fidelity, callee by callee, and the times."""
    base = days["fast"]
    for name, day in days.items():
        apart = ", ".join(f"{each} {value:+.0f} ms" for each, value in apart_ms(day, base).items())
        yield f"{name}: {len(different(day, base))} of {len(base)} callees met something else; {apart}"
        for number in different(day, base):
            yield f"  {number[-4:]}: {[met[:3] for met in day[number]]}, fast {[met[:3] for met in base[number]]}"


def test_the_same_people_meet_the_same_at_every_fidelity_and_on_the_loopback_carrier(tmp_path: Path) -> None:
    path = make_folder(tmp_path / "c", LEADS)
    folder = read_folder(path, dict(os.environ))
    scenario, seed = read_scenario(folder), folder.settings.settings.loopback.seed
    campaign_id = scenario.campaign.campaign_id
    fidelities: dict[str, Fidelity] = {
        "fast": FAST,
        "wire": WireFidelity(folder.prompts),
        "audio": WireFidelity(folder.prompts, carries_audio=True),
    }
    days: dict[str, Day] = {}
    for name, fidelity in fidelities.items():
        run = rehearse_once(scenario, seed, memory_stores(), fidelity=fidelity)
        days[name] = day_of(run.store, campaign_id)
        run.close()
    with ended(start_run(path)) as program:
        assert program.wait() == 0, program.errors()
    with store_of(path) as store:
        days["loopback"] = day_of(store, campaign_id)
    said = list(report(days))
    print("\n".join(said))
    for name in ("wire", "audio"):
        assert not different(days[name], days["fast"]), said
        far = {
            each: value for each, value in apart_ms(days[name], days["fast"]).items() if abs(value) > APART_MS_MAX[name]
        }
        assert not far, said
    assert len(different(days["loopback"], days["fast"])) <= REAL_TIME_DIFFERS_MAX, said
    other = rehearse_once(scenario, seed + 1, memory_stores())
    assert len(different(day_of(other.store, campaign_id), days["fast"])) > LEADS / 4, "other people are noticed"
    other.close()
