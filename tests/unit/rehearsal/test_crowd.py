"""More simulated people than a contact list has: all different, and each like somebody of the list."""

from datetime import UTC, datetime

import pytest
from tests.rehearsal.world import callee, campaign, lead, profile, zones

from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.rehearsal.crowd import LEADS_MAX, CrowdError, with_leads
from baitie.rehearsal.scenario import Scenario

NOON = datetime(2026, 3, 3, 4, tzinfo=UTC)


def scenario(people: int) -> Scenario:
    entry = JournalEntry(JournalKind.CONTACTS_IMPORTED, NOON, campaign().campaign_id, facts={"rows": people})
    callees, leads = tuple(map(callee, range(people))), tuple(lead(n, segment=f"s{n}") for n in range(people))
    return Scenario(campaign(), callees, leads, entry, profile(), {}, zones, NOON)


def test_copies_have_numbers_and_ids_of_their_own_and_the_segments_of_the_list() -> None:
    found = with_leads(scenario(7), 500)
    assert len({each.number for each in found.callees}) == len({each.callee_id for each in found.callees}) == 500
    assert len({each.lead_id for each in found.leads}) == 500
    assert {each.segment for each in found.leads} == {f"s{n}" for n in range(7)}
    assert found.imported.facts["leads"] == 500
    assert len(found.segments()) == 500


def test_the_list_itself_goes_first_and_fewer_are_its_first() -> None:
    listed = scenario(7)
    assert with_leads(listed, 9).leads[:7] == listed.leads
    assert with_leads(listed, 3).leads == listed.leads[:3]
    assert len(with_leads(listed, 3).callees) == 3


@pytest.mark.parametrize("leads", [0, -1, LEADS_MAX + 1])
def test_crowd_that_cannot_be_made_is_refused(leads: int) -> None:
    with pytest.raises(CrowdError):
        with_leads(scenario(7), leads)
