"""Puts the callee's page together and serves it."""

import asyncio
import contextlib
import functools
import gc
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, cast

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp

from baitie.adapters.signing import verify_signature
from baitie.adapters.signing.es256 import verify_es256
from baitie.adapters.store import SqlStore
from baitie.app.callee_page import BrandAsked, BrandState, CallBackWish, CalleePage, CardFile, Ticket
from baitie.app.journal_sight import JournalWatch
from baitie.app.page_records import CampaignFacts
from baitie.bootstrap.anchoring import key_file_of
from baitie.bootstrap.callee_requests import ask_call_back, forget
from baitie.bootstrap.catalogue import catalogue
from baitie.bootstrap.civil_time import GoingCivilClock
from baitie.bootstrap.desks import Desk
from baitie.bootstrap.environment import real_now
from baitie.bootstrap.filing_files import open_book
from baitie.bootstrap.page_connections import BoundedProtocol, ConnectionBounds, OpenConnections
from baitie.bootstrap.page_pictures import read_pictures
from baitie.bootstrap.settings import OrganisationSettings, PageFileSettings, zone_of
from baitie.bootstrap.stores import open_store
from baitie.domain.complaints import ComplaintSource
from baitie.domain.consent.register import Preference
from baitie.domain.contacts import NumberReading
from baitie.domain.filing import Filing, FilingState, SubjectKind
from baitie.domain.risk.history import RefusalChannel
from baitie.kernel.errors import InputError, StoreError
from baitie.kernel.purpose import Purpose
from baitie.kernel.records import CalleeRecord
from baitie.web.callee import CalleeSite, PageSettings
from baitie.web.callee.settings import LANGUAGES

CALLEE = "callee"
"""Who acts on the page."""

TICKET_CHARS = 8
"""Of a complaint's id, its end is what a callee is given and what `baitie complaint show` finds it by."""

LOOK_EVERY_S = 5.0
"""How soon a signed checkpoint shows on the page."""

PAUSE_S = 0.03
"""Between two pieces of a long journal: views must not wait for the check."""

DROP_CODES_EVERY = timedelta(hours=1)


class PortTakenError(InputError):
    """The page cannot listen there: the port is taken, or the address is none of this machine. See `[page]`."""

    code = "page-port-taken"


class PageDesk:
    """The callee at the desk (被叫自助): the acts of the page, by the same way in as everybody's."""

    def __init__(self, settings: OrganisationSettings, store: SqlStore) -> None:
        self._settings, self._store = settings, store

    @contextlib.contextmanager
    def _at(self, at: datetime) -> Iterator[Desk]:
        desk = Desk(self._settings, self._store, CALLEE, at)
        yield desk
        desk.note_anchor()

    def stop_calling(self, file: CardFile, at: datetime) -> None:
        """Keep the refusal."""
        with self._at(at) as desk:
            desk.opt_out(_reading(file.callee), RefusalChannel.PAGE)

    def wish(self, file: CardFile, preference: Preference, at: datetime) -> None:
        """Keep the wishes."""
        with self._at(at) as desk:
            desk.wish(_reading(file.callee), preference)

    def complain(self, file: CardFile, about: str, at: datetime) -> Ticket:
        """Open a ticket."""
        attempt, campaign = file.caller.attempt, file.caller.campaign
        with self._at(at) as desk:
            complaint = desk.complain(
                _reading(file.callee),
                ComplaintSource.PAGE,
                campaign_id=attempt.campaign_id,
                attempt_id=attempt.attempt_id,
                presented=attempt.presented_number.e164(),
                about=about,
                purpose=Purpose.CARE if campaign is None else campaign.purpose,
            )
        return Ticket(complaint.complaint_id[-TICKET_CHARS:], complaint.due_on)

    def call_back(self, file: CardFile, wish: CallBackWish, at: datetime) -> date:
        """Keep the request."""
        reading, attempt = _reading(file.callee), file.caller.attempt
        with self._at(at) as desk:
            return ask_call_back(desk, reading, wish.wanted_from, wish.wanted_until, attempt).due_on

    def forget(self, file: CardFile, at: datetime) -> date:
        """Destroy what can be destroyed at once."""
        with self._at(at) as desk:
            return forget(desk, _reading(file.callee)).due_on


def _reading(callee: CalleeRecord) -> NumberReading:
    return NumberReading(callee.number, callee.number_class, callee.region, callee.zone_names)


def brand_asked(settings: OrganisationSettings) -> BrandAsked:
    """What the register says of the enterprise's sign and of a card's template: the worse of the two."""
    book, carrier, sign = open_book(settings), settings.filing.carrier, settings.enterprise.sign

    def asked(campaign: CampaignFacts, at: datetime) -> BrandState:
        if not settings.filing.is_on:
            return BrandState.NOT_KEPT
        register = book.read()
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
    watch = JournalWatch(watched, verify_signature, pinned)
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

    site = CalleeSite(
        CalleePage(store, watch, brand_asked(settings), verify_es256),
        PageDesk(settings, store),
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
