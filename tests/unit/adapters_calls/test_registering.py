"""Unit: what the operator is told where a trunk cannot be registered, over a simulated network in virtual time."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import pytest

from baitie.adapters.calls import EmbeddedCallGateway, TrunkRoute
from baitie.adapters.calls.trunk import RegistrationRefusedError, RegistrationUnansweredError, TrunkError
from baitie.adapters.clock import LoopClock
from baitie.adapters.sip import EndpointSettings, SipEndpoint
from baitie.app.ports.calls import TrunkEvent, TrunkRegistered, TrunkUnregistered
from baitie.rehearsal.virtual_time import run_virtually
from baitie.rehearsal.wire.impairments import QUIET_WAY
from baitie.rehearsal.wire.loop import NetworkedLoop
from baitie.rehearsal.wire.modelled_media import ModelledMedia
from baitie.wire.sip.auth import Credentials
from baitie.wire.sip.effects import Event, Flow, RequestReceived

HOST, FAR_HOST = "127.0.0.1", "127.0.0.2"
CHALLENGE = (("WWW-Authenticate", 'Digest realm="carrier", nonce="n", qop="auth"'),)


def told_later(answers: list[tuple[int, tuple[tuple[str, str], ...]]], for_s: float) -> list[tuple[float, TrunkEvent]]:
    """What a listener hears of a trunk that was granted 100 s, when the registrar then answers like this in turn, and
    grants again after that; with the seconds since the start. 0: it is silent."""
    heard: list[tuple[float, TrunkEvent]] = []

    async def follow(gateway: EmbeddedCallGateway) -> None:
        loop = asyncio.get_running_loop()
        began_at = loop.time()
        gateway.listen_to_trunks(lambda event: heard.append((loop.time() - began_at, event)))
        await asyncio.sleep(for_s)

    granted = (200, (("Expires", "100"),))
    error, _ = told([granted, *answers, *[granted] * 50], follow)
    assert error is None
    return heard


def told(
    answers: list[tuple[int, tuple[tuple[str, str], ...]]],
    then: Callable[[EmbeddedCallGateway], Awaitable[None]] | None = None,
) -> tuple[TrunkError | None, float]:
    """What starting the gateway raises where the registrar answers like this in turn (silence after), and when."""
    loop = NetworkedLoop(0.0, QUIET_WAY, random.Random(1))

    async def main() -> tuple[TrunkError | None, float]:
        left = list(answers)

        def on_event(event: Event) -> None:
            if isinstance(event, RequestReceived) and left:
                status, headers = left.pop(0)
                if status:
                    registrar.respond(event.token, status, headers)

        far = EndpointSettings(bind_host=FAR_HOST, extra_methods=frozenset({"REGISTER"}))
        registrar = SipEndpoint(far, random.Random(2), on_event, datagrams=loop.network)
        await registrar.start()
        flow = Flow("UDP", FAR_HOST, registrar.addresses["UDP"][1])
        route = TrunkRoute("main", flow, FAR_HOST, Credentials("trunk", "wrong"), registers=True)
        near = EndpointSettings(bind_host=HOST)
        gateway = EmbeddedCallGateway(
            make_endpoint=lambda listener: SipEndpoint(near, random.Random(3), listener, datagrams=loop.network),
            media=ModelledMedia(HOST, LoopClock(), {}, lambda prompt: 1.0, QUIET_WAY.latency_median_s),
            media_address=HOST,
            routes={"main": route},
            prompts={},
        )
        began_at = loop.time()
        try:
            await gateway.start()
        except TrunkError as error:
            return error, loop.time() - began_at
        else:
            took_s = loop.time() - began_at
            if then is not None:
                await then(gateway)
            await gateway.close()
            return None, took_s
        finally:
            await registrar.close()

    return run_virtually(main(), loop)


@pytest.mark.parametrize(
    ("answers", "answer", "cause"),
    [
        ([(401, CHALLENGE), (401, CHALLENGE)], "401 Unauthorized", "credentials-refused"),
        ([(401, CHALLENGE), (403, ())], "403 Forbidden", "forbidden-by-carrier"),
        ([(404, (("Reason", 'Q.850;cause=1;text="no, none"'),))], "404 Not Found", "number-unallocated"),
        ([(503, (("Retry-After", "30"),))], "503 Service Unavailable", "carrier-unavailable"),
    ],
)
def test_a_refused_registration_says_so_at_once_with_status_and_reason(
    answers: list[tuple[int, tuple[tuple[str, str], ...]]], answer: str, cause: str
) -> None:
    error, took_s = told(answers)
    assert isinstance(error, RegistrationRefusedError)
    assert took_s < 1
    assert (error.details["trunk"], error.details["answer"], error.details["cause"]) == ("main", answer, cause)
    assert error.details["address"].startswith(f"udp {FAR_HOST}:")
    assert error.details.get("reason") == (dict(answers[-1][1]).get("Reason"))


def test_a_silent_registrar_is_told_apart_from_one_that_refuses() -> None:
    error, took_s = told([])
    assert isinstance(error, RegistrationUnansweredError)
    assert took_s >= error.details["waited_s"] > 1
    assert "answer" not in error.details


def test_a_granted_registration_tells_nothing() -> None:
    assert told([(200, (("Expires", "600"),)), (200, ())])[0] is None


@pytest.mark.parametrize("status", [403, 404])
def test_a_registration_that_is_refused_later_is_lost_at_once_and_its_return_is_told(status: int) -> None:
    lost, back = told_later([(status, ())], for_s=200)
    assert isinstance(lost[1], TrunkUnregistered)
    assert (lost[1].trunk, lost[1].sip_status, lost[1].stands_s) == ("main", status, 0.0)
    assert back[1] == TrunkRegistered("main")
    assert 0 < lost[0] < 100
    assert lost[0] < back[0] < lost[0] + 31


@pytest.mark.parametrize("status", [0, 503])
def test_a_registration_that_cannot_be_renewed_stands_until_it_runs_out(status: int) -> None:
    heard = told_later([(status, ())], for_s=200)
    lost, back = heard[0], heard[-1]
    assert isinstance(lost[1], TrunkUnregistered)
    assert lost[1].sip_status == (status or None)
    assert lost[0] + lost[1].stands_s == pytest.approx(100, abs=1)
    assert back[1] == TrunkRegistered("main")


def test_a_registration_that_is_renewed_in_time_tells_nothing() -> None:
    assert told_later([], for_s=1000) == []


def test_who_listens_later_hears_what_is_lost_already() -> None:
    async def listen_late(gateway: EmbeddedCallGateway) -> None:
        await asyncio.sleep(100)
        heard: list[TrunkEvent] = []
        gateway.listen_to_trunks(heard.append)
        assert [type(event) for event in heard] == [TrunkUnregistered]

    error, _ = told([(200, (("Expires", "100"),)), *[(403, ())] * 5], listen_late)
    assert error is None
