"""Puts a run together: store, clocks, carrier, gateways; and takes it apart again, whatever happened."""

import asyncio
import contextlib
import hashlib
import os
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from baitie.adapters.calls import EmbeddedCallGateway
from baitie.adapters.clock import LoopClock, ScaledCivilClock, SystemRng
from baitie.adapters.media.process import MediaProcess
from baitie.adapters.media.recording import repair_recordings
from baitie.adapters.sip.endpoint import SipEndpoint
from baitie.adapters.sip.settings import EndpointSettings, TlsSettings
from baitie.adapters.store import SqlStore
from baitie.app.calling.campaign_run import CampaignRun, Ports
from baitie.app.calling.persistence import HeldRefusal
from baitie.app.calling.progress import RunSummary
from baitie.app.calling.run_ground import CarrierKind, RunGround
from baitie.app.inbound.campaign_host import InboundPorts
from baitie.app.ports.clock import Clock, Rng
from baitie.app.proof.anchors import StartCheck
from baitie.app.proof.start_check import Alarm, alarms_of, alarms_of_rest, hold_against_anchor
from baitie.app.registers.callees import find_or_create_callee
from baitie.app.registers.refusals import refusal_batch
from baitie.bootstrap.agent_workstations import loopback_workstation, refuse_agents_on_trunks
from baitie.bootstrap.carriers import Carrier, open_carrier
from baitie.bootstrap.channels import card_signing, open_messages
from baitie.bootstrap.civil_time import civil_now_of, waited_until
from baitie.bootstrap.environment import real_now
from baitie.bootstrap.evidence import open_checkpoint_signer
from baitie.bootstrap.importing import Imported, import_once
from baitie.bootstrap.starting import refuse_unlawful
from baitie.bootstrap.stores import open_store
from baitie.files.campaign_folder import CampaignFolder
from baitie.files.campaign_settings import civil_start_of
from baitie.files.filing_files import check_filed
from baitie.files.organisation_settings import OrganisationSettings, zone_of
from baitie.files.page_reach import refuse_unreachable_page
from baitie.files.rule_files import packs_left_out
from baitie.files.samples import refuse_samples
from baitie.files.zones import zones
from baitie.kernel.errors import BaitieError, StoreError
from baitie.kernel.ids import CampaignId
from baitie.wire.sip.effects import Event

HELD = CampaignId("held")
"""Stands for people who became known by a refusal that was held while the store failed."""


@dataclass(frozen=True, slots=True)
class Started:
    """A run that is about to begin: to watch and to stop."""

    run: CampaignRun
    imported: Imported | None  # None: the contacts were imported by an earlier run
    packs_left_out: tuple[str, ...] = ()  # shipped, and with rules for the regions of the list
    alarms: list[Alarm] = field(default_factory=list)  # what the store contradicts; of large ones more may come


async def run_folder(folder: CampaignFolder, lang: str, on_started: Callable[[Started], None]) -> RunSummary:
    """Run the campaign of a folder to its end. Raises errors of input, store and carrier before the first call."""
    refuse_agents_on_trunks(folder)
    refuse_samples(folder)
    refuse_unreachable_page(folder)
    async with AsyncExitStack() as stack:
        store = open_store(folder.organisation.settings)
        stack.callback(store.close)
        store.acquire_ownership(f"{socket.gethostname()}/{os.getpid()}")
        store.take_commands()  # given before this dialler was there: they were not meant for it
        clock = clock_of(folder, store)
        rng = SystemRng()
        signing = card_signing(folder.organisation.settings)
        check_filed(folder.campaign, clock.civil_now())
        checkpoint_signer = open_checkpoint_signer(folder.organisation.settings, store, clock.civil_now())
        check = hold_against_anchor(checkpoint_signer.anchors, store, clock, is_real=isinstance(clock, LoopClock))
        imported = import_once(folder, store, rng, clock.civil_now(), lang)
        left_out = packs_left_out(folder.campaign.rules, refuse_unlawful(folder, store, clock, lang))
        carrier = await open_carrier(folder, clock.civil_now().isoformat(), _segments(folder, store))
        stack.push_async_callback(carrier.close)
        calls = embedded_calls(folder, carrier, rng)
        routes = folder.campaign.card.routes if folder.campaign.card is not None else ()
        vendors = folder.organisation.settings.vendors
        centre = (carrier.centre, carrier.account)
        messages = await open_messages(stack, routes, vendors, centre, clock, carrier.loopback_vendor_port)
        await calls.start()
        stack.push_async_callback(calls.close)
        if folder.campaign.recordings is not None:
            await asyncio.to_thread(prepare_recordings, folder.campaign.recordings)
        inbound = InboundPorts(calls.answering, store)
        ports = Ports(
            clock,
            rng,
            store,
            calls,
            messages,
            zones,
            checkpoint_signer,
            inbound,
            signing,
            loopback_workstation(folder, clock),
            ground=ground_of(folder, clock),
            trunks=calls,
        )
        run = CampaignRun(folder.campaign, ports)
        if isinstance(clock, LoopClock):
            clock.watch_jumps(lambda _: run.on_clock_jump())
            stack.callback(clock.stop_watching)
        if isinstance(clock, ScaledCivilClock):
            carrier.begin()
            clock.begin()
        started = Started(run, imported, left_out, alarms_of(check, store))
        if check.rest is not None:
            rest = asyncio.ensure_future(asyncio.to_thread(check.rest, clock.civil_now()))
            rest.add_done_callback(lambda done: _on_rest(done, started, store))
            stack.push_async_callback(asyncio.wait, [rest])
        on_started(started)
        summary = await run.run()
        if run.held_refusals():
            keep_held(folder.organisation.settings, run.held_refusals(), rng)
            summary.progress.refusals_unkept = len(run.held_refusals())
        return summary


