"""Filing (报备): what was declared to carriers, by whom, with what answer, and whether something may be sent."""

from baitie.domain.filing.lines import FilingRegisterError, RegisterFile, event_line, read_register_untrusted
from baitie.domain.filing.register import (
    Filing,
    FilingEvent,
    FilingRefusal,
    FilingRefusalCode,
    FilingRegister,
    filing_id_for,
    fold,
    refusal_of,
    with_event,
)
from baitie.domain.filing.sheet import CarrierAnswer, FilingSheetError, read_answers, sheet_rows
from baitie.domain.filing.states import TRANSITIONS, FilingAct, FilingState
from baitie.domain.filing.subjects import (
    FiledDocument,
    FiledSubject,
    RealNameTier,
    SubjectKind,
    brand,
    presented_number,
    script,
    template,
)
from baitie.domain.filing.verdict import FilingReason, FilingVerdict, Sending, may_send

__all__ = [
    "TRANSITIONS",
    "CarrierAnswer",
    "FiledDocument",
    "FiledSubject",
    "Filing",
    "FilingAct",
    "FilingEvent",
    "FilingReason",
    "FilingRefusal",
    "FilingRefusalCode",
    "FilingRegister",
    "FilingRegisterError",
    "FilingSheetError",
    "FilingState",
    "FilingVerdict",
    "RealNameTier",
    "RegisterFile",
    "Sending",
    "SubjectKind",
    "brand",
    "event_line",
    "filing_id_for",
    "fold",
    "may_send",
    "presented_number",
    "read_answers",
    "read_register_untrusted",
    "refusal_of",
    "script",
    "sheet_rows",
    "template",
    "with_event",
]
