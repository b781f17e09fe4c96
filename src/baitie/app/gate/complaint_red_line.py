"""The red line of complaints: counts those of a campaign against its attempts, and says when it has to stop."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from baitie.app.campaign.campaign import Campaign
from baitie.app.ports.clock import Clock
from baitie.app.ports.run_store import RunStore
from baitie.domain.risk.permission import ShareCheck
from baitie.domain.risk.standing import Scope, ShareFact, ShareOf
from baitie.kernel.fast_replace import fast_replace
from baitie.kernel.ids import CampaignId

RED_LINE = "complaint-red-line"
"""Why a campaign was paused: more complaints than its rules bear."""


class CountsComplaints(Protocol):
    """The part of a store that counts complaints (投诉计数)."""

    def complaint_share(self, campaign_id: CampaignId, since: datetime) -> tuple[int, int]: ...


@dataclass(slots=True)
class RedLine:
    """Red line (投诉红线) of one campaign. `count` reads the store; the gate is told what was counted last."""

    campaign: Campaign
    store: RunStore
    clock: Clock
    shares: tuple[ShareFact, ...] = ()
    _placed_at_count: int = 0
    _told: tuple[int, tuple[ShareFact, ...]] | None = None  # with so many attempts since the count

    def count(self, placed: int = 0) -> None:
        """Count anew. `placed` is how many attempts this run has made so far."""
        self._placed_at_count, self._told = placed, None
        self.shares = complaint_shares(self.campaign, self.store, self.clock.civil_now())

    def now(self, placed: int) -> tuple[ShareFact, ...]:
        """The shares with the attempts since the last count in their denominators."""
        more, told = placed - self._placed_at_count, self._told
        if told is None or told[0] != more:
            shares = tuple([fast_replace(share, denominator=share.denominator + more) for share in self.shares])
            told = self._told = more, shares
        return told[1]

    def is_passed(self) -> bool:
        """Whether a blocking rule of this campaign says stop."""
        return any(check.is_passed_by(share) for check in _checks(self.campaign) for share in self.shares)


def complaint_shares(campaign: Campaign, store: CountsComplaints, civil_now: datetime) -> tuple[ShareFact, ...]:
    """Complaints ÷ attempts of a campaign, over each span of days that its rules ask about."""
    found = []
    for days in sorted({check.days for check in _checks(campaign)}):
        received, attempts = store.complaint_share(campaign.campaign_id, civil_now - timedelta(days=days))
        found.append(ShareFact(ShareOf.COMPLAINT, Scope.CAMPAIGN, days, received, attempts))
    return tuple(found)


def _checks(campaign: Campaign) -> list[ShareCheck]:
    rules = campaign.rules.ceilings(campaign.purpose)
    return [check for check in rules if check.of is ShareOf.COMPLAINT and check.per is Scope.CAMPAIGN]
