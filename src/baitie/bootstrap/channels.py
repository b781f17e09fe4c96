"""From settings to a card's channels: which ways it takes, the gateways behind them, the key that signs it."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from baitie.adapters.signing.es256 import open_signer
from baitie.adapters.smpp.gateway import Endpoint, SmppGateway
from baitie.app.calling.message_router import MessageRouter
from baitie.app.campaign.campaign import CardRoute
from baitie.app.ports.clock import Clock
from baitie.app.ports.messages import MessageGateway
from baitie.app.ports.signing import CardSigning
from baitie.bootstrap.loopback_vendor import VENDOR_KEY
from baitie.files.channel_settings import VendorSettings
from baitie.files.organisation_settings import OrganisationSettings, secret_of
from baitie.wire.smpp.settings import ClientSettings
from baitie.wire.vendor import VendorDialect

if TYPE_CHECKING:  # httpx takes a tenth of a second to import, and only campaigns over vendors need it
    from baitie.adapters.vendor_http.gateway import VendorAccount, VendorGateway


def card_signing(organisation: OrganisationSettings) -> CardSigning:
    """What cards and calls are signed with; the key is made at first use. Raises `PassportKeyError`."""
    passport = organisation.passport
    signer = open_signer(key_file_of(organisation), may_make=passport.key_file is None)
    return CardSigning(signer, passport.certificate_url or "", organisation.enterprise.name)


def key_file_of(organisation: OrganisationSettings) -> Path:
    """Where the key lies: as set, else beside the store's key, `baitie.key` and `baitie.passport.key`."""
    beside = organisation.store.key_file
    return organisation.passport.key_file or beside.with_name(f"{beside.stem}.passport{beside.suffix}")


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
