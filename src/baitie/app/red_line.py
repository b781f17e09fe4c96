"""The red line of complaints: counts those of a campaign against its attempts, and says when it has to stop."""

from dataclasses import dataclass, replace
from datetime import timedelta

from baitie.app.campaign import Campaign
from baitie.app.ports import Clock, Store
from baitie.domain.risk.permission import ShareCheck
from baitie.domain.risk.standing import Scope, ShareFact, ShareOf

RED_LINE = "complaint-red-line"
"""Why a campaign was paused: more complaints than its rules bear."""


@dataclass(slots=True)
class RedLine:
    """Red line (投诉红线) of one campaign. `count` reads the store; the gate is told what was counted last."""

    campaign: Campaign
    store: Store
    clock: Clock
    shares: tuple[ShareFact, ...] = ()
    _placed_at_count: int = 0

    def count(self, placed: int = 0) -> None:
        """Count anew. `placed` is how many attempts this run has made so far."""
        now, self._placed_at_count = self.clock.civil_now(), placed
        found = []
        for days in sorted({check.days for check in self._checks()}):
            received, attempts = self.store.complaint_share(self.campaign.campaign_id, now - timedelta(days=days))
            found.append(ShareFact(ShareOf.COMPLAINT, Scope.CAMPAIGN, days, received, attempts))
        self.shares = tuple(found)

    def now(self, placed: int) -> tuple[ShareFact, ...]:
        """The shares with the attempts since the last count in their denominators."""
        more = placed - self._placed_at_count
        return tuple([replace(share, denominator=share.denominator + more) for share in self.shares])

    def is_passed(self) -> bool:
        """Whether a blocking rule of this campaign says stop."""
        return any(check.is_passed_by(share) for check in self._checks() for share in self.shares)

    def _checks(self) -> list[ShareCheck]:
        rules = self.campaign.rules.ceilings(self.campaign.purpose)
        return [check for check in rules if check.of is ShareOf.COMPLAINT and check.per is Scope.CAMPAIGN]
