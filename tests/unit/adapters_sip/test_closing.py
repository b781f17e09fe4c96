"""Unit: a closed SIP endpoint holds no socket any more when `close` returns."""

import asyncio
import os
import random
import sys

import pytest

from baitie.adapters.sip import EndpointSettings, SipEndpoint
from baitie.wire.sip.effects import CallOffered, Event, Flow
from baitie.wire.sip.settings import InviteRequest

WITHIN_S = 5.0


def open_sockets() -> set[str]:
    """The sockets of this process, by the name the kernel gives each."""
    names = set()
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            names.add(os.readlink(f"/proc/self/fd/{descriptor}"))
        except OSError:
            continue
    return {name for name in names if name.startswith("socket:")}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_close_returns_when_every_connection_is_closed() -> None:
    async def scenario() -> set[str]:
        offered = asyncio.Event()

        def listen(event: Event) -> None:
            if isinstance(event, CallOffered):
                offered.set()

        settings = EndpointSettings(udp_port=None, tcp_port=0)
        callee = SipEndpoint(settings, random.Random(1), listen)
        caller = SipEndpoint(settings, random.Random(2), lambda event: None)
        before = open_sockets()
        await callee.start()
        await caller.start()
        flow = Flow("TCP", "127.0.0.1", callee.addresses["TCP"][1])
        caller.invite(InviteRequest(f"sip:callee@127.0.0.1:{flow.port};transport=tcp", "sip:us@127.0.0.1", flow, b""))
        async with asyncio.timeout(WITHIN_S):
            await offered.wait()
        await caller.close()
        await callee.close()
        return open_sockets() - before

    assert asyncio.run(scenario()) == set()
