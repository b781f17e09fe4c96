"""From settings to the ways that a card takes, and to what the calls of a campaign state."""

from typing import TYPE_CHECKING

from baitie.app.campaign.campaign import CardPlan, CardRoute
from baitie.app.campaign.rich_call import RichCallPlan, plan_rich_call, reason_fault
from baitie.domain.namecard import CardChannel
from baitie.domain.namecard.dimensions import disclosure_max
from baitie.files.bounded_files import read_within
from baitie.files.campaign_settings import CAMPAIGN_FILE, CampaignSettings
from baitie.files.channel_settings import PassportSettings
from baitie.files.organisation_settings import ORGANISATION_FILE, OrganisationSettings, TrunkSettings
from baitie.files.problems import Problem, SettingsError
from baitie.files.rule_files import read_card_words
from baitie.wire.passport import PassportArgumentError, PassportError, RichCallData
from baitie.wire.passport.integrity import CONTENT_OCTETS_MAX

if TYPE_CHECKING:  # httpx takes a tenth of a second to import, and only campaigns over vendors need it
    pass


OWN_CHANNELS = tuple(channel.value for channel in CardChannel)


def card_routes(settings: CampaignSettings, organisation: OrganisationSettings) -> tuple[CardRoute, ...]:
    """The ways that a campaign names, in their order. Raises `SettingsError` for one that is not described."""
    sender, routes = organisation.message_centre.sender_address, []
    for name in settings.card.channels:
        vendor = organisation.vendors.get(name)
        if name in OWN_CHANNELS:
            routes.append(CardRoute(name, sender, is_flash=name == CardChannel.FLASH.value))
        elif vendor is not None:
            routes.append(CardRoute(name, vendor.sender or sender, vendor.kind == "flash", vendor=name))
        else:
            known = ", ".join((*OWN_CHANNELS, *organisation.vendors))
            details = {"value": name, "known": known}
            raise SettingsError([Problem(CAMPAIGN_FILE, "card.channels", "channel-unknown", None, details)])
    return tuple(dict.fromkeys(routes))


def rich_call_of(settings: CampaignSettings, organisation: OrganisationSettings, card: CardPlan) -> RichCallPlan | None:
    """What the calls of a campaign state; None where they state nothing. Raises `SettingsError`."""
    rich, passport = settings.rich_call, organisation.passport
    if not rich.is_on:
        return None
    if passport.certificate_url is None:
        raise SettingsError([Problem(ORGANISATION_FILE, "passport.certificate_url", "certificate-needed")])
    if organisation.carrier.kind == "trunks" and _trunk_in_use(settings, organisation).transport == "udp":
        raise SettingsError([Problem(CAMPAIGN_FILE, "rich_call.is_on", "rich-call-over-udp")])
    template = card.template
    most = disclosure_max(template.purpose, template.industry)
    fault = reason_fault(rich.call_reason, template.purpose, most, read_card_words())
    if fault is not None:
        details = {"value": rich.call_reason, "purpose": template.purpose.value}
        raise SettingsError([Problem(CAMPAIGN_FILE, "rich_call.call_reason", fault.value, None, details)])
    rcd = RichCallData(organisation.enterprise.name, icn=passport.logo_url, jcl=passport.card_url)
    try:
        return plan_rich_call(rcd, rich.call_reason, _contents(passport))
    except (PassportArgumentError, PassportError) as error:
        details = {"reason": str(error)}
        raise SettingsError([Problem(ORGANISATION_FILE, "passport", "rich-call-invalid", None, details)]) from error


def _trunk_in_use(settings: CampaignSettings, organisation: OrganisationSettings) -> TrunkSettings:
    """The trunk of a campaign; where the one that it names is not described, any: that is said elsewhere."""
    any_of_them = next(iter(organisation.trunks.values()))
    return organisation.trunks.get(settings.campaign.trunk or "", any_of_them)


def _contents(passport: PassportSettings) -> dict[str, bytes]:
    """What the addresses of picture and card give: the files beside them."""
    contents = {}
    pairs = ((passport.logo_url, passport.logo_file, "logo_file"), (passport.card_url, passport.card_file, "card_file"))
    for url, file, name in pairs:
        if url is None or file is None:
            continue
        try:
            contents[url] = read_within(file, CONTENT_OCTETS_MAX)
        except OSError as error:
            details = {"path": str(file), "reason": error.strerror or "?"}
            raise SettingsError([Problem(file.name, f"passport.{name}", "file-missing", None, details)]) from error
    return contents
