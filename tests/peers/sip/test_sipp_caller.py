"""SIPp calls, we are called: what SIPp saw must be its scenario to the letter."""

from pathlib import Path

import pytest
from tests.peers.peers import until_async
from tests.peers.sip.phone import Phone, in_loop
from tests.peers.sip.sipp import Sipp

from baitie.adapters.sip.settings import EndpointSettings
from baitie.kernel.outcome import EndedBy
from baitie.wire.sip.effects import CallConfirmed, CallEnded, CallKey, CallOffered


def caller(folder: Path, phone: Phone, scenario: str, transport: str = "UDP", **more: object) -> Sipp:
    return Sipp(folder, scenario, transport=transport, remote=phone.endpoint.addresses[transport], **more)  # type: ignore[arg-type]


def only_rings(phone: Phone, call: CallKey) -> None:
    phone.endpoint.ring(call)


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
@in_loop
async def test_a_call_that_we_answer_may_be_ended_by_its_caller(tmp_path: Path, transport: str) -> None:
    async with Phone(EndpointSettings(tcp_port=0)) as phone:
        with caller(tmp_path, phone, "caller_hangs_up", transport, arguments=["-d", "200"]) as sipp:
            await sipp.succeeded()
        ended = await phone.event(CallEnded)
    assert ended.by is EndedBy.CALLEE
    assert [len(sipp.received(f"SIP/2.0 {status}")) for status in (180, 200)] == [1, 2]
    assert len(phone.of(CallConfirmed)) == 1


@in_loop
async def test_a_call_that_we_answer_may_be_ended_by_us(tmp_path: Path) -> None:
    async with Phone() as phone:
        with caller(tmp_path, phone, "caller_waits") as sipp:
            phone.endpoint.hang_up((await phone.event(CallConfirmed)).call)
            await sipp.succeeded()
        assert (await phone.event(CallEnded)).by is EndedBy.US
    assert len(sipp.received("BYE")) == 1


@in_loop
async def test_many_callers_at_once_are_all_served(tmp_path: Path) -> None:
    async with Phone() as phone:
        with caller(tmp_path, phone, "caller_hangs_up", calls=100, calls_per_s=200, arguments=["-d", "100"]) as sipp:
            await sipp.succeeded(within_s=40)
        await until_async(lambda: len(phone.of(CallEnded)) == 100, 5, "all calls end")
    assert sipp.counted("SuccessfulCall(C)") == 100


@in_loop
async def test_a_caller_that_gives_up_gets_487_and_is_reported(tmp_path: Path) -> None:
    async with Phone(on_offer=only_rings) as phone:
        with caller(tmp_path, phone, "caller_cancels") as sipp:
            await sipp.succeeded()
        assert (await phone.event(CallEnded)).by is EndedBy.CALLEE
    assert len(sipp.received("SIP/2.0 487")) == 1


@in_loop
async def test_a_call_that_we_refuse_is_refused_at_its_caller(tmp_path: Path) -> None:
    def refuse(phone: Phone, call: CallKey) -> None:
        phone.endpoint.reject(call, 486)

    async with Phone(on_offer=refuse) as phone:
        with caller(tmp_path, phone, "caller_is_refused") as sipp:
            await sipp.succeeded()
    assert sipp.received("SIP/2.0 486")[0].header("To") != sipp.sent("INVITE")[0].header("To"), "no tag"


@in_loop
async def test_a_repeated_invite_is_one_call(tmp_path: Path) -> None:
    async with Phone() as phone:
        with caller(tmp_path, phone, "caller_repeats_invite") as sipp:
            await sipp.succeeded()
    assert len(sipp.sent("INVITE")) == 3
    assert len(phone.of(CallOffered)) == 1
    assert len({message.header("To") for message in sipp.received("SIP/2.0 200")}) == 1


@in_loop
async def test_our_answer_is_repeated_until_it_is_acknowledged(tmp_path: Path) -> None:
    async with Phone() as phone:
        with caller(tmp_path, phone, "caller_acknowledges_late") as sipp:
            await sipp.succeeded()
    answers = [message for message in sipp.received("SIP/2.0 200") if message.cseq_method == "INVITE"]
    assert len(answers) >= 3
    assert len({message.text.strip() for message in answers}) == 1
    assert len(phone.of(CallConfirmed)) == 1


@in_loop
async def test_a_caller_without_an_offer_gets_ours(tmp_path: Path) -> None:
    async with Phone() as phone:
        with caller(tmp_path, phone, "caller_offers_late") as sipp:
            await sipp.succeeded()
        confirmed = await phone.event(CallConfirmed)
    assert phone.agree_on(confirmed.sdp).remote_ip == "127.0.0.1"


@in_loop
async def test_an_unknown_required_extension_is_refused_with_its_name(tmp_path: Path) -> None:
    async with Phone() as phone:
        with caller(tmp_path, phone, "caller_requires_unknown") as sipp:
            await sipp.succeeded()
    assert not phone.of(CallOffered)


@in_loop
async def test_options_outside_a_call_are_answered(tmp_path: Path) -> None:
    async with Phone() as phone:
        with caller(tmp_path, phone, "caller_asks_options") as sipp:
            await sipp.succeeded()
    via = sipp.received("SIP/2.0 200")[0].header("Via") or ""
    assert f"rport={sipp.port}" in via


@pytest.mark.parametrize("scenario", ["caller_requires_prack", "caller_refreshes_session", "caller_reinvites"])
@in_loop
async def test_a_caller_gets_what_its_extensions_promise(tmp_path: Path, scenario: str) -> None:
    async with Phone() as phone:
        with caller(tmp_path, phone, scenario) as sipp:
            await sipp.succeeded()
        assert (await phone.event(CallEnded)).by is EndedBy.CALLEE
    assert len(phone.of(CallConfirmed)) == 1


@in_loop
async def test_too_short_a_session_is_refused_with_our_minimum(tmp_path: Path) -> None:
    async with Phone() as phone:
        with caller(tmp_path, phone, "caller_wants_short_session") as sipp:
            await sipp.succeeded()
    assert not phone.of(CallOffered)
