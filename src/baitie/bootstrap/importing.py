"""Brings a contact list into the store as leads of a campaign, once: all of it or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from baitie.app.ports import Rng, Store
from baitie.bootstrap.bounded_files import write_private
from baitie.bootstrap.campaign_files import CampaignFolder
from baitie.bootstrap.card_readiness import refuse_cardless
from baitie.bootstrap.catalogue import catalogue
from baitie.bootstrap.contact_files import ContactList, read_contacts
from baitie.bootstrap.samples import refuse_samples
from baitie.domain.contacts import Contact, RejectHeadings, RejectReason, RejectText, rejected_csv
from baitie.kernel.errors import InputError
from baitie.kernel.ids import CalleeId, LeadId, time_ordered
from baitie.kernel.journal import JournalEntry, JournalKind, JsonValue
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import CalleeRecord, LeadRecord

REJECTED_FILE = "rejected.csv"


class AllRejectedError(InputError):
    """No row of the contact list can be used; nothing was imported. See rejected.csv for why, mend the rows and run
    again."""

    code = "contacts-all-rejected"


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import brought (导入结果)."""

    leads: int
    rows: int
    rejected: int
    merged: int


def import_once(folder: CampaignFolder, store: Store, rng: Rng, civil_now: datetime, lang: str) -> Imported | None:
    """Import the contact list where the campaign has no leads yet; None where it has.

    Rejected rows go into `rejected.csv` beside the contact file. Raises `SettingsError`, `AllRejectedError` or
    `StoreError`.
    """
    campaign_id = folder.campaign.campaign_id
    if store.callees_of(campaign_id, 1):
        return None
    contacts = read_contacts(folder)
    accepted, result = contacts.result.accepted, contacts.result
    if not accepted:
        write_rejected(folder, contacts, lang)
        raise AllRejectedError(file=contacts.table.file_name, rows=len(contacts.table.rows))
    refuse_samples(folder, accepted)
    refuse_cardless(folder.campaign, accepted, lang)
    known = store.callee_ids([contact.number for contact in accepted])
    callees, leads, entry = import_records(folder, contacts, known, rng, civil_now)
    write_rejected(folder, contacts, lang)
    store.import_leads(campaign_id, callees, leads, entry)
    return Imported(len(leads), len(contacts.table.rows), len(result.rejected), len(result.merged))


def import_records(
    folder: CampaignFolder,
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
        leads.append(lead_of(LeadId(time_ordered("le", unix_ms, rng.getrandbits)), folder, callee_id, contact))
    facts: dict[str, JsonValue] = {
        "file": contacts.table.file_name,
        "rows": len(contacts.table.rows),
        "leads": len(leads),
        "rejected": len(contacts.result.rejected),
        "merged": len(contacts.result.merged),
    }
    entry = JournalEntry(JournalKind.CONTACTS_IMPORTED, civil_now, folder.campaign.campaign_id, facts=facts)
    return callees, leads, entry


def write_rejected(folder: CampaignFolder, contacts: ContactList, lang: str) -> None:
    """Write the rejected rows with reason and remedy beside the contact file; no file where there are none."""
    target = folder.settings.settings.contacts.file.with_name(REJECTED_FILE)
    if not contacts.result.rejected:
        target.unlink(missing_ok=True)
        return
    texts = catalogue("contacts", lang)
    by_reason = {
        reason: RejectText(texts.text(f"reject.{reason.value}.text"), texts.text(f"reject.{reason.value}.remedy"))
        for reason in RejectReason
    }
    headings = RejectHeadings(*(texts.text(f"headings.{name}") for name in ("row", "field", "reason", "remedy")))
    text = rejected_csv(contacts.table, contacts.result.rejected, by_reason, headings)
    write_private(target, text)


def _callee(callee_id: CalleeId, contact: Contact) -> CalleeRecord:
    return CalleeRecord(callee_id, contact.number, contact.number_class, contact.region, contact.zone_names)


def lead_of(lead_id: LeadId, folder: CampaignFolder, callee_id: CalleeId, contact: Contact) -> LeadRecord:
    """The lead that a contact becomes in the campaign of a folder."""
    return LeadRecord(
        lead_id=lead_id,
        campaign_id=folder.campaign.campaign_id,
        callee_id=callee_id,
        row=contact.row,
        name=contact.name,
        slots=contact.slots,
        source=contact.source,
        legal_basis=contact.legal_basis,
        segment=contact.segment,
        priority=contact.priority,
    )
