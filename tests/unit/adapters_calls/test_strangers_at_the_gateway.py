"""Unit: a gateway answers who comes from no trunk address once, and keeps nothing; the trunk is let in."""

import asyncio
import random

from baitie.adapters.calls import EmbeddedCallGateway, TrunkRoute
from baitie.adapters.clock import LoopClock
from baitie.adapters.sip import EndpointSettings, SipEndpoint
from baitie.app.ports.arrivals import ArrivalEvent, CallArrived
from baitie.rehearsal.virtual_time import run_virtually
from baitie.rehearsal.wire.impairments import QUIET_WAY
from baitie.rehearsal.wire.loop import NetworkedLoop
from baitie.rehearsal.wire.modelled_media import ModelledMedia
from baitie.wire.sip.effects import CallFailed, Event, Flow
from baitie.wire.sip.settings import InviteRequest

HOST, CARRIER, OTHER, STRANGER = "127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"


def called_from(host: str) -> tuple[list[ArrivalEvent], list[Event], dict[str, int]]:
    """What answerer and caller are told after a call from this address, and what the gateway holds then."""
    loop = NetworkedLoop(0.0, QUIET_WAY, random.Random(1))

    async def main() -> tuple[list[ArrivalEvent], list[Event], dict[str, int]]:
        told: list[ArrivalEvent] = []
        heard: list[Event] = []
        route = TrunkRoute("main", Flow("UDP", CARRIER, 5060), CARRIER, inbound_hosts=frozenset({OTHER}))
        gateway = EmbeddedCallGateway(
            make_endpoint=lambda listener: SipEndpoint(
                EndpointSettings(bind_host=HOST), random.Random(3), listener, datagrams=loop.network
            ),
            media=ModelledMedia(HOST, LoopClock(), {}, lambda prompt: 1.0, QUIET_WAY.latency_median_s),
            media_address=HOST,
            routes={"main": route},
            prompts={},
        )
        gateway.answering.listen(told.append)
        caller = SipEndpoint(EndpointSettings(bind_host=host), random.Random(2), heard.append, datagrams=loop.network)
        await caller.start()
        await gateway.start()
        endpoint = gateway.answering.endpoint
        flow = Flow("UDP", HOST, endpoint.addresses["UDP"][1])
        caller.invite(InviteRequest(f"sip:+8613800000000@{HOST}", f"sip:+8613900000000@{host}", flow, b""))
        while not told and not heard:
            await asyncio.sleep(0.05)  # virtual time
        held = endpoint.agent.held()
        await gateway.close()
        await caller.close()
        return told, heard, held

    return run_virtually(main(), loop)


def test_a_call_from_no_trunk_address_is_refused_and_nothing_of_it_is_kept() -> None:
    told, heard, held = called_from(STRANGER)
    assert told == []
    assert isinstance(heard[0], CallFailed)
    assert heard[0].failure.sip_status == 403
    assert not any(held.values())


def test_a_call_from_an_address_that_calls_are_taken_from_arrives() -> None:
    told, _, held = called_from(OTHER)
    assert isinstance(told[0], CallArrived)
    assert held["calls"] == 1
