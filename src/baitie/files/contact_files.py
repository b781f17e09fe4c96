"""The contact list of a campaign, read and judged row by row."""

from typing import TYPE_CHECKING

from baitie.app.calling.contact_import import ContactList
from baitie.domain.contacts import ContactFileError, import_contacts, read_table_untrusted
from baitie.domain.contacts.bounds import FILE_BYTES_MAX
from baitie.domain.contacts.headings import heading_test
from baitie.files.bounded_files import read_within
from baitie.files.campaign_settings import ContactSettings
from baitie.files.problems import Problem, SettingsError
from baitie.files.zones import is_zone

if TYPE_CHECKING:
    pass

CHINESE_REGIONS = ("CN",)
"""Where a list that is not UTF-8 is probably GB18030; elsewhere the campaign says its encoding."""


def read_list(contacts: ContactSettings, region: str) -> ContactList:
    """A contact list as its settings say. Raises `SettingsError`."""
    try:
        octets = read_within(contacts.file, FILE_BYTES_MAX)
        may_be_chinese = region in CHINESE_REGIONS
        mapping = contacts.columns.mapping()
        table = read_table_untrusted(
            octets,
            contacts.file.name,
            contacts.encoding,
            may_be_chinese=may_be_chinese,
            is_heading=heading_test(mapping.number),
        )
        result = import_contacts(table, mapping, region, contacts.source, contacts.legal_basis, is_zone)
    except FileNotFoundError:
        raise SettingsError(
            [Problem(contacts.file.name, "", "file-missing", None, {"path": str(contacts.file)})]
        ) from None
    except OSError as error:
        details = {"reason": error.strerror or "?"}
        raise SettingsError([Problem(contacts.file.name, "", "file-unreadable", None, details)]) from error
    except ContactFileError as error:
        details = {key: value for key, value in error.details.items() if key not in ("fault", "file", "field", "row")}
        place, row = str(error.details.get("field", "")), error.details.get("row")
        line = row if isinstance(row, int) else None
        code = f"contacts:file.{error.fault.value}"
        raise SettingsError([Problem(contacts.file.name, place, code, line, details)]) from error
    return ContactList(table, result)
