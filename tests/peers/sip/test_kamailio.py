"""Kamailio as an authenticating proxy before Asterisk: 407 of the one, then 401 of the other.

What both logged is asserted beside what we saw.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.peers.peers import require, until_async
from tests.peers.sip.asterisk import PASSWORD, Asterisk
from tests.peers.sip.kamailio import Kamailio
from tests.peers.sip.phone import Phone, in_loop

from baitie.adapters.sip.settings import EndpointSettings
from baitie.kernel.outcome import EndedBy
from baitie.wire.sip.auth import Credentials
from baitie.wire.sip.effects import (
    CallAnswered,
    CallEnded,
    CallFailed,
    Flow,
    Registered,
    RegistrationFailed,
    TrunkReachable,
    Unregistered,
)
from baitie.wire.sip.settings import RegisterRequest


@pytest.fixture(scope="module", params=["SHA-256", "MD5"])
def edge(
    request: pytest.FixtureRequest, asterisk: Asterisk, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kamailio]:
    require("kamailio")
    folder = tmp_path_factory.mktemp("kamailio")
    with Kamailio(folder, asterisk.udp_port, PASSWORD, algorithm=request.param) as running:
        yield running


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
@pytest.mark.parametrize("user", ["md5", "sha256"])
@in_loop
async def test_a_call_answers_the_proxy_and_then_the_trunk(
    edge: Kamailio, asterisk: Asterisk, transport: str, user: str
) -> None:
    since, asked_before = len(asterisk.log), edge.asked("INVITE")
    async with Phone(EndpointSettings(tcp_port=0)) as phone:
        flow = Flow(transport, "127.0.0.1", edge.port)
        call = phone.call(flow, to="answer", from_user=user, credentials=Credentials(user, PASSWORD))
        answered = await phone.event(CallAnswered, call)
        phone.agree_on(answered.sdp)
        await phone.hear_echo(5)
        phone.endpoint.hang_up(call)
        ended = await phone.event(CallEnded, call)
    assert (ended.by, ended.failure) == (EndedBy.US, None)
    assert edge.asked("INVITE") == asked_before + 1
    assert edge.knew("BYE")[-1] == user
    assert edge.program.has_written("EDGE sees credentials in ACK")
    assert "401 Unauthorized" in asterisk.log[since:]
    assert asterisk.channels == 0


@in_loop
async def test_a_registration_answers_both_and_is_taken_back(edge: Kamailio, asterisk: Asterisk) -> None:
    async with Phone() as phone:
        request = RegisterRequest(
            registrar_uri=f"sip:127.0.0.1:{asterisk.udp_port}",
            address_of_record="sip:md5@127.0.0.1",
            flow=Flow("UDP", "127.0.0.1", edge.port),
            credentials=Credentials("md5", PASSWORD),
            keep_alive_s=0.0,
        )
        trunk = phone.endpoint.register(request)
        assert (await phone.event(Registered)).trunk == trunk
        await until_async(
            lambda: "Contact:  md5/sip:baitie@127.0.0.1" in asterisk.run("pjsip show contacts"), 5, "known"
        )
        phone.endpoint.unregister(trunk)
        await phone.event(Unregistered)
    assert edge.knew("REGISTER")[-1] == "md5"


@in_loop
async def test_a_wrong_password_is_refused_by_the_proxy_after_one_answer(edge: Kamailio, asterisk: Asterisk) -> None:
    since, asked_before = len(asterisk.log), edge.asked("INVITE")
    async with Phone() as phone:
        flow = Flow("UDP", "127.0.0.1", edge.port)
        call = phone.call(flow, to="answer", from_user="md5", credentials=Credentials("md5", "wrong"))
        failure = (await phone.event(CallFailed, call)).failure
        phone.endpoint.register(
            RegisterRequest("sip:127.0.0.1", "sip:md5@127.0.0.1", flow, Credentials("md5", "wrong"), keep_alive_s=0.0)
        )
        refused = (await phone.event(RegistrationFailed)).failure
    assert [(what.cause, what.sip_status) for what in (failure, refused)] == [("credentials-refused", 407)] * 2
    assert edge.asked("INVITE") == asked_before + 2
    assert "INVITE sip:" not in asterisk.log[since:]


@in_loop
async def test_options_answer_the_proxy_and_tell_that_the_trunk_behind_it_lives(
    edge: Kamailio, asterisk: Asterisk
) -> None:
    asked_before = len(edge.knew("OPTIONS"))
    async with Phone() as phone:
        flow = Flow("UDP", "127.0.0.1", edge.port)
        uri = f"sip:plain@127.0.0.1:{asterisk.udp_port}"
        phone.endpoint.keep_alive(flow, 60.0, uri, Credentials("md5", PASSWORD))
        assert (await phone.event(TrunkReachable)).reachable
    assert len(edge.knew("OPTIONS")) > asked_before


@in_loop
async def test_a_proxy_whose_nonces_serve_once_is_answered_for_every_request(
    asterisk: Asterisk, tmp_path: Path
) -> None:
    with Kamailio(tmp_path, asterisk.udp_port, PASSWORD, asks_each_time=True) as edge:
        async with Phone() as phone:
            flow = Flow("UDP", "127.0.0.1", edge.port)
            call = phone.call(flow, to="answer", from_user="sha256", credentials=Credentials("sha256", PASSWORD))
            phone.agree_on((await phone.event(CallAnswered, call)).sdp)
            phone.endpoint.hang_up(call)
            assert (await phone.event(CallEnded, call)).by is EndedBy.US
        assert edge.asked("INVITE") >= 2
        assert edge.asked("BYE") == 1
        assert edge.knew("BYE") == ["sha256"]
