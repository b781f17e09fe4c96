"""From settings to a card's channels: which ways it takes, the gateways behind them, the key that signs it."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from baitie.adapters.signing.es256 import open_signer
from baitie.adapters.smpp.gateway import Endpoint, SmppGateway
from baitie.app.campaign import CardPlan, CardRoute
from baitie.app.card_proof import CardSigning
from baitie.app.message_router import MessageRouter
from baitie.app.ports import Clock, MessageGateway
from baitie.app.rich_call import RichCallPlan, plan_rich_call, reason_fault
from baitie.bootstrap.bounded_files import read_within
from baitie.bootstrap.campaign_settings import CAMPAIGN_FILE, CampaignSettings
from baitie.bootstrap.channel_settings import PassportSettings, VendorSettings
from baitie.bootstrap.loopback_vendor import VENDOR_KEY
from baitie.bootstrap.problems import Problem, SettingsError
from baitie.bootstrap.rule_files import read_card_words
from baitie.bootstrap.settings import ORGANISATION_FILE, OrganisationSettings, TrunkSettings, secret_of
from baitie.domain.namecard import CardChannel
from baitie.domain.namecard.dimensions import disclosure_max
from baitie.wire.passport import PassportArgumentError, PassportError, RichCallData
from baitie.wire.passport.integrity import CONTENT_OCTETS_MAX
from baitie.wire.smpp.settings import ClientSettings
from baitie.wire.vendor import VendorDialect

if TYPE_CHECKING:  # httpx takes a tenth of a second to import, and only campaigns over vendors need it
    from baitie.adapters.vendor_http.gateway import VendorAccount, VendorGateway

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


def card_signing(organisation: OrganisationSettings) -> CardSigning:
    """What cards and calls are signed with; the key is made at first use. Raises `PassportKeyError`."""
    passport = organisation.passport
    signer = open_signer(key_file_of(organisation), may_make=passport.key_file is None)
    return CardSigning(signer, passport.certificate_url or "", organisation.enterprise.name)


def key_file_of(organisation: OrganisationSettings) -> Path:
    """Where the key lies: as set, else beside the store's key, `baitie.key` and `baitie.passport.key`."""
    beside = organisation.store.key_file
    return organisation.passport.key_file or beside.with_name(f"{beside.stem}.passport{beside.suffix}")


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


async def open_messages(
    stack: AsyncExitStack,
    routes: tuple[CardRoute, ...],
    vendors: Mapping[str, VendorSettings],
    centre: tuple[Endpoint, ClientSettings],
    clock: Clock,
    loopback_vendor_port: int | None,
) -> MessageGateway:
    """The gateways of these ways behind one port, started; the stack closes them. Raises `MessageCentreError`.

    The centre is always there: callees answer cards by message, whichever way these came. On the loopback carrier
    vendors are simulated, and nothing leaves this machine.
    """
    router = MessageRouter(SmppGateway(*centre, clock))
    names = [route.vendor for route in routes if route.vendor is not None]
    if names:
        from baitie.adapters.vendor_http.gateway import VendorAccount, VendorGateway

        for name in names:
            if loopback_vendor_port is not None:
                account = VendorAccount(f"http://127.0.0.1:{loopback_vendor_port}", VENDOR_KEY, receipts_every_s=0.1)
            else:
                account = _account(vendors[name])
            gateway = VendorGateway(account, clock)
            router.vendors[name] = gateway
            if loopback_vendor_port is None and vendors[name].callback_port is not None:
                await _listen(stack, gateway, vendors[name])
    await router.start()
    stack.push_async_callback(router.close)
    return router


async def _listen(stack: AsyncExitStack, gateway: "VendorGateway", vendor: VendorSettings) -> None:
    from baitie.adapters.vendor_http.callbacks import CallbackListener

    assert vendor.callback_port is not None
    assert vendor.callback_secret_file is not None
    secret = secret_of(None, vendor.callback_secret_file) or ""
    listener = CallbackListener(gateway, vendor.callback_path, secret)
    await listener.start(vendor.callback_host, vendor.callback_port)
    stack.push_async_callback(listener.close)


def _account(vendor: VendorSettings) -> "VendorAccount":
    from baitie.adapters.vendor_http.gateway import VendorAccount

    dialect = VendorDialect(
        submit_path=vendor.submit_path,
        receipts_path=vendor.receipts_path,
        country_code=vendor.country_code,
        fields=vendor.fields,
        codes=vendor.codes,
    )
    return VendorAccount(
        url=vendor.url,
        key=secret_of(vendor.key, vendor.key_file) or "",
        dialect=dialect,
        honours_idempotency_key=vendor.honours_idempotency_key,
        tries_max=vendor.tries_max,
        connect_timeout_s=vendor.connect_timeout_s,
        response_timeout_s=vendor.response_timeout_s,
        requests_in_flight_max=vendor.requests_in_flight_max,
        receipts_every_s=vendor.receipts_every_s,
    )
