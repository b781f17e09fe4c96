"""Complaints: tickets with a due date, from receipt to closing; and numbers that they put out of use."""

from baitie.domain.complaints.suspension import NumberSuspension, SuspensionObjection, objection_to_resuming
from baitie.domain.complaints.ticket import Complaint, ComplaintSource, ComplaintState

__all__ = [
    "Complaint",
    "ComplaintSource",
    "ComplaintState",
    "NumberSuspension",
    "SuspensionObjection",
    "objection_to_resuming",
]
