"""Leads for whom this hour is good go first; the others are called all the same, and nobody waits for advice."""

from datetime import UTC, datetime

from tests.fakes.store import MemoryStore
from tests.rehearsal.world import CAMPAIGN_ID, World, campaign, lead
from tests.rehearsal.world import callee as person

from baitie.kernel.ids import LeadId
from baitie.kernel.journal import JournalEntry, JournalKind

HALF_PAST_NINE = datetime(2026, 3, 3, 1, 30, tzinfo=UTC)  # in Shanghai; freelancers are better called from ten on
COUNT = 24


def called_first(segments: list[str]) -> list[str]:
    store = MemoryStore()
    leads = [lead(n, segment=segment) for n, segment in enumerate(segments)]
    entry = JournalEntry(JournalKind.CONTACTS_IMPORTED, HALF_PAST_NINE, CAMPAIGN_ID)
    store.import_leads(CAMPAIGN_ID, [person(n) for n in range(len(segments))], leads, entry)
    World(store, campaign(), civil_start=HALF_PAST_NINE).run()
    planned = [LeadId(entry.lead_id or "") for _, entry in store.journal() if entry.kind is JournalKind.ATTEMPT_PLANNED]
    by_lead = {each.lead_id: each.segment for each in leads}
    return [by_lead[lead_id] for lead_id in dict.fromkeys(planned)]


def test_those_for_whom_the_hour_is_good_go_first() -> None:
    order = called_first(["freelance", ""] * (COUNT // 2))
    assert len(order) == COUNT
    assert "freelance" not in order[: COUNT // 2]


def test_where_the_hour_is_good_for_nobody_all_are_called_in_their_order() -> None:
    assert called_first(["freelance"] * COUNT) == ["freelance"] * COUNT
