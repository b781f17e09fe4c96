"""What the parts of one run share, made before any of them."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol

from baitie.app.calling.persistence import BatchCommitter
from baitie.app.calling.progress import Progress
from baitie.app.campaign.campaign import Campaign
from baitie.app.ports.clock import Clock, Rng
from baitie.domain.consent.requests import CalleeRequest
from baitie.domain.dialing.leases import LeaseBook, ResourceKey
from baitie.domain.dialing.queue import LeadQueue
from baitie.kernel.ids import CalleeId
from baitie.kernel.records import CalleeRecord


class AsksScheduler(Protocol):
    """What parts of a run ask of its scheduler (请求调度)."""

    def request_run(self) -> None:
        """Something came free, came due or ended."""
        ...

    def request_permit(self) -> None:
        """An attempt waits for the trunk."""
        ...

    def leads_ready(self) -> int:
        """Leads that may become attempts now."""
        ...


@dataclass(frozen=True, slots=True)
class RunContext:
    """Context of a run (运行上下文). `queue` and `callees` are filled when the run starts.

    `callees` are those whose number is known to be theirs, `wishes` the requests to be called back that are being
    honoured, `in_flight` the calls to each callee, which all runs of a process share.
    """

    campaign: Campaign
    clock: Clock
    rng: Rng
    committer: BatchCommitter
    progress: Progress
    scheduler: AsksScheduler
    leases: LeaseBook
    in_flight: Counter[CalleeId]
    queue: LeadQueue = field(default_factory=LeadQueue)
    callees: dict[CalleeId, CalleeRecord] = field(default_factory=dict)
    wishes: dict[CalleeId, CalleeRequest] = field(default_factory=dict)

    @property
    def slots(self) -> ResourceKey:
        """What each call of the campaign holds while it lasts."""
        return ("slot", self.campaign.trunk.name)

    def channels_free(self) -> int:
        """How many calls more the trunk carries."""
        return self.leases.free(self.slots)
