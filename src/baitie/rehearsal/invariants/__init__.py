"""What must hold on every rehearsed day, whatever goes wrong: watched while it happens, and counted at its end."""

from baitie.rehearsal.invariants.final_checks import books_of
from baitie.rehearsal.invariants.limits import Invariant, Promise, Violation
from baitie.rehearsal.invariants.online_checks import Invariants

__all__ = ["Invariant", "Invariants", "Promise", "Violation", "books_of"]
