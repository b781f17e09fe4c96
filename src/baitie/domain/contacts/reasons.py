"""Why a contact file, or a row of it, cannot be used. Codes only: the texts stand in `locale/contacts.*.toml`."""

from enum import StrEnum

from baitie.kernel.errors import InputError


class RejectReason(StrEnum):
    """Reason (无效原因) for which one row of a contact file was not accepted."""

    NUMBER_MISSING = "number-missing"
    NUMBER_INVALID = "number-invalid"
    NUMBER_TOO_SHORT = "number-too-short"
    NUMBER_TOO_LONG = "number-too-long"
    NUMBER_DIGITS_LOST = "number-digits-lost"
    NUMBER_HAS_LETTERS = "number-has-letters"
    NUMBER_MASKED = "number-masked"
    NUMBER_VIRTUAL = "number-virtual"
    EXTENSION_NOT_DIALLED = "extension-not-dialled"
    CALL_FORBIDDEN = "call-forbidden"
    NUMBER_RANGE = "number-range"
    SEVERAL_NUMBERS = "several-numbers"
    AREA_CODE_MISSING = "area-code-missing"
    COUNTRY_CODE_UNKNOWN = "country-code-unknown"
    VALUE_MISSING = "value-missing"
    PRIORITY_INVALID = "priority-invalid"
    PLACE_UNKNOWN = "place-unknown"
    SOURCE_MISSING = "source-missing"
    LEGAL_BASIS_MISSING = "legal-basis-missing"
    CELL_TOO_LONG = "cell-too-long"
    CONTROL_CHARACTER = "control-character"
    TEXT_DAMAGED = "text-damaged"
    ERROR_VALUE = "error-value"
    TOO_MANY_CELLS = "too-many-cells"


class FileFault(StrEnum):
    """Fault (文件错误) for which a whole contact file cannot be read."""

    EMPTY = "empty"
    NO_ROWS = "no-rows"
    TOO_LARGE = "too-large"
    TOO_MANY_ROWS = "too-many-rows"
    TOO_MANY_COLUMNS = "too-many-columns"
    ENCODING_UNKNOWN = "encoding-unknown"
    TEXT_GARBLED = "text-garbled"
    NOT_TEXT = "not-text"
    CSV_MALFORMED = "csv-malformed"
    JSON_MALFORMED = "json-malformed"
    JSON_NOT_OBJECTS = "json-not-objects"
    JSON_NESTED = "json-nested"
    XLSX_MALFORMED = "xlsx-malformed"
    XLSX_PROTECTED = "xlsx-protected"
    SHEETS_HIDDEN = "sheets-hidden"
    FORMAT_UNSUPPORTED = "format-unsupported"
    COLUMN_DOUBLED = "column-doubled"
    COLUMN_UNKNOWN = "column-unknown"
    NUMBER_COLUMN_MISSING = "number-column-missing"
    REGION_UNKNOWN = "region-unknown"


class ContactFileError(InputError):
    """This contact file cannot be read. Mend the named row and field, or save it again as CSV (UTF-8) or XLSX.

    `details` hold `fault` (a `FileFault`), `file`, and where known `row`, `field` and what was found there.
    """

    code = "contact-file-unreadable"

    def __init__(self, fault: FileFault, file: str, **place: str | int) -> None:
        self.fault = fault
        super().__init__(None, fault=fault.value, file=file, **place)
