"""What must hold on every rehearsed day, whatever goes wrong: watched while it happens, and counted at its end."""

from baitie.rehearsal.invariants.books import books_of
from baitie.rehearsal.invariants.promise import Invariant, Promise, Violation
from baitie.rehearsal.invariants.watching import Invariants

__all__ = ["Invariant", "Invariants", "Promise", "Violation", "books_of"]
