"""People who reach us before we know them: kept where they have said something that must hold later."""

from datetime import datetime

from baitie.app.ports.clock import Rng
from baitie.app.ports.run_store import RunStore
from baitie.domain.contacts import RejectReason, read_number
from baitie.kernel.ids import CalleeId, CampaignId, time_ordered
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import CalleeRecord


def find_or_create_callee(
    store: RunStore, rng: Rng, number: PhoneNumber, civil_now: datetime, source: CampaignId
) -> CalleeId | None:
    """The callee of this number, entered under `source` where nobody knows it yet; None where it is no number."""
    known = store.callee_ids([number]).get(number)
    if known is not None:
        return known
    reading = read_number(number.e164(), "CN")  # with its country code the region does not matter
    if isinstance(reading, RejectReason):
        return None
    callee_id = CalleeId(time_ordered("ca", int(civil_now.timestamp() * 1000), rng.getrandbits))
    callee = CalleeRecord(callee_id, reading.number, reading.number_class, reading.region, reading.zone_names)
    entry = JournalEntry(JournalKind.CONTACTS_IMPORTED, civil_now, source, facts={"leads": 0})
    store.import_leads(source, [callee], [], entry)
    return callee_id
