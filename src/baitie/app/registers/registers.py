"""The registers (登记台账) as everybody reaches them: the page, the commands, and whatever comes beside them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from baitie.app.ports.clock import Rng
from baitie.app.ports.register_store import RegisterStore
from baitie.app.records.standing import CalleeStanding
from baitie.app.registers.book import RegisterBook
from baitie.app.registers.complaints import Complaints
from baitie.app.registers.consents import Consents
from baitie.app.registers.freezes import Freezes
from baitie.app.registers.policy import RegisterPolicy
from baitie.app.registers.preferences import Preferences
from baitie.app.registers.presented_numbers import PresentedNumbers
from baitie.app.registers.qualifications import Qualifications
from baitie.app.registers.refusals import Refusals
from baitie.app.registers.registries import Registries
from baitie.app.registers.requests import CalleeRequests
from baitie.app.registers.review_queue import ReviewQueue
from baitie.kernel.records import CalleeRecord

OPERATOR = "operator"
"""Who acts where nobody is named."""


@dataclass(frozen=True, slots=True)
class RegisteredCallee:
    """A callee and what is registered of them (登记情况)."""

    callee: CalleeRecord
    standing: CalleeStanding


class Registers(RegisterBook):
    """Registers (登记台账), each by its noun, and one way to keep an act: with its journal entry, durable on return.

    `acting` gives them for another person. Nothing in them is remembered between two acts.
    """

    def __init__(
        self,
        store: RegisterStore,
        clock: Callable[[], datetime],
        rng: Rng,
        policy: RegisterPolicy,
        actor: str = OPERATOR,
    ) -> None:
        super().__init__(store, clock, rng, policy, actor)
        self.refusals = Refusals(self)
        self.consents = Consents(self)
        self.preferences = Preferences(self)
        self.freezes = Freezes(self)
        self.complaints = Complaints(self)
        self.reviews = ReviewQueue(self)
        self.registries = Registries(self)
        self.qualifications = Qualifications(self)
        self.numbers = PresentedNumbers(self)
        self.requests = CalleeRequests(self)

    def acting(self, actor: str, at: datetime) -> "Registers":
        """The registers for this person, at this civil time."""
        return Registers(self.store, lambda: at, self.rng, self.policy, actor)

    def everybody(self) -> list[RegisteredCallee]:
        """Everybody of whom something is registered."""
        return [
            RegisteredCallee(callee, self.store.standing(callee.callee_id)) for callee in self.store.barred_callees()
        ]
