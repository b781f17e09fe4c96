"""Brings a contact list into the store as leads of a campaign, once: all of it or nothing."""

from dataclasses import dataclass
from datetime import datetime

from baitie.app.calling.contact_import import ContactList, import_records
from baitie.app.ports.clock import Rng
from baitie.app.ports.run_store import RunStore
from baitie.domain.contacts import RejectHeadings, RejectReason, RejectText, rejected_csv
from baitie.files.bounded_files import write_private
from baitie.files.campaign_folder import CampaignFolder, read_contacts
from baitie.files.card_readiness import refuse_cardless
from baitie.files.samples import refuse_samples
from baitie.kernel.errors import InputError
from baitie.locale.catalogue import catalogue

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


def import_once(folder: CampaignFolder, store: RunStore, rng: Rng, civil_now: datetime, lang: str) -> Imported | None:
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
    callees, leads, entry = import_records(folder.campaign.campaign_id, contacts, known, rng, civil_now)
    write_rejected(folder, contacts, lang)
    store.import_leads(campaign_id, callees, leads, entry)
    return Imported(len(leads), len(contacts.table.rows), len(result.rejected), len(result.merged))


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
