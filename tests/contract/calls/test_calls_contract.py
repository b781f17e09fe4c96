"""What every call gateway keeps, be it simulated or real SIP and RTP: one end for each call, and nothing after it."""

import asyncio
import math
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from struct import pack

import pytest
from tests.quiet import quiet

from baitie.adapters.calls import EmbeddedCallGateway, TrunkRoute
from baitie.adapters.clock import LoopClock, SystemRng
from baitie.adapters.datagrams import SYSTEM_DATAGRAMS, Datagrams
from baitie.adapters.media import MediaEngine, MediaPlane
from baitie.adapters.sip.endpoint import SipEndpoint
from baitie.adapters.sip.settings import EndpointSettings
from baitie.app.ports.calls import (
    CallAnswered,
    CallEnded,
    CallEvent,
    CallFailed,
    CallGateway,
    CallRinging,
    KeyPressed,
    PlaceCall,
    PlayFinished,
)
from baitie.kernel.ids import AttemptId
from baitie.kernel.outcome import EndedBy, Outcome
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.time import Instant
from baitie.rehearsal.fast.calls import SimulatedCalls
from baitie.rehearsal.loopback.carrier import LoopbackCarrier
from baitie.rehearsal.loopback.handset import HELLO, MAILBOX
from baitie.rehearsal.people import CallPlan, Reaction
from baitie.rehearsal.population import Population
from baitie.rehearsal.virtual_clock import VirtualClock
from baitie.rehearsal.virtual_time import run_virtually
from baitie.rehearsal.wire.impairments import QUIET_WAY
from baitie.rehearsal.wire.loop import NetworkedLoop
from baitie.rehearsal.wire.modelled_media import ModelledMedia
from baitie.wire.g711 import linear_to_alaw
from baitie.wire.sip.effects import Flow

HOST, FAR_HOST = "127.0.0.1", "127.0.0.2"
CALLEE, CALLER = PhoneNumber("+8613800000001"), PhoneNumber("+862150000100")
PROMPT, PROMPT_S = "prompt", 0.3
FIRST = AttemptId("at_first")
WITHIN_S = 10.0
QUIET_S = 0.4
"""So long nothing may follow the end of a call."""


class OneMinded(Population):
    """Everybody does the same."""

    def __init__(self, plan: CallPlan) -> None:
        self.plan = plan

    def on_call(self, number: str, local_hour: int, now: Instant, presented: str = "") -> CallPlan:
        return self.plan

    def on_call_over(self, number: str, plan: CallPlan, attempt: str = "") -> None:
        """Nobody rings back."""


@dataclass
class Line:
    """The gateway under test, and what it has reported."""

    gateway: CallGateway
    seen: list[CallEvent] = field(default_factory=list)

    def place(self, attempt_id: AttemptId = FIRST) -> None:
        self.gateway.place(PlaceCall(attempt_id, CALLEE, CALLER, "test", "main", 10.0, 30.0, None))

    def of(self, *kinds: type) -> list[CallEvent]:
        return [event for event in self.seen if isinstance(event, kinds)]

    async def until(self, *kinds: type, count: int = 1) -> CallEvent:
        """Wait for the n-th event of these kinds, in the time of the loop that runs."""
        loop = asyncio.get_running_loop()
        end = loop.time() + WITHIN_S
        while len(self.of(*kinds)) < count:
            assert loop.time() < end, f"no {kinds}; seen {self.seen}"
            await asyncio.sleep(0.01)
        return self.of(*kinds)[count - 1]

    async def end(self) -> CallEvent:
        """The one end of the one call; asserts that nothing of it follows."""
        ended = await self.until(CallEnded, CallFailed)
        await quiet(QUIET_S)
        assert self.seen[-1] is ended
        assert self.of(CallEnded, CallFailed) == [ended]
        return ended


Scenario = Callable[[Line], Awaitable[None]]
Exchange = Callable[[CallPlan, Scenario], None]


def simulated(plan: CallPlan, scenario: Scenario) -> None:
    async def main() -> None:
        clock = VirtualClock(asyncio.get_running_loop(), datetime(2026, 3, 3, 2, tzinfo=UTC))
        await _on(SimulatedCalls(clock, OneMinded(plan), lambda prompt: PROMPT_S, lambda number: 10), scenario)

    run_virtually(main())


async def _on(gateway: CallGateway, scenario: Scenario) -> None:
    line = Line(gateway)
    gateway.listen(line.seen.append)
    await gateway.start()
    try:
        await scenario(line)
    finally:
        await gateway.close()
    ended = [event.attempt_id for event in line.of(CallEnded, CallFailed) if isinstance(event, CallEnded | CallFailed)]
    assert len(ended) == len(set(ended)), "a call ends once"


