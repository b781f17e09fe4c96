"""More or fewer simulated people than a campaign's contact list has."""

from collections.abc import Iterator
from dataclasses import replace

from baitie.kernel.errors import InputError
from baitie.kernel.ids import CalleeId, LeadId
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import CalleeRecord, LeadRecord
from baitie.rehearsal.scenario import Scenario

LEADS_MAX = 100_000
SUBSCRIBER_DIGITS = 6
"""So many last digits of a number tell one copy from the next; what stands before keeps its region."""

NUMBER_LENGTH_MIN = 10
"""Numbers shorter than this, plus sign included, are services that are not copied."""


class CrowdError(InputError):
    """So many simulated people cannot be made of this contact list. Ask for fewer, or take a list with more regions."""

    code = "crowd-impossible"


def with_leads(scenario: Scenario, leads: int) -> Scenario:
    """The scenario with so many leads: the first of its list, or the list over and over under further numbers.

    A copy has the segment, slots and region of its original and a number and a fate of its own. Raises `CrowdError`.
    """
    if not 1 <= leads <= LEADS_MAX:
        raise CrowdError(leads=leads, most=LEADS_MAX)
    callees = {callee.callee_id: callee for callee in scenario.callees}
    pairs = [(callees[lead.callee_id], lead) for lead in scenario.leads[:leads]]
    pairs += list(_copies(scenario, callees, leads - len(pairs)))
    people = {callee.callee_id: callee for callee, _ in pairs}
    facts = {**scenario.imported.facts, "rows": leads, "leads": leads}
    return replace(
        scenario,
        callees=tuple(people.values()),
        leads=tuple(lead for _, lead in pairs),
        imported=replace(scenario.imported, facts=facts),
    )


def _copies(
    scenario: Scenario, callees: dict[CalleeId, CalleeRecord], wanted: int
) -> Iterator[tuple[CalleeRecord, LeadRecord]]:
    taken = {callee.number.e164() for callee in scenario.callees}
    row_last = max(lead.row for lead in scenario.leads)
    originals = [lead for lead in scenario.leads if len(callees[lead.callee_id].number.e164()) >= NUMBER_LENGTH_MIN]
    made = 0
    for serial in range(10**SUBSCRIBER_DIGITS if originals else 0):
        if made >= wanted:
            return
        original = originals[made % len(originals)]
        callee = callees[original.callee_id]
        number = f"{callee.number.e164()[:-SUBSCRIBER_DIGITS]}{serial:0{SUBSCRIBER_DIGITS}d}"
        if number in taken:
            continue
        made += 1
        callee_id, lead_id = CalleeId(f"ca_copy_{made:06d}"), LeadId(f"le_copy_{made:06d}")
        copy = replace(callee, callee_id=callee_id, number=PhoneNumber(number))
        yield copy, replace(original, lead_id=lead_id, callee_id=callee_id, row=row_last + made)
    if made < wanted:
        raise CrowdError(leads=wanted + len(scenario.leads))
