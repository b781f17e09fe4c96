"""Facts about one number outside a run: what `why` and `check` ask the gate with."""

from collections.abc import Sequence
from datetime import datetime

from baitie.app.campaign import Campaign
from baitie.app.official import OfficialFacts
from baitie.app.records import CalleeStanding
from baitie.app.registered import with_registered
from baitie.bootstrap.zones import zones
from baitie.domain.risk.facts import CallFacts
from baitie.domain.risk.history import CalleeHistory
from baitie.domain.risk.standing import ShareFact
from baitie.kernel.ids import CalleeId
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.purpose import NumberClass

NOBODY_YET = CalleeId("unknown")
"""Stands for callees that the store does not know."""

NO_STANDING = CalleeStanding(CalleeHistory())


def facts_about(
    campaign: Campaign,
    number: PhoneNumber,
    number_class: NumberClass,
    region: str | None,
    zone_names: tuple[str, ...],
    civil_now: datetime,
    standing: CalleeStanding = NO_STANDING,
    shares: Sequence[ShareFact] = (),
    official: OfficialFacts | None = None,
) -> CallFacts:
    """What the gate is told of a number that no attempt is in progress to."""
    facts = CallFacts(
        callee_id=NOBODY_YET,
        number_class=number_class,
        region=region,
        zones=zones(zone_names),
        purpose=campaign.purpose,
        civil_now=civil_now,
        is_on_allow_list=None if campaign.allow_list is None else number in campaign.allow_list,
        campaign_windows=campaign.windows,
        campaign_id=campaign.campaign_id,
        presented=campaign.presented_if_single,
        callee_role=campaign.callee_role,
        line_classes=campaign.line_classes,
        language=campaign.language,
        trade=campaign.trade,
        content=campaign.content,
    )
    facts = with_registered(facts, standing, shares)
    return facts if official is None else official.added_to(facts, number)
