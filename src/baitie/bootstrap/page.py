"""Puts the callee's page together and serves it."""

import asyncio
import contextlib
import functools
import gc
import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any, cast

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp

from baitie.adapters.clock import SystemRng
from baitie.adapters.signing import verify_signature
from baitie.adapters.signing.es256 import verify_es256
from baitie.adapters.store import SqlStore
from baitie.app.page.brand_state import brand_asked
from baitie.app.page.callee_page import CalleePage
from baitie.app.page.page_acts import PageActs
from baitie.app.proof.journal_verifier import IncrementalVerifier
from baitie.app.registers.registers import Registers
from baitie.bootstrap.civil_time import GoingCivilClock
from baitie.bootstrap.environment import real_now
from baitie.bootstrap.filings import filing_plan
from baitie.bootstrap.page_connections import BoundedProtocol, ConnectionBounds, OpenConnections
from baitie.bootstrap.page_pictures import read_pictures
from baitie.bootstrap.signing_files import key_file_of, note_anchor
from baitie.bootstrap.stores import open_store
from baitie.files.organisation_settings import OrganisationSettings, PageFileSettings, zone_of
from baitie.files.register_policy import register_policy
from baitie.kernel.errors import InputError, StoreError
from baitie.locale.catalogue import catalogue
from baitie.web.callee import CalleeSite, PageSettings
from baitie.web.callee.settings import LANGUAGES

LOOK_EVERY_S = 5.0
"""How soon a signed checkpoint shows on the page."""

PAUSE_S = 0.03
"""Between two pieces of a long journal: views must not wait for the check."""

DROP_CODES_EVERY = timedelta(hours=1)


class PortTakenError(InputError):
    """The page cannot listen there: the port is taken, or the address is none of this machine. See `[page]`."""

    code = "page-port-taken"


def page_settings(settings: OrganisationSettings, form_key: bytes) -> PageSettings:
    """What the site needs to know. Raises `SettingsError` for pictures that cannot be shown."""
    page = settings.page
    logo, pictures = read_pictures(page)
    return PageSettings(
        enterprise=settings.enterprise.name,
        address=page.address,
        zone=zone_of(settings),
        zone_name=settings.enterprise.zone,
        form_key=form_key,
        hotline=page.hotline,
        website=page.website,
        logo=logo,
        pictures=pictures,
        requests_per_s=page.requests_per_s,
        requests_per_address_per_s=page.requests_per_address_per_s,
        burst_per_address=page.burst_per_address,
        answer_after_s=page.answer_after_ms / 1000,
        texts={lang: catalogue("page", lang) for lang in LANGUAGES},
    )


def page_app(
    settings: OrganisationSettings,
    store: SqlStore,
    watched: SqlStore,
    now: Callable[[], float] = time.monotonic,
) -> Starlette:
    """The page as an ASGI application over a store. `watched` is a handle of its own: the check of the journal reads
    long, and views must not wait for it."""
    key_file = key_file_of(settings)
    pinned = {key_file.signer().public_key} if key_file.exists() else set()
    watch = IncrementalVerifier(watched, verify_signature, pinned)
    simulated = GoingCivilClock(settings, watched, now) if settings.carrier.kind == "loopback" else None
    civil_now = simulated or real_now

    def look() -> bool:
        if simulated is not None:
            simulated.look()
        return watch.look()

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        gc.collect()
        gc.freeze()  # modules and templates live as long as the process: collections at views need not look at them
        watching = asyncio.create_task(_keep_watch(look, watched, civil_now))
        try:
            yield
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching

    filings = filing_plan(settings)
    registers = Registers(store, civil_now, SystemRng(), register_policy(settings))
    site = CalleeSite(
        CalleePage(store, watch, brand_asked(filings, settings.enterprise.sign), verify_es256),
        PageActs(registers, lambda at: note_anchor(settings, store, at)),
        page_settings(settings, store.derived_key("forms of the callee's page")),
        civil_now,
        now,
        lifespan,
    )
    return site.app


async def _keep_watch(look: Callable[[], bool], store: SqlStore, civil_now: Callable[[], datetime]) -> None:
    """Look at what the journal got since the last look; a store that is away is asked again later."""
    drop_at = civil_now()
    while True:
        has_more = False
        with contextlib.suppress(StoreError):
            has_more = await asyncio.to_thread(look)
            if civil_now() >= drop_at:
                await asyncio.to_thread(store.drop_expired_codes, civil_now())
                drop_at = civil_now() + DROP_CODES_EVERY
        await asyncio.sleep(PAUSE_S if has_more else LOOK_EVERY_S)


def server_config(app: ASGIApp, page: PageFileSettings, bounds: ConnectionBounds | None = None) -> uvicorn.Config:
    """How the page is served: the site bounds requests, `BoundedProtocol` connections."""
    connections = OpenConnections(bounds or ConnectionBounds(), page.trusted_proxies)
    return uvicorn.Config(
        app,
        host=page.host,
        port=page.port,
        log_level="warning",
        access_log=False,  # addresses and codes are nobody's business
        server_header=False,
        proxy_headers=bool(page.trusted_proxies),
        forwarded_allow_ips=page.trusted_proxies,
        timeout_keep_alive=5,
        ws="none",
        http=cast(Any, functools.partial(BoundedProtocol, connections)),
        h11_max_incomplete_event_size=16 * 1024,
    )


def serve_page(settings: OrganisationSettings, on_listening: Callable[[str], None]) -> None:
    """Serve the page until the process is told to end. Raises `PortTakenError`, `StoreError`, `SettingsError`."""
    page = settings.page
    with contextlib.closing(open_store(settings)) as store, contextlib.closing(open_store(settings)) as watched:
        config = server_config(page_app(settings, store, watched), page)
        try:
            listening = config.bind_socket()
        except SystemExit as error:  # what the server makes of a port that it cannot have
            raise PortTakenError(host=page.host, port=page.port) from error
        on_listening(f"http://{page.host}:{listening.getsockname()[1]}/")
        uvicorn.Server(config).run(sockets=[listening])
