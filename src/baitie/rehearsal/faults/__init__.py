"""Faults of a rehearsed day: a plan language, and what carries a plan out on gateways, store and clock."""

from baitie.rehearsal.faults.meddler import Meddler
from baitie.rehearsal.faults.plan import FaultPlan, FaultPlanError, parse_fault_plan

__all__ = ["FaultPlan", "FaultPlanError", "Meddler", "parse_fault_plan"]
