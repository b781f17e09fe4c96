"""What the register of filings says of the enterprise's sign and of a card's template."""

from datetime import datetime

from baitie.app.campaign.filing_plan import FilingPlan
from baitie.app.page.callee_page import BrandAsked, BrandState
from baitie.app.records.page_cards import CampaignOverview
from baitie.domain.filing import Filing, FilingState, SubjectKind


def brand_asked(filings: FilingPlan | None, sign: str) -> BrandAsked:
    """What the register says of the enterprise's sign and of a card's template: the worse of the two. `filings` is None
    where no register is kept."""

    def asked(campaign: CampaignOverview, at: datetime) -> BrandState:
        if filings is None:
            return BrandState.NOT_KEPT
        register, carrier = filings.book.read(), filings.carrier
        brand = [each for each in register.by_name.get((SubjectKind.BRAND, sign), ()) if each.carrier == carrier]
        card = [each for each in register.by_hash.get(campaign.card_text_hash or "", ()) if each.carrier == carrier]
        return max((_state_of(brand, at), _state_of(card, at)), key=_WORSE.index)

    return asked


_WORSE = [BrandState.APPROVED, BrandState.NOT_FILED, BrandState.EXPIRED, BrandState.REVOKED]


_STATES = {
    FilingState.APPROVED: BrandState.APPROVED,
    FilingState.EXPIRED: BrandState.EXPIRED,
    FilingState.REVOKED: BrandState.REVOKED,
}


def _state_of(filings: list[Filing], at: datetime) -> BrandState:
    """An approval that holds counts; else what became of the latest."""
    states = [_STATES.get(each.state_at(at), BrandState.NOT_FILED) for each in filings]
    return BrandState.APPROVED if BrandState.APPROVED in states else states[-1] if states else BrandState.NOT_FILED
