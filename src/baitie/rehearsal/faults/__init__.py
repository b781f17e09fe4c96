"""Faults of a rehearsed day: a plan language, and what carries a plan out on gateways, store and clock."""

from baitie.rehearsal.faults.fault_injector import FaultInjector
from baitie.rehearsal.faults.plan import FaultPlan, FaultPlanError, parse_fault_plan

__all__ = ["FaultInjector", "FaultPlan", "FaultPlanError", "parse_fault_plan"]