@pytest.fixture(params=["simulated", "embedded", "wire", "audio"])
def exchange(request: pytest.FixtureRequest, tmp_path: Path) -> Exchange:
    """Runs a scenario against people of one plan."""
    if request.param == "simulated":
        return simulated
    prompt = tmp_path / "prompt.pcma"
    samples = [round(6000 * math.sin(n / 4)) for n in range(int(PROMPT_S * 8000))]
    prompt.write_bytes(linear_to_alaw(pack(f"<{len(samples)}h", *samples)))
    if request.param == "embedded":
        return lambda plan, scenario: asyncio.run(_embedded(plan, scenario, prompt, MediaEngine, SYSTEM_DATAGRAMS))
    return lambda plan, scenario: _on_simulated_network(plan, scenario, prompt, request.param == "audio")


def _on_simulated_network(plan: CallPlan, scenario: Scenario, prompt: Path, carries_audio: bool) -> None:
    loop, rng = NetworkedLoop(0.0, QUIET_WAY, random.Random(1)), random.Random(2)
    planes: dict[str, ModelledMedia] = {}

    def media(host: str) -> MediaPlane:
        if carries_audio:
            return MediaEngine(host, None, rng, loop.time, loop.network)
        return ModelledMedia(host, LoopClock(), planes, lambda prompt: PROMPT_S, QUIET_WAY.latency_median_s)

    run_virtually(_embedded(plan, scenario, prompt, media, loop.network), loop)


async def _embedded(
    plan: CallPlan, scenario: Scenario, prompt: Path, media: Callable[[str], MediaPlane], datagrams: Datagrams
) -> None:
    clock, far_media = LoopClock(), media(FAR_HOST)
    carrier = LoopbackCarrier(OneMinded(plan), clock, far_media, FAR_HOST, lambda number: 10, lambda what: None)
    far = EndpointSettings(bind_host=FAR_HOST, udp_port=0)
    endpoint = SipEndpoint(far, SystemRng(), carrier.on_sip, datagrams=datagrams)
    carrier.exchange = endpoint
    await far_media.start()
    await far_media.load_prompts({HELLO: prompt, MAILBOX: prompt})
    await endpoint.start()
    flow = Flow("UDP", FAR_HOST, endpoint.addresses["UDP"][1])
    near = EndpointSettings(bind_host=HOST, udp_port=0)
    gateway = EmbeddedCallGateway(
        make_endpoint=lambda listener: SipEndpoint(near, SystemRng(), listener, datagrams=datagrams),
        media=media(HOST),
        media_address=HOST,
        routes={"main": TrunkRoute("main", flow, FAR_HOST)},
        prompts={PROMPT: prompt},
    )
    try:
        await _on(gateway, scenario)
    finally:
        await endpoint.close()
        await far_media.stop()


def answering(ring_s: float = 0.1, keys: tuple[tuple[float, str], ...] = (), leaves_s: float = 8.0) -> CallPlan:
    """Somebody who answers."""
    return CallPlan(Reaction.ANSWER, 0.02, ring_s, keys, leaves_s)


@pytest.mark.parametrize(
    ("reaction", "rings", "outcome"),
    [
        (Reaction.BUSY, False, Outcome.BUSY),
        (Reaction.POWERED_OFF, False, Outcome.POWERED_OFF),
        (Reaction.UNALLOCATED, False, Outcome.UNALLOCATED),
        (Reaction.UNREACHABLE, False, Outcome.UNREACHABLE),
        (Reaction.CONGESTED, False, Outcome.FAILED),
        (Reaction.NUMBER_BARRED, False, Outcome.FAILED),
        (Reaction.REJECTED, True, Outcome.REJECTED),
        (Reaction.NO_ANSWER, True, Outcome.NO_ANSWER),
    ],
)
def test_call_that_nobody_takes_fails_once_with_its_outcome(
    exchange: Exchange, reaction: Reaction, rings: bool, outcome: Outcome
) -> None:
    async def scenario(line: Line) -> None:
        line.place()
        failed = await line.end()
        assert isinstance(failed, CallFailed)
        assert failed.failure.outcome is outcome
        assert bool(line.of(CallRinging)) == rings
        assert not line.of(CallAnswered)

    exchange(CallPlan(reaction, 0.02, 0.15), scenario)


def test_call_that_the_callee_ends_is_answered_then_ended_by_the_callee(exchange: Exchange) -> None:
    async def scenario(line: Line) -> None:
        line.place()
        ended = await line.end()
        assert isinstance(ended, CallEnded)
        assert ended.ended_by is EndedBy.CALLEE
        kinds = [type(event) for event in line.seen]
        assert kinds == [CallRinging, CallAnswered, CallEnded]

    exchange(answering(leaves_s=0.3), scenario)


def test_hanging_up_ends_the_call_once_by_us_however_often_it_is_asked(exchange: Exchange) -> None:
    async def scenario(line: Line) -> None:
        line.place()
        await line.until(CallAnswered)
        line.gateway.hang_up(FIRST)
        line.gateway.hang_up(FIRST)
        ended = await line.end()
        assert isinstance(ended, CallEnded)
        assert ended.ended_by is EndedBy.US

    exchange(answering(), scenario)


