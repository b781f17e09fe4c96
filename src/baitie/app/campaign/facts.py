"""What a callee may be told of a campaign, from the campaign as it runs."""

from baitie.app.campaign.campaign import Campaign
from baitie.app.campaign.filing_plan import filed_card
from baitie.app.records.page_cards import CampaignOverview
from baitie.domain.namecard.template import NameCardTemplate


def campaign_facts(campaign: Campaign) -> CampaignOverview:
    """The facts of a campaign as it runs now."""
    plan = campaign.card
    template: NameCardTemplate | None = None if plan is None else plan.template
    return CampaignOverview(
        campaign_id=campaign.campaign_id,
        name=campaign.name,
        enterprise=campaign.enterprise,
        purpose=campaign.purpose,
        script_id=campaign.script.script_id,
        script_version=campaign.script.version,
        presented_numbers=tuple(shown.number.e164() for shown in campaign.presented_numbers),
        card_text=None if template is None else template.text,
        card_language=None if template is None else template.language,
        card_text_hash=None if template is None else filed_card(template).content_hash,
        card_channel=None if template is None else template.channel.value,
        page_address=None if plan is None else plan.page_address,
        slot_types={} if template is None else {spec.name: spec.type.value for spec in template.slots.values()},
        card_values={} if plan is None else dict(plan.values),
    )
