"""baresip as a callee's telephone and as a caller: calls with RTP, ended from either side."""

from pathlib import Path

import pytest
from tests.peers.peers import until_async
from tests.peers.sip.baresip import USER, Baresip
from tests.peers.sip.phone import Phone, in_loop

from baitie.adapters.sip.settings import EndpointSettings
from baitie.kernel.outcome import EndedBy, Outcome
from baitie.wire.sip.effects import CallAnswered, CallConfirmed, CallEnded, CallFailed, CallProgressed, Flow

FRAME_BYTES = 12 + 160


async def talk(phone: Phone) -> None:
    """RTP from the peer's sine: frames of 20 ms of PCMA that are no silence."""
    await until_async(lambda: len(phone.rtp_received) >= 10, 10, "baresip is heard")
    frames = [packet for packet in phone.rtp_received if len(packet) == FRAME_BYTES]
    assert len(frames) >= 9
    assert all(packet[1] & 0x7F == 8 for packet in frames)
    assert any(len(set(packet[12:])) > 8 for packet in frames)


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
@in_loop
async def test_baresip_answers_is_heard_and_is_hung_up(tmp_path: Path, transport: str) -> None:
    with Baresip(tmp_path) as baresip:
        async with Phone(EndpointSettings(tcp_port=0)) as phone:
            call = phone.call(Flow(transport, "127.0.0.1", baresip.port), to=USER)
            phone.agree_on((await phone.event(CallAnswered, call)).sdp)
            phone.send_rtp(20)
            await talk(phone)
            phone.endpoint.hang_up(call)
            assert (await phone.event(CallEnded, call)).by is EndedBy.US
        await until_async(
            lambda: baresip.has_written(r"(?s)session closed.*packets:.*errors:"), 5, "baresip sees the end"
        )
    assert baresip.has_written("Call established")
    assert baresip.has_written(r"packets: +\d+ +[1-9]"), "baresip received none of our packets"


@in_loop
async def test_baresip_may_hang_up(tmp_path: Path) -> None:
    with Baresip(tmp_path) as baresip:
        async with Phone() as phone:
            call = phone.call(Flow("UDP", "127.0.0.1", baresip.port), to=USER)
            await phone.event(CallAnswered, call)
            await until_async(lambda: baresip.has_written("Call established"), 5, "baresip sees the call")
            baresip.command("hangup")
            assert (await phone.event(CallEnded, call)).by is EndedBy.CALLEE


@in_loop
async def test_baresip_may_reject_while_it_rings(tmp_path: Path) -> None:
    with Baresip(tmp_path, answers=False) as baresip:
        async with Phone() as phone:
            call = phone.call(Flow("UDP", "127.0.0.1", baresip.port), to=USER)
            assert (await phone.event(CallProgressed, call)).status == 180
            baresip.command("hangup")
            failure = (await phone.event(CallFailed, call)).failure
    assert failure.outcome in (Outcome.BUSY, Outcome.REJECTED)


@in_loop
async def test_baresip_stops_ringing_when_we_cancel(tmp_path: Path) -> None:
    with Baresip(tmp_path, answers=False) as baresip:
        async with Phone() as phone:
            call = phone.call(Flow("UDP", "127.0.0.1", baresip.port), to=USER, ring_timeout_s=0.5)
            assert (await phone.event(CallFailed, call)).failure.outcome is Outcome.NO_ANSWER
        await until_async(lambda: baresip.has_written("SIP/2.0 487"), 5, "baresip stops ringing")


@in_loop
async def test_baresip_calls_us_and_is_heard(tmp_path: Path) -> None:
    with Baresip(tmp_path) as baresip:
        async with Phone() as phone:
            baresip.command("dial", f"sip:us@127.0.0.1:{phone.endpoint.addresses['UDP'][1]}")
            call = (await phone.event(CallConfirmed)).call
            await talk(phone)
            phone.endpoint.hang_up(call)
            assert (await phone.event(CallEnded, call)).by is EndedBy.US
        await until_async(lambda: baresip.has_written("session closed|packets:"), 5, "baresip sees the end")


@in_loop
async def test_baresip_calls_us_and_hangs_up(tmp_path: Path) -> None:
    with Baresip(tmp_path) as baresip:
        async with Phone() as phone:
            baresip.command("dial", f"sip:us@127.0.0.1:{phone.endpoint.addresses['UDP'][1]}")
            call = (await phone.event(CallConfirmed)).call
            await until_async(lambda: baresip.has_written("Call established"), 5, "baresip sees the call")
            baresip.command("hangup")
            assert (await phone.event(CallEnded, call)).by is EndedBy.CALLEE
