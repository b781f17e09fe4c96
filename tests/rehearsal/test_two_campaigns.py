"""Two campaigns of one organisation that have the same people on their lists, run at the same time on one store."""

import asyncio
import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from tests.fakes.store import MemoryStore
from tests.rehearsal.world import CAMPAIGN_ID, TEN_IN_SHANGHAI, campaign, fill, lead, profile, zones

from baitie.app.calling.campaign_run import CampaignRun, Ports
from baitie.kernel.ids import CalleeId, CampaignId, LeadId
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.records import AttemptRecord
from baitie.rehearsal.fast.calls import SimulatedCalls
from baitie.rehearsal.fast.messages import SimulatedMessages
from baitie.rehearsal.population import Population
from baitie.rehearsal.virtual_clock import VirtualClock
from baitie.rehearsal.virtual_time import run_virtually

OTHER_ID = CampaignId("cp_other")
CALLEES = 40


def run_both(store: MemoryStore, seed: int) -> None:
    """Both from the same instant, as one process does it."""

    async def main() -> None:
        clock = VirtualClock(asyncio.get_running_loop(), TEN_IN_SHANGHAI)
        population = Population(profile(), seed)
        in_flight: Counter[CalleeId] = Counter()
        runs = []
        for place, campaign_id in enumerate((CAMPAIGN_ID, OTHER_ID)):
            calls = SimulatedCalls(clock, population, lambda prompt: 2.0, lambda number: 10)
            messages = SimulatedMessages(clock, population)
            rng = random.Random(seed + place)
            ports = Ports(clock, rng, store, calls, messages, zones, in_flight=in_flight)
            runs.append(CampaignRun(campaign(campaign_id=campaign_id, idle_wait_max_s=30 * 3600), ports))
        await asyncio.gather(*[run.run() for run in runs])
        assert not in_flight

    run_virtually(main())


def lists(store: MemoryStore) -> None:
    fill(store, CALLEES)
    leads = [replace(lead(n), campaign_id=OTHER_ID, lead_id=LeadId(f"lo_{n:05d}")) for n in range(CALLEES)]
    store.import_leads(OTHER_ID, [], leads, JournalEntry(JournalKind.CONTACTS_IMPORTED, TEN_IN_SHANGHAI, OTHER_ID))


@pytest.mark.parametrize("seed", [1, 2])
def test_nobody_is_called_by_both_at_once_and_caps_hold_over_both(seed: int) -> None:
    store = MemoryStore()
    lists(store)
    run_both(store, seed)
    by_callee: dict[CalleeId, list[AttemptRecord]] = {}
    for attempt in (*store.attempts(CAMPAIGN_ID), *store.attempts(OTHER_ID)):
        by_callee.setdefault(attempt.callee_id, []).append(attempt)
    assert len(by_callee) == CALLEES
    called_by_both = [mine for mine in by_callee.values() if len({attempt.campaign_id for attempt in mine}) == 2]
    assert called_by_both
    for mine in by_callee.values():
        mine.sort(key=lambda attempt: attempt.planned_at)
        for earlier, later in pairwise(mine):
            assert earlier.ended_at is not None
            assert earlier.ended_at <= later.planned_at
        days = Counter((a.rang_at + timedelta(hours=8)).date() for a in mine if a.rang_at is not None)
        assert max(days.values(), default=0) <= 2