def test_cancelling_while_it_rings_fails_once(exchange: Exchange) -> None:
    async def scenario(line: Line) -> None:
        line.place()
        await line.until(CallRinging)
        line.gateway.cancel(FIRST)
        line.gateway.cancel(FIRST)
        assert isinstance(await line.end(), CallFailed)

    exchange(CallPlan(Reaction.NO_ANSWER, 0.02, 8.0), scenario)


def test_cancelling_at_once_ends_once_whether_the_invite_had_left_or_not(exchange: Exchange) -> None:
    async def scenario(line: Line) -> None:
        line.place()
        line.gateway.cancel(FIRST)
        assert isinstance(await line.end(), CallFailed)

    exchange(CallPlan(Reaction.NO_ANSWER, 0.2, 8.0), scenario)


@pytest.mark.parametrize("cancel_after_ms", [80, 95, 100, 105, 120])
def test_cancel_that_crosses_the_answer_ends_exactly_once(exchange: Exchange, cancel_after_ms: int) -> None:
    async def scenario(line: Line) -> None:
        line.place()
        await line.until(CallRinging)
        crossing = asyncio.get_running_loop().call_later(cancel_after_ms / 1000, line.gateway.cancel, FIRST)
        await line.until(CallAnswered, CallFailed)
        line.gateway.cancel(FIRST)
        line.gateway.hang_up(FIRST)
        ended = await line.end()
        crossing.cancel()
        assert isinstance(ended, CallEnded) == bool(line.of(CallAnswered))

    exchange(answering(ring_s=0.1), scenario)


def test_plays_end_once_each_in_their_order(exchange: Exchange) -> None:
    async def scenario(line: Line) -> None:
        line.place()
        await line.until(CallAnswered)
        for play_id in (1, 2):
            line.gateway.play(FIRST, play_id, (PROMPT,))
        await line.until(PlayFinished, count=2)
        assert line.of(PlayFinished) == [PlayFinished(FIRST, 1, False), PlayFinished(FIRST, 2, False)]
        line.gateway.hang_up(FIRST)
        await line.end()

    exchange(answering(), scenario)


def test_stopping_ends_every_play_once_as_stopped_and_silence_cannot_be_stopped(exchange: Exchange) -> None:
    async def scenario(line: Line) -> None:
        line.place()
        await line.until(CallAnswered)
        line.gateway.stop_playing(FIRST)
        for play_id in (1, 2):
            line.gateway.play(FIRST, play_id, (PROMPT,) * 10)
        line.gateway.stop_playing(FIRST)
        line.gateway.stop_playing(FIRST)
        await line.until(PlayFinished, count=2)
        line.gateway.play(FIRST, 3, (PROMPT,))
        await line.until(PlayFinished, count=3)
        expected = [PlayFinished(FIRST, 1, True), PlayFinished(FIRST, 2, True), PlayFinished(FIRST, 3, False)]
        assert line.of(PlayFinished) == expected
        line.gateway.hang_up(FIRST)
        await line.end()

    exchange(answering(), scenario)


def test_keys_come_once_for_each_press_in_their_order(exchange: Exchange) -> None:
    async def scenario(line: Line) -> None:
        line.place()
        await line.end()
        assert [event.key for event in line.of(KeyPressed) if isinstance(event, KeyPressed)] == ["1", "1", "*", "9"]

    exchange(answering(keys=((0.1, "1"), (0.5, "1"), (0.9, "*"), (1.3, "9")), leaves_s=2.0), scenario)


def test_orders_for_calls_that_are_not_there_are_passed_over(exchange: Exchange) -> None:
    async def scenario(line: Line) -> None:
        nobody = AttemptId("at_nobody")
        line.gateway.cancel(nobody)
        line.gateway.hang_up(nobody)
        line.gateway.play(nobody, 1, (PROMPT,))
        line.gateway.stop_playing(nobody)
        line.place()
        await line.end()
        line.gateway.cancel(FIRST)
        line.gateway.hang_up(FIRST)
        line.gateway.play(FIRST, 2, (PROMPT,))
        line.gateway.stop_playing(FIRST)
        await quiet(QUIET_S)
        assert isinstance(line.seen[-1], CallFailed)

    exchange(CallPlan(Reaction.BUSY, 0.02, 0.0), scenario)


def test_closing_ends_every_call_that_is_left_once(exchange: Exchange) -> None:
    lines: list[Line] = []
    names = [AttemptId(f"at_{n}") for n in range(3)]

    async def scenario(line: Line) -> None:
        lines.append(line)
        for name in names:
            line.place(name)
        await line.until(CallAnswered, count=3)

    exchange(answering(), scenario)
    ends = [event.attempt_id for event in lines[0].of(CallEnded, CallFailed)]
    assert sorted(ends) == sorted(names)
