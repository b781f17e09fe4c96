"""What the callee's page and the look-up of callers need of the store."""

from collections.abc import Sequence
from typing import Protocol

from baitie.app.records.callers import CallerFound
from baitie.app.records.card_file import CardFile
from baitie.app.records.page_cards import CampaignOverview
from baitie.domain.namecard.page_code import PageCode
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import AttemptRecord


class CallerStore(Protocol):
    """Caller store (来电溯源数据): what the look-up of callers needs of the store."""

    def callee_ids(self, numbers: Sequence[PhoneNumber]) -> dict[PhoneNumber, CalleeId]: ...
    def attempts_to(self, callee_id: CalleeId, count_max: int) -> Sequence[AttemptRecord]:
        """The newest attempts to a callee over all campaigns, the newest first; one indexed read."""
        ...

    def caller_of(self, attempt_id: AttemptId) -> CallerFound | None: ...
    def campaign_facts(self, campaign_id: CampaignId) -> CampaignOverview | None: ...


class PageStore(Protocol):
    """Page store (查验页数据): what the page reads."""

    def card_file(self, code: PageCode) -> CardFile | None:
        """The file of a code; None where there is no such code."""
        ...