def _on_rest(done: "asyncio.Future[StartCheck]", started: Started, store: SqlStore) -> None:
    """What was compared beside the run: told, and where it would have begun no run, the end of this one."""
    started.alarms.extend(alarms_of_rest(done, store))
    error = None if done.cancelled() else done.exception()
    if isinstance(error, BaitieError) and not isinstance(error, StoreError):
        started.run.progress.problem = str(error)
        started.run.stop(hang_up=False)


def keep_held(settings: OrganisationSettings, held: list[HeldRefusal], rng: Rng) -> None:
    """Try once more, past the store that failed; what is kept is taken out of the list."""
    with contextlib.suppress(BaitieError), contextlib.closing(open_store(settings)) as store:
        for one in list(held):
            callee_id = find_or_create_callee(store, rng, one.number, one.at, HELD)
            if callee_id is not None:
                batch = refusal_batch(callee_id, one.channel, one.actor, one.at, evidence=one.evidence)
                store.record_refusal_or_freeze(batch)
            held.remove(one)


def prepare_recordings(folder: Path) -> None:
    """Make the folder, for the owner alone; complete what a crash left unfinished."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    repair_recordings(folder)


def clock_of(folder: CampaignFolder, store: SqlStore) -> Clock:
    """Real time; on the loopback carrier civil time from the configured hour, or on from the newest journal entry, or
    from when the last run of the campaign said that somebody may be called again: nobody sits through a simulated
    night."""
    organisation, settings = folder.organisation.settings, folder.settings.settings.loopback
    if organisation.carrier.kind != "loopback":
        return LoopClock()
    begin = civil_start_of(settings, LoopClock().civil_now(), zone_of(organisation))
    start = max(begin, civil_now_of(organisation, store, settings))
    waits_until = waited_until(store, folder.campaign.campaign_id)
    return ScaledCivilClock(max(start, waits_until or start), settings.civil_speed, is_standing=True)


def ground_of(folder: CampaignFolder, clock: Clock) -> RunGround:
    """What the run stands on, for the journal."""
    organisation, settings = folder.organisation.settings, folder.settings.settings
    # Secrets are masked in these texts; a digest of them could be guessed at.
    stated = f"{organisation.model_dump_json()}\n{settings.model_dump_json()}"
    digest = hashlib.sha256(stated.encode()).hexdigest()
    if organisation.carrier.kind != "loopback":
        return RunGround(CarrierKind.TRUNKS, settings_digest=digest)
    speed = settings.loopback.civil_speed
    return RunGround(CarrierKind.LOOPBACK, clock.civil_now(), speed, real_now(), digest)


def _segments(folder: CampaignFolder, store: SqlStore) -> dict[str, str]:
    """Segment by number, which the simulated people are told so that they can differ."""
    if folder.organisation.settings.carrier.kind != "loopback":
        return {}
    state = store.campaign_state(folder.campaign.campaign_id)
    leads = () if state is None else state.leads
    return {} if state is None else {state.callees[lead.callee_id].number.e164(): lead.segment for lead in leads}


def embedded_calls(folder: CampaignFolder, carrier: Carrier, rng: SystemRng) -> EmbeddedCallGateway:
    """The gateway of calls over our own SIP and media, both ways."""
    transports = {route.flow.transport for route in carrier.routes.values()}
    settings = EndpointSettings(
        bind_host=carrier.local_host,
        udp_port=carrier.local_port if "UDP" in transports else None,
        tcp_port=carrier.local_port if "TCP" in transports else None,
        tls=TlsSettings(ca_file=carrier.ca_file),
        answer_to_source=True,
    )

    def make_endpoint(listener: Callable[[Event], None]) -> SipEndpoint:
        return SipEndpoint(settings, rng, listener)

    return EmbeddedCallGateway(
        make_endpoint=make_endpoint,
        media=MediaProcess(carrier.local_host, carrier.rtp_ports),
        media_address=carrier.local_host,
        routes=carrier.routes,
        prompts=folder.prompts,
    )
