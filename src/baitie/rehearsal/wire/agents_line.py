"""The line on which simulated agents talk to callees behind the simulated carrier."""

from dataclasses import dataclass

from baitie.kernel.ids import AttemptId
from baitie.rehearsal.loopback.carrier import LoopbackCarrier
from baitie.rehearsal.people import MACHINES


@dataclass(frozen=True, slots=True)
class CarrierLine:
    """Line (线路) of agents through the carrier. Their voices are not simulated; who ends the call, and when, is."""

    carrier: LoopbackCarrier
    is_callee_simulated_here: bool = True

    def join(self, attempt_id: AttemptId) -> bool:
        """An agent is on the line. False where the call has ended."""
        handset = self.carrier.handset_of(attempt_id)
        if handset is None or not handset.is_answered:
            return False
        handset.join()
        return True

    def hear(self, attempt_id: str) -> None:
        """Something is played to the callee."""
        handset = self.carrier.handset_of(attempt_id)
        if handset is not None:
            handset.hear()

    def end_by_callee(self, attempt_id: AttemptId) -> None:
        """The callee hangs up."""
        handset = self.carrier.handset_of(attempt_id)
        if handset is not None:
            handset.hang_up()

    def is_machine(self, attempt_id: AttemptId) -> bool:
        """Whether a mailbox answered."""
        handset = self.carrier.handset_of(attempt_id)
        return handset is not None and handset.plan.reaction in MACHINES
