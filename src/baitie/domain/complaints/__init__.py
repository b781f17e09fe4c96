"""Complaints: tickets with a due date, from receipt to closing."""

from baitie.domain.complaints.ticket import Complaint, ComplaintSource, ComplaintState

__all__ = ["Complaint", "ComplaintSource", "ComplaintState"]
