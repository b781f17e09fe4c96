"""What a contact list becomes in the store: callees and leads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from baitie.app.ports.clock import Rng
from baitie.domain.contacts import Contact, ImportResult, Table
from baitie.kernel.ids import CalleeId, CampaignId, LeadId, time_ordered
from baitie.kernel.journal import JournalEntry, JournalKind, JsonValue
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import CalleeRecord, LeadRecord


@dataclass(frozen=True, slots=True)
class ContactList:
    """Contact list (名单) as read: the table and what the import made of it."""

    table: Table
    result: ImportResult


def import_records(
    campaign_id: CampaignId,
    contacts: ContactList,
    known: Mapping[PhoneNumber, CalleeId],
    rng: Rng,
    civil_now: datetime,
) -> tuple[list[CalleeRecord], list[LeadRecord], JournalEntry]:
    """What a list becomes in the store: the callees not `known` there yet, or known elsewhere than where the list says
    that they are; a lead for each accepted row; and the journal entry of the import."""
    unix_ms = int(civil_now.timestamp() * 1000)
    callees: list[CalleeRecord] = []
    leads: list[LeadRecord] = []
    for contact in contacts.result.accepted:
        callee_id = known.get(contact.number)
        if callee_id is None:
            callee_id = CalleeId(time_ordered("ca", unix_ms, rng.getrandbits))
            callees.append(_callee(callee_id, contact))
        elif contact.is_placed:  # the newest list knows best where somebody is
            callees.append(_callee(callee_id, contact))
        leads.append(lead_of(LeadId(time_ordered("le", unix_ms, rng.getrandbits)), campaign_id, callee_id, contact))
    facts: dict[str, JsonValue] = {
        "file": contacts.table.file_name,
        "rows": len(contacts.table.rows),
        "leads": len(leads),
        "rejected": len(contacts.result.rejected),
        "merged": len(contacts.result.merged),
    }
    entry = JournalEntry(JournalKind.CONTACTS_IMPORTED, civil_now, campaign_id, facts=facts)
    return callees, leads, entry


def _callee(callee_id: CalleeId, contact: Contact) -> CalleeRecord:
    return CalleeRecord(callee_id, contact.number, contact.number_class, contact.region, contact.zone_names)


def lead_of(lead_id: LeadId, campaign_id: CampaignId, callee_id: CalleeId, contact: Contact) -> LeadRecord:
    """The lead that a contact becomes in a campaign."""
    return LeadRecord(
        lead_id=lead_id,
        campaign_id=campaign_id,
        callee_id=callee_id,
        row=contact.row,
        name=contact.name,
        slots=contact.slots,
        source=contact.source,
        legal_basis=contact.legal_basis,
        segment=contact.segment,
        priority=contact.priority,
    )
