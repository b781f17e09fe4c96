"""Contact lists (名单): from the bytes of a file to contacts in E.164, or a reason per rejected row."""

from baitie.domain.contacts.columns import ColumnMapping
from baitie.domain.contacts.importing import Contact, ImportResult, MergedRow, RejectedRow, import_contacts
from baitie.domain.contacts.numbers import NumberReading, read_number, read_numbers
from baitie.domain.contacts.reasons import ContactFileError, FileFault, RejectReason
from baitie.domain.contacts.rejected_file import RejectHeadings, RejectText, rejected_csv
from baitie.domain.contacts.table import Table, TableRow, read_table_untrusted
from baitie.domain.contacts.writing import written_for

__all__ = [
    "ColumnMapping",
    "Contact",
    "ContactFileError",
    "FileFault",
    "ImportResult",
    "MergedRow",
    "NumberReading",
    "RejectHeadings",
    "RejectReason",
    "RejectText",
    "RejectedRow",
    "Table",
    "TableRow",
    "import_contacts",
    "read_number",
    "read_numbers",
    "read_table_untrusted",
    "rejected_csv",
    "written_for",
]
